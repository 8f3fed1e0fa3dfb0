"""pretix's check-in, as a peer: its own environment and its own database on the same server, served as we are.

Installed on first use into var/peers/pretix with the ordinary client, migrated once (two minutes). Where it cannot be had, the
benchmark says "not measured" and why.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connections
from uuid6 import uuid7

from tests.benchmarks.load import request
from tests.benchmarks.serving import free_port, started

VERSION: Final = "2026.8.0"
DATABASE: Final = "jemput_bola_peer_pretix"
HOME: Final = Path(settings.VAR_DIR) / "peers" / "pretix"
INSTALL_SECONDS, MIGRATE_SECONDS, WORLD_SECONDS = 600, 600, 300
_WORLD: Final = Path(__file__).with_name("pretix_world.py")


class PeerUnavailableError(Exception):
    """It could not be had here; its text says why."""


@dataclass(frozen=True)
class Pretix:
    port: int
    world: Mapping[str, Any]
    process: int

    def requests(self) -> Iterator[bytes]:
        """One check-in for each position."""
        headers = {"Authorization": f"Device {self.world['token']}", "Content-Type": "application/json"}
        path = f"/api/v1/organizers/{self.world['organizer']}/checkinrpc/redeem/"
        for secret in self.world["secrets"]:
            body = {"secret": secret, "source_type": "barcode", "lists": [self.world["list"]], "nonce": str(uuid7())}
            yield request("POST", path, json.dumps(body).encode(), headers)

    @staticmethod
    def is_right(status: int, body: bytes) -> bool:
        return status == 201 and json.loads(body).get("status") == "ok"


@contextmanager
def pretix(say: Callable[[str], None], *, positions: int) -> Iterator[Pretix]:
    """A running pretix with so many people to check in. Raises PeerUnavailableError."""
    python = _installed(say)
    environment = _environment()
    say("pretix: its database")
    _run([python, "-m", "pretix", "migrate"], environment, seconds=MIGRATE_SECONDS)
    told = _run([python, "-P", str(_WORLD), str(positions)], environment, seconds=WORLD_SECONDS)
    port = free_port()
    environment |= {"WEB_HOST": "127.0.0.1", "PORT": str(port), "DJANGO_SETTINGS_MODULE": "pretix.settings"}
    bind = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    shape = ["--workers", str(settings.WEB_WORKERS), "--threads", str(settings.WEB_THREADS)]
    command = [python, "-m", "gunicorn", *bind, *shape, "pretix.wsgi"]
    with started(command, HOME / "web.log", environment=environment) as process:
        yield Pretix(port, json.loads(told.strip().rsplit("\n", 1)[-1]), process)


def _installed(say: Callable[[str], None]) -> str:
    python = HOME / "venv" / "bin" / "python"
    if not (HOME / VERSION).exists():
        say("pretix is installed; once")
        HOME.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", "--clear", str(HOME / "venv")], dict(os.environ), seconds=INSTALL_SECONDS)
        wanted = [f"pretix=={VERSION}", "gunicorn"]
        _run([str(python), "-m", "pip", "install", "--quiet", *wanted], dict(os.environ), seconds=INSTALL_SECONDS)
        (HOME / VERSION).touch()
    return str(python)


def _environment() -> dict[str, str]:
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    server = owner.settings_dict
    (HOME / "data").mkdir(parents=True, exist_ok=True)
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "PYTHONPATH")
    }
    return kept | {
        "PRETIX_DATABASE_BACKEND": "postgresql",
        "PRETIX_DATABASE_NAME": DATABASE,
        "PRETIX_DATABASE_USER": server["USER"],
        "PRETIX_DATABASE_PASSWORD": server["PASSWORD"],
        "PRETIX_DATABASE_HOST": server["HOST"] or "",
        "PRETIX_DATABASE_PORT": str(server["PORT"] or ""),
        "DATA_DIR": str(HOME / "data"),
    }


def _run(command: list[str], environment: Mapping[str, str], *, seconds: int) -> str:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=True, cwd=HOME)
    except subprocess.CalledProcessError as trouble:
        raise PeerUnavailableError(f"{Path(command[0]).name} {command[-1]}: {trouble.stderr[-160:]}") from None
    except (subprocess.TimeoutExpired, OSError) as trouble:
        raise PeerUnavailableError(str(trouble)[:160]) from None
    return done.stdout

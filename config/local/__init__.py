"""The local PostgreSQL and Valkey, run from their wheels: for one machine and the tests, never for a server (ADR 0005).

Only the standard library is imported here, since the settings import this; importing it starts nothing.
"""

import fcntl
import os
import re
import secrets
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from config.local.place import LocalServersError, Place, make_folder
from config.local.postgres import APP_ROLE, DATABASE, OWNER_ROLE, Postgres
from config.local.valkey import Valkey

__all__ = ["LocalServersError", "configured", "ended", "env_file", "keys", "local_settings", "place", "servers"]

BASE_DIR = Path(__file__).resolve().parent.parent.parent
KEYS = ("SECRET_KEY", "NIK_SEAL_KEYS", "NIK_DIGEST_KEY")


def place(base: Path = BASE_DIR) -> Place:
    return Place(base=base.resolve(), as_root=os.geteuid() == 0)


# --- The settings made once -------------------------------------------------------------------------------------------


def env_file(base: Path = BASE_DIR) -> Path:
    """The file `var/local.env`: keys and passwords made once, and where the servers of this checkout listen."""
    path = base / "var" / "local.env"
    make_folder(path.parent)
    if not path.exists():
        _write_once(path, _fresh_settings())
    written = path.read_text()
    current = _with_addresses(written, sockets=place(base).sockets)
    if current != written:
        # The checkout was moved or copied: keys and passwords stay, the addresses follow it.
        _private_file(path, current).replace(path)
    return path


def local_settings(base: Path = BASE_DIR) -> Mapping[str, str]:
    """What stands in `var/local.env`."""
    lines = env_file(base).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def keys(*, known: Mapping[str, str], base: Path = BASE_DIR) -> Mapping[str, str]:
    """The keys of `var/local.env` where it exists and the environment names none of them: never a mixture."""
    if any(known.get(name) for name in KEYS) or not (base / "var" / "local.env").exists():
        return {}
    return {name: value for name, value in local_settings(base).items() if name in KEYS}


def configured(base: Path = BASE_DIR) -> bool:
    """Whether DATABASE_URL names a server already, in the environment or in `.env`."""
    written = base / ".env"
    return bool(os.environ.get("DATABASE_URL")) or (
        written.exists() and bool(re.search(r"^\s*(?:export\s+)?DATABASE_URL\s*=\s*\S", written.read_text(), re.MULTILINE))
    )


def _fresh_settings() -> str:
    def key() -> str:
        return b64encode(secrets.token_bytes(32)).decode()

    return (
        "# Made once for this checkout. Real environment variables win. Losing the keys loses the sealed numbers.\n"
        f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        f"NIK_SEAL_KEYS=1:{key()}\n"
        f"NIK_DIGEST_KEY={key()}\n"
        f"DATABASE_URL=postgresql://{APP_ROLE}:{secrets.token_urlsafe(24)}@:5432/\n"
        f"DATABASE_OWNER_URL=postgresql://{OWNER_ROLE}:{secrets.token_urlsafe(24)}@:5432/\n"
        f"REDIS_URL=unix://:{secrets.token_urlsafe(24)}@/\n"
        "DEMO=true\n"
    )


def _with_addresses(text: str, *, sockets: Path) -> str:
    text = re.sub(r"^(DATABASE(?:_OWNER)?_URL=.*@:5432/).*$", rf"\g<1>{sockets}/{DATABASE}", text, flags=re.MULTILINE)
    return re.sub(r"^(REDIS_URL=unix:.*@)/.*$", rf"\g<1>{sockets}/valkey.sock?db=0", text, flags=re.MULTILINE)


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole, unless somebody else just did."""
    temporary = _private_file(path, text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _private_file(path: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return Path(name)


# --- The lease --------------------------------------------------------------------------------------------------------


class Server(Protocol):
    place: Place
    name: str

    def is_running(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@contextmanager
def servers(*, valkey: bool = True, base: Path = BASE_DIR) -> Iterator[None]:
    """PostgreSQL, and Valkey too, run as long as anybody is inside this; who comes last stops them."""
    here = place(base)
    settings = local_settings(base)
    here.prepare()
    with ExitStack() as stack:
        stack.enter_context(_lease(Postgres(here, settings)))
        if valkey:
            stack.enter_context(_lease(Valkey(here, settings)))
        yield


def ended(base: Path = BASE_DIR) -> Path | None:
    """The log of a server that should run, for who holds a lease, and does not."""
    here, settings = place(base), local_settings(base)
    for server in (Postgres(here, settings), Valkey(here, settings)):
        if not server.is_running():
            return server.log
    return None


@contextmanager
def _lease(server: Server) -> Iterator[None]:
    """A share in a running server.

    Every holder has a shared lock on one file, which the kernel takes back when the holder dies in whatever way; who
    can turn it into an exclusive one is the last. Starting and stopping happen behind a second lock, one at a time.
    """
    with _open_lock(server.place.home / f"{server.name}.lease") as lease:
        with _gate(server):
            fcntl.flock(lease, fcntl.LOCK_SH)
            if not server.is_running():
                server.start()
        try:
            yield
        finally:
            with _gate(server):
                if _is_last(lease) and server.is_running():
                    server.stop()


@contextmanager
def _gate(server: Server) -> Iterator[None]:
    with _open_lock(server.place.home / f"{server.name}.gate") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _is_last(lease: int) -> bool:
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _open_lock(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)

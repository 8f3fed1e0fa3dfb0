"""Processes live and die together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from config import processes as processes_module
from config.processes import ProcessEndedError, Processes

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path / "log", os.environ, tmp_path) as group:
        yield group


def test_a_process_that_ends_is_named_with_its_log(processes: Processes) -> None:
    processes.start("steady", SLEEPER)
    processes.start("brief", [sys.executable, "-c", "print('why it ended'); raise SystemExit(3)"])

    with pytest.raises(ProcessEndedError, match=r"“brief” ended with exit code 3\. Its log: .*/log/brief\.log"):
        processes.watch(until=lambda: False, seconds=120)

    assert processes.log("brief").read_text() == "why it ended\n"


def test_stopping_ends_the_processes_and_what_they_started(processes: Processes, tmp_path: Path) -> None:
    written = tmp_path / "pid"
    program = (
        f"import subprocess; child = subprocess.Popen({SLEEPER!r}); "
        f"print(child.pid, end='', file=open({str(written)!r}, 'w'), flush=True); child.wait()"
    )
    processes.start("parent", [sys.executable, "-c", program])
    assert processes.watch(until=lambda: written.exists() and written.read_text() != "", seconds=120)

    processes.stop()

    assert _ended(int(written.read_text()))


def test_who_does_not_listen_is_ended_for_certain(processes: Processes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processes_module, "STOP_SECONDS", 1)
    ready = tmp_path / "ready"
    program = f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w'); time.sleep(600)"
    processes.start("deaf", [sys.executable, "-c", program])
    assert processes.watch(until=ready.exists, seconds=120)
    process = processes.running["deaf"]

    processes.stop()

    assert process.returncode == -signal.SIGKILL


def test_the_log_of_the_run_before_is_kept_beside(processes: Processes) -> None:
    for word in ("first", "second"):
        processes.start("speaker", [sys.executable, "-c", f"print('{word}')"])
        processes.running["speaker"].wait(120)

    assert processes.log("speaker").read_text() == "second\n"
    assert processes.log("speaker").with_suffix(".log.1").read_text() == "first\n"


def test_a_port_in_use_is_refused_with_a_sentence(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Port {port} cannot be used .*make run PORT={port + 1}"):
            call_command("up", port=port)


def test_a_second_run_from_one_folder_is_refused(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path
    holder = (
        "import fcntl, sys; f = open(sys.argv[1], 'w'); f.write('4711'); f.flush(); fcntl.flock(f, 2); print(flush=True); input()"
    )
    command = [sys.executable, "-c", holder, str(tmp_path / "up.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        first.stdout.readline()

        with pytest.raises(CommandError, match=r"already runs from this folder \(process 4711\)"):
            call_command("up", port=45_871)

        first.communicate(b"\n", timeout=120)


def test_a_command_without_servers_is_answered_without_starting_any(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "manage.py", "up", "--help"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    ).stdout

    assert "--no-demo" in said


def _ended(pid: int) -> bool:
    """Gone, or a zombie that waits for whoever should have asked after it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False

"""Has a file read by a process of its own, which may be killed, abort or run out of memory without harm to this one."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from students.problems import REFUSALS, RosterRefused
from students.roster import cells
from students.roster.asking import Asked
from students.roster.limits import MAX_ANSWER_BYTES, MAX_FILE_BYTES, WALL_SECONDS

_HOME = Path(__file__).resolve().parents[2]
_PIPE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawSheet:
    """The needed columns of a sheet, field → cells as `cells.encode` wrote them; `first_row` as Excel counts."""

    name: str
    first_row: int
    row_count: int
    headings: Mapping[str, str]
    columns: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RawSheets:
    format: str
    school_name: str
    sheets: Sequence[RawSheet]
    # Headings that may mean a field not found: normalised heading → field.
    guesses: Mapping[str, str]
    # What a person should explain before the roster is used, and what a person has: (as in the file, normalised, field).
    asked: Asked | None = None
    explained: Sequence[tuple[str, str, str]] = ()


class ColumnsUnknown(RosterRefused):
    """A table whose columns a person can explain; who cannot ask refuses the file."""

    def __init__(self, asked: Asked) -> None:
        super().__init__("columns_unknown")
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Returned:
    """An error file of ours: (code of the row, field → cell as `cells.encode` wrote it), and how many rows have no code."""

    rows: Sequence[tuple[str, Mapping[str, str]]]
    strange: int


class ErrorFileReturned(RosterRefused):
    """No roster, but what a person mended of one; who cannot take it over refuses the file."""

    def __init__(self, returned: Returned) -> None:
        super().__init__("error_file")
        self.returned = returned


def read_file(data: bytes, *, answers: Mapping[str, str] | None = None) -> RawSheets:
    """The needed columns of every roster in the file. `answers`: normalised heading → field, "" for none.

    Raises RosterRefused: `file_too_large`, `file_unreadable`, `file_encrypted`, `too_many_rows`, `not_a_roster`, `no_students`,
    `leavers_report`, `columns_unknown` (a ColumnsUnknown, with what to ask); after WALL_SECONDS at the latest.
    """
    if len(data) > MAX_FILE_BYTES:
        raise RosterRefused("file_too_large")
    answer = _answer(_run(data, answers or {}))
    asked = Asked.of(answer["asked"]) if answer.get("asked") else None
    if "returned" in answer:
        rows = [(code, found) for code, found in answer["returned"]["rows"]]
        raise ErrorFileReturned(Returned(rows, answer["returned"]["strange"]))
    if "refused" in answer:
        raise ColumnsUnknown(asked) if asked else RosterRefused(answer["refused"])
    return RawSheets(
        answer["format"],
        answer["school_name"],
        [_sheet(found) for found in answer["sheets"]],
        answer["guesses"],
        asked,
        [(shown, heading, name) for shown, heading, name in answer["explained"]],
    )


def _sheet(found: Mapping[str, Any]) -> RawSheet:
    columns = {name: cells.split(joined, count=found["rows"]) for name, joined in found["columns"].items()}
    return RawSheet(found["name"], found["first_row"], found["rows"], found["headings"], columns)


def _answer(output: bytes) -> dict[str, Any]:
    """The last line, if the process came so far; else what it suspected before it died."""
    refused = {"refused": "file_unreadable"}
    for line in reversed(output.decode("utf-8", errors="replace").split("\n")):
        try:
            said = json.loads(line) if line else None
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("suspect") in REFUSALS:
            return {"refused": said["suspect"]}
        if isinstance(said, dict):
            return said if said.get("refused", "file_unreadable") in REFUSALS else refused
    return refused


def _run(data: bytes, answers: Mapping[str, str]) -> bytes:
    return run_child("students.roster.child", data, argument=json.dumps(dict(answers)))


def run_child(module: str, data: bytes, *, argument: str = "") -> bytes:
    """What a module of ours writes about the file on its standard input, within WALL_SECONDS; whatever happens to it."""
    command = [sys.executable, "-E", "-s", "-m", module, argument]
    deadline = time.monotonic() + WALL_SECONDS
    with (
        _in_memory(data) as stdin,
        # An empty environment: no keys, no addresses of databases.
        subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_HOME,
            env={"LC_ALL": "C.UTF-8"},
            pipesize=_PIPE_BYTES,
        ) as process,
    ):
        try:
            return _collect(process, deadline)
        finally:
            process.kill()


def _collect(process: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    assert process.stdout is not None
    output, chunks, size = process.stdout.fileno(), [], 0
    while size <= MAX_ANSWER_BYTES:
        ready, _, _ = select.select([output], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(output, _PIPE_BYTES) if ready else b""
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)


def _in_memory(data: bytes) -> AbstractContextManager[IO[bytes]]:
    """The file for the process to read, without a copy on disk where the system can do that."""
    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("roster"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    file.write(data)
    file.seek(0)
    return file

"""Reads a file as the product does, and tells what its reading process used and how it ended."""

import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from unittest import mock

from students.nik import Regions
from students.problems import RosterRefused
from students.roster import reader
from students.roster.asking import Asked
from students.roster.reader import ColumnsUnknown
from students.roster.reading import Roster, read_roster

TODAY = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`result` is "read", "refused: <code>" or "error: <what>"; `ended` the exit code of the reading process, if one began.

    `seconds` are those of the processor, of whoever asked and of the reading process: what else runs here does not count.
    """

    result: str
    seconds: float
    mebibytes: float
    ended: int | None
    rows: int = 0


class _Watched(subprocess.Popen[bytes]):
    """Asks the system for a process's peak memory in the call that reaps it.

    The figure counts from the fork, so that it is never below the memory of the process that asked.
    """

    reaped: ClassVar[list["_Watched"]] = []
    peak_kibibytes = 0
    processor_seconds = 0.0

    def poll(self) -> int | None:
        return self._reap(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        return self._reap(0) or 0

    def _reap(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status, usage = os.wait4(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
                self.peak_kibibytes = usage.ru_maxrss
                self.processor_seconds = usage.ru_utime + usage.ru_stime
                self.reaped.append(self)
        return self.returncode


@contextmanager
def watched_processes() -> Iterator[None]:
    """How long a file waits for a processor is up to whoever else runs here, so that the limit of the clock is far away."""
    with mock.patch.object(subprocess, "Popen", _Watched), mock.patch.object(reader, "WALL_SECONDS", 90):
        yield


def outcome(data: bytes, *, regions: Regions) -> Outcome:
    """Only inside `watched_processes`."""
    _Watched.reaped.clear()
    begun, rows = time.process_time(), 0
    try:
        roster = read_roster(data, filename="daftar.xlsx", today=TODAY, regions=regions)
        rows = len(roster.lines)
        trouble = unstorable(roster)
        result = f"error: {trouble}" if trouble else "read"
    except ColumnsUnknown as unknown:
        trouble = unaskable(unknown.asked)
        result = f"error: {trouble}" if trouble else f"refused: {unknown.code}"
    except RosterRefused as refusal:
        result = f"refused: {refusal.code}"
    except Exception as error:  # every one of them is a finding
        result = f"error: {type(error).__name__}: {error}"[:200]
    seconds = time.process_time() - begun + sum(process.processor_seconds for process in _Watched.reaped)
    if not _Watched.reaped:
        return Outcome(result, seconds, 0.0, None, rows)
    process = _Watched.reaped[-1]
    return Outcome(result, seconds, process.peak_kibibytes / 1024, process.returncode, rows)


def unstorable(roster: Roster) -> str:
    """What PostgreSQL would refuse, or nobody should see: NUL, control characters, half a character; or a NIK that is none."""
    if roster.asked and (trouble := unaskable(roster.asked)):
        return trouble
    texts = [roster.format, roster.school_name, *roster.guesses, *roster.guesses.values()]
    for line in roster.lines:
        if line.nik is not None and not (len(line.nik) == 16 and line.nik.isascii() and line.nik.isdigit()):
            return "a NIK that is not sixteen digits"
        texts += [line.sheet, line.name, line.birth_place, line.nisn, line.class_name, line.phone, line.address, line.village]
        texts.append(line.district)
        texts += [problem.column for problem in line.problems]
    return unstorable_in(texts)


def unaskable(asked: Asked) -> str:
    """More than a page asks, longer than it shows, or a number that is not masked."""
    examples = [example for question in asked.questions for example in question.examples]
    if len(asked.questions) > 40 or any(len(question.examples) > 3 for question in asked.questions):
        return "too much is asked"
    if any(len(example) > 40 or re.search(r"\d{6}", example) for example in examples):
        return "an example that is too long or shows a number"
    return unstorable_in([text for question in asked.questions for text in (question.heading, question.shown)] + examples)


def unstorable_in(texts: Iterable[str]) -> str:
    found = Counter(character for text in texts for character in text if character < " " or "\ud800" <= character <= "\udfff")
    return f"a character that cannot be stored: {min(found)!r}" if found else ""

"""The door to the pure half: a file in, a checked roster out. Nothing is looked up in the database or written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from students.nik import Regions
from students.problems import Problem, RosterRefused
from students.roster import checks
from students.roster.checks import RosterLine
from students.roster.reader import read_file


@dataclass(frozen=True, slots=True)
class Roster:
    """`format`: "dapodik", "emis" or "table". `problems` are those of the file; each line has its own."""

    filename: str
    format: str
    sheet_count: int
    school_name: str
    lines: Sequence[RosterLine]
    problems: Sequence[Problem]
    counts: Mapping[str, int]
    # Headings that may mean a missing field: normalised heading → field. Ask, remember, pass the answer as `answers`.
    guesses: Mapping[str, str]


def read_roster(data: bytes, *, filename: str, today: date, regions: Regions, answers: Mapping[str, str] | None = None) -> Roster:
    """Read and check a file; `answers` are headings that a person has explained before (normalised heading → field).

    Raises RosterRefused with a code of `students.problems.REFUSALS`.
    """
    raw = read_file(data, answers=answers)
    lines, problems = checks.check_sheets(raw.sheets, today=today, regions=regions)
    if not lines:
        raise RosterRefused("not_a_roster")
    return Roster(filename, raw.format, len(raw.sheets), raw.school_name, lines, problems, checks.counts(lines), raw.guesses)

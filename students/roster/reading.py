"""The door to the pure half: a file in, a checked roster out. Nothing is looked up in the database or written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from students.nik import Regions
from students.problems import Problem, RosterRefused
from students.roster import checks
from students.roster.asking import Asked
from students.roster.checks import RosterLine
from students.roster.overlay import Address, Cells
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
    # What a person should explain before the roster is imported; and what was explained, as (heading, normalised, field).
    asked: Asked | None = None
    explained: Sequence[tuple[str, str, str]] = ()


def read_roster(
    data: bytes,
    *,
    filename: str,
    today: date,
    regions: Regions,
    answers: Mapping[str, str] | None = None,
    repairs: Mapping[Address, Cells] | None = None,
) -> Roster:
    """Read and check a file; `answers` are headings that a person has explained before (normalised heading → field).

    Raises RosterRefused with a code of `students.problems.REFUSALS`; a ColumnsUnknown for a table that a person can explain.
    """
    raw = read_file(data, answers=answers)
    lines, problems = checks.check_sheets(raw.sheets, today=today, regions=regions, repairs=repairs)
    if not lines:
        raise RosterRefused("no_students")
    return Roster(
        filename,
        raw.format,
        len(raw.sheets),
        raw.school_name,
        lines,
        problems,
        checks.counts(lines),
        raw.guesses,
        raw.asked,
        raw.explained,
    )

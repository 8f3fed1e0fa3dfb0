"""What a result list would change, line by line, before anything is written. Plain functions over plain values."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise

from drives.statuses.problems import ERRORS, WARNINGS, sentence
from drives.statuses.reader import Line

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person before this list: an id, and every status with its date."""

    person: str
    statuses: frozenset[tuple[str, date]] = frozenset()

    @property
    def newest(self) -> date | None:
        return max((dated_on for _, dated_on in self.statuses), default=None)


@dataclass(frozen=True, slots=True)
class Row:
    """One line under review, as it is stored until the approval: a person's id, never a NIK."""

    row: int
    sheet: str
    person: str = ""
    status: str = ""
    dated_on: str = ""
    is_known: bool = False
    problem: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """To be written on approval."""
        return bool(self.person) and not self.is_known and self.problem not in ERRORS and self.problem != "row_repeated"

    def as_json(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "sheet": self.sheet,
            "person": self.person,
            "status": self.status,
            "dated_on": self.dated_on,
            "is_known": self.is_known,
            "problem": self.problem,
            "params": dict(self.params),
        }

    def problem_as_json(self) -> dict[str, Any]:
        """`{"row", "code", "level", "message"}`, as `import_statuses --json` prints it."""
        level = "error" if self.problem in ERRORS else "warning"
        place = {"sheet": self.sheet} if self.sheet else {}
        return {"row": self.row, **place, "code": self.problem, "level": level, "message": sentence(self.problem, self.params)}


def judge(lines: Sequence[Line], *, known: Mapping[str, Known]) -> list[Row]:
    """A row for each line; `known` by NIK. A later line never wins silently over an earlier one of the same day."""
    said: dict[tuple[str, date | None], list[Line]] = defaultdict(list)
    for line in lines:
        if not line.problem and line.nik in known:
            said[line.nik, line.dated_on].append(line)
    return [_row(line, known.get(line.nik), said[line.nik, line.dated_on]) for line in lines]


def _row(line: Line, known: Known | None, same_day: Collection[Line]) -> Row:
    if line.problem:
        return _with(line, known, line.problem, {"found": line.found} if line.found else {})
    if known is None or line.dated_on is None:
        return _with(line, None, "nik_unknown", {})
    others = [other for other in same_day if other is not line]
    if against := [other.row for other in others if other.status != line.status]:
        return _with(line, known, "rows_contradict", {"rows": _listed(against)})
    if earlier := [other.row for other in others if (other.sheet, other.row) < (line.sheet, line.row)]:
        return _with(line, known, "row_repeated", {"rows": _listed(earlier[:1])})
    if (line.status, line.dated_on) in known.statuses:
        return _with(line, known, "", {}, is_known=True)
    is_older = known.newest is not None and line.dated_on < known.newest
    return _with(line, known, "older_than_known" if is_older else "", {})


def _with(line: Line, known: Known | None, problem: str, params: Mapping[str, str | int], *, is_known: bool = False) -> Row:
    dated_on = line.dated_on.isoformat() if line.dated_on else ""
    return Row(line.row, line.sheet, known.person if known else "", line.status, dated_on, is_known, problem, params)


def _listed(rows: Iterable[int]) -> str:
    return ", ".join(str(row) for row in rows)


def counts(rows: Sequence[Row]) -> dict[str, Any]:
    """What the review page and `--json` say first."""
    new = [row for row in rows if row.is_new]
    return {
        "rows": len(rows),
        "new": len(new),
        "known": sum(row.is_known for row in rows),
        "errors": sum(row.problem in ERRORS for row in rows),
        "warnings": sum(row.problem in WARNINGS for row in rows),
        "persons": len({row.person for row in new}),
        "by_status": dict(Counter(row.status for row in new)),
    }


@dataclass(frozen=True)
class Cause:
    """All lines with the same problem; each shown line has its own sentence."""

    code: str
    is_error: bool
    title: Promise | str
    rows: Sequence[Row]

    @property
    def shown(self) -> list[tuple[Row, str]]:
        return [(row, sentence(row.problem, row.params)) for row in self.rows[:MOST_SHOWN]]

    @property
    def hidden_count(self) -> int:
        return max(0, len(self.rows) - MOST_SHOWN)


def causes(rows: Iterable[Row], titles: Mapping[str, Promise | str]) -> list[Cause]:
    """Problem rows by cause, errors first, then the most frequent."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.problem:
            grouped[row.problem].append(row)
    found = [Cause(code, code in ERRORS, titles[code], lines) for code, lines in grouped.items()]
    return sorted(found, key=lambda cause: (not cause.is_error, -len(cause.rows), cause.code))

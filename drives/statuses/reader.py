"""A result list as plain values: what each line says, and what is wrong with it. Knows no persons."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from drives.statuses.problems import REFUSALS, ListRefused
from drives.statuses.terms import status_of
from students import nik as niks
from students.roster import cells
from students.roster.limits import MAX_FILE_BYTES
from students.roster.reader import run_child
from students.roster.values import text

MONTHS = ("jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des")
OTHER_MONTHS = {"may": 5, "aug": 8, "ags": 8, "agt": 8, "oct": 10, "nop": 11, "dec": 12, "peb": 2}
MONTH_OF = {name: number for number, name in enumerate(MONTHS, start=1)} | OTHER_MONTHS
_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\s?[-/.]\s?([0-9]{1,2})\s?[-/.]\s?([0-9]{4}|[0-9]{2})(?: .*)?")
_IN_WORDS = re.compile(r"([0-9]{1,2})[\s.-]*([a-z]{3})[a-z]*[\s.,-]*([0-9]{4}|[0-9]{2})")
_SERIAL = re.compile(r"([0-9]{5})(?:[.,][0-9]+)?")
_EXCEL_EPOCH = date(1899, 12, 30)
_NIK = re.compile(r"[0-9]{16}")
# A value that stands in the wrong column may be somebody's number: it is never repeated in a message.
_MANY_DIGITS = re.compile(r"[0-9][0-9.,\s-]{4,}[0-9]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list. `row` is the number Excel shows, `sheet` its name where there are several."""

    row: int
    sheet: str
    nik: str = field(repr=False)
    status: str
    dated_on: date | None
    problem: str = ""
    found: str = ""

    def with_problem(self, code: str, found: str = "") -> "Line":
        return replace(self, problem=code, found=found)


def read_list(data: bytes, *, dated_on: date, today: date) -> list[Line]:
    """Every line that says anything, in the order of the file; `dated_on` where the list gives no date of its own.

    Raises ListRefused: `file_too_large`, `file_unreadable`, `file_encrypted`, `too_many_rows`, `not_a_result_list`,
    `empty_list`.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ListRefused("file_too_large")
    answer = _answer(run_child("drives.statuses.child", data))
    if "refused" in answer:
        raise ListRefused(answer["refused"])
    several = len(answer["sheets"]) > 1
    lines = [line for sheet in answer["sheets"] for line in _lines(sheet, several=several, dated_on=dated_on, today=today)]
    if not lines:
        raise ListRefused("empty_list")
    return lines


def _answer(output: bytes) -> dict[str, Any]:
    """The last line that the reading process wrote; what it suspected, if it died after that."""
    for written in reversed(output.decode("utf-8", errors="replace").split("\n")):
        try:
            said = json.loads(written) if written else None
        except ValueError:
            continue
        if isinstance(said, dict) and "suspect" in said:
            said = {"refused": said["suspect"]}
        if isinstance(said, dict):
            return said if said.get("refused", "file_unreadable") in REFUSALS else {"refused": "file_unreadable"}
    return {"refused": "file_unreadable"}


def _lines(sheet: dict[str, Any], *, several: bool, dated_on: date, today: date) -> Iterator[Line]:
    columns = [cells.split(sheet["columns"][name], count=sheet["rows"]) for name in ("nik", "status", "date")]
    for row, (nik, status, day) in enumerate(zip(*columns, strict=True), start=sheet["first_row"]):
        if text(nik) or text(status):
            yield _line(Line(row, sheet["name"] if several else "", "", "", None), nik, status, day, dated_on, today)


def _line(line: Line, nik_cell: str, status_cell: str, day_cell: str, dated_on: date, today: date) -> Line:
    digits, problem = nik_of(nik_cell)
    if problem:
        return line.with_problem(problem)
    line = replace(line, nik=digits, status=status_of(text(status_cell)))
    if not text(status_cell):
        return line.with_problem("status_missing")
    if not line.status:
        return line.with_problem("status_unknown", _MANY_DIGITS.sub("…", text(status_cell))[:40])
    try:
        line = replace(line, dated_on=day_of(day_cell) or dated_on)
    except ValueError:
        return line.with_problem("date_invalid")
    return line.with_problem("date_in_future") if line.dated_on and line.dated_on > today else line


def nik_of(cell: str) -> tuple[str, str]:
    """The digits and a problem code. A number is taken only where no digit can have been lost."""
    plain = niks.clean(text(cell))
    if not plain:
        return "", "nik_missing"
    if cell.startswith(cells.NUMBER) and (not _NIK.fullmatch(plain) or plain.endswith("0")):
        return "", "nik_numeric_cell"
    return (plain, "") if _NIK.fullmatch(plain) and plain.isascii() else ("", "nik_not_readable")


def day_of(cell: str) -> date | None:
    """The date of a cell, None when it is empty; the day stands before the month. Raises ValueError for what is no date."""
    if cell.startswith(cells.DATE):
        return date.fromisoformat(cell[2:])
    plain = text(cell).lower()
    if not plain:
        return None
    if parts := _ISO.fullmatch(plain):
        return date(int(parts[1]), int(parts[2]), int(parts[3]))
    if parts := _DAY_FIRST.fullmatch(plain):
        return date(_year(parts[3]), int(parts[2]), int(parts[1]))
    if parts := _IN_WORDS.fullmatch(plain):
        return date(_year(parts[3]), MONTH_OF.get(parts[2], 0), int(parts[1]))
    if parts := _SERIAL.fullmatch(plain):
        return _EXCEL_EPOCH + timedelta(days=int(parts[1]))
    raise ValueError


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)

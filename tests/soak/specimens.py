"""Whole files to be damaged: the two given rosters, and one small roster in every format that is read."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from tests.students.roster import workbooks
from tests.students.roster.workbooks import Grid

FILES = Path(__file__).parents[1] / "students" / "roster" / "files"
_XLS_LONGEST = 3_500
_MOMENT = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z")


def raw_xlsx(grid: Grid) -> bytes:
    """A workbook whose cells are written as they are: what no spreadsheet program would let anybody type."""
    rows = "".join(
        f'<row r="{number}">{"".join(_raw_cell(f"{_letters(column)}{number}", value) for column, value in enumerate(row))}</row>'
        for number, row in enumerate(grid, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return workbooks.bare_xlsx(f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode(errors="replace"))


def _raw_cell(reference: str, value: Any) -> str:
    if value == "":
        return ""
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{reference}" t="b"><v>1</v></c>' if isinstance(value, bool) else f'<c r="{reference}"><v>{value!r}</v></c>'


def _letters(column: int) -> str:
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)


def dated(workbook: bytes) -> bytes:
    """The workbook without the moment at which it was made: the same bytes every time."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    return workbooks.archive({name: _MOMENT.sub(b"2026-11-21T00:00:00Z", content) for name, content in parts.items()})


def _xls(grid: Grid) -> bytes:
    return workbooks.xls([[_for_xls(cell) for cell in row[:256]] for row in grid])


def _for_xls(cell: Any) -> Any:
    if isinstance(cell, int):
        return max(-(10**18), min(cell, 10**18))
    return str(cell).encode("utf-16-le", errors="replace").decode("utf-16-le")[:_XLS_LONGEST]


def _text(grid: Grid, *, delimiter: str, encoding: str) -> bytes:
    return workbooks.csv(grid, delimiter=delimiter).decode().encode(encoding, errors="replace")


def _lenient(write: Callable[[Grid], bytes]) -> Callable[[Grid], bytes]:
    """Half a character cannot be written in UTF-8; everything else can."""
    return lambda grid: write([[_whole(cell) for cell in row] for row in grid])


def _whole(cell: Any) -> Any:
    return cell.encode(errors="replace").decode() if isinstance(cell, str) else cell


# How a grid of cells becomes a file.
WRITERS: Mapping[str, Callable[[Grid], bytes]] = {
    "xlsx": raw_xlsx,
    "xls": _xls,
    "ods": _lenient(workbooks.ods),
    "xml": _lenient(workbooks.spreadsheet_ml),
    "html": _lenient(workbooks.html_table),
    "csv": _lenient(workbooks.csv),
    "csv;bom": _lenient(lambda grid: _text(grid, delimiter=";", encoding="utf-8-sig")),
    "csv;cp1252": _lenient(lambda grid: _text(grid, delimiter=";", encoding="cp1252")),
    "tsv16": _lenient(lambda grid: _text(grid, delimiter="\t", encoding="utf-16")),
}


def rows(count: int) -> list[dict[str, Any]]:
    """Students of several classes and with some numbers that are numbers."""
    found = workbooks.students(count)
    for number, row in enumerate(found):
        row["Rombel Saat Ini"] = f"{('X', 'XI', 'XII')[number % 3]} MERDEKA {number % 4}"
    return found


def dapodik_grid(count: int = 12) -> list[list[Any]]:
    return [list(row) for row in workbooks.dapodik(rows(count))]


def plain_grid(count: int = 12) -> list[list[Any]]:
    """Headings in the first row."""
    headings = ["Nama", "JK", "NISN", "NIK", "Tempat Lahir", "Tanggal Lahir", "Rombel Saat Ini", "HP", "No KK", "Kelurahan"]
    return [list(row) for row in workbooks.table(headings, rows(count))]


def emis_grid(count: int = 12) -> list[list[Any]]:
    heading_of = {"Nama Lengkap": "Nama", "Tingkat - Rombel": "Rombel Saat Ini", "Jenis Kelamin": "JK", "No Telepon": "HP"}
    students = [{heading: row.get(heading_of.get(heading, heading), "") for heading in workbooks.EMIS} for row in rows(count)]
    return [list(row) for row in workbooks.table(workbooks.EMIS, students)]


GRIDS: Sequence[Callable[[], list[list[Any]]]] = (dapodik_grid, plain_grid, emis_grid)


@cache
def whole_files() -> Mapping[str, bytes]:
    """Name → a file that is read without a complaint."""
    files = {f"{name}/{grid.__name__}": write(grid()) for name, write in WRITERS.items() for grid in GRIDS}
    files["openpyxl/dapodik"] = dated(workbooks.xlsx(dapodik_grid()))
    files["openpyxl/emis"] = dated(workbooks.xlsx(emis_grid(), emis_grid(3), names=["X", "XI"]))
    files |= {f"given/{number}": path.read_bytes() for number, path in enumerate(sorted(FILES.glob("*.xlsx")))}
    return files


@cache
def good_file() -> bytes:
    """What must be read after every other file."""
    return workbooks.xlsx(dapodik_grid(5))

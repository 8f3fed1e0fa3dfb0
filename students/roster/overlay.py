"""Repairs laid over a file before it is checked: what a person wrote stands in place of the cell. Pure; knows no database.

So a repaired line goes through the same checks, comparisons and matching as any other line.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from students.roster import values
from students.roster.cells import MARK
from students.roster.reader import RawSheet

# The sheet as rows of an upload name it, and the row as Excel counts.
Address = tuple[str, int]
Cells = Mapping[str, str]

FIELDS: Final = ("name", "sex", "birth_date", "nik", "nisn", "class_name", "phone")
# The whole line is to be passed over: a total, or somebody who stands in the file twice.
LEFT_OUT: Final = "left_out"
SHEET_NAME_LENGTH: Final = 60


def address(sheet: str, row: int) -> Address:
    return sheet[:SHEET_NAME_LENGTH], row


def lay_over(sheets: Sequence[RawSheet], repairs: Mapping[Address, Cells]) -> list[RawSheet]:
    """The sheets with the repaired cells in place; every other cell as it was. An address that two sheets share is none."""
    shared = Counter(address(sheet.name, 0)[0] for sheet in sheets)
    by_sheet: dict[str, dict[int, Cells]] = {}
    for (name, row), cells in repairs.items():
        by_sheet.setdefault(name, {})[row] = cells
    return [
        _mended(sheet, by_sheet[name]) if shared[name := address(sheet.name, 0)[0]] == 1 and name in by_sheet else sheet
        for sheet in sheets
    ]


def typed_niks(repairs: Mapping[Address, Cells]) -> frozenset[Address]:
    """Lines whose NIK a person wrote as text: no program has made a number of it."""
    return frozenset(at for at, cells in repairs.items() if cells.get("nik") and not cells["nik"].startswith(MARK))


def _mended(sheet: RawSheet, repairs: Mapping[int, Cells]) -> RawSheet:
    columns = dict(sheet.columns)
    for row, cells in repairs.items():
        place = row - sheet.first_row
        if 0 <= place < sheet.row_count:
            for field, cell in _written(columns, place, cells).items():
                column = list(columns.get(field) or [""] * sheet.row_count)
                column[place] = cell
                columns[field] = column
    return replace(sheet, columns=columns)


def _written(columns: Mapping[str, Sequence[str]], place: int, cells: Cells) -> dict[str, str]:
    """Column → cell: one repaired field may speak for several columns."""

    def found(field: str) -> str:
        return columns[field][place] if columns.get(field) else ""

    if LEFT_OUT in cells:
        return dict.fromkeys((field for field in columns if columns[field]), "")
    written = {field: cell for field, cell in cells.items() if field in FIELDS}
    if "phone" in written:
        written["mobile"], written["phone"] = written["phone"], ""
    if "birth_date" in written and not found("birth_place") and found("birth"):
        # Place and date stood in one cell, which is no longer read.
        written["birth_place"] = values.place_and_date(found("birth"))[0]
    return written

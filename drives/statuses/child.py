"""The reading process for a result list: the file on standard input, NIK, status and date of each row on standard output.

The limits and the formats are those of the roster's reading process; no Django and no secrets here.
"""

import csv
import os
import sys
from itertools import chain
from typing import Any

from drives.statuses.columns import find_columns
from students.roster import cells, delimited
from students.roster.child import limit, say
from students.roster.formats import Sheet, sheets
from students.roster.limits import MAX_FILE_BYTES, MAX_ROWS, Refusal

FIELDS = ("nik", "status", "date")
# Headings stand in one of the first lines.
_PEEK_LINES = 40


def main() -> None:
    limit()
    try:
        answer = read(sys.stdin.buffer.read(MAX_FILE_BYTES + 1))
    except Refusal as refusal:
        answer = {"refused": refusal.code}
    except (MemoryError, RecursionError):
        answer = {"refused": "file_too_large"}
    say(answer)
    os._exit(0)


def read(data: bytes) -> dict[str, Any]:
    """`{"sheets": [{"name", "first_row", "rows", "columns": {"nik", "status", "date"}}]}`.

    Raises Refusal: `not_a_result_list`, and those of `formats.sheets`.
    """
    found: list[dict[str, Any]] = []
    for sheet in sheets(_separated(data), suspect=lambda code: say({"suspect": code})):
        columns = _columns(sheet)
        if columns is None:
            continue
        found.append(columns)
        if sum(each["rows"] for each in found) > MAX_ROWS:
            raise Refusal("too_many_rows")
    if not found:
        raise Refusal("not_a_result_list")
    return {"sheets": found}


def _separated(data: bytes) -> bytes:
    """A text whose headings tell its separator, with that said in a first line, as Excel does (and shows no row for it).

    Two columns are too few to guess from their cells: "3,17401E+15;PRR" has two by the comma, too.
    """
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return data
    try:
        text = delimited.decode(data).removeprefix("\ufeff")
    except Refusal:
        return data
    if text[:4].lower() == "sep=":
        return data
    for line in text[:100_000].splitlines()[:_PEEK_LINES]:
        for separator in ";\t,|":
            if find_columns(_record(line, separator)):
                return f"sep={separator}\n{text}".encode("utf-8", "surrogatepass")
    return data


def _record(line: str, separator: str) -> list[list[str]]:
    try:
        return list(csv.reader([line], delimiter=separator))
    except csv.Error:
        return []


def _columns(sheet: Sheet) -> dict[str, Any] | None:
    place = find_columns(sheet.head)
    if place is None:
        return None
    header, positions = place
    rows = list(chain(sheet.head[header + 1 :], sheet.rest))
    picked = {field: [_cell(row, positions.get(field)) for row in rows] for field in FIELDS}
    return {
        "name": sheet.name[:100],
        "first_row": header + 2,
        "rows": len(rows),
        "columns": {field: cells.join(column) for field, column in picked.items()},
    }


def _cell(row: list[Any], position: int | None) -> Any:
    return row[position] if position is not None and position < len(row) else ""


if __name__ == "__main__":
    main()

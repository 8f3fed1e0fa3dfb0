"""The reading process for a result list: the file on standard input, NIK, status and date of each row on standard output.

The limits and the formats are those of the roster's reading process; no Django and no secrets here.
"""

import os
import sys
from itertools import chain
from typing import Any

from drives.statuses.columns import find_columns
from students.roster import cells
from students.roster.child import limit, say
from students.roster.formats import Sheet, sheets
from students.roster.limits import MAX_FILE_BYTES, MAX_ROWS, Refusal

FIELDS = ("nik", "status", "date")


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
    for sheet in sheets(data, suspect=lambda code: say({"suspect": code})):
        columns = _columns(sheet)
        if columns is None:
            continue
        found.append(columns)
        if sum(each["rows"] for each in found) > MAX_ROWS:
            raise Refusal("too_many_rows")
    if not found:
        raise Refusal("not_a_result_list")
    return {"sheets": found}


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

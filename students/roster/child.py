"""The reading process: a file on standard input, the needed columns as JSON on standard output, then the end.

It has limits on memory and processor time, no Django and no secrets: what a hostile file does to a parser, it does here.
Two lines may come out: first (perhaps) the refusal that an abort would mean, last the answer.
"""

import json
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from students.roster import cells
from students.roster.columns import Table, explained, find_table, is_complete, is_leavers_report, school_name
from students.roster.error_marks import returned_rows
from students.roster.formats import Sheet, sheets
from students.roster.limits import CPU_SECONDS, MAX_CHARACTERS, MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS, MEMORY_BYTES, Refusal

if TYPE_CHECKING:
    from students.roster.asking import Asked

_BLANK = ("", None)


def main() -> None:
    limit()
    answers: Mapping[str, str] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    try:
        answer = read(sys.stdin.buffer.read(MAX_FILE_BYTES + 1), answers=answers)
    except Refusal as refusal:
        answer = {"refused": refusal.code}
    except (MemoryError, RecursionError):
        answer = {"refused": "file_too_large"}
    say(answer)
    os._exit(0)  # nothing to tidy up; freeing a million cells one by one would take longer than reading them


def read(data: bytes, *, answers: Mapping[str, str]) -> dict[str, Any]:
    """The answer for the parent: `format`, `school_name`, `guesses`, `asked`, `explained`, and per sheet the needed columns,
    joined. For a table in which no roster was found only what to ask about it.

    Raises Refusal with one of the codes of a whole file.
    """
    if len(data) > MAX_FILE_BYTES:
        raise Refusal("file_too_large")
    found, school, row_count, size = [], "", 0, 0
    asked: list[Asked] = []
    answered: dict[str, tuple[str, str, str]] = {}
    strange = []
    for sheet in sheets(data, suspect=lambda code: say({"suspect": code})):
        if returned := returned_rows(sheet):
            return {"returned": returned}
        if is_leavers_report(sheet.head):
            raise Refusal("leavers_report")
        table = find_table(sheet.head, answers=answers)
        if table is None:
            strange.append((sheet.name, sheet.head))
            continue
        answered |= {found_answer[1]: found_answer for found_answer in explained(sheet.head, table, answers)}
        if not is_complete(table.fields):
            asked += _about_some(sheet, table, answers)
        school = school or school_name(sheet.head)
        columns = _columns(sheet, table)
        row_count += columns["rows"]
        size += sum(map(len, columns["columns"].values()))
        if row_count > MAX_ROWS:
            raise Refusal("too_many_rows")
        if size > MAX_CHARACTERS:
            raise Refusal("file_too_large")
        found.append(columns)
    if not row_count and found:
        raise Refusal("no_students")
    if not row_count:
        return _about_all(strange, answers)
    guesses = {heading: field for sheet in found for heading, field in sheet.pop("guesses")}
    return {
        "format": found[0]["format"],
        "school_name": school,
        "sheets": found,
        "guesses": guesses,
        "asked": _merged(asked),
        "explained": list(answered.values()),
    }


def _about_some(sheet: Sheet, table: Table, answers: Mapping[str, str]) -> "list[Asked]":
    from students.roster import asking  # few files need it

    about = asking.about_some(sheet.head, table, answers)
    return [about] if about else []


def _about_all(strange: Sequence[tuple[str, list[list[Any]]]], answers: Mapping[str, str]) -> dict[str, Any]:
    """A refusal with questions, for who can ask them."""
    if strange and any(len(head) > 2 for _name, head in strange):
        from students.roster import asking

        if about := asking.about_all(strange, answers):
            return {"refused": "columns_unknown", "asked": about.as_json()}
    raise Refusal("not_a_roster")


def _merged(asked: "Sequence[Asked]") -> dict[str, Any] | None:
    if not asked:
        return None
    from students.roster.asking import merged

    whole = merged(asked)
    return whole.as_json() if whole else None


def _columns(sheet: Sheet, table: Table) -> dict[str, Any]:
    """The needed columns below the headings, without the blank rows at the end."""
    if max(map(len, sheet.head)) > MAX_COLUMNS and max(map(_width, sheet.head)) > MAX_COLUMNS:
        raise Refusal("too_many_rows")
    positions = list(table.fields.values())
    pick = itemgetter(*positions, positions[0])  # always a tuple
    picked = list(map(pick, chain(sheet.head[table.first_row :], sheet.rest)))
    while picked and all(value in _BLANK or value == " " for value in picked[-1]):
        picked.pop()
    by_column = list(zip(*picked, strict=True)) or [()] * (len(positions) + 1)
    return {
        "name": cells.encode(sheet.name)[:100],
        "format": table.format,
        "first_row": table.first_row + 1,
        "rows": len(picked),
        "headings": table.headings,
        "guesses": list(table.guesses),
        "columns": {name: cells.join(column) for name, column in zip(table.fields, by_column, strict=False)},
    }


def _width(row: list[Any]) -> int:
    return max((index + 1 for index, value in enumerate(row) if value not in _BLANK), default=0)


def say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def limit() -> None:
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()

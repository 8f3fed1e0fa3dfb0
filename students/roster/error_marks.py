"""By what an error file of ours is known when it comes back, whatever a program has made of it in between.

Knows no Django: it runs in the reading process. Headings are in Indonesian, as the file is for schools.
"""

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

from students.roster import cells
from students.roster.columns import normalise
from students.roster.formats import Sheet
from students.roster.limits import MAX_ROWS, Refusal

# Field → heading, in the order of the file; what stands in brackets does not count when it comes back.
HEADINGS: Final[Mapping[str, str]] = {
    "row": "Baris Excel",
    "sheet": "Lembar",
    "name": "Nama",
    "sex": "JK (L/P)",
    "birth_date": "Tanggal Lahir",
    "nik": "NIK (16 digit)",
    "nisn": "NISN",
    "class_name": "Kelas",
    "phone": "HP",
    "left_out": "Lewati (ya)",
    "problem": "Masalah",
    "code": "Kode baris (jangan diubah)",
}
# What may be mended in it; for each a mark in the code of the row tells what stood there.
MENDED: Final = ("name", "sex", "birth_date", "nisn", "class_name", "phone")
MARK_LENGTH: Final = 4
CODE: Final = re.compile(r"JB1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{24})")

_FIELD_OF: Final = {normalise(heading): field for field, heading in HEADINGS.items()}


def returned_rows(sheet: Sheet) -> dict[str, Any] | None:
    """None for any other sheet; else `rows`, each a code with its cells encoded, and how many rows have no code.

    Raises Refusal `error_file_headings`: the codes are there, and the headings gone.
    """
    at = next((index for index, row in enumerate(sheet.head) if "kode baris" in map(normalise, row)), None)
    if at is None:
        if any(_code(value) for row in sheet.head for value in row):
            raise Refusal("error_file_headings")
        return None
    fields = {field: column for column, cell in enumerate(sheet.head[at]) if (field := _FIELD_OF.get(normalise(cell)))}
    rows, strange = [], 0
    for row in chain(sheet.head[at + 1 :], sheet.rest):
        code = _code(row[fields["code"]]) if fields["code"] < len(row) else None
        if code:
            wanted = (*MENDED, "nik", "left_out")
            rows.append([code, {name: cells.encode(row[column]) for name, column in fields.items() if name in wanted}])
        elif any(value not in ("", None) for value in row):
            strange += 1
        if len(rows) > MAX_ROWS:
            raise Refusal("too_many_rows")
    return {"rows": rows, "strange": strange}


def _code(value: object) -> str | None:
    found = CODE.search(value[:200]) if isinstance(value, str) else None
    return found.group() if found else None

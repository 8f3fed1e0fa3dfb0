"""The rows that need repair as an Excel file: to be mended in it and uploaded again. It holds no NIK."""

import base64
import hashlib
import io
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import xlsxwriter
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from students.models import RosterRow, RosterUpload
from students.problems import ERRORS
from students.roster import values, worklist
from students.roster.causes import REMEDIES, field_of
from students.roster.error_marks import HEADINGS, MARK_LENGTH, MENDED

WIDTHS: Final = {
    "row": 9, "sheet": 14, "name": 30, "sex": 8, "birth_date": 14, "nik": 20, "nisn": 13, "class_name": 18, "phone": 17,
    "left_out": 11, "problem": 80, "code": 12,
}  # fmt: skip
RED, AMBER, HEAD, QUIET = "#FCE9E7", "#FDF0D6", "#F1EDF3", "#8A8590"


def build(upload: RosterUpload) -> io.BytesIO:
    """One line for each row with a problem; of an import, for each that still waits."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with override("id"), xlsxwriter.Workbook(stream, options) as book:
        _write_rows(book, rows_of(upload), upload)
        _write_advice(book)
    stream.seek(0)
    return stream


def rows_of(upload: RosterUpload) -> QuerySet[RosterRow]:
    rows = worklist.rows_left(upload) if upload.status == RosterUpload.Status.APPLIED else upload.rows.all()
    return rows.exclude(problems=[]).defer("nik_sealed").order_by("sheet", "row_number", "id")


def code_of(upload_id: UUID, row_id: UUID, written: dict[str, str], *, today: date) -> str:
    """What finds the row again and tells which of its cells a person has changed since. No secret, and nothing personal."""
    marks = "".join(mark(row_id, field, understood(field, written[field], today)) for field in MENDED)
    return f"JB1.{_short(upload_id)}.{_short(row_id)}.{marks}"


def ids_in(code: str) -> tuple[UUID, UUID, str]:
    """Upload, row, and the marks of the fields."""
    _version, upload, row, marks = code.split(".")
    return _uuid(upload), _uuid(row), marks


def mark(row_id: UUID, field: str, value: str) -> str:
    told = hashlib.sha256(f"{row_id}/{field}/{value}".encode()).digest()
    return base64.urlsafe_b64encode(told).decode()[:MARK_LENGTH]


def understood(field: str, cell: str, today: date) -> str:
    """What a cell says, so that the same said otherwise is no change: a date as a number, a phone number without its zero."""
    if field == "birth_date":
        try:
            found = values.birth_date(cell, today)
        except ValueError:
            return values.text(cell) or cell
        return found.isoformat() if found else ""
    if field == "nisn":
        return values.nisn(cell)[0] or values.text(cell)
    if field == "phone":
        return values.phone(cell) or values.text(cell)
    if field == "class_name":
        return values.class_group(cell).name
    if field == "sex":
        return values.sex(cell) or values.text(cell)
    return values.text(cell)


def written_cells(row: RosterRow) -> dict[str, str]:
    """What was understood of a line, as people write it."""
    return {
        "name": row.name,
        "sex": row.sex,
        "birth_date": f"{row.birth_date:%d-%m-%Y}" if row.birth_date else "",
        "nisn": row.nisn,
        "class_name": row.class_name,
        "phone": f"0{row.phone.removeprefix('+62')}" if row.phone else "",
    }


def _write_rows(book: Any, rows: QuerySet[RosterRow], upload: RosterUpload) -> None:
    today = upload.created_at.astimezone(upload.office.zone).date()
    looks: dict[str, dict[str, Any]] = {
        "": {},
        "error": {"bg_color": RED},
        "warning": {"bg_color": AMBER},
        "quiet": {"font_color": QUIET, "text_wrap": False},
    }
    text: dict[str, Any] = {"num_format": "@", "valign": "top", "text_wrap": True}
    styles = {kind: book.add_format(text | look) for kind, look in looks.items()}
    head = book.add_format({"bold": True, "bg_color": HEAD, "bottom": 1, "valign": "top", "text_wrap": True})
    sheet = book.add_worksheet(str(_("To be repaired")))
    places = {field: column for column, field in enumerate(HEADINGS)}
    for field, column in places.items():
        sheet.set_column(column, column, WIDTHS[field], styles["quiet" if field in ("row", "sheet", "code") else ""])
        sheet.write_string(0, column, HEADINGS[field], head)
    sheet.freeze_panes(1, places["name"] + 1)
    number = 0
    for number, row in enumerate(rows.iterator(), start=1):
        cells = written_cells(row)
        levels = _levels(row.problems)
        sheet.write_number(number, places["row"], row.row_number, styles["quiet"])
        sheet.write_string(number, places["sheet"], row.sheet, styles["quiet"])
        for field in (*MENDED, "nik", "left_out"):
            sheet.write_string(number, places[field], cells.get(field, ""), styles[levels.get(field, "")])
            if field not in cells:
                sheet.write_blank(number, places[field], None, styles[levels.get(field, "")])
        sheet.write_string(number, places["problem"], _problems(row.problems), styles[""])
        sheet.write_string(number, places["code"], code_of(upload.pk, row.pk, cells, today=today), styles["quiet"])
    sheet.ignore_errors({"number_stored_as_text": f"A1:L{number + 1000}"})


def _write_advice(book: Any) -> None:
    sheet = book.add_worksheet(str(_("How to use it")))
    sheet.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    for number, sentence in enumerate(advice()):
        sheet.write_string(number, 0, sentence)


def advice() -> Sequence[str]:
    return [
        str(sentence)
        for sentence in (
            _("Correct the coloured cells from the family card; leave every cell that is right as it is."),
            _("Write the NIK into its column, which is empty here on purpose; it is formatted as text, so no digit is lost."),
            _(
                "Save the file and upload it at the same place as the list; rows may be deleted or sorted, but leave the column"
                " with the row codes as it is."
            ),
        )
    ]


def _levels(problems: Collection[dict[str, Any]]) -> dict[str, str]:
    """Field → the gravest level of what is wrong in it."""
    found: dict[str, str] = {}
    for problem in problems:
        level = "error" if problem["code"] in ERRORS else "warning"
        field = field_of(problem["code"])
        found[field] = "error" if "error" in (level, found.get(field)) else "warning"
    return found


def _problems(problems: Collection[dict[str, Any]]) -> str:
    """All that is wrong in a row, each with how it is mended, once."""
    said = [f"{problem['message']} {REMEDIES.get(problem['code'], '')}".strip() for problem in problems]
    return "\n".join(dict.fromkeys(said))


def _short(number: UUID) -> str:
    return base64.urlsafe_b64encode(number.bytes).decode().rstrip("=")


def _uuid(short: str) -> UUID:
    return UUID(bytes=base64.urlsafe_b64decode(short + "=="))

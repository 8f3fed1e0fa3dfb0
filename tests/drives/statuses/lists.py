"""Result lists as offices send them."""

import io
from collections.abc import Sequence

import xlsxwriter

FIRST, SECOND, THIRD, STRANGER = "3174084106099001", "3174084106099002", "3174084106099003", "3174084106099999"
HEADINGS = ("NIK", "Nama", "Status Rekam", "Tanggal Status")


def workbook(*rows: Sequence[object], headings: Sequence[str] = HEADINGS, above: int = 0) -> bytes:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Hasil")
        sheet.write_row(above, 0, headings)
        for number, row in enumerate(rows, start=above + 1):
            for column, value in enumerate(row):
                sheet.write(number, column, value) if not isinstance(value, str) else sheet.write_string(number, column, value)
    return output.getvalue()


def line(nik: object, status: str, day: str = "18-11-2026") -> tuple[object, ...]:
    return (nik, "SISWA", status, day)

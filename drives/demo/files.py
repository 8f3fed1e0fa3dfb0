"""The files that schools and staff would bring: a Dapodik export, and a result list from SIAK."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

import xlsxwriter

from drives.demo.people import Pupil

COLUMNS: Final = Path(__file__).parents[2] / "students" / "data" / "dapodik_columns.csv"


def dapodik(school_name: str, district: str, pupils: Sequence[Pupil], *, downloaded_at: datetime) -> bytes:
    """ "Daftar Peserta Didik" as Dapodik exports it: header in rows 5 and 6, data from row 7, 66 columns."""
    heads, subheads = _heads()
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("Daftar Peserta Didik")
        sheet.write_string(0, 0, "Daftar Peserta Didik")
        sheet.write_string(1, 0, school_name.upper())
        sheet.write_string(2, 0, f"Kecamatan Kec. {district}, Kabupaten Kota Adm. Jakarta Selatan, Provinsi Prov. D.K.I. Jakarta")
        sheet.write_string(3, 0, f"Tanggal Unduh: {downloaded_at:%Y-%m-%d %H:%M:%S}")
        sheet.write_row(4, 0, heads)
        sheet.write_row(5, 0, subheads)
        for number, pupil in enumerate(pupils, start=1):
            for column, value in _cells(pupil, number):
                sheet.write_string(5 + number, column, value)
    return stream.getvalue()


def filename(school_name: str, downloaded_at: datetime) -> str:
    return f"daftar_pd-{school_name.upper()}-{downloaded_at:%Y-%m-%d %H_%M_%S}.xlsx"


def _cells(pupil: Pupil, number: int) -> Iterable[tuple[int, str]]:
    """Column numbers of the export, as `dapodik_columns.csv` names them."""
    yield from (
        (0, str(number)),
        (1, pupil.name),
        (2, f"{24000 + number}"),
        (3, pupil.sex),
        (4, pupil.nisn),
        (5, "JAKARTA"),
        (6, pupil.birth_date.isoformat()),
        (7, pupil.nik),
        (8, "Islam"),
        (9, "JL. CONTOH"),
        (10, "3"),
        (11, "7"),
        (13, pupil.village),
        (14, f"Kec. {pupil.district}"),
        (19, pupil.phone),
        (24, "AYAH CONTOH"),
        (30, "IBU CONTOH"),
        (42, pupil.class_name),
    )


@cache
def _heads() -> tuple[list[str], list[str]]:
    with COLUMNS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["baris5"].replace("\\n", "\n") for row in rows], [row["baris6"] for row in rows]


def results(rows: Iterable[tuple[str, str, date]]) -> bytes:
    """A result list as staff would bring it: NIK, status, date."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(["NIK", "Status", "Tanggal"])
    writer.writerows((nik, status, day.strftime("%d-%m-%Y")) for nik, status, day in rows)
    return stream.getvalue().encode("utf-8-sig")

"""12,000 invented pupils as Dapodik writes them: two rows of headings, 66 columns. The same every time."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import xlsxwriter

from students.nik import Sex, synthetic
from tests.students.roster.workbooks import DAPODIK_LOWER, DAPODIK_UPPER

FIRST = "ADITYA AHMAD AISYAH ALYA ANDI ANISA BAGAS BAYU BELLA BIMA CITRA DEWI DIAN DIMAS EKA FAJAR HANA INTAN PUTRI RIZKY"
LAST = "HIDAYAT KURNIAWAN LESTARI MAHARANI NUGROHO PERMATA PRATAMA RAHAYU RAMADHAN SAPUTRA SETIAWAN SIREGAR WIBOWO WIJAYA"
PLACES = (
    ("31.74.08", "Duren Tiga", "Pancoran"),
    ("31.74.10", "Bintaro", "Pesanggrahan"),
    ("31.74.04", "Ragunan", "Pasar Minggu"),
    ("31.74.07", "Gandaria Utara", "Kebayoran Baru"),
)


@dataclass(frozen=True)
class Pupil:
    name: str
    sex: str
    birth_date: date
    nik: str
    nisn: str
    class_name: str
    village: str
    district: str
    phone: str
    street: int


def pupils(count: int) -> list[Pupil]:
    dice = random.Random("pupils")
    return [_pupil(number, dice) for number in range(count)]


def with_changes(old: Sequence[Pupil], *, every: int) -> list[Pupil]:
    """The next month's list: every so-manyth pupil has another phone number."""
    return [replace(pupil, phone=f"0819{place:08d}") if place % every == 0 else pupil for place, pupil in enumerate(old)]


def _pupil(number: int, dice: random.Random) -> Pupil:
    code, village, district = PLACES[number % len(PLACES)]
    sex: Sex = "L" if number % 2 else "P"
    born = date(2009, 1, 1) + timedelta(days=number % 700)
    return Pupil(
        name=f"{dice.choice(FIRST.split())} {dice.choice(FIRST.split())} {dice.choice(LAST.split())}",
        sex=sex,
        birth_date=born,
        nik=synthetic(district=code, birth_date=born, sex=sex, serial=9000 + number // 700),
        nisn=f"{born.year % 1000:03d}{number:07d}",
        class_name=f"{('X', 'XI', 'XII')[number % 3]} MERDEKA {number // 3 % 110 + 1}",
        village=village,
        district=district,
        phone=f"0812{number:08d}",
        street=number % 200,
    )


def dapodik(rows: Sequence[Pupil], *, school: str) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("Daftar Peserta Didik")
        for place, title in enumerate(("Daftar Peserta Didik", school, "Kecamatan Kec. Pancoran", "Tanggal Unduh: 2026-11-20")):
            sheet.write_string(place, 0, title)
        sheet.write_row(4, 0, DAPODIK_UPPER)
        sheet.write_row(5, 0, DAPODIK_LOWER)
        for number, pupil in enumerate(rows):
            sheet.write_row(6 + number, 0, _cells(number, pupil))
    return stream.getvalue()


def flat(rows: Sequence[Pupil], *, headings: Sequence[str]) -> bytes:
    """The same cells under one row of headings, for a reader that knows no other."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, headings)
        for number, pupil in enumerate(rows):
            sheet.write_row(1 + number, 0, _cells(number, pupil))
    return stream.getvalue()


def _cells(number: int, pupil: Pupil) -> list[str | int]:
    parent = ["AYAH CONTOH", "1979", "SMA / sederajat", "Karyawan Swasta", "Rp. 2,000,000 - Rp. 4,999,999", "3174011203759001"]
    return [
        number + 1, pupil.name, f"{24000 + number}", pupil.sex, pupil.nisn, "JAKARTA", pupil.birth_date.isoformat(), pupil.nik,
        "Islam", f"JL. CONTOH NO. {pupil.street}", "3", "7", "", pupil.village, f"Kec. {pupil.district}", "12760",
        "Bersama orang tua", "Jalan kaki", "", pupil.phone, f"siswa{number}@example.sch.id", "", "Tidak", "",
        *parent, *parent, *[""] * 6,
        pupil.class_name, "", "", "Tidak", "", "", "", "", "", "", "", "Tidak", "", "Tidak ada", "SMP CONTOH", "1", "-6.25",
        "106.84", f"317401{number:010d}", "50", "160", "54", "1", "1",
    ]  # fmt: skip

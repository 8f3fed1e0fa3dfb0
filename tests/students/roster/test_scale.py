"""A whole city's roster in one file: 12,000 rows of 66 columns."""

import io
import time

import xlsxwriter

from students import nik as niks
from tests.students.regions import REGIONS
from tests.students.roster import workbooks
from tests.students.roster.conftest import TODAY, Read

ROWS = 12_000


def city_roster() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("Daftar Peserta Didik")
        for row, cells in enumerate(workbooks.dapodik([])):
            sheet.write_row(row, 0, cells)
        districts = sorted(REGIONS.districts)
        for number in range(ROWS):
            born = TODAY.replace(year=2009 - number % 2, month=1 + number % 12, day=1 + number % 28)
            serial, district = 9000 + number // len(districts) % 1000, districts[number % len(districts)]
            changed = {
                "Nama": f"SISWA {'ABCDEFGHIJ'[number % 10]} CONTOH {number:05d}",
                "JK": "L",
                "NISN": f"00{number:08d}",
                "Tanggal_Lahir": born.isoformat(),
                "NIK": niks.synthetic(district=district, birth_date=born, sex="L", serial=serial),
                "Rombel_Saat_Ini": f"{('X', 'XI', 'XII')[number % 3]} MERDEKA {number % 9}",
            }
            cells = workbooks.dapodik_row(number + 1, workbooks.student(**changed))
            sheet.write_row(row + 1 + number, 0, [cell if cell != "" else "-" if number % 2 else None for cell in cells])
    return stream.getvalue()


def test_twelve_thousand_rows_are_read_and_checked(read: Read) -> None:
    data = city_roster()
    begun = time.perf_counter()

    roster = read(data)

    print(f"\n{ROWS} rows read and checked in {time.perf_counter() - begun:.2f} s")  # noqa: T201
    assert roster.counts == {"rows": ROWS, "ready": ROWS, "held": 0, "without_nik": 0}

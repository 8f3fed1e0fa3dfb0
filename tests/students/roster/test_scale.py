"""A whole city's roster in one file: 12,000 rows of 66 columns."""

import io
import re
import time
from dataclasses import replace
from datetime import datetime

import pytest
import xlsxwriter
from django.db import connection

from schools.models import School
from students import nik as niks
from students.models import Enrolment, Person, RosterUpload
from students.roster.apply import apply_upload
from tests.benchmarks import pupils
from tests.factories import NOW, SchoolFactory
from tests.students.regions import REGIONS
from tests.students.roster import workbooks
from tests.students.roster.conftest import TODAY, Read
from tests.students.roster.uploads import approved

ROWS = 12_000
OLD, NEW = r"old_(?:rows|values)", r"new_(?:rows|values)"


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


def seconds_to_apply(school: School, data: bytes, *, now: datetime) -> float:
    upload = approved(school, data, now=now)
    begun = time.perf_counter()

    applied = apply_upload(upload=upload, now=now)

    taken = time.perf_counter() - begun
    assert applied.status == RosterUpload.Status.APPLIED
    return taken


@pytest.mark.django_db
def test_no_trigger_can_compare_every_old_row_with_every_new_one() -> None:
    """A trigger's plan is made for one changed row; as a nested loop it compares 3,000 with 3,000. A full join has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE prosrc ~* %s", [rf"{OLD}.*{NEW}|{NEW}.*{OLD}"])
        found = dict(cursor.fetchall())

    joined = {name: re.findall(rf"(\w+)\s+JOIN\s+(?:{OLD}|{NEW})\b", text, re.IGNORECASE) for name, text in found.items()}

    assert sum(map(bool, joined.values())) > 20
    assert {name: kinds for name, kinds in joined.items() if {kind.upper() for kind in kinds} - {"FULL"}} == {}


@pytest.mark.django_db
def test_who_moves_to_the_next_year_is_never_written_as_without_a_school() -> None:
    school = SchoolFactory()
    people = pupils.pupils(3)
    seconds_to_apply(school, pupils.dapodik(people, school=""), now=NOW)
    written = Person.pgh_event_model.objects  # type: ignore[attr-defined]
    before = written.count()

    moved_on = [replace(pupil, class_name=f"{pupil.class_name} LANJUT") for pupil in people]
    seconds_to_apply(school, pupils.dapodik(moved_on, school=""), now=NOW.replace(year=NOW.year + 1))

    assert written.count() == before
    assert set(Person.objects.values_list("school", flat=True)) == {school.pk}
    assert Enrolment.objects.filter(end_reason=Enrolment.EndReason.NEW_YEAR).count() == 3

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from students.models import Person, RosterRow, RosterUpload
from students.roster.retention import Forgotten, forget_old_rosters, overdue
from tests.factories import NOW, SchoolFactory

pytestmark = pytest.mark.django_db


def an_upload(*, status: str = "applied", days_old: int = 31, rows: int = 2) -> RosterUpload:
    school = SchoolFactory()
    upload = RosterUpload.objects.create(
        school=school,
        office=school.office,
        created_at=NOW - timedelta(days=days_old),
        filename="daftar_pd.xlsx",
        file_sealed=b"sealed",
        file_digest=b"d" * 32,
        status=status,
        counts={"rows": rows},
    )
    for number in range(rows):
        RosterRow.objects.create(upload=upload, school=school, office=school.office, row_number=7 + number, section="new")
    return upload


def test_after_the_offices_days_file_and_rows_go_and_the_counts_stay() -> None:
    upload = an_upload()

    assert forget_old_rosters(now=NOW) == Forgotten(files=1, rows=2)

    upload.refresh_from_db()
    assert (upload.file_sealed, upload.rows.count(), upload.counts, upload.status) == (None, 0, {"rows": 2}, "applied")


def test_before_that_nothing_goes() -> None:
    upload = an_upload(days_old=29)

    assert forget_old_rosters(now=NOW) == Forgotten(0, 0)

    upload.refresh_from_db()
    assert upload.rows.count() == 2


def test_each_office_has_its_own_days() -> None:
    upload = an_upload(days_old=8)
    upload.office.roster_retention_days = 7
    upload.office.save()

    assert list(overdue(now=NOW)) == [upload]


@pytest.mark.parametrize(("status", "after"), [("review", "cancelled"), ("waiting", "cancelled"), ("reading", "reading")])
def test_what_waited_too_long_is_cancelled_and_what_a_worker_has_is_left(status: str, after: str) -> None:
    upload = an_upload(status=status)

    forget_old_rosters(now=NOW)

    upload.refresh_from_db()
    assert upload.status == after


def test_forgetting_twice_forgets_once_and_a_dry_run_nothing() -> None:
    an_upload()

    assert forget_old_rosters(now=NOW, dry_run=True) == Forgotten(1, 2)
    assert forget_old_rosters(now=NOW) == Forgotten(1, 2)
    assert forget_old_rosters(now=NOW) == Forgotten(0, 0)


def test_persons_stay() -> None:
    an_upload()
    before = Person.objects.count()

    out = StringIO()
    call_command("purge", stdout=out)

    assert "1 berkas daftar siswa dan 2 barisnya dihapus." in out.getvalue()
    assert Person.objects.count() == before

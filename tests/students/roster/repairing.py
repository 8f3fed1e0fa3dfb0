"""A school's list, mended line by line and imported, as the tests of repairs and of follow-ups do it."""

from collections.abc import Mapping

import pytest

from schools.models import School
from students.models import RosterRow, RosterUpload
from students.roster import follow_up, intake
from students.roster.apply import apply_upload
from tests.factories import NOW, SchoolFactory
from tests.students.roster.uploads import MINUTE, girl

# A good number of nobody.
NIK_OF_NOBODY = "3174036208099999"


def nik(number: int) -> str:
    return str(girl(number)["NIK"])


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory()


def save(
    upload: RosterUpload, found: Mapping[int, Mapping[str, str]], *, minute: int = 1, read_again: bool = True
) -> RosterUpload:
    """Repairs of rows by their number, of a file with one sheet."""
    sheet = RosterRow.objects.filter(upload=upload, row_number__gt=0).values_list("sheet", flat=True).first() or ""
    repairs = {(sheet, row): cells for row, cells in found.items()}
    saved = follow_up.save_repairs(
        upload=upload, found=repairs, by=None, now=NOW + minute * MINUTE, read_again=read_again, ring_worker=False
    )
    return saved.upload


def read(upload: RosterUpload, *, minute: int = 2) -> RosterUpload:
    return intake.read_upload(upload=RosterUpload.objects.get(pk=upload.pk), now=NOW + minute * MINUTE)


def mended(upload: RosterUpload, found: Mapping[int, Mapping[str, str]]) -> RosterUpload:
    return read(save(upload, found))


def import_it(upload: RosterUpload, *, minute: int = 3) -> RosterUpload:
    now = NOW + minute * MINUTE
    intake.approve_upload(upload=upload, by=None, now=now, is_right_school=True, ring_worker=False)
    return apply_upload(upload=upload, now=now)

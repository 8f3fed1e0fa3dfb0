"""Uploads in every state, made the way the product makes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from schools.models import School
from students.models import RosterRow, RosterUpload
from students.roster import intake
from students.roster.apply import apply_upload
from tests.factories import NOW
from tests.students.roster import workbooks

MINUTE = timedelta(minutes=1)


def roster(*rows: Mapping[str, Any], school: str = "") -> bytes:
    """A Dapodik file with these students."""
    return workbooks.xlsx(workbooks.dapodik(rows, school=school))


def girl(number: int, **changed: Any) -> dict[str, Any]:
    """The same number is the same girl in every file."""
    return workbooks.students(number + 1)[number] | {key.replace("_", " "): value for key, value in changed.items()}


def waiting(school: School, data: bytes, *, now: datetime = NOW) -> RosterUpload:
    return intake.upload_roster(school=school, data=data, filename="daftar.xlsx", by=None, now=now, ring_worker=False)


def reviewed(school: School, data: bytes, *, now: datetime = NOW) -> RosterUpload:
    return intake.read_upload(upload=waiting(school, data, now=now), now=now)


def approved(school: School, data: bytes, *, now: datetime = NOW, decisions: Mapping[str, str] | None = None) -> RosterUpload:
    """`decisions`: section → decision for all its rows."""
    upload = reviewed(school, data, now=now)
    intake.decide(upload=upload, decisions=[], for_all=decisions or {})
    return intake.approve_upload(upload=upload, by=None, now=now, is_right_school=True, ring_worker=False)


def imported(school: School, data: bytes, *, now: datetime = NOW, decisions: Mapping[str, str] | None = None) -> RosterUpload:
    return apply_upload(upload=approved(school, data, now=now, decisions=decisions), now=now)


def sections(upload: RosterUpload) -> Sequence[tuple[int, str]]:
    """Row numbers with their sections."""
    return list(RosterRow.objects.filter(upload=upload).order_by("row_number", "name").values_list("row_number", "section"))

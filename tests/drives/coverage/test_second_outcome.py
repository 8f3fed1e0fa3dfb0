"""The activation of IKD changes no figure of the coverage, but an IKD guest is activity; closed days stay as they were."""

from datetime import timedelta

import pytest
from uuid6 import uuid7

from drives.coverage import rollup
from drives.coverage.differences import Difference, differences
from drives.models import DailyCoverage, Drive, Visit
from drives.onsite.actions import correct, record_event
from drives.onsite.day_close import close_day
from drives.onsite.walk_ins import Guest, add_walk_in
from schools.models import School, User
from tests.drives.coverage.conftest import TODAY
from tests.factories import (
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    PersonFactory,
    UserFactory,
    VisitFactory,
    at,
)

pytestmark = pytest.mark.django_db
MORNING = at(TODAY, "09.00")


def figures() -> tuple[int, int, int]:
    rows = DailyCoverage.objects.filter(day=TODAY).values_list("present_count", "recorded_count", "walk_in_count")
    return sum(row[0] for row in rows), sum(row[1] for row in rows), sum(row[2] for row in rows)


def roll_up(school: School, *, day_after: int = 0) -> list[Difference]:
    """Rolled up as the touches ask for, and then verified."""
    rollup.roll_up_touched(today=TODAY + timedelta(days=day_after))
    return differences(schools=[school.pk], first=TODAY, last=TODAY + timedelta(days=day_after))


def test_an_activation_and_its_correction_leave_the_figures_alone_and_an_ikd_guest_is_counted_once() -> None:
    group = ClassGroupFactory()
    rules = {"ikd_minimum_age": 16, "ikd_needs_printable": False}
    drive = DriveFactory(school=group.school, status=Drive.Status.PUBLISHED, published_at=MORNING, **rules)
    drive_day = DriveDayFactory(drive=drive, day=TODAY)
    lead: User = UserFactory(lead_operator=drive.office)
    pupil: Visit = VisitFactory(drive=drive, person=PersonFactory(enrolled=group))
    guest = add_walk_in(
        event_id=uuid7(), drive_day=drive_day, guest=Guest(name="Ibu Guru", kind="teacher", service="ikd"), by=lead, now=MORNING
    ).visit
    for visit, kind in ((pupil, "recorded"), (pupil, "ikd_activated"), (guest, "ikd_activated")):
        record_event(event_id=uuid7(), visit=visit, kind=kind, by=lead, now=MORNING + timedelta(minutes=5))
    assert roll_up(group.school) == []
    assert figures() == (1, 1, 1)

    evening = at(TODAY, "16.00")
    close_day(drive_day=drive_day, reports=[], signed_by_name="Ani", by=lead, now=evening, unassigned_reason="Alat lupa dipilih.")
    roll_up(group.school)
    tomorrow = at(TODAY, "08.00") + timedelta(days=1)
    correct(event_id=uuid7(), visit=pupil, kind="ikd_failed", note="Ponsel orang lain.", by=lead, now=tomorrow)
    correct(event_id=uuid7(), visit=guest, kind="ikd_failed", note="Ponsel orang lain.", by=lead, now=tomorrow)

    assert roll_up(group.school, day_after=1) == []
    assert figures() == (1, 1, 1)
    assert {(line.day, line.noted_on) for line in drive_day.corrections.all()} == {(TODAY, TODAY + timedelta(days=1))}

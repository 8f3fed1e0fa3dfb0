"""What a publication writes into the outbox, and what takes it out again."""

from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from drives.models import Appointment, Drive, Notice
from drives.notices import actions
from drives.notices.hours import Hours
from drives.notices.schedule import Stretch, joined
from tests.drives.notices.drives import DRIVE_DAY, PUBLISHED_AT, kinds_and_recipients, published_drive
from tests.factories import JAKARTA, AppointmentFactory, ClassGroupFactory, PersonFactory, at

JAKARTA_HOURS = Hours(8, 20, JAKARTA)


@pytest.mark.django_db
def test_publishing_tells_the_school_and_each_class_now_and_before_the_day() -> None:
    scene = published_drive()

    written = scene.plan()

    assert (written, kinds_and_recipients()) == (
        8,
        [
            ("published", "copy", "XI 1"),
            ("published", "copy", "XI 2"),
            ("published", "email", "sari@guru.example"),
            ("published", "email", "sman55@sekolah.example"),
            ("reminder_3", "email", "sari@guru.example"),
            ("reminder_3", "email", "sman55@sekolah.example"),
            ("reminder_1", "email", "sari@guru.example"),
            ("reminder_1", "email", "sman55@sekolah.example"),
        ],
    )
    moments = Notice.objects.filter(recipient="sman55@sekolah.example").order_by("due_at").values_list("due_at", flat=True)
    assert list(moments) == [PUBLISHED_AT, at(date(2026, 11, 21), "08.00"), at(date(2026, 11, 23), "08.00")]


@pytest.mark.django_db
def test_planning_again_writes_nothing_twice() -> None:
    scene = published_drive()
    scene.plan()

    assert (scene.plan(), Notice.objects.count()) == (0, 8)


@pytest.mark.django_db
def test_a_class_that_gets_its_first_place_later_is_added() -> None:
    scene = published_drive()
    scene.plan()
    late = ClassGroupFactory(school=scene.drive.school, name="XI 3", homeroom_email="late@guru.example")
    AppointmentFactory(timeslot=scene.slot, person=PersonFactory(enrolled=late), class_group=late)

    assert scene.plan() == 4


@pytest.mark.django_db
def test_a_publication_at_night_waits_for_the_morning() -> None:
    scene = published_drive()

    scene.plan(now=at(date(2026, 11, 18), "21.30"))

    assert Notice.objects.order_by("due_at").values_list("due_at", flat=True)[0] == at(date(2026, 11, 19), "08.00")


@pytest.mark.django_db
def test_a_reminder_whose_moment_has_passed_is_not_made_up_for() -> None:
    scene = published_drive()

    scene.plan(now=at(date(2026, 11, 22), "10.00"))

    assert set(Notice.objects.values_list("kind", flat=True)) == {"published", "reminder_1"}


@pytest.mark.django_db
def test_a_new_revision_withdraws_what_the_old_one_still_had_to_say() -> None:
    scene = published_drive()
    scene.plan()
    Drive.objects.filter(pk=scene.drive.pk).update(revision=2)
    scene.drive.refresh_from_db()

    scene.plan(now=at(date(2026, 11, 19), "10.00"))

    assert Notice.objects.filter(revision=1, withdrawn_at=None).count() == 0
    assert Notice.objects.filter(revision=2, withdrawn_at=None).count() == 8


@pytest.mark.django_db
def test_two_drives_of_one_school_have_notices_of_their_own() -> None:
    scene = published_drive()
    scene.plan()
    other = published_drive(nik="")
    other.drive.school = scene.drive.school
    other.drive.save(update_fields=["school"])

    assert other.plan() == 8


@pytest.mark.django_db
def test_a_draft_sends_nothing() -> None:
    scene = published_drive()
    scene.drive.status = "draft"

    with pytest.raises(ValidationError) as refusal:
        scene.plan()

    assert (refusal.value.code, Notice.objects.count()) == ("drive_not_published", 0)


@pytest.mark.django_db
def test_the_statement_counts_exactly_what_publishing_writes() -> None:
    scene = published_drive(people=3)

    said = actions.statement(scene.drive, now=PUBLISHED_AT)
    scene.plan()

    planned = [(line.kind, line.channel, sorted(line.recipients)) for line in said.lines]
    written = [
        (kind, channel, sorted(Notice.objects.filter(kind=kind, channel=channel).values_list("recipient", flat=True)))
        for kind, channel in (
            ("published", "email"),
            ("published", "copy"),
            ("reminder_3", "email"),
            ("reminder_1", "email"),
        )
    ]
    assert planned == written
    assert (said.place_count, said.class_count, said.email_count, said.classes_without_address) == (6, 2, 6, ("XI 2",))


@pytest.mark.django_db
def test_a_cancellation_takes_back_what_waits_and_tells_whom_something_has_reached() -> None:
    scene = published_drive()
    scene.plan()
    Notice.objects.filter(kind="published", recipient="sman55@sekolah.example").update(
        claimed_at=PUBLISHED_AT, sent_at=PUBLISHED_AT
    )
    scene.drive.status = "cancelled"

    told = actions.announce_cancellation(drive=scene.drive, now=PUBLISHED_AT)

    waiting = Notice.objects.filter(withdrawn_at=None, sent_at=None).values_list("kind", "recipient")
    assert (told, list(waiting)) == (1, [("cancelled", "sman55@sekolah.example")])


@pytest.mark.django_db
def test_cancelled_places_are_in_no_schedule() -> None:
    scene = published_drive()
    Appointment.objects.filter(person=scene.persons[0]).update(ending="cancelled", ended_at=PUBLISHED_AT)

    said = actions.statement(scene.drive, now=PUBLISHED_AT)

    assert (said.place_count, said.class_count) == (1, 1)


def test_neighbouring_timeslots_are_said_as_one_stretch() -> None:
    def stretch(start: str, end: str) -> Stretch:
        return Stretch(at(DRIVE_DAY, start), at(DRIVE_DAY, end), 10)

    made = joined([stretch("07.00", "07.30"), stretch("07.30", "08.00"), stretch("09.00", "09.30")])

    assert [(f"{each.starts_at:%H.%M}", f"{each.ends_at:%H.%M}", each.count) for each in made] == [
        ("07.00", "08.00", 20),
        ("09.00", "09.30", 10),
    ]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
def test_the_next_allowed_moment_is_allowed_and_less_than_half_a_day_away(moment: datetime) -> None:
    asked = moment.replace(tzinfo=JAKARTA)

    found = JAKARTA_HOURS.next_moment(asked)

    assert JAKARTA_HOURS.allow(found)
    assert 0 <= (found - asked).total_seconds() <= 12 * 3600
    assert found == asked or (found.hour, found.minute) == (8, 0)


@pytest.mark.parametrize(("clock", "allowed"), [("07.59", False), ("08.00", True), ("19.59", True), ("20.00", False)])
def test_the_quiet_hours_begin_at_eight_in_the_evening(clock: str, allowed: bool) -> None:
    assert JAKARTA_HOURS.allow(at(DRIVE_DAY, clock)) is allowed

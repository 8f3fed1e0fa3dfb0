"""Susulan: who was absent or failed is offered the next day, a make-up drive or the office, once, until the recording."""

from collections.abc import Callable
from datetime import date, time, timedelta
from threading import Barrier
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.coverage.rollup import roll_up, roll_up_all
from drives.desk import chances
from drives.followups import actions
from drives.followups.actions import MakeUp, Offered, end_what_is_done, offer, prepare_make_up
from drives.followups.people import Candidate, candidates, missed_days, undecided
from drives.followups.tasks import end_follow_ups
from drives.models import Appointment, DailyCoverage, DayClose, Drive, DriveDay, FollowUp, Visit
from drives.onsite.actions import record_event
from drives.onsite.board import board_of
from drives.onsite.console import SlotCount, slot_list
from drives.onsite.day_close import KitReport, close_day
from drives.onsite.paper import sheets_by_slot
from drives.onsite.wall import wall_of
from drives.planning.capacity import Session
from drives.planning.plan import Plan
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import KitFactory, UserFactory, at
from tests.together import together

pytestmark = pytest.mark.django_db
EVENING = at(DAY, "15.00")
NEXT_WEEK = DAY + timedelta(days=7)


def absent(hall: Hall, name: str, **more: object) -> Visit:
    return said(hall, name, "absent", "sick", **more)


def said(hall: Hall, name: str, kind: str, reason: str = "", **more: object) -> Visit:
    visit = hall.expect(name, **more)  # type: ignore[arg-type]
    record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, by=hall.operator, now=NOW)
    return visit


def close(hall: Hall) -> DayClose:
    reports = [KitReport(kit.pk, 0, "") for kit in hall.kits]
    return close_day(
        drive_day=hall.today,
        reports=reports,
        unassigned_reason="Uji",
        signed_by_name="Budi",
        knows_what_is_open=True,
        by=hall.lead,
        now=EVENING,
    )


def give(hall: Hall, way: str, *visits: Visit) -> Offered:
    return offer(drive_day=hall.today, visits=[visit.pk for visit in visits], way=way, by=hall.lead, now=EVENING)


def ways(hall: Hall) -> list[tuple[str, str, bool]]:
    rows = FollowUp.objects.order_by("decided_at", "pk").values_list("visit__person__name", "way", "ended_at")
    return [(name, way, ended is None) for name, way, ended in rows]


def test_who_was_absent_failed_or_not_seen_is_a_candidate_and_nobody_else(hall: Hall) -> None:
    absent(hall, "Absen")
    said(hall, "Gagal", "failed", "biometric")
    hall.expect("Belum Terlihat")
    said(hall, "Direkam", "recorded")
    said(hall, "Menolak", "declined")
    hall.expect("Besok", slot=3)
    guest = said(hall, "Guru", "failed", "biometric")
    Visit.objects.filter(pk=guest.pk).update(kind="teacher")
    close(hall)

    assert sorted(one.visit.person.name for one in candidates(hall.today)) == ["Absen", "Belum Terlihat", "Gagal"]


def test_the_next_day_moves_the_appointment_as_long_as_there_is_room(hall: Hall) -> None:
    first, second, third = (absent(hall, name) for name in ("Adi", "Bela", "Cici"))
    close(hall)
    slot = hall.slots[3]
    slot.places = 2
    slot.save()

    offered = give(hall, "next_day", first, second, third)

    assert [one.visit.person.name for one in offered.without_room] == ["Cici"]
    live = Appointment.objects.live().filter(timeslot=slot).order_by("person__name")
    assert list(live.values_list("person__name", flat=True)) == ["Adi", "Bela"]
    assert ways(hall) == [("Adi", "next_day", True), ("Bela", "next_day", True)]
    with pytest.raises(ValidationError, check=lambda error: error.code == "no_room"):
        give(hall, "next_day", third)


def test_the_same_choice_again_changes_nothing_and_another_one_ends_the_first(hall: Hall) -> None:
    visit = absent(hall, "Adi")
    close(hall)

    for way in ("next_day", "next_day", "office"):
        give(hall, way, visit)

    assert ways(hall) == [("Adi", "next_day", False), ("Adi", "office", True)]
    assert Appointment.objects.live().filter(person=visit.person, timeslot=hall.slots[3]).count() == 0


@pytest.mark.parametrize(("way", "is_closed", "code"), [("moon", True, "way_unknown"), ("office", False, "day_open")])
def test_an_unknown_way_and_an_open_day_are_refused(hall: Hall, way: str, is_closed: bool, code: str) -> None:
    visit = absent(hall, "Adi")
    if is_closed:
        close(hall)

    with pytest.raises(ValidationError, check=lambda error: error.code == code):
        give(hall, way, visit)


def test_who_was_recorded_is_no_candidate_and_cannot_be_chosen(hall: Hall) -> None:
    visit = said(hall, "Adi", "recorded")
    close(hall)

    with pytest.raises(ValidationError, check=lambda error: error.code == "nobody_chosen"):
        give(hall, "office", visit)


def make_up(hall: Hall, *, drive_id: UUID | None = None, end: time = time(11)) -> MakeUp:
    return prepare_make_up(
        school=hall.school,
        plan=Plan(days=(NEXT_WEEK,), sessions=(Session(time(8), end),), kits=1),
        drive_id=drive_id or uuid7(),
        by=UserFactory(planner=hall.drive.office),
        now=EVENING,
    )


def test_a_make_up_drive_is_prepared_with_those_who_wait_for_it(hall: Hall) -> None:
    waiting = [absent(hall, f"Siswa {number}") for number in range(3)]
    other = absent(hall, "Ke Kantor")
    close(hall)
    give(hall, "make_up", *waiting)
    give(hall, "office", other)
    drive_id = uuid7()

    made, again = make_up(hall, drive_id=drive_id), make_up(hall, drive_id=drive_id)

    assert (made.drive.pk, made.placed, made.left, again.drive.pk) == (drive_id, 3, 0, drive_id)
    assert made.drive.status == Drive.Status.DRAFT
    assert sorted(Appointment.objects.live().filter(drive=drive_id).values_list("person__name", flat=True)) == [
        "Siswa 0",
        "Siswa 1",
        "Siswa 2",
    ]
    assert set(FollowUp.objects.filter(way="make_up").values_list("drive", flat=True)) == {drive_id}
    with pytest.raises(ValidationError, check=lambda error: error.code == "nobody_waits"):
        make_up(hall)


def test_who_finds_no_place_in_the_draft_goes_on_waiting(hall: Hall) -> None:
    waiting = [absent(hall, f"Siswa {number}", slot=number % 3) for number in range(5)]
    close(hall)
    give(hall, "make_up", *waiting)

    made = make_up(hall, end=time(8, 30))

    assert (made.placed, made.left) == (2, 3)
    assert FollowUp.objects.waiting().filter(drive=None).count() == 3


def test_it_ends_by_itself_with_the_recording_and_a_cancelled_make_up_is_asked_for_again(hall: Hall) -> None:
    recorded, other = absent(hall, "Adi"), absent(hall, "Bela")
    close(hall)
    give(hall, "office", recorded)
    give(hall, "make_up", other)
    made = make_up(hall)
    Drive.objects.filter(pk=made.drive.pk).update(status=Drive.Status.CANCELLED, cancelled_at=EVENING, published_at=EVENING)
    record_event(event_id=uuid7(), visit=recorded, kind="recorded", by=hall.lead, now=EVENING + timedelta(minutes=5))

    assert (end_what_is_done(now=EVENING), end_what_is_done(now=EVENING)) == (1, 0)
    left = FollowUp.objects.waiting().get()
    assert (left.visit.person.name, left.drive) == ("Bela", None)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_decide_at_once_leave_one_way(hall: Hall) -> None:
    visit = absent(hall, "Adi")
    close(hall)
    connections.close_all()

    together(*[lambda number: give(hall, ["office", "make_up", "next_day"][number], visit)] * 3)

    assert FollowUp.objects.waiting().count() == 1


def test_the_office_chooses_for_all_and_one_by_one_in_the_browser(hall: Hall, client: Client) -> None:
    first, second, third = (absent(hall, name) for name in ("Adi", "Bela", "Cici"))
    close(hall)
    url = f"/follow-ups/days/{hall.today.pk}/"
    with time_machine.travel(EVENING, tick=False):
        client.force_login(hall.lead)
        client.post(f"{url}offer/", {f"way_{first.pk.hex}": "office"})
        client.post(f"{url}offer/", {"all": "make_up"})
        page = client.get(url).content.decode()

    assert sorted(ways(hall)) == [("Adi", "office", True), ("Bela", "make_up", True), ("Cici", "make_up", True)]
    assert 'name="all"' not in page
    assert {first.pk, second.pk, third.pk} == set(FollowUp.objects.values_list("visit", flat=True))


def test_the_planner_makes_the_draft_in_the_browser(hall: Hall, client: Client) -> None:
    visit = absent(hall, "Adi")
    close(hall)
    give(hall, "make_up", visit)
    KitFactory(name="Alat 9", office=hall.drive.office)
    with time_machine.travel(EVENING, tick=False):
        client.force_login(UserFactory(planner=hall.drive.office))
        listed = client.get("/follow-ups/").content.decode()
        refused = client.post(f"/follow-ups/schools/{hall.school.npsn}/", {"day": "", "hours": "8", "kits": "1"})
        form = {"drive_id": str(uuid7()), "day": NEXT_WEEK.isoformat(), "hours": "08.00–11.00", "kits": "1"}
        answer = client.post(f"/follow-ups/schools/{hall.school.npsn}/", form)

    assert f"/follow-ups/schools/{hall.school.npsn}/" in listed
    assert (refused.status_code, answer.status_code, answer.headers["Location"]) == (422, 302, f"/drives/{form['drive_id']}/")


def test_a_school_sees_its_own_pupils_and_decides_nothing(hall: Hall, client: Client) -> None:
    visit = absent(hall, "Adi Nugroho")
    close(hall)
    give(hall, "office", visit)
    with time_machine.travel(EVENING, tick=False):
        client.force_login(UserFactory(school_admin=hall.school))
        page = client.get("/follow-ups/").content.decode()
        assert client.get(f"/follow-ups/days/{hall.today.pk}/").status_code == 404
        (line,) = chances.of_school({hall.school.pk})

    assert ("Adi Nugroho" in page, "Di kantor" in page, line.count) == (True, True, 1)


def test_the_planners_first_page_counts_who_has_nothing_and_who_waits_for_a_drive(hall: Hall) -> None:
    absent(hall, "Adi")
    waiting = [absent(hall, name) for name in ("Bela", "Cici")]
    close(hall)
    give(hall, "make_up", *waiting)

    lines = list(chances.of_office({hall.drive.office_id}, today=DAY))

    assert [(line.count, line.url) for line in lines] == [(1, "/follow-ups/#undecided"), (2, "/follow-ups/")]
    assert [visit.person.name for visit in undecided({hall.drive.office_id}, today=DAY)] == ["Adi"]


def test_who_is_told_to_be_without_a_choice_is_who_could_be_given_one(hall: Hall) -> None:
    """Whoever was not seen on a closed day waits for a decision just as whoever was absent."""
    absent(hall, "Absen")
    said(hall, "Gagal", "failed", "biometric")
    said(hall, "Hadir Saja", "arrived")
    hall.expect("Belum Terlihat")
    said(hall, "Direkam", "recorded")
    hall.expect("Besok", slot=3)
    assert list(undecided({hall.drive.office_id}, today=DAY)) == []
    close(hall)

    names = sorted(visit.person.name for visit in undecided({hall.drive.office_id}, today=DAY))
    (day,) = missed_days({hall.drive.office_id}, today=DAY)
    assert names == sorted(one.visit.person.name for one in candidates(hall.today))
    assert (names, day.count) == (["Absen", "Belum Terlihat", "Gagal", "Hadir Saja"], 4)


def test_who_missed_a_second_day_waits_for_a_choice_after_it(hall: Hall) -> None:
    """What was said on the first day says nothing of the second, to which the appointment was moved."""
    kinds = ("absent", "failed", "declined", "arrived", "recorded")
    reasons = {"absent": "sick", "failed": "biometric"}
    for kind in kinds:
        said(hall, kind, kind, reasons.get(kind, ""), slot=3)
    second = DayClose(
        drive_day=hall.tomorrow,
        office=hall.drive.office,
        closed_at=EVENING + timedelta(days=1),
        closed_by=hall.lead,
        tally={},
        signed_by_name="Budi",
    )
    second.save()

    found = [one.visit.person.name for one in candidates(hall.tomorrow)]
    left = undecided({hall.drive.office_id}, today=hall.tomorrow.day)

    assert sorted(found) == sorted(kinds[:4])
    assert sorted(visit.person.name for visit in left) == sorted(found)
    (day,) = missed_days({hall.drive.office_id}, today=hall.tomorrow.day)
    assert (day.drive_day, day.count) == (hall.tomorrow, 4)


@pytest.mark.parametrize("count", [1, 3])
def test_both_pages_ask_the_same_number_of_questions_for_any_number(
    hall: Hall, client: Client, count: int, django_assert_num_queries: Callable[..., object]
) -> None:
    visits = [absent(hall, f"Siswa {number}") for number in range(count)]
    close(hall)
    give(hall, "office", *visits)
    with time_machine.travel(EVENING, tick=False):
        client.force_login(UserFactory(planner=hall.drive.office))
        with django_assert_num_queries(14):  # type: ignore[attr-defined]
            client.get(f"/follow-ups/days/{hall.today.pk}/")
        with django_assert_num_queries(10):  # type: ignore[attr-defined]
            client.get("/follow-ups/")


def test_the_students_story_tells_what_was_offered(hall: Hall, client: Client) -> None:
    visit = absent(hall, "Adi")
    close(hall)
    give(hall, "office", visit)

    with time_machine.travel(EVENING, tick=False):
        client.force_login(UserFactory(planner=hall.drive.office))
        page = client.get(reverse("drives:student_detail", args=[visit.person_id])).content.decode()

    assert ("Susulan: di kantor" in page, "ditawarkan setelah SMAN 55 Jakarta, Selasa, 24 November 2026" in page) == (True, True)


def test_the_task_ends_what_a_recording_has_done(hall: Hall) -> None:
    visit = absent(hall, "Adi")
    close(hall)
    give(hall, "office", visit)
    record_event(event_id=uuid7(), visit=visit, kind="recorded", by=hall.lead, now=EVENING)

    assert (end_follow_ups(), FollowUp.objects.waiting().count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_day_two_decisions_would_meet_in_the_constraint(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = absent(hall, "Adi")
    close(hall)
    both_have_looked = Barrier(2)
    refused: list[Exception] = []
    look = candidates

    def look_together(drive_day: DriveDay) -> list[Candidate]:
        found = look(drive_day)
        both_have_looked.wait(timeout=20)
        return found

    def unlocked(*_args: object, **_more: object) -> object:
        return DriveDay.objects.all()

    def decide(number: int) -> None:
        try:
            give(hall, ["office", "make_up"][number], visit)
        except (IntegrityError, ValidationError) as error:
            refused.append(error)

    monkeypatch.setattr(actions, "candidates", look_together)
    monkeypatch.setattr(type(DriveDay.objects.all()), "select_for_update", unlocked)
    connections.close_all()
    together(decide, decide)

    assert (len(refused), FollowUp.objects.waiting().count()) == (1, 1)


def test_the_figures_of_the_closed_day_stay_when_people_get_another_one(hall: Hall) -> None:
    missing, other, done = absent(hall, "Adi"), absent(hall, "Bela"), said(hall, "Cici", "recorded")
    unseen = hall.expect("Dodi")
    close(hall)
    before, on_wall = board_of(hall.today, now=EVENING), wall_of({hall.drive.office_id}, now=EVENING)

    give(hall, "next_day", missing, other, unseen)
    after_moving = board_of(hall.today, now=EVENING)
    give(hall, "office", other)

    assert (before.figures.target, before.figures.recorded, before.left, before.drive_target) == (4, 1, 1, 4)
    assert after_moving == before
    assert board_of(hall.today, now=EVENING) == before
    assert wall_of({hall.drive.office_id}, now=EVENING) == on_wall
    assert board_of(hall.tomorrow, now=EVENING).figures.target == 2
    assert sorted(one.person_id for sheet in sheets_by_slot(hall.today) for one in sheet.appointments) == sorted(
        one.person_id for one in (missing, other, done, unseen)
    )


def test_the_timeslots_of_the_closed_day_keep_who_was_expected_in_them(hall: Hall) -> None:
    visits = [absent(hall, "Adi"), said(hall, "Bela", "failed", "biometric")]
    close(hall)
    before = slot_list(hall.today, now=EVENING, slot_id=hall.slots[1].pk)

    give(hall, "next_day", *visits)

    after = slot_list(hall.today, now=EVENING, slot_id=hall.slots[1].pk)
    assert before is not None
    assert after is not None
    assert (after.count, [line.visit for line in after.lines]) == (before.count, visits)
    assert before.count == SlotCount(hall.slots[1].pk, here=1, total=2)


def test_who_is_recorded_on_the_next_day_is_recorded_on_that_day_alone(hall: Hall) -> None:
    visit = absent(hall, "Adi")
    close(hall)
    give(hall, "next_day", visit)
    record_event(event_id=uuid7(), visit=visit, kind="recorded", by=hall.lead, now=at(hall.tomorrow.day, "09.10"))

    first, second = (board_of(day, now=at(hall.tomorrow.day, "09.20")).figures for day in (hall.today, hall.tomorrow))

    assert ((first.target, first.recorded), (second.target, second.recorded)) == ((1, 0), (1, 1))
    tally = DayClose.objects.get(drive_day=hall.today).tally
    assert (tally["scheduled"], tally["absent"], tally["recorded"]) == (1, 1, 0)


def test_the_coverage_of_the_closed_day_stays_without_a_correction(hall: Hall) -> None:
    visit, other = absent(hall, "Adi"), absent(hall, "Bela")
    close(hall)
    with time_machine.travel(EVENING, tick=False):
        roll_up_all(today=DAY)
        before = cells(DAY)
        give(hall, "next_day", visit, other)
    tomorrow = at(hall.tomorrow.day, "09.10")
    with time_machine.travel(tomorrow, tick=False):
        record_event(event_id=uuid7(), visit=visit, kind="recorded", by=hall.lead, now=tomorrow)
        roll_up(since_by_school={hall.school.pk: DAY}, until=hall.tomorrow.day, noted_on=hall.tomorrow.day)

    assert before == [(None, True, 2, 0, 2)]
    assert cells(DAY) == before


def cells(day: date) -> list[tuple[date | None, bool, int, int, int]]:
    rows = DailyCoverage.objects.filter(day=day, scheduled_stock__gt=0) | DailyCoverage.objects.exclude(correction_on=None)
    return list(rows.order_by("pk").values_list("correction_on", "is_final", "absent_count", "recorded_count", "scheduled_stock"))


CHOICES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(FollowUp.Way.values)), max_size=10)


@settings(max_examples=15)
@given(CHOICES)
def test_however_often_the_choice_changes_each_has_one_way_and_no_figure_of_the_closed_day_moves(
    hall: Hall, choices: list[tuple[int, str]]
) -> None:
    with transaction.atomic():
        visits = [absent(hall, f"Siswa {number}") for number in range(4)]
        close(hall)
        slot = hall.slots[3]
        slot.places = 2
        slot.save()
        before = board_of(hall.today, now=EVENING)
        wanted: dict[UUID, str] = {}
        for number, way in choices:
            try:
                give(hall, way, visits[number])
            except ValidationError as refusal:
                assert refusal.code == "no_room"  # noqa: PT017 — any other refusal is a fault
            else:
                wanted[visits[number].pk] = way
        after, next_day = board_of(hall.today, now=EVENING), board_of(hall.tomorrow, now=EVENING)
        waiting = dict(FollowUp.objects.waiting().values_list("visit", "way"))
        placed = Appointment.objects.live().filter(timeslot=slot).count()
        transaction.set_rollback(True)

    assert waiting == wanted
    assert (after.figures, after.left, after.drive_target) == (before.figures, before.left, 4)
    assert next_day.figures.target == placed == sum(way == "next_day" for way in wanted.values()) <= 2

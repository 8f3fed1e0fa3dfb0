"""Result lists are written once, after a yes; and who is recorded gives the place free."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from drives.models import Appointment, DukcapilStatus, StatusImport
from drives.statuses import actions
from schools.models import AuditEntry, User
from students.models import Person
from tests.drives.statuses.lists import FIRST, SECOND, STRANGER, THIRD, line, workbook
from tests.factories import (
    NOW,
    TODAY,
    AppointmentFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    DukcapilStatusFactory,
    OfficeFactory,
    PersonFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
)
from tests.together import together

pytestmark = pytest.mark.django_db


def read(*rows: Any, by: User | None = None) -> StatusImport:
    return actions.read_result_list(
        data=workbook(*rows), filename="hasil.xlsx", dated_on=TODAY, office=OfficeFactory(), by=by, now=NOW
    )


def appointment_in(status: str, person: Person) -> Appointment:
    """A place on 24 November 2026, four days from NOW."""
    published_at = None if status == "draft" else NOW
    drive = DriveFactory(status=status, published_at=published_at)
    session = DriveSessionFactory(drive_day=DriveDayFactory(drive=drive))
    appointment: Appointment = AppointmentFactory(timeslot=TimeslotFactory(session=session), person=person)
    return appointment


def ending(appointment: Appointment) -> str:
    appointment.refresh_from_db()
    return appointment.ending


def test_nothing_is_written_before_the_approval() -> None:
    person = PersonFactory(nik=FIRST)

    made = read(line(FIRST, "SUDAH REKAM"))

    person.refresh_from_db()
    assert (made.counts["new"], DukcapilStatus.objects.count(), person.recorded_on) == (1, 0, None)


def test_every_problem_is_named_with_its_row() -> None:
    known = PersonFactory(nik=FIRST)
    PersonFactory(nik=SECOND)
    third = PersonFactory(nik=THIRD)
    DukcapilStatusFactory(person=known, status="PRINT_READY_RECORD", dated_on=date(2026, 11, 18))
    DukcapilStatusFactory(person=third, status="CARD_PRINTED", dated_on=date(2026, 11, 19))

    made = read(
        line(FIRST, "PRR"),
        line(STRANGER, "PRR"),
        line(SECOND, "PRR"),
        line(SECOND, "PRR"),
        line(THIRD, "SFE"),
        line(FIRST, "SFE", "17-11-2026"),
        line(FIRST, "BELUM REKAM", "17-11-2026"),
    )

    problems = [(row.row, row.problem) for row in actions.rows_of(made) if row.problem]
    assert problems == [
        (3, "nik_unknown"),
        (5, "row_repeated"),
        (6, "older_than_known"),
        (7, "rows_contradict"),
        (8, "rows_contradict"),
    ]
    assert {key: made.counts[key] for key in ("rows", "new", "known", "errors", "warnings")} == {
        "rows": 7,
        "new": 2,
        "known": 1,
        "errors": 3,
        "warnings": 2,
    }


def test_no_nik_is_kept_with_the_review() -> None:
    PersonFactory(nik=FIRST)

    made = read(line(FIRST, "PRR"), line(STRANGER, "PRR"), line(FIRST, STRANGER), line("1" + FIRST, "PRR"))

    kept = json.dumps([made.rows, made.counts])
    assert [nik for nik in (FIRST, STRANGER) if nik in kept] == []


def test_a_person_of_another_office_is_unknown_here() -> None:
    PersonFactory(nik=FIRST, office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat"))

    made = read(line(FIRST, "PRR"))

    assert [row["problem"] for row in made.rows] == ["nik_unknown"]


def test_approving_twice_changes_nothing_the_second_time() -> None:
    person = PersonFactory(nik=FIRST)
    planner = UserFactory(planner=person.office)
    made = read(line(FIRST, "PRR"), by=planner)

    first = actions.approve_import(status_import=made, by=planner, now=NOW)
    second = actions.approve_import(status_import=made, by=planner, now=NOW)

    person.refresh_from_db()
    assert (first, person.recorded_on) == (second, date(2026, 11, 18))
    assert (DukcapilStatus.objects.count(), AuditEntry.objects.filter(action="imported").count()) == (1, 1)


def test_the_same_file_again_finds_nothing_new() -> None:
    PersonFactory(nik=FIRST)
    actions.approve_import(status_import=read(line(FIRST, "PRR")), by=None, now=NOW)

    again = read(line(FIRST, "PRR"))

    assert (again.counts["new"], again.counts["known"]) == (0, 1)


def test_two_lists_under_review_with_the_same_line_write_it_once() -> None:
    PersonFactory(nik=FIRST)
    first, second = read(line(FIRST, "PRR")), read(line(FIRST, "PRR"))

    outcomes = [actions.approve_import(status_import=each, by=None, now=NOW).added_count for each in (first, second)]

    assert (outcomes, DukcapilStatus.objects.count()) == ([1, 0], 1)


def test_a_discarded_list_cannot_be_approved() -> None:
    made = read(line(FIRST, "PRR"))
    actions.cancel_import(status_import=made)

    with pytest.raises(ValidationError) as refusal:
        actions.approve_import(status_import=made, by=None, now=NOW)

    assert refusal.value.code == "import_cancelled"


def test_approval_frees_places_in_drafts_and_asks_about_published_ones() -> None:
    recorded, open_person = PersonFactory(nik=FIRST), PersonFactory(nik=SECOND)
    draft, published = appointment_in("draft", recorded), appointment_in("published", recorded)
    stays = appointment_in("draft", open_person)
    made = read(line(FIRST, "SUDAH REKAM"), line(SECOND, "BELUM REKAM"))

    outcome = actions.approve_import(status_import=made, by=None, now=NOW)

    assert (outcome.added_count, outcome.freed_count, outcome.to_decide_count) == (2, 1, 1)
    assert [ending(each) for each in (draft, published, stays)] == ["cancelled", "", ""]
    assert list(actions.to_decide(now=NOW)) == [published]
    draft.timeslot.refresh_from_db()
    assert draft.timeslot.places_taken == 0


def test_a_decision_frees_the_place_and_leaves_who_still_needs_one() -> None:
    recorded, open_person = PersonFactory(nik=FIRST), PersonFactory()
    decided, stays = appointment_in("published", recorded), appointment_in("published", open_person)
    actions.enter_status(person=recorded, status="BIO_CAPTURED", dated_on=TODAY, by=None, now=NOW)

    count = actions.cancel_recorded(appointments=Appointment.objects.filter(pk__in=[decided.pk, stays.pk]), now=NOW)

    assert (count, ending(decided), ending(stays)) == (1, "cancelled", "")


def test_who_was_recorded_at_the_drive_itself_is_not_asked_about() -> None:
    appointment = appointment_in("published", PersonFactory())
    VisitFactory(drive=appointment.drive, person=appointment.person, state="recorded", state_on=TODAY, state_at=NOW)

    assert list(actions.to_decide(now=NOW)) == []


@pytest.mark.parametrize(
    ("status", "dated_on", "code"),
    [("SOMETHING", TODAY, "status_unknown"), ("BIO_CAPTURED", date(2026, 11, 21), "date_in_future")],
)
def test_a_status_by_hand_is_refused_with_a_reason(status: str, dated_on: date, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.enter_status(person=PersonFactory(), status=status, dated_on=dated_on, by=None, now=NOW)

    assert (refusal.value.code, DukcapilStatus.objects.count()) == (code, 0)


def test_a_status_by_hand_is_entered_once_and_frees_the_draft() -> None:
    appointment = appointment_in("draft", PersonFactory())
    enter: dict[str, Any] = {"person": appointment.person, "status": "BIO_CAPTURED", "dated_on": TODAY, "by": None, "now": NOW}

    first, second = actions.enter_status(**enter), actions.enter_status(**enter)

    assert (first, ending(appointment)) == (second, "cancelled")


@pytest.mark.django_db(transaction=True)
def test_two_people_approving_at_the_same_moment_import_once() -> None:
    PersonFactory(nik=FIRST)
    made = read(line(FIRST, "PRR"))
    outcomes: list[actions.Outcome] = []

    together(*[lambda _n: outcomes.append(actions.approve_import(status_import=made, by=None, now=NOW))] * 2)

    assert [outcome.added_count for outcome in outcomes] == [1, 1]
    assert (DukcapilStatus.objects.count(), AuditEntry.objects.count()) == (1, 1)

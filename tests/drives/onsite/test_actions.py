"""What is noted on the day: once, by who may, and never forgotten."""

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from uuid6 import uuid7

from drives.models import Correction, DayClose, Drive, Visit, VisitEvent
from drives.onsite import actions, ledger
from drives.onsite.actions import correct, record_event, record_events, undo
from drives.onsite.ledger import NewEvent
from schools.models import User
from tests.factories import (
    AppointmentFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    DukcapilStatusFactory,
    KitFactory,
    PersonFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
    at,
)
from tests.together import together

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)
NOW = at(DAY, "09.41")


@pytest.fixture
def visit() -> Visit:
    """A pupil with an appointment at a published drive of two days."""
    return an_expected_visit()


def an_expected_visit(**person: Any) -> Visit:
    drive = DriveFactory(status=Drive.Status.PUBLISHED, published_at=NOW)
    first = DriveDayFactory(drive=drive, day=DAY)
    DriveDayFactory(drive=drive, day=DAY + timedelta(days=1))
    slot = TimeslotFactory(session=DriveSessionFactory(drive_day=first))
    appointment = AppointmentFactory(timeslot=slot, person=PersonFactory(**person))
    visit: Visit = VisitFactory(drive=drive, person=appointment.person)
    return visit


@pytest.fixture
def operator(visit: Visit) -> User:
    user: User = UserFactory(operator=visit.office)
    return user


def note(visit: Visit, kind: str, by: User, *, event_id: UUID | None = None, now: datetime = NOW, **more: Any) -> Visit:
    return record_event(event_id=event_id or uuid7(), visit=visit, kind=kind, by=by, now=now, **more)


def refused(code: str) -> Any:
    return pytest.raises(ValidationError, check=lambda error: error.code == code)


def test_a_recorded_person_needs_no_recording_and_has_kept_the_appointment(visit: Visit, operator: User) -> None:
    kit = KitFactory()

    visit = note(visit, "recorded", operator, kit=kit)

    assert (visit.state, visit.state_on, visit.state_at, visit.kit) == ("recorded", DAY, NOW, kit)
    visit.person.refresh_from_db()
    assert visit.person.recorded_on == DAY
    assert visit.person.appointments.get().ending == "kept"


def test_the_same_form_sent_twice_does_nothing_twice(visit: Visit, operator: User) -> None:
    event_id = uuid7()

    note(visit, "failed", operator, event_id=event_id, reason="biometric")
    note(visit, "failed", operator, event_id=event_id, reason="biometric", now=NOW + timedelta(seconds=1))

    assert visit.events.count() == 1


def test_another_word_under_the_same_form_is_refused_and_never_taken_for_stored(visit: Visit, operator: User) -> None:
    """The answer to "present" was lost, the card still stands there, and the operator records on it."""
    event_id = uuid7()
    note(visit, "arrived", operator, event_id=event_id)

    for kind, reason in (("recorded", ""), ("failed", "biometric")):
        with pytest.raises(ValidationError) as refusal:
            note(visit, kind, operator, event_id=event_id, reason=reason)

        assert refusal.value.code == "number_taken"
    assert note(visit, "arrived", operator, event_id=event_id).state == "present"


def test_undoing_within_ten_seconds_brings_the_appointment_back(visit: Visit, operator: User) -> None:
    recorded = uuid7()
    note(visit, "recorded", operator, event_id=recorded)

    visit = undo(event_id=uuid7(), target=recorded, visit=visit, by=operator, now=NOW + timedelta(seconds=9))

    visit.person.refresh_from_db()
    assert (visit.state, visit.person.recorded_on, visit.person.appointments.get().ending) == ("expected", None, "")


def test_undoing_after_a_minute_is_for_a_lead_with_a_reason(visit: Visit, operator: User) -> None:
    recorded, later = uuid7(), NOW + timedelta(minutes=1)
    note(visit, "recorded", operator, event_id=recorded)
    lead = UserFactory(lead_operator=visit.office)

    with refused("undo_too_late"):
        undo(event_id=uuid7(), target=recorded, visit=visit, by=operator, now=later)
    with refused("reason_missing"):
        undo(event_id=uuid7(), target=recorded, visit=visit, by=lead, now=later, is_lead=True)
    visit = undo(event_id=uuid7(), target=recorded, visit=visit, by=lead, now=later, is_lead=True, note="Salah orang.")

    assert visit.state == "expected"


def test_anybody_on_site_undoes_within_ten_seconds_what_another_operator_did(visit: Visit, operator: User) -> None:
    recorded = uuid7()
    note(visit, "recorded", operator, event_id=recorded)

    with refused("undo_too_late"):
        undo(event_id=uuid7(), target=recorded, visit=visit, by=UserFactory(), now=NOW + timedelta(seconds=20))
    visit = undo(event_id=uuid7(), target=recorded, visit=visit, by=UserFactory(), now=NOW + timedelta(seconds=9))

    assert visit.state == "expected"


def test_what_a_lead_decided_is_taken_back_by_a_lead_alone(visit: Visit, operator: User) -> None:
    decision = uuid7()
    lead = UserFactory(lead_operator=visit.office)
    correct(event_id=decision, visit=visit, kind="absent", note="Pulang.", by=lead, now=NOW)

    with refused("lead_only"):
        undo(event_id=uuid7(), target=decision, visit=visit, by=operator, now=NOW)


def test_a_tablets_vain_undo_of_anothers_words_does_not_stand_in_the_way_of_a_real_one(visit: Visit, operator: User) -> None:
    recorded = uuid7()
    note(visit, "recorded", operator, event_id=recorded)
    vain = NewEvent(id=uuid7(), visit_id=visit.pk, kind="undone", source="device:b", sequence=1, device_at=NOW, target=recorded)
    record_events(events=[vain], visits=[visit], by=operator, now=NOW)
    visit.refresh_from_db()
    assert visit.state == "recorded"

    assert undo(event_id=uuid7(), target=recorded, visit=visit, by=operator, now=NOW).state == "expected"


def test_no_client_speaks_in_the_servers_name_nor_gives_out_its_numbers(visit: Visit, operator: User) -> None:
    def told(**more: Any) -> NewEvent:
        return NewEvent(id=uuid7(), visit_id=visit.pk, kind="arrived", sequence=1, device_at=NOW, **more)

    events = [told(source="web:me"), told(source="device:b", queue_number="7"), told(source="device:b", queue_number="B-07")]
    receipt = record_events(events=events, visits=[visit], by=operator, now=NOW)

    visit.refresh_from_db()
    assert [one.code for one in receipt.refused] == ["source_taken", "event_malformed"]
    assert visit.queue_number == "B-07"


def test_an_arrival_gets_the_next_number_of_the_day_and_no_number_comes_twice(visit: Visit, operator: User) -> None:
    other = VisitFactory(drive=visit.drive, person=PersonFactory())
    arrived = uuid7()

    first = note(visit, "arrived", operator, event_id=arrived).queue_number
    undo(event_id=uuid7(), target=arrived, visit=visit, by=operator, now=NOW)
    second = note(other, "arrived", operator).queue_number
    again = note(visit, "arrived", operator, now=NOW + timedelta(minutes=1))
    next_day = note(VisitFactory(drive=visit.drive, person=PersonFactory()), "arrived", operator, now=NOW + timedelta(days=1))

    assert (first, second, again.queue_number, next_day.queue_number) == ("1", "2", "3", "1")


def test_who_fails_and_waits_again_keeps_the_number_of_the_day(visit: Visit, operator: User) -> None:
    note(visit, "arrived", operator)
    note(visit, "failed", operator, reason="network_down")

    assert note(visit, "arrived", operator, now=NOW + timedelta(minutes=5)).queue_number == "1"


def ikd_at(visit: Visit, *, minimum_age: int | None = 16, needs_printable: bool = False) -> Visit:
    Drive.objects.filter(pk=visit.drive_id).update(ikd_minimum_age=minimum_age, ikd_needs_printable=needs_printable)
    return visit


def test_an_activation_stands_beside_the_recording(visit: Visit, operator: User) -> None:
    ikd_at(visit)
    note(visit, "recorded", operator)
    note(visit, "ikd_failed", operator, reason="no_data")

    visit = note(visit, "ikd_activated", operator, now=NOW + timedelta(minutes=2))

    visit.refresh_from_db()
    assert (visit.state, visit.ikd_state, visit.ikd_reason, visit.ikd_at) == (
        "recorded",
        "ikd_activated",
        "",
        NOW + timedelta(minutes=2),
    )
    assert visit.has_conflict is False


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"minimum_age": None}, "ikd_not_offered"),
        ({"minimum_age": 21}, "ikd_too_young"),
        ({"needs_printable": True}, "ikd_no_card"),
    ],
)
def test_an_activation_is_refused_where_the_office_does_not_allow_it(
    visit: Visit, operator: User, rule: dict[str, Any], code: str
) -> None:
    note(ikd_at(visit, **rule), "recorded", operator)

    with refused(code):
        note(visit, "ikd_activated", operator)


def test_who_is_not_recorded_cannot_activate_and_whose_card_can_be_printed_may(visit: Visit, operator: User) -> None:
    with refused("ikd_no_card"):
        note(ikd_at(visit), "ikd_activated", operator)

    DukcapilStatusFactory(person=visit.person, status="PRINT_READY_RECORD", dated_on=DAY)
    assert note(ikd_at(visit, needs_printable=True), "ikd_activated", operator).ikd_state == "ikd_activated"


def test_an_activation_is_undone_like_every_word_and_then_corrected_by_a_lead_alone(visit: Visit, operator: User) -> None:
    activated = uuid7()
    note(ikd_at(visit), "recorded", operator)
    note(visit, "ikd_activated", operator, event_id=activated)

    assert undo(event_id=uuid7(), target=activated, visit=visit, by=operator, now=NOW).ikd_state == ""
    note(visit, "ikd_activated", operator)
    with refused("outcome_stands"):
        note(visit, "ikd_failed", operator, reason="no_phone")
    lead = UserFactory(lead_operator=visit.office)
    visit = correct(event_id=uuid7(), visit=visit, kind="ikd_failed", note="Ponsel lain.", by=lead, now=NOW)

    assert (visit.state, visit.ikd_state, visit.ikd_reason, visit.has_conflict) == ("recorded", "ikd_failed", "correction", False)


def test_tablets_that_disagree_on_an_activation_are_both_kept_and_flagged(visit: Visit, operator: User) -> None:
    def told(kind: str, source: str, reason: str = "") -> NewEvent:
        return NewEvent(id=uuid7(), visit_id=visit.pk, kind=kind, source=source, sequence=1, device_at=NOW, reason=reason)

    events = [told("ikd_activated", "device:a"), told("ikd_failed", "device:b", "no_phone")]
    record_events(events=events, visits=[visit], by=operator, now=NOW)

    visit.refresh_from_db()
    assert (visit.ikd_state, visit.has_conflict, visit.events.count()) == ("ikd_activated", True, 2)
    lead = UserFactory(lead_operator=visit.office)
    visit = correct(event_id=uuid7(), visit=visit, kind="ikd_failed", note="Sudah dicek.", by=lead, now=NOW)
    assert (visit.ikd_state, visit.has_conflict) == ("ikd_failed", False)


@pytest.mark.parametrize(
    ("kind", "reason", "code"),
    [
        ("failed", "", "reason_missing"),
        ("failed", "sick", "reason_unknown"),
        ("absent", "kit_broken", "reason_unknown"),
        ("recorded", "sick", "reason_unknown"),
        ("served", "", "service_mismatch"),
        ("dancing", "", "kind_unknown"),
    ],
)
def test_an_outcome_takes_only_its_own_reasons(visit: Visit, operator: User, kind: str, reason: str, code: str) -> None:
    with refused(code):
        note(visit, kind, operator, reason=reason)

    assert visit.events.count() == 0


def test_who_is_recorded_elsewhere_is_not_recorded_again(visit: Visit, operator: User) -> None:
    DukcapilStatusFactory(person=visit.person, status="PRINT_READY_RECORD")

    with refused("needs_no_recording"):
        note(visit, "recorded", operator)

    assert note(visit, "already_recorded", operator).state == "already_recorded"


def test_who_is_too_young_on_the_day_is_not_recorded(operator: User) -> None:
    young = an_expected_visit(birth_date=date(2010, 11, 25))

    with refused("too_young"):
        note(young, "recorded", operator)

    assert note(young, "under_age", operator).state == "under_age"


def test_who_turns_sixteen_on_the_day_is_old_enough(operator: User) -> None:
    just = an_expected_visit(birth_date=date(2010, 11, 24))

    with refused("old_enough"):
        note(just, "under_age", operator)

    assert note(just, "recorded", operator).state == "recorded"


def test_another_operator_records_who_was_noted_as_absent_without_a_conflict(visit: Visit, operator: User) -> None:
    note(visit, "absent", operator, reason="unexplained")

    visit = note(visit, "recorded", UserFactory(), now=NOW + timedelta(minutes=5))

    assert (visit.state, visit.has_conflict) == ("recorded", False)


def test_an_operator_does_not_change_recorded_to_something_else(visit: Visit, operator: User) -> None:
    note(visit, "recorded", operator)

    with refused("outcome_stands"):
        note(visit, "failed", operator, reason="biometric")


def test_a_lead_corrects_what_two_tablets_disagree_on(visit: Visit, operator: User) -> None:
    batch = [event(visit, "recorded", source="tablet-1"), event(visit, "failed", source="tablet-2", reason="biometric")]
    record_events(events=batch, visits=[visit], by=operator, now=NOW)
    visit.refresh_from_db()
    assert (visit.state, visit.has_conflict) == ("recorded", True)

    visit = correct(event_id=uuid7(), visit=visit, kind="failed", note="Alat 2 benar.", by=operator, now=NOW)

    assert (visit.state, visit.has_conflict, visit.events.count()) == ("failed", False, 4)


def test_a_correction_needs_a_reason(visit: Visit, operator: User) -> None:
    with refused("reason_missing"):
        correct(event_id=uuid7(), visit=visit, kind="recorded", note=" ", by=operator, now=NOW)


def test_what_is_said_after_the_day_was_closed_is_a_correction_with_both_dates(visit: Visit, operator: User) -> None:
    first = visit.drive.days.get(day=DAY)
    DayClose.objects.create(drive_day=first, office=visit.office, closed_at=NOW, closed_by=operator, tally={})
    late = event(visit, "recorded", at=NOW - timedelta(hours=1))

    record_events(events=[late], visits=[visit], by=operator, now=NOW + timedelta(days=1))

    correction = Correction.objects.get()
    assert (correction.event_id, correction.day, correction.noted_on) == (late.id, DAY, DAY + timedelta(days=1))


def test_an_event_at_an_impossible_time_counts_on_the_day_it_was_received(visit: Visit, operator: User) -> None:
    ahead = event(visit, "recorded", at=NOW + timedelta(days=1, hours=2))

    record_events(events=[ahead], visits=[visit], by=operator, now=NOW)

    visit.refresh_from_db()
    assert (visit.state_on, visit.state_at) == (DAY, NOW)


def test_the_skew_of_a_clock_that_is_two_days_behind_is_taken_out(visit: Visit, operator: User) -> None:
    tomorrow = NOW + timedelta(days=1)
    behind = event(visit, "recorded", at=tomorrow - timedelta(hours=49))

    record_events(events=[behind], visits=[visit], by=operator, now=tomorrow, skew=timedelta(hours=48))

    assert visit.events.get().day == DAY + timedelta(days=1)


def test_a_batch_names_what_it_refuses_and_keeps_the_rest(visit: Visit, operator: User) -> None:
    good, strange = event(visit, "arrived"), event(visit, "failed", reason="sick")
    foreign = event(an_expected_visit(), "recorded")

    receipt = record_events(events=[strange, good, foreign], visits=[visit], by=operator, now=NOW)

    assert receipt.accepted == [good.id]
    assert {one.id: one.code for one in receipt.refused} == {strange.id: "reason_unknown", foreign.id: "visit_unknown"}


def test_two_events_under_one_number_are_not_both_called_accepted(visit: Visit, operator: User) -> None:
    one = event(visit, "arrived", source="tablet-1", sequence=7)
    other = event(visit, "recorded", source="tablet-1", sequence=7)

    receipt = record_events(events=[one, other], visits=[visit], by=operator, now=NOW)

    assert (receipt.accepted, [refusal.code for refusal in receipt.refused]) == ([one.id], ["number_taken"])


def test_a_correction_in_a_batch_is_for_a_lead(visit: Visit, operator: User) -> None:
    decision = event(visit, "failed", reason="correction", note="Salah alat.")

    assert record_events(events=[decision], visits=[visit], by=operator, now=NOW).refused[0].code == "lead_only"
    assert record_events(events=[decision], visits=[visit], by=operator, now=NOW, is_lead=True).accepted == [decision.id]


def test_ten_replays_in_any_order_give_the_same_state(operator: User) -> None:
    visits = [an_expected_visit() for _ in range(3)]
    kinds = ["arrived", "recorded", "failed", "arrived", "absent"]
    reasons = {"failed": "network_down", "absent": "sick"}
    batch = [
        event(visit, kind, source=f"tablet-{number % 2}", sequence=10 * number + place, reason=reasons.get(kind, ""))
        for number, kind in enumerate(kinds)
        for place, visit in enumerate(visits, start=1)
    ]
    chance = random.Random(55)

    states = set()
    for _ in range(10):
        chance.shuffle(batch)
        for part in (batch[:7], batch[7:]):
            record_events(events=part, visits=visits, by=operator, now=NOW)
        states.add(tuple(Visit.objects.order_by("pk").values_list("state", "reason", "has_conflict", "state_at")))

    assert (VisitEvent.objects.count(), len(states)) == (15, 1)


def event(visit: Visit, kind: str, *, source: str = "tablet-1", sequence: int = 0, at: datetime = NOW, **more: Any) -> NewEvent:
    event_id = uuid7()
    number = sequence or event_id.int >> 70
    return NewEvent(id=event_id, visit_id=visit.pk, kind=kind, source=source, sequence=number, device_at=at, **more)


@pytest.mark.django_db(transaction=True)
def test_two_clients_that_send_one_event_at_once_make_one_row() -> None:
    visit = an_expected_visit()
    operator = UserFactory()
    arrivals = [uuid7() for _ in range(12)]

    def send(number: int) -> None:
        for arrival in arrivals:
            record_event(event_id=arrival, visit=visit, kind="failed", reason="biometric", by=operator, now=NOW)

    together(send, send)

    assert VisitEvent.objects.count() == 12


@pytest.mark.django_db(transaction=True)
def test_two_tablets_that_say_different_things_at_once_are_both_kept_and_flagged() -> None:
    visits = [an_expected_visit() for _ in range(10)]
    operator = UserFactory()

    def send(number: int) -> None:
        kind, reason = [("recorded", ""), ("failed", "biometric")][number]
        for visit in visits if number else reversed(visits):
            said = event(visit, kind, source=f"tablet-{number}", reason=reason)
            record_events(events=[said], visits=visits, by=operator, now=NOW)

    together(send, send)

    assert VisitEvent.objects.count() == 20
    assert set(Visit.objects.values_list("state", "has_conflict")) == {("recorded", True)}
    assert connections["default"].is_usable()


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_visit_two_tablets_would_overlook_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    visit, operator, both_have_read = an_expected_visit(), UserFactory(), Barrier(2)
    fold_anew = ledger._fold_anew

    def unlocked(visit_ids: Iterable[UUID]) -> list[Visit]:
        return list(Visit.objects.select_related("drive__office", "person").filter(pk__in=visit_ids))

    def fold_late(*args: Any, **kwargs: Any) -> None:
        both_have_read.wait(timeout=120)
        fold_anew(*args, **kwargs)

    def send(number: int) -> None:
        kind, reason = [("recorded", ""), ("failed", "biometric")][number]
        said = event(visit, kind, source=f"tablet-{number}", reason=reason)
        record_events(events=[said], visits=[visit], by=operator, now=NOW)

    monkeypatch.setattr(actions, "locked", unlocked)
    monkeypatch.setattr(ledger, "_fold_anew", fold_late)
    together(send, send)

    visit.refresh_from_db()
    assert (visit.events.count(), visit.has_conflict) == (2, False)


def test_with_all_that_was_said_the_activation_is_taken_back_too(visit: Visit, operator: User) -> None:
    lead = UserFactory(lead_operator=visit.office)
    note(ikd_at(visit), "recorded", operator)
    note(visit, "ikd_activated", operator)

    visit = correct(event_id=uuid7(), visit=visit, kind="undone", note="Salah orang.", by=lead, now=NOW)

    assert (visit.state, visit.ikd_state, visit.ikd_at) == ("expected", "", None)


def test_a_lead_takes_back_all_that_was_said_and_then_the_arrival_itself(visit: Visit, operator: User) -> None:
    lead = UserFactory(lead_operator=visit.office)
    note(visit, "arrived", operator)
    note(visit, "recorded", operator)
    other = NewEvent(
        id=uuid7(), visit_id=visit.pk, kind="failed", source="device:b", sequence=1, device_at=NOW, reason="biometric"
    )
    record_events(events=[other], visits=[visit], by=operator, now=NOW)

    visit = correct(event_id=uuid7(), visit=visit, kind="undone", note="Salah orang.", by=lead, now=NOW)
    assert (visit.state, visit.has_conflict) == ("present", False)
    visit = correct(event_id=uuid7(), visit=visit, kind="undone", note="Salah orang.", by=lead, now=NOW)
    assert visit.state == "expected"

    visit.person.refresh_from_db()
    assert (visit.person.recorded_on, visit.person.appointments.get().ending) == (None, "")
    with refused("nothing_to_undo"):
        correct(event_id=uuid7(), visit=VisitFactory(drive=visit.drive), kind="undone", note="Apa?", by=lead, now=NOW)

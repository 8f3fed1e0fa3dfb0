"""What must never be false, asked of the database itself."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from drives.models import Appointment, Timeslot, VisitEvent
from tests.factories import (
    NOW,
    AppointmentFactory,
    DriveSessionFactory,
    DukcapilStatusFactory,
    KitDutyFactory,
    KitFactory,
    PersonFactory,
    TimeslotFactory,
    VisitFactory,
    at,
)

pytestmark = pytest.mark.django_db


def refused(constraint: str) -> "pytest.RaisesExc[IntegrityError]":
    return pytest.raises(IntegrityError, match=constraint)


def test_a_timeslot_counts_its_places_through_the_orm_and_raw_sql() -> None:
    slot = TimeslotFactory(places=3)
    first = AppointmentFactory(timeslot=slot)
    AppointmentFactory(timeslot=slot, places=2)

    slot.refresh_from_db()
    assert slot.places_taken == 3

    with connection.cursor() as cursor:
        cursor.execute("UPDATE drives_appointment SET ending = 'cancelled', ended_at = now() WHERE id = %s", [first.pk])
    slot.refresh_from_db()
    assert slot.places_taken == 2

    first.delete()
    slot.refresh_from_db()
    assert slot.places_taken == 2


def test_a_full_timeslot_refuses_one_more() -> None:
    slot = TimeslotFactory(places=1)
    AppointmentFactory(timeslot=slot)

    with refused("timeslot_never_holds_more_than_its_places"), transaction.atomic():
        AppointmentFactory(timeslot=slot)


def test_places_taken_cannot_be_set_by_hand() -> None:
    slot = TimeslotFactory(places=1)
    AppointmentFactory(timeslot=slot)

    with pytest.raises(IntegrityError, match="counted from appointments"), transaction.atomic():
        Timeslot.objects.filter(pk=slot.pk).update(places_taken=0)


def test_a_kept_appointment_still_holds_its_place() -> None:
    slot = TimeslotFactory(places=1)
    appointment = AppointmentFactory(timeslot=slot)

    Appointment.objects.filter(pk=appointment.pk).update(ending="kept", ended_at=NOW)

    slot.refresh_from_db()
    assert slot.places_taken == 1


def test_a_person_has_one_live_appointment_in_a_drive() -> None:
    slot = TimeslotFactory()
    appointment = AppointmentFactory(timeslot=slot)

    with refused("person_has_one_live_appointment_in_a_drive"), transaction.atomic():
        AppointmentFactory(timeslot=slot, person=appointment.person)


def test_who_is_recorded_gets_no_new_appointment() -> None:
    person = PersonFactory()
    DukcapilStatusFactory(person=person, status="PRINT_READY_RECORD")

    with pytest.raises(IntegrityError, match="needs no recording"), transaction.atomic():
        AppointmentFactory(person=person)


def test_an_appointment_stays_in_the_drive_of_its_timeslot() -> None:
    slot, other = TimeslotFactory(), TimeslotFactory()

    with refused("appointment_stays_in_its_drive"), transaction.atomic():
        AppointmentFactory(timeslot=slot, drive=other.drive)


def test_a_timeslot_lies_inside_its_session_also_when_the_session_shrinks() -> None:
    session = DriveSessionFactory()
    TimeslotFactory(session=session, starts_at=session.ends_at - timedelta(minutes=30))

    session.ends_at -= timedelta(minutes=15)
    with refused("timeslot_lies_inside_its_session"), transaction.atomic():
        session.save()

    with refused("timeslot_lies_inside_its_session"), transaction.atomic():
        TimeslotFactory(session=session, starts_at=session.starts_at - timedelta(minutes=30))


def test_a_timeslot_cannot_claim_other_hours_than_its_session_has() -> None:
    session = DriveSessionFactory()

    with refused("timeslot_follows_its_session"), transaction.atomic():
        TimeslotFactory(session=session, session_ends_at=session.ends_at + timedelta(hours=2), starts_at=session.ends_at)


def test_timeslots_of_a_day_do_not_overlap() -> None:
    slot = TimeslotFactory()

    with refused("timeslots_of_a_day_do_not_overlap"), transaction.atomic():
        TimeslotFactory(session=slot.session, starts_at=slot.starts_at + timedelta(minutes=10))


def test_a_kit_is_in_one_place_at_a_time_and_may_serve_two_schools_a_day() -> None:
    kit, day = KitFactory(), date(2026, 11, 24)
    KitDutyFactory(kit=kit, starts_at=at(day, "07.00"), ends_at=at(day, "10.00"))
    KitDutyFactory(kit=kit, starts_at=at(day, "10.00"), ends_at=at(day, "13.00"))

    with refused("kit_is_in_one_place_at_a_time"), transaction.atomic():
        KitDutyFactory(kit=kit, starts_at=at(day, "09.00"), ends_at=at(day, "11.00"))


def test_a_released_kit_may_go_elsewhere() -> None:
    kit = KitFactory()
    KitDutyFactory(kit=kit, released_at=NOW)

    assert KitDutyFactory(kit=kit).pk


def test_an_event_is_never_changed_or_deleted() -> None:
    visit = VisitFactory()
    event = VisitEvent.objects.create(
        id=visit.pk,
        visit=visit,
        drive=visit.drive,
        office=visit.office,
        kind="arrived",
        source="test",
        source_sequence=1,
        device_at=NOW,
        received_at=NOW,
        day=NOW.date(),
    )

    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        VisitEvent.objects.filter(pk=event.pk).update(kind="recorded")
    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        VisitEvent.objects.filter(pk=event.pk).delete()

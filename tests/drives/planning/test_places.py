"""Who gets a place, and how places are moved and freed."""

from datetime import date, timedelta

import pytest

from drives.models import Appointment, Drive, Timeslot, Visit
from drives.planning.actions import (
    assign_everybody,
    create_drive,
    free_place,
    move_appointment,
    move_many,
    place_people,
    preview_assignment,
)
from schools.models import School, User
from students.models import Person
from tests.drives.planning.pupils import (
    AGED_17,
    FRIDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    make_class,
    make_kits,
    plan,
    refused,
)
from tests.factories import (
    AppointmentFactory,
    DukcapilStatusFactory,
    OfficeFactory,
    SchoolFactory,
    VisitFactory,
    at,
)

pytestmark = pytest.mark.django_db


# Who gets a place


def test_whoever_is_recorded_or_seen_or_scheduled_elsewhere_gets_no_place(school: School, drive: Drive) -> None:
    recorded, seen, elsewhere, *others = Person.objects.filter(school=school).order_by("pk")
    DukcapilStatusFactory(person=recorded)
    VisitFactory(drive=drive, person=seen, state=Visit.State.ABSENT)
    make_kits(1, office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat"))
    AppointmentFactory(person=elsewhere)

    assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert set(Appointment.objects.live().filter(drive=drive).values_list("person", flat=True)) == {each.pk for each in others}


def test_nobody_sits_on_a_day_on_which_they_are_too_young(drive: Drive, school: School) -> None:
    young = make_class(school, "X MERDEKA 1", [WEDNESDAY.replace(year=2010), date(2010, 11, 27)], grade=10)

    placement = assign_everybody(drive=drive, by=None, now=FRIDAY)

    (only,) = Appointment.objects.live().filter(class_group=young).select_related("timeslot")
    assert only.timeslot.starts_at >= at(WEDNESDAY, "00.00")
    assert dict(placement.assignment.explain.left_over) == {"too_young": 1}


def test_extra_time_takes_its_places_in_one_timeslot(drive: Drive, school: School) -> None:
    person = Person.objects.filter(school=school).order_by("pk")[0]
    Person.objects.filter(pk=person.pk).update(places_needed=2)

    assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert Appointment.objects.live().get(person=person).places == 2


def test_a_class_alone_is_placed_and_the_rest_waits(drive: Drive, school: School) -> None:
    group = school.class_groups.get(name="XI MERDEKA 2")

    assign_everybody(drive=drive, by=None, now=FRIDAY, classes=[group.pk])

    assert set(Appointment.objects.live().values_list("class_group", flat=True)) == {group.pk}
    assert Appointment.objects.live().count() == 4


def test_a_preview_writes_nothing_and_tells_what_will_be(drive: Drive) -> None:
    preview = preview_assignment(drive=drive, now=FRIDAY)

    assert Appointment.objects.count() == 0
    assert assign_everybody(drive=drive, by=None, now=FRIDAY, seen_board=preview.board).new == preview.new


def test_assigning_twice_changes_nothing(drive: Drive, planner: User) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    before = set(Appointment.objects.values_list("pk", "timeslot"))

    again = assign_everybody(drive=drive, by=planner, now=FRIDAY)

    assert again.new == {}
    assert set(Appointment.objects.values_list("pk", "timeslot")) == before
    assert drive.steps.count() == 1


def test_a_preview_that_is_out_of_date_is_refused(drive: Drive, school: School) -> None:
    preview = preview_assignment(drive=drive, now=FRIDAY)
    assign_everybody(drive=drive, by=None, now=FRIDAY, classes=[school.class_groups.get(name="XI MERDEKA 2").pk])

    with refused("changed_meanwhile"):
        assign_everybody(drive=drive, by=None, now=FRIDAY + timedelta(minutes=1), seen_board=preview.board)


def test_a_moved_person_stays_when_others_are_assigned(drive: Drive, school: School, planner: User) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY, classes=[school.class_groups.get(name="XI MERDEKA 1").pk])
    moved = Appointment.objects.live().order_by("pk")[0]
    last = drive.timeslots.order_by("-starts_at")[0]
    move_appointment(appointment=moved, to=last, by=planner, now=FRIDAY)

    assign_everybody(drive=drive, by=planner, now=FRIDAY)

    assert Appointment.objects.live().get(person=moved.person).timeslot == last


def test_a_timeslot_that_has_begun_takes_nobody(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=at(TUESDAY, "09.10"))

    assert not Appointment.objects.live().filter(timeslot__starts_at__lt=at(TUESDAY, "09.30")).exists()


def test_a_visit_outlives_a_freed_place(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=FRIDAY)
    appointment = Appointment.objects.live().order_by("pk")[0]
    token = Visit.objects.get(drive=drive, person=appointment.person).token
    free_place(appointment=appointment, by=None, now=FRIDAY)

    assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert Visit.objects.get(drive=drive, person=appointment.person).token == token


def test_codes_are_six_letters_that_differ_within_the_drive(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=FRIDAY)

    codes = list(Visit.objects.filter(drive=drive).values_list("code", flat=True))
    assert len(set(codes)) == len(codes) == 14
    assert {len(code) for code in codes} == {6}


# Moving and freeing


def test_a_move_ends_the_old_appointment_and_pins_the_new_one(board: Drive, planner: User) -> None:
    old = Appointment.objects.live().order_by("pk")[0]
    last = board.timeslots.order_by("-starts_at")[0]

    new = move_appointment(appointment=old, to=last, by=planner, now=FRIDAY)

    old.refresh_from_db()
    assert (old.ending, old.ended_at) == ("moved", FRIDAY)
    assert (new.timeslot, new.moved_from, new.is_pinned, new.created_by) == (last, old, True, planner)
    last.refresh_from_db()
    assert last.places_taken == 1


def test_moving_again_to_the_same_timeslot_changes_nothing(board: Drive, planner: User) -> None:
    old = Appointment.objects.live().order_by("pk")[0]
    last = board.timeslots.order_by("-starts_at")[0]
    new = move_appointment(appointment=old, to=last, by=planner, now=FRIDAY)

    again = move_appointment(appointment=old, to=last, by=planner, now=FRIDAY)

    assert again == new
    assert board.steps.count() == 2


def test_moving_somebody_whom_another_planner_moved_is_refused(board: Drive, planner: User) -> None:
    old = Appointment.objects.live().order_by("pk")[0]
    *_, before_last, last = board.timeslots.order_by("starts_at")
    move_appointment(appointment=old, to=last, by=planner, now=FRIDAY)

    with refused("changed_meanwhile"):
        move_appointment(appointment=old, to=before_last, by=planner, now=FRIDAY)


def test_a_full_timeslot_refuses_and_nobody_moves(board: Drive, planner: User) -> None:
    full = next(slot for slot in board.timeslots.order_by("starts_at") if slot.is_full)
    others = Appointment.objects.live().exclude(timeslot=full).values_list("pk", flat=True)[:2]
    before = set(Appointment.objects.live().values_list("pk", flat=True))

    with refused("timeslot_full"):
        move_many(drive=board, appointments=list(others), to=full, by=planner, now=FRIDAY)

    assert set(Appointment.objects.live().values_list("pk", flat=True)) == before


def test_a_timeslot_of_another_drive_is_refused(board: Drive) -> None:
    make_kits(1, office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat"))
    other = create_drive(
        school=SchoolFactory(office=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat")),
        plan=plan(kits=1),
        by=None,
        now=FRIDAY,
    )
    appointment = Appointment.objects.live().order_by("pk")[0]

    with refused("other_drive"):
        move_appointment(appointment=appointment, to=other.timeslots.order_by("pk")[0], by=None, now=FRIDAY)


def test_a_timeslot_that_has_begun_refuses(board: Drive) -> None:
    appointment = Appointment.objects.live().order_by("-timeslot__starts_at")[0]
    first = board.timeslots.order_by("starts_at")[0]

    with refused("timeslot_over"):
        move_appointment(appointment=appointment, to=first, by=None, now=at(TUESDAY, "07.05"))


def test_who_is_too_young_on_the_day_is_not_moved_there(board: Drive, school: School) -> None:
    young = make_class(school, "X MERDEKA 1", [THURSDAY.replace(year=2010)], grade=10)
    assign_everybody(drive=board, by=None, now=FRIDAY)
    appointment = Appointment.objects.live().get(class_group=young)
    early = next(slot for slot in board.timeslots.order_by("starts_at") if not slot.is_full)

    with refused("too_young_on_day"):
        move_appointment(appointment=appointment, to=early, by=None, now=FRIDAY)


def test_a_freed_place_is_free_and_freeing_twice_is_one_step(board: Drive, planner: User) -> None:
    appointment = Appointment.objects.live().select_related("timeslot").order_by("pk")[0]
    taken = appointment.timeslot.places_taken

    free_place(appointment=appointment, by=planner, now=FRIDAY)
    free_place(appointment=appointment, by=planner, now=FRIDAY)

    appointment.refresh_from_db()
    left = Timeslot.objects.get(pk=appointment.timeslot_id).places_taken
    assert (appointment.ending, left) == ("cancelled", taken - 1)
    assert board.steps.count() == 2


def test_somebody_who_waits_is_placed_by_hand(board: Drive, planner: User) -> None:
    appointment = Appointment.objects.live().order_by("pk")[0]
    free_place(appointment=appointment, by=planner, now=FRIDAY)
    last = board.timeslots.order_by("-starts_at")[0]

    (placed,) = place_people(drive=board, people=[appointment.person_id], to=last, by=planner, now=FRIDAY)

    assert (placed.timeslot, placed.is_pinned) == (last, True)
    assert place_people(drive=board, people=[appointment.person_id], to=last, by=planner, now=FRIDAY) == []


def test_somebody_of_another_school_is_not_placed(board: Drive) -> None:
    stranger = make_class(SchoolFactory(), "XI MERDEKA 1", [AGED_17]).enrolments.get().person

    with refused("not_waiting"):
        place_people(drive=board, people=[stranger.pk], to=board.timeslots.order_by("-starts_at")[0], by=None, now=FRIDAY)

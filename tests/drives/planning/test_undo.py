"""Taking back the last step on a board."""

from datetime import timedelta

import pytest

from drives.models import Appointment, Drive, Timeslot
from drives.planning.actions import (
    assign_everybody,
    free_place,
    last_step,
    move_appointment,
    publish_drive,
    undo,
)
from schools.models import School, User
from tests.drives.planning.pupils import (
    FRIDAY,
    refused,
)
from tests.factories import (
    UserFactory,
)

pytestmark = pytest.mark.django_db


# Undo


def test_undoing_an_assignment_empties_the_board(board: Drive, planner: User) -> None:
    step = last_step(board, by=planner)
    assert step is not None

    undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY)

    assert Appointment.objects.live().count() == 0
    assert sum(Timeslot.objects.values_list("places_taken", flat=True)) == 0


def test_what_was_published_is_not_undone_in_one_tap(board: Drive, planner: User) -> None:
    assign_everybody(drive=board, by=planner, now=FRIDAY)
    before = last_step(board, by=planner)
    assert before is not None
    published = publish_drive(drive=board, by=planner, now=FRIDAY + timedelta(minutes=1))

    assert last_step(published, by=planner) is None
    with refused("changed_meanwhile"):
        undo(drive=published, step_id=before.pk, by=planner, now=FRIDAY + timedelta(minutes=2))


def test_steps_are_undone_one_after_the_other(board: Drive, planner: User) -> None:
    before = set(Appointment.objects.live().values_list("pk", "timeslot"))
    appointment = Appointment.objects.live().order_by("pk")[0]
    last = board.timeslots.order_by("-starts_at")[0]
    moved = move_appointment(appointment=appointment, to=last, by=planner, now=FRIDAY + timedelta(minutes=1))
    free_place(appointment=moved, by=planner, now=FRIDAY + timedelta(minutes=2))

    for _time in range(2):
        step = last_step(board, by=planner)
        assert step is not None
        undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY + timedelta(minutes=3))

    assert set(Appointment.objects.live().values_list("pk", "timeslot")) == before


def test_undoing_twice_undoes_once(board: Drive, planner: User) -> None:
    step = last_step(board, by=planner)
    assert step is not None
    undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY)
    assign_everybody(drive=board, by=UserFactory(planner=board.office), now=FRIDAY)

    undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY)

    assert Appointment.objects.live().count() == 14


def test_what_another_planner_has_touched_since_is_not_undone(board: Drive, planner: User) -> None:
    appointment = Appointment.objects.live().order_by("pk")[0]
    free_place(appointment=appointment, by=UserFactory(planner=board.office), now=FRIDAY)
    step = last_step(board, by=planner)
    assert step is not None

    with refused("changed_meanwhile"):
        undo(drive=board, step_id=step.pk, by=planner, now=FRIDAY)


def test_nobody_undoes_the_step_of_another(board: Drive, planner: User) -> None:
    step = last_step(board, by=planner)
    assert step is not None

    with refused("nothing_to_undo"):
        undo(drive=board, step_id=step.pk, by=UserFactory(planner=board.office), now=FRIDAY)


def test_a_place_that_was_taken_since_is_not_taken_back(drive: Drive, planner: User, school: School) -> None:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    full = next(slot for slot in drive.timeslots.order_by("starts_at") if slot.is_full)
    appointment = Appointment.objects.live().filter(timeslot=full).order_by("pk")[0]
    free_place(appointment=appointment, by=planner, now=FRIDAY + timedelta(minutes=1))
    other = Appointment.objects.live().exclude(timeslot=full).order_by("pk")[0]
    move_appointment(appointment=other, to=full, by=UserFactory(planner=drive.office), now=FRIDAY + timedelta(minutes=2))
    step = last_step(drive, by=planner)
    assert step is not None

    with refused("timeslot_taken"):
        undo(drive=drive, step_id=step.pk, by=planner, now=FRIDAY + timedelta(minutes=3))

    appointment.refresh_from_db()
    assert appointment.ending == "cancelled"

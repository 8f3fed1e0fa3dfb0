"""Two planners at the same moment: one of them is refused with a sentence, and nothing is ever too much."""

import threading
from collections.abc import Callable

import pytest

from drives.models import Appointment, Drive, KitDuty, Timeslot
from drives.planning import checks
from drives.planning.actions import assign_everybody, create_drive, drafts, move_appointment, undo
from tests.drives.planning.pupils import FRIDAY, MORNING, TUESDAY, make_kits, make_school, plan
from tests.factories import SchoolFactory, UserFactory
from tests.together import outcomes_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drive() -> Drive:
    make_kits(1)
    school = make_school({"XI MERDEKA 1": (4, 0)})
    return create_drive(school=school, plan=plan(kits=1, days=(TUESDAY,), sessions=(MORNING,)), by=None, now=FRIDAY)


def test_of_two_who_want_the_last_place_one_is_refused(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=FRIDAY)
    last = drive.timeslots.order_by("-starts_at")[0]
    Timeslot.objects.filter(pk=last.pk).update(places=1)
    one, other = Appointment.objects.live().order_by("pk")[:2]

    outcomes = outcomes_of(
        lambda: move_appointment(appointment=one, to=last, by=None, now=FRIDAY),
        lambda: move_appointment(appointment=other, to=last, by=None, now=FRIDAY),
    )

    assert outcomes == ["done", "timeslot_full"]
    assert Appointment.objects.live().filter(timeslot=last).count() == 1


def test_assigning_twice_at_once_gives_everybody_one_place(drive: Drive) -> None:
    outcomes = outcomes_of(*[lambda: assign_everybody(drive=drive, by=None, now=FRIDAY)] * 2)

    assert outcomes == ["done", "done"]
    assert Appointment.objects.count() == 4


def test_undoing_twice_at_once_undoes_once(drive: Drive) -> None:
    planner = UserFactory(planner=drive.office)
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    step = drive.steps.get()

    outcomes = outcomes_of(*[lambda: undo(drive=drive, step_id=step.pk, by=planner, now=FRIDAY)] * 2)

    assert outcomes == ["done", "done"]
    assert Appointment.objects.live().count() == 0


def two_drives_with_one_kit() -> list[str]:
    (kit,) = make_kits(1)
    schools = [SchoolFactory(name="SMAN 8 Jakarta"), SchoolFactory(name="SMAN 3 Jakarta")]
    wish = plan(kit_ids=frozenset({kit.pk}))

    def make(number: int) -> Callable[[], object]:
        return lambda: create_drive(school=schools[number], plan=wish, by=None, now=FRIDAY)

    return outcomes_of(make(0), make(1))


def test_one_kit_wanted_by_two_drives_at_once_goes_to_one() -> None:
    assert two_drives_with_one_kit() == ["done", "kit_elsewhere"]

    assert Drive.objects.count() == 1
    assert KitDuty.objects.count() == 3


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the kits were not held: both have looked before either writes."""
    looked = threading.Barrier(2)
    seen = checks.check_kit_states

    def look(*args: object) -> None:
        seen(*args)  # type: ignore[arg-type]
        if looked.n_waiting < 2 and not looked.broken and threading.current_thread() not in waited:
            waited.add(threading.current_thread())
            looked.wait(120)

    waited: set[threading.Thread] = set()
    monkeypatch.setattr(drafts, "hold_kits", lambda office: None)
    monkeypatch.setattr(drafts, "check_kit_states", look)


@pytest.mark.usefixtures("without_locks")
def test_without_the_lock_the_constraint_has_the_last_word() -> None:
    assert two_drives_with_one_kit() == ["done", "kit_elsewhere"]

    assert KitDuty.objects.count() == 3


def test_a_second_press_of_save_gives_the_first_drive(drive: Drive) -> None:
    assert drive.school is not None
    school = drive.school

    again = create_drive(school=school, plan=plan(kits=1), by=None, now=FRIDAY, drive_id=drive.pk)

    assert again == drive
    assert Drive.objects.count() == 1

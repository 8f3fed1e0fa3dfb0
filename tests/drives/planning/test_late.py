"""Swapping, pinning, and the question that is asked before people are moved who know their time."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from drives.models import Appointment, Drive, Notice, Printout, Timeslot
from drives.planning.actions import (
    assign_everybody,
    create_drive,
    free_place,
    last_step,
    move_appointment,
    publish_drive,
    set_pins,
    swap_places,
    undo,
)
from drives.planning.printed import stale_prints
from schools.models import BellTime, Closure, User
from tests.drives.planning.pupils import FRIDAY, MORNING, TUESDAY, make_kits, make_school, plan, refused
from tests.factories import OfficeFactory, UserFactory, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def planner(client: Client) -> User:
    user = UserFactory(planner=OfficeFactory())
    client.force_login(user)
    return user


@pytest.fixture
def drive(planner: User) -> Drive:
    """One kit, one morning: fifteen places in six timeslots, all of them taken."""
    make_kits(1)
    school = make_school({"XI MERDEKA 1": (8, 0), "XI MERDEKA 2": (7, 0)})
    found = create_drive(school=school, plan=plan(kits=1, days=(TUESDAY,), sessions=(MORNING,)), by=planner, now=FRIDAY)
    assign_everybody(drive=found, by=planner, now=FRIDAY)
    return found


def of_slot(number: int) -> list[Appointment]:
    slot = Timeslot.objects.order_by("starts_at")[number]
    return list(Appointment.objects.live().filter(timeslot=slot).order_by("pk"))


def hours() -> dict[Any, Any]:
    return dict(Appointment.objects.live().values_list("person", "timeslot"))


# Swapping


def test_two_classes_take_each_others_hour_though_both_timeslots_are_full(drive: Drive, planner: User) -> None:
    first, second = of_slot(1), of_slot(3)
    assert all(slot.is_full for slot in Timeslot.objects.all())

    swap_places(drive=drive, here=[each.pk for each in first], there=[each.pk for each in second], by=planner, now=FRIDAY)

    assert {each.person_id for each in of_slot(1)} == {each.person_id for each in second}
    assert {each.person_id for each in of_slot(3)} == {each.person_id for each in first}
    assert all(each.is_pinned for each in of_slot(1))


def test_a_swap_is_undone_in_one_step(drive: Drive, planner: User) -> None:
    before = hours()
    swap_places(drive=drive, here=[of_slot(0)[0].pk], there=[of_slot(5)[0].pk], by=planner, now=FRIDAY + timedelta(minutes=1))
    step = last_step(drive, by=planner)
    assert step
    assert hours() != before

    undo(drive=drive, step_id=step.pk, by=planner, now=FRIDAY + timedelta(minutes=2))

    assert hours() == before


def test_a_second_press_swaps_nobody_back(drive: Drive, planner: User) -> None:
    here, there = [of_slot(0)[0].pk], [of_slot(5)[0].pk]
    swap_places(drive=drive, here=here, there=there, by=planner, now=FRIDAY)
    after = hours()

    swap_places(drive=drive, here=here, there=there, by=planner, now=FRIDAY)

    assert hours() == after
    assert drive.steps.filter(kind="swapped").count() == 1


def test_two_for_one_needs_the_room(drive: Drive, planner: User) -> None:
    sizes = {number: len(of_slot(number)) for number in range(6)}
    two, three = next(n for n in sizes if sizes[n] == 2), next(n for n in sizes if sizes[n] == 3)
    before = hours()

    with refused("timeslot_full"):
        swap_places(
            drive=drive,
            here=[each.pk for each in of_slot(three)],
            there=[each.pk for each in of_slot(two)],
            by=planner,
            now=FRIDAY,
        )

    assert hours() == before


@pytest.mark.parametrize(("here", "there", "code"), [(0, None, "nobody_chosen"), (0, 0, "same_timeslot")])
def test_a_swap_needs_two_sides(drive: Drive, planner: User, here: int, there: int | None, code: str) -> None:
    first = of_slot(here)[0].pk
    second = [] if there is None else [of_slot(there)[1].pk]

    with refused(code):
        swap_places(drive=drive, here=[first], there=second, by=planner, now=FRIDAY)


def test_who_was_moved_in_between_is_not_swapped(drive: Drive, planner: User) -> None:
    first, second = of_slot(0)[0], of_slot(5)[0]
    free_place(appointment=first, by=planner, now=FRIDAY)

    with refused("changed_meanwhile"):
        swap_places(drive=drive, here=[first.pk], there=[second.pk], by=planner, now=FRIDAY)


def test_a_timeslot_that_has_begun_takes_nobody(drive: Drive, planner: User) -> None:
    with refused("timeslot_over"):
        swap_places(drive=drive, here=[of_slot(0)[0].pk], there=[of_slot(5)[0].pk], by=planner, now=at(TUESDAY, "07.05"))


def test_the_page_swaps_two_persons(client: Client, drive: Drive, planner: User) -> None:
    first, second = of_slot(0)[0], of_slot(5)[0]
    url = reverse("drives:timeslot_swap", args=[drive.pk, first.timeslot_id])
    page = client.get(url, {"with": str(second.timeslot_id), "appointment": str(first.pk)}).content.decode()
    assert f'value="{first.pk}" checked' in page

    client.post(url, {"with": second.timeslot_id, "appointment": first.pk, "there": second.pk})

    assert hours()[first.person_id] == second.timeslot_id
    assert hours()[second.person_id] == first.timeslot_id


# Pinning


def test_pins_are_set_and_let_go(client: Client, drive: Drive) -> None:
    chosen = of_slot(0)[0]
    url = reverse("drives:timeslot_pin", args=[drive.pk, chosen.timeslot_id])

    client.post(url, {"appointment": chosen.pk, "pin": "1"})
    assert Appointment.objects.get(pk=chosen.pk).is_pinned
    page = client.get(reverse("drives:slot_board", args=[drive.pk])).content.decode()
    assert "1 disematkan" in page

    client.post(url, {"appointment": chosen.pk, "pin": "0"})
    assert not Appointment.objects.get(pk=chosen.pk).is_pinned


def test_pinning_nobody_is_refused(drive: Drive, planner: User) -> None:
    with refused("nobody_chosen"):
        set_pins(drive=drive, appointments=[], is_pinned=True, by=planner, now=FRIDAY)


# Printed already


def printed(client: Client, drive: Drive, **wanted: str) -> int:
    response = client.get(reverse("drives:print_slips", args=[drive.pk]), wanted)
    return response.status_code


def test_slips_of_who_was_moved_since_are_printed_alone(client: Client, drive: Drive, planner: User) -> None:
    assert printed(client, drive) == 200
    assert client.get(reverse("drives:class_sheet", args=[drive.pk])).status_code == 200
    assert (stale_prints(drive).count, Printout.objects.count()) == (0, 17)
    first, second = of_slot(0)[0], of_slot(5)[0]
    swap_places(drive=drive, here=[first.pk], there=[second.pk], by=planner, now=FRIDAY)

    index = client.get(reverse("drives:print_index", args=[drive.pk])).content.decode()
    assert stale_prints(drive).slips == {first.person_id, second.person_id}
    assert f"Berubah sejak dicetak: {stale_prints(drive).count} lembar" in index
    assert printed(client, drive, changed="1") == 200
    assert client.get(reverse("drives:class_sheet", args=[drive.pk]), {"changed": "1"}).status_code == 200

    assert stale_prints(drive).count == 0
    assert printed(client, drive, changed="1") == 404


def test_a_slip_of_who_has_no_place_any_more_is_to_be_collected(client: Client, drive: Drive, planner: User) -> None:
    printed(client, drive)

    free_place(appointment=of_slot(0)[0], by=planner, now=FRIDAY)

    assert (stale_prints(drive).without_place, len(stale_prints(drive).slips)) == (1, 0)


def test_moved_and_moved_back_the_slip_is_right_again(client: Client, drive: Drive, planner: User) -> None:
    printed(client, drive)
    last = of_slot(5)[0]
    free_place(appointment=of_slot(0)[0], by=planner, now=FRIDAY)
    first, home = Timeslot.objects.order_by("starts_at")[0], last.timeslot
    moved = move_appointment(appointment=last, to=first, by=planner, now=FRIDAY)
    assert stale_prints(drive).slips == {last.person_id}

    move_appointment(appointment=moved, to=home, by=planner, now=FRIDAY)

    assert stale_prints(drive).slips == frozenset()


# Asked before it is changed


@pytest.mark.parametrize("kind", ["move", "free"])
def test_once_printed_a_change_is_asked_for_with_what_must_be_printed_anew(client: Client, drive: Drive, kind: str) -> None:
    chosen, target = of_slot(0)[0], of_slot(5)[0]
    printed(client, drive)
    Appointment.objects.filter(pk=of_slot(5)[1].pk).update(ending="cancelled", ended_at=FRIDAY)
    url = reverse(f"drives:timeslot_{kind}", args=[drive.pk, chosen.timeslot_id])
    wish = {"appointment": str(chosen.pk), "to": str(target.timeslot_id)}
    before = hours()

    asked = client.post(url, wish)

    page = asked.content.decode()
    assert asked.status_code == 200
    assert f"1 slip sudah dicetak dan harus dicetak ulang: {chosen.person.name}" in " ".join(page.split())
    assert hours() == before
    client.post(url, wish | {"confirmed": "1"})
    assert hours() != before


def test_once_published_a_swap_says_what_was_sent(client: Client, drive: Drive, planner: User) -> None:
    publish_drive(drive=drive, by=planner, now=FRIDAY)
    first, second = of_slot(0)[0], of_slot(5)[0]
    Notice.objects.create(
        kind="published",
        channel="email",
        subject_kind="class",
        subject_id=first.pk,
        recipient="wali@sekolah.example",
        drive=drive,
        class_group=first.class_group,
        office=drive.office,
        created_at=FRIDAY,
        due_at=FRIDAY,
        claimed_at=FRIDAY,
        sent_at=FRIDAY,
    )
    url = reverse("drives:timeslot_swap", args=[drive.pk, first.timeslot_id])
    before = hours()

    page = client.post(url, {"with": second.timeslot_id, "appointment": first.pk, "there": second.pk}).content.decode()

    assert "1 alamat kelas-kelas ini sudah menerima surelnya." in page
    assert "Belum ada yang dicetak tentang mereka di sini." in page
    assert hours() == before


def test_a_draft_of_which_nothing_is_printed_is_changed_without_a_question(client: Client, drive: Drive) -> None:
    chosen = of_slot(0)[0]

    client.post(reverse("drives:timeslot_free", args=[drive.pk, chosen.timeslot_id]), {"appointment": chosen.pk})

    assert chosen.person_id not in hours()


def test_undoing_what_was_printed_since_asks_first(client: Client, drive: Drive, planner: User) -> None:
    first, second = of_slot(0)[0], of_slot(5)[0]
    swap_places(drive=drive, here=[first.pk], there=[second.pk], by=planner, now=FRIDAY + timedelta(minutes=1))
    step = last_step(drive, by=planner)
    assert step
    printed(client, drive)
    url, after = reverse("drives:drive_undo", args=[drive.pk]), hours()

    page = " ".join(client.post(url, {"step": step.pk}).content.decode().split())

    assert "2 slip sudah dicetak dan harus dicetak ulang:" in page
    assert hours() == after
    client.post(url, {"step": step.pk, "confirmed": "1"})
    assert hours() != after


def test_undoing_asks_nothing_where_nothing_is_printed(client: Client, drive: Drive, planner: User) -> None:
    free_place(appointment=of_slot(0)[0], by=planner, now=FRIDAY + timedelta(minutes=1))
    step, freed = last_step(drive, by=planner), hours()
    assert step

    client.post(reverse("drives:drive_undo", args=[drive.pk]), {"step": step.pk})

    assert len(hours()) == len(freed) + 1


def test_placing_beside_a_printed_class_sheet_asks_first(client: Client, drive: Drive, planner: User) -> None:
    gone = of_slot(0)[0]
    free_place(appointment=gone, by=planner, now=FRIDAY)
    assert client.get(reverse("drives:class_sheet", args=[drive.pk])).status_code == 200
    url = reverse("drives:timeslot_place", args=[drive.pk, gone.timeslot_id])

    page = client.post(url, {"person": gone.person_id}).content.decode()

    assert f"1 lembar kelas sudah dicetak dan harus dicetak ulang: {gone.class_group}" in " ".join(page.split())
    assert gone.person_id not in hours()
    client.post(url, {"person": gone.person_id, "confirmed": "1"})
    assert hours()[gone.person_id] == gone.timeslot_id


def test_an_attendance_sheet_and_a_letter_are_noted_as_printed(client: Client, drive: Drive, planner: User) -> None:
    publish_drive(drive=drive, by=planner, now=FRIDAY)
    day = drive.days.get()
    for url in (
        reverse("drives:print_attendance", args=[drive.pk, day.pk]),
        reverse("drives:print_letter", args=[drive.pk]),
    ):
        assert [client.get(url).status_code for _time in range(2)] == [200, 200]
    assert (stale_prints(drive).count, Printout.objects.count()) == (0, 2)
    first, second = of_slot(0)[0], of_slot(5)[0]

    swap_places(drive=drive, here=[first.pk], there=[second.pk], by=planner, now=FRIDAY)
    moved = stale_prints(drive)
    free_place(appointment=of_slot(1)[0], by=planner, now=FRIDAY)
    freed = stale_prints(drive)

    assert (moved.attendance, moved.letter) == (frozenset({day.pk}), False)
    assert (freed.attendance, freed.letter) == (frozenset({day.pk}), True)
    page = client.get(reverse("drives:print_index", args=[drive.pk])).content.decode()
    assert "Daftar hadir 1 hari harus dicetak ulang." in page
    assert page.count("berubah sejak dicetak") == 2


def test_moving_asks_about_a_printed_attendance_sheet(client: Client, drive: Drive, planner: User) -> None:
    publish_drive(drive=drive, by=planner, now=FRIDAY)
    client.get(reverse("drives:print_attendance", args=[drive.pk, drive.days.get().pk]))
    chosen = of_slot(0)[0]

    page = client.post(
        reverse("drives:timeslot_free", args=[drive.pk, chosen.timeslot_id]), {"appointment": chosen.pk}
    ).content.decode()

    assert "Daftar hadir Selasa, 24 November 2026 sudah dicetak dan harus dicetak ulang." in page


# An hour that is closed to them


def hour_taken(drive: Drive, number: int) -> Timeslot:
    """The timeslot with that number, with a place to spare."""
    slot = Timeslot.objects.order_by("starts_at")[number]
    Appointment.objects.filter(pk=of_slot(number)[0].pk).update(ending="cancelled", ended_at=FRIDAY)
    return slot


@pytest.mark.parametrize(
    ("closure", "is_asked"),
    [
        ({"class_names": ["{own}"]}, True),
        ({"class_names": ["X MERDEKA 9"]}, False),
        ({"grades": [11]}, True),
        ({"grades": [12]}, False),
        ({"starts_at": "09:30", "ends_at": "10:00"}, True),
        ({"starts_at": "07:00", "ends_at": "08:00"}, False),
    ],
)
def test_a_closed_hour_is_warned_of_with_its_reason(
    client: Client, drive: Drive, closure: dict[str, Any], is_asked: bool
) -> None:
    chosen = of_slot(0)[0]
    assert chosen.class_group
    name = chosen.class_group.name
    if "class_names" in closure:
        closure = {"class_names": [each.format(own=name) for each in closure["class_names"]]}
    target = hour_taken(drive, 5)
    Closure.objects.create(school=drive.school, starts_on=TUESDAY, ends_on=TUESDAY, reason="Ujian praktik", **closure)
    url = reverse("drives:timeslot_move", args=[drive.pk, chosen.timeslot_id])
    wish = {"appointment": str(chosen.pk), "to": str(target.pk)}

    page = client.post(url, wish).content.decode()

    assert (f"{name} (1 siswa) berhalangan Selasa, 24 November 2026, 09.30–10.00: Ujian praktik." in page) == is_asked
    assert (hours()[chosen.person_id] == target.pk) != is_asked
    client.post(url, wish | {"confirmed": "1"})
    assert hours()[chosen.person_id] == target.pk


def test_an_hour_outside_the_lessons_is_warned_of(client: Client, drive: Drive) -> None:
    chosen, target = of_slot(0)[0], hour_taken(drive, 5)
    assert drive.school
    BellTime.objects.create(school=drive.school, weekday=1, starts_at="06:30", ends_at="09:30")

    page = client.post(
        reverse("drives:timeslot_move", args=[drive.pk, chosen.timeslot_id]),
        {"appointment": str(chosen.pk), "to": str(target.pk)},
    ).content.decode()

    assert "Selasa, 24 November 2026, 09.30–10.00 berada di luar jam pelajaran sekolah" in page
    assert hours()[chosen.person_id] == chosen.timeslot_id


@pytest.mark.parametrize("way", ["swap", "place"])
def test_swapping_and_placing_warn_of_a_closed_hour_as_well(client: Client, drive: Drive, planner: User, way: str) -> None:
    first, last = of_slot(0)[0], of_slot(5)[0]
    if way == "place":
        free_place(appointment=last, by=planner, now=FRIDAY)
    Closure.objects.create(school=drive.school, starts_on=TUESDAY, ends_on=TUESDAY, reason="Ujian praktik", grades=[11])
    before = hours()
    wish = {
        "swap": {"with": last.timeslot_id, "appointment": first.pk, "there": last.pk},
        "place": {"person": last.person_id},
    }[way]
    slot = first.timeslot_id if way == "swap" else last.timeslot_id

    page = client.post(reverse(f"drives:timeslot_{way}", args=[drive.pk, slot]), wish).content.decode()

    assert "Ujian praktik" in page
    assert hours() == before


# Who is left over


def test_who_is_left_over_is_named_with_the_reason(client: Client, drive: Drive, planner: User) -> None:
    school = make_school({"X MERDEKA 1": (0, 0), "XI MERDEKA 1": (18, 0)})
    other = create_drive(
        school=school,
        plan=plan(kit_ids=frozenset(), kits=1, days=(TUESDAY,), sessions=(plan().sessions[1],)),
        by=planner,
        now=FRIDAY,
    )

    page = client.get(reverse("drives:drive_assign", args=[other.pk])).content.decode()

    assert "3 siswa tidak mendapat tempat" in page
    assert page.count("<li>SISWA XI MERDEKA 1") == 3
    assert "Urutannya mengikat" in page

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from drives.planning.assignment import Assignment, Id, LeftOver, Person, Timeslot, assign
from drives.planning.calendar import Closure
from drives.planning.capacity import Session
from drives.planning.disturbance import Cost
from drives.planning.eligibility import MinimumAge
from drives.planning.slots import generate

FIRST_DAY = date(2026, 11, 24)
SECOND_DAY = FIRST_DAY + timedelta(days=1)
THIRD_DAY = FIRST_DAY + timedelta(days=2)
SESSIONS = (Session(time(8), time(11)), Session(time(12, 30), time(15, 30)))
SEVENTEEN = date(2009, 3, 1)
SIXTEEN = date(2010, 3, 1)


def drive(*, kits: int, days: int) -> list[Timeslot]:
    slots = generate(SESSIONS, kits=kits, minutes=10, slack=Decimal("0.15"), slot_minutes=30)
    return [
        Timeslot(f"{day}-{number:02}", FIRST_DAY + timedelta(days=day), slot.start, slot.end, slot.places)
        for day in range(days)
        for number, slot in enumerate(slots)
    ]


def hours(*rooms: int, day: date = FIRST_DAY) -> list[Timeslot]:
    """Timeslots of an hour from eight o'clock."""
    return [Timeslot(f"{day:%d}-{8 + hour:02}", day, time(8 + hour), time(9 + hour), room) for hour, room in enumerate(rooms)]


def a_class(name: str, size: int, birth_date: date = SEVENTEEN, grade: str = "XI") -> list[Person]:
    return [Person(f"{name}-{number:02}", name, grade, birth_date) for number in range(size)]


def sman_55() -> Iterator[Person]:
    """452 students in 13 classes, of whom 228 have turned 17 on 24 November 2026."""
    for number in range(452):
        group = number % 13
        born = SEVENTEEN + timedelta(days=number % 200) if number < 228 else SIXTEEN + timedelta(days=number % 200)
        yield Person(f"{number:03}", f"{('X', 'XI', 'XII')[group % 3]}-{group:02}", ("X", "XI", "XII")[group % 3], born)


def used(plan: Assignment, people: list[Person], class_id: str) -> Counter[Id]:
    return Counter(plan.placed[person.id] for person in people if person.class_id == class_id)


def test_all_452_of_sman_55_fit_in_three_days_with_five_kits() -> None:
    plan = assign(sman_55(), drive(kits=5, days=3))

    assert plan.left_over == []
    assert plan.explain.already_17_placed == 228
    assert len(plan.classes_split) <= 2
    assert plan.cost.gaps == 0


def test_with_four_kits_86_of_sman_55_wait_and_all_who_are_17_come() -> None:
    plan = assign(sman_55(), drive(kits=4, days=3))

    assert plan.explain.left_over == {LeftOver.NO_ROOM: 86}
    assert (plan.explain.already_17, plan.explain.already_17_placed) == (228, 228)
    assert plan.explain.last_born is not None


def test_when_places_are_short_the_next_birthdays_follow_those_already_17() -> None:
    people = [Person(f"{month:02}", "XI-1", "XI", date(2010, month, 1)) for month in range(1, 11)]

    plan = assign(people, hours(3, 3))

    assert sorted(plan.placed, key=str) == ["01", "02", "03", "04", "05", "06"]
    assert plan.left_over == [(month, LeftOver.NO_ROOM) for month in ("07", "08", "09", "10")]
    assert plan.explain.last_born == date(2010, 6, 1)


def test_who_turns_16_on_the_last_day_is_placed_on_that_day() -> None:
    people = [*a_class("XI-1", 10), Person("young", "XI-2", "XI", date(2010, 11, 26))]

    plan = assign(people, hours(10) + hours(1, day=SECOND_DAY) + hours(1, day=THIRD_DAY))

    assert plan.placed["young"] == "26-08"
    assert plan.left_over == []


def test_others_make_way_on_the_only_day_that_suits_the_youngest() -> None:
    people = [*a_class("XI-1", 4), Person("young", "XI-1", "XI", date(2010, 11, 25))]

    plan = assign(people, hours(2) + hours(3, day=SECOND_DAY))

    assert plan.left_over == []
    assert plan.placed["young"] == "25-08"


def test_who_is_too_young_on_every_day_is_told_so() -> None:
    person = Person("young", "XI-1", "XI", date(2010, 11, 25))

    plan = assign([person], hours(5))

    assert plan.left_over == [("young", LeftOver.TOO_YOUNG)]


def test_the_minimum_age_of_the_drive_decides() -> None:
    person = Person("young", "XI-1", "XI", date(2010, 5, 25))

    plans = [assign([person], hours(1), minimum_age=age) for age in (MinimumAge(16), MinimumAge(16, 6), MinimumAge(15))]

    assert [len(plan.placed) for plan in plans] == [1, 0, 1]


def test_classes_stay_whole_on_one_day_and_in_timeslots_side_by_side() -> None:
    people = [person for name in "ABCD" for person in a_class(name, 12)]

    plan = assign(people, hours(6, 6, 6, 6) + hours(6, 6, 6, 6, day=SECOND_DAY))

    assert plan.cost == Cost(day_splits=0, gaps=0, pieces=8)
    assert plan.classes_split == []


def test_a_class_is_split_only_when_it_must_be() -> None:
    people = a_class("A", 10) + a_class("B", 10) + a_class("C", 10)

    plan = assign(people, hours(5, 5, 5) + hours(5, 5, 5, day=SECOND_DAY))

    assert plan.cost == Cost(day_splits=1, gaps=0, pieces=6)
    assert len(plan.classes_split) == 1


def test_a_class_with_more_17_year_olds_comes_earlier() -> None:
    people = a_class("A", 10, SIXTEEN) + a_class("B", 10, SEVENTEEN)

    same_day = assign(people, hours(5, 5, 5, 5))
    two_days = assign(people, hours(5, 5) + hours(5, 5, day=SECOND_DAY))

    assert used(same_day, people, "B") == {"24-08": 5, "24-09": 5}
    assert used(two_days, people, "B") == {"24-08": 5, "24-09": 5}


def test_a_person_with_extra_time_gets_places_of_one_timeslot() -> None:
    people = [*a_class("A", 5), Person("extra", "A", "XI", SEVENTEEN, places=3)]

    plan = assign(people, hours(4, 4))

    assert plan.left_over == []
    others = Counter(slot for person, slot in plan.placed.items() if person != "extra")
    assert others[plan.placed["extra"]] == 1


def test_extra_time_without_places_side_by_side_is_told_so() -> None:
    plan = assign([Person("extra", "A", "XI", SEVENTEEN, places=2)], hours(1, 1))

    assert plan.left_over == [("extra", LeftOver.NO_ROOM_TOGETHER)]


def test_a_closed_grade_comes_on_the_other_day() -> None:
    people = a_class("A", 6, grade="XI") + a_class("B", 6, grade="XII")
    closure = Closure(FIRST_DAY, FIRST_DAY, "TKA", grades=frozenset({"XII"}))

    plan = assign(people, hours(6) + hours(6, day=SECOND_DAY), closures=[closure])

    assert used(plan, people, "B") == {"25-08": 6}
    assert plan.left_over == []


def test_who_has_only_closed_timeslots_is_told_so() -> None:
    everywhere = Closure(FIRST_DAY, THIRD_DAY, "PKL", class_ids=frozenset({"A"}))

    plan = assign(a_class("A", 1), hours(5), closures=[everywhere])

    assert plan.left_over == [("A-00", LeftOver.CLOSED)]


def test_a_closed_hour_is_left_to_others() -> None:
    people = a_class("A", 4, grade="XI") + a_class("B", 4, grade="XII")
    closure = Closure(FIRST_DAY, FIRST_DAY, "Upacara", grades=frozenset({"XI"}), start=time(8), end=time(8, 30))

    plan = assign(people, hours(4, 4), closures=[closure])

    assert used(plan, people, "A") == {"24-09": 4}
    assert used(plan, people, "B") == {"24-08": 4}


def test_a_newcomer_joins_the_class_and_nobody_else_moves() -> None:
    people = a_class("A", 6) + a_class("B", 6)
    slots = hours(7, 7) + hours(7, day=SECOND_DAY)
    before = assign(people, slots)
    taken = Counter(before.placed.values())
    room_left = [replace(slot, room=slot.room - taken[slot.id]) for slot in slots]

    after = assign([*people, Person("new", "B", "XI", SEVENTEEN)], room_left, before.placed)

    assert {person: after.placed[person] for person in before.placed} == before.placed
    assert after.placed["new"] == before.placed["B-00"]


def test_a_class_gathers_around_its_pinned_appointment() -> None:
    people = a_class("A", 8)
    slots = hours(4, 4) + hours(4, 3, day=SECOND_DAY)

    plan = assign(people, slots, {"A-03": "25-09"})

    assert plan.cost == Cost(day_splits=0, gaps=0, pieces=2)
    assert plan.placed["A-03"] == "25-09"


def test_a_fixed_appointment_in_no_timeslot_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        assign(a_class("A", 1), hours(5), {"A-00": "elsewhere"})


def test_a_drive_without_timeslots_or_people_has_an_answer() -> None:
    assert assign([], hours(5)).cost == Cost(0, 0, 0)
    assert assign(a_class("A", 2), []).placed == {}


def test_a_drive_full_of_others_leaves_everybody_over() -> None:
    plan = assign(a_class("A", 2), hours(0, 0))

    assert [reason for _, reason in plan.left_over] == [LeftOver.NO_ROOM, LeftOver.NO_ROOM]

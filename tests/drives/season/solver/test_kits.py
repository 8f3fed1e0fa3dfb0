"""Which kit stands where."""

from collections import Counter
from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from drives.season.solver.kits import kits_by_day
from drives.season.solver.plan import first_plan
from drives.season.solver.problem import Part, Placement, Problem
from tests.drives.season.solver.problems import problems, working_days

Available = dict[date, tuple[list[int], list[int]]]


@given(problem=problems(has_previous=False))
@settings(max_examples=150, deadline=None)
def test_no_kit_is_in_two_places_at_once_and_every_turn_has_its_kits(problem: Problem) -> None:
    plan = first_plan(problem)
    available: Available = {day: (list(range(before)), list(range(after))) for day, (before, after) in problem.rules.kits.items()}

    found = kits_by_day(plan.placements, available=available, partners=plan.partners)

    use = Counter(
        (kit, day, half)
        for school, turn in plan.placements.items()
        for day, kits in found[school].items()
        for kit in kits
        for half in turn.part.halves
    )
    assert all(count == 1 for count in use.values())
    assert all(kit in available[day][half] for kit, day, half in use)
    for school, turn in plan.placements.items():
        assert {day: len(kits) for day, kits in found[school].items()} == dict.fromkeys(turn.days, turn.kits)


@given(starts=st.lists(st.tuples(st.integers(0, 7), st.integers(1, 4), st.integers(1, 2)), max_size=8))
def test_a_school_keeps_its_kits_from_its_first_day_to_its_last(starts: list[tuple[int, int, int]]) -> None:
    days = working_days(12)
    turns = {UUID(int=number): Placement(days[at : at + length], kits) for number, (at, length, kits) in enumerate(starts)}
    needed = max((sum(turn.kits for turn in turns.values() if day in turn.days) for day in days), default=0)

    found = kits_by_day(turns, available={day: (range(needed), range(needed)) for day in days})

    assert all(len(set(by_day.values())) == 1 for by_day in found.values())


def test_over_a_pause_the_kits_come_back_where_another_set_is_free() -> None:
    days = working_days(3)
    pausing, between = UUID(int=1), UUID(int=2)
    turns = {pausing: Placement((days[0], days[2]), 1), between: Placement(days[1:], 1)}

    found = kits_by_day(turns, available={day: (["A", "B"], ["A", "B"]) for day in days})

    assert found[pausing] == {days[0]: ("A",), days[2]: ("A",)}
    assert found[between] == {days[1]: ("B",), days[2]: ("B",)}


def test_the_kits_of_the_morning_go_on_to_the_partner() -> None:
    days = working_days(1)
    other, morning, afternoon = (UUID(int=number) for number in (1, 2, 3))
    turns = {
        other: Placement(days, 1, Part.MORNING),
        morning: Placement(days, 1, Part.MORNING),
        afternoon: Placement(days, 1, Part.AFTERNOON),
    }

    found = kits_by_day(turns, available={days[0]: ([1, 2], [1, 2])}, partners={morning: afternoon, afternoon: morning})

    assert found[afternoon] == found[morning] == {days[0]: (2,)}


def test_a_kit_out_of_service_is_replaced_on_that_day() -> None:
    days = working_days(3)
    school = UUID(int=1)

    found = kits_by_day(
        {school: Placement(days, 1)},
        available={days[0]: ([1], [1]), days[1]: ([2, 3], [2, 3]), days[2]: ([1, 2, 3], [1, 2, 3])},
    )

    assert found[school] == {days[0]: (1,), days[1]: (2,), days[2]: (2,)}

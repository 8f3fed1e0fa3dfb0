"""What stands against a turn held over a day."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings

from drives.season.solver.conflicts import Conflict, ConflictCode, Conflicts
from drives.season.solver.plan import first_plan
from drives.season.solver.problem import Part, Placement, Problem
from tests.drives.season.solver.problems import need, problems, rules

SCHOOL, OTHER = UUID(int=1), UUID(int=2)
HELD = rules(days=5, kits=2)
DAY = HELD.days[0]


def conflicts(*, people: int = 2, other: Placement | None = None, closed: frozenset[int] = frozenset()) -> Conflicts:
    own = need(1, people, closed=frozenset(HELD.days[at] for at in closed))
    placements = {OTHER: other} if other else {}
    return Conflicts(Problem((own, need(2, 2)), HELD), placements)


def test_nothing_stands_against_a_possible_turn() -> None:
    assert conflicts(other=Placement((DAY,), 1)).of(SCHOOL, Placement((DAY,), 1)) == ()


def test_a_day_that_is_no_working_day_names_the_holiday() -> None:
    sunday = DAY - timedelta(days=1)
    held = replace(conflicts(people=0), off={sunday: "Hari Raya"})

    assert held.of(SCHOOL, Placement((sunday,), 1)) == (Conflict(ConflictCode.NOT_WORKING, sunday, "Hari Raya"),)


def test_a_closed_school_says_why() -> None:
    held = replace(conflicts(closed=frozenset({0})), closed={SCHOOL: {DAY: "Ujian"}})

    assert held.of(SCHOOL, Placement(HELD.days[:2], 1)) == (Conflict(ConflictCode.CLOSED, DAY, "Ujian"),)


def test_kits_that_are_short_are_counted() -> None:
    found = conflicts(other=Placement((DAY,), 1)).of(SCHOOL, Placement((DAY,), 2))

    assert found == (Conflict(ConflictCode.KITS_SHORT, DAY, needed=2, free=1),)


def test_a_half_that_is_taken_is_named() -> None:
    found = conflicts(other=Placement((DAY,), 2, Part.AFTERNOON)).of(SCHOOL, Placement((DAY,), 1))

    assert found == (Conflict(ConflictCode.HALF_TAKEN, DAY, part=Part.AFTERNOON, needed=1, free=0),)


def test_the_schools_own_turn_does_not_stand_in_its_way() -> None:
    held = conflicts()
    held = replace(held, placements={SCHOOL: Placement((DAY,), 2)})

    assert held.of(SCHOOL, Placement((DAY,), 2)) == ()


def test_too_few_places_are_counted_over_all_days() -> None:
    found = conflicts(people=9).of(SCHOOL, Placement(HELD.days[:2], 1))

    assert found == (Conflict(ConflictCode.TOO_FEW_PLACES, needed=9, free=8),)


@pytest.mark.parametrize(("kits", "days"), [(1, (0, 1, 3)), (2, (0, 1)), (3, (0,))])
def test_a_turn_lasts_until_everybody_has_a_place_and_passes_over_closed_days(kits: int, days: tuple[int, ...]) -> None:
    held = conflicts(people=12, closed=frozenset({2}))

    assert held.turn_from(SCHOOL, DAY, kits=kits).days == tuple(HELD.days[at] for at in days)


def test_each_day_has_its_own_conflicts() -> None:
    found = conflicts(other=Placement((DAY,), 2)).over(SCHOOL, kits=1, part=Part.DAY, days=HELD.days[:2])

    assert found == {DAY: (Conflict(ConflictCode.KITS_SHORT, DAY, needed=1, free=0),), HELD.days[1]: ()}


@given(problem=problems(has_previous=False, has_fixed=False))
@settings(max_examples=80, deadline=None)
def test_nothing_stands_against_any_turn_of_a_plan(problem: Problem) -> None:
    plan = first_plan(problem)
    held = Conflicts(problem, plan.placements)

    assert {school: held.of(school, turn) for school, turn in plan.placements.items()} == dict.fromkeys(plan.placements, ())

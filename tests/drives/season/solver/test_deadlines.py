"""A season by whose deadline every school should have its turn, schools with a deadline of their own, and a reference date."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drives.planning.eligibility import MinimumAge
from drives.season.solver.conflicts import Conflict, ConflictCode, Conflicts
from drives.season.solver.plan import best_plan, first_plan
from drives.season.solver.problem import Placement, Plan, Problem, Unplaced
from drives.season.solver.why import explain
from tests.drives.season.solver.problems import FIRST, need, problems, rules

HELD = rules(days=10, two_schools=False)
ONE, OTHER = UUID(int=1), UUID(int=2)


def made(problem: Problem, *, is_best: bool) -> Plan:
    return best_plan(problem, seconds=60, enough=0.0) if is_best else first_plan(problem)


@given(problem=problems(has_fixed=True), is_best=st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_school_is_visited_after_its_deadline_unless_it_is_pinned_there(problem: Problem, is_best: bool) -> None:
    plan = made(problem, is_best=is_best)

    deadlines = {each.id: each.deadline for each in problem.needs if each.deadline and each.id not in problem.fixed}
    late = {school for school, day in deadlines.items() if school in plan.placements and plan.placements[school].days[-1] > day}
    assert late == set()
    assert {school: plan.placements[school] for school in problem.fixed} == problem.fixed


@given(problem=problems(has_fixed=False, has_previous=False))
@settings(max_examples=100, deadline=None)
def test_a_school_without_a_turn_for_its_deadline_has_one_as_soon_as_the_deadline_is_gone(problem: Problem) -> None:
    plan = first_plan(problem)

    stopped = [school for school, why in plan.unplaced.items() if why is Unplaced.DEADLINE]
    for school in stopped:
        alone = [replace(each, deadline=None) for each in problem.needs if each.id == school]
        assert school in first_plan(replace(problem, needs=tuple(alone))).placements


def test_a_school_goes_before_one_with_more_people_where_its_deadline_wants_it() -> None:
    early, large = need(1, 4, deadline=HELD.days[0]), need(2, 4)

    plan = best_plan(Problem((large, early), HELD), seconds=60)

    assert plan.placements == {ONE: Placement(HELD.days[:1], 1), OTHER: Placement(HELD.days[1:2], 1)}


@pytest.mark.parametrize("deadline", [FIRST - timedelta(days=1), HELD.days[0]], ids=["before the season", "too few days"])
def test_a_deadline_by_which_no_turn_is_possible_is_the_reason(deadline: date) -> None:
    problem = Problem((need(1, 6, deadline=deadline),), HELD)

    assert first_plan(problem).unplaced == {ONE: Unplaced.DEADLINE}
    assert best_plan(problem, seconds=60).unplaced == {ONE: Unplaced.DEADLINE}


def test_a_school_that_is_always_closed_is_not_told_to_change_its_deadline() -> None:
    problem = Problem((need(1, 2, closed=frozenset(HELD.days), deadline=HELD.days[3]),), HELD)

    assert first_plan(problem).unplaced == {ONE: Unplaced.CLOSED}


def test_for_the_seasons_deadline_as_few_as_can_be_are_late() -> None:
    """Those of 17 would go first; but of the larger school only two are late, if it waits for the smaller one."""
    older = need(1, 6, births=(FIRST.replace(year=FIRST.year - 18),) * 6)
    younger = need(2, 4, births=(FIRST.replace(year=FIRST.year - 16),) * 4)
    without, by_the_second_day = (replace(HELD, deadline=deadline) for deadline in (None, HELD.days[1]))

    plans = [best_plan(Problem((older, younger), held), seconds=60) for held in (without, by_the_second_day)]

    assert [plan.placements[ONE].days[0] for plan in plans] == [HELD.days[0], HELD.days[1]]
    assert [plan.placements[OTHER].days[0] for plan in plans] == [HELD.days[2], HELD.days[0]]


def test_late_is_better_than_never() -> None:
    held = rules(days=4, two_schools=False)
    needs = tuple(need(number, 4) for number in range(1, 5))

    plan = best_plan(Problem(needs, replace(held, deadline=FIRST)), seconds=60)

    assert len(plan.placements) == 4


def test_a_reference_date_says_who_counts_as_seventeen() -> None:
    """Who turns 17 within the season counts for little once the election is over before."""
    born = FIRST.replace(year=FIRST.year - 17)
    voters = need(1, 4, births=(born,) * 4)
    later = need(2, 4, births=(born + timedelta(days=3),) * 4)
    held = rules(days=2, two_schools=False, minimum_age=MinimumAge(16))
    needs = (replace(later, id=ONE), replace(voters, id=OTHER))

    plan = best_plan(Problem(needs, replace(held, reference=FIRST)), seconds=60)
    everybody = explain(Problem(needs, replace(held, reference=FIRST + timedelta(days=9))), plan)

    assert plan.placements[OTHER].days == held.days[:1]
    assert [explain(Problem(needs, replace(held, reference=FIRST)), plan)[each].seventeen for each in (ONE, OTHER)] == [0, 4]
    assert [everybody[each].seventeen for each in (ONE, OTHER)] == [4, 4]


def test_nobody_is_recorded_before_the_minimum_age_whatever_the_reference_date() -> None:
    born = FIRST.replace(year=FIRST.year - 16) + timedelta(days=2)
    held = rules(days=5, reference=FIRST + timedelta(days=900))

    plan = best_plan(Problem((need(1, 2, births=(born, born)),), held), seconds=60)

    assert plan.placements[ONE].days == held.days[2:3]


def test_a_turn_held_over_a_day_after_the_deadline_is_late() -> None:
    problem = Problem((need(1, 2, deadline=HELD.days[1]),), HELD)
    conflicts = Conflicts(problem, {})

    assert conflicts.of(ONE, Placement(HELD.days[1:3], 1)) == (Conflict(ConflictCode.LATE, HELD.days[2]),)
    assert conflicts.of(ONE, Placement(HELD.days[:2], 1)) == ()


@pytest.fixture(scope="module")
def season() -> tuple[Problem, Plan]:
    chance = Random("a season with a deadline")
    held = rules(days=20, kits=2)
    problem = Problem(tuple(need(number, chance.randint(1, 6)) for number in range(1, 31)), held)
    return problem, best_plan(problem, seconds=60)


def moved(before: Plan, after: Plan) -> set[UUID]:
    return {school for school, turn in before.placements.items() if after.placements.get(school) != turn}


@pytest.mark.parametrize("is_best", [False, True], ids=["first", "best"])
def test_a_deadline_set_later_moves_its_school_and_hardly_another(season: tuple[Problem, Plan], is_best: bool) -> None:
    problem, plan = season
    last = max(plan.placements, key=lambda school: (plan.placements[school].days, school))
    day = problem.rules.days[problem.rules.index[plan.placements[last].days[-1]] - 3]
    needs = tuple(replace(each, deadline=day) if each.id == last else each for each in problem.needs)

    again = made(replace(problem, needs=needs, previous=plan.placements), is_best=is_best)

    assert last in moved(plan, again)
    assert len(moved(plan, again)) <= 3
    assert is_best is False or again.placements[last].days[-1] <= day


def test_a_deadline_that_everybody_keeps_moves_nobody(season: tuple[Problem, Plan]) -> None:
    problem, plan = season
    deadlines = {school: turn.days[-1] for school, turn in plan.placements.items()}
    needs = tuple(replace(each, deadline=deadlines.get(each.id)) for each in problem.needs)
    held = replace(problem.rules, deadline=max(deadlines.values()))

    again = best_plan(replace(problem, needs=needs, rules=held, previous=plan.placements), seconds=60)

    assert moved(plan, again) == set()


@given(problem=problems(has_previous=False), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_the_same_deadlines_give_the_same_plan(problem: Problem, seed: int) -> None:
    other = replace(problem, needs=tuple(Random(f"order {seed}").sample(problem.needs, len(problem.needs))))

    plan, again = (best_plan(each, seconds=60) for each in (problem, other))

    assert (again.placements, again.unplaced) == (plan.placements, plan.unplaced)

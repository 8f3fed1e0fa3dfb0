"""A plan in force is changed as little as one change requires."""

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from drives.season.solver.plan import best_plan, first_plan
from drives.season.solver.problem import Placement, Plan, Problem
from tests.drives.season.solver.problems import need, rules


@pytest.fixture(scope="module")
def problem() -> Problem:
    chance = Random("a season planned again")
    held = rules(days=20, kits=2)
    return Problem(tuple(need(number, chance.randint(1, 6)) for number in range(1, 31)), held)


@pytest.fixture(scope="module")
def plan(problem: Problem) -> Plan:
    return best_plan(problem, seconds=60)


def moved(before: Plan, after: Plan) -> set[UUID]:
    return {school for school, turn in before.placements.items() if after.placements.get(school) != turn}


def test_a_closure_moves_its_school_and_hardly_another(problem: Problem, plan: Plan) -> None:
    closed = problem.needs[4]
    day = plan.placements[closed.id].days[0]
    needs = tuple(replace(each, closed=frozenset({day})) if each.id == closed.id else each for each in problem.needs)

    again = best_plan(replace(problem, needs=needs, previous=plan.placements), seconds=60)

    assert closed.id in moved(plan, again)
    assert len(moved(plan, again)) <= 3
    assert set(again.placements) == set(plan.placements)


def test_a_school_that_comes_late_moves_hardly_anybody(problem: Problem, plan: Plan) -> None:
    late = need(99, 1)

    again = best_plan(replace(problem, needs=(*problem.needs, late), previous=plan.placements), seconds=60)

    assert late.id in again.placements
    assert len(moved(plan, again)) <= 2


def test_a_turn_moved_by_hand_stays_though_no_rule_would_make_it(problem: Problem, plan: Plan) -> None:
    held = problem.rules
    odd = Placement(held.days[-1:], 2)
    small = next(each for each in problem.needs if len(each.births) == 1)
    others = {school: turn for school, turn in plan.placements.items() if held.days[-1] not in turn.days}

    again = first_plan(replace(problem, previous=others | {small.id: odd}))

    assert again.placements[small.id] == odd


def test_a_turn_with_too_few_places_by_now_is_not_kept(problem: Problem, plan: Plan) -> None:
    grown = problem.needs[2]
    births = (*grown.births, *grown.births, *grown.births)
    needs = tuple(replace(each, births=tuple(sorted(births))) if each.id == grown.id else each for each in problem.needs)

    again = first_plan(replace(problem, needs=needs, previous=plan.placements))

    assert again.placements.get(grown.id) != plan.placements[grown.id]


def test_a_school_that_would_lose_its_turn_gets_another_one_and_another_makes_way() -> None:
    held = rules(days=4, two_schools=False)
    first, second = need(1, 4), need(2, 4, deadline=held.days[0])
    previous = {first.id: Placement(held.days[:1], 1), second.id: Placement(held.days[1:2], 1)}

    again = first_plan(Problem((first, second), held, previous=previous))

    assert again.placements[second.id].days == held.days[:1]
    assert first.id in again.placements

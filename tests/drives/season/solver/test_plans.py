"""What holds for every plan of a season, the first and the best."""

from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drives.season.solver.options import Options
from drives.season.solver.plan import best_plan, first_plan
from drives.season.solver.problem import Plan, Problem
from tests.drives.season.solver.problems import places, problems, recount


def made(problem: Problem, *, is_best: bool) -> Plan:
    return best_plan(problem, seconds=60, enough=0.0) if is_best else first_plan(problem)


def assert_possible(problem: Problem, plan: Plan) -> None:
    held, use = problem.rules, Counter[tuple[date, int]]()
    needs = {need.id: need for need in problem.needs}
    for school, turn in plan.placements.items():
        for day in turn.days:
            for half in turn.part.halves:
                use[day, half] += turn.kits
        if school in problem.fixed:
            continue
        need = needs[school]
        assert set(turn.days) <= set(held.days) - need.closed
        assert need.deadline is None or max(turn.days) <= need.deadline
        assert len(set(turn.days)) == len(turn.days)
        assert sum(places(held, need, day, turn.kits, turn.part) for day in turn.days) >= len(need.births) > 0
    assert all(kits <= held.kits[day][half] for (day, half), kits in use.items())


@given(problem=problems(), is_best=st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_plan_uses_more_kits_than_are_free_or_a_day_on_which_a_school_cannot_or_after_its_deadline(
    problem: Problem, is_best: bool
) -> None:
    plan = made(problem, is_best=is_best)

    assert_possible(problem, plan)


@given(problem=problems(), is_best=st.booleans())
@settings(max_examples=100, deadline=None)
def test_each_school_has_one_turn_or_a_reason_and_what_is_pinned_stays(problem: Problem, is_best: bool) -> None:
    plan = made(problem, is_best=is_best)

    assert {school: plan.placements[school] for school in problem.fixed} == problem.fixed
    assert sorted([*plan.placements, *plan.unplaced]) == sorted(need.id for need in problem.needs)


@given(problem=problems(), is_best=st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_objective_is_what_a_slow_recount_finds(problem: Problem, is_best: bool) -> None:
    plan = made(problem, is_best=is_best)

    assert plan.objective == pytest.approx(recount(problem, plan, dearest_journeys(problem)), abs=1e-6)


def dearest_journeys(problem: Problem) -> dict[UUID, float]:
    """The price of a school left out, beside its waiting days, is that of its dearest turn."""
    options = Options(problem)
    found: dict[UUID, float] = {}
    for number, need in enumerate(options.ground.needs):
        own = [each for each in options.by_school.get(number, ()) if len(each.schools) == 1]
        found[need.id] = max((options.ground.travel.alone(number, each.kits) * len(each.days) for each in own), default=0.0)
    return found


@given(problem=problems(), is_best=st.booleans(), seed=st.integers(0, 9))
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_schools_are_given_changes_nothing(problem: Problem, is_best: bool, seed: int) -> None:
    def shuffled(items: list[Any]) -> list[Any]:
        return Random(f"order {seed}").sample(items, len(items))

    other = Problem(
        tuple(shuffled(list(problem.needs))),
        problem.rules,
        dict(shuffled(list(problem.fixed.items()))),
        dict(shuffled(list(problem.previous.items()))),
    )

    plan, again = made(problem, is_best=is_best), made(other, is_best=is_best)

    assert (again.placements, again.unplaced) == (plan.placements, plan.unplaced)
    assert again.objective == pytest.approx(plan.objective)


@given(problem=problems(has_previous=False))
@settings(max_examples=100, deadline=None)
def test_the_bound_is_below_the_best_plan_and_the_best_plan_below_the_first(problem: Problem) -> None:
    best, first = best_plan(problem, seconds=60), first_plan(problem)

    assert best.bound is not None
    assert best.bound <= best.objective <= first.objective + 1e-6
    assert best.gap is not None
    assert 0 <= best.gap <= 0.0005 + 1e-6


@given(problem=problems(has_previous=False), is_best=st.booleans())
@settings(max_examples=80, deadline=None)
def test_planning_again_moves_nobody_when_nothing_has_changed(problem: Problem, is_best: bool) -> None:
    plan = best_plan(problem, seconds=60)
    turns = {school: turn for school, turn in plan.placements.items() if school not in problem.fixed}

    again = made(replace(problem, previous=turns), is_best=is_best)

    assert again.placements == plan.placements


@given(problem=problems(has_fixed=False, has_previous=False), is_best=st.booleans())
@settings(max_examples=80, deadline=None)
def test_everybody_has_a_turn_where_kits_suffice_for_all_at_once(problem: Problem, is_best: bool) -> None:
    plenty = dict.fromkeys(problem.rules.days, (100, 100))
    problem = replace(problem, rules=replace(problem.rules, kits=plenty))
    options = Options(problem)

    plan = made(problem, is_best=is_best)

    assert set(plan.placements) == {options.ground.needs[number].id for number in options.by_school}

"""Schools placed anew a few at a time, as in large seasons."""

from dataclasses import replace
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings

from drives.season.solver import search
from drives.season.solver.greedy import greedy
from drives.season.solver.highs import Watch
from drives.season.solver.model import Model
from drives.season.solver.objective import Objective
from drives.season.solver.options import Options
from drives.season.solver.plan import best_plan
from drives.season.solver.problem import Problem
from drives.season.solver.search import improve, relax
from tests.drives.season.solver.problems import POSITIONS, need, problems, recount, rules
from tests.drives.season.solver.test_plans import assert_possible, dearest_journeys


def made(*, schools: int, days: int, kits: int) -> Model:
    chance = Random("a season to search")
    needs = tuple(
        need(number, chance.randint(1, 9), position=chance.choice(POSITIONS), district=chance.choice("AB"))
        for number in range(1, schools + 1)
    )
    options = Options(Problem(needs, rules(days=days, kits=kits)))
    return Model(options, Objective(options))


def test_placing_a_few_schools_anew_comes_nearer_to_the_relaxation() -> None:
    model, watch = made(schools=30, days=25, kits=3), Watch(60)
    relaxed = relax(model, watch)
    assert relaxed is not None
    start = greedy(model.options)
    half_way = (model.objective.of(start) + relaxed.bound) / 2

    with patch.object(search, "MOST_AT_ONCE", -1):
        found = improve(model, start, relaxed=relaxed, until=half_way, watch=watch)

    assert relaxed.bound <= model.objective.of(found) <= half_way < model.objective.of(start)


def test_the_relaxation_is_below_what_branch_and_bound_proves() -> None:
    model = made(schools=20, days=15, kits=2)

    relaxed = relax(model, Watch(60))
    best = best_plan(model.options.ground.problem, seconds=60, enough=0.0)

    assert relaxed is not None
    assert best.bound is not None
    assert relaxed.bound <= best.bound + 1e-6
    assert best.bound == pytest.approx(best.objective)


def test_without_time_there_is_the_first_plan_and_a_bound_that_claims_nothing() -> None:
    model = made(schools=10, days=10, kits=1)

    plan = best_plan(model.options.ground.problem, seconds=0)

    assert plan.objective == pytest.approx(model.objective.of(greedy(model.options)))
    assert plan.bound == pytest.approx(model.objective.constant)


@given(problem=problems(schools=8, days=10))
@settings(max_examples=60, deadline=None)
def test_what_is_placed_anew_is_a_possible_plan(problem: Problem) -> None:
    with patch.object(search, "MOST_AT_ONCE", -1), patch.object(search, "PATIENCE", 4):
        plan = best_plan(replace(problem, previous={}), seconds=60, enough=0.0)

    assert_possible(problem, plan)
    assert plan.objective == pytest.approx(recount(problem, plan, dearest_journeys(replace(problem, previous={}))), abs=1e-6)
    assert plan.bound == pytest.approx(plan.objective, rel=1e-5, abs=1e-5)

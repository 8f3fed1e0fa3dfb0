"""Facts that say why a school has its turn."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings

from drives.season.solver.plan import best_plan, first_plan
from drives.season.solver.problem import Part, Placement, Plan, Problem, Unplaced, Weights
from drives.season.solver.why import Earlier, explain
from tests.drives.season.solver.problems import POSITIONS, need, problems, rules

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_schools_are_ranked_by_those_already_seventeen() -> None:
    problem = Problem((need(1, 2), need(2, 8), need(3, 0)), rules())

    found = explain(problem, first_plan(problem))

    assert [(why.people, why.seventeen, why.rank, why.among) for why in found.values()] == [
        (2, 2, 2, 3),
        (8, 3, 1, 3),
        (0, 0, 3, 3),
    ]


def test_earlier_days_are_closed_busy_or_dearer() -> None:
    held = rules(days=4, two_schools=False)
    first, second, third, fourth = held.days
    problem = Problem((need(1, 4, closed=frozenset({first})), need(2, 4)), held)
    plan = Plan({ONE: Placement((fourth,), 1), OTHER: Placement((second,), 1)}, {}, 0.0)

    found = explain(problem, plan)

    assert found[ONE].earlier == {Earlier.CLOSED: (first,), Earlier.BUSY: (second,), Earlier.DEARER: (third,)}
    assert found[OTHER].earlier == {Earlier.DEARER: (first,)}


def test_a_far_school_with_few_of_seventeen_is_told_what_was_dearer() -> None:
    held = rules(days=2, kits=2, two_schools=False, weights=Weights(kilometre=100.0))
    friday = {(held.days[0], Part.DAY): (0, 1, 2), (held.days[1], Part.DAY): (0, 4, 8)}
    problem = Problem((need(1, 4, position=POSITIONS[3]),), replace(held, places={"": friday}))

    found = explain(problem, best_plan(problem, seconds=60))

    assert found[ONE].earlier == {Earlier.DEARER: held.days[:1]}


def test_a_partner_is_named_with_the_way_to_it() -> None:
    problem = Problem((need(1, 2), need(2, 2, position=POSITIONS[1])), rules(days=1))

    found = explain(problem, best_plan(problem, seconds=60))

    assert found[ONE].partner == OTHER
    assert found[ONE].apart == pytest.approx(1.11, abs=0.01)


def test_a_pin_needs_no_other_reason() -> None:
    held = rules()
    problem = Problem((need(1, 2),), held, fixed={ONE: Placement(held.days[-1:], 1)})

    found = explain(problem, first_plan(problem))

    assert (found[ONE].is_pinned, found[ONE].earlier) == (True, {})


def test_a_school_without_a_turn_has_its_reason() -> None:
    problem = Problem((need(1, 99),), rules())

    assert explain(problem, first_plan(problem))[ONE].unplaced is Unplaced.TOO_LARGE


@given(problem=problems())
@settings(max_examples=80, deadline=None)
def test_every_working_day_before_a_turn_has_one_reason(problem: Problem) -> None:
    plan = first_plan(problem)

    found = explain(problem, plan)

    for school, turn in plan.placements.items():
        if school not in problem.fixed:
            named = sorted(day for days in found[school].earlier.values() for day in days)
            assert named == [day for day in problem.rules.days if day < min(turn.days)]

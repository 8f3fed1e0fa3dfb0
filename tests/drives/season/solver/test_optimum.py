"""Small seasons against every plan there is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings

from drives.planning.eligibility import eligible_from
from drives.season.solver.plan import best_plan
from drives.season.solver.problem import Need, Part, Placement, Plan, Problem
from tests.drives.season.solver.problems import places, problems, recount
from tests.drives.season.solver.test_plans import dearest_journeys

LONGEST_PAUSE = 2


def turns_alone(problem: Problem, need: Need) -> Iterator[Placement]:
    """By the definition: open days in a row, with short pauses, until everybody has a place."""
    held = problem.rules
    shortest: dict[date, int] = {}
    for kits in range(1, held.most_kits + 1):
        usable = [day for day in held.days if need.is_open_on(day) and min(held.kits[day]) >= kits]
        usable = [day for day in usable if places(held, need, day, kits, Part.DAY)]
        for at, first in enumerate(usable):
            days: list[date] = []
            for day in usable[at : at + held.longest]:
                if days and held.index[day] - held.index[days[-1]] > LONGEST_PAUSE + 1:
                    break
                days.append(day)
                if sum(places(held, need, each, kits, Part.DAY) for each in days) >= len(need.births):
                    if old_enough(problem, need, first) and gains(len(days), shortest.get(first)):
                        shortest[first] = len(days)
                        yield Placement(tuple(days), kits)
                    break


def gains(length: int, shortest: int | None) -> bool:
    """More kits only for fewer days, or for more people on the first of as many."""
    return shortest is None or length < shortest or (length == shortest and length > 1)


def turns_of_half_a_day(problem: Problem, need: Need) -> Iterator[Placement]:
    held = problem.rules
    for day, part in product(held.days, (Part.MORNING, Part.AFTERNOON)):
        if not need.is_open_on(day) or not old_enough(problem, need, day):
            continue
        for kits in range(1, held.most_kits + 1):
            if places(held, need, day, kits, part) >= len(need.births):
                yield Placement((day,), kits, part)
                break


def old_enough(problem: Problem, need: Need, day: date) -> bool:
    return eligible_from(need.births[0], problem.rules.minimum_age, problem.rules.leap_rule) <= day


def every_plan(problem: Problem) -> Iterator[Plan]:
    """Without pairs: each school alone, or not at all; halves only where the other half has fewer kits."""
    held = problem.rules
    needs = [need for need in problem.needs if need.births]
    choices: list[list[Placement | None]] = []
    for need in needs:
        halves = [
            turn
            for turn in turns_of_half_a_day(problem, need)
            if held.kits[turn.days[0]][turn.part.halves[0]] > held.kits[turn.days[0]][turn.part.other.halves[0]]
        ]
        choices.append([None, *turns_alone(problem, need), *halves])
    for chosen in product(*choices):
        turns = {need.id: turn for need, turn in zip(needs, chosen, strict=True) if turn}
        if fits(problem, turns):
            yield Plan(turns, {}, 0.0)


def fits(problem: Problem, turns: dict[UUID, Placement]) -> bool:
    return all(
        sum(turn.kits for turn in turns.values() if day in turn.days and half in turn.part.halves) <= kits
        for day, halves in problem.rules.kits.items()
        for half, kits in enumerate(halves)
    )


@given(problem=problems(schools=3, days=4, has_fixed=False, has_previous=False))
@settings(max_examples=120, deadline=None)
def test_no_plan_is_cheaper_than_the_best_and_none_is_below_its_bound(problem: Problem) -> None:
    problem = replace(problem, rules=replace(problem.rules, two_schools=False))
    dearest = dearest_journeys(problem)

    best = best_plan(problem, seconds=60, enough=0.0)

    cheapest = min(recount(problem, plan, dearest) for plan in every_plan(problem))
    assert best.bound is not None
    assert best.objective == pytest.approx(cheapest, rel=1e-6, abs=1e-6)
    assert best.bound <= cheapest + 1e-6


@given(problem=problems(schools=4, days=5, has_fixed=False, has_previous=False))
@settings(max_examples=80, deadline=None)
def test_letting_two_schools_share_a_day_never_costs_more(problem: Problem) -> None:
    alone = replace(problem, rules=replace(problem.rules, two_schools=False))

    with_pairs, without = (best_plan(each, seconds=60, enough=0.0) for each in (problem, alone))

    assert with_pairs.objective <= without.objective + 1e-6

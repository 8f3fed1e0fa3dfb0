"""A city's season and a province's: how soon there is a plan, and how near to the best it is proven to be."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from drives.season.solver.plan import best_plan, first_plan
from drives.season.solver.problem import Need, Part, Plan, Problem, Rules, Weights
from tests.benchmarks.timing import Limit, Limited

FIRST = date(2027, 1, 4)
# Places of a kit in half a day: three hours, ten minutes a person, fifteen percent in reserve.
HALF = 3 * 60 * 0.85 / 10
# Of all places, so many are needed; what rounding and closures take leaves little more.
LOAD = 0.7
# A city of 18 by 13 kilometres in nine districts.
SOUTH, WEST, HEIGHT, WIDTH = -6.36, 106.75, 0.16, 0.12
OFFICE = (-6.26, 106.81)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """`most_gap` in percent, to be proven in `seconds`; `most_first`: seconds until there is a plan at all."""

    title: str
    schools: int
    days: int
    kits: int
    is_bare: bool
    seconds: float
    most_gap: float
    most_first: float | None = None


CASES = (
    Case("150 schools, 60 days, 6 kits", 150, 60, 6, True, 60, 0.5, 2),
    Case("150 schools, 60 days, 6 kits; travel, fairness, two schools a day", 150, 60, 6, False, 60, 2, 2),
    Case("269 schools, 120 days, 6 kits", 269, 120, 6, True, 300, 1),
    Case("269 schools, 120 days, 6 kits; travel, fairness, two schools a day", 269, 120, 6, False, 300, 2),
    Case("a province: 720 schools, 60 days, 36 kits", 720, 60, 36, True, 60, 1),
)


def generated(case: Case) -> Problem:
    """Schools of very different sizes, half of their people 17 by the first day, closed one week and now and then a day."""
    chance = Random(f"season {case.schools}")
    days = _working_days(case.days, chance)
    sizes = [chance.lognormvariate(0, 0.8) for _ in range(case.schools)]
    a_person = sum(sizes) / (LOAD * case.days * case.kits * 2 * math.floor(HALF))
    needs = tuple(_school(number, max(5, int(size / a_person)), days, chance) for number, size in enumerate(sizes, 1))
    halves = [tuple(math.floor(kits * HALF) for kits in range(case.kits + 1))] * 2
    rows = {Part.MORNING: halves[0], Part.AFTERNOON: halves[1], Part.DAY: tuple(map(sum, zip(*halves, strict=True)))}
    rules = Rules(
        days,
        dict.fromkeys(days, (case.kits, case.kits)),
        {"": {(day, part): rows[part] for day in days for part in Part}},
        base=OFFICE,
        two_schools=not case.is_bare,
        weights=Weights(kilometre=0.0, fairness=0.0) if case.is_bare else Weights(),
    )
    return Problem(needs, rules)


def _working_days(count: int, chance: Random) -> tuple[date, ...]:
    found: list[date] = []
    day = FIRST
    while len(found) < count:
        if day.weekday() < 5 and chance.random() > 0.04:
            found.append(day)
        day += timedelta(days=1)
    return tuple(found)


def _school(number: int, people: int, days: tuple[date, ...], chance: Random) -> Need:
    births = sorted(FIRST - timedelta(days=17 * 365 + 4 + chance.randint(-365, 200)) for _ in range(people))
    north, east = chance.random(), chance.random()
    at = chance.randrange(len(days))
    closed = {day for day in days if chance.random() < 0.02} | set(days[at : at + 5])
    position = (SOUTH + north * HEIGHT, WEST + east * WIDTH)
    return Need(
        UUID(int=number), f"School {number}", f"{int(3 * north)}{int(3 * east)}", tuple(births), position, frozenset(closed)
    )


def measure(say: Say) -> list[Limited]:
    return [_measured(case, say) for case in CASES]


def _measured(case: Case, say: Say) -> Limited:
    problem = generated(case)
    say(f"season: {case.title}: first plan")
    processor = time.process_time()
    first = first_plan(problem)
    processor = time.process_time() - processor
    say(f"season: {case.title}: search")
    began, searching = time.monotonic(), time.process_time()
    best = best_plan(problem, seconds=case.seconds, enough=case.most_gap / 100 / 4)
    limits = [
        Limit("percent of proven gap", 100 * (1.0 if best.gap is None else best.gap), case.most_gap),
        Limit("seconds of search", time.monotonic() - began, case.seconds * 1.05),
        Limit("percent of the first plan above the bound", 100 * (first.objective / (best.bound or math.inf) - 1), 8),
    ]
    if case.most_first is not None:
        limits.append(Limit("seconds to the first plan", first.seconds, case.most_first))
    notes = {
        "people": sum(len(need.births) for need in problem.needs),
        "schools without a turn, first and best": f"{len(first.unplaced)}, {len(best.unplaced)}",
        "processor seconds, first and best": f"{processor:.2f}, {time.process_time() - searching:.1f}",
    }
    if case.schools == CASES[0].schools:
        limits.append(_replanned(problem, best, case))
    return Limited(f"Season: {case.title}", limits, notes)


def _replanned(problem: Problem, plan: Plan, case: Case) -> Limit:
    """One school closes on the first day of its turn: how many schools get another turn?"""
    closed = next(need for need in problem.needs if need.id in plan.placements)
    day = plan.placements[closed.id].days[0]
    needs = tuple(replace(need, closed=need.closed | {day}) if need.id == closed.id else need for need in problem.needs)
    again = best_plan(replace(problem, needs=needs, previous=plan.placements), seconds=case.seconds)
    moved = sum(again.placements.get(school) != turn for school, turn in plan.placements.items())
    return Limit("schools moved when one school closes for a day", moved, 5)

"""Small seasons of every kind, and what they cost counted a second time, slowly."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from math import asin, ceil, cos, radians, sin, sqrt
from uuid import UUID

from hypothesis import strategies as st

from drives.planning.eligibility import LeapRule, MinimumAge, eligible_from, turns
from drives.season.solver.problem import Need, Part, Placement, Places, Plan, Position, Problem, Rules, Weights

FIRST = date(2027, 1, 4)
HOURS = ("", "short", "none")
# Four schools of one neighbourhood and one at the other end of the city.
POSITIONS: tuple[Position | None, ...] = ((-6.30, 106.80), (-6.31, 106.80), (-6.30, 106.82), (-6.20, 106.95), None)


def working_days(count: int) -> tuple[date, ...]:
    days = (FIRST + timedelta(days=offset) for offset in range(3 * count + 7))
    return tuple([day for day in days if day.weekday() < 5][:count])


def rows(days: tuple[date, ...], half: int = 2) -> Places:
    """`half` places for a kit in each half day; on Fridays none after noon."""
    found: dict[tuple[date, Part], tuple[int, ...]] = {}
    for day in days:
        after = 0 if day.weekday() == 4 else half
        for part, places in ((Part.DAY, half + after), (Part.MORNING, half), (Part.AFTERNOON, after)):
            found[day, part] = tuple(kits * places for kits in range(5))
    return found


def need(number: int, people: int, **others: object) -> Need:
    """People who turn 17 a week apart, the eldest a fortnight before the season."""
    births = tuple(FIRST.replace(year=FIRST.year - 17) + timedelta(days=7 * each - 14) for each in range(people))
    values: dict[str, object] = {"district": "A", "births": births, "position": POSITIONS[0]} | others
    return Need(UUID(int=number), f"SMAN {number}", **values)  # type: ignore[arg-type]


def rules(days: int = 5, kits: int = 1, **others: object) -> Rules:
    named = working_days(days)
    values: dict[str, object] = {"base": POSITIONS[2]} | others
    return Rules(named, dict.fromkeys(named, (kits, kits)), {"": rows(named)}, **values)  # type: ignore[arg-type]


@st.composite
def problems(draw: st.DrawFn, *, schools: int = 6, days: int = 7, has_fixed: bool = True, has_previous: bool = True) -> Problem:
    named = working_days(draw(st.integers(0, days)))
    kits = {day: (draw(st.integers(0, 3)), draw(st.integers(0, 3))) for day in named}
    if draw(st.booleans()):
        kits = {day: (morning, morning) for day, (morning, _afternoon) in kits.items()}
    weights = Weights(*(draw(st.sampled_from(choice)) for choice in ((0.0, 0.1, 1.0), (0.0, 0.5, 20.0), (0.0, 0.05, 2.0))))
    held = Rules(
        named,
        kits,
        {"": rows(named), "short": rows(named, 1)},
        base=draw(st.sampled_from((POSITIONS[2], None))),
        most_kits=draw(st.integers(1, 3)),
        longest=draw(st.integers(1, 4)),
        kits_a_van=draw(st.integers(1, 2)),
        two_schools=draw(st.booleans()),
        near_km=draw(st.sampled_from((0.0, 1.5, 5.0))),
        weights=weights,
        leap_rule=draw(st.sampled_from(LeapRule)),
        minimum_age=draw(st.sampled_from((MinimumAge(16), MinimumAge(17)))),
        deadline=draw(st.sampled_from((None, *named))),
        reference=draw(st.sampled_from((None, None, FIRST, FIRST + timedelta(days=60)))),
    )
    needs = tuple(draw(needs_of(number + 1, named)) for number in range(draw(st.integers(0, schools))))
    fixed = _turns(draw, held, needs) if has_fixed else {}
    previous = _turns(draw, held, needs) if has_previous else {}
    return Problem(needs, held, fixed, previous)


@st.composite
def needs_of(draw: st.DrawFn, number: int, days: tuple[date, ...]) -> Need:
    births = sorted(
        FIRST - timedelta(days=17 * 365 + 4 + offset) for offset in draw(st.lists(st.integers(-370, 100), max_size=12))
    )
    closed = frozenset(draw(st.lists(st.sampled_from(days), max_size=3))) if days else frozenset()
    return Need(
        UUID(int=number),
        f"SMAN {number}",
        draw(st.sampled_from("AB")),
        tuple(births),
        draw(st.sampled_from(POSITIONS)),
        closed,
        draw(st.sampled_from(HOURS)),
        draw(st.sampled_from((None, None, None, FIRST - timedelta(days=1), *days))),
    )


def _turns(draw: st.DrawFn, held: Rules, needs: tuple[Need, ...]) -> dict[UUID, Placement]:
    """Turns of some of the schools that together use no more kits than there are."""
    free = {(day, half): held.kits[day][half] for day in held.days for half in (0, 1)}
    found: dict[UUID, Placement] = {}
    for each in needs:
        if not held.days or not draw(st.booleans()):
            continue
        part, kits = draw(st.sampled_from(Part)), draw(st.integers(1, 3))
        at, length = draw(st.integers(0, len(held.days) - 1)), draw(st.integers(1, 2))
        days = held.days[at : at + length]
        if all(free[day, half] >= kits for day in days for half in part.halves):
            for day in days:
                for half in part.halves:
                    free[day, half] -= kits
            found[each.id] = Placement(days, kits, part)
    return found


# The slow recount


def places(held: Rules, each: Need, day: date, kits: int, part: Part) -> int:
    row = held.places.get(each.hours, {}).get((day, part), ())
    return row[min(kits, len(row) - 1)] if row else 0


def kilometres(one: Position, other: Position) -> float:
    latitude, longitude, to_latitude, to_longitude = (radians(degrees) for degrees in (*one, *other))
    half = sin((to_latitude - latitude) / 2) ** 2 + cos(latitude) * cos(to_latitude) * sin((to_longitude - longitude) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))


def counts_as_17_after(held: Rules, born: date) -> int:
    """Days of the season until then."""
    birthday = turns(born, 17, held.leap_rule)
    if held.reference is None:
        return max(0, (birthday - held.days[0]).days)
    return 0 if birthday <= held.reference else 10_000


def missed(held: Rules, born: date) -> float:
    length = (held.days[-1] - held.days[0]).days + 1
    turned = counts_as_17_after(held, born)
    at_end = max(0, length - turned) + held.weights.younger * min(length, turned)
    return at_end + max(5 * at_end, length)


def wait(held: Rules, each: Need, turn: Placement | None) -> float:
    """Person by person, the eldest on the first day; for whom there is no place counts as the mean of those left out."""
    if not held.days:
        return 0.0
    everybody = sum(missed(held, born) for born in each.births)
    queue, total = list(each.births), 0.0
    for day in sorted(turn.days) if turn else ():
        for born in [queue.pop(0) for _ in range(min(len(queue), places(held, each, day, turn.kits, turn.part) if turn else 0))]:
            if eligible_from(born, held.minimum_age, held.leap_rule) > day:
                total += missed(held, born)
                continue
            since, turned = (day - held.days[0]).days, counts_as_17_after(held, born)
            if held.deadline is not None and day > held.deadline:
                total += ((held.days[-1] - held.days[0]).days + 1) / 2
            total += max(0, since - turned) + held.weights.younger * min(since, turned)
    return total + (everybody * len(queue) / len(each.births) if queue else 0.0)


def travel(problem: Problem, turns_taken: Mapping[UUID, Placement], partners: Mapping[UUID, UUID]) -> float:
    held, total = problem.rules, 0.0
    where = {each.id: each.position for each in problem.needs}
    if held.base is None:
        return 0.0
    known = [kilometres(held.base, position) for position in where.values() if position]
    mean = sum(known) / len(known) if known else 0.0
    for school, turn in turns_taken.items():
        if school not in where:
            continue
        here, partner = where[school], partners.get(school)
        home = kilometres(held.base, here) if here else mean
        a_day = 2 * home
        if partner is not None:
            there = where[partner]
            assert here is not None
            assert there is not None
            a_day = (home + kilometres(here, there) + kilometres(held.base, there)) / 2
        total += a_day * len(turn.days) * ceil(turn.kits / held.kits_a_van)
    return total


def recount(problem: Problem, plan: Plan, dearest: Mapping[UUID, float]) -> float:
    """The objective of a plan; `dearest` is the journey that is counted for a school left out."""
    held, weights = problem.rules, problem.rules.weights
    waits = {each.id: wait(held, each, plan.placements.get(each.id)) for each in problem.needs}
    left_out = sum(dearest[each.id] for each in problem.needs if each.id not in plan.placements and each.births)
    people: Counter[str] = Counter()
    summed: defaultdict[str, float] = defaultdict(float)
    for each in problem.needs:
        people[each.district] += len(each.births)
        summed[each.district] += waits[each.id]
    means = [summed[district] / count for district, count in people.items() if count]
    unfair = max(means) * sum(people.values()) if len(means) > 1 else 0.0
    way = travel(problem, plan.placements, plan.partners) + left_out
    return sum(waits.values()) + weights.kilometre * way + weights.fairness * unfair

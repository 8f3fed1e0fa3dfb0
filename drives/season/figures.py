"""What a season's plan comes to: people with a turn, how long those of 17 wait, kilometres, the last day. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from drives.planning.eligibility import CARD_AGE, LeapRule, turns
from drives.season.facts import Question, places_at
from drives.season.solver.problem import Part, Placement
from drives.season.solver.travel import Travel, partners_of
from drives.season.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Figures:
    """`people` need recording by the season's end, `placed` of them have a turn; `seventeen`: who is 17 when it ends, or on
    the reference date.

    `mean_wait`: in days, of those who are 17 when they are recorded; with a reference date, of those who are 17 then.
    """

    people: int
    placed: int
    schools: int
    placed_schools: int
    seventeen: int
    seventeen_placed: int
    mean_wait: float | None
    kilometres: float
    last_day: date | None

    @property
    def left(self) -> int:
        return max(0, self.people - self.placed)

    @property
    def seventeen_left(self) -> int:
        return max(0, self.seventeen - self.seventeen_placed)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the season's kits could take, were every one of them out on every working day."""

    days: int
    kits: int
    kit_days: int
    places: int
    people: int

    @property
    def suffices(self) -> bool:
        return self.places >= self.people


def figures(question: Question, in_force: Mapping[UUID, Placement], *, locked: Iterable[tuple[int, int, date]] = ()) -> Figures:
    """`in_force`: the turns of schools that wait; `locked`: people, those of 17 and the last day of turns that have a drive."""
    rules, fixed = question.rules, list(locked)
    placed, seventeen_placed, waits = 0, 0, list[int]()
    start = rules.days[0] if rules.days else None
    # Who is 17 by then; nobody, where the season has no day.
    end = rules.reference or (rules.days[-1] if rules.days else date.min)
    hours = {need.id: need.hours for need in question.problem.needs}
    for school, turn in in_force.items():
        waiting = question.waiting.get(school)
        if waiting is None or start is None:
            continue
        of_school = _days_of_recording(question, waiting, turn, hours.get(school, ""))
        placed += len(of_school)
        seventeen_placed += sum(turns(born, CARD_AGE, rules.leap_rule) <= end for born, _day in of_school)
        for born, day in of_school:
            turned = turns(born, CARD_AGE, rules.leap_rule)
            if rules.reference is not None and turned <= rules.reference:
                waits.append((day - start).days)
            elif rules.reference is None and turned <= day:
                waits.append((day - max(turned, start)).days)
    last_days = [turn.days[-1] for turn in in_force.values()] + [day for _people, _seventeen, day in fixed]
    last_day = max(last_days, default=None)
    return Figures(
        people=sum(len(each.people) for each in question.waiting.values()) + sum(people for people, _of, _day in fixed),
        placed=placed + sum(people for people, _of, _day in fixed),
        schools=len(question.waiting) + len(fixed),
        placed_schools=sum(school in question.waiting for school in in_force) + len(fixed),
        seventeen=_seventeen(question.waiting.values(), end, rules.leap_rule) + sum(of for _p, of, _day in fixed),
        seventeen_placed=seventeen_placed + sum(of for _people, of, _day in fixed),
        mean_wait=sum(waits) / len(waits) if waits else None,
        kilometres=_kilometres(question, in_force),
        last_day=last_day,
    )


def _days_of_recording(question: Question, waiting: Waiting, turn: Placement, hours: str) -> list[tuple[date, date]]:
    """(born, recorded on), the eldest first, as many as there are places for."""
    found: list[tuple[date, date]] = []
    people = list(waiting.people)
    table = question.rules.places.get(hours, {})
    for day in turn.days:
        room = places_at(table, day, turn.part, turn.kits)
        while people and people[0][1] <= room:
            born, places = people.pop(0)
            room -= places
            found.append((born, day))
    return found


def _seventeen(waiting: Iterable[Waiting], end: date, leap_rule: LeapRule) -> int:
    return sum(each.seventeen(end, leap_rule) for each in waiting)


def _kilometres(question: Question, in_force: Mapping[UUID, Placement]) -> float:
    needs = question.problem.needs
    numbers = {need.id: number for number, need in enumerate(needs)}
    travel = Travel(needs, question.rules)
    partners = partners_of(in_force, numbers, travel)
    total = 0.0
    for school, turn in in_force.items():
        if school not in numbers:
            continue
        number, partner = numbers[school], partners.get(school)
        a_day = travel.shared(number, numbers[partner], turn.kits) / 2 if partner else travel.alone(number, turn.kits)
        total += a_day * len(turn.days)
    return total


def offer(question: Question) -> Offer:
    """Kit-days and places of the whole season, beside the people who wait."""
    rules = question.rules
    table = rules.places.get("", {})
    # Without the special working days of single schools.
    days = [day for day in rules.days if (day, Part.DAY) in table]
    kits = [min(rules.kits.get(day, (0, 0))) for day in days]
    places = sum(_places(table, day, count) for day, count in zip(days, kits, strict=True))
    people = sum(each.places for each in question.waiting.values())
    return Offer(len(days), max(kits, default=0), sum(kits), places, people)


def _places(table: Mapping[tuple[date, Part], tuple[int, ...]], day: date, kits: int) -> int:
    """Of all the office's kits, at several schools at once; one school alone has no more than `most_kits` of them."""
    by_kits = table.get((day, Part.DAY), ())
    if len(by_kits) < 2:
        return 0
    most = len(by_kits) - 1
    return kits // most * by_kits[most] + by_kits[kits % most]

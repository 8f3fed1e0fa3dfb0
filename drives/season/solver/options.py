"""Every turn that a school could have, with its cost: the columns of the model.

An option is a run of a school's open days with a number of kits, or a pair of near schools that share days half and half.
Costs are waiting days (`problem.Weights`). Days are numbers: the place of a day in `Rules.days`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import asin, ceil, cos, radians, sin, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from drives.planning.eligibility import CARD_AGE, eligible_from, turns
from drives.season.solver.problem import Need, Part, Placement, Position, Problem, Rules, Unplaced

EARTH_KM: Final = 6371.0
# A school's own closures may part a drive, but not by more working days than this.
LONGEST_PAUSE: Final = 2
NEAREST: Final = 6

Use = tuple[int, int, int]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Option:
    """One school, or two that share days. `waits` are the waiting days of each school; `kilometres` those of all vans."""

    schools: tuple[int, ...]
    placements: tuple[Placement, ...]
    waits: tuple[float, ...]
    kilometres: float
    use: tuple[Use, ...]


def distance(one: Position, other: Position) -> float:
    """Kilometres along the earth's surface."""
    latitude, longitude = radians(one[0]), radians(one[1])
    to_latitude, to_longitude = radians(other[0]), radians(other[1])
    half = sin((to_latitude - latitude) / 2) ** 2 + cos(latitude) * cos(to_latitude) * sin((to_longitude - longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


class Options:
    """The options of a problem, and what it costs a school to have none."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.rules = problem, problem.rules
        self.needs = problem.needs
        self.numbers = {need.id: number for number, need in enumerate(self.needs)}
        self.offset = np.array([(day - self.rules.days[0]).days for day in self.rules.days], dtype=np.float64)
        self.free = self._free()
        self.open = [self._open_days(need) for need in self.needs]
        self.waits = [self._waits(need) for need in self.needs]
        self.none = [self._cost_of_none(need) for need in self.needs]
        self.far = _mean_distance(self.needs, self.rules.base)
        self.all: list[Option] = []
        self.unplaced: dict[int, Unplaced] = {}
        for number, need in enumerate(self.needs):
            if need.id in problem.fixed:
                continue
            own = list(self._alone(number))
            self.all += own
            if not own:
                self.unplaced[number] = self._why_none(number)
        if self.rules.two_schools:
            self.all += self._pairs()
            self.all += self._beside_fixed()

    def _free(self) -> list[list[int]]:
        """[day][half]: kits that are left once the fixed turns have theirs."""
        free = [list(self.rules.kits[day]) for day in self.rules.days]
        for placement in self.problem.fixed.values():
            for day, half, kits in use_of(placement, self.rules):
                free[day][half] = max(0, free[day][half] - kits)
        return free

    def _open_days(self, need: Need) -> tuple[int, ...]:
        """Days on which the school is open and a kit is free all day long."""
        return tuple(
            number for number, day in enumerate(self.rules.days) if day not in need.closed and min(self.free[number]) > 0
        )

    # What waiting costs

    def _waits(self, need: Need) -> Floats:
        """[day, n]: the waiting days of the first n people, were they all recorded on that day."""
        rules, weights = self.rules, self.rules.weights
        first = rules.days[0] if rules.days else date.min
        by_person = np.zeros((len(rules.days), len(need.births) + 1))
        turned = np.array([max(0, (turns(born, CARD_AGE, rules.leap_rule) - first).days) for born in need.births])
        of_age = np.array([(eligible_from(born, rules.minimum_age, rules.leap_rule) - first).days for born in need.births])
        if len(need.births) and len(rules.days):
            days = self.offset[:, None]
            waiting = np.maximum(0.0, days - turned) + weights.younger * np.minimum(days, turned)
            missed = self._missed(turned)[None, :]
            by_person[:, 1:] = np.cumsum(np.where(days >= of_age, waiting, missed), axis=1)
        return by_person

    def _missed(self, turned: npt.NDArray[np.int64]) -> Floats:
        """Somebody not recorded in the season waits, it is reckoned, as long again after its end."""
        length = self.offset[-1] + 1 if len(self.offset) else 1.0
        younger = self.rules.weights.younger
        missed: Floats = 2 * (np.maximum(0.0, length - turned) + younger * np.minimum(length, turned)) + 1
        return missed

    def cost_of_none(self, number: int) -> float:
        """The waiting days of a school that has no turn."""
        return self.none[number]

    def _cost_of_none(self, need: Need) -> float:
        rules = self.rules
        if not need.births or not rules.days:
            return 0.0
        turned = np.array([max(0, (turns(born, CARD_AGE, rules.leap_rule) - rules.days[0]).days) for born in need.births])
        return float(self._missed(turned).sum())

    def wait_of(self, number: int, days: Sequence[int], kits: int, part: Part) -> float:
        """The waiting days of a school's people, the eldest on the first day; of whom no day has a place, as of none."""
        waits, done, total = self.waits[number], 0, 0.0
        people = len(self.needs[number].births)
        for day in days:
            upto = min(people, done + self.places(number, day, kits, part))
            total += float(waits[day, upto] - waits[day, done])
            done = upto
        if done < people:
            share = (people - done) / people
            total += self.cost_of_none(number) * share
        return total

    def places(self, number: int, day: int, kits: int, part: Part) -> int:
        by_kits = self.rules.places[self.needs[number].hours].get((self.rules.days[day], part), ())
        return by_kits[min(kits, len(by_kits) - 1)] if by_kits else 0

    # Turns

    def _alone(self, number: int) -> Iterator[Option]:
        """From each open day on, with each number of kits that ends the drive sooner than fewer kits do."""
        usable = self.open[number]
        need = len(self.needs[number].births)
        if not need:
            return
        for at in range(len(usable)):
            shortest = self.rules.longest + 1
            for kits in range(1, self.rules.most_kits + 1):
                days = self._run(number, at, kits)
                if days and len(days) < shortest:
                    shortest = len(days)
                    yield self._option((number,), (Part.DAY,), days, kits)

    def _run(self, number: int, at: int, kits: int) -> tuple[int, ...]:
        """The days, from the `at`-th open one on, that hold everybody with so many kits; none if too many or too far apart."""
        usable, need = self.open[number], len(self.needs[number].births)
        days: list[int] = []
        for day in usable[at : at + self.rules.longest]:
            if days and day - days[-1] > LONGEST_PAUSE + 1:
                return ()
            if min(self.free[day]) < kits:
                return ()
            days.append(day)
            need -= self.places(number, day, kits, Part.DAY)
            if need <= 0:
                return tuple(days)
        return ()

    def _pairs(self) -> Iterator[Option]:
        """Two near schools, each small enough for half a day with the same kits, on one day."""
        half = [number for number in range(len(self.needs)) if self._fits_half(number)]
        seen: set[tuple[int, int]] = set()
        for one in half:
            near = sorted((self._apart(one, other), other) for other in half if other != one)[:NEAREST]
            for apart, other in near:
                pair = (min(one, other), max(one, other))
                if apart <= self.rules.near_km and pair not in seen:
                    seen.add(pair)
                    yield from self._shared(pair)

    def _shared(self, pair: tuple[int, int]) -> Iterator[Option]:
        both = set(self.open[pair[0]]) & set(self.open[pair[1]])
        for day in sorted(both):
            for kits in range(1, min(*self.free[day], self.rules.most_kits) + 1):
                orders = [order for order in (pair, pair[::-1]) if self._hold_each(order, day, kits)]
                if orders:
                    yield self._option(orders[0], (Part.MORNING, Part.AFTERNOON), (day,), kits)
                    break

    def _beside_fixed(self) -> Iterator[Option]:
        """The other half of a day on which a pinned school has the kits for one half only."""
        for school, placement in self.problem.fixed.items():
            if placement.part is Part.DAY or school not in self.numbers or placement.days[0] not in self.rules.index:
                continue
            day = self.rules.index[placement.days[0]]
            part = Part.AFTERNOON if placement.part is Part.MORNING else Part.MORNING
            if self.free[day][part.halves[0]] < placement.kits:
                continue
            for number, need in enumerate(self.needs):
                is_near = self._apart(self.numbers[school], number) <= self.rules.near_km
                is_open = self.rules.days[day] not in need.closed and need.id not in self.problem.fixed
                if is_near and is_open and 0 < len(need.births) <= self.places(number, day, placement.kits, part):
                    yield self._option((number,), (part,), (day,), placement.kits)

    def _hold_each(self, order: Sequence[int], day: int, kits: int) -> bool:
        parts = (Part.MORNING, Part.AFTERNOON)
        return all(
            self.places(number, day, kits, part) >= len(self.needs[number].births)
            for number, part in zip(order, parts, strict=True)
        )

    def _fits_half(self, number: int) -> bool:
        need = self.needs[number]
        if not need.births or need.position is None or need.id in self.problem.fixed:
            return False
        return any(self.places(number, day, self.rules.most_kits, Part.MORNING) >= len(need.births) for day in self.open[number])

    def _apart(self, one: int, other: int) -> float:
        here, there = self.needs[one].position, self.needs[other].position
        return distance(here, there) if here and there else float("inf")

    def _option(self, schools: tuple[int, ...], parts: tuple[Part, ...], days: tuple[int, ...], kits: int) -> Option:
        named = tuple(self.rules.days[day] for day in days)
        return Option(
            schools,
            tuple(Placement(named, kits, part) for part in parts),
            tuple(self.wait_of(number, days, kits, part) for number, part in zip(schools, parts, strict=True)),
            self.kilometres(schools, kits) * len(days),
            tuple((day, half, kits) for day in days for part in parts for half in part.halves),
        )

    def kilometres(self, schools: Sequence[int], kits: int) -> float:
        """From the office to the school, on to the next, and back, for every van, on one day."""
        vans = ceil(kits / self.rules.kits_a_van)
        base = self.rules.base
        stops = [position for number in schools if (position := self.needs[number].position)]
        if base is None or len(stops) < len(schools):
            return vans * 2 * self.far
        way = [base, *stops, base]
        return vans * sum(distance(one, other) for one, other in zip(way, way[1:], strict=False))

    def cost(self, option: Option) -> float:
        return sum(option.waits) + self.rules.weights.kilometre * option.kilometres

    def _why_none(self, number: int) -> Unplaced:
        need = self.needs[number]
        if not need.births:
            return Unplaced.NOBODY
        if not self.rules.days:
            return Unplaced.NO_DAY
        if all(day in need.closed for day in self.rules.days):
            return Unplaced.CLOSED
        if not self.open[number]:
            return Unplaced.NO_KIT
        return Unplaced.TOO_LARGE


def use_of(placement: Placement, rules: Rules) -> Iterator[Use]:
    """(day, half, kits) that a turn takes; days outside the season take nothing of it."""
    for day in placement.days:
        if day in rules.index:
            for half in placement.part.halves:
                yield rules.index[day], half, placement.kits


def _mean_distance(needs: Sequence[Need], base: Position | None) -> float:
    """Reckoned for a school whose place nobody has entered."""
    known = [distance(base, need.position) for need in needs if base and need.position]
    return sum(known) / len(known) if known else 0.0

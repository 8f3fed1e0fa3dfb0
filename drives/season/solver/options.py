"""Every turn that a school could have, with its cost, and why a school has none."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from drives.season.solver.alone import halves, may_begin, runs
from drives.season.solver.ground import HALF_PARTS, Ground
from drives.season.solver.option import Option, option, placements
from drives.season.solver.pairs import beside_fixed, pairs, shared
from drives.season.solver.problem import Need, Part, Placement, Problem, Unplaced
from drives.season.solver.travel import partners_of


class Options:
    """`all`: the columns, in an order that depends on nothing but the problem; `none`: what leaving a school out costs."""

    def __init__(self, problem: Problem) -> None:
        self.ground = ground = Ground(problem)
        found = list(self._generated(ground))
        self.all = found + list(self._still_possible(found))
        self.none = self._cost_of_none()

    @staticmethod
    def _generated(ground: Ground) -> Iterator[Option]:
        for number in ground.movable:
            yield from runs(ground, number)
            yield from halves(ground, number)
        if ground.rules.two_schools:
            yield from pairs(ground)
            yield from beside_fixed(ground)

    @cached_property
    def by_school(self) -> dict[int, list[Option]]:
        found: defaultdict[int, list[Option]] = defaultdict(list)
        for each in self.all:
            for number in each.schools:
                found[number].append(each)
        return dict(found)

    def _still_possible(self, found: list[Option]) -> Iterator[Option]:
        """The turns in force that no rule above would make, such as one moved by hand."""
        ground = self.ground
        turns = {school: turn for school, turn in ground.in_force.items() if self._holds(ground.numbers[school], turn)}
        days_in_force = {tuple(ground.days_of(turn)) for turn in turns.values()}
        known = {each[:4] for each in found if each.days in days_in_force}
        partners = partners_of(turns, ground.numbers, ground.travel)
        for school, turn in turns.items():
            number, days = ground.numbers[school], tuple(ground.days_of(turn))
            if turn.part is Part.MORNING and school in partners and len(days) == 1:
                both = (number, ground.numbers[partners[school]])
                if (both, HALF_PARTS, days, turn.kits) not in known:
                    yield shared(ground, both, days[0], turn.kits)
            if ((number,), (turn.part,), days, turn.kits) not in known:
                kilometres = ground.travel.alone(number, turn.kits)
                yield option(ground, (number,), (turn.part,), days, turn.kits, (ground.wait_of(number, turn),), kilometres)

    def _holds(self, number: int, turn: Placement) -> bool:
        """Whether everybody can be recorded in this turn, were it the only one beside the fixed."""
        ground, days = self.ground, self.ground.days_of(turn)
        if len(days) != len(turn.days) or not days or turn.kits < 1 or not ground.people[number]:
            return False
        room = ground.room(number, turn.part)[turn.kits]
        is_free = all(ground.free[day, half] >= turn.kits for day in days for half in turn.part.halves)
        is_open = all(ground.open[number][day] for day in days) and bool(may_begin(ground, number)[days[0]])
        return is_free and is_open and int(room[days].sum()) >= ground.people[number]

    def _cost_of_none(self) -> list[float]:
        """The waiting days of a school left out, and its dearest journey, so that no distance leaves a school out."""
        ground, weight = self.ground, self.ground.rules.weights.kilometre
        found = [wait.none for wait in ground.waits]
        journeys = [0.0] * len(found)
        for each in self.all:
            if len(each.schools) == 1:
                number = each.schools[0]
                journeys[number] = max(journeys[number], ground.travel.alone(number, each.kits) * len(each.days))
        return [wait + weight * journey for wait, journey in zip(found, journeys, strict=True)]

    def unchanged(self) -> list[Option]:
        """Of the plan in force what is still possible, as options of which no two conflict."""
        ground = self.ground
        wanted = {(ground.numbers[school], turn) for school, turn in ground.in_force.items()}
        free = list(ground.capacity)
        found: list[Option] = []
        for number in sorted(number for number, _turn in wanted):
            for each in sorted(self.by_school.get(number, ()), key=lambda each: (-len(each.schools), each.cost)):
                turns = set(zip(each.schools, placements(ground, each), strict=True))
                if turns <= wanted and all(free[half] >= each.kits for half in each.halves):
                    for half in each.halves:
                        free[half] -= each.kits
                    wanted -= turns
                    found.append(each)
                    break
        return found

    def _is_possible_without_deadline(self, need: Need) -> bool:
        problem = self.ground.problem
        return bool(Options(replace(problem, needs=(replace(need, deadline=None),), previous={})).all)

    def why_none(self, number: int) -> Unplaced:
        """Why a school has no turn in a plan."""
        ground, need = self.ground, self.ground.needs[number]
        if not need.births:
            return Unplaced.NOBODY
        if not ground.rules.days:
            return Unplaced.NO_DAY
        if number in self.by_school:
            return Unplaced.NO_ROOM
        if need.deadline is not None and self._is_possible_without_deadline(need):
            return Unplaced.DEADLINE
        is_open = np.array([day not in need.closed for day in ground.rules.days], dtype=bool)
        if not is_open.any():
            return Unplaced.CLOSED
        if not (is_open & (ground.room(number, Part.DAY).max(axis=0) > 0)).any():
            return Unplaced.NO_HOURS
        if not (is_open & may_begin(ground, number)).any():
            return Unplaced.TOO_YOUNG
        if not (is_open & (ground.free.max(axis=1) > 0)).any():
            return Unplaced.NO_KIT
        return Unplaced.TOO_LARGE

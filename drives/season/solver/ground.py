"""A problem as arrays, in an order of its own: what every other part of the solver stands on.

Schools are numbered by their identifier and days by their place in `Rules.days`, so that the order in which schools were
given makes no difference to any plan.
"""

from functools import cached_property
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from drives.season.solver.problem import Part, Placement, Problem
from drives.season.solver.travel import Travel, partners_of
from drives.season.solver.waits import Floats, Waits, Whole

Flags = npt.NDArray[np.bool_]
HALF_PARTS: Final = (Part.MORNING, Part.AFTERNOON)


class Ground:
    """`free[day, half]`: kits left once the fixed turns have theirs; `open[n][day]`: whether the school can be visited."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.rules = problem, problem.rules
        self.needs = tuple(sorted(problem.needs, key=lambda need: need.id))
        self.numbers = {need.id: number for number, need in enumerate(self.needs)}
        self.people = [len(need.births) for need in self.needs]
        self.offset: Floats = np.array([(day - self.rules.days[0]).days for day in self.rules.days], dtype=np.float64)
        self.free = self._free()
        self.free_all_day: Whole = self.free.min(axis=1)
        self.open: list[Flags] = [np.array([need.is_open_on(day) for day in self.rules.days], dtype=bool) for need in self.needs]
        self.waits = [Waits(need, self.rules, self.offset) for need in self.needs]
        self.travel = Travel(self.needs, self.rules)
        self._room: dict[tuple[str, Part], Whole] = {}

    def _free(self) -> Whole:
        kits = [self.rules.kits.get(day, (0, 0)) for day in self.rules.days]
        free: Whole = np.array(kits, dtype=np.int64).reshape(-1, 2)
        for placement in self.problem.fixed.values():
            for day in self.days_of(placement):
                free[day, list(placement.part.halves)] -= placement.kits
        found: Whole = np.maximum(0, free)
        return found

    @cached_property
    def movable(self) -> list[int]:
        """Schools with somebody to record that no one has pinned."""
        fixed = self.problem.fixed
        return [number for number, need in enumerate(self.needs) if need.births and need.id not in fixed]

    @cached_property
    def fixed_partners(self) -> dict[UUID, UUID]:
        return partners_of(self.problem.fixed, self.numbers, self.travel)

    @cached_property
    def waiting_halves(self) -> list[tuple[int, int, Placement]]:
        """Pinned schools that have the kits for half a day and no partner: number, day, turn."""
        turns = [(school, turn, self.days_of(turn)) for school, turn in sorted(self.problem.fixed.items())]
        return [
            (self.numbers[school], days[0], turn)
            for school, turn, days in turns
            if turn.part is not Part.DAY and len(days) == 1 and school in self.numbers and school not in self.fixed_partners
        ]

    @cached_property
    def capacity(self) -> list[int]:
        """What options may take together: the kits of each half day, and of each waiting half those that go on to a partner."""
        return [*self.free.ravel().tolist(), *(turn.kits for _number, _day, turn in self.waiting_halves)]

    @cached_property
    def in_force(self) -> dict[UUID, Placement]:
        """The turns of `previous` that are still a question."""
        fixed = self.problem.fixed
        turns = sorted(self.problem.previous.items())
        return {school: turn for school, turn in turns if school in self.numbers and school not in fixed}

    def days_of(self, placement: Placement) -> list[int]:
        """Its days by number, in order; those outside the season are none of ours."""
        return sorted(self.rules.index[day] for day in placement.days if day in self.rules.index)

    def room(self, number: int, part: Part) -> Whole:
        """[kits, day]: places by number of kits, from no kit on."""
        hours = self.needs[number].hours
        found = self._room.get((hours, part))
        if found is None:
            found = self._room[hours, part] = self._room_of(hours, part)
        return found

    def _room_of(self, hours: str, part: Part) -> Whole:
        most = max(1, self.rules.most_kits, *self._kits_in_use)
        rows = self.rules.places.get(hours, {})
        found: Whole = np.zeros((most + 1, len(self.rules.days)), dtype=np.int64)
        for number, day in enumerate(self.rules.days):
            by_kits = rows.get((day, part), ())
            if by_kits:
                found[:, number] = [by_kits[min(kits, len(by_kits) - 1)] for kits in range(most + 1)]
        return found

    @cached_property
    def _kits_in_use(self) -> list[int]:
        turns = [*self.problem.fixed.values(), *self.problem.previous.values()]
        return [turn.kits for turn in turns] or [0]

    def wait_of(self, number: int, placement: Placement) -> float:
        days = self.days_of(placement)
        room = self.room(number, placement.part)[placement.kits]
        return self.waits[number].of(days, [int(room[day]) for day in days])

"""What stands against a turn that a planner holds over a day: codes and figures, from which sentences are made elsewhere."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from drives.season.solver.alone import LONGEST_PAUSE
from drives.season.solver.problem import Need, Part, Placement, Problem


class ConflictCode(StrEnum):
    NOT_WORKING = "not_working"  # no working day of the season; the reason names the holiday, if it is one
    CLOSED = "closed"  # the school is closed, for the reason given
    KITS_SHORT = "kits_short"  # fewer kits are free than are needed
    HALF_TAKEN = "half_taken"  # enough kits are free in one half of the day, but not in `part`
    LATE = "late"  # the turn ends on a day after the school's deadline
    TOO_FEW_PLACES = "too_few_places"  # all days together hold fewer than are needed


@dataclass(frozen=True, slots=True)
class Conflict:
    """`needed` and `free` are kits, or places for `TOO_FEW_PLACES`, which concerns all days together."""

    code: ConflictCode
    day: date | None = None
    reason: str = ""
    part: Part = Part.DAY
    needed: int = 0
    free: int = 0


@dataclass(frozen=True)
class Conflicts:
    """Against turns beside the plan `placements`. `off` and `closed` name what is against a day, for all and at one school."""

    problem: Problem
    placements: Mapping[UUID, Placement]
    off: Mapping[date, str] = field(default_factory=dict)
    closed: Mapping[UUID, Mapping[date, str]] = field(default_factory=dict)

    @cached_property
    def _needs(self) -> Mapping[UUID, Need]:
        return {need.id: need for need in self.problem.needs}

    @cached_property
    def _used(self) -> Counter[tuple[date, int]]:
        return used(self.placements.values())

    def of(self, school: UUID, turn: Placement) -> tuple[Conflict, ...]:
        """In the order of the days; none if the turn is possible. The school's own present turn does not count against it."""
        found = [conflict for day in sorted(turn.days) for conflict in self._on(school, day, turn)]
        return (*found, *self._late(school, turn), *self._places(school, turn))

    def over(self, school: UUID, *, kits: int, part: Part, days: Collection[date]) -> dict[date, tuple[Conflict, ...]]:
        """For each of `days`, what stands against the turn if it began then."""
        return {day: self.of(school, self.turn_from(school, day, kits=kits, part=part)) for day in days}

    def turn_from(self, school: UUID, day: date, *, kits: int, part: Part = Part.DAY) -> Placement:
        """The turn that begins on `day` and lasts until everybody has a place, closed days passed over.

        Shorter where the season, the longest turn or the longest pause ends it first. The first day is taken as it is.
        """
        rules, need = self.problem.rules, self._needs.get(school)
        left = len(need.births) if need else 0
        taken: list[date] = []
        last = -1
        for number in range(rules.index.get(day, len(rules.days)), len(rules.days)):
            here = rules.days[number]
            room = self._room(need, here, kits, part)
            if taken and not room:
                continue
            if taken and (left <= 0 or len(taken) >= rules.longest or number - last > LONGEST_PAUSE + 1):
                break
            taken.append(here)
            last, left = number, left - room
        return Placement(tuple(taken) or (day,), kits, part)

    def _room(self, need: Need | None, day: date, kits: int, part: Part) -> int:
        if need is None or day in need.closed:
            return 0
        by_kits = self.problem.rules.places.get(need.hours, {}).get((day, part), ())
        return by_kits[min(kits, len(by_kits) - 1)] if by_kits else 0

    def _on(self, school: UUID, day: date, turn: Placement) -> Iterator[Conflict]:
        if day not in self.problem.rules.index:
            yield Conflict(ConflictCode.NOT_WORKING, day, self.off.get(day, ""))
            return
        need, reasons = self._needs.get(school), self.closed.get(school, {})
        if day in reasons or (need and day in need.closed):
            yield Conflict(ConflictCode.CLOSED, day, reasons.get(day, ""))
        free = {half: self._free(school, day, half) for half in turn.part.halves}
        short = [half for half, kits in free.items() if kits < turn.kits]
        if len(short) < len(free) and short:
            part = (Part.MORNING, Part.AFTERNOON)[short[0]]
            yield Conflict(ConflictCode.HALF_TAKEN, day, part=part, needed=turn.kits, free=free[short[0]])
        elif short:
            yield Conflict(ConflictCode.KITS_SHORT, day, part=turn.part, needed=turn.kits, free=min(free.values()))

    def _free(self, school: UUID, day: date, half: int) -> int:
        own = self.placements.get(school)
        is_own = own is not None and day in own.days and half in own.part.halves
        busy = self._used[day, half] - (own.kits if own and is_own else 0)
        return max(0, self.problem.rules.kits.get(day, (0, 0))[half] - busy)

    def _late(self, school: UUID, turn: Placement) -> Iterator[Conflict]:
        need, last = self._needs.get(school), max(turn.days)
        if need and need.deadline is not None and last > need.deadline:
            yield Conflict(ConflictCode.LATE, last)

    def _places(self, school: UUID, turn: Placement) -> Iterator[Conflict]:
        need = self._needs.get(school)
        if need is None:
            return
        room = sum(self._room(need, day, turn.kits, turn.part) for day in turn.days)
        if room < len(need.births):
            yield Conflict(ConflictCode.TOO_FEW_PLACES, part=turn.part, needed=len(need.births), free=room)


def used(turns: Collection[Placement]) -> Counter[tuple[date, int]]:
    """Kits in use by day and half."""
    found: Counter[tuple[date, int]] = Counter()
    for turn in turns:
        for day in turn.days:
            for half in turn.part.halves:
                found[day, half] += turn.kits
    return found

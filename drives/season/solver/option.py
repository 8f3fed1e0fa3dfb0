"""One turn that can be chosen: a column of the model."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from drives.season.solver.ground import Ground
from drives.season.solver.problem import Part, Placement


class Option(NamedTuple):
    """One school, or two that share a day: the first before, the second after noon. All by number.

    `waits`: waiting days of each school; `cost`: theirs and the kilometres' of all vans; `halves`: the half days on which it
    takes its kits (2 × day for the morning, one more for the afternoon; above those, the pinned half that it is a partner of).
    """

    schools: tuple[int, ...]
    parts: tuple[Part, ...]
    days: tuple[int, ...]
    kits: int
    waits: tuple[float, ...]
    cost: float
    halves: tuple[int, ...]

    @property
    def taken(self) -> int:
        """Kits times half days."""
        return self.kits * len(self.halves)


def option(
    ground: Ground,
    schools: tuple[int, ...],
    parts: tuple[Part, ...],
    days: tuple[int, ...],
    kits: int,
    waits: tuple[float, ...],
    kilometres: float,
) -> Option:
    """`kilometres` are those of one day."""
    halves = halves_of(days, parts)
    cost = sum(waits) + ground.rules.weights.kilometre * kilometres * len(days)
    return Option(schools, parts, days, kits, waits, cost, halves)


def halves_of(days: Iterable[int], parts: tuple[Part, ...]) -> tuple[int, ...]:
    """By number: 2 × day for the morning, one more for the afternoon."""
    if len(parts) == 2 or parts[0] is Part.DAY:
        return tuple(half for day in days for half in (2 * day, 2 * day + 1))
    return tuple(2 * day + parts[0].halves[0] for day in days)


def partners(ground: Ground, chosen: Iterable[Option]) -> dict[UUID, UUID]:
    """Both ways: who shares a day half and half, the pinned among themselves included."""
    found = dict(ground.fixed_partners)
    for each in chosen:
        numbers = [
            *each.schools,
            *(ground.waiting_halves[half - ground.free.size][0] for half in each.halves if half >= ground.free.size),
        ]
        if len(numbers) == 2:
            one, other = (ground.needs[number].id for number in numbers)
            found |= {one: other, other: one}
    return found


def placements(ground: Ground, chosen: Option) -> tuple[Placement, ...]:
    named = tuple(ground.rules.days[day] for day in chosen.days)
    return tuple(Placement(named, chosen.kits, part) for part in chosen.parts)

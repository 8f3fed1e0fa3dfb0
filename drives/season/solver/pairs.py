"""Two near schools that share a day and its kits, one before and one after noon."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from drives.season.solver.alone import NO_KITS, least_kits, may_begin
from drives.season.solver.ground import HALF_PARTS, Ground
from drives.season.solver.option import Option, option
from drives.season.solver.problem import Placement
from drives.season.solver.waits import Whole

# Of the schools near by, so many are considered as partners.
NEAREST: Final = 6


def pairs(ground: Ground) -> Iterator[Option]:
    least = {number: _least(ground, number) for number in ground.movable if ground.needs[number].position is not None}
    half = [number for number, both in least.items() if (np.minimum(*both) < NO_KITS).any()]
    room = np.minimum(ground.free_all_day, ground.rules.most_kits)
    for one, other in _near(ground, half):
        ways = ((one, other), (other, one))
        kits = np.array([np.maximum(least[first][0], least[second][1]) for first, second in ways])
        for day in np.flatnonzero(kits.min(axis=0) <= room).tolist():
            way = int(kits[:, day].argmin())
            yield shared(ground, ways[way], day, int(kits[way, day]))


def shared(ground: Ground, schools: tuple[int, int], day: int, kits: int) -> Option:
    waits = tuple([float(ground.waits[number].table[day, ground.people[number]]) for number in schools])
    return option(ground, schools, HALF_PARTS, (day,), kits, waits, ground.travel.shared(*schools, kits))


def _least(ground: Ground, number: int) -> tuple[Whole, Whole]:
    """Fewest kits by day, before and after noon."""
    can = ground.open[number] & may_begin(ground, number)
    before, after = (np.where(can, least_kits(ground, number, part), NO_KITS) for part in HALF_PARTS)
    return before, after


def _near(ground: Ground, half: list[int]) -> list[tuple[int, int]]:
    """Each with its nearest, the lower number first."""
    apart = ground.travel.apart[np.ix_(half, half)].copy()
    np.fill_diagonal(apart, np.inf)
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :NEAREST]
    found = {
        (min(one, half[at]), max(one, half[at]))
        for row, one in enumerate(half)
        for at in nearest[row].tolist()
        if apart[row, at] <= ground.rules.near_km
    }
    return sorted(found)


def beside_fixed(ground: Ground) -> Iterator[Option]:
    """The other half of a day on which a pinned school has the kits for one half only, at the price of the way round."""
    for unit, (pinned, day, turn) in enumerate(ground.waiting_halves, ground.free.size):
        for number in ground.movable:
            if ground.travel.are_near(pinned, number) and _fits_beside(ground, number, day, turn):
                beside = _beside(ground, number, pinned, day, turn)
                # Only one school can be the partner.
                yield beside._replace(halves=(*beside.halves, unit))


def _fits_beside(ground: Ground, number: int, day: int, turn: Placement) -> bool:
    part = turn.part.other
    is_open = bool(ground.open[number][day] and may_begin(ground, number)[day])
    has_kits = bool(ground.free[day, part.halves[0]] >= turn.kits)
    return is_open and has_kits and bool(ground.room(number, part)[turn.kits, day] >= ground.people[number])


def _beside(ground: Ground, number: int, pinned: int, day: int, turn: Placement) -> Option:
    wait = float(ground.waits[number].table[day, ground.people[number]])
    detour = ground.travel.shared(pinned, number, turn.kits) - ground.travel.alone(pinned, turn.kits)
    return option(ground, (number,), (turn.part.other,), (day,), turn.kits, (wait,), detour)

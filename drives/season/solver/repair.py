"""A plan in force after a change: what can stay stays; a school that loses its turn gets another one where few make way."""

from collections.abc import Sequence
from typing import Final

from drives.season.solver.greedy import greedy
from drives.season.solver.objective import Objective
from drives.season.solver.option import Option
from drives.season.solver.options import Options

# Of a school's turns so many, the cheapest first, are tried for the one for which fewest others make way.
MOST_TRIED: Final = 60


def repaired(options: Options, objective: Objective, kept: Sequence[Option]) -> list[Option]:
    """`kept` and turns for all others; where schools lose their turn by that, the cheaper of it and of others making way."""
    found = greedy(options, kept=kept)
    placed = {number for each in found for number in each.schools}
    in_force = {options.ground.numbers[school] for school in options.ground.in_force}
    lost = sorted((in_force - placed) & options.by_school.keys(), key=lambda number: (-options.none[number], number))
    if not lost:
        return found
    other = greedy(options, kept=_making_way(options, kept, lost))
    return min((found, other), key=objective.of)


def _making_way(options: Options, kept: Sequence[Option], lost: Sequence[int]) -> list[Option]:
    """A turn for each of the lost, and those kept that leave it the kits."""
    free = list(options.ground.capacity)
    _take(free, kept, -1)
    standing, settled = list(kept), list[Option]()
    for number in lost:
        alone = [each for each in options.by_school[number] if len(each.schools) == 1]
        tried = sorted(alone, key=lambda each: (each.cost, each.days, each.kits))[:MOST_TRIED]
        ways = [(each, away) for each in tried if (away := _in_the_way(each, standing, free)) is not None]
        if not ways:
            continue
        turn, away = min(ways, key=lambda way: (sum(len(each.schools) for each in way[1]), way[0].cost))
        standing = [each for each in standing if each not in away]
        _take(free, away, 1)
        _take(free, [turn], -1)
        settled.append(turn)
    return standing + settled


def _take(free: list[int], turns: Sequence[Option], sign: int) -> None:
    for each in turns:
        for half in each.halves:
            free[half] += sign * each.kits


def _in_the_way(turn: Option, standing: Sequence[Option], free: Sequence[int]) -> list[Option] | None:
    """Those that have to make way for the turn; none for it, where even that does not suffice."""
    left = {half: free[half] - turn.kits for half in turn.halves}
    away: list[Option] = []
    for each in sorted(standing, key=lambda each: (len(each.schools), -each.kits, each.schools)):
        short = {half for half, kits in left.items() if kits < 0}
        if not short:
            break
        if not short.isdisjoint(each.halves):
            away.append(each)
            for half in left.keys() & set(each.halves):
                left[half] += each.kits
    return away if all(kits >= 0 for kits in left.values()) else None

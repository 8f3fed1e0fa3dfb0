"""Classes onto days, and a day's classes onto its timeslots.

Two stages, each small. First each class gets a home day (bin packing with as few split classes as possible); a local
search moves and swaps classes (`spread` says what a choice of home days costs). Then a day's classes are laid out along
its timeslots (`layout`). Deterministic: no clock, a fixed seed; the effort is counted in plans looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from drives.planning.homes import Search
from drives.planning.layout import Day, Part
from drives.planning.spread import Load, Price, Spread, Week

EFFORT, EFFORT_A_ROUND = 1500, 1000  # in plans looked at: some microseconds each
MOST_FILLED = 80  # classes for which filling days by subset sum is worth its time


@dataclass(frozen=True, slots=True)
class Piece:
    """So many places of a class in one timeslot of one day (`slot` counts within the day)."""

    load: int
    day: int
    slot: int
    places: int


class Packing:
    """The search for the days. A plan is each class's home day; where that overfills a day, a class is split."""

    def __init__(self, loads: Sequence[Load], days: Sequence[Sequence[int]]) -> None:
        shapes = {tuple(room): Day(room) for room in days}
        self.days = [shapes[tuple(room)] for room in days]
        # Of a class without a place to find nothing is asked.
        self._number = [number for number, load in enumerate(loads) if load.size]
        self.loads = [loads[number] for number in self._number]
        self.week = Week(self.loads, self.days)

    def solve(self, *, rounds: int) -> list[Piece]:
        """Pieces that respect every room; places for which no piece was found are left to the caller."""
        if not self.loads or not self.days:
            return []
        openings = self._cheapest_first(self._openings())
        search = Search(self.week, effort=EFFORT + EFFORT_A_ROUND * rounds)
        best = search.improved(openings[0])
        for home in openings[1 : 4 + rounds]:
            if search.is_over(best[0]):
                break
            best = min(best, search.improved(home), key=_by_price)
        dice = Random(55)  # noqa: S311 (a fixed seed: the same input gives the same plan)
        for _ in range(rounds):
            if search.is_over(best[0]):
                break
            best = min(best, search.improved(self._shaken(best[1], dice)), key=_by_price)
        return self._laid_out(self.week.trimmed(self.week.spread(best[1])))

    def _cheapest_first(self, openings: list[list[int]]) -> list[list[int]]:
        """Of those that cost more than the cheapest before them only so much is found out."""
        prices: list[Price] = []
        for home in openings:
            prices.append(self.week.price(self.week.spread(home), at_most=min(prices, default=None)))
        return [openings[number] for number in sorted(range(len(openings)), key=prices.__getitem__)]

    def _openings(self) -> list[list[int]]:
        by_size = sorted(range(len(self.loads)), key=lambda load: (-self.loads[load].size, load))
        by_age = sorted(range(len(self.loads)), key=lambda load: (-self.loads[load].seniors, load))
        openings = [self._fitted(by_age, tight=False), self._fitted(by_size, tight=True)]
        if len(self.loads) <= MOST_FILLED:
            days = list(range(len(self.days)))
            openings += [self._filled(order, few=few) for order in (days, days[::-1]) for few in (True, False)]
        return [home for index, home in enumerate(openings) if home not in openings[:index]]

    def _filled(self, order: list[int], *, few: bool) -> list[int]:
        """Fill one day after the other to the brim with whole classes (subset sum), large ones (`few`) or small ones
        first; what is left over stays on the day filled last."""
        home = [order[-1]] * len(self.loads)
        waiting = sorted(range(len(self.loads)), key=lambda load: (-self.loads[load].size, load))
        for number, day in enumerate(order[:-1]):
            able = [load for load in waiting if self.loads[load].open_on[day] == self.loads[load].size]
            later = order[number + 1 :]
            bound = [load for load in able if all(self.loads[load].open_on[each] < self.loads[load].size for each in later)]
            chosen = bound + self._brimful(
                [load for load in able if load not in bound],
                self.days[day].total - sum(self.loads[load].size for load in bound),
                few=few,
            )
            for load in chosen:
                home[load] = day
            waiting = [load for load in waiting if load not in chosen]
        return home

    def _brimful(self, loads: list[int], room: int, *, few: bool) -> list[int]:
        """Of these classes, whole ones that come nearest to filling the room; of equals the fewest or the most."""
        sums: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
        for load in loads:
            size = self.loads[load].size
            for total, (count, chosen) in sorted(sums.items(), reverse=True):
                grown = total + size
                better = grown not in sums or (count + 1 < sums[grown][0] if few else count + 1 > sums[grown][0])
                if grown <= room and better:
                    sums[grown] = (count + 1, (*chosen, load))
        return list(sums[max(sums)][1])

    def _fitted(self, order: list[int], *, tight: bool) -> list[int]:
        """Each class to its fixed day, else to the first day (or, `tight`, the fullest) that takes all of it."""
        free = [day.total for day in self.days]
        home = [0] * len(self.loads)
        for index in order:
            load = self.loads[index]
            choices = [day for day in sorted(load.fixed_days) if load.open_on[day]] or [
                day for day in range(len(free)) if free[day] >= load.size and load.open_on[day] == load.size
            ]
            if choices:
                home[index] = min(choices, key=lambda day: free[day]) if tight else choices[0]
            else:
                home[index] = max(range(len(free)), key=lambda day: (min(load.open_on[day], free[day]), -day))
            free[home[index]] -= load.size
        return home

    def _shaken(self, home: list[int], dice: Random) -> list[int]:
        shaken = list(home)
        for _ in range(min(3, len(home))):
            one, other = dice.randrange(len(home)), dice.randrange(len(home))
            shaken[one], shaken[other] = shaken[other], dice.randrange(len(self.days)) if one == other else shaken[one]
        return shaken

    def _laid_out(self, spread: Spread) -> list[Piece]:
        pieces: list[Piece] = []
        for number, day in enumerate(self.days):
            here = [index for index, share in enumerate(spread) if share.get(number)]
            parts = [self._part(index, number, spread[index][number]) for index in here]
            while parts and (found := day.layout(parts)) is None:
                # They do not fit in a row: the smallest is left to the caller.
                drop = min(range(len(parts)), key=lambda index: parts[index].places)
                del parts[drop], here[drop]
            if parts and found:
                for index, first in found:
                    pieces += [
                        Piece(self._number[here[index]], number, slot, places)
                        for slot, places in day.pieces(first, parts[index].places)
                    ]
        return pieces

    def _part(self, index: int, day: int, places: int) -> Part:
        return Part(*self.week.part(index, day, places), weight=places * self.week.haste[index])


def _by_price(found: tuple[Price, list[int]]) -> Price:
    return found[0]

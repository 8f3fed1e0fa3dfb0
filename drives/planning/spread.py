"""Classes over the days of a drive: each has a home day, and where that overfills a day, classes are split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from drives.planning.layout import DAY_SPLIT, DOES_NOT_FIT, Day, PartKey

# Of each class, how many places on which day.
Spread = list[dict[int, int]]
# Splits, gaps and pieces; then how late the classes with many 17-year-olds come.
Price = tuple[int, int]

NO_LIMIT = 1_000_000_000
LONGEST_SHIFT = 12


@dataclass(frozen=True, slots=True)
class Load:
    """One class: `size` places, of which `open_on[d]` can be used on day d, and by day the bits of timeslots that are
    `blocked` to it and of those where some of it `stands` already."""

    size: int
    open_on: tuple[int, ...]
    blocked: tuple[int, ...]
    stands: tuple[int, ...]
    seniors: int

    @property
    def fixed_days(self) -> frozenset[int]:
        return frozenset(day for day, slots in enumerate(self.stands) if slots)

    @property
    def haste(self) -> int:
        """How much it matters that each of its places comes early."""
        return self.size + 8 * self.seniors


class Week:
    """All loads and days of a drive, and what any spread of the loads over the days costs."""

    def __init__(self, loads: Sequence[Load], days: Sequence[Day]) -> None:
        self.loads = loads
        self.days = days
        self.haste = [load.haste for load in loads]
        self._fixed_days = [load.fixed_days for load in loads]
        self.at_home = [[self._home_first(load, day) for day in range(len(days))] for load in loads]

    def _home_first(self, load: Load, home: int) -> dict[int, int]:
        """As much as can come at home, the rest on the days that are open to most of it."""
        share = {home: min(load.size, load.open_on[home])} if load.open_on[home] else {}
        late = load.size - sum(share.values())
        for day in sorted(range(len(self.days)), key=lambda each: (-load.open_on[each], each)) if late else ():
            if day != home and (taken := min(late, load.open_on[day])):
                share[day] = taken
                late -= taken
        return share

    def spread(self, home: Sequence[int]) -> Spread:
        """How many places of each class on each day: home, what must come later, and what an overfull day gives away."""
        spread = [self.at_home[load][day].copy() for load, day in enumerate(home)]
        free = [day.total for day in self.days]
        for share in spread:
            for day, places in share.items():
                free[day] -= places
        for day in sorted(range(len(free)), key=lambda each: free[each]):
            if free[day] < 0:
                self._relieve(day, spread, free)
        return spread

    def _relieve(self, day: int, spread: Spread, free: list[int]) -> None:
        """Split classes of an overfull day, as few as will do, over the days that have room."""
        tried: set[int] = set()
        while free[day] < 0:
            alike = {
                (tuple(share.items()), self.loads[load].open_on): load
                for load, share in enumerate(spread)
                if day in share and load not in tried
            }
            roomy = sorted((each for each in range(len(free)) if free[each] > 0), key=lambda each: (-free[each], each))
            if not alike or not roomy:
                return
            donor, moves = min(
                ((load, self._gifts(load, day, spread[load], free, roomy)) for load in alike.values()),
                key=lambda each: self._price(day, each[1], spread[each[0]], free),
            )
            tried.add(donor)
            share = spread[donor]
            for to, places in moves:
                share[day] -= places
                share[to] = share.get(to, 0) + places
                free[day] += places
                free[to] -= places
            if not share[day]:
                del share[day]

    def _gifts(self, load: int, day: int, share: dict[int, int], free: list[int], roomy: list[int]) -> list[tuple[int, int]]:
        need, open_on, moves = min(-free[day], share[day]), self.loads[load].open_on, []
        order = roomy if len(share) == 1 else sorted(roomy, key=lambda each: each not in share)
        for to in order:
            fits = min(need, free[to], open_on[to] - share.get(to, 0))
            if fits > 0:
                moves.append((to, fits))
                need -= fits
                if not need:
                    break
        return moves

    def _price(self, day: int, moves: list[tuple[int, int]], share: dict[int, int], free: list[int]) -> tuple[int, int, int]:
        moved = new_days = pieces = 0
        for to, places in moves:
            moved += places
            new_days += to not in share
            pieces += self.days[to].fewest_pieces(places)
        fewest = self.days[day].fewest_pieces
        return -free[day] - moved, new_days, pieces + fewest(share[day] - moved) - fewest(share[day])

    def part(self, load: int, day: int, places: int) -> PartKey:
        each = self.loads[load]
        return places, each.blocked[day], each.stands[day]

    def splits(self, load: int, share: dict[int, int]) -> int:
        fixed = self._fixed_days[load]
        return max(0, (len(fixed.union(share)) if fixed else len(share)) - 1)

    def price(self, spread: Spread, at_most: Price | None = None) -> Price:
        """Gives up early, with a bound, on what cannot be better than `at_most`."""
        cost = late = 0
        parts: list[list[PartKey]] = [[] for _ in self.days]
        for load, share in enumerate(spread):
            cost += DAY_SPLIT * self.splits(load, share)
            for day, places in share.items():
                parts[day].append(self.part(load, day, places))
                late += places * day * self.haste[load]
        limit = (at_most[0] - (late >= at_most[1]) if at_most else NO_LIMIT) - cost
        return cost + self.cost_of_days(dict(enumerate(parts)), limit), late

    def cost_of_days(self, parts: Mapping[int, Sequence[PartKey]], at_most: int = NO_LIMIT) -> int:
        """Pieces and gaps of these days' parts, or a bound where that is more than `at_most`."""
        least = {day: self.days[day].least_of(on_day) for day, on_day in parts.items()}
        cost = sum(least.values())
        for day, on_day in parts.items():
            if cost > at_most:
                break
            if on_day:
                cost += self.days[day].excess(on_day, min(DOES_NOT_FIT, at_most - cost))
        return cost

    def trimmed(self, spread: Spread) -> Spread:
        """Shift places of split classes between their days where that saves a piece."""
        cost = self.price(spread)[0]
        for load, share in enumerate(spread):
            for one, other in combinations(sorted(share), 2):
                for step in (*range(1, LONGEST_SHIFT + 1), *range(-1, -LONGEST_SHIFT - 1, -1)):
                    trial = [dict(each) for each in spread]
                    trial[load][one] -= step
                    trial[load][other] += step
                    if min(trial[load][one], trial[load][other]) <= 0 or not self._keeps_room(trial, (one, other)):
                        continue
                    if (found := self.price(trial)[0]) < cost:
                        spread, cost = trial, found
        return spread

    def _keeps_room(self, spread: Spread, days: tuple[int, int]) -> bool:
        return all(
            sum(share.get(day, 0) for share in spread) <= self.days[day].total
            and all(share.get(day, 0) <= load.open_on[day] for load, share in zip(self.loads, spread, strict=True))
            for day in days
        )

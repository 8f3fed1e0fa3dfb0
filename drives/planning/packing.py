"""Classes onto days, and a day's classes onto its timeslots.

Two stages, each small. First each class gets a home day (bin packing with as few split classes as possible); a local
search moves and swaps classes. Then a day's classes are laid out one after the other along the day's places (a beam
over their order, exact for the few classes that a day takes), beginning either where the previous class ended or at the
next timeslot. Counts only: who of a class sits where is decided afterwards. Deterministic: no clock, a fixed seed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

DAY_SPLIT, GAP, PIECE = 100, 10, 1
DOES_NOT_FIT = 1000
BEAM = 48
MOST_FILLED = 80  # classes for which filling days by subset sum is worth its time

# A layout under way: what it costs, and its (part, first place) pairs as a chain from the last back to the first.
Chain = tuple[int, int, "Chain | None"]
State = tuple[int, int]


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


@dataclass(frozen=True, slots=True)
class Part:
    """So many places of a class on one day; the greater its weight, the earlier it wants to come."""

    places: int
    blocked: int
    stands: int
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """So many places of a class in one timeslot of one day (`slot` counts within the day)."""

    load: int
    day: int
    slot: int
    places: int


class Day:
    """A day's rooms as one line of places, and the layouts of classes along it."""

    def __init__(self, room: Sequence[int]) -> None:
        self.room = tuple(room)
        self.total = sum(room)
        self._slot_at = [slot for slot, places in enumerate(room) for _ in range(places)]
        self._first, self._rank, self._holes = [0], [0], [0]
        for slot, places in enumerate(room):
            self._first.append(self._first[-1] + places)
            self._rank.append(self._rank[-1] + (places > 0))
            self._holes.append(self._holes[-1] + (places > 0 and slot + 1 < len(room) and not room[slot + 1]))
        self._fewest = [0]
        for used, places in enumerate(sorted(room, reverse=True), start=1):
            self._fewest += [used] * places
        self._costs: dict[tuple[tuple[int, int, int], ...], int] = {}

    def fewest_pieces(self, places: int) -> int:
        return self._fewest[places] if places <= self.total else DOES_NOT_FIT

    def cost(self, parts: list[tuple[int, int, int]]) -> int:
        """Pieces and gaps of the best layout found for (places, blocked, stands) parts."""
        key = tuple(sorted(parts))
        if key not in self._costs:
            found = self.layout([Part(*each) for each in key])
            self._costs[key] = found[0] if found else DOES_NOT_FIT + sum(self.fewest_pieces(part[0]) for part in key)
        return self._costs[key]

    def layout(self, parts: Sequence[Part]) -> tuple[int, list[tuple[int, int]]] | None:
        """The cheapest order found: its pieces and gaps, and (part, first place) pairs. None: they do not fit in a row.

        Weights only decide between layouts that cost the same.
        """
        scale = 1 + sum(part.weight for part in parts) * len(self.room)
        level: dict[State, tuple[int, Chain | None]] = {(0, 0): (0, None)}
        for _ in parts:
            level = _cheapest(self._grown(level, parts, scale))
        if not level:
            return None
        cost, chain = min(level.values(), key=lambda each: each[0])
        return cost // scale, list(_unwound(chain))

    def _grown(
        self, level: dict[State, tuple[int, Chain | None]], parts: Sequence[Part], scale: int
    ) -> dict[State, tuple[int, Chain | None]]:
        """Every layout of the level with one part more."""
        grown: dict[State, tuple[int, Chain | None]] = {}
        twin = [index > 0 and part == parts[index - 1] for index, part in enumerate(parts)]
        for (done, position), (cost, chain) in level.items():
            starts = self._starts(position)
            for index, part in enumerate(parts):
                if done >> index & 1 or (twin[index] and not done >> index - 1 & 1):
                    continue
                for start in starts:
                    if put := self._put(start, part):
                        first, added = put
                        total = cost + added * scale + part.weight * self._rank[self._slot_at[first]]
                        state = (done | 1 << index, first + part.places)
                        if state not in grown or total < grown[state][0]:
                            grown[state] = (total, (index, first, chain))
        return grown

    def _starts(self, position: int) -> tuple[int, ...]:
        if position >= self.total:
            return ()
        slot = self._slot_at[position]
        return (position,) if position == self._first[slot] else (position, self._first[slot + 1])

    def _put(self, start: int, part: Part) -> tuple[int, int] | None:
        """The first place at or after `start` from which the part fits outside blocked timeslots, and its cost."""
        while start + part.places <= self.total:
            first, last = self._slot_at[start], self._slot_at[start + part.places - 1]
            in_the_way = part.blocked >> first & ((1 << last - first + 1) - 1)
            if not in_the_way:
                pieces = self._rank[last] - self._rank[first] + 1
                added = pieces * PIECE + (self._holes[last] - self._holes[first]) * GAP
                return start, self._cost_beside(first, last, part.stands) if part.stands else added
            start = self._first[first + in_the_way.bit_length()]
        return None

    def _cost_beside(self, first: int, last: int, stands: int) -> int:
        """What the timeslots from `first` to `last` add for a class of which some already stand in others."""
        run = sum(1 << slot for slot in range(first, last + 1) if self.room[slot])
        return _disturbance(run | stands) - _disturbance(stands)

    def pieces(self, first: int, places: int) -> list[tuple[int, int]]:
        """(timeslot, places) of a class that begins at place `first`."""
        found: dict[int, int] = {}
        for slot in self._slot_at[first : first + places]:
            found[slot] = found.get(slot, 0) + 1
        return list(found.items())


def _cheapest(grown: dict[State, tuple[int, Chain | None]]) -> dict[State, tuple[int, Chain | None]]:
    """The beam: of layouts of the same classes none that both costs more and ends later, and of all the cheapest."""
    kept: list[tuple[State, tuple[int, Chain | None]]] = []
    ends: dict[int, int] = {}
    for state, found in sorted(grown.items(), key=lambda each: (each[1][0], each[0][1], each[0][0])):
        if state[1] < ends.get(state[0], state[1] + 1):
            ends[state[0]] = state[1]
            kept.append((state, found))
            if len(kept) == BEAM:
                break
    return dict(kept)


def _disturbance(slots: int) -> int:
    """Pieces and gaps of a class in these timeslots of one day."""
    runs = (slots & ~(slots << 1)).bit_count()
    return slots.bit_count() * PIECE + (runs - 1) * GAP


def _unwound(chain: Chain | None) -> Iterator[tuple[int, int]]:
    while chain:
        index, first, chain = chain
        yield index, first


Spread = list[dict[int, int]]


class Packing:
    """The search for the days. A plan is each class's home day; where that overfills a day, a class is split."""

    def __init__(self, loads: Sequence[Load], days: Sequence[Sequence[int]]) -> None:
        self.loads = loads
        shapes = {tuple(room): Day(room) for room in days}
        self.days = [shapes[tuple(room)] for room in days]
        self._fixed_days = [load.fixed_days for load in loads]

    def solve(self, *, rounds: int) -> list[Piece]:
        """Pieces that respect every room; places for which no piece was found are left to the caller."""
        if not self.loads or not self.days:
            return []
        openings = sorted(self._openings(), key=lambda home: self._cost(self._spread(home)))
        best = min((self._improved(home, rounds) for home in openings[: 4 + rounds]), key=lambda each: each[0])
        dice = Random(55)  # noqa: S311 (a fixed seed: the same input gives the same plan)
        for _ in range(rounds):
            if self._is_perfect(best[0]):
                break
            best = min(best, self._improved(self._shaken(best[1], dice), rounds), key=lambda each: each[0])
        return self._laid_out(self._trimmed(self._spread(best[1])))

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

    def _improved(self, home: list[int], rounds: int) -> tuple[tuple[int, int], list[int]]:
        """First improvement over moves and swaps until nothing helps, or the effort is spent."""
        cost = self._cost(self._spread(home))
        effort = 120 + 300 * rounds
        improved = True
        while improved and effort > 0:
            improved = False
            for trial in self._neighbours(home):
                effort -= 1
                found = self._cost(self._spread(trial), at_most=cost)
                if found < cost:
                    home, cost, improved = trial, found, True
                    break
                if effort <= 0:
                    break
        return cost, home

    def _neighbours(self, home: list[int]) -> Iterator[list[int]]:
        for load in range(len(home)):
            for day in range(len(self.days)):
                if day != home[load] and self.loads[load].open_on[day]:
                    yield [*home[:load], day, *home[load + 1 :]]
        for one, other in combinations(range(len(home)), 2):
            if home[one] != home[other]:
                trial = list(home)
                trial[one], trial[other] = home[other], home[one]
                yield trial
        for one, other in combinations(range(len(self.days)), 2):
            yield [other if day == one else one if day == other else day for day in home]

    def _spread(self, home: list[int]) -> Spread:
        """How many places of each class on each day: home, what must come later, and what an overfull day gives away."""
        spread: Spread = []
        free = [day.total for day in self.days]
        for load, day in zip(self.loads, home, strict=True):
            share = {day: min(load.size, load.open_on[day])} if load.open_on[day] else {}
            late = load.size - sum(share.values())
            for other in sorted(range(len(free)), key=lambda each: (-load.open_on[each], each)) if late else ():
                if other != day and (taken := min(late, load.open_on[other])):
                    share[other] = taken
                    late -= taken
            for each, places in share.items():
                free[each] -= places
            spread.append(share)
        for day in sorted(range(len(free)), key=lambda each: free[each]):
            self._relieve(day, spread, free)
        return spread

    def _relieve(self, day: int, spread: Spread, free: list[int]) -> None:
        """Split classes of an overfull day, as few as will do, over the days that have room."""
        tried: set[int] = set()
        while free[day] < 0:
            alike = {
                (tuple(share.items()), self.loads[load].open_on): load
                for load, share in enumerate(spread)
                if share.get(day) and load not in tried
            }
            if not alike:
                return
            donor, moves = min(
                ((load, self._gifts(load, day, spread, free)) for load in alike.values()),
                key=lambda each: self._price(each[0], day, each[1], spread, free),
            )
            tried.add(donor)
            for to, places in moves:
                spread[donor][day] -= places
                spread[donor][to] = spread[donor].get(to, 0) + places
                free[day] += places
                free[to] -= places
            if not spread[donor][day]:
                del spread[donor][day]

    def _gifts(self, load: int, day: int, spread: Spread, free: list[int]) -> list[tuple[int, int]]:
        need = min(-free[day], spread[load][day])
        share, moves = spread[load], []
        for to in sorted(range(len(free)), key=lambda each: (each not in share, -free[each], each)):
            fits = min(need, free[to], self.loads[load].open_on[to] - share.get(to, 0))
            if to != day and fits > 0:
                moves.append((to, fits))
                need -= fits
        return moves

    def _price(self, load: int, day: int, moves: list[tuple[int, int]], spread: Spread, free: list[int]) -> tuple[int, int, int]:
        share = spread[load]
        moved = sum(places for _, places in moves)
        new_days = sum(to not in share for to, _ in moves)
        pieces = self.days[day].fewest_pieces(share[day] - moved) - self.days[day].fewest_pieces(share[day])
        return -free[day] - moved, new_days, pieces + sum(self.days[to].fewest_pieces(places) for to, places in moves)

    def _cost(self, spread: Spread, at_most: tuple[int, int] | None = None) -> tuple[int, int]:
        """Splits, gaps and pieces; then how late the classes with many 17-year-olds come.

        Gives up early, with a bound, on what cannot be better than `at_most`.
        """
        cost = late = 0
        parts: list[list[tuple[int, int, int]]] = [[] for _ in self.days]
        for load, fixed, share in zip(self.loads, self._fixed_days, spread, strict=True):
            cost += DAY_SPLIT * max(0, len(fixed.union(share)) - 1)
            for day, places in share.items():
                parts[day].append((places, load.blocked[day], load.stands[day]))
                late += places * day * (load.size + 8 * load.seniors)
        bounds = [
            sum(day.fewest_pieces(part[0]) for part in on_day if not part[2])
            for day, on_day in zip(self.days, parts, strict=True)
        ]
        if at_most and (cost + sum(bounds), late) >= at_most:
            return cost + sum(bounds), late
        return cost + sum(day.cost(on_day) for day, on_day in zip(self.days, parts, strict=True)), late

    def _is_perfect(self, cost: tuple[int, int]) -> bool:
        return cost[0] <= sum(min(day.fewest_pieces(load.size) for day in self.days) for load in self.loads)

    def _trimmed(self, spread: Spread) -> Spread:
        """Shift places of split classes between their days where that saves a piece."""
        cost = self._cost(spread)[0]
        for index, share in enumerate(spread):
            for one, other in combinations(sorted(share), 2):
                for step in (*range(1, 13), *range(-1, -13, -1)):
                    trial = [dict(each) for each in spread]
                    trial[index][one] -= step
                    trial[index][other] += step
                    if min(trial[index][one], trial[index][other]) <= 0 or not self._keeps_room(trial, (one, other)):
                        continue
                    if (found := self._cost(trial)[0]) < cost:
                        spread, cost = trial, found
        return spread

    def _keeps_room(self, spread: Spread, days: tuple[int, int]) -> bool:
        return all(
            sum(share.get(day, 0) for share in spread) <= self.days[day].total
            and all(share.get(day, 0) <= load.open_on[day] for load, share in zip(self.loads, spread, strict=True))
            for day in days
        )

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
                for index, first in found[1]:
                    pieces += [
                        Piece(here[index], number, slot, places) for slot, places in day.pieces(first, parts[index].places)
                    ]
        return pieces

    def _part(self, index: int, day: int, places: int) -> Part:
        load = self.loads[index]
        return Part(places, load.blocked[day], load.stands[day], places * (load.size + 8 * load.seniors))

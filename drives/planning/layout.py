"""A day's classes onto its timeslots: one after the other along the day's places.

A class begins where the previous one ended, or at a later timeslot if it needs fewer from there. The order is found by a
beam over the sets of classes laid out so far, exact for the few classes that a day takes; a narrow beam is tried first and
is enough where it finds what no order can beat. Counts only: who of a class sits where is decided afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DAY_SPLIT, GAP, PIECE = 100, 10, 1
DOES_NOT_FIT = 1000
NARROW, BEAM = 3, 48

# A layout under way: what it costs, and its (part, first place) pairs as a chain from the last back to the first.
Chain = tuple[int, int, "Chain | None"]
State = tuple[int, int]
Found = tuple[int, Chain | None]
Level = dict[State, Found]
# Of a class on a day: places, timeslots that are blocked to it, timeslots where some of it stands already.
PartKey = tuple[int, int, int]
# From a place on: first places of a part and their costs.
Puts = dict[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """So many places of a class on one day; the greater its weight, the earlier it wants to come."""

    places: int
    blocked: int
    stands: int
    weight: int = 0

    @property
    def key(self) -> PartKey:
        return self.places, self.blocked, self.stands


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
        self.rank_at = [self._rank[slot] for slot in self._slot_at] + [self._rank[-1]]
        self._fewest = [0]
        for used, places in enumerate(sorted(room, reverse=True), start=1):
            self._fewest += [used] * places
        self.work = 0  # layouts tried so far
        self._excess: dict[tuple[PartKey, ...], int] = {}
        self._tried: dict[tuple[PartKey, ...], int] = {}
        self._puts: dict[PartKey, Puts] = {}

    def fewest_pieces(self, places: int) -> int:
        return self._fewest[places] if places <= self.total else DOES_NOT_FIT

    def least(self, part: PartKey) -> int:
        """What the part costs here at the least; beside people who stand already it may close their gaps."""
        places, _blocked, stands = part
        return GAP * (1 - _runs(stands)) if stands else self.fewest_pieces(places)

    def least_of(self, parts: Sequence[PartKey]) -> int:
        return sum(map(self.least, parts))

    def excess(self, parts: Sequence[PartKey], at_most: int = DOES_NOT_FIT) -> int:
        """What the best layout found for these parts costs above their least. Gives up at what is more than `at_most`."""
        key = tuple(sorted(parts))
        if key in self._excess:
            return self._excess[key]
        if at_most <= self._tried.get(key, -1):
            return at_most + 1
        alone = [Part(*each) for each in key]
        quick = self._best(alone, NARROW, below=at_most + 1)
        found = self._best(alone, BEAM, below=quick[0] if quick else at_most + 1) if not quick or quick[0] else None
        if best := found or quick:
            self._excess[key] = best[0]
            return best[0]
        self._tried[key] = at_most
        return at_most + 1

    def layout(self, parts: Sequence[Part]) -> list[tuple[int, int]] | None:
        """(part, first place) pairs in the cheapest order found. None: they do not fit in a row.

        Weights only decide between layouts that cost the same.
        """
        scale = 1 + sum(part.weight for part in parts) * len(self.room)
        excess = self.excess([part.key for part in parts])
        found = self._best(parts, BEAM, scale, below=(excess + 1) * scale) or self._best(parts, BEAM, scale)
        return list(_unwound(found[1])) if found else None

    def _best(self, parts: Sequence[Part], beam: int, scale: int = 1, below: int | None = None) -> Found | None:
        """What the best layout costs above the least of its parts, if there is one below the limit."""
        slack = self.total - sum(part.places for part in parts)
        return Rows(self, parts, slack=slack, scale=scale, below=below).best(beam) if slack >= 0 else None

    def puts(self, part: Part) -> Puts:
        """What is known of where the part may begin, and what that costs above its least."""
        return self._puts.setdefault(part.key, {})

    def puts_after(self, position: int, part: Part) -> tuple[tuple[int, int], ...]:
        """At once, and later only where that is cheaper."""
        found: list[tuple[int, int]] = []
        least, start = self.least(part.key), position
        while put := self._put(start, part):
            first, excess = put[0], put[1] - least
            if not found or excess < found[-1][1]:
                found.append((first, excess))
            if not excess:
                break
            start = self._first[self._slot_at[first] + 1]
        return tuple(found)

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


class Rows:
    """One search for the best layout: row by row of equally many parts. At most `slack` places may be passed over."""

    def __init__(self, day: Day, parts: Sequence[Part], *, slack: int, scale: int, below: int | None) -> None:
        self._day = day
        self._parts = parts
        self._slack = slack
        self._scale = scale
        self._below = below
        self._is_weighted = any(part.weight for part in parts)
        # Of classes that are alike, the first comes first.
        self._after = [1 << index - 1 if index and part == parts[index - 1] else 0 for index, part in enumerate(parts)]
        self._puts = [day.puts(part) for part in parts]
        self._taken = {0: 0}

    def best(self, beam: int) -> Found | None:
        level: Level = {(0, 0): (0, None)}
        for _ in self._parts:
            self._day.work += len(level) * len(self._parts)
            level = self._cheapest(self._grown(level), beam)
        return min(level.values(), key=_by_cost, default=None)

    def _grown(self, level: Level) -> Level:
        """Every layout of the level with one part more."""
        grown: Level = {}
        scale, below, taken = self._scale, self._below, self._taken
        rank_at = self._day.rank_at
        for (done, position), (cost, chain) in level.items():
            latest = self._slack + taken[done]
            for index, part in enumerate(self._parts):
                if done >> index & 1 or self._after[index] & ~done:
                    continue
                known = self._puts[index]
                if position not in known:
                    known[position] = self._day.puts_after(position, part)
                for first, excess in known[position]:
                    if first > latest:
                        break
                    total = cost + excess * scale + part.weight * rank_at[first]
                    if below is not None and total >= below:
                        continue
                    more = done | 1 << index
                    taken[more] = taken[done] + part.places
                    state = (more, first + part.places)
                    if state not in grown or total < grown[state][0]:
                        grown[state] = (total, (index, first, chain))
        return grown

    def _cheapest(self, grown: Level, beam: int) -> Level:
        """The beam: of layouts of the same classes none that both costs more and ends later, and of all the cheapest,
        counting for classes still to come that they cannot begin before the end."""
        if self._is_weighted:
            ahead = {done: self._ahead(done) for done, _end in grown}
            rank_at = self._day.rank_at
            order = sorted((cost + ahead[done] * rank_at[end], end, done) for (done, end), (cost, _chain) in grown.items())
        else:
            order = sorted((cost, end, done) for (done, end), (cost, _chain) in grown.items())
        kept: Level = {}
        ends: dict[int, int] = {}
        for _cost, end, done in order:
            if end < ends.get(done, end + 1):
                ends[done] = end
                kept[done, end] = grown[done, end]
                if len(kept) == beam:
                    break
        return kept

    def _ahead(self, done: int) -> int:
        return sum(part.weight for index, part in enumerate(self._parts) if not done >> index & 1)


def _by_cost(found: Found) -> int:
    return found[0]


def _disturbance(slots: int) -> int:
    """Pieces and gaps of a class in these timeslots of one day."""
    return slots.bit_count() * PIECE + (_runs(slots) - 1) * GAP


def _runs(slots: int) -> int:
    return (slots & ~(slots << 1)).bit_count()


def _unwound(chain: Chain | None) -> Iterator[tuple[int, int]]:
    while chain:
        index, first, chain = chain
        yield index, first

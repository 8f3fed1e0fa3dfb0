"""The turns of one school: runs of its open days, and half days on which only a half has kits."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from drives.season.solver.ground import HALF_PARTS, Flags, Ground
from drives.season.solver.option import Option, option
from drives.season.solver.problem import Part
from drives.season.solver.waits import Floats, Whole

# A closure, or other schools' kits, may part a drive, but not by more working days than this.
LONGEST_PAUSE: Final = 2


def runs(ground: Ground, number: int) -> Iterator[Option]:
    """From each open day on, with each number of kits that needs fewer days than fewer kits do, or records more people on the
    first of as many days."""
    people, rules = ground.people[number], ground.rules
    shortest = np.full(len(rules.days), rules.longest + 1)
    begins = may_begin(ground, number)
    for kits in range(1, rules.most_kits + 1):
        room = ground.room(number, Part.DAY)[kits]
        usable = np.flatnonzero(ground.open[number] & (ground.free_all_day >= kits) & (room > 0))
        filled = np.concatenate(([0], np.cumsum(room[usable])))
        ends = _ends(usable, filled, people)
        lengths = ends - np.arange(len(usable))
        gains = (lengths < shortest[usable]) | ((lengths == shortest[usable]) & (lengths > 1))
        found = np.flatnonzero((lengths > 0) & (lengths <= rules.longest) & gains & begins[usable])
        shortest[usable[found]] = lengths[found]
        waits = _waits(ground, number, usable, filled, found, ends)
        kilometres = ground.travel.alone(number, kits)
        for at, end, wait in zip(found.tolist(), ends[found].tolist(), waits.tolist(), strict=True):
            yield option(ground, (number,), (Part.DAY,), tuple(usable[at:end].tolist()), kits, (wait,), kilometres)


def may_begin(ground: Ground, number: int) -> Flags:
    """Days on which at least the eldest is old enough."""
    found: Flags = ground.offset >= ground.waits[number].of_age
    return found


def _ends(usable: Whole, filled: Whole, people: int) -> Whole:
    """For each start the end of the shortest run that holds everybody (exclusive), or 0 where there is none."""
    ends = np.searchsorted(filled, filled[:-1] + people)
    held = np.minimum(ends, len(usable))
    pauses = np.concatenate(([0], np.cumsum(np.diff(usable) > LONGEST_PAUSE + 1))) if len(usable) else np.zeros(1, dtype=np.int64)
    is_whole = (ends <= len(usable)) & (pauses[held - 1] == pauses[: len(usable)]) if len(usable) else np.zeros(0, dtype=bool)
    found: Whole = np.where(is_whole, ends, 0)
    return found


def _waits(ground: Ground, number: int, usable: Whole, filled: Whole, starts: Whole, ends: Whole) -> Floats:
    """The waiting days of the runs that begin at `starts`, one day of all runs at a time."""
    people, table = ground.people[number], ground.waits[number].table
    waits = np.zeros(len(starts))
    last = ends[starts]
    done = np.zeros(len(starts), dtype=np.int64)
    for step in range(int((last - starts).max(initial=0))):
        at = np.minimum(starts + step, last - 1)
        upto = np.minimum(people, filled[np.minimum(at + 1, last)] - filled[starts])
        waits += table[usable[at], upto] - table[usable[at], done]
        done = upto
    return waits


def halves(ground: Ground, number: int) -> Iterator[Option]:
    """Half days, where one half has more kits free than the other and everybody can be recorded in it."""
    most, people = ground.rules.most_kits, ground.people[number]
    begins = may_begin(ground, number) & ground.open[number]
    for half, part in enumerate(HALF_PARTS):
        least = least_kits(ground, number, part)
        kits_free = np.minimum(ground.free[:, half], most)
        fits = begins & (ground.free[:, half] > ground.free[:, 1 - half]) & (least <= kits_free)
        for day in np.flatnonzero(fits).tolist():
            kits = int(least[day])
            wait = float(ground.waits[number].table[day, people])
            yield option(ground, (number,), (part,), (day,), kits, (wait,), ground.travel.alone(number, kits))


def least_kits(ground: Ground, number: int, part: Part) -> Whole:
    """By day: the fewest kits that hold everybody in this part of it; more than there can be where none do."""
    room = ground.room(number, part)
    enough = room[1 : ground.rules.most_kits + 1] >= ground.people[number]
    found: Whole = (
        np.where(enough.any(axis=0), enough.argmax(axis=0) + 1, NO_KITS) if len(enough) else np.full(room.shape[1], NO_KITS)
    )
    return found


NO_KITS: Final = 1_000_000

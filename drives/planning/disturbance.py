"""What a placement costs the lessons: further days of a class, gaps within its day, and pieces."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from drives.planning.layout import DAY_SPLIT, GAP, PIECE


@dataclass(frozen=True, slots=True)
class Cost:
    day_splits: int
    gaps: int
    pieces: int

    @property
    def total(self) -> int:
        return DAY_SPLIT * self.day_splits + GAP * self.gaps + PIECE * self.pieces


def day_numbers(days: Sequence[date]) -> list[int]:
    """Of each timeslot, in order of time, the number of its day."""
    number = {day: place for place, day in enumerate(sorted(set(days)))}
    return [number[day] for day in days]


def class_cost(used: Iterable[int], day_of: Sequence[int]) -> Cost:
    """Of one class in the timeslots of these indexes."""
    order = sorted(used)
    steps = list(pairwise(order))
    splits = sum(day_of[one] != day_of[other] for one, other in steps)
    gaps = sum(day_of[one] == day_of[other] and other > one + 1 for one, other in steps)
    return Cost(splits, gaps, len(order))


def total_of(costs: Iterable[Cost]) -> Cost:
    found = list(costs)
    return Cost(sum(cost.day_splits for cost in found), sum(cost.gaps for cost in found), sum(cost.pieces for cost in found))

"""Which of a tablet's numbers have come: stretches of whole numbers, as one list first, last, first, last …"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Final

MOST_STRETCHES: Final = 500
MOST_NAMED: Final = 100


def with_numbers(stretches: Sequence[int], numbers: Collection[int]) -> list[int]:
    """The stretches with these numbers, too. Whoever skips numbers without end is remembered up to a bound."""
    pairs = sorted(chain(_pairs(stretches), ((number, number) for number in numbers if number > 0)))
    merged: list[list[int]] = []
    for first, last in pairs:
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return [number for pair in merged[:MOST_STRETCHES] for number in pair]


def highest(stretches: Sequence[int]) -> int:
    """Up to here all have come; 0 when the first has not."""
    return stretches[1] if stretches and stretches[0] == 1 else 0


def missing(stretches: Sequence[int], *, until: int = 0) -> list[int]:
    """The first of those between 1 and the last that came, or `until`, which have not come."""
    found: list[int] = []
    expected = 1
    for first, last in chain(_pairs(stretches), [(until + 1, until)]):
        found.extend(range(expected, min(first, expected + MOST_NAMED - len(found))))
        expected = max(expected, last + 1)
        if len(found) >= MOST_NAMED:
            break
    return found


def lacking(stretches: Sequence[int], *, until: int) -> int:
    """How many of 1 … `until` have not come."""
    return until - sum(max(0, min(last, until) - first + 1) for first, last in _pairs(stretches))


def has_gap_below(stretches: Sequence[int], number: int) -> bool:
    return lacking(stretches, until=number - 1) > 0


def _pairs(stretches: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(stretches[::2], stretches[1::2], strict=True)

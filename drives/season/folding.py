"""Long lists of schools: a few stand below each other, more are folded, by week where they have days."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Final, TypeVar

from drives.planning.labels import span_of

FEW: Final = 12
T = TypeVar("T")


def by_week(lines: Iterable[T], first_day: Callable[[T], date]) -> list[tuple[str, tuple[T, ...]]]:
    """Under `Sen 11 Jan – Jum 15 Jan` what begins in that week, in the order of the days."""
    found: defaultdict[date, list[T]] = defaultdict(list)
    for line in sorted(lines, key=first_day):
        day = first_day(line)
        found[day - timedelta(days=day.weekday())].append(line)
    return [(span_of(monday, monday + timedelta(days=4)), tuple(each)) for monday, each in found.items()]

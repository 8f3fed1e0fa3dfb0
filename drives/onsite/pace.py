"""How fast a day goes and when it will be done, with its breaks left out: nobody is recorded in a prayer break.

Plain functions over moments. A break is the time between two sessions; before the first and after the last one people work as
long as it takes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Final

HOUR: Final = timedelta(hours=1)
SHORTEST_WINDOW: Final = timedelta(minutes=10)
NOTHING: Final = timedelta(0)

Break = tuple[datetime, datetime]


def breaks_of(sessions: Iterable[tuple[datetime, datetime]]) -> list[Break]:
    return [(ends_at, starts_at) for (_start, ends_at), (starts_at, _end) in pairwise(sorted(sessions)) if starts_at > ends_at]


def worked(since: datetime, until: datetime, *, breaks: Sequence[Break]) -> timedelta:
    """The time between two moments without the breaks."""
    paused = (min(until, ends_at) - max(since, starts_at) for starts_at, ends_at in breaks)
    return max(NOTHING, until - since - sum((one for one in paused if one > NOTHING), NOTHING))


def an_hour_before(now: datetime, *, breaks: Sequence[Break]) -> datetime:
    """Since when an hour has been worked."""
    left = HOUR
    for starts_at, ends_at in reversed(breaks):
        if starts_at >= now:
            continue
        since = max(NOTHING, now - ends_at)
        if left <= since:
            break
        left, now = left - since, starts_at
    return now - left


def pace_of(recent: int, *, first: datetime, now: datetime, breaks: Sequence[Break]) -> int:
    """An hour's, of `recent` recordings in the last hour of work, or since the first one."""
    since = max(first, an_hour_before(now, breaks=breaks))
    window = max(SHORTEST_WINDOW, worked(since, now, breaks=breaks))
    return max(1, int(recent * (HOUR / window) + 0.5))


def finish_of(left: int, pace: int | None, *, now: datetime, breaks: Sequence[Break]) -> datetime | None:
    """When the last of `left` is done at this pace, to five minutes: more would be a promise. None where that is not known."""
    if not pace or not left:
        return None
    work = HOUR * left / pace
    for starts_at, ends_at in breaks:
        if ends_at <= now:
            continue
        room = max(NOTHING, starts_at - now)
        if work <= room:
            break
        work, now = work - room, ends_at
    return _to_five_minutes(now + work)


def _to_five_minutes(moment: datetime) -> datetime:
    seconds = ceil(moment.timestamp() / 300) * 300
    return datetime.fromtimestamp(seconds, tz=moment.tzinfo)

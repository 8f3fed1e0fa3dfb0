"""When everybody will be recorded, if the last four weeks go on; and how sure that is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Final

from drives.planning.days import Days

WEEK: Final = timedelta(weeks=1)
WEEKS: Final = 4
# Further ahead than this a pace says nothing.
HORIZON: Final = timedelta(days=3 * 365)
# Monday to Friday without national holidays, where no office has told anything else.
NOBODYS: Final = (Days(),)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Recordings per working day: over all weeks looked at, in the slowest and in the fastest of them.

    `done_on` is the day on which nobody is left at that pace, None beyond the horizon; `earliest` and `latest` the same for
    the fastest and the slowest week.
    """

    pace: float
    slowest: float
    fastest: float
    weeks: int
    done_on: date | None
    earliest: date | None
    latest: date | None


def forecast(recorded: Mapping[date, int], *, left: int, day: date, calendars: Sequence[Days] = NOBODYS) -> Forecast | None:
    """From the stock of recorded at `day` and at the ends of up to four weeks before it; `calendars` of the offices at work.

    None where there is nothing to go by: less than a week of figures, nobody left, or a pace of zero.
    """
    weeks = 0
    while weeks < WEEKS and day - (weeks + 1) * WEEK in recorded:
        weeks += 1
    if not weeks or day not in recorded or left <= 0:
        return None
    worked = [working_days(day - (week + 1) * WEEK, day - week * WEEK, calendars) for week in range(weeks)]
    gained = [recorded[day - week * WEEK] - recorded[day - (week + 1) * WEEK] for week in range(weeks)]
    paces = [max(0, gain) / days for gain, days in zip(gained, worked, strict=True) if days]
    if not paces or sum(gained) <= 0 or not sum(worked):
        return None
    pace = sum(gained) / sum(worked)
    slowest, fastest = min(pace, *paces), max(pace, *paces)
    done = [done_on(left, each, day, calendars) for each in (pace, fastest, slowest)]
    return Forecast(pace, slowest, fastest, weeks, *done)


def working_days(after: date, until: date, calendars: Sequence[Days] = NOBODYS) -> int:
    """Days after `after`, up to and with `until`, on which one of the offices works."""
    return len(_worked(after + timedelta(days=1), until, calendars))


def done_on(left: int, pace: float, day: date, calendars: Sequence[Days] = NOBODYS) -> date | None:
    """The working day on which the last one is recorded; None if that lies beyond the horizon."""
    if pace <= 0 or left > pace * HORIZON.days:
        return None
    needed = ceil(left / pace - 1e-9)
    ahead = sorted(_worked(day + timedelta(days=1), day + HORIZON, calendars))
    return ahead[needed - 1] if needed <= len(ahead) else None


def _worked(first: date, last: date, calendars: Sequence[Days]) -> set[date]:
    return set().union(*(each.worked(first, last) for each in calendars))

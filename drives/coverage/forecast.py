"""When everybody will be recorded, if the last four weeks go on; and how sure that is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Final

from drives.planning.calendar import MONDAY_TO_FRIDAY, national_holidays

WEEK: Final = timedelta(weeks=1)
WEEKS: Final = 4
# Further ahead than this a pace says nothing.
HORIZON: Final = timedelta(days=3 * 365)


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


def forecast(recorded: Mapping[date, int], *, left: int, day: date) -> Forecast | None:
    """From the stock of recorded at `day` and at the ends of up to four weeks before it.

    None where there is nothing to go by: less than a week of figures, nobody left, or a pace of zero.
    """
    weeks = 0
    while weeks < WEEKS and day - (weeks + 1) * WEEK in recorded:
        weeks += 1
    if not weeks or day not in recorded or left <= 0:
        return None
    worked = [working_days(day - (week + 1) * WEEK, day - week * WEEK) for week in range(weeks)]
    gained = [recorded[day - week * WEEK] - recorded[day - (week + 1) * WEEK] for week in range(weeks)]
    paces = [max(0, gain) / days for gain, days in zip(gained, worked, strict=True) if days]
    if not paces or sum(gained) <= 0 or not sum(worked):
        return None
    pace = sum(gained) / sum(worked)
    slowest, fastest = min(pace, *paces), max(pace, *paces)
    done = [done_on(left, each, day) for each in (pace, fastest, slowest)]
    return Forecast(pace, slowest, fastest, weeks, *done)


def working_days(after: date, until: date) -> int:
    """Working days after `after`, up to and with `until`: Monday to Friday, without national holidays."""
    holidays = national_holidays(after, until)
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return sum(day.weekday() in MONDAY_TO_FRIDAY and day not in holidays for day in days)


def done_on(left: int, pace: float, day: date) -> date | None:
    """The working day on which the last one is recorded; None if that lies beyond the horizon."""
    if pace <= 0 or left > pace * HORIZON.days:
        return None
    holidays = national_holidays(day, day + HORIZON)
    needed = ceil(left / pace - 1e-9)
    for ahead in (day + timedelta(days=n) for n in range(1, HORIZON.days + 1)):
        needed -= ahead.weekday() in MONDAY_TO_FRIDAY and ahead not in holidays
        if needed <= 0:
            return ahead
    return None

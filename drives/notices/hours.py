"""When an office may write to people: between its hours, never at night. Pure functions over moments."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Hours:
    """From the full hour `first` until the full hour `last`, in the office's zone."""

    first: int
    last: int
    zone: tzinfo

    def allow(self, moment: datetime) -> bool:
        return self.first <= moment.astimezone(self.zone).hour < self.last

    def next_moment(self, moment: datetime) -> datetime:
        """The moment itself, or the next opening after it."""
        if self.allow(moment):
            return moment
        local = moment.astimezone(self.zone)
        day = local.date() if local.hour < self.first else local.date() + timedelta(days=1)
        return self.opening(day)

    def opening(self, day: date) -> datetime:
        return datetime.combine(day, time(self.first), self.zone)

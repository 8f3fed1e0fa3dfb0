"""A school's calendar as plain values: what its office and itself have told about days and hours, and what follows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from drives.planning.calendar import (
    DEFAULT_SHORT_DAYS,
    HORIZON,
    MONDAY_TO_FRIDAY,
    Closure,
    DayVerdict,
    Holiday,
    ShortDays,
    candidate_days,
    day_verdict,
    fit_sessions,
    in_fasting_month,
    national_holidays,
)
from drives.planning.capacity import Session, minute_of
from drives.planning.slots import SHORTEST

Month = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Days:
    """Closures and lesson hours of the school; working week, Fridays, Ramadan and holidays of its office.

    `lessons` are uninterrupted stretches by weekday (0 is Monday). Empty: the school has told none, and nothing is known
    against any hour. A weekday missing from those told has no lessons.
    """

    closures: tuple[Closure, ...] = ()
    special_days: frozenset[date] = frozenset()
    working_days: frozenset[int] = MONDAY_TO_FRIDAY
    lessons: Mapping[int, tuple[Session, ...]] = field(default_factory=dict)
    short_days: ShortDays = DEFAULT_SHORT_DAYS
    added: Mapping[date, str] = field(default_factory=dict)
    struck: frozenset[date] = frozenset()
    fasting_months: tuple[Month, ...] = ()

    @property
    def week(self) -> frozenset[int]:
        """Weekdays on which the office works and, as far as it has told, the school has lessons."""
        return self.working_days & frozenset(self.lessons) if self.lessons else self.working_days

    def holidays(self, first: date, last: date) -> dict[date, Holiday]:
        return national_holidays(first, last, added=self.added, struck=self.struck)

    def worked(self, first: date, last: date) -> set[date]:
        """Days on which the office works: its week without holidays and closures of everybody, and special working days."""
        off = self.holidays(first, last)
        return {
            day
            for day in days_between(first, last)
            if day in self.special_days or (day.weekday() in self.working_days and day not in off and not self._is_shut(day))
        }

    def _is_shut(self, day: date) -> bool:
        return any(each.covers(day) and each.is_whole_day and each.concerns_everybody for each in self.closures)

    def verdict(self, day: date, *, grades: Iterable[str], today: date) -> DayVerdict:
        found = day_verdict(
            day,
            closures=self.closures,
            grades=frozenset(grades),
            today=today,
            holidays=self.holidays(day, day),
            special_days=self.special_days,
            working_days=self.week,
            fasting_months=self.fasting_months,
        )
        if day in self.special_days or day.weekday() not in self.lessons:
            return found
        return replace(found, notes=(*found.notes, _("The sessions keep to the school's lesson hours.")))

    def candidates(self, first: date, count: int, *, grades: Iterable[str], today: date) -> list[DayVerdict]:
        start = max(first, today)
        return candidate_days(
            first,
            count,
            closures=self.closures,
            grades=frozenset(grades),
            today=today,
            holidays=self.holidays(start, start + HORIZON),
            special_days=self.special_days,
            working_days=self.week,
            fasting_months=self.fasting_months,
        )

    def is_ramadan(self, day: date) -> bool:
        return in_fasting_month(day, self.fasting_months)

    def sessions_on(self, day: date, sessions: Sequence[Session], *, slot_minutes: int) -> list[Session]:
        """What of the sessions can be held that day: in lesson time, in no break and in no hour closed to everybody.

        On a special working day there are no lessons, so that the wish stands but for closed hours. May be empty.
        """
        shut = self._closed_hours(day)
        if day in self.special_days:
            return fit_sessions(sessions, day, slot_minutes=slot_minutes, breaks=shut, short_days=ANY_HOUR, in_ramadan=False)
        lessons = self.lessons.get(day.weekday(), ())
        wished = _within(sessions, lessons) if lessons else sorted(sessions)
        return fit_sessions(
            wished,
            day,
            slot_minutes=slot_minutes,
            breaks=shut,
            short_days=self.short_days,
            in_ramadan=self.is_ramadan(day),
        )

    def _closed_hours(self, day: date) -> list[Session]:
        return [
            Session(each.start, each.end)
            for each in self.closures
            if each.start and each.end and each.concerns_everybody and each.covers(day)
        ]


ANY_HOUR = ShortDays(prayer_start=None, prayer_end=None, last_slot=None, ramadan_end=None)


def _within(sessions: Sequence[Session], lessons: Sequence[Session]) -> list[Session]:
    """The sessions' parts in lesson time; what a break leaves under the shortest timeslot is nothing."""
    parts = [
        Session(max(session.start, lesson.start), min(session.end, lesson.end)) for session in sessions for lesson in lessons
    ]
    return sorted(part for part in parts if minute_of(part.end) - minute_of(part.start) >= SHORTEST)


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

"""Which days and hours a season has, for everybody and for each school."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from drives.models import Season
from drives.planning.calendar import DayState
from drives.planning.capacity import Session, without_setup
from drives.planning.days import Days, days_between
from drives.planning.facts import days_of_schools
from drives.season.solver.problem import Part
from schools.models import School


def working_days(*, season: Season, today: date) -> tuple[date, ...]:
    """Days of the season, after today, on which the office works."""
    return Calendar(season, today=today).days


class Calendar:
    """The days of a season and what closes them, for everybody and for each school.

    `days` are those on which the office works, and those that a school alone has declared special working days: there the
    kits may go, and all others are closed. `off` names what is against every other day.
    """

    def __init__(self, season: Season, schools: Sequence[School] = (), *, today: date) -> None:
        self.season, self.office = season, season.office
        self.first = max(season.starts_on, today + timedelta(days=1))
        for school in schools:
            # Answers that are not saved yet hold as well; offices below have calendars of their own.
            if school.office_id == self.office.pk:
                school.office = self.office
        told = days_of_schools([School(id=season.pk, office=self.office), *schools], since=self.first)
        # What holds for a school that has told nothing, and what each of the others has told; most have told nothing.
        self.anywhere = told.pop(season.pk)
        self.told = {school: days for school, days in told.items() if days != self.anywhere}
        against = {day: name for day in self._span() if (name := self._against(day, self.anywhere, ()))}
        self.extra = {day: against[day] for day in sorted(self._special_of_schools()) if day in against}
        self.common = tuple(day for day in self._span() if day not in against)
        self.days = tuple(sorted({*self.common, *self.extra}))
        self.off = {day: name for day, name in against.items() if day not in self.extra}

    def _special_of_schools(self) -> set[date]:
        """Days that single schools have declared special working days and on which they have hours."""
        span = set(self._span())
        return {
            day
            for days in self.told.values()
            for day in (days.special_days - self.anywhere.special_days) & span
            if not self._against(day, days, ())
        }

    def _span(self) -> list[date]:
        return days_between(self.first, self.season.ends_on) if self.first <= self.season.ends_on else []

    def _against(self, day: date, days: Days, grades: Collection[str]) -> str:
        """What keeps people of these grades from being recorded on this day."""
        verdict = days.verdict(day, grades=grades, today=self.first)
        if verdict.state is DayState.REFUSED or verdict.code == "weekend":
            return str(verdict.name)
        return "" if self._hours(day, Part.DAY, days) else str(_("No time is left"))

    def closed(self, school: UUID, grades: Collection[str]) -> dict[date, str]:
        """Working days on which nobody of the school can take part, with the reason."""
        days = self.told.get(school)
        partly = any(closure.grades for closure in self.anywhere.closures)
        if days is None and not partly:
            return dict(self.extra)
        found = days or self.anywhere
        return {day: name for day in self.days if (name := self._against(day, found, grades))}

    def hours_of(self, school: UUID) -> str:
        """The row of `Rules.places` that holds for the school."""
        return str(school) if school in self.told else ""

    def hours(self, day: date, part: Part, school: UUID | None = None) -> tuple[Session, ...]:
        """The sessions of the whole day, or of a half, as they can be held; none where no time is left."""
        return self._hours(day, part, self.told.get(school, self.anywhere) if school else self.anywhere)

    def _hours(self, day: date, part: Part, days: Days) -> tuple[Session, ...]:
        fitted = days.sessions_on(day, sessions_of(self.season, part), slot_minutes=self.office.slot_minutes)
        return tuple(trimmed(fitted, self.season.setup_minutes, self.season.packup_minutes))


def sessions_of(season: Season, part: Part) -> tuple[Session, ...]:
    """The season's hours on a day, or on one half of it, before setting up and packing up."""
    morning = Session(season.morning_from, season.morning_until)
    afternoon = Session(season.afternoon_from, season.afternoon_until)
    return {Part.DAY: (morning, afternoon), Part.MORNING: (morning,), Part.AFTERNOON: (afternoon,)}[part]


def trimmed(sessions: Sequence[Session], setup_minutes: int, packup_minutes: int) -> list[Session]:
    """The sessions less setting up and packing up; none where that takes all the time."""
    try:
        return without_setup(sessions, setup_minutes=setup_minutes, packup_minutes=packup_minutes)
    except ValidationError:
        return []

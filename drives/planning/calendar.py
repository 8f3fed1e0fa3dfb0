"""Which days and hours a drive may use: holidays by name, closures, working days, Fridays and Ramadan.

Holidays come from the `holidays` package (Indonesia, public holidays and cuti bersama). Islamic dates are estimates
until decreed, so offices add and strike dates: both are arguments, as are closures. Nothing here reads a clock.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

import holidays
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from drives.planning.capacity import Session, minute_of, time_of, without_breaks

Text = str | Promise
ClassId = UUID | str

MONDAY_TO_FRIDAY = frozenset(range(5))
MONDAY_TO_SATURDAY = frozenset(range(6))
FRIDAY, SUNDAY = 4, 6
EID_NAME = "Hari Raya Idul Fitri"
HORIZON = timedelta(days=366)


class HolidayKind(StrEnum):
    NATIONAL = "national"
    JOINT_LEAVE = "joint_leave"
    ADDED = "added"


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    day: date
    name: str
    kind: HolidayKind


@lru_cache(maxsize=32)
def _holidays_of(year: int) -> tuple[Holiday, ...]:
    found: dict[date, Holiday] = {}
    for category, kind in (("government", HolidayKind.JOINT_LEAVE), ("public", HolidayKind.NATIONAL)):
        named = holidays.country_holidays("ID", years=year, categories=(category,), language="id")
        found |= {day: Holiday(day, name, kind) for day, name in named.items()}
    return tuple(sorted(found.values()))


def national_holidays(
    first: date, last: date, *, added: Mapping[date, str] | None = None, struck: Collection[date] = ()
) -> dict[date, Holiday]:
    """National holidays and cuti bersama from `first` to `last`, by their Indonesian names.

    `added` are decreed dates that the package does not know, `struck` those that the office found wrong.
    """
    known = [holiday for year in range(first.year, last.year + 1) for holiday in _holidays_of(year)]
    known = [holiday for holiday in known if holiday.day not in struck]
    known += [Holiday(day, name, HolidayKind.ADDED) for day, name in (added or {}).items()]
    return {holiday.day: holiday for holiday in known if first <= holiday.day <= last}


def estimated_ramadan(year: int) -> list[tuple[date, date]]:
    """First and last day of the months that begin in `year`: the thirty days before each Idul Fitri, by estimate."""
    eids = [each.day for eid_year in (year, year + 1) for each in _holidays_of(eid_year) if each.name.startswith(EID_NAME)]
    months = [(eid - timedelta(days=30), eid - timedelta(days=1)) for eid in eids]
    return [(first, last) for first, last in months if first.year == year]


@lru_cache(maxsize=512)
def is_ramadan(day: date) -> bool:
    """Whether `day` is, by estimate, in the thirty days before Idul Fitri."""
    return any(first <= day <= last for year in (day.year - 1, day.year) for first, last in estimated_ramadan(year))


def in_fasting_month(day: date, decreed: Iterable[tuple[date, date]]) -> bool:
    """Whether `day` is in Ramadan: by decree where the year's month (first and last day) is known, else by estimate.

    A decree replaces the estimate that lies within a month of it; two years' months are 354 days apart.
    """
    months = list(decreed)
    if any(first <= day <= last for first, last in months):
        return True
    return is_ramadan(day) and not any(abs((day - first).days) < 45 for first, _last in months)


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which a school or an office cannot take part.

    Empty `grades` and `class_ids` mean everybody. `start` and `end` (both or neither) narrow it to a part of each day.
    """

    first: date
    last: date
    reason: str
    grades: frozenset[str] = frozenset()
    class_ids: frozenset[ClassId] = frozenset()
    start: time | None = None
    end: time | None = None

    @property
    def concerns_everybody(self) -> bool:
        return not self.grades and not self.class_ids

    @property
    def is_whole_day(self) -> bool:
        return self.start is None or self.end is None

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last

    def concerns(self, grade: str, class_id: ClassId) -> bool:
        """Whether it closes the school to this class; either way of naming the class suffices."""
        return self.concerns_everybody or grade in self.grades or class_id in self.class_ids

    def overlaps(self, day: date, start: time, end: time) -> bool:
        """Whether it takes a part of `start`–`end` on `day`."""
        if not self.covers(day):
            return False
        return self.start is None or self.end is None or (self.start < end and start < self.end)


class DayState(StrEnum):
    OK = "ok"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """What stands against a day, the gravest reason first: a short name, a sentence, and notes that change nothing."""

    day: date
    state: DayState
    code: str
    name: Text
    sentence: Text
    closed_grades: frozenset[str] = frozenset()
    notes: tuple[Text, ...] = field(default=())


def day_verdict(
    day: date,
    *,
    closures: Iterable[Closure],
    grades: Collection[str],
    today: date,
    holidays: Mapping[date, Holiday] | None = None,
    special_days: Collection[date] = (),
    working_days: Collection[int] = MONDAY_TO_FRIDAY,
    fasting_months: Collection[tuple[date, date]] = (),
) -> DayVerdict:
    """Whether a drive for `grades` may take place on `day`.

    Refused: a past day, a holiday, a closure of every grade asked. Warned of: a day outside `working_days`
    (Monday is 0), a closure of some grades, classes or hours. A day among `special_days` was declared a working day by
    the office: weekday and holiday no longer count. `holidays` are the national ones where not given.
    """
    notes = day_notes(day, fasting_months)
    if day < today:
        return DayVerdict(day, DayState.REFUSED, "past", _("Past"), _("This day has passed. Choose today or a later day."))
    special = day in special_days
    known = national_holidays(day, day) if holidays is None else holidays
    if not special and (holiday := known.get(day)):
        return DayVerdict(
            day,
            DayState.REFUSED,
            "holiday",
            holiday.name,
            _("Offices and schools are closed. Declare it a special working day to use it."),
            notes=notes,
        )
    on_day = [closure for closure in closures if closure.covers(day)]
    if shut := _closing_all(on_day, grades):
        return DayVerdict(
            day,
            DayState.REFUSED,
            "closed",
            shut.reason,
            _("The school cannot take part on this day. Choose another day."),
            closed_grades=frozenset(grades),
            notes=notes,
        )
    if not special and day.weekday() not in working_days:
        return DayVerdict(day, DayState.WARNING, "weekend", *_weekend(day), notes=notes)
    if on_day:
        return _partly_closed(day, on_day, grades, notes)
    return DayVerdict(day, DayState.OK, "free", _("Can be used"), _("The day can be used."), notes=notes)


def _weekend(day: date) -> tuple[Text, Text]:
    if day.weekday() == SUNDAY:
        return _("Sunday"), _("There are no lessons on Sunday. Ask the school whether it will open.")
    return _("Outside the working week"), _("Schools with a five-day week have no lessons. Ask the school whether it will open.")


def _closing_all(closures: list[Closure], grades: Collection[str]) -> Closure | None:
    """The closure that, with those before it, leaves none of the grades a whole or part of the day."""
    closed: set[str] = set()
    for closure in closures:
        if not closure.is_whole_day:
            continue
        if closure.concerns_everybody:
            return closure
        closed |= closure.grades
        if closure.grades and grades and closed >= set(grades):
            return closure
    return None


def _partly_closed(day: date, closures: list[Closure], grades: Collection[str], notes: tuple[Text, ...]) -> DayVerdict:
    closed = frozenset().union(*(closure.grades for closure in closures if closure.is_whole_day))
    if grades:
        closed &= frozenset(grades)
    if closed:
        sentence: Text = _("Some grades cannot come on this day; they are given other days.")
    elif any(closure.is_whole_day and closure.class_ids for closure in closures):
        sentence = _("Some classes cannot come on this day; they are given other days.")
    elif any(not closure.is_whole_day for closure in closures):
        sentence = _("A part of the day is closed; nobody concerned is called during that time.")
    else:
        return DayVerdict(day, DayState.OK, "free", _("Can be used"), _("The day can be used."), notes=notes)
    reason = closures[0].reason
    return DayVerdict(day, DayState.WARNING, "partly_closed", reason, sentence, closed_grades=closed, notes=notes)


def day_notes(day: date, fasting_months: Collection[tuple[date, date]] = ()) -> tuple[Text, ...]:
    """What to know about a day that can be used: a short Friday, the fasting month."""
    notes: list[Text] = []
    if day.weekday() == FRIDAY:
        notes.append(_("Friday is short: mind the prayer break."))
    if in_fasting_month(day, fasting_months):
        is_decreed = any(first <= day <= last for first, last in fasting_months)
        notes.append(_("Ramadan: lessons end earlier.") if is_decreed else _("Ramadan, by estimate: lessons end earlier."))
    return tuple(notes)


def candidate_days(
    first: date,
    count: int,
    *,
    closures: Iterable[Closure] = (),
    grades: Collection[str] = (),
    today: date,
    holidays: Mapping[date, Holiday] | None = None,
    special_days: Collection[date] = (),
    working_days: Collection[int] = MONDAY_TO_FRIDAY,
    fasting_months: Collection[tuple[date, date]] = (),
) -> list[DayVerdict]:
    """The next `count` days to choose from: working and special days from `first`, closed and holiday ones with
    their reason, so that a reader sees why they cannot be chosen. Looks a year ahead at most.
    """
    start = max(first, today)
    closing = list(closures)
    known = national_holidays(start, start + HORIZON) if holidays is None else holidays
    found: list[DayVerdict] = []
    for day in (start + timedelta(days=offset) for offset in range(HORIZON.days)):
        if len(found) >= count:
            break
        if day.weekday() in working_days or day in special_days:
            found.append(
                day_verdict(
                    day,
                    closures=closing,
                    grades=grades,
                    today=today,
                    holidays=known,
                    special_days=special_days,
                    working_days=working_days,
                    fasting_months=fasting_months,
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class ShortDays:
    """The office's hours on Fridays and in Ramadan. `last_slot` is the latest start of a Friday's timeslot."""

    prayer_start: time | None = time(11, 30)
    prayer_end: time | None = time(13)
    last_slot: time | None = time(11)
    ramadan_end: time | None = time(14)


DEFAULT_SHORT_DAYS = ShortDays()


def fit_sessions(
    sessions: Iterable[Session],
    day: date,
    *,
    slot_minutes: int,
    breaks: Iterable[Session] = (),
    short_days: ShortDays = DEFAULT_SHORT_DAYS,
    in_ramadan: bool | None = None,
) -> list[Session]:
    """The sessions as they can be held on `day`: less the school's breaks, Friday's prayer and Ramadan's early end.

    May be empty. `in_ramadan` overrides the estimate once the month is decreed.
    """
    left = without_breaks(list(sessions), list(breaks))
    if day.weekday() == FRIDAY:
        if short_days.prayer_start and short_days.prayer_end:
            left = without_breaks(left, [Session(short_days.prayer_start, short_days.prayer_end)])
        if short_days.last_slot:
            left = _until(left, time_of(min(1439, minute_of(short_days.last_slot) + slot_minutes)))
    if short_days.ramadan_end and (is_ramadan(day) if in_ramadan is None else in_ramadan):
        left = _until(left, short_days.ramadan_end)
    return left


def _until(sessions: list[Session], end: time) -> list[Session]:
    return [Session(session.start, min(session.end, end)) for session in sessions if session.start < end]

"""Published drive days on which a school can no longer take part, because its calendar changed after publishing.

Nothing is cancelled by itself: a planner is told, and decides.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from drives.models import Appointment, Drive, DriveDay
from drives.planning.calendar import HORIZON, Closure, DayState, national_holidays
from drives.planning.days import Days
from drives.planning.facts import days_of_schools
from schools import models as dates
from schools.models import HolidayChange, School

MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Affected:
    """A drive day, what stands against it, and how many people have a place in the closed time."""

    drive: Drive
    day: date
    reason: str | Promise
    people: int
    is_whole_day: bool


def affected_days(days: QuerySet[DriveDay], *, today: date) -> list[Affected]:
    """Of these drive days those that are published, still to come, and closed in whole or for somebody with a place.

    One query where nothing stands against any of them, else nine at most, however many days.
    """
    rows = list(
        days.filter(day__gte=today, drive__status=Drive.Status.PUBLISHED, drive__school__isnull=False, close=None)
        .filter(_something_against(today))
        .select_related("drive__school__office")
        .order_by("day", "pk")[:MOST]
    )
    if not rows:
        return []
    schools: dict[UUID, School] = {row.drive.school.pk: row.drive.school for row in rows if row.drive.school}
    calendars = days_of_schools(list(schools.values()), since=today)
    doubtful = [row for row in rows if _is_doubtful(row, calendars[_school_id(row)], today=today)]
    places = _places(doubtful)
    found = [_judge(row, calendars[_school_id(row)], places[row.pk], today=today) for row in doubtful]
    return [each for each in found if each]


def _something_against(today: date) -> Q:
    """A closure, a date that the office added, or a holiday: what could close a day. Most days are read no further."""
    closed = dates.Closure.objects.filter(
        Q(school=OuterRef("drive__school")) | Q(office=OuterRef("drive__school__office")),
        effect=dates.Closure.Effect.CLOSED,
        starts_on__lte=OuterRef("day"),
        ends_on__gte=OuterRef("day"),
    )
    added = HolidayChange.objects.filter(office=OuterRef("drive__school__office"), day=OuterRef("day"), withdrawn_at=None)
    foreseen = national_holidays(today, today + HORIZON)
    return Exists(closed) | Exists(added) | Q(day__in=foreseen)


def _school_id(row: DriveDay) -> UUID:
    assert row.drive.school_id is not None
    return row.drive.school_id


def _is_doubtful(row: DriveDay, calendar: Days, *, today: date) -> bool:
    verdict = calendar.verdict(row.day, grades=map(str, row.drive.grades), today=today)
    return verdict.state is DayState.REFUSED or any(closure.covers(row.day) for closure in calendar.closures)


# Class, grade, from, until and how many have a place then.
Place = dict[str, Any]


def _places(rows: list[DriveDay]) -> defaultdict[UUID, list[Place]]:
    counted = (
        Appointment.objects.live()
        .filter(timeslot__drive_day__in=[row.pk for row in rows])
        .values("timeslot__drive_day", "class_group", "class_group__grade", "timeslot__starts_at", "timeslot__ends_at")
        .annotate(people=Count("pk"))
        .order_by()
    )
    found: defaultdict[UUID, list[Place]] = defaultdict(list)
    for place in counted:
        found[place["timeslot__drive_day"]].append(place)
    return found


def _judge(row: DriveDay, calendar: Days, places: list[Place], *, today: date) -> Affected | None:
    verdict = calendar.verdict(row.day, grades=map(str, row.drive.grades), today=today)
    if verdict.state is DayState.REFUSED:
        return Affected(row.drive, row.day, verdict.name, sum(place["people"] for place in places), is_whole_day=True)
    zone = row.drive.office.zone if row.drive.school is None else row.drive.school.office.zone
    closures = [closure for closure in calendar.closures if closure.covers(row.day)]
    struck = [closure for closure in closures if any(_strikes(closure, row.day, place, zone) for place in places)]
    people = sum(place["people"] for place in places if any(_strikes(closure, row.day, place, zone) for closure in struck))
    return Affected(row.drive, row.day, struck[0].reason, people, is_whole_day=False) if people else None


def _strikes(closure: Closure, day: date, place: Place, zone: tzinfo) -> bool:
    start, end = place["timeslot__starts_at"].astimezone(zone).time(), place["timeslot__ends_at"].astimezone(zone).time()
    grade = str(place["class_group__grade"] or "")
    return closure.concerns(grade, place["class_group"] or "") and closure.overlaps(day, start, end)

"""Who comes when, class by class: counts and times, never names."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from drives.models import Appointment, Drive
from students.models import ClassGroup


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring timeslots of a class as one stretch of time, in the office's zone."""

    starts_at: datetime
    ends_at: datetime
    count: int

    @property
    def day(self) -> date:
        return self.starts_at.date()


@dataclass(frozen=True, slots=True)
class ClassSchedule:
    """`class_group_id` is None for who belongs to no class; `grade` is 0 where it is not known."""

    class_group_id: UUID | None
    name: str
    grade: int
    homeroom_name: str
    homeroom_email: str
    stretches: tuple[Stretch, ...]

    @property
    def count(self) -> int:
        return sum(stretch.count for stretch in self.stretches)

    @property
    def days(self) -> list[date]:
        return sorted({stretch.day for stretch in self.stretches})

    def on(self, day: date) -> "ClassSchedule":
        return replace(self, stretches=tuple(stretch for stretch in self.stretches if stretch.day == day))


def class_schedules(drive: Drive) -> list[ClassSchedule]:
    """Every class with a place in the drive, by grade and name; two queries."""
    zone = drive.office.zone
    rows: defaultdict[UUID | None, list[Stretch]] = defaultdict(list)
    slots = Appointment.objects.standing().filter(drive=drive).values("class_group", "timeslot__starts_at", "timeslot__ends_at")
    for found in slots.annotate(count=Count("pk")).order_by("timeslot__starts_at"):
        starts_at, ends_at = found["timeslot__starts_at"].astimezone(zone), found["timeslot__ends_at"].astimezone(zone)
        rows[found["class_group"]].append(Stretch(starts_at, ends_at, found["count"]))
    groups = ClassGroup.objects.in_bulk([pk for pk in rows if pk])
    made = [_schedule(pk, groups.get(pk) if pk else None, joined(stretches)) for pk, stretches in rows.items()]
    return sorted(made, key=_order)


def _schedule(pk: UUID | None, group: ClassGroup | None, stretches: Sequence[Stretch]) -> ClassSchedule:
    if group is None:
        return ClassSchedule(None, "", 0, "", "", tuple(stretches))
    return ClassSchedule(pk, group.name, group.grade or 0, group.homeroom_name, group.homeroom_email, tuple(stretches))


def _order(schedule: ClassSchedule) -> tuple[Any, ...]:
    """XI 2 stands before XI 10; who belongs to no class comes last."""
    words = tuple((word.isdigit(), int(word) if word.isdigit() else 0, word) for word in schedule.name.split())
    return (schedule.class_group_id is None, schedule.grade, words)


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches, in order of time, of which each that begins where the one before ends is made one with it."""
    made: list[Stretch] = []
    for stretch in stretches:
        if made and made[-1].ends_at == stretch.starts_at:
            made[-1] = Stretch(made[-1].starts_at, stretch.ends_at, made[-1].count + stretch.count)
        else:
            made.append(stretch)
    return made

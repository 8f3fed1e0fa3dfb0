"""What stands beside a school in the list: its students, and its next drive. One query for a whole page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Count, Q

from drives.models import Drive, DriveDay
from schools.models import School, User
from students.models import Person

OPEN: Final = (Drive.Status.DRAFT, Drive.Status.PUBLISHED)


@dataclass(frozen=True)
class Figures:
    students: int = 0
    needing: int = 0
    next_day: date | None = None

    @property
    def recorded(self) -> int:
        """Who needs no recording: by our own events, or by Dukcapil's status."""
        return self.students - self.needing


def figures_of(schools: Iterable[School], *, user: User, today: date) -> dict[UUID, Figures]:
    """By school. Only persons and drives that `user` may see are counted."""
    ids = [school.pk for school in schools]
    people = _people(ids, user)
    days = _next_days(ids, user, today)
    return {each: Figures(*people.get(each, (0, 0)), next_day=days.get(each)) for each in ids}


def _people(ids: list[UUID], user: User) -> dict[UUID, tuple[int, int]]:
    counted = (
        Person.objects.visible_to(user)
        .filter(school__in=ids)
        .values_list("school")
        .annotate(students=Count("pk"), needing=Count("pk", filter=Q(recorded_on=None)))
    )
    return {school: (students, needing) for school, students, needing in counted}


def _next_days(ids: list[UUID], user: User, today: date) -> dict[UUID, date]:
    """The soonest day of a drive that is planned or published."""
    days = DriveDay.objects.filter(
        drive__in=Drive.objects.visible_to(user).filter(school__in=ids, status__in=OPEN), day__gte=today
    )
    return dict(days.order_by("-day").values_list("drive__school", "day"))

"""Whose drive day it is: an operator's own of today, a lead operator's of the office on any day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeVar
from uuid import UUID

from django.db.models import Max, QuerySet
from django.http import Http404

from drives.models import Drive, DriveDay, DriveSession, OperatorDuty, Visit
from drives.onsite.rules import local_day
from schools.models import PERSON_ROLES, Role, User
from schools.zones import show_in_zone_of

T = TypeVar("T")
# Where the Wi-Fi is good: on the Friday before a Monday, too.
TABLET_DAYS_AHEAD: Final = timedelta(days=3)
ON_SITE = (Role.OPERATOR, Role.LEAD_OPERATOR)


def duties_on(user: User, day: date) -> QuerySet[DriveDay]:
    """The day's drive days that this person may work at."""
    days = DriveDay.objects.visible_to(user).under_way(day).select_related("drive__school", "office")
    return days.order_by("drive__school__search_name", "pk")


def own_duties(user: User, day: date) -> set[UUID]:
    """Those of them to which this person is assigned."""
    return set(OperatorDuty.objects.filter(user=user, drive_day__day=day).values_list("drive_day", flat=True))


def next_duty(user: User, day: date) -> DriveDay | None:
    later = DriveDay.objects.visible_to(user).filter(day__gt=day, drive__status=Drive.Status.PUBLISHED)
    return later.select_related("drive__school").order_by("day", "pk").first()


@dataclass(frozen=True, slots=True)
class Console:
    """A drive day opened by somebody, on a day of the office; a lead may also correct, and close it."""

    drive_day: DriveDay
    is_lead: bool
    today: date

    def moment_of_past(self) -> datetime | None:
        """When what is noted now of a day that is over happened, as far as anybody knows: at the end of its hours. On the day
        itself None: then it is now."""
        if self.drive_day.day >= self.today:
            return None
        last = DriveSession.objects.filter(drive_day=self.drive_day).aggregate(last=Max("ends_at"))["last"]
        return last or datetime.combine(self.drive_day.day, time(12), self.drive_day.office.zone)


def open_console(user: User, drive_day_id: UUID, *, now: datetime) -> Console:
    """The drive day, if this person may work at it now; the page is in its office's zone. Else it does not exist."""
    drive_day = _found(
        DriveDay.objects.visible_to(user)
        .filter(pk=drive_day_id, drive__status__in=[Drive.Status.PUBLISHED, Drive.Status.CLOSED])
        .select_related("drive__school", "drive__office", "office")
        .first()
    )
    today = local_day(now, drive_day.office.zone)
    is_lead = is_lead_of(user, drive_day)
    if not is_lead and (drive_day.day != today or drive_day.drive.status != Drive.Status.PUBLISHED):
        raise Http404
    show_in_zone_of(drive_day.office)
    return Console(drive_day, is_lead, today)


def is_lead_of(user: User, drive_day: DriveDay) -> bool:
    """A lead operator of the office, or whoever leads on this day."""
    if drive_day.office_id in user.office_ids([Role.LEAD_OPERATOR]):
        return True
    return OperatorDuty.objects.filter(user=user, drive_day=drive_day, is_lead=True).exists()


def visits_of(user: User) -> QuerySet[Visit]:
    """Visits of all drives where this person works or leads, whatever the day: a tablet may send late."""
    days = DriveDay.objects.visible_to(user).filter(drive__status__in=[Drive.Status.PUBLISHED, Drive.Status.CLOSED])
    return Visit.objects.filter(drive__in=days.values("drive"))


def leads(user: User, offices: Collection[UUID]) -> bool:
    """Whether this person leads operators in all of these offices."""
    return set(offices) <= set(user.office_ids([Role.LEAD_OPERATOR]))


def drive_to_watch(user: User, drive_id: UUID) -> Drive:
    """A published drive whose board this person may see: planners and leads of the office, operators of one of its days."""
    own = OperatorDuty.objects.filter(user=user).values("drive_day__drive")
    of_office = Drive.objects.visible_to(user).filter(office__in=user.office_ids(PERSON_ROLES))
    found = (of_office | Drive.objects.visible_to(user).filter(pk__in=own)).exclude(status=Drive.Status.DRAFT)
    drive = _found(found.filter(pk=drive_id).select_related("school", "office").first())
    show_in_zone_of(drive.office)
    return drive


def _found(row: T | None) -> T:
    if row is None:
        raise Http404
    return row

"""For which drive days a tablet may be made ready and read, and of which drives it may tell."""

from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.http import Http404

from drives.models import Device, Drive, DriveDay, OperatorDuty, Preparation
from drives.onsite.rules import local_day
from drives.onsite.scope import ON_SITE, TABLET_DAYS_AHEAD, Console, is_lead_of
from schools.models import User


def day_to_prepare(user: User, drive_day_id: UUID, *, now: datetime) -> Console:
    """The drive day, if this person works there today or within days. Else it does not exist."""
    drive_day = (
        DriveDay.objects.visible_to(user)
        .filter(pk=drive_day_id, drive__status=Drive.Status.PUBLISHED)
        .select_related("drive__school", "drive__office", "office")
        .first()
    )
    if drive_day is None or not user.is_active or not _works_at(user, drive_day):
        raise Http404
    today = local_day(now, drive_day.office.zone)
    if not today <= drive_day.day <= today + TABLET_DAYS_AHEAD:
        raise Http404
    return Console(drive_day, is_lead_of(user, drive_day), today)


def _works_at(user: User, drive_day: DriveDay) -> bool:
    """A role of the drive day is still held; planners see drive days, and work at none."""
    if not user.has_role(*ON_SITE):
        return False
    leads_here = drive_day.office_id in user.office_ids([ON_SITE[1]])
    return leads_here or OperatorDuty.objects.filter(user=user, drive_day=drive_day).exists()


def preparation_to_read(device: Device, drive_day_id: UUID, *, now: datetime) -> tuple[Preparation, Console]:
    """What this tablet is prepared for, as long as its operator may still work there. Else it does not exist."""
    found = Preparation.objects.filter(device=device, drive_day=drive_day_id).select_related("user").first()
    if found is None:
        raise Http404
    return found, day_to_prepare(found.user, drive_day_id, now=now)


def preparations_of(device: Device) -> list[Preparation]:
    """All of it, whatever has become of the operator's rights since: what happened in the hall is still told."""
    prepared = Preparation.objects.filter(device=device).select_related("drive_day__drive__office", "drive_day__office")
    return list(prepared.order_by("prepared_at", "pk"))


def earlier_operators(preparation: Preparation) -> list[tuple[datetime, UUID]]:
    """Who made this tablet ready for this day, and when, the first first: every version of the row is kept."""
    versions = apps.get_model("drives", "PreparationEvent").objects.filter(pgh_obj=preparation.pk)
    return list(versions.order_by("prepared_at", "pgh_id").values_list("prepared_at", "user_id"))

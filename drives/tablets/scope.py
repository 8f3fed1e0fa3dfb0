"""For which drive days a tablet may be made ready and read, and of which drives it may tell."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.http import Http404

from drives.models import Device, Drive, DriveDay, OperatorDuty, Preparation
from drives.onsite.rules import local_day
from drives.onsite.scope import ON_SITE, TABLET_DAYS_AHEAD, Console, is_lead_of
from schools.models import Office, User

# Asked for every batch, so that not one column more is read than is needed.
PREPARED = """
    SELECT prepared.id, prepared.user_id, prepared.prepared_at, prepared.drive_day_id, day.day,
           drive.id, drive.school_id, drive.office_id, office.time_zone
      FROM drives_preparation AS prepared
      JOIN drives_driveday AS day ON day.id = prepared.drive_day_id
      JOIN drives_drive AS drive ON drive.id = day.drive_id
      JOIN schools_office AS office ON office.id = drive.office_id
     WHERE prepared.device_id = %s
     ORDER BY prepared.prepared_at, prepared.id
"""


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an event of a tablet needs to know of one preparation; `drive` has its school and its office's zone, and loads
    the rest when it is asked."""

    id: UUID
    user_id: UUID
    prepared_at: datetime
    drive_day_id: UUID
    day: date
    drive: Drive

    @property
    def drive_id(self) -> UUID:
        return self.drive.pk


def prepared_for(device: Device) -> list[Prepared]:
    """All of it, in the order of time, whatever has become of the operator's rights since: what happened is still told."""
    with connection.cursor() as cursor:
        cursor.execute(PREPARED, [device.pk])
        rows = cursor.fetchall()
    found, drives = [], {}
    for prepared_id, user_id, prepared_at, day_id, day, drive_id, school_id, office_id, time_zone in rows:
        if drive_id not in drives:
            drives[drive_id] = Drive.from_db(connection.alias, ["id", "school_id", "office_id"], [drive_id, school_id, office_id])
            drives[drive_id].office = Office.from_db(connection.alias, ["id", "time_zone"], [office_id, time_zone])
        found.append(Prepared(prepared_id, user_id, prepared_at, day_id, day, drives[drive_id]))
    return found


def earlier_operators(preparation_id: UUID) -> list[tuple[datetime, UUID]]:
    """Who made this tablet ready for this day, and when, the first first: every version of the row is kept."""
    versions = apps.get_model("drives", "PreparationEvent").objects.filter(pgh_obj=preparation_id)
    return list(versions.order_by("prepared_at", "pgh_id").values_list("prepared_at", "user_id"))

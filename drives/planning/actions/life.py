"""From draft to published, and the ways out of it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from drives.models import Appointment, Drive, KitDuty, Visit
from drives.planning.actions.refusals import locked, refuse_closed
from schools.models import AuditEntry, User, record_access


@transaction.atomic
def publish_drive(*, drive: Drive, by: User | None, now: datetime) -> Drive:
    """From now on the school sees the schedule. Published already, nothing happens again.

    What is sent to whom is the business of `drives.publishing`, in the same transaction.
    Raises ValidationError: `drive_closed`, `drive_cancelled`, `nobody_scheduled`, `past_day`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if drive.status == Drive.Status.PUBLISHED:
        return drive
    facts = Appointment.objects.live().filter(drive=drive).aggregate(people=Count("pk"), last=Max("timeslot__ends_at"))
    if not facts["people"]:
        raise ValidationError(_("Nobody has a place yet. Assign the students, then publish."), code="nobody_scheduled")
    if facts["last"] <= now:
        raise ValidationError(_("Every timeslot of this drive has passed. Choose later days, then publish."), code="past_day")
    drive.status = Drive.Status.PUBLISHED
    drive.published_at, drive.published_by = now, by
    drive.revision += 1
    office = drive.office
    drive.ikd_minimum_age = None if office.ikd_offered_to == office.IkdOfferedTo.NOBODY else office.ikd_minimum_age
    drive.ikd_needs_printable = office.ikd_offered_to != office.IkdOfferedTo.RECORDED
    drive.save(update_fields=["status", "published_at", "published_by", "revision", "ikd_minimum_age", "ikd_needs_printable"])
    record_access(
        action=AuditEntry.Action.PUBLISHED,
        subject=drive,
        by=by,
        at=now,
        office_id=drive.office_id,
        school_id=drive.school_id,
        detail={"revision": drive.revision, "people": facts["people"]},
    )
    return drive


@transaction.atomic
def withdraw_publication(*, drive: Drive, by: User | None, now: datetime) -> Drive:
    """Back to a draft that only planners see. A draft already, nothing happens again.

    Raises ValidationError: `drive_closed`, `drive_cancelled`, `drive_has_outcomes`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if drive.status == Drive.Status.DRAFT:
        return drive
    _refuse_outcomes(drive)
    drive.status = Drive.Status.DRAFT
    drive.published_at = drive.published_by = None
    drive.save(update_fields=["status", "published_at", "published_by"])
    return drive


@transaction.atomic
def cancel_drive(*, drive: Drive, reason: str, by: User | None, now: datetime) -> Drive:
    """Kits are free again, and places end. Cancelled already, nothing happens again.

    Raises ValidationError: `reason_missing`, `drive_closed`, `drive_has_outcomes`.
    """
    drive = locked(drive)
    if drive.status == Drive.Status.CANCELLED:
        return drive
    refuse_closed(drive)
    _refuse_outcomes(drive)
    if not reason.strip():
        raise ValidationError(_("Write why the drive is cancelled; the school reads it."), code="reason_missing")
    KitDuty.objects.filter(drive_day__drive=drive, released_at=None).update(released_at=now)
    Appointment.objects.live().filter(drive=drive).update(ending=Appointment.Ending.CANCELLED, ended_at=now)
    drive.status = Drive.Status.CANCELLED
    drive.cancelled_at, drive.cancelled_by, drive.cancel_reason = now, by, reason.strip()
    drive.full_clean(exclude=["created_by", "cancelled_by"])
    drive.save(update_fields=["status", "cancelled_at", "cancelled_by", "cancel_reason"])
    return drive


def _refuse_outcomes(drive: Drive) -> None:
    if Visit.objects.filter(drive=drive).exclude(state=Visit.State.EXPECTED).exists():
        raise ValidationError(
            _("People have been seen at this drive already. Close its days instead; what was noted must stay."),
            code="drive_has_outcomes",
        )

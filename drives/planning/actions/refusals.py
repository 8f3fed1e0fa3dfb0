"""Locks, and the sentences with which planning says no."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from drives.models import Drive, Timeslot
from schools.templatetags.house import clock, day


def locked(drive: Drive) -> Drive:
    """The drive as it stands now, held until the transaction ends: one planner's step at a time."""
    return Drive.objects.select_for_update(of=("self",), no_key=True).select_related("office", "school").get(pk=drive.pk)


def refuse_closed(drive: Drive) -> None:
    """Raises ValidationError: `drive_closed`, `drive_cancelled`."""
    if drive.status == Drive.Status.CANCELLED:
        raise ValidationError(_("This drive has been cancelled. Nothing in it can be changed."), code="drive_cancelled")
    if not drive.is_open_to_change:
        raise ValidationError(_("This drive has been closed. Nothing in it can be changed."), code="drive_closed")


def refuse_published(drive: Drive) -> None:
    """Raises ValidationError: `drive_published`, and what `refuse_closed` raises."""
    refuse_closed(drive)
    if drive.status != Drive.Status.DRAFT:
        raise ValidationError(
            _("This schedule has been published. Move people one by one, or cancel the drive and plan a new one."),
            code="drive_published",
        )


def changed_meanwhile() -> ValidationError:
    return ValidationError(
        _("Somebody else has changed this board in the meantime. Look at it as it stands now, then decide again."),
        code="changed_meanwhile",
    )


def note_late_change(drive: Drive) -> None:
    """A schedule that people know has changed: what is printed or sent from now on carries a new revision."""
    if drive.status == Drive.Status.PUBLISHED:
        drive.revision += 1
        drive.save(update_fields=["revision"])


def slot_name(slot: Timeslot, drive: Drive) -> str:
    """`Selasa, 24 November 2026, 08.00–08.30`, by the office's clock."""
    starts_at, ends_at = slot.starts_at.astimezone(drive.office.zone), slot.ends_at.astimezone(drive.office.zone)
    return f"{day(starts_at)}, {hours_name(starts_at, ends_at)}"


def hours_name(starts_at: datetime, ends_at: datetime) -> str:
    return f"{clock(starts_at)}–{clock(ends_at)}"

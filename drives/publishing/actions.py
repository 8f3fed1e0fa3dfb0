"""A schedule and its notices change together, or not at all."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from drives.models import Drive, Notice
from drives.notices.actions import announce_cancellation, plan_notices, withdraw_notices
from drives.planning import actions
from schools.models import User


@transaction.atomic
def publish(*, drive: Drive, by: User | None, now: datetime) -> Drive:
    """The school sees the schedule, and its notices wait in the outbox. Published already, nothing happens again.

    Raises ValidationError: what `publish_drive` raises.
    """
    was_published = status_now(drive) == Drive.Status.PUBLISHED
    drive = actions.publish_drive(drive=drive, by=by, now=now)
    if not was_published:
        plan_notices(drive=drive, now=now)
    return drive


@transaction.atomic
def announce_changes(*, drive: Drive, by: User | None, now: datetime) -> int:
    """Tell a published schedule as it stands now, in place of what has not left yet. Nothing changed, nothing is sent.

    Answers how many notices wait in the outbox. Raises ValidationError: `drive_not_published`.
    """
    drive = Drive.objects.select_for_update(of=("self",), no_key=True).select_related("office", "school").get(pk=drive.pk)
    if drive.status != Drive.Status.PUBLISHED:
        raise ValidationError(_("Only a published drive sends notices."), code="drive_not_published")
    return plan_notices(drive=drive, now=now) if has_unannounced_changes(drive) else 0


@transaction.atomic
def withdraw(*, drive: Drive, by: User | None, now: datetime) -> Drive:
    """Back to a draft; what has not been sent yet is taken back. Raises what `withdraw_publication` raises."""
    drive = actions.withdraw_publication(drive=drive, by=by, now=now)
    withdraw_notices(drive=drive, now=now)
    return drive


@transaction.atomic
def cancel(*, drive: Drive, reason: str, by: User | None, now: datetime) -> Drive:
    """Kits and places are free, and whoever was told of the drive is told that it is off. Raises what `cancel_drive` raises."""
    was_cancelled = status_now(drive) == Drive.Status.CANCELLED
    drive = actions.cancel_drive(drive=drive, reason=reason, by=by, now=now)
    if not was_cancelled:
        announce_cancellation(drive=drive, now=now)
    return drive


def status_now(drive: Drive) -> str:
    """As it stands, and held until the transaction ends."""
    return Drive.objects.select_for_update(no_key=True).values_list("status", flat=True).get(pk=drive.pk)


def has_unannounced_changes(drive: Drive) -> bool:
    """Somebody was moved or freed since the notices were written."""
    told = drive.notices.filter(kind=Notice.Kind.PUBLISHED).aggregate(revision=Max("revision"))["revision"]
    return drive.revision > (told or 0)

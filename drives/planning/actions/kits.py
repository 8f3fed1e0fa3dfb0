"""Kits that break, and those that stand in for them."""

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.models import Drive, Kit, KitDuty, KitOutage
from drives.planning.actions.drafts import hold_kits
from drives.planning.actions.refusals import locked, refuse_closed
from drives.planning.checks import refuse_kits_away
from drives.planning.facts import kits_at
from schools.models import User


@transaction.atomic
def note_outage(*, kit: Kit, starts_on: date, ends_on: date | None, reason: str, by: User | None, now: datetime) -> KitOutage:
    """The kit is not offered on these days. The same said again is one outage.

    Raises ValidationError: `reason_missing`, `ends_before_start`.
    """
    if not reason.strip():
        raise ValidationError(_("Write why the kit is out of service; planners read it."), code="reason_missing")
    if ends_on and ends_on < starts_on:
        raise ValidationError(_("The last day must not lie before the first."), code="ends_before_start")
    Kit.objects.select_for_update(no_key=True).get(pk=kit.pk)
    said = {"kit": kit, "starts_on": starts_on, "ends_on": ends_on, "reason": reason.strip()[:120]}
    standing = KitOutage.objects.in_force().filter(**said).first()
    return standing or KitOutage.objects.create(**said, made_at=now, made_by=by)


def end_outage(*, outage: KitOutage, by: User | None, now: datetime) -> None:
    """It works again, whatever was foreseen; said twice, nothing happens again."""
    KitOutage.objects.in_force().filter(pk=outage.pk).update(ended_at=now, ended_by=by)


@transaction.atomic
def replace_kit(*, drive: Drive, duty_id: UUID, kit_id: UUID, by: User | None, now: datetime) -> KitDuty:
    """Another kit takes the duty, from now on where it has begun. Places stay, for there are as many kits as before.

    The other kit there already (a second press of the button): nothing happens again. Raises ValidationError:
    `other_drive`, `duty_is_over`, `too_few_kits`, `kit_out_of_service`, `kit_elsewhere`, `drive_closed`, `drive_cancelled`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    hold_kits(drive.office)
    duty = KitDuty.objects.select_related("drive_day").filter(drive_day__drive=drive, pk=duty_id, released_at=None).first()
    if duty is None:
        raise ValidationError(_("This kit is not on duty at this drive any more. Look at the board again."), code="other_drive")
    if duty.kit_id == kit_id:
        return duty
    if duty.ends_at <= now:
        raise ValidationError(_("This kit's duty is over. Only what is still to come can be changed."), code="duty_is_over")
    day, since = duty.drive_day.day, max(duty.starts_at, now)
    refuse_kits_away([kit_id], day, kits_at(drive.office_id, {day: (since, duty.ends_at)})[day])
    if since > duty.starts_at:
        ends_at, duty.ends_at = duty.ends_at, since
        duty.save(update_fields=["ends_at"])
        return KitDuty.objects.create(drive_day=duty.drive_day, kit_id=kit_id, starts_at=since, ends_at=ends_at)
    duty.kit_id = kit_id
    duty.save(update_fields=["kit"])
    return duty

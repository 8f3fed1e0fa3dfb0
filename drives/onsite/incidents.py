"""What goes wrong in the hall: opened at once by whoever sees it, closed with what was done."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from drives.models import Device, DriveDay, Incident, Kit, KitDuty
from schools.models import User

Kind = Incident.Kind
LONGEST_TEXT: Final = 200
KINDS: Final[dict[str, Promise]] = {
    Kind.KIT_BROKEN: _("Kit broken"),
    Kind.NETWORK_DOWN: _("Network down"),
    Kind.SERVER_DOWN: _("Server down"),
    Kind.CROWD: _("Crowd"),
    Kind.OTHER: _("Something else"),
}


@transaction.atomic
def open_incident(
    *,
    incident_id: UUID,
    drive_day: DriveDay,
    kind: str,
    by: User,
    now: datetime,
    kit: Kit | None = None,
    note: str = "",
    device: Device | None = None,
) -> Incident:
    """Say what is wrong; the same `incident_id` again changes nothing and gives what stands.

    `now` is when it was seen, which on a tablet offline lies in the past. Raises ValidationError: `incident_kind_unknown`,
    `incident_needs_kit` (a broken kit on a day that has kits), `kit_unknown`, `note_too_long`, `note_unreadable`,
    `incident_id_taken`.
    """
    stored = _stored(incident_id, drive_day)
    if stored:
        return stored
    _check(drive_day, kind=kind, kit=kit, note=note)
    incident = Incident(
        id=incident_id,
        drive_day=drive_day,
        office_id=drive_day.office_id,
        kind=kind,
        kit=kit if kind == Kind.KIT_BROKEN else None,
        note=note.strip(),
        device=device,
        opened_at=now,
        opened_by=by,
    )
    # Two reports of the same id wait for each other here; the second one finds the first.
    Incident.objects.bulk_create([incident], ignore_conflicts=True)
    return _stored(incident_id, drive_day) or incident


@transaction.atomic
def close_incident(*, incident: Incident, resolution: str, by: User, now: datetime) -> Incident:
    """Say what was done. Closed already, it stays as it is: the first word stands.

    Raises ValidationError: `resolution_missing`, `note_too_long`, `note_unreadable`.
    """
    held = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if held.closed_at:
        return held
    if not resolution.strip():
        raise ValidationError(_("Write what was done about it."), code="resolution_missing")
    _check_text(resolution)
    held.closed_at, held.closed_by = max(now, held.opened_at), by
    held.resolution = resolution.strip()
    held.save(update_fields=["closed_at", "closed_by", "resolution"])
    return held


def incidents_of(drive_day: DriveDay) -> QuerySet[Incident]:
    """The day's, the open ones first, then the newest."""
    is_closed = Case(When(closed_at=None, then=Value(0)), default=Value(1))
    found = Incident.objects.filter(drive_day=drive_day).select_related("kit", "device", "opened_by", "closed_by")
    return found.order_by(is_closed, "-opened_at", "pk")


def label_of(incident: Incident) -> str:
    """`Alat 2 rusak`; fetched with its kit."""
    if incident.kit:
        return gettext("%(kit)s broken") % {"kit": incident.kit.name}
    return str(KINDS[incident.kind])


def _stored(incident_id: UUID, drive_day: DriveDay) -> Incident | None:
    stored = Incident.objects.filter(pk=incident_id).first()
    if stored and stored.drive_day_id != drive_day.pk:
        raise ValidationError(_("This report was already used for another day."), code="incident_id_taken")
    return stored


def _check(drive_day: DriveDay, *, kind: str, kit: Kit | None, note: str) -> None:
    if kind not in Kind.values:
        raise ValidationError(_("Choose what is wrong."), code="incident_kind_unknown")
    if kind == Kind.KIT_BROKEN and kit is None and KitDuty.objects.filter(drive_day=drive_day, released_at=None).exists():
        raise ValidationError(_("Choose the kit that is broken."), code="incident_needs_kit")
    if kit and kit.office_id != drive_day.office_id:
        raise ValidationError(_("This kit does not belong to the office."), code="kit_unknown")
    _check_text(note)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ValidationError(_("This text cannot be kept. Write it anew."), code="note_unreadable")
    if len(text) > LONGEST_TEXT:
        raise ValidationError(_("At most 200 characters fit here."), code="note_too_long")

"""A tablet is made ready for a day, says how it is, and is revoked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from string import ascii_uppercase
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _

from drives.models import Device, DriveDay, Kit, Preparation
from drives.tablets.credential import digest_of, new_secret
from schools.models import Office, User

LETTERS: Final[tuple[str, ...]] = (*ascii_uppercase, *("".join(pair) for pair in product(ascii_uppercase, repeat=2)))
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Prepared:
    """`secret` is told once, and only of a tablet that is new."""

    preparation: Preparation
    device: Device
    secret: str | None


@transaction.atomic
def prepare(
    *, drive_day: DriveDay, by: User, now: datetime, kit: Kit | None = None, name: str = "", device: Device | None = None
) -> Prepared:
    """Make a tablet ready for a drive day. `device` is the one that has proved who it is; without it a new one is made.

    Made ready again for the same day it keeps its letter. Raises ValidationError: `device_revoked`, `device_elsewhere`,
    `kit_unknown`, `name_too_long`, `too_many_tablets`.
    """
    if len(name) > LONGEST_NAME:
        raise ValidationError(_("A name may have at most 60 characters."), code="name_too_long")
    if kit and kit.office_id != drive_day.office_id:
        raise ValidationError(_("This kit does not belong to the office."), code="kit_unknown")
    secret = None
    if device is None:
        device, secret = _new_device(drive_day.office_id, name=name, by=by, now=now)
    device = _held(device, drive_day, name=name)
    # Two tablets made ready at once take their letters one after the other.
    DriveDay.objects.select_for_update(no_key=True).get(pk=drive_day.pk)
    preparation = Preparation.objects.filter(device=device, drive_day=drive_day).first()
    if preparation is None:
        preparation = Preparation(
            device=device, drive_day=drive_day, office_id=drive_day.office_id, letter=_free_letter(drive_day), prepared_at=now
        )
    preparation.user, preparation.kit, preparation.prepared_at, preparation.wiped_at = by, kit, now, None
    preparation.save()
    return Prepared(preparation, device, secret)


def _new_device(office_id: UUID, *, name: str, by: User, now: datetime) -> tuple[Device, str]:
    # Locked, so that two tablets made ready at once do not both become "Tablet 3".
    Office.objects.select_for_update(no_key=True).get(pk=office_id)
    secret = new_secret()
    device = Device.objects.create(
        office_id=office_id,
        name=" ".join(name.split()) or _next_name(office_id),
        secret_digest=digest_of(secret),
        registered_at=now,
        registered_by=by,
    )
    return device, secret


def _next_name(office_id: UUID) -> str:
    taken = set(Device.objects.filter(office=office_id).values_list("name", flat=True))
    number = 1
    while (name := said("Tablet %(number)s") % {"number": number}) in taken:
        number += 1
    return name


def _held(device: Device, drive_day: DriveDay, *, name: str) -> Device:
    """Locked and read anew, so that a tablet revoked at this moment is made ready for nothing more."""
    device = Device.objects.select_for_update(no_key=True).get(pk=device.pk)
    if device.revoked_at:
        raise ValidationError(_("This tablet was revoked. Set it up anew."), code="device_revoked")
    if device.office_id != drive_day.office_id:
        raise ValidationError(_("This tablet belongs to another office. Set it up anew."), code="device_elsewhere")
    if name.strip() and device.name != " ".join(name.split()):
        device.name = " ".join(name.split())
        device.save(update_fields=["name"])
    return device


def _free_letter(drive_day: DriveDay) -> str:
    """The first that no tablet of the day has had, so that no number of the queue is given out twice."""
    taken = set(Preparation.objects.filter(drive_day=drive_day).values_list("letter", flat=True))
    for letter in LETTERS:
        if letter not in taken:
            return letter
    raise ValidationError(_("Too many tablets are made ready for this day."), code="too_many_tablets")


@transaction.atomic
def revoke(*, device: Device, by: User, now: datetime) -> None:
    """From now on it reads nothing; what it still holds it may send. Raises ValidationError: `device_revoked`."""
    if not Device.objects.trusted().filter(pk=device.pk).update(revoked_at=now, revoked_by=by):
        raise ValidationError(_("This tablet was revoked already."), code="device_revoked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a tablet says of itself. `lists` are the drive days whose list it still has, `waiting` how much of `unsent` and
    `held` is of which day; None where it does not say."""

    unsent: int = 0
    held: int = 0
    last_sequence: int = 0
    version: str = ""
    lists: Collection[UUID] | None = None
    waiting: Mapping[UUID, tuple[int, int]] | None = None


@transaction.atomic
def note_report(*, device: Device, report: Report, now: datetime) -> None:
    """How much waits on it, how far it has counted, and which lists it has wiped. It never counts backwards."""
    device.seen_at, device.unsent_count, device.held_count = now, report.unsent, report.held
    waiting = report.waiting
    device.waiting_by_day = None if waiting is None else {str(day): list(counts) for day, counts in waiting.items()}
    device.last_sequence = max(device.last_sequence, report.last_sequence)
    device.app_version = report.version[:40] or device.app_version
    device.save(update_fields=["seen_at", "unsent_count", "held_count", "waiting_by_day", "last_sequence", "app_version"])
    if report.lists is not None:
        listed = Preparation.objects.filter(device=device, wiped_at=None)
        for preparation in listed.exclude(drive_day__in=report.lists):
            preparation.wiped_at = now
            preparation.save(update_fields=["wiped_at"])

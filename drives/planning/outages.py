"""Kits that are out of service while a coming drive counts on them, and which free kit could stand in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from drives.models import Drive, KitDuty, KitOutage
from drives.planning.facts import OPEN, KitState, kits_at


@dataclass(frozen=True, slots=True)
class Broken:
    """A kit on duty that does not work on that day, and those that are free at its hours."""

    duty: KitDuty
    day: date
    reason: str
    free: tuple[KitState, ...] = ()


def broken_on_duty(duties: Iterable[KitDuty]) -> list[tuple[KitDuty, str]]:
    """Of these duties (with their kit and day) those whose kit is out of service then, and why."""
    found = list(duties)
    kits = {duty.kit_id for duty in found}
    outages = list(KitOutage.objects.in_force().filter(kit__in=kits).order_by("starts_on", "pk")) if kits else []
    broken = []
    for duty in found:
        day = duty.drive_day.day
        reason = next((each.reason for each in outages if each.kit_id == duty.kit_id and each.covers(day)), "")
        if not duty.kit.is_in_service:
            reason = reason or duty.kit.note or _("out of service")
        if reason:
            broken.append((duty, reason))
    return broken


def coming_duties(*, now: datetime) -> QuerySet[KitDuty]:
    return (
        KitDuty.objects.filter(released_at=None, ends_at__gt=now, drive_day__drive__status__in=OPEN)
        .filter(Q(kit__is_in_service=False) | Q(kit__outages__ended_at=None, kit__outages__isnull=False))
        .select_related("kit", "drive_day__drive__school")
        .distinct()
        .order_by("starts_at", "pk")
    )


def broken_at(drive: Drive, *, now: datetime) -> list[Broken]:
    """What a drive's board says; the stand-ins are looked up only where something is broken."""
    found = broken_on_duty(coming_duties(now=now).filter(drive_day__drive=drive))
    lines = []
    for duty, reason in found:
        hours = {duty.drive_day.day: (max(duty.starts_at, now), duty.ends_at)}
        there = set(KitDuty.objects.filter(drive_day=duty.drive_day, released_at=None).values_list("kit", flat=True))
        states = kits_at(drive.office_id, hours)[duty.drive_day.day]
        free = tuple(state for state in states if state.is_free and state.kit_id not in there)
        lines.append(Broken(duty, duty.drive_day.day, reason, free))
    return lines


def broken_drives(offices: Collection[UUID], *, now: datetime) -> list[tuple[Drive, int]]:
    """Drives of these offices that lack a kit, the soonest first, with how many kit days they lack."""
    counts: dict[UUID, tuple[Drive, int]] = {}
    for duty, _reason in broken_on_duty(coming_duties(now=now).filter(drive_day__drive__office__in=offices)):
        drive = duty.drive_day.drive
        counts[drive.pk] = (drive, counts.get(drive.pk, (drive, 0))[1] + 1)
    return list(counts.values())

"""A day at a drive, played: who came when, and what became of it. Deterministic; only what has happened by `until` is told."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from uuid6 import uuid7

from drives.models import Appointment, Drive, DriveDay, Kit, Visit
from drives.onsite.actions import record_events
from drives.onsite.day_close import KitReport, close_day, kit_counts_of, kits_on_duty
from drives.onsite.ledger import NewEvent
from schools.models import User

# Of a thousand people: what happens, with its reason.
FATES: Final = (
    (935, "recorded", ""),
    (948, "failed", "biometric"),
    (954, "failed", "network_down"),
    (972, "absent", "sick"),
    (982, "absent", "excused"),
    (990, "absent", "unexplained"),
    (995, "declined", ""),
    (1000, "already_recorded", ""),
)
BATCH: Final = 400


def play(*, drive_day: DriveDay, until: datetime, by: User, everybody_comes: bool = False) -> int:
    """Tell what happened on this day up to `until`; returns how many people were recorded."""
    visits = _visits(drive_day)
    kits = kits_on_duty(drive_day)
    events = sorted(_events(drive_day, visits, kits, everybody_comes=everybody_comes), key=lambda event: event.device_at)
    told = [event for event in events if event.device_at <= until]
    by_id = [visit for visit, _appointment in visits]
    for start in range(0, len(told), BATCH):
        record_events(
            events=told[start : start + BATCH], visits=by_id, by=by, now=told[min(start + BATCH, len(told)) - 1].device_at
        )
    return sum(event.kind == "recorded" for event in told)


def close(*, drive_day: DriveDay, at: datetime, by: User) -> None:
    """The evening: each kit says what the app says, but for one that counted a test picture."""
    counted = kit_counts_of(drive_day)
    reports = [
        KitReport(kit.pk, counted.get(kit.pk, 0) + (place == 1), "Satu rekaman percobaan" if place == 1 else "")
        for place, kit in enumerate(kits_on_duty(drive_day))
    ]
    close_day(drive_day=drive_day, reports=reports, signed_by_name=by.name, by=by, now=at)


def _visits(drive_day: DriveDay) -> list[tuple[Visit, Appointment]]:
    appointments = (
        Appointment.objects.live()
        .filter(timeslot__drive_day=drive_day)
        .select_related("timeslot", "person")
        .order_by("timeslot__starts_at", "class_group__name", "person__search_name", "id")
    )
    visits = {visit.person_id: visit for visit in Visit.objects.filter(drive=drive_day.drive_id)}
    return [(visits[appointment.person_id], appointment) for appointment in appointments]


def _events(
    drive_day: DriveDay, visits: Sequence[tuple[Visit, Appointment]], kits: Sequence[Kit], *, everybody_comes: bool
) -> Iterator[NewEvent]:
    dice = random.Random(f"jemput-bola {drive_day.drive.school_id and drive_day.drive.school.npsn} {drive_day.day}")  # type: ignore[union-attr]  # noqa: S311
    sequences = dict.fromkeys((kit.pk for kit in kits), 0)
    places: dict[object, int] = {}
    for visit, appointment in visits:
        slot = appointment.timeslot
        place = places[slot.pk] = places.get(slot.pk, -1) + 1
        kit = kits[place % len(kits)]
        came_at = slot.starts_at + timedelta(minutes=dice.randrange(-6, 12), seconds=dice.randrange(60))
        turn = (slot.ends_at - slot.starts_at) * (place / max(1, slot.places))
        done_at = max(came_at, slot.starts_at + turn) + timedelta(minutes=dice.randrange(5, 11), seconds=dice.randrange(60))
        roll = 0 if everybody_comes else dice.randrange(1000)
        kind, reason = next((kind, reason) for below, kind, reason in FATES if roll < below)
        facts = (
            [("absent", reason, slot.ends_at + timedelta(minutes=20))]
            if kind == "absent"
            else [
                ("arrived", "", came_at),
                (kind, reason, done_at),
            ]
        )
        for what, why, moment in facts:
            sequences[kit.pk] += 1
            yield NewEvent(
                id=uuid7(),
                visit_id=visit.pk,
                kind=what,
                reason=why,
                source=f"demo:{drive_day.pk}:{kit.name}"[:60],
                sequence=sequences[kit.pk],
                device_at=moment,
                kit_id=kit.pk if what in ("recorded", "failed") else None,
            )


def drive_days(drive: Drive) -> list[DriveDay]:
    return list(drive.days.select_related("drive__school", "office").order_by("day"))

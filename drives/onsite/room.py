"""Whether a guest for a recording still finds a place today, and when. A hint: places belong to those scheduled."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zlib import crc32

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Sum

from drives.models import Appointment, DriveDay, Timeslot, Visit
from drives.models.visit import is_open_on
from drives.onsite.fold import State
from drives.onsite.rules import Service

# Who was expected and takes no place today: not here, or not to be recorded. What was said before today frees none.
TAKES_NO_PLACE: Final = (State.ABSENT, State.ALREADY_RECORDED, State.UNDER_AGE, State.DECLINED)

# Any number that nothing else locks by.
LOCK_SPACE: Final = 5508


@dataclass(frozen=True, slots=True)
class Span:
    """A timeslot that is not over: its places, and how many of them are taken by those scheduled."""

    starts_at: datetime
    ends_at: datetime
    places: int
    taken: int


@dataclass(frozen=True, slots=True)
class Room:
    """`full_until`: when the next place is free, if that is not now; None where `is_full` means for the rest of the day."""

    is_full: bool = False
    full_until: datetime | None = None
    minutes: int = 0


def room_for_one(spans: Iterable[Span], *, before: int, now: datetime) -> Room:
    """For one more, when `before` others without a place of their own come first. Spans are in the order of their hours."""
    for span in spans:
        free = max(0, span.places - span.taken)
        if free > before:
            wait = span.starts_at - now
            return Room(True, span.starts_at, -int(-wait.total_seconds() // 60)) if span.starts_at > now else Room()
        before -= free
    return Room(True)


def room_at(drive_day: DriveDay, *, now: datetime) -> Room:
    """As of now. A day without timeslots is never full, one whose timeslots are over always."""
    slots = list(Timeslot.objects.filter(drive_day=drive_day).order_by("starts_at"))
    if not slots:
        return Room()
    freed = _freed(drive_day)
    spans = [
        Span(slot.starts_at, slot.ends_at, slot.places, slot.places_taken - freed.get(slot.pk, 0))
        for slot in slots
        if slot.ends_at > now
    ]
    return room_for_one(spans, before=_before(drive_day, since=spans[0].starts_at), now=now) if spans else Room(True)


def lock_room(drive_day: DriveDay) -> None:
    """Until the transaction ends nobody else looks for room on this day. Taken before any row, so that nobody waits in a
    circle; the day itself is not held, for every fact that is stored waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, crc32(drive_day.pk.bytes) - 2**31])


def _freed(drive_day: DriveDay) -> dict[UUID, int]:
    """Places of those who do not need them, by timeslot."""
    gone = Visit.objects.filter(drive=drive_day.drive_id, person=OuterRef("person"), state__in=TAKES_NO_PLACE)
    gone = gone.exclude(is_open_on(drive_day.day))
    standing = Appointment.objects.standing().filter(Exists(gone), timeslot__drive_day=drive_day)
    return dict(standing.values_list("timeslot").annotate(places=Sum("places")).order_by())


def _before(drive_day: DriveDay, *, since: datetime) -> int:
    """Who has no place from this timeslot on and was recorded in it, or waits for it: guests, and who came late."""
    placed = Appointment.objects.standing().filter(timeslot__drive_day=drive_day, timeslot__starts_at__gte=since)
    here = Q(state=State.PRESENT, state_on=drive_day.day) | Q(state=State.RECORDED, state_at__gte=since)
    visits = Visit.objects.filter(here, drive=drive_day.drive_id, service=Service.RECORDING)
    return visits.exclude(Exists(placed.filter(person=OuterRef("person")))).count()

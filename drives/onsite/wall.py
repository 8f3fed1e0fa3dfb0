"""All drives of a day on one wall: a tile for each, the one with the most trouble first. Counts alone, no person."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.db.models.functions import Length

from drives.models import Appointment, DayClose, Drive, DriveDay, DriveSession, Incident, KitDuty, Timeslot, Visit, VisitEvent
from drives.models.visit import is_open_on
from drives.onsite.board import (
    SILENT_AFTER,
    TabletLine,
    Trouble,
    minutes_of,
    tablets_of,
    troubles_of,
    waiting_time,
)
from drives.onsite.fold import PRECEDENCE, State
from drives.onsite.moments import HEARD_AT
from drives.onsite.pace import Break, an_hour_before, breaks_of, finish_of, pace_of
from drives.onsite.rules import Kind, local_day
from schools.models import Office

LONG_WAIT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One drive day. `left` are those due today for whom nothing is settled; `pace` is recordings an hour."""

    drive_day_id: UUID
    drive_id: UUID
    place: str
    office_id: UUID
    office: str
    zone: tzinfo
    is_closed: bool
    target: int
    recorded: int
    left: int
    failed: int
    conflicts: int
    waiting: int
    mean_minutes: int
    pace: int | None
    finish_at: datetime | None
    ends_at: datetime | None
    silent_kits: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    tablets: tuple[TabletLine, ...]

    @property
    def unsent(self) -> int:
        return sum(tablet.unsent + tablet.held for tablet in self.tablets)

    @property
    def is_late(self) -> bool:
        return bool(self.finish_at and self.ends_at and self.finish_at > self.ends_at)

    @property
    def is_waiting_long(self) -> bool:
        return timedelta(minutes=self.mean_minutes) >= LONG_WAIT

    @property
    def trouble(self) -> int:
        """What somebody stands before counts most, then what stops a kit, then what can wait until the evening."""
        if self.is_closed:
            return self.unsent
        now = 100 * len(self.troubles) + 50 * len(self.silent_kits) + 20 * self.is_waiting_long
        return now + 20 * self.is_late + 5 * bool(self.unsent) + 5 * bool(self.conflicts)

    @property
    def tone(self) -> str:
        if self.troubles:
            return "stop"
        return "wait" if self.trouble else "ok"


@dataclass(frozen=True, slots=True)
class Wall:
    tiles: tuple[Tile, ...]

    @property
    def recorded(self) -> int:
        return sum(tile.recorded for tile in self.tiles)

    @property
    def target(self) -> int:
        return sum(tile.target for tile in self.tiles)

    @property
    def waiting(self) -> int:
        return sum(tile.waiting for tile in self.tiles)

    @property
    def troubled(self) -> int:
        return sum(tile.tone != "ok" for tile in self.tiles)

    @property
    def is_of_many_offices(self) -> bool:
        return len({tile.office_id for tile in self.tiles}) > 1

    @property
    def fingerprint(self) -> str:
        return sha256(repr(self).encode()).hexdigest()[:20]


def wall_of(offices: Collection[UUID], *, now: datetime) -> Wall:
    """Today's drives of these offices as of `now`; the same number of queries for any number of drives."""
    days = days_of(offices, now=now)
    ids = [drive_day.pk for drive_day in days]
    breaks = _breaks(days)
    figures = _figures(days, breaks=breaks, now=now)
    ends = dict(Timeslot.objects.filter(drive_day__in=ids).values_list("drive_day").annotate(last=Max("ends_at")))
    closed = set(DayClose.objects.filter(drive_day__in=ids).values_list("drive_day", flat=True))
    silent, troubles, tablets = _silent_kits(days, now=now), troubles_of(ids), tablets_of(ids, now=now)
    tiles = [
        _tile(
            drive_day,
            figures.get(drive_day.drive_id, {}),
            breaks=breaks.get(drive_day.pk, []),
            is_closed=drive_day.pk in closed,
            ends_at=ends.get(drive_day.pk),
            silent_kits=tuple(silent.get(drive_day.pk, ())),
            troubles=tuple(troubles.get(drive_day.pk, ())),
            tablets=tuple(tablets.get(drive_day.pk, ())),
            now=now,
        )
        for drive_day in days
    ]
    return Wall(tuple(sorted(tiles, key=lambda tile: (tile.is_closed, -tile.trouble, tile.place, tile.drive_day_id))))


def days_of(offices: Collection[UUID], *, now: datetime) -> list[DriveDay]:
    """Each office's drive days of its own today: Jayapura's begins two hours before Jakarta's."""
    todays = _todays(offices, now=now)
    under_way = DriveDay.objects.filter(
        office__in=offices, day__in=set(todays.values()), drive__status__in=[Drive.Status.PUBLISHED, Drive.Status.CLOSED]
    )
    found = under_way.select_related("drive__school", "office").order_by("pk")
    return [drive_day for drive_day in found if drive_day.day == todays[drive_day.office_id]]


def _todays(offices: Collection[UUID], *, now: datetime) -> dict[UUID, date]:
    return {office.pk: local_day(now, office.zone) for office in Office.objects.filter(pk__in=offices)}


def _tile(
    drive_day: DriveDay,
    figures: dict[str, Any],
    *,
    breaks: Sequence[Break],
    ends_at: datetime | None,
    now: datetime,
    **more: Any,
) -> Tile:
    left = figures.get("left", 0)
    pace = None
    if figures.get("recent") and figures["count"] > 1 and not more["is_closed"]:
        pace = pace_of(figures["recent"], first=figures["first"], now=now, breaks=breaks)
    return Tile(
        drive_day_id=drive_day.pk,
        drive_id=drive_day.drive_id,
        place=str(drive_day.drive),
        office_id=drive_day.office_id,
        office=drive_day.office.name,
        zone=drive_day.office.zone,
        target=figures.get("target", 0),
        recorded=figures.get("recorded", 0),
        left=left,
        failed=figures.get("failed", 0),
        conflicts=figures.get("conflicts", 0),
        waiting=figures.get("waiting", 0),
        mean_minutes=minutes_of(figures.get("wait")),
        pace=pace,
        finish_at=finish_of(left, pace, now=now, breaks=breaks),
        ends_at=ends_at,
        **more,
    )


def _breaks(days: Sequence[DriveDay]) -> dict[UUID, list[Break]]:
    sessions: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    found = DriveSession.objects.filter(drive_day__in=[drive_day.pk for drive_day in days])
    for drive_day_id, starts_at, ends_at in found.values_list("drive_day", "starts_at", "ends_at"):
        sessions[drive_day_id].append((starts_at, ends_at))
    return {drive_day_id: breaks_of(hours) for drive_day_id, hours in sessions.items()}


def _figures(days: Sequence[DriveDay], *, breaks: dict[UUID, list[Break]], now: datetime) -> dict[UUID, dict[str, Any]]:
    """By drive, for it has one day of today."""
    due = Appointment.objects.due().filter(
        timeslot__drive_day__in=[drive_day.pk for drive_day in days], drive=OuterRef("drive"), person=OuterRef("person")
    )
    visits = Visit.objects.filter(drive__in=[drive_day.drive_id for drive_day in days]).annotate(is_due=Exists(due))
    of_today = _of_each_day(days, lambda day: Q(state_on=day))
    is_open = _of_each_day(days, is_open_on)
    present = of_today & Q(state=State.PRESENT, arrived_at__lte=now)
    said = of_today & Q(state=State.RECORDED, state_at__lte=now)
    rows = visits.values("drive").annotate(
        target=Count("pk", filter=Q(is_due=True)),
        recorded=Count("pk", filter=Q(is_due=True, state=State.RECORDED)),
        left=Count("pk", filter=Q(is_due=True) & (is_open | of_today & Q(state=State.PRESENT))),
        failed=Count("pk", filter=of_today & Q(state=State.FAILED)),
        conflicts=Count("pk", filter=Q(has_conflict=True)),
        waiting=Count("pk", filter=present),
        wait=waiting_time(now, of=present),
        count=Count("pk", filter=said),
        first=Min("state_at", filter=said),
        recent=Count("pk", filter=said & _of_the_last_hour(days, breaks=breaks, now=now)),
    )
    return {row["drive"]: row for row in rows}


def _of_the_last_hour(days: Sequence[DriveDay], *, breaks: dict[UUID, list[Break]], now: datetime) -> Q:
    """Of work: it began before a break where there was one."""
    by_moment: dict[datetime, list[UUID]] = defaultdict(list)
    for drive_day in days:
        by_moment[an_hour_before(now, breaks=breaks.get(drive_day.pk, []))].append(drive_day.drive_id)
    return reduce(or_, (Q(state_at__gt=since, drive__in=drives) for since, drives in by_moment.items()), Q(pk=None))


def _of_each_day(days: Sequence[DriveDay], condition: Callable[[date], Q]) -> Q:
    """The condition of the drive's own today."""
    by_day: dict[date, list[UUID]] = defaultdict(list)
    for drive_day in days:
        by_day[drive_day.day].append(drive_day.drive_id)
    return reduce(or_, (condition(day) & Q(drive__in=drives) for day, drives in by_day.items()), Q(pk=None))


def _silent_kits(days: Sequence[DriveDay], *, now: datetime) -> dict[UUID, list[str]]:
    """Names of the kits on duty at this moment of which nothing was heard for ten minutes of the session under way."""
    on_duty = KitDuty.objects.filter(
        drive_day__in=[drive_day.pk for drive_day in days], released_at=None, starts_at__lt=now - SILENT_AFTER, ends_at__gt=now
    )
    # Of a kit that is reported as broken nothing is expected.
    broken = Incident.objects.still_open().filter(
        kind=Incident.Kind.KIT_BROKEN, drive_day=OuterRef("drive_day"), kit=OuterRef("kit")
    )
    # In a break, too.
    long_under_way = DriveSession.objects.filter(
        drive_day=OuterRef("drive_day"), starts_at__lt=now - SILENT_AFTER, ends_at__gt=now
    )
    on_duty = on_duty.filter(~Exists(broken), Exists(long_under_way))
    duties = list(on_duty.select_related("kit").order_by(Length("kit__name"), "kit__name", "pk"))
    heard = VisitEvent.objects.filter(
        drive__in=[drive_day.drive_id for drive_day in days],
        kit__isnull=False,
        kind__in=PRECEDENCE,
    )
    lately = heard.annotate(heard_at=HEARD_AT).filter(heard_at__gte=now - SILENT_AFTER)
    last = set(lately.exclude(kind=Kind.ABSENT).values_list("drive", "kit"))
    drives = {drive_day.pk: drive_day.drive_id for drive_day in days}
    silent: dict[UUID, list[str]] = defaultdict(list)
    for duty in duties:
        if (drives[duty.drive_day_id], duty.kit_id) not in last:
            silent[duty.drive_day_id].append(duty.kit.name)
    return silent

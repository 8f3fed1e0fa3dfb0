"""Storing facts: the visit is locked, each event is inserted once, the visit is folded anew. Rules stand elsewhere."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from drives.models import Appointment, Correction, Device, Drive, Visit, VisitEvent
from drives.onsite.fold import SETTLED, Fact, Standing, fold, undone_among
from drives.onsite.moments import CLOCK_TOLERANCE, happened_at
from drives.onsite.rules import local_day
from schools.models import User

FOLDED = (
    *("state", "reason", "state_at", "state_on", "arrived_at", "queue_number", "kit_id", "has_conflict"),
    *("ikd_state", "ikd_reason", "ikd_at"),
)


# Each as one array for a statement of any number of rows: put together row by row, a batch takes five times as long.
FOLDED_TYPES = dict.fromkeys(FOLDED, "text") | {
    **dict.fromkeys(("state_at", "arrived_at", "ikd_at"), "timestamptz"),
    "state_on": "date",
    "kit_id": "uuid",
    "has_conflict": "boolean",
}
EVENT_TYPES = {
    **dict.fromkeys(("id", "visit_id", "drive_id", "school_id", "office_id"), "uuid"),
    **dict.fromkeys(("kind", "reason", "source", "note", "queue_number"), "text"),
    **dict.fromkeys(("target", "device_id", "operator_id", "kit_id"), "uuid"),
    **dict.fromkeys(("device_at", "received_at"), "timestamptz"),
    "source_sequence": "bigint",
    "skew_seconds": "bigint",
    "day": "date",
}
INSERTED = f"""
    INSERT INTO drives_visitevent ({", ".join(EVENT_TYPES)})
    SELECT * FROM unnest({", ".join(f"%s::{kind}[]" for kind in EVENT_TYPES.values())})
        ON CONFLICT DO NOTHING
    RETURNING id
"""  # noqa: S608  # of the constants above alone
# Who is settled has kept the appointment.
REFOLDED = f"""
    WITH folded AS MATERIALIZED (
        SELECT * FROM unnest(%s::uuid[], {", ".join(f"%s::{kind}[]" for kind in FOLDED_TYPES.values())})
                   AS folded (id, {", ".join(FOLDED)})
    ), kept AS (
        UPDATE drives_appointment AS appointment SET ending = '{Appointment.Ending.KEPT}', ended_at = %s
          FROM folded JOIN drives_visit AS visit ON visit.id = folded.id
         WHERE appointment.drive_id = visit.drive_id AND appointment.person_id = visit.person_id
           AND appointment.ending = '' AND folded.state = ANY(%s)
    )
    UPDATE drives_visit AS visit SET {", ".join(f"{name} = folded.{name}" for name in FOLDED)}
      FROM folded
     WHERE visit.id = folded.id
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """A fact as a client tells it. `source` and `sequence` say who speaks and in which order."""

    id: UUID
    visit_id: UUID
    kind: str
    source: str
    sequence: int
    device_at: datetime
    reason: str = ""
    target: UUID | None = None
    kit_id: UUID | None = None
    note: str = ""
    # Of an arrival: what the tablet, or the console, gave out.
    queue_number: str = ""
    # The outcome that the screen showed, of whomever it was; a client offline knows it, and not the event that said so.
    saw: str = ""
    # Who spoke; None where it is whoever sends.
    operator_id: UUID | None = None
    # How far the client's clock was behind when it noted this; None where only the whole batch's is known.
    skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a drive. What is said of it after it was closed is a correction."""

    id: UUID
    day: date
    is_closed: bool


def locked(visit_ids: Collection[UUID]) -> list[Visit]:
    """The visits, in the order of their ids, held until the transaction ends; with drive, office and person.

    Without their keys: whoever only refers to a visit (another chance that is given) need not wait, and could wait in a circle.
    """
    return list(
        Visit.objects.select_for_update(of=("self",), no_key=True)
        .select_related("drive__office", "person")
        .filter(pk__in=visit_ids)
        .order_by("pk")
    )


def held(condition: str, values: Sequence[object], *, drives: Mapping[UUID, Drive]) -> list[Visit]:
    """As `locked`, of these drives alone and by any condition of SQL; with the drives as they are given, in one statement."""
    found = list(
        Visit.objects.raw(
            f"SELECT * FROM drives_visit WHERE drive_id = ANY(%s) AND ({condition}) ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
            [list(drives), *values],
        )
    )
    for visit in found:
        visit.drive = drives[visit.drive_id]
    return found


def events_of(visits: Iterable[Visit]) -> dict[UUID, list[VisitEvent]]:
    found: dict[UUID, list[VisitEvent]] = defaultdict(list)
    ids = [visit.pk for visit in visits]
    for event in VisitEvent.objects.raw("SELECT * FROM drives_visitevent WHERE visit_id = ANY(%s)", [ids]):
        found[event.visit_id].append(event)
    return found


def standing_of(events: Iterable[VisitEvent], *, zone: tzinfo, service: str) -> Standing:
    return fold(_fact(event, zone) for event in events).of_service(service)


def taken_back_among(events: Iterable[VisitEvent], *, zone: tzinfo) -> set[UUID]:
    return undone_among(_fact(event, zone) for event in events)


def store(
    events: Sequence[NewEvent],
    *,
    visits: Sequence[Visit],
    before: Mapping[UUID, list[VisitEvent]],
    by: User | None,
    now: datetime,
    device: Device | None = None,
    skew: timedelta = timedelta(0),
) -> dict[UUID, UUID]:
    """Insert what is new and fold `visits` (locked) anew. Gives the visit of every event of theirs that now stands.

    `skew` is how far the client's clock is behind the server's, where an event does not say it itself.
    """
    by_id = {visit.pk: visit for visit in visits}
    days = _days({visit.drive_id for visit in visits})
    known = {event.pk for rows in before.values() for event in rows}
    rows = [
        _row(event, by_id[event.visit_id], days[by_id[event.visit_id].drive_id], by=by, now=now, device=device, skew=skew)
        for event in events
        if event.id not in known
    ]
    new = _insert(rows)
    # The visits are held, so nobody else has told of them meanwhile.
    stored = {visit.pk: list(before.get(visit.pk, ())) for visit in visits}
    for event in new:
        stored[event.visit_id].append(event)
    _fold_anew(visits, stored, now=now)
    there = {event.pk: event for found in stored.values() for event in found}
    _note_corrections(new, by_id=by_id, days=days, now=now)
    return {pk: event.visit_id for pk, event in there.items()}


def _insert(rows: Sequence[VisitEvent]) -> list[VisitEvent]:
    """Those that are now stored: not one whose id or number somebody has used before."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(INSERTED, [[getattr(row, name) for row in rows] for name in EVENT_TYPES])
        inserted = {event_id for (event_id,) in cursor.fetchall()}
    return [row for row in rows if row.pk in inserted]


def day_of(moment: datetime, *, now: datetime, days: Collection[date], zone: tzinfo) -> date:
    """The office's day of a fact: that of its moment, if it is a day of the drive and no later than now.

    Else a clock is wrong, and it is the drive's day on which it was received, or the last one before.
    """
    day = local_day(moment, zone)
    if day in days and moment <= now + CLOCK_TOLERANCE:
        return day
    today = local_day(now, zone)
    return max((one for one in days if one <= today), default=today)


def _row(
    event: NewEvent,
    visit: Visit,
    days: Mapping[date, Day],
    *,
    by: User | None,
    now: datetime,
    device: Device | None,
    skew: timedelta,
) -> VisitEvent:
    skew_seconds = round((skew if event.skew is None else event.skew).total_seconds())
    happened_at = event.device_at + timedelta(seconds=skew_seconds)
    return VisitEvent(
        id=event.id,
        visit=visit,
        drive_id=visit.drive_id,
        # A guest without a school still changes the figures of the school where the drive is.
        school_id=visit.school_id or visit.drive.school_id,
        office_id=visit.office_id,
        kind=event.kind,
        reason=event.reason,
        target=event.target,
        device=device,
        source=event.source,
        source_sequence=event.sequence,
        device_at=event.device_at,
        received_at=now,
        skew_seconds=skew_seconds,
        day=day_of(happened_at, now=now, days=days.keys(), zone=visit.drive.office.zone),
        operator_id=event.operator_id or (by.pk if by else None),
        kit_id=event.kit_id,
        note=event.note,
        queue_number=event.queue_number,
    )


def _days(drive_ids: Collection[UUID]) -> dict[UUID, dict[date, Day]]:
    """The days of the drives, held open: who closes one waits until these facts are in, and we see a close that is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, drive_id, day FROM drives_driveday WHERE drive_id = ANY(%s) ORDER BY id FOR SHARE", [list(drive_ids)]
        )
        rows = cursor.fetchall()
        # Asked after the days are held: within one statement, a close that it waited for would not be seen.
        cursor.execute("SELECT drive_day_id FROM drives_dayclose WHERE drive_day_id = ANY(%s)", [[row[0] for row in rows]])
        closed = {day_id for (day_id,) in cursor.fetchall()}
    found: dict[UUID, dict[date, Day]] = {drive_id: {} for drive_id in drive_ids}
    for day_id, drive_id, day in rows:
        found[drive_id][day] = Day(day_id, day, day_id in closed)
    return found


def _fold_anew(visits: Sequence[Visit], stored: Mapping[UUID, list[VisitEvent]], *, now: datetime) -> None:
    before = {visit.pk: visit.state for visit in visits}
    changed = [
        visit
        for visit in visits
        if _take(visit, standing_of(stored.get(visit.pk, ()), zone=visit.drive.office.zone, service=visit.service))
    ]
    if changed:
        with connection.cursor() as cursor:
            folded = [[getattr(visit, name) for visit in changed] for name in FOLDED]
            cursor.execute(REFOLDED, [[visit.pk for visit in changed], *folded, now, list(SETTLED)])
    by_drive: dict[UUID, list[UUID]] = defaultdict(list)
    for visit in changed:
        if before[visit.pk] in SETTLED and visit.state not in SETTLED:
            by_drive[visit.drive_id].append(visit.person_id)
    for drive_id, persons in by_drive.items():
        _revive_appointments(drive_id, persons)


def _take(visit: Visit, standing: Standing) -> bool:
    """Write the standing on the visit; whether that changes anything."""
    folded = (
        standing.state,
        standing.reason,
        standing.at,
        standing.on,
        standing.arrived_at,
        standing.queue_number,
        standing.kit_id,
        standing.has_conflict,
        standing.ikd.state,
        standing.ikd.reason,
        standing.ikd.at,
    )
    if folded == tuple(getattr(visit, name) for name in FOLDED):
        return False
    for name, value in zip(FOLDED, folded, strict=True):
        setattr(visit, name, value)
    return True


def _revive_appointments(drive_id: UUID, persons: Collection[UUID]) -> None:
    """Where an outcome was taken back, the appointment lives again."""
    of_drive = Appointment.objects.filter(drive=drive_id)
    kept = of_drive.filter(person__in=persons, ending=Appointment.Ending.KEPT)
    kept.exclude(Exists(of_drive.live().filter(person=OuterRef("person")))).update(ending="", ended_at=None)


def _note_corrections(
    events: Iterable[VisitEvent], *, by_id: Mapping[UUID, Visit], days: Mapping[UUID, Mapping[date, Day]], now: datetime
) -> None:
    late = [(event, day) for event in events if (day := days[event.drive_id].get(event.day)) and day.is_closed]
    Correction.objects.bulk_create(
        [
            Correction(
                drive_day_id=day.id,
                office_id=event.office_id,
                event=event,
                day=event.day,
                noted_on=local_day(now, by_id[event.visit_id].drive.office.zone),
            )
            for event, day in late
        ]
    )


def _fact(event: VisitEvent, zone: tzinfo) -> Fact:
    return Fact(
        id=event.pk,
        kind=event.kind,
        source=event.source,
        sequence=event.source_sequence,
        at=happened_at(event, zone),
        day=event.day,
        reason=event.reason,
        target=event.target,
        kit_id=event.kit_id,
        queue_number=event.queue_number,
        said_at=event.device_at,
    )

"""Guests who stand on a sheet by pen: typed in afterwards, they were here and served when the sheet says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from drives.models import DriveDay, Visit, VisitEvent
from drives.onsite.actions import record_events
from drives.onsite.ledger import NewEvent, events_of, locked
from drives.onsite.paper import SOURCE, Code, Entered, Entry, event_on_paper, read_writer, to_the_minute
from drives.onsite.room import lock_room
from drives.onsite.rules import Kind, Service
from drives.onsite.walk_ins import Guest, add_walk_in, clean_name
from schools.models import User
from schools.names import normalise

# What "D" means of somebody who came for something else than a recording.
DONE: Final[dict[str, str]] = {Service.RECORDING: Kind.RECORDED, Service.IKD: Kind.IKD_ACTIVATED}


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: str
    reason: str
    at: datetime
    kit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class GuestLine:
    """A line as it was typed and understood. `visit_id` is made with the page, so that sent twice it is one guest."""

    visit_id: UUID
    guest: Guest
    here_at: datetime
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A guest whom a sheet of this day has told of already."""

    visit: Visit
    here_at: datetime


def outcome_of(code: Code, *, service: str, at: datetime, here_at: datetime, kit_id: UUID | None) -> Outcome | None:
    """None for who was here and nothing else. Raises ValidationError: `guest_was_here`, `outcome_before_arrival`."""
    if code.kind == Kind.ABSENT:
        raise ValidationError(_("A guest who stands on the sheet was here. Leave the outcome empty."), code="guest_was_here")
    if code.kind == Kind.ARRIVED:
        return None
    if at < here_at:
        raise ValidationError(_("The outcome cannot be earlier than the arrival."), code="outcome_before_arrival")
    is_done = code.kind == Kind.RECORDED
    return Outcome(DONE.get(service, Kind.SERVED) if is_done else code.kind, code.reason, at, kit_id)


def told_on_paper(drive_day: DriveDay) -> list[Told]:
    """The guests of this day whose arrival stands on a sheet, as they came; one query."""
    arrivals = VisitEvent.objects.filter(
        drive=drive_day.drive_id, day=drive_day.day, kind=Kind.ARRIVED, source__startswith=SOURCE, visit__is_walk_in=True
    )
    first: dict[UUID, VisitEvent] = {}
    for event in arrivals.select_related("visit__person").order_by("device_at", "pk"):
        first.setdefault(event.visit_id, event)
    return [Told(event.visit, event.device_at) for event in first.values()]


@transaction.atomic
def enter_guests(
    *, drive_day: DriveDay, lines: Sequence[GuestLine], writer: str, by: User, now: datetime, is_lead: bool = False
) -> Entered:
    """Keep all lines with their real times, or none: where one is refused, nothing is written.

    A line that stands there already (the same name, service and arrival, whoever typed it) changes nothing. Whether the day
    was full is not argued with: the guest was taken. Raises ValidationError: `writer_missing`.
    """
    writer = read_writer(writer)
    # Who presses the button a second time, or types the same sheet beside us, waits here and finds the first.
    lock_room(drive_day)
    entered = Entered()
    known = {_name_of(one.visit.person.name, one.visit.service, one.here_at): one.visit.pk for one in told_on_paper(drive_day)}
    entries: dict[UUID, list[Entry]] = {}
    typed_as: dict[UUID, UUID] = {}
    for line in lines:
        name = _name_of(line.guest.name, line.guest.service, line.here_at)
        visit_id = known.get(name) or _visit_of(line, drive_day, by, entered)
        if visit_id:
            known[name], typed_as[visit_id] = visit_id, line.visit_id
            entries[visit_id] = _entries(visit_id, line)
    _tell(entries, drive_day=drive_day, writer=writer, by=by, now=now, is_lead=is_lead, entered=entered)
    if entered.refused:
        transaction.set_rollback(True)
        return Entered(refused={typed_as.get(visit_id, visit_id): why for visit_id, why in entered.refused.items()})
    return entered


def _visit_of(line: GuestLine, drive_day: DriveDay, by: User, entered: Entered) -> UUID | None:
    try:
        with transaction.atomic():
            guest = add_walk_in(
                event_id=line.visit_id, drive_day=drive_day, guest=line.guest, by=by, now=line.here_at, arrives=False
            )
    except ValidationError as error:
        entered.refused[line.visit_id] = " ".join(error.messages)
        return None
    return guest.visit.pk


def _entries(visit_id: UUID, line: GuestLine) -> list[Entry]:
    arrival = Entry(visit_id, Kind.ARRIVED, "", line.here_at)
    outcome = line.outcome
    return [arrival, Entry(visit_id, outcome.kind, outcome.reason, outcome.at, outcome.kit_id)] if outcome else [arrival]


def _tell(
    entries: dict[UUID, list[Entry]],
    *,
    drive_day: DriveDay,
    writer: str,
    by: User,
    now: datetime,
    is_lead: bool,
    entered: Entered,
) -> None:
    """What is new of each guest; a guest of whom all is known stands there already."""
    visits = locked(entries)
    stored = events_of(visits)
    events: list[NewEvent] = []
    for visit in visits:
        before = [event for event in stored.get(visit.pk, ()) if event.source.startswith(SOURCE) and event.day == drive_day.day]
        new = [entry for entry in entries[visit.pk] if not _stands(entry, before)]
        entered.same += not new
        for number, entry in enumerate(new):
            events.append(event_on_paper(entry, stored.get(visit.pk, ()), writer=writer, by=by, after=number))
    whose = {event.id: event.visit_id for event in events}
    receipt = record_events(events=events, visits=visits, by=by, now=now, is_lead=is_lead)
    entered.refused |= {whose[refusal.id]: refusal.message for refusal in receipt.refused}
    entered.saved = len({whose[event_id] for event_id in receipt.accepted})


def _stands(entry: Entry, before: Sequence[VisitEvent]) -> bool:
    """An arrival once said stays said; of the outcomes the last word counts, so that a slip of the typing can be put right."""
    said = [event for event in before if (event.kind == Kind.ARRIVED) == (entry.kind == Kind.ARRIVED)]
    if entry.kind != Kind.ARRIVED:
        said = sorted(said, key=lambda event: (event.received_at, event.source_sequence))[-1:]
    meant = (entry.kind, entry.reason, to_the_minute(entry.at), entry.kit_id)
    return any((event.kind, event.reason, to_the_minute(event.device_at), event.kit_id) == meant for event in said)


def _name_of(name: str, service: str, here_at: datetime) -> tuple[str, str, datetime]:
    return normalise(clean_name(name)), service, to_the_minute(here_at)

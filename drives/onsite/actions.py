"""Facts noted on the day, by an operator online, by a lead who decides, or in batches by a client that was offline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models import Device, Drive, DukcapilStatus, Kit, Visit, VisitEvent
from drives.onsite.fold import OPEN, REPLACEABLE, SERVER, SETTLED, State
from drives.onsite.ledger import NewEvent, events_of, locked, standing_of, store, taken_back_among
from drives.onsite.queue import OF_A_TABLET, next_number
from drives.onsite.rules import (
    CORRECTION,
    OF_IKD,
    UNDO_WITHIN,
    Kind,
    check_ikd,
    check_note,
    check_reason,
    check_still_to_record,
    local_day,
    service_of,
    undo_is_in_time,
)
from schools.models import AuditEntry, User, record_access

MOST_EVENTS_IN_A_BATCH = 500
# What a clock can show that was never set. Such a time is kept, and not believed (`ledger.day_of`).
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MOST_SEQUENCE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Refusal:
    id: UUID
    code: str
    message: str


@dataclass(slots=True)
class Receipt:
    """Which events stand in the database, and which cannot, and why. Nothing else counts as sent."""

    accepted: list[UUID] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


@transaction.atomic
def record_event(
    *,
    event_id: UUID,
    visit: Visit,
    kind: str,
    by: User,
    now: datetime,
    reason: str = "",
    kit: Kit | None = None,
    note: str = "",
    happened_at: datetime | None = None,
) -> Visit:
    """Note one fact about a person who stands before an operator online; the same `event_id` again changes nothing.

    An open outcome (absent, failed …) that the screen shows is replaced knowingly. `happened_at` is told of an earlier day;
    else it is now. Raises ValidationError: `drive_not_open`, `outcome_stands`, and what `check_reason`,
    `check_still_to_record` and `check_ikd` raise; `number_taken` for an `event_id` under which something else was said.
    """
    check_reason(kind=kind, reason=reason, service=visit.service)
    if kind == Kind.UNDONE or reason == CORRECTION:
        raise ValueError("undo() and correct() do this.")
    visit, stored = _hold(visit)
    if _is_stored(event_id, stored, kind=kind, reason=reason):
        return visit
    if visit.drive.status != Drive.Status.PUBLISHED:
        raise ValidationError(_("This drive is not under way."), code="drive_not_open")
    moment = happened_at or now
    today = local_day(moment, visit.drive.office.zone)
    if _is_said(visit, kind=kind, today=today):
        return visit
    if kind in OF_IKD:
        check_ikd(visit=visit, day=today, is_printable=has_printable_card(visit))
    check_still_to_record(visit=visit, kind=kind, day=today)
    event = _next_event(visit, stored, event_id=event_id, kind=kind, by=by, now=moment, reason=reason, kit=kit, note=note)
    if kind == Kind.ARRIVED:
        event = replace(event, queue_number=_queue_number(visit, today=today))
    _store_one(replace(event, target=_replaced(visit, stored, kind=kind)), visit, stored, by=by, now=now)
    return visit


@transaction.atomic
def undo(
    *,
    event_id: UUID,
    target: UUID,
    visit: Visit,
    by: User,
    now: datetime,
    is_lead: bool = False,
    note: str = "",
    happened_at: datetime | None = None,
) -> Visit:
    """Take an event back: within seconds anybody on site, later a lead with a reason. `happened_at` is told of an earlier day.

    Raises ValidationError: `nothing_to_undo`, `lead_only`, `undo_too_late`, `reason_missing`.
    """
    visit, stored = _hold(visit)
    is_stored = _is_stored(event_id, stored, kind=Kind.UNDONE)
    if is_stored or target in taken_back_among(stored, zone=visit.drive.office.zone):
        return visit
    taken_back = next((event for event in stored if event.pk == target and event.kind != Kind.UNDONE), None)
    if taken_back is None:
        raise ValidationError(_("There is nothing to undo here."), code="nothing_to_undo")
    reason = ""
    if taken_back.reason == CORRECTION and not is_lead:
        raise ValidationError(_("A lead operator has decided this, and only a lead operator takes it back."), code="lead_only")
    if not undo_is_in_time(taken_back, at=now):
        if not is_lead:
            raise ValidationError(
                _("It is too late to undo this. A lead operator can correct it, with a reason."), code="undo_too_late"
            )
        check_note(note)
        reason = CORRECTION
    moment = happened_at or now
    event = _next_event(visit, stored, event_id=event_id, kind=Kind.UNDONE, by=by, now=moment, reason=reason, note=note)
    _store_one(replace(event, target=target), visit, stored, by=by, now=now)
    if reason:
        _note_correction(visit, by=by, now=now, kind=taken_back.kind, to=visit.state)
    return visit


@transaction.atomic
def correct(
    *,
    event_id: UUID,
    visit: Visit,
    kind: str,
    note: str,
    by: User,
    now: datetime,
    kit: Kit | None = None,
    happened_at: datetime | None = None,
) -> Visit:
    """A lead's decision: it replaces the outcome that stands, and takes back what contradicts it. `undone` decides that
    nothing was said: all outcomes, that of IKD too, or, where there is none, the arrivals are taken back. `happened_at` is
    told of an earlier day, so that it is that day which is corrected. What was doubtful about a guest is decided with it.

    Raises ValidationError: `reason_missing`, `note_too_long`, `kind_unknown`, `service_mismatch`, `nothing_to_undo`.
    """
    check_note(note)
    check_reason(kind=kind, reason=CORRECTION, service=service_of(visit))
    visit, stored = _hold(visit)
    if _is_stored(event_id, stored, kind=kind, reason=CORRECTION):
        return visit
    standing = standing_of(stored, zone=visit.drive.office.zone, service=visit.service)
    before = standing.ikd if kind in OF_IKD else standing
    moment = happened_at or now
    event = _next_event(visit, stored, event_id=event_id, kind=kind, by=by, now=moment, reason=CORRECTION, kit=kit, note=note)
    decision = replace(event, target=before.counted if before.counted in before.spoken else None)
    others = [spoken for spoken in before.spoken if spoken != decision.target]
    if kind == Kind.UNDONE:
        decision, others = _nothing_said(event, (*standing.spoken, *standing.ikd.spoken) or _arrivals(stored))
    taken_back = [
        replace(event, id=uuid7(), kind=Kind.UNDONE, target=other, sequence=event.sequence + number)
        for number, other in enumerate(others, start=1)
    ]
    store([decision, *taken_back], visits=[visit], before={visit.pk: stored}, by=by, now=now)
    if visit.doubts:
        visit.doubts = []
        visit.save(update_fields=["doubts"])
    _note_correction(visit, by=by, now=now, kind=before.state, to=kind)
    return visit


# Within a request's transaction without a savepoint of its own: nothing of what fails here is caught.
@transaction.atomic(savepoint=False)
def record_events(
    *,
    events: Sequence[NewEvent],
    visits: Iterable[Visit],
    by: User | None,
    now: datetime,
    is_lead: bool = False,
    device: Device | None = None,
    skew: timedelta = timedelta(0),
    are_held: bool = False,
) -> Receipt:
    """A batch from a client, late or repeated or out of order: each event is stored once, or refused with a reason.

    `visits` are those that the sender may speak of (`are_held`: locked already, with their drives), `by` who spoke where an
    event does not say, `skew` is how far the client's clock is behind. What happened is not argued with: that somebody was
    recorded already, or too young, does not refuse a fact; it is for the lead to see.
    """
    receipt = Receipt()
    known = {visit.pk: visit for visit in visits}
    offices, named = {visit.office_id for visit in known.values()}, {event.kit_id for event in events if event.kit_id}
    kits = set(Kit.objects.filter(pk__in=named, office__in=offices).values_list("pk", flat=True)) if named else set()
    sound = []
    for event in {event.id: event for event in events}.values():
        try:
            _check_event(event, known=known, kits=kits, is_lead=is_lead)
        except ValidationError as error:
            receipt.refused.append(_refusal(event, error))
        else:
            sound.append(event)
    told = {event.visit_id for event in sound}
    held = [known[visit_id] for visit_id in known if visit_id in told] if are_held else locked(told)
    stored = events_of(held)
    sound = _replacing_what_they_saw(sound, held, stored)
    in_time = _in_time(sound, stored, is_lead=is_lead, receipt=receipt)
    there = store(in_time, visits=held, before=stored, by=by, now=now, device=device, skew=skew) if held else {}
    for event in in_time:
        if there.get(event.id) == event.visit_id:
            receipt.accepted.append(event.id)
        else:
            taken = ValidationError(_("Another event of this source has the same number."), code="number_taken")
            receipt.refused.append(_refusal(event, taken))
    return receipt


def _nothing_said(event: NewEvent, targets: Sequence[UUID]) -> tuple[NewEvent, list[UUID]]:
    """The undo of the first of these, and what else is to be taken back."""
    if not targets:
        raise ValidationError(_("There is nothing to undo here."), code="nothing_to_undo")
    return replace(event, target=targets[0]), list(targets[1:])


def _arrivals(stored: Sequence[VisitEvent]) -> list[UUID]:
    return [event.pk for event in stored if event.kind == Kind.ARRIVED]


def has_printable_card(visit: Visit) -> bool:
    """As Dukcapil said last."""
    newest = DukcapilStatus.objects.filter(person=visit.person_id).newest_first().values_list("status", flat=True).first()
    return newest in DukcapilStatus.PRINTABLE


def _is_stored(event_id: UUID, stored: Sequence[VisitEvent], *, kind: str, reason: str | None = None) -> bool:
    """Whether a form has come before. All taps on one card share its id: another word under it is not what is stored, and
    nobody may believe that it was. Raises ValidationError: `number_taken`."""
    before = next((event for event in stored if event.pk == event_id), None)
    if before and (before.kind != kind or (reason is not None and before.reason != reason)):
        raise _form_was_used()
    return before is not None


def _form_was_used() -> ValidationError:
    return ValidationError(_("This form was already used. Open the person again."), code="number_taken")


def _is_said(visit: Visit, *, kind: str, today: date) -> bool:
    """Whether nothing new would be said by it. Raises ValidationError: `outcome_stands`."""
    stands = ValidationError(_("This outcome stands. A lead operator can correct it, with a reason."), code="outcome_stands")
    if kind in OF_IKD:
        if visit.ikd_state == Kind.IKD_ACTIVATED and kind != visit.ikd_state:
            raise stands
        return visit.ikd_state == Kind.IKD_ACTIVATED
    if visit.state in SETTLED and kind != visit.state:
        raise stands
    is_here = kind == Kind.ARRIVED and visit.state == State.PRESENT and visit.state_on == today
    return visit.state in SETTLED or is_here


def _replaced(visit: Visit, stored: Sequence[VisitEvent], *, kind: str) -> UUID | None:
    """The open outcome that the screen shows, and that is replaced knowingly."""
    standing = standing_of(stored, zone=visit.drive.office.zone, service=visit.service)
    if kind in OF_IKD:
        return standing.ikd.counted
    return standing.counted if visit.state in OPEN else None


def _queue_number(visit: Visit, *, today: date) -> str:
    """One for a person and a day."""
    is_of_today = visit.arrived_at is not None and local_day(visit.arrived_at, visit.drive.office.zone) == today
    return visit.queue_number if visit.queue_number and is_of_today else next_number(drive_id=visit.drive_id, day=today)


def _hold(visit: Visit) -> tuple[Visit, list[VisitEvent]]:
    """The visit, locked and read anew, with its events."""
    (held,) = locked([visit.pk])
    return held, events_of([held])[held.pk]


def _next_event(
    visit: Visit,
    stored: Sequence[VisitEvent],
    *,
    event_id: UUID,
    kind: str,
    by: User,
    now: datetime,
    reason: str = "",
    kit: Kit | None = None,
    note: str = "",
) -> NewEvent:
    """What somebody online says next about this visit. The lock on the visit makes the count gapless."""
    source = f"{SERVER}{by.pk.hex[-12:]}:{visit.pk.hex}"
    return NewEvent(
        id=event_id,
        visit_id=visit.pk,
        kind=kind,
        source=source,
        sequence=1 + max((event.source_sequence for event in stored if event.source == source), default=0),
        device_at=now,
        reason=reason,
        kit_id=kit.pk if kit else None,
        note=note,
    )


def _store_one(event: NewEvent, visit: Visit, stored: list[VisitEvent], *, by: User, now: datetime) -> None:
    there = store([event], visits=[visit], before={visit.pk: stored}, by=by, now=now)
    if event.id not in there:
        raise _form_was_used()


def _note_correction(visit: Visit, *, by: User, now: datetime, kind: str, to: str) -> None:
    record_access(
        action=AuditEntry.Action.CORRECTED,
        subject=visit,
        by=by,
        at=now,
        office_id=visit.office_id,
        school_id=visit.school_id,
        detail={"from": str(kind), "to": str(to)},
    )


def _check_event(event: NewEvent, *, known: Mapping[UUID, Visit], kits: set[UUID], is_lead: bool) -> None:
    visit = known.get(event.visit_id)
    if visit is None:
        raise ValidationError(_("This person is not on a list of yours."), code="visit_unknown")
    if not (0 < event.sequence <= MOST_SEQUENCE and EARLIEST <= event.device_at <= LATEST and 0 < len(event.source) <= 60):
        raise ValidationError(_("The event's number or time cannot be right."), code="event_malformed")
    if event.source.startswith(SERVER):
        raise ValidationError(_("Only the server itself speaks under this name."), code="source_taken")
    if event.queue_number and not OF_A_TABLET.fullmatch(event.queue_number):
        raise ValidationError(_("This is no queue number of a tablet."), code="event_malformed")
    if len(event.note) > 200:
        raise ValidationError(_("The reason may have at most 200 characters."), code="note_too_long")
    if event.kit_id and event.kit_id not in kits:
        raise ValidationError(_("This kit does not belong to the office."), code="kit_unknown")
    if event.reason == CORRECTION:
        if not is_lead:
            raise ValidationError(_("Only a lead operator corrects."), code="lead_only")
        check_note(event.note)
    check_reason(kind=event.kind, reason=event.reason, service=service_of(visit))


def _replacing_what_they_saw(
    events: Sequence[NewEvent], visits: Iterable[Visit], stored: Mapping[UUID, Sequence[VisitEvent]]
) -> list[NewEvent]:
    """An open outcome that stands, and that the screen showed, is replaced knowingly, though the client cannot name it."""
    by_id = {visit.pk: visit for visit in visits}
    found = []
    for event in events:
        if event.saw in REPLACEABLE and event.target is None and event.kind != Kind.UNDONE:
            visit = by_id[event.visit_id]
            standing = standing_of(stored.get(visit.pk, ()), zone=visit.drive.office.zone, service=visit.service)
            shown = standing.ikd if event.kind in OF_IKD else standing
            if shown.state == event.saw:
                event = replace(event, target=shown.counted)
        found.append(event)
    return found


def _in_time(
    events: Sequence[NewEvent], stored: Mapping[UUID, Sequence[VisitEvent]], *, is_lead: bool, receipt: Receipt
) -> list[NewEvent]:
    """Without the undos that came too late by their own tablet's clock; one whose target has not come yet is kept."""
    said_at = {event.pk: event.device_at for rows in stored.values() for event in rows}
    said_at |= {event.id: event.device_at for event in events}
    kept = []
    for event in events:
        target_at = said_at.get(event.target) if event.target else None
        is_late = target_at is not None and event.device_at - target_at > UNDO_WITHIN
        if event.kind == Kind.UNDONE and is_late and event.reason != CORRECTION:
            late = ValidationError(_("It is too late to undo this."), code="undo_too_late")
            receipt.refused.append(_refusal(event, late))
        else:
            kept.append(event)
    return kept


def _refusal(event: NewEvent, error: ValidationError) -> Refusal:
    return Refusal(event.id, error.code or "refused", " ".join(error.messages))

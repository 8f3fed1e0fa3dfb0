"""The last resort: sheets that are filled in by pen when no tablet works, and typed in afterwards with the real times.

A sheet is of a timeslot or of a class, in the order in which it is printed. What it says of a person is one code ("D", "G1",
"T3"), the same on the paper and in the field, a time, and the kit.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Min
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models import Appointment, DriveDay, DriveSession, OperatorDuty, Timeslot, Visit, VisitEvent
from drives.models.visit import is_open_on
from drives.onsite.actions import record_events
from drives.onsite.labels import REASONS, STATES
from drives.onsite.ledger import NewEvent, events_of, locked
from drives.onsite.rules import ABSENCES, FAILURES, Kind
from schools.models import User
from schools.templatetags.house import clock
from students.models import ClassGroup

SOURCE: Final = "paper:"
# People set up before the first session and pack up after the last one; beyond that a time is a slip of the pen.
BEFORE, AFTER = timedelta(hours=2), timedelta(hours=3)
MOST_IN_NAME: Final = 80
_TIME: Final = re.compile(r"(\d{1,2})\s*[.:,]?\s*(\d{2})")


@dataclass(frozen=True, slots=True)
class Code:
    """What is written in the outcome's box, and what it means."""

    text: str
    kind: str
    reason: str
    label: str | Promise


def _numbered(letter: str, kind: str, reasons: Iterable[str]) -> list[Code]:
    return [Code(f"{letter}{number}", kind, reason, REASONS[reason]) for number, reason in enumerate(reasons, start=1)]


HERE_ALONE: Final = _("Here, nothing else yet")
PLAIN: Final = (
    Code("D", Kind.RECORDED, "", STATES["recorded"]),
    Code("H", Kind.ARRIVED, "", HERE_ALONE),
    Code("P", Kind.ALREADY_RECORDED, "", STATES["already_recorded"]),
    Code("M", Kind.DECLINED, "", STATES["declined"]),
    Code("U", Kind.UNDER_AGE, "", STATES["under_age"]),
)
FAILED: Final = tuple(_numbered("G", Kind.FAILED, FAILURES))
ABSENT: Final = tuple(_numbered("T", Kind.ABSENT, ABSENCES))
CODES: Final[dict[str, Code]] = {code.text: code for code in (*PLAIN, *FAILED, *ABSENT)}
_BY_MEANING: Final = {(code.kind, code.reason): code.text for code in CODES.values()}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed sheet: its slot or class, and the appointments in their order."""

    slot: Timeslot | None
    group: ClassGroup | None
    appointments: list[Appointment]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as it was typed and understood."""

    visit_id: UUID
    kind: str
    reason: str
    at: datetime
    kit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a sheet says of somebody already: for the fields."""

    code: str
    at: datetime
    kit_id: UUID | None
    by: str


@dataclass(slots=True)
class Entered:
    """How many rows are new, how many stood there already, whose outcome now contradicts another source, and what was refused."""

    saved: int = 0
    same: int = 0
    contradicting: list[UUID] = field(default_factory=list)
    refused: dict[UUID, str] = field(default_factory=dict)


def sheets_by_slot(drive_day: DriveDay, *, slot_id: UUID | None = None) -> list[Sheet]:
    """The day's sheets by timeslot, or that of one."""
    return by_slot([one for one in _appointments(drive_day) if slot_id in (None, one.timeslot_id)])


def sheets_by_class(drive_day: DriveDay, *, class_id: UUID | None = None) -> list[Sheet]:
    """The day's sheets by class, or that of one."""
    return by_class([one for one in _appointments(drive_day) if class_id in (None, one.class_group_id)])


def by_slot(appointments: Iterable[Appointment]) -> list[Sheet]:
    """A sheet for each timeslot that has people, by name. The appointments come with person, class and timeslot."""
    found: dict[UUID, list[Appointment]] = defaultdict(list)
    for one in _by_name(appointments):
        found[one.timeslot_id].append(one)
    sheets = [Sheet(rows[0].timeslot, None, rows) for rows in found.values()]
    return sorted(sheets, key=lambda sheet: (sheet.appointments[0].timeslot.starts_at, sheet.appointments[0].timeslot_id))


def by_class(appointments: Iterable[Appointment]) -> list[Sheet]:
    """A sheet for each class that has people, by name; last those without a class."""
    found: dict[UUID | None, list[Appointment]] = defaultdict(list)
    for one in _by_name(appointments):
        found[one.class_group_id].append(one)
    sheets = [Sheet(None, rows[0].class_group, rows) for rows in found.values()]
    return sorted(sheets, key=lambda sheet: (sheet.group is None, sheet.group.name if sheet.group else ""))


def _by_name(appointments: Iterable[Appointment]) -> list[Appointment]:
    return sorted(appointments, key=lambda one: (one.person.search_name, one.pk))


def _appointments(drive_day: DriveDay) -> list[Appointment]:
    """Those that hold or held a place on this day; of a closed day also who has been given another chance since."""
    rows = Appointment.objects.due().filter(timeslot__drive_day=drive_day).order_by("created_at", "pk")
    of_person = {one.person_id: one for one in rows.select_related("person", "class_group", "timeslot")}
    return list(of_person.values())


def said_on_paper(drive_day: DriveDay, visits: Collection[UUID]) -> dict[UUID, Said]:
    """The newest word of a sheet of this day about each of these."""
    events = VisitEvent.objects.filter(visit__in=visits, source__startswith=SOURCE, day=drive_day.day).select_related("operator")
    found = {}
    for event in events.order_by("received_at", "source_sequence", "pk"):
        if code := _BY_MEANING.get((event.kind, event.reason)):
            found[event.visit_id] = Said(code, event.device_at, event.kit_id, event.operator.name if event.operator else "")
    return found


def read_code(text: str) -> Code:
    """Raises ValidationError: `code_unknown`."""
    code = CODES.get(text.strip().upper().replace(" ", ""))
    if code is None:
        raise ValidationError(_("“%(text)s” is no code of the sheet.") % {"text": text.strip()[:12]}, code="code_unknown")
    return code


def read_time(text: str, *, drive_day: DriveDay, hours: tuple[datetime, datetime] | None, now: datetime) -> datetime:
    """ "9.12", "09:12" or "0912" on the sheet's day.

    Raises ValidationError: `time_unreadable`, `time_ahead`, `time_outside`.
    """
    found = _TIME.fullmatch(text.strip())
    hour, minute = (int(part) for part in found.groups()) if found else (99, 99)
    if hour > 23 or minute > 59:
        raise ValidationError(_("Write the time as in 09.12."), code="time_unreadable")
    at = datetime.combine(drive_day.day, time(hour, minute), drive_day.office.zone)
    if at > now:
        raise ValidationError(_("This time has not come yet."), code="time_ahead")
    if hours and not hours[0] - BEFORE <= at <= hours[1] + AFTER:
        spoken = {"start": _clock(hours[0], drive_day.office.zone), "end": _clock(hours[1], drive_day.office.zone)}
        raise ValidationError(_("The day was from %(start)s to %(end)s.") % spoken, code="time_outside")
    return at


def hours_of(drive_day: DriveDay) -> tuple[datetime, datetime] | None:
    hours = DriveSession.objects.filter(drive_day=drive_day).aggregate(first=Min("starts_at"), last=Max("ends_at"))
    return (hours["first"], hours["last"]) if hours["first"] else None


def people_on_duty(drive_day: DriveDay) -> list[str]:
    """Whose handwriting it may be."""
    duties = OperatorDuty.objects.filter(drive_day=drive_day).order_by("user__name", "pk")
    return list(duties.values_list("user__name", flat=True))


@transaction.atomic
def enter_sheet(
    *, drive_day: DriveDay, entries: Sequence[Entry], writer: str, by: User, now: datetime, is_lead: bool = False
) -> Entered:
    """Keep what a sheet says, with its real times: all rows, or, where one is refused, none. Typed in again, by whomever, what
    stands there already changes nothing.

    Who types corrects the own typing; a sheet that says something else than another source is kept beside it, for a lead to
    decide. Raises ValidationError: `writer_missing`.
    """
    writer = read_writer(writer)
    entered = Entered()
    # Held before it is read what the sheet has said: a second press of the button waits here, and finds the first.
    visits = {visit.pk: visit for visit in locked({entry.visit_id for entry in entries}) if visit.drive_id == drive_day.drive_id}
    stored = events_of(visits.values())
    events = []
    for entry in entries:
        if entry.visit_id not in visits:
            entered.refused[entry.visit_id] = str(_("This person is not on the list of this drive."))
        elif _is_said(entry, stored.get(entry.visit_id, ()), drive_day=drive_day):
            entered.same += 1
        else:
            events.append(event_on_paper(entry, stored.get(entry.visit_id, ()), writer=writer, by=by))
    receipt = record_events(events=events, visits=visits.values(), by=by, now=now, is_lead=is_lead)
    entered.saved = len(receipt.accepted)
    whose = {event.id: event.visit_id for event in events}
    entered.refused |= {whose[refusal.id]: refusal.message for refusal in receipt.refused}
    if entered.refused:
        transaction.set_rollback(True)
        return Entered(refused=entered.refused)
    said = {event.visit_id for event in events}
    entered.contradicting = list(Visit.objects.filter(pk__in=said, has_conflict=True).order_by("pk").values_list("pk", flat=True))
    return entered


def _is_said(entry: Entry, events: Iterable[VisitEvent], *, drive_day: DriveDay) -> bool:
    """Whether that is the last word of somebody who typed a sheet of this day."""
    last: dict[str, VisitEvent] = {}
    for event in sorted(events, key=lambda event: event.source_sequence):
        if event.source.startswith(SOURCE) and event.day == drive_day.day:
            last[event.source] = event
    meant = (entry.kind, entry.reason, to_the_minute(entry.at), entry.kit_id)
    return any((event.kind, event.reason, to_the_minute(event.device_at), event.kit_id) == meant for event in last.values())


def read_writer(text: str) -> str:
    """Raises ValidationError: `writer_missing`."""
    writer = " ".join(text.replace("\x00", "").split())
    if not writer:
        raise ValidationError(_("Write whose handwriting it is."), code="writer_missing")
    return writer


def event_on_paper(entry: Entry, events: Iterable[VisitEvent], *, writer: str, by: User, after: int = 0) -> NewEvent:
    """What a sheet says next of a person whose visit is held and has had these events; `after` so many that are told with it."""
    source = f"{SOURCE}{by.pk.hex[-12:]}:{entry.visit_id.hex}"
    return NewEvent(
        id=uuid7(),
        visit_id=entry.visit_id,
        kind=entry.kind,
        source=source,
        sequence=1 + after + max((event.source_sequence for event in events if event.source == source), default=0),
        device_at=entry.at,
        reason=entry.reason,
        kit_id=entry.kit_id,
        note=str(_("On paper, written by %(name)s") % {"name": writer[:MOST_IN_NAME]}),
    )


def counts_of(sheets: Sequence[Sheet], done: Collection[UUID]) -> list[tuple[Sheet, int]]:
    """With how many of each sheet have an outcome; `done` are the people of the drive who have one on this day."""
    return [(sheet, sum(one.person_id in done for one in sheet.appointments)) for sheet in sheets]


def done_on(drive_day: DriveDay) -> set[UUID]:
    """The people of the drive who have an outcome on this day, or need none any more."""
    visits = Visit.objects.filter(drive=drive_day.drive_id).exclude(is_open_on(drive_day.day))
    return set(visits.exclude(state=Visit.State.PRESENT).values_list("person", flat=True))


def to_the_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _clock(moment: datetime, zone: tzinfo) -> str:
    return clock(moment.astimezone(zone))

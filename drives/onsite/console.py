"""What the operator's console shows, in a fixed number of queries. Never a NIK."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Length
from uuid6 import uuid7

from drives.models import Appointment, Drive, DriveDay, Kit, Timeslot, Visit, VisitEvent
from drives.models.visit import is_open_on
from drives.onsite.actions import has_printable_card
from drives.onsite.calling import call_first, called_among
from drives.onsite.card import HEADLINES, LACKING, REMEDIES, WITHDRAWN, Card, card_of, slot_label
from drives.onsite.fold import SETTLED, State
from drives.onsite.labels import Chip, chip_of, ikd_label
from drives.onsite.rules import CORRECTION, OF_IKD, UNDO_SECONDS, Kind, is_asked_of_a_parent, local_day
from drives.onsite.verdict import OTHER_DRIVE, SLIP_REVOKED, Verdict
from schools.models import School, User
from schools.names import normalise
from schools.templatetags.house import day as day_of_drive
from students.models import Consent, Enrolment, Person

MOST_RESULTS: Final = 12
MOST_WAITING: Final = 5
MOST_CALLED: Final = 50
# What the newest line of a history of consent says to the card.
STANDS_AS: Final = {True: "", False: WITHDRAWN, None: LACKING}
_CODE: Final = re.compile(r"[A-Z0-9]{6}")
# As people write a code down: "8RH XET", "8RH-XET".
_BETWEEN: Final = re.compile(r"[\s.-]+")
# "7", "B-07": what the console and the tablets give out.
_QUEUE_NUMBER: Final = re.compile(r"(?:[A-Z]{1,2}-)?[0-9]{1,4}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,32}")


@dataclass(frozen=True, slots=True)
class Figures:
    """Recorded of those scheduled today. Guests, and who came on another day than planned, are counted apart.

    `activated` (IKD) are of `recorded_today`, whoever they are, and `activated_others` came for something else; all are 0 where
    the drive does not offer it.
    """

    target: int
    recorded: int
    others: int
    waiting: int
    waiting_since: datetime | None
    activated: int = 0
    activated_others: int = 0
    recorded_today: int = 0
    offers_ikd: bool = False

    def waiting_minutes(self, now: datetime) -> int:
        """How long the longest waits; 0 when nobody does."""
        return int((now - self.waiting_since).total_seconds() // 60) if self.waiting_since and self.waiting_since < now else 0


@dataclass(frozen=True, slots=True)
class Line:
    """One person in a list."""

    visit: Visit
    chip: Chip
    class_name: str
    is_extra: bool = False
    # Of who waits: how long, and to which station the person is called.
    minutes: int | None = None
    station: str = ""


@dataclass(frozen=True, slots=True)
class Stray:
    """A slip that opens nobody here, and what to do."""

    verdict: Verdict
    place: str = ""
    day: date | None = None

    @property
    def tone(self) -> str:
        return self.verdict.tone

    @property
    def headline(self) -> str:
        return str(HEADLINES[self.verdict.headline])

    @property
    def remedy(self) -> str:
        told = {"place": self.place, "slot_day": day_of_drive(self.day) if self.day else ""}
        return str(REMEDIES[self.verdict.remedy]) % told


@dataclass(frozen=True, slots=True)
class SlotCount:
    """How many of a timeslot have come, whatever came of it."""

    slot_id: UUID
    here: int
    total: int


@dataclass(frozen=True, slots=True)
class SlotList:
    """A timeslot with who is expected in it, and the way to its neighbours."""

    slot: Timeslot
    label: str
    lines: list[Line]
    classes: str
    count: SlotCount
    before: Timeslot | None
    after: Timeslot | None


@dataclass(frozen=True, slots=True)
class Undoable:
    """What was said last, by this operator or of this person, while it can still be taken back."""

    event: VisitEvent
    seconds: int
    undo_id: UUID = field(default_factory=uuid7)

    @property
    def label(self) -> str:
        """`Hadir 09.31`; of the second outcome, `IKD aktif`."""
        visit = self.event.visit
        return ikd_label(visit) if self.event.kind in OF_IKD and visit.ikd_state else chip_of(visit).label


def figures_of(drive_day: DriveDay) -> Figures:
    of_today = Appointment.objects.due().filter(timeslot__drive_day=drive_day, person=OuterRef("person"))
    visits = Visit.objects.filter(drive=drive_day.drive_id).annotate(is_due=Exists(of_today))
    done = Q(state__in=[State.RECORDED, State.SERVED], state_on=drive_day.day)
    present = Q(state=State.PRESENT, state_on=drive_day.day)
    offers_ikd = drive_day.drive.ikd_minimum_age is not None
    second = {}
    if offers_ikd:
        of_recorded = Q(state=State.RECORDED, state_on=drive_day.day)
        second = {
            "activated": Count("pk", filter=activated_on(drive_day) & of_recorded),
            "activated_others": Count("pk", filter=activated_on(drive_day) & ~of_recorded),
            "recorded_today": Count("pk", filter=of_recorded),
        }
    counted = visits.aggregate(
        target=Count("pk", filter=Q(is_due=True)),
        # Who was due, and was recorded on a later day, is that day's.
        recorded=Count("pk", filter=Q(is_due=True, state=State.RECORDED, state_on__lte=drive_day.day)),
        others=Count("pk", filter=done & Q(is_due=False)),
        waiting=Count("pk", filter=present),
        waiting_since=Min("arrived_at", filter=present),
        **second,
    )
    return Figures(**counted, offers_ikd=offers_ikd)


def activated_on(drive_day: DriveDay) -> Q:
    """Visits whose IKD was activated on this day of the office."""
    begins = datetime.combine(drive_day.day, time(), drive_day.office.zone)
    return Q(ikd_state=Kind.IKD_ACTIVATED, ikd_at__gte=begins, ikd_at__lt=begins + timedelta(days=1))


def waiting(drive_day: DriveDay) -> QuerySet[Visit]:
    """Who is here and waits, as their turn comes: nobody who is early goes before those whose timeslot it is, nobody who is
    late before those who were in time."""
    slots = Appointment.objects.standing().filter(timeslot__drive_day=drive_day, person=OuterRef("person"))
    turn = Greatest("arrived_at", Coalesce(Subquery(slots.values("timeslot__starts_at")[:1]), "arrived_at"))
    here = Visit.objects.filter(drive=drive_day.drive_id, state=State.PRESENT, state_on=drive_day.day)
    is_extra = Exists(slots.filter(places__gt=1))
    return here.annotate(turn=turn, is_extra=is_extra).select_related("person").order_by("turn", "arrived_at", "pk")


def waiting_line(drive_day: DriveDay, *, now: datetime) -> list[Line]:
    """The next few, with how long they have waited and where they are called to."""
    visits = list(waiting(drive_day)[:MOST_WAITING])
    called = called_among(visits)
    return [
        Line(
            visit,
            chip_of(visit),
            "",
            is_extra=getattr(visit, "is_extra"),  # noqa: B009 — annotated
            minutes=max(0, int((now - visit.arrived_at).total_seconds() // 60)) if visit.arrived_at else None,
            station=called.get(visit.pk, ""),
        )
        for visit in visits
    ]


def call_next(drive_day: DriveDay, *, kit: Kit | None) -> Visit | None:
    """Whose turn it is, called to this station; None where nobody waits whom no other station has called."""
    called = call_first(waiting(drive_day)[:MOST_CALLED], station=kit.name if kit else "")
    return visits_with_rules(drive_day).filter(pk=called.pk).first() if called else None


def visits_with_rules(drive_day: DriveDay) -> QuerySet[Visit]:
    """The drive's visits with what a card needs."""
    return Visit.objects.filter(drive=drive_day.drive_id).select_related("person", "drive__office")


def slot_list(drive_day: DriveDay, *, now: datetime, slot_id: UUID | None = None) -> SlotList | None:
    """The timeslot asked for, else the one of this moment, else the next, else the last."""
    slots = list(Timeslot.objects.filter(drive_day=drive_day).order_by("starts_at"))
    if not slots:
        return None
    place = next((number for number, slot in enumerate(slots) if slot.pk == slot_id), None)
    if place is None:
        place = next((number for number, slot in enumerate(slots) if slot.ends_at > now), len(slots) - 1)
    slot = slots[place]
    lines = _lines_of(drive_day, slot)
    return SlotList(
        slot=slot,
        label=slot_label(slot),
        lines=lines,
        classes=", ".join(sorted({line.class_name for line in lines if line.class_name})),
        count=SlotCount(slot.pk, sum(_is_here(line.visit, drive_day.day) for line in lines), len(lines)),
        before=slots[place - 1] if place else None,
        after=slots[place + 1] if place + 1 < len(slots) else None,
    )


def due_on(drive_day: DriveDay, visit: Visit) -> Appointment | None:
    """The appointment that this person holds on the day."""
    return Appointment.objects.due().filter(timeslot__drive_day=drive_day, person=visit.person_id).first()


def _is_here(visit: Visit, day: date) -> bool:
    return visit.state != State.ABSENT and not visit.is_open_on(day)


def slot_count(due: Appointment, *, day: date) -> SlotCount:
    """That of the timeslot of this appointment, which is of this day."""
    others = Appointment.objects.due().filter(timeslot=due.timeslot_id)
    visits = Visit.objects.filter(drive=due.drive_id, person__in=others.values("person"))
    is_here = ~Q(state=State.ABSENT) & ~is_open_on(day)
    return SlotCount(due.timeslot_id, **visits.aggregate(here=Count("pk", filter=is_here), total=Count("pk")))


def _lines_of(drive_day: DriveDay, slot: Timeslot) -> list[Line]:
    appointments = {
        appointment.person_id: appointment
        for appointment in Appointment.objects.due().filter(timeslot=slot).select_related("class_group")
    }
    visits = Visit.objects.filter(drive=drive_day.drive_id, person__in=appointments).select_related("person")
    lines = []
    for visit in visits.order_by("person__search_name", "pk"):
        appointment = appointments[visit.person_id]
        class_name = appointment.class_group.name if appointment.class_group else ""
        lines.append(Line(visit, chip_of(visit), class_name, is_extra=appointment.places > 1))
    return lines


def kits_of(drive_day: DriveDay) -> list[Kit]:
    """Alat 2 before Alat 10."""
    on_duty = Kit.objects.filter(duties__drive_day=drive_day, duties__released_at=None)
    return list(on_duty.distinct().order_by(Length("name"), "name", "pk"))


def find(drive_day: DriveDay, text: str) -> list[Visit]:
    """By slip (its address, token or code), by the queue number of who waits, by the beginning of an NISN, or by parts of a
    name in any order."""
    visits = visits_with_rules(drive_day)
    text = text.strip()
    found_at_once = _by_slip(visits, text) or _by_queue_number(visits, text, day=drive_day.day)
    if found_at_once:
        return found_at_once
    people = Person.objects.matching(text) if normalise(text) else Person.objects.none()
    of_today = Appointment.objects.standing().filter(timeslot__drive_day=drive_day, person=OuterRef("person"))
    found = visits.filter(person__in=people.values("pk"))
    found = found.annotate(is_due=Exists(of_today), is_extra=Exists(of_today.filter(places__gt=1)))
    return list(found.order_by("-is_due", "person__search_name", "pk")[: MOST_RESULTS + 1])


def _by_slip(visits: QuerySet[Visit], text: str) -> list[Visit]:
    token = _token_in(text)
    if token:
        return list(visits.filter(token=token, token_revoked_at=None))
    code = _BETWEEN.sub("", text).upper()
    if _CODE.fullmatch(code) and (found := list(visits.filter(code=code))):
        return found
    return list(visits.filter(token=text, token_revoked_at=None)) if _TOKEN.fullmatch(text) else []


def _by_queue_number(visits: QuerySet[Visit], text: str, *, day: date) -> list[Visit]:
    if not _QUEUE_NUMBER.fullmatch(text.upper()):
        return []
    return list(visits.filter(queue_number=text.upper(), state=State.PRESENT, state_on=day)[:MOST_RESULTS])


def stray_slip(drive_day: DriveDay, text: str) -> Stray | None:
    """What a slip says that is not of this drive's list: it was replaced, or belongs to another drive of the office. Of the
    person it says nothing."""
    token = _token_in(text.strip()) or text.strip()
    if not _TOKEN.fullmatch(token):
        return None
    slips = Visit.objects.filter(token=token, office=drive_day.office_id).exclude(drive__status=Drive.Status.DRAFT)
    slip = slips.select_related("drive__school").annotate(day=Min("drive__days__day")).first()
    if slip is None:
        return None
    if slip.drive_id == drive_day.drive_id:
        return Stray(SLIP_REVOKED)
    return Stray(OTHER_DRIVE, place=str(slip.drive), day=getattr(slip, "day"))  # noqa: B009 — annotated


def _token_in(text: str) -> str:
    """`https://…/s/<token>/`, as a scanner types it."""
    try:
        parts = [part for part in urlsplit(text).path.split("/") if part]
    except ValueError:  # "http://[": no address, so it may be a name
        return ""
    if len(parts) >= 2 and parts[-2] == "s" and _TOKEN.fullmatch(parts[-1]):
        return parts[-1]
    return ""


def lines_for(drive_day: DriveDay, visits: Sequence[Visit]) -> list[Line]:
    classes = classes_of([visit.person_id for visit in visits])
    return [
        Line(visit, chip_of(visit), classes.get(visit.person_id, ""), is_extra=getattr(visit, "is_extra", False))
        for visit in visits
    ]


def classes_of(person_ids: Sequence[UUID]) -> dict[UUID, str]:
    live = Enrolment.objects.live().filter(person__in=person_ids, class_group__isnull=False)
    return dict(live.values_list("person", "class_group__name"))


def show(visit: Visit, *, drive_day: DriveDay, kit: Kit | None, now: datetime) -> Card:
    """The card of a visit that was fetched with its person and its drive's office."""
    appointments = Appointment.objects.standing().filter(drive=visit.drive_id, person=visit.person_id)
    appointment = appointments.select_related("timeslot").order_by("-created_at").first()
    return card_of(
        visit,
        appointment=appointment,
        class_name=classes_of([visit.person_id]).get(visit.person_id, ""),
        kit_name=kit.name if kit else "",
        today=local_day(now, drive_day.office.zone),
        now=now,
        recorded_at=_recorded_at(visit) if visit.person.recorded_on else "",
        consent=_consent_of(visit, today=local_day(now, drive_day.office.zone)),
        is_printable=visit.drive.ikd_minimum_age is not None and has_printable_card(visit),
    )


def _consent_of(visit: Visit, *, today: date) -> str:
    """LACKING or WITHDRAWN, for a pupil or a child whose office asks for a parent's consent; else nothing."""
    if visit.service != Visit.Service.RECORDING:
        return ""
    newest = Consent.objects.newest_first().filter(person=visit.person_id).values("is_given")[:1]
    if visit.person.school_id is None:
        is_asked = is_asked_of_a_parent(visit.person, kind=visit.kind, drive=visit.drive, day=today)
        return STANDS_AS[newest.values_list("is_given", flat=True).first()] if is_asked else ""
    asking = School.objects.filter(pk=visit.person.school_id, office__consent_required=True)
    found = list(asking.annotate(is_given=Subquery(newest)).values_list("is_given", flat=True))
    return STANDS_AS[found[0]] if found else ""


def _recorded_at(visit: Visit) -> str:
    """The place of the same office where this person was recorded, if it was one of its drives."""
    others = Visit.objects.filter(person=visit.person_id, office=visit.office_id, state__in=SETTLED).exclude(pk=visit.pk)
    earlier = others.select_related("drive__school").order_by("state_on", "pk").first()
    return str(earlier.drive) if earlier else ""


def undoable_of(drive: Drive, *, by: User, now: datetime) -> Undoable | None:
    """What this operator said last at the drive."""
    return _undoable(VisitEvent.objects.filter(drive=drive, operator=by), now=now)


def undoable_on(visit: Visit, *, now: datetime) -> Undoable | None:
    """What anybody said last of this person."""
    return _undoable(VisitEvent.objects.filter(visit=visit).exclude(reason=CORRECTION), now=now)


def _undoable(events: QuerySet[VisitEvent], *, now: datetime) -> Undoable | None:
    recent = events.filter(received_at__gt=now - timedelta(seconds=UNDO_SECONDS))
    said = list(recent.select_related("visit__person", "operator").order_by("received_at", "pk"))
    undone = {event.target for event in said if event.kind == Kind.UNDONE}
    left = [event for event in said if event.kind != Kind.UNDONE and event.pk not in undone]
    if not left:
        return None
    return Undoable(left[-1], UNDO_SECONDS - int((now - left[-1].received_at).total_seconds()))

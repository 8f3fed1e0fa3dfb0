"""What a tablet sends: facts about persons, guests at the door, incidents. In any order, any number of times, days late."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Func, UUIDField, Value
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from drives.models import Device, Drive, DriveDay, Incident, Kit, Visit
from drives.onsite.actions import EARLIEST, LATEST, MOST_SEQUENCE, record_events
from drives.onsite.batches import Item, Reading, event_of, is_storable, read_items, uuid_of
from drives.onsite.incidents import close_incident, open_incident
from drives.onsite.ledger import NewEvent, day_of, held
from drives.onsite.rules import CORRECTION
from drives.onsite.scope import leads
from drives.onsite.walk_ins import BIRTH_DATE, Guest, add_walk_in
from drives.tablets.numbers import has_gap_below, highest, missing, with_numbers
from drives.tablets.scope import Prepared, earlier_operators
from schools.models import User

WALK_IN: Final = "walk_in"
OPENED, CLOSED = "incident_opened", "incident_closed"
GUEST_TEXTS: Final = ("name", "kind", "service", "nik", "consent_from", "consent_given_by")
# What a tablet counts is small; a number beyond this is no count.
MOST_UNSENT: Final = 1_000_000
COUNTED: Final = "UPDATE drives_device SET received_numbers = %s, seen_at = %s, last_sequence = %s WHERE id = %s"


@dataclass(slots=True)
class Answer:
    """`accepted` stand in the database; `refused` stay on the tablet, for somebody to look at; what is in neither, because
    it speaks of what has not come yet, waits there and is sent again."""

    accepted: list[UUID] = field(default_factory=list)
    refused: list[dict[str, str | None]] = field(default_factory=list)
    later: list[UUID] = field(default_factory=list)

    def refuse(self, item_id: UUID, error: ValidationError) -> None:
        self.refused.append({"id": str(item_id), "code": _code_of(error), "message": " ".join(error.messages)})


@dataclass(frozen=True, slots=True)
class Sender:
    """A tablet (held by its lock) with what it was prepared for: of these drives it may tell, and of no other."""

    device: Device
    prepared: Sequence[Prepared]
    earlier: dict[UUID, list[tuple[datetime, UUID]]] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return f"device:{self.device.pk.hex}"

    @property
    def drives(self) -> dict[UUID, Drive]:
        return {one.drive_id: one.drive for one in self.prepared}

    def at(self, drive_id: UUID, moment: datetime, *, now: datetime) -> Prepared:
        """The preparation in force at a moment: that of the fact's day, else the last one for this drive."""
        own = [one for one in self.prepared if one.drive_id == drive_id]
        day = day_of(moment, now=now, days={one.day for one in own}, zone=own[-1].drive.office.zone)
        return next((one for one in own if one.day == day), own[-1])

    def operator_at(self, drive_id: UUID, moment: datetime, *, now: datetime) -> UUID:
        """Who had made the tablet ready when it happened: before a change of shift that is somebody else than after it."""
        prepared = self.at(drive_id, moment, now=now)
        if moment >= prepared.prepared_at:
            return prepared.user_id
        if prepared.id not in self.earlier:
            self.earlier[prepared.id] = earlier_operators(prepared.id)
        before = [user_id for prepared_at, user_id in self.earlier[prepared.id] if prepared_at <= moment]
        first = [user_id for _prepared_at, user_id in self.earlier[prepared.id][:1]]
        return [prepared.user_id, *first, *before][-1]


@transaction.atomic(savepoint=False)
def take(*, sender: Sender, events: Sequence[object], skew: timedelta, now: datetime) -> Answer:
    """Store what can be stored, and count which numbers have come."""
    reading = read_items(events)
    answer = Answer(refused=list(reading.refused))
    seen = with_numbers(sender.device.received_numbers, _numbers_of(reading))
    _Batch(sender, answer, seen, skew=skew, now=now).take(reading)
    _count(sender.device, reading, answer, now=now)
    return answer


def receipt_of(device: Device, answer: Answer, *, now: datetime) -> dict[str, object]:
    return {
        "receipt": 1,
        "device": str(device.pk),
        "received_at": now.isoformat(),
        "accepted": [str(item_id) for item_id in answer.accepted],
        "refused": answer.refused,
        "later": [str(item_id) for item_id in answer.later],
        "highest": highest(device.received_numbers),
        "missing": missing(device.received_numbers),
    }


class _Batch:
    """One batch on its way: guests first, since facts may speak of them; then incidents, then the facts."""

    def __init__(self, sender: Sender, answer: Answer, seen: Sequence[int], *, skew: timedelta, now: datetime) -> None:
        self.sender, self.answer, self.seen, self.skew, self.now = sender, answer, seen, skew, now
        self.drives = sender.drives
        self.kits: dict[UUID, Kit] = {}

    def take(self, reading: Reading) -> None:
        by_kind: dict[str, list[Item]] = defaultdict(list)
        for item in sorted({one.id: one for one in reading.items}.values(), key=lambda one: (one.sequence, one.id)):
            if self._is_counted(item):
                by_kind[item.kind if item.kind in (WALK_IN, OPENED, CLOSED) else ""].append(item)
        for kind, one_by_one in ((WALK_IN, self._guest), (OPENED, self._opened), (CLOSED, self._closed)):
            for item in by_kind[kind]:
                self._try(item, one_by_one)
        if by_kind[""]:
            self._facts(by_kind[""])

    def _is_counted(self, item: Item) -> bool:
        if 0 < item.sequence <= MOST_SEQUENCE and EARLIEST <= item.at <= LATEST:
            return True
        self.answer.refuse(item.id, ValidationError(_("The event's number or time cannot be right."), code="event_malformed"))
        return False

    def _try(self, item: Item, take: Any) -> None:
        """Each by itself: what one is refused for undoes nothing of the others."""
        try:
            with transaction.atomic():
                is_taken = take(item)
        except ValidationError as error:
            self.answer.refuse(item.id, error)
        else:
            (self.answer.accepted if is_taken else self.answer.later).append(item.id)

    def _guest(self, item: Item) -> bool:
        """The person and the visit; that the guest came is a fact of its own. The tablet's id of the visit is kept."""
        visit_id, drive_day = uuid_of(item.raw.get("visit")), self._drive_day(item)
        if visit_id is None:
            raise ValidationError(_("A guest needs an id (UUID) of the visit."), code="event_malformed")
        guest = _guest_in(item.raw.get("guest"))
        by = self._operator(drive_day, item)
        visit = add_walk_in(
            event_id=visit_id,
            drive_day=drive_day,
            guest=guest,
            by=by,
            now=self._moment(item),
            arrives=False,
            is_argued=False,
        ).visit
        if visit.pk != visit_id:
            added = Func(F("guest_ids"), Value(visit_id, output_field=UUIDField()), function="array_append")
            Visit.objects.filter(pk=visit.pk).exclude(guest_ids__contains=[visit_id]).update(guest_ids=added)
        return True

    def _opened(self, item: Item) -> bool:
        drive_day = self._drive_day(item)
        open_incident(
            incident_id=item.id,
            drive_day=drive_day,
            kind=item.text("incident"),
            kit=self._kit(item, drive_day),
            note=item.text("note"),
            device=self.sender.device,
            by=self._operator(drive_day, item),
            now=self._moment(item),
        )
        return True

    def _closed(self, item: Item) -> bool:
        incident_id = uuid_of(item.raw.get("incident"))
        own = Incident.objects.filter(drive_day__drive__in=self.drives).select_related("drive_day")
        incident = own.filter(pk=incident_id).first() if incident_id else None
        if incident is None:
            if has_gap_below(self.seen, item.sequence):
                return False
            raise ValidationError(_("This report is not known."), code="incident_unknown")
        by = self._operator(incident.drive_day, item)
        close_incident(incident=incident, resolution=item.text("note"), by=by, now=self._moment(item))
        return True

    def _facts(self, items: Sequence[Item]) -> None:
        named = _Named.among(items, self.drives)
        told: list[NewEvent] = []
        for item in items:
            visit = named.visit_of(item)
            if visit is None and uuid_of(item.raw.get("visit")) and has_gap_below(self.seen, item.sequence):
                self.answer.later.append(item.id)
                continue
            by = self.sender.operator_at(visit.drive_id, self._at(item), now=self.now) if visit else None
            told.append(event_of(item, source=self.sender.source, visit_id=visit.pk if visit else None, operator_id=by))
        receipt = record_events(
            events=told,
            visits=named.visits,
            by=None,
            now=self.now,
            is_lead=any(event.reason == CORRECTION for event in told) and self._leads(),
            device=self.sender.device,
            skew=self.skew,
            are_held=True,
        )
        self.answer.accepted += receipt.accepted
        self.answer.refused += [{"id": str(one.id), "code": one.code, "message": one.message} for one in receipt.refused]

    def _leads(self) -> bool:
        """Whoever works with this tablet may correct: all who prepared it lead in the offices of its drives, to this day."""
        users = User.objects.filter(pk__in={one.user_id for one in self.sender.prepared})
        offices = {drive.office_id for drive in self.drives.values()}
        return all(leads(user, offices) for user in users)

    def _operator(self, drive_day: DriveDay, item: Item) -> User:
        return User.objects.get(pk=self.sender.operator_at(drive_day.drive_id, self._at(item), now=self.now))

    def _at(self, item: Item) -> datetime:
        return item.at + (self.skew if item.skew is None else item.skew)

    def _moment(self, item: Item) -> datetime:
        """When it happened, as well as it is known; never in the future."""
        return min(self._at(item), self.now)

    def _drive_day(self, item: Item) -> DriveDay:
        """Of the preparations, the one that the item names by its day or its drive."""
        day_id, drive_id = uuid_of(item.raw.get("drive_day")), uuid_of(item.raw.get("drive"))
        if drive_id in self.drives and day_id is None:
            day_id = self.sender.at(drive_id, self._at(item), now=self.now).drive_day_id
        if day_id not in {one.drive_day_id for one in self.sender.prepared}:
            raise ValidationError(_("This tablet was not prepared for this day."), code="day_unknown")
        return DriveDay.objects.select_related("drive__office", "office").get(pk=day_id)

    def _kit(self, item: Item, drive_day: DriveDay) -> Kit | None:
        kit_id = uuid_of(item.raw.get("kit"))
        return Kit.objects.filter(pk=kit_id, office=drive_day.office_id).first() if kit_id else None


@dataclass(slots=True)
class _Named:
    """The visits that a batch names, of the tablet's drives: by slip code, by token, or by the id of a guest's visit. They are
    held until the transaction ends."""

    visits: list[Visit]
    drives: Mapping[UUID, Drive]
    by_name: dict[object, Visit] = field(default_factory=dict)

    @classmethod
    def among(cls, items: Collection[Item], drives: Mapping[UUID, Drive]) -> "_Named":
        codes = {item.text("code").upper() for item in items if item.text("code")}
        names = {item.text("visit") for item in items if item.text("visit")}
        ids = {key for name in names if (key := uuid_of(name))}
        wanted: dict[str, Collection[object]] = {
            "code = ANY(%s)": codes,
            "token = ANY(%s)": names,
            "id = ANY(%s)": ids,
            "guest_ids && %s::uuid[]": ids,
        }
        asked = {condition: list(values) for condition, values in wanted.items() if values}
        if not asked:
            return cls([], drives)
        found = cls(held(" OR ".join(asked), list(asked.values()), drives=drives), drives)
        for visit in found.visits:
            found.by_name |= {(visit.drive_id, visit.code): visit, visit.token: visit, visit.pk: visit}
            found.by_name |= dict.fromkeys(visit.guest_ids, visit)
        return found

    def visit_of(self, item: Item) -> Visit | None:
        if item.text("code"):
            drive_id = uuid_of(item.raw.get("drive"))
            if drive_id is None and len(self.drives) == 1:
                (drive_id,) = self.drives
            return self.by_name.get((drive_id, item.text("code").upper()))
        name = item.text("visit")
        return self.by_name.get(uuid_of(name) or name) or self.by_name.get(name)


def _guest_in(raw: object) -> Guest:
    """Raises ValidationError for what is no guest; what a guest's details must be is `add_walk_in`'s to say."""
    malformed = ValidationError(_("A guest is a JSON object with a name, a kind and a service."), code="event_malformed")
    if not isinstance(raw, dict):
        raise malformed
    texts: dict[str, Any] = {name: raw.get(name) or "" for name in GUEST_TEXTS}
    if not all(isinstance(text, str) and is_storable(text) and len(text) <= 200 for text in texts.values()):
        raise malformed
    guest = Guest(**texts)
    try:
        return replace(guest, birth_date=birth_date_in(raw))
    except ValidationError:
        return guest.without(BIRTH_DATE)


def birth_date_in(raw: Mapping[str, Any]) -> date | None:
    told = raw.get("birth_date") or ""
    if not told:
        return None
    try:
        found = parse_date(told) if isinstance(told, str) else None
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(
            {"birth_date": ValidationError(_("This birth date cannot be right."), code="birth_date_impossible")}
        )
    return found


def _code_of(error: ValidationError) -> str:
    if hasattr(error, "error_dict"):
        (first, *_others) = [one for errors in error.error_dict.values() for one in errors]
        return first.code or "refused"
    return getattr(error, "code", None) or "refused"


def _numbers_of(reading: Reading) -> list[int]:
    return [item.sequence for item in reading.items if item.sequence <= MOST_SEQUENCE]


def _count(device: Device, reading: Reading, answer: Answer, *, now: datetime) -> None:
    """The numbers of what was accepted or refused have come; what waits on the tablet has not."""
    waiting = set(answer.later)
    come = [item.sequence for item in reading.items if item.id not in waiting and item.sequence <= MOST_SEQUENCE]
    device.received_numbers = with_numbers(device.received_numbers, come)
    device.seen_at = now
    device.last_sequence = max([device.last_sequence, *come])
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [device.received_numbers, device.seen_at, device.last_sequence, device.pk])

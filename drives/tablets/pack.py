"""A drive's list as a tablet keeps it: columns instead of rows, since these compress to a third. No NIK, NISN, phone, birth
date, token or id of a person or visit is in it."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import brotli
from django.core.cache import cache
from django.db.models import F, OuterRef, QuerySet, Subquery
from redis.exceptions import RedisError

from drives.models import Appointment, Drive, DriveDay, DukcapilStatus, Timeslot, Visit
from drives.onsite.card import said_of, seen_of
from drives.onsite.console import STANDS_AS, classes_of, kits_of
from drives.onsite.fold import SETTLED, State
from drives.onsite.rules import UNDO_SECONDS, age_of, is_asked_of_a_parent, leap_rule_of, why_no_ikd, why_no_ikd_of
from drives.onsite.verdict import Seen, verdict_of
from students.models import Consent

NO_SLOT, OTHER_DAY = -1, -2
# A slip of another drive is taken for one of this list once in two million.
SHORTEST_MARK: Final = 5
FILLER: Final = "."
HERE_BEFORE: Final = (State.RECORDED, State.ALREADY_RECORDED)
# Columns in which most people have nothing are told as {place: value}.
SPARSE_BELOW: Final = 0.5
ETAG_SECONDS: Final = 10
USUAL: Final = Seen()
TOLD_OF: Final = ("slot", "is_walk_in", "recorded", "is_too_young", "consent")
Column = list[Any] | dict[str, Any] | str


@dataclass(frozen=True, slots=True)
class Pack:
    """`body` is JSON in bytes; `etag` changes when anything in it does."""

    body: bytes
    etag: str

    def as_brotli(self) -> bytes:
        """A fifth smaller than what gzip makes of it, in some hundredths of a second."""
        compressed: bytes = brotli.compress(self.body, mode=brotli.MODE_TEXT, quality=11)
        return compressed


def pack_of(drive_day: DriveDay, *, today: date) -> Pack:
    """The list of a drive day that was fetched with its drive, office and school; ten queries for any number of people."""
    body = json.dumps(_content(drive_day, today=today), ensure_ascii=False, separators=(",", ":")).encode()
    # Weak, since what is sent is compressed on the way.
    return Pack(body, f'W/"{hashlib.sha256(body).hexdigest()[:20]}"')


def _content(drive_day: DriveDay, *, today: date) -> dict[str, Any]:
    drive = drive_day.drive
    slots = list(Timeslot.objects.filter(drive_day=drive_day).order_by("starts_at", "pk"))
    kits = kits_of(drive_day)
    visits = list(_visits(drive))
    classes, verdicts = _Index(), _Index()
    people = _People(drive, slots=slots, kits=[kit.pk for kit in kits], today=today, classes=classes, verdicts=verdicts)
    columns = people.columns(visits)
    return {
        "pack": 1,
        "drive": str(drive.pk),
        "drive_day": str(drive_day.pk),
        "day": drive_day.day.isoformat(),
        "zone": drive_day.office.time_zone,
        "place": str(drive),
        "slots": [[_seconds(slot.starts_at), _seconds(slot.ends_at), slot.places] for slot in slots],
        "kits": [[str(kit.pk), kit.name] for kit in kits],
        "classes": classes.values,
        "verdicts": verdicts.values,
        "rules": {
            "undo_seconds": UNDO_SECONDS,
            "consent_asked": drive.office.consent_required,
            "minimum_age_months": drive.minimum_age_months,
            "leap_rule": leap_rule_of(drive),
            "ikd": {"minimum_age": drive.ikd_minimum_age, "needs_printable": drive.ikd_needs_printable}
            if drive.ikd_minimum_age is not None
            else None,
        },
        "people": columns,
    }


def _visits(drive: Drive) -> QuerySet[Visit]:
    """In the order of their names, with what the person's own office asks about consent and what was said last."""
    person = OuterRef("person")
    consents = Consent.objects.newest_first().filter(person=person).values("is_given")[:1]
    visits = Visit.objects.filter(drive=drive).select_related("person")
    if drive.ikd_minimum_age is not None:
        statuses = DukcapilStatus.objects.newest_first().filter(person=person).values("status")[:1]
        visits = visits.annotate(newest_status=Subquery(statuses))
    asked = F("person__school__office__consent_required")
    return visits.annotate(consent_given=Subquery(consents), consent_asked=asked).order_by("person__search_name", "pk")


def _has_printable_card(visit: Visit) -> bool:
    """As Dukcapil said last; asked for only where IKD is offered."""
    return getattr(visit, "newest_status", None) in DukcapilStatus.PRINTABLE


class _Index:
    """Values that occur often are told once, and then by their place."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def place(self, value: Any) -> int:
        key = repr(value)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


class _People:
    def __init__(
        self, drive: Drive, *, slots: Sequence[Timeslot], kits: Sequence[UUID], today: date, classes: _Index, verdicts: _Index
    ) -> None:
        self.drive, self.today, self.classes, self.verdicts = drive, today, classes, verdicts
        self.slot_places = {slot.pk: place for place, slot in enumerate(slots)}
        self.kit_places = {kit: place for place, kit in enumerate(kits)}

    def columns(self, visits: Sequence[Visit]) -> dict[str, Column]:
        self.appointments = _appointments(self.drive)
        self.class_names = classes_of([visit.person_id for visit in visits])
        self.recorded_at = _recorded_at(self.drive, visits)
        marks = marks_of(visits)
        rows = [self._row(visit, mark) for visit, mark in zip(visits, marks, strict=True)]
        names = ("name", "class", "slot", "verdict", "age", "backdrop")
        sparse = ("extra", "kind", "service", "state", "reason", "at", "arrived", "queue", "kit", "ikd", "conflict")
        told: dict[str, Column] = {name: joined(row[name] for row in rows) for name in ("code", "mark")}
        told |= {name: [row[name] for row in rows] for name in names}
        return told | {name: _thin([row.get(name) for row in rows]) for name in sparse}

    def _row(self, visit: Visit, mark: str) -> dict[str, Any]:
        visit.drive = self.drive
        person, appointment = visit.person, self.appointments.get(visit.person_id)
        told = {
            "code": visit.code,
            "mark": mark,
            "name": person.name,
            "slot": self._slot(appointment),
            "age": age_of(person, drive=self.drive, day=self.today) or 0,
            "backdrop": ("b", "r")[person.birth_date.year % 2] if person.birth_date else "",
            "extra": 1 if appointment and appointment.places > 1 else None,
            "kind": visit.kind if visit.kind != Visit.Kind.STUDENT else None,
            "service": visit.service if visit.service != Visit.Service.RECORDING else None,
            "state": visit.state if visit.state != State.EXPECTED else None,
            "reason": visit.reason or None,
            "at": _minute(visit.state_at),
            # Of no use any more once nothing is left to do for the person.
            "arrived": _minute(visit.arrived_at) if visit.state not in SETTLED else None,
            "queue": (visit.queue_number or None) if visit.state not in SETTLED else None,
            "kit": self.kit_places.get(visit.kit_id) if visit.kit_id else None,
            "ikd": self._ikd(visit),
            "conflict": 1 if visit.has_conflict else None,
        }
        class_name = self.class_names.get(visit.person_id, "")
        told["class"] = self.classes.place(class_name) if class_name else -1
        told["verdict"] = self.verdicts.place(self._verdict(visit, appointment))
        return told

    def _slot(self, appointment: Appointment | None) -> int:
        return self.slot_places.get(appointment.timeslot_id, OTHER_DAY) if appointment else NO_SLOT

    def _verdict(self, visit: Visit, appointment: Appointment | None) -> list[Any]:
        """As if nothing had been said here yet: what the tablet itself knows of the day it lays over this. The last of the
        row is what the verdict was made of, where that is out of the ordinary."""
        if visit.state in HERE_BEFORE and visit.person.recorded_on == visit.state_on:
            visit.person.recorded_on = None
        visit.state, visit.state_at, visit.state_on, visit.arrived_at = State.EXPECTED, None, None, None
        visit.ikd_state, visit.has_conflict = "", False
        place = self.recorded_at.get(visit.person_id, "")
        seen = seen_of(
            visit,
            appointment=appointment,
            today=self.today,
            is_recorded_by_us=bool(place),
            consent=self._consent(visit),
            is_printable=_has_printable_card(visit),
        )
        verdict = verdict_of(seen)
        headline, remedy = said_of(verdict, visit, appointment=appointment, recorded_at=place)
        made_of = {name: value for name, value in asdict(seen).items() if name in TOLD_OF and value != getattr(USUAL, name)}
        return [verdict.tone, headline, remedy, verdict.best, made_of]

    def _ikd(self, visit: Visit) -> str | None:
        """What was said of the second outcome; else whether it may be offered now, or once the person is recorded."""
        if visit.ikd_state:
            return visit.ikd_state
        if not why_no_ikd_of(visit, day=self.today, is_printable=_has_printable_card(visit)):
            return "offered"
        recorded = why_no_ikd(
            minimum_age=self.drive.ikd_minimum_age,
            needs_printable=self.drive.ikd_needs_printable,
            age=age_of(visit.person, drive=self.drive, day=self.today),
            service=visit.service,
            is_recorded=True,
            is_printable=_has_printable_card(visit),
        )
        return None if recorded else "once_recorded"

    def _consent(self, visit: Visit) -> str:
        if visit.service != Visit.Service.RECORDING:
            return ""
        asked = getattr(visit, "consent_asked", None)
        if asked is None:
            asked = is_asked_of_a_parent(visit.person, kind=visit.kind, drive=self.drive, day=self.today)
        return STANDS_AS[getattr(visit, "consent_given", None)] if asked else ""


def marks_of(visits: Iterable[Visit]) -> list[str]:
    """What a scanned slip is known by: the beginning of its token's digest, long enough for all to differ. A revoked slip
    has none."""
    whole = [
        "" if visit.token_revoked_at else base64.urlsafe_b64encode(hashlib.sha256(visit.token.encode()).digest()).decode()
        for visit in visits
    ]
    count = len({mark for mark in whole if mark})
    length = SHORTEST_MARK
    while len({mark[:length] for mark in whole if mark}) < count:
        length += 1
    return [mark[:length] for mark in whole]


def _appointments(drive: Drive) -> dict[UUID, Appointment]:
    """The newest of each person that stands."""
    standing = Appointment.objects.standing().filter(drive=drive).select_related("timeslot").order_by("created_at", "pk")
    return {appointment.person_id: appointment for appointment in standing}


def _recorded_at(drive: Drive, visits: Sequence[Visit]) -> dict[UUID, str]:
    """Where those who are recorded already were, if it was at another drive of the office."""
    recorded = [visit.person_id for visit in visits if visit.person.recorded_on]
    others = Visit.objects.filter(person__in=recorded, office=drive.office_id, state__in=SETTLED).exclude(drive=drive)
    found: dict[UUID, str] = {}
    for visit in others.select_related("drive__school").order_by("state_on", "pk"):
        found.setdefault(visit.person_id, str(visit.drive))
    return found


def joined(texts: Iterable[str]) -> str:
    """Short random texts one behind the other, each filled up to the longest: marks between them cost more than a third."""
    column = list(texts)
    width = max(map(len, column), default=0)
    return "".join(text.ljust(width, FILLER) for text in column)


def _thin(column: list[Any]) -> Column:
    """`null` says nothing; where most say nothing, only the others are told."""
    told: Mapping[str, Any] = {str(place): value for place, value in enumerate(column) if value is not None}
    return column if len(told) > SPARSE_BELOW * len(column) else dict(told)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _minute(moment: datetime | None) -> int | None:
    """The second at which the minute began: a screen shows no seconds, and what is shorter compresses."""
    return _seconds(moment) // 60 * 60 if moment else None


def remembered_etag(drive_day: DriveDay, *, today: date) -> str:
    """The etag of seconds ago, so that many tablets asking at once cost one list. The list itself is kept nowhere."""
    key = f"tablet:etag:{drive_day.pk.hex}"
    try:
        kept = cache.get(key)
        if not isinstance(kept, str):
            kept = pack_of(drive_day, today=today).etag
            cache.set(key, kept, ETAG_SECONDS)
    except RedisError:
        return pack_of(drive_day, today=today).etag
    return kept

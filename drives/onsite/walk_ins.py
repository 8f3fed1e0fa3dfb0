"""Guests without an appointment: teachers, staff, residents, students of another school."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Func, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models import Drive, DriveDay, Kit, Visit
from drives.onsite.actions import record_event
from drives.onsite.lookups import TYPICAL_BIRTH, words_of
from drives.onsite.room import Room, lock_room, room_at
from drives.onsite.rules import Kind, check_note, is_asked_of_a_parent, local_day
from drives.planning.slips import new_code, new_token
from schools.models import School, User
from schools.names import normalise
from schools.templatetags.house import clock
from students import nik as nik_digits
from students.consents.actions import give
from students.consents.wording import CURRENT
from students.models import Consent, Person
from students.privacy import digest, seal
from students.roster import values

OLDEST_BIRTH: Final = date(1900, 1, 1)
LONGEST_NAME: Final = 120
# What of a guest may be left out, or stands against what was known: kept in `Visit.doubts`.
NAME, BIRTH_DATE, NIK, CONSENT, SERVICE, TWICE = "name", "birth_date", "nik", "consent", "service", "twice"
# Control, format, private and half characters: none of them can be seen, and some turn the line around.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """What is asked at the door."""

    name: str
    kind: str
    service: str
    birth_date: date | None = None
    nik: str = ""
    # Who signed the parent's consent that the operator has seen on paper: father, mother, guardian; empty if none was seen.
    consent_from: str = ""
    consent_given_by: str = ""
    # What was told and cannot be right, so that it is left out here.
    doubts: tuple[str, ...] = ()

    def without(self, doubt: str) -> "Guest":
        """What cannot be right is not kept; that it was told is."""
        emptied: dict[str, dict[str, object]] = {
            NAME: {"name": self.name[:LONGEST_NAME]},
            BIRTH_DATE: {"birth_date": None},
            NIK: {"nik": ""},
            CONSENT: {"consent_from": "", "consent_given_by": ""},
        }
        return replace(self, doubts=tuple(sorted({*self.doubts, doubt})), **emptied[doubt])  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class WalkIn:
    """`is_known`: the NIK is one of ours. More about a known person is not said than whether recording is needed."""

    visit: Visit
    is_known: bool
    needs_recording: bool


def add_walk_in(
    *,
    event_id: UUID,
    drive_day: DriveDay,
    guest: Guest,
    by: User,
    now: datetime,
    kit: Kit | None = None,
    arrives: bool = True,
    is_argued: bool = True,
    is_lead: bool = False,
    overrule: str = "",
    happened_at: datetime | None = None,
) -> WalkIn:
    """A guest arrives: person, visit and arrival in one step. The form's `event_id` again finds the same visit.

    Without `arrives` the arrival itself is left to a tablet, which tells it as a fact of its own, perhaps days late: the
    guest was taken, and the places of the day are not argued with. Else a day that is full takes nobody more to be recorded,
    unless a lead says why (`overrule`); other services take no place. `happened_at` is told of an earlier day: then the guest has
    been served or sent home, and took no place of today.

    Whoever tells of it when the guest has left (not `is_argued`) cannot ask again: what cannot be right of the name, birth date,
    NIK or consent is left out, and the visit's `doubts` name it for a lead. Whether the NIK is another person's or no NIK at all
    is one doubt.

    Raises ValidationError, beside the fields `name`, `kind`, `service`, `birth_date`, `nik`, `consent_given_by`, `overrule`;
    and `drive_not_open`.
    """
    guest = replace(guest, name=clean_name(guest.name), consent_given_by=clean_name(guest.consent_given_by))
    today = local_day(now, drive_day.office.zone)
    if is_argued:
        _check_guest(guest, today=today)
    else:
        # A tablet's clock may never have been set; its guests came on the day of the drive.
        guest = _without_doubtful(guest, today=max(today, drive_day.day))
    note = overrule.strip() if is_lead else ""
    arrival = _Arrival(drive_day, guest, _read_nik(guest), by, now, kit, note, is_argued, happened_at)
    for _attempt in range(3):
        try:
            with transaction.atomic():
                if arrives and happened_at is None:
                    _find_room(event_id, arrival, is_lead=is_lead)
                return _add(event_id, arrival, arrives=arrives)
        except IntegrityError:
            # The same form, the same NIK or the same code a moment ago: now it is there to be found.
            continue
    raise ValidationError(_("This guest could not be saved. Send the form again."), code="try_again")


def clean_name(told: str) -> str:
    """As a name on a roster is tidied, and without anything that cannot be seen."""
    seen = [
        " " if letter.isspace() else letter for letter in told if letter.isspace() or unicodedata.category(letter) not in _UNSEEN
    ]
    return values.text("".join(seen))


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A guest at a door: who, where, noted by whom; `note` is why a lead takes somebody in spite of a full day."""

    drive_day: DriveDay
    guest: Guest
    nik: str
    by: User
    now: datetime
    kit: Kit | None
    note: str
    is_argued: bool
    happened_at: datetime | None


def _find_room(event_id: UUID, arrival: _Arrival, *, is_lead: bool) -> None:
    """One guest after the other: the next one is counted only when this one stands, so that a last place is given once."""
    lock_room(arrival.drive_day)
    drive_day, guest = arrival.drive_day, arrival.guest
    is_there = Visit.objects.filter(pk=event_id, drive=drive_day.drive_id).exists()
    if is_there or guest.service != Visit.Service.RECORDING or not (room := room_at(drive_day, now=arrival.now)).is_full:
        return
    if not is_lead:
        sentence = _("%(full)s Only a lead operator may take another guest to be recorded, with a reason.")
        raise ValidationError(sentence, code="over_capacity", params={"full": full_sentence(room)})
    try:
        if not arrival.note:
            raise ValidationError(_("Write down why this guest is taken."), code="reason_missing")
        check_note(arrival.note)
    except ValidationError as error:
        raise ValidationError({"overrule": error}) from None


def full_sentence(room: Room) -> str:
    """`Penuh sampai 10.30; tamu akan menunggu kira-kira 49 menit.`"""
    if room.full_until is None:
        return gettext("Full for the rest of the day.")
    told = {"time": clock(room.full_until), "minutes": room.minutes}
    return gettext("Full until %(time)s; a guest will wait for about %(minutes)s minutes.") % told


def _add(event_id: UUID, arrival: _Arrival, *, arrives: bool) -> WalkIn:
    guest, drive, by, now = arrival.guest, arrival.drive_day.drive, arrival.by, arrival.now
    # A guest's visit has the id of the arrival that made it, so that a tablet knows it before the server does.
    visit = Visit.objects.filter(pk=event_id, drive=drive).select_related("person", "drive__office").first()
    if visit:
        return WalkIn(visit, is_known=visit.person.has_nik, needs_recording=visit.person.recorded_on is None)
    nik = arrival.nik
    try:
        known = _find_person(nik, guest)
    except ValidationError:
        if arrival.is_argued:
            raise
        known, nik, guest = None, "", guest.without(NIK)
    person = known or _new_person(guest, nik=nik, drive=drive, now=now)
    visit = Visit.objects.filter(drive=drive, person=known).first() if known else None
    if visit is None:
        if not known and _is_noted_already(guest, nik=nik, drive=drive):
            guest = replace(guest, doubts=(*guest.doubts, TWICE))
        visit = _new_visit(event_id, person=person, drive=drive, guest=guest, now=now)
    elif not arrival.is_argued and event_id not in visit.guest_ids:
        _doubt(visit, guest)
    _note_consent(visit, guest, by=by, now=now)
    if arrives:
        visit = record_event(
            event_id=event_id,
            visit=visit,
            kind=Kind.ARRIVED,
            by=by,
            now=now,
            kit=arrival.kit,
            note=arrival.note,
            happened_at=arrival.happened_at,
        )
    return WalkIn(visit, is_known=known is not None, needs_recording=person.recorded_on is None)


def _doubt(visit: Visit, guest: Guest) -> None:
    """A visit that stood there before this guest was noted: who came for one service is told to have come for another."""
    doubts = {*guest.doubts} | ({SERVICE} if visit.service != guest.service else set())
    for doubt in sorted(doubts):
        added = Func(F("doubts"), Value(doubt), function="array_append")
        Visit.objects.filter(pk=visit.pk).exclude(doubts__contains=[doubt]).update(doubts=added)


def _note_consent(visit: Visit, guest: Guest, *, by: User, now: datetime) -> None:
    """Of a pupil or a child whose office asks for it; of anybody else a parent is not asked."""
    person = visit.person
    today = local_day(now, visit.drive.office.zone)
    is_asked = (
        person.school.office.consent_required
        if person.school
        else is_asked_of_a_parent(person, kind=guest.kind, drive=visit.drive, day=today)
    )
    if guest.consent_from and is_asked:
        give(
            persons=[person],
            given_by=guest.consent_given_by,
            relation=guest.consent_from,
            wording_version=CURRENT.version,
            channel=Consent.Channel.PAPER,
            by=by,
            now=now,
            is_at_the_door=True,
        )


def _without_doubtful(guest: Guest, *, today: date) -> Guest:
    """As much of the guest as can be right. Raises ValidationError for what is no guest: no letter in the name, a kind or a
    service that does not exist."""
    problems = _problems_of(guest, today=today)
    if "name" in problems and any(letter.isalpha() for letter in guest.name):
        guest = guest.without(NAME)
    if "birth_date" in problems:
        guest = guest.without(BIRTH_DATE)
    if "consent_given_by" in problems or (guest.consent_from and guest.consent_from not in Consent.Relation.values):
        guest = guest.without(CONSENT)
    left_out = {NAME: "name", BIRTH_DATE: "birth_date", CONSENT: "consent_given_by"}
    for doubt in guest.doubts:
        problems.pop(left_out[doubt], None)
    if problems:
        raise ValidationError(problems)
    try:
        _read_nik(guest)
    except ValidationError:
        guest = guest.without(NIK)
    return guest


def _check_guest(guest: Guest, *, today: date) -> None:
    if problems := _problems_of(guest, today=today):
        raise ValidationError(problems)


def _problems_of(guest: Guest, *, today: date) -> dict[str, ValidationError]:
    problems: dict[str, ValidationError] = {}
    if not normalise(guest.name):
        problems["name"] = ValidationError(_("Write the name as on the family card."), code="name_missing")
    if len(guest.name) > LONGEST_NAME:
        problems["name"] = ValidationError(_("A name may have at most 120 characters."), code="name_too_long")
    if guest.kind not in Visit.Kind.values or guest.kind == Visit.Kind.STUDENT:
        problems["kind"] = ValidationError(_("Choose who the guest is."), code="kind_unknown")
    if guest.service not in Visit.Service.values:
        problems["service"] = ValidationError(_("Choose what the guest came for."), code="service_unknown")
    if guest.birth_date is None and guest.service == Visit.Service.RECORDING:
        problems["birth_date"] = ValidationError(_("For a recording the birth date is needed."), code="birth_date_missing")
    if guest.birth_date and not OLDEST_BIRTH <= guest.birth_date <= today:
        problems["birth_date"] = ValidationError(_("This birth date cannot be right."), code="birth_date_impossible")
    if guest.consent_from and not guest.consent_given_by.strip():
        problems["consent_given_by"] = ValidationError(
            _("Write the name of the parent or guardian who signed the paper."), code="who_missing"
        )
    return problems


def _read_nik(guest: Guest) -> str:
    if not guest.nik.strip():
        return ""
    try:
        return nik_digits.read(guest.nik, declared=guest.birth_date, cohort=TYPICAL_BIRTH).digits
    except ValidationError as error:
        raise ValidationError({"nik": error}) from None


def _find_person(nik: str, guest: Guest) -> Person | None:
    """Whose NIK it is. Another name or birth date is refused alike, so that a number alone tells nothing."""
    person = Person.objects.filter(nik_digest=digest(nik)).first() if nik else None
    if person is None:
        return None
    is_same_name = words_of(person.name) == words_of(guest.name)
    is_same_birth = guest.birth_date is None or person.birth_date in (None, guest.birth_date)
    if not (is_same_name and is_same_birth):
        raise ValidationError(
            {
                "nik": ValidationError(
                    _("This NIK stands under another name or birth date. Check all three on the family card."),
                    code="nik_of_another_person",
                )
            }
        )
    return person


def _is_noted_already(guest: Guest, *, nik: str, drive: Drive) -> bool:
    """Perhaps one person of whom a tablet and a sheet of paper tell: only who has a NIK is known for certain."""
    others = Visit.objects.filter(drive=drive, is_walk_in=True, kind=guest.kind, person__birth_date=guest.birth_date)
    if nik:
        others = others.filter(person__nik_digest=None)
    words = words_of(guest.name)
    return bool(words) and any(words_of(name) == words for name in others.values_list("person__search_name", flat=True))


def _new_person(guest: Guest, *, nik: str, drive: Drive, now: datetime) -> Person:
    person_id = uuid7()
    return Person.objects.create(
        id=person_id,
        name=" ".join(guest.name.split()),
        search_name=normalise(guest.name),
        birth_date=guest.birth_date,
        nik_sealed=seal(nik, row_id=person_id) if nik else None,
        nik_digest=digest(nik) if nik else None,
        office_id=drive.office_id,
        created_at=now,
        updated_at=now,
    )


def _new_visit(visit_id: UUID, *, person: Person, drive: Drive, guest: Guest, now: datetime) -> Visit:
    return Visit.objects.create(
        id=visit_id,
        drive=drive,
        person=person,
        school=_school_of(person, drive=drive, kind=guest.kind),
        office_id=drive.office_id,
        kind=guest.kind,
        service=guest.service,
        is_walk_in=True,
        token=new_token(),
        code=new_code(taken=set(Visit.objects.filter(drive=drive).values_list("code", flat=True))),
        doubts=list(guest.doubts),
        created_at=now,
    )


def _school_of(person: Person, *, drive: Drive, kind: str) -> School | None:
    """A guest is seen by the own school alone: teachers and staff are those of the school where the drive is."""
    if kind in (Visit.Kind.TEACHER, Visit.Kind.STAFF):
        return drive.school
    return person.school

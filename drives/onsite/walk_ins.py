"""Guests without an appointment: teachers, staff, residents, students of another school."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
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

OLDEST_BIRTH: Final = date(1900, 1, 1)


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
    is_lead: bool = False,
    overrule: str = "",
) -> WalkIn:
    """A guest arrives: person, visit and arrival in one step. The form's `event_id` again finds the same visit.

    Without `arrives` the arrival itself is left to a tablet, which tells it as a fact of its own, perhaps days late: the
    guest was taken, and the places of the day are not argued with. Else a day that is full takes nobody more to be recorded,
    unless a lead says why (`overrule`); other services take no place.

    Raises ValidationError, beside the fields `name`, `kind`, `service`, `birth_date`, `nik`, `consent_given_by`, `overrule`;
    and `drive_not_open`.
    """
    _check_guest(guest, today=local_day(now, drive_day.office.zone))
    arrival = _Arrival(drive_day, guest, _read_nik(guest), by, now, kit, overrule.strip() if is_lead else "")
    for _attempt in range(3):
        try:
            with transaction.atomic():
                if arrives:
                    _find_room(event_id, arrival, is_lead=is_lead)
                return _add(event_id, arrival, arrives=arrives)
        except IntegrityError:
            # The same form, the same NIK or the same code a moment ago: now it is there to be found.
            continue
    raise ValidationError(_("This guest could not be saved. Send the form again."), code="try_again")


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
    known = _find_person(arrival.nik, guest)
    person = known or _new_person(guest, nik=arrival.nik, drive=drive, now=now)
    visit = Visit.objects.filter(drive=drive, person=known).first() if known else None
    if visit is None:
        visit = _new_visit(event_id, person=person, drive=drive, guest=guest, now=now)
    _note_consent(visit, guest, by=by, now=now)
    if arrives:
        visit = record_event(
            event_id=event_id, visit=visit, kind=Kind.ARRIVED, by=by, now=now, kit=arrival.kit, note=arrival.note
        )
    return WalkIn(visit, is_known=known is not None, needs_recording=person.recorded_on is None)


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


def _check_guest(guest: Guest, *, today: date) -> None:
    problems: dict[str, ValidationError] = {}
    if not normalise(guest.name):
        problems["name"] = ValidationError(_("Write the name as on the family card."), code="name_missing")
    if len(guest.name) > 120:
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
    if problems:
        raise ValidationError(problems)


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
        created_at=now,
    )


def _school_of(person: Person, *, drive: Drive, kind: str) -> School | None:
    """A guest is seen by the own school alone: teachers and staff are those of the school where the drive is."""
    if kind in (Visit.Kind.TEACHER, Visit.Kind.STAFF):
        return drive.school
    return person.school

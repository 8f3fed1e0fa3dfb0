"""What a student sees behind the own link: one's own time, and nothing of anybody else."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from drives.models import Appointment, Drive, FollowUp, SlotRequest, Visit
from drives.notices import ics
from drives.notices.chance_wording import office_in_words
from drives.notices.wording import place_of, what_to_know
from schools.templatetags.house import day, day_plain

DONE_STATES = (Visit.State.RECORDED, Visit.State.ALREADY_RECORDED)


@dataclass(frozen=True)
class OwnSlot:
    """`sentence` says what holds where there is no time to come to; then `starts_at` is None."""

    first_name: str
    place: str
    notes: tuple[str, ...]
    code: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    heading: str = ""
    sentence: str = ""
    has_passed: bool = False


def visit_of(token: str) -> Visit | None:
    """The visit behind a link that holds: not revoked, of a drive that has been published, of somebody we still know."""
    found = Visit.objects.filter(token=token, token_revoked_at=None, person__anonymised_at=None)
    return found.exclude(drive__status=Drive.Status.DRAFT).select_related("person", "drive__school", "drive__office").first()


def own_slot(visit: Visit, *, now: datetime) -> OwnSlot:
    drive, person = visit.drive, visit.person
    common = OwnSlot(
        first_name=person.name.split()[0].title() if person.name.split() else "",
        place=place_of(drive),
        notes=tuple(what_to_know(drive)[1:]),
        code=visit.code,
    )
    if drive.status == Drive.Status.CANCELLED:
        return _without_time(common, _("The drive is cancelled"), _("Your school will tell you the new schedule."))
    if visit.state in DONE_STATES or person.recorded_on:
        since = visit.state_on if visit.state in DONE_STATES else person.recorded_on
        return _without_time(
            common,
            _("You are recorded"),
            _("Your recording has been noted since %(day)s. You need not come again.") % {"day": day_plain(since)},
        )
    chance = FollowUp.objects.waiting().filter(visit=visit).exclude(way=FollowUp.Way.NEXT_DAY).first()
    if chance:
        return _of_chance(chance, common, now=now)
    appointment = (
        Appointment.objects.standing()
        .filter(drive=drive, person=person)
        .select_related("timeslot")
        .order_by("-created_at", "-pk")
        .first()
    )
    if appointment is None:
        return _without_time(
            common, _("You have no time at the moment"), _("Ask your homeroom teacher when you can be recorded.")
        )
    zone = drive.office.zone
    starts_at, ends_at = appointment.timeslot.starts_at.astimezone(zone), appointment.timeslot.ends_at.astimezone(zone)
    passed = ends_at < now
    sentence = _("This time has passed. If you were not recorded, ask your homeroom teacher.") if passed else ""
    return OwnSlot(
        common.first_name, common.place, common.notes, common.code, starts_at, ends_at, day(starts_at), sentence, passed
    )


def _of_chance(chance: FollowUp, common: OwnSlot, *, now: datetime) -> OwnSlot:
    """At the office, or at a make-up drive: once that is published, the time there."""
    if chance.way == FollowUp.Way.OFFICE:
        sentence = _("Come to %(office)s on a working day. Recording is free of charge there, too.")
        told = {"office": office_in_words(chance.visit.drive.office)}
        return _without_time(common, _("You can be recorded at the office"), sentence % told)
    ahead = Visit.objects.filter(drive=chance.drive_id, person=chance.visit.person_id, drive__status=Drive.Status.PUBLISHED)
    there = ahead.select_related("person", "drive__school", "drive__office").first()
    if there:
        return own_slot(there, now=now)
    return _without_time(
        common, _("You get another chance"), _("There will be a make-up drive at your school; its day is told to your class.")
    )


def _without_time(common: OwnSlot, heading: str, sentence: str) -> OwnSlot:
    return OwnSlot(common.first_name, common.place, common.notes, common.code, heading=heading, sentence=sentence)


def unanswered_request(visit: Visit) -> SlotRequest | None:
    return SlotRequest.objects.unanswered().filter(visit=visit).first()


def calendar_of(visit: Visit, slot: OwnSlot, *, now: datetime) -> str:
    """No name and no link stand in it: calendars are shared."""
    assert slot.starts_at is not None
    assert slot.ends_at is not None
    return ics.calendar(
        ics.Event(
            uid=f"{fingerprint(visit.token)}@jemput-bola",
            stamped_at=now,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            summary=_("Recording of the e-KTP"),
            location=slot.place,
            description="\n".join(slot.notes),
        )
    )


def fingerprint(token: str) -> str:
    """What stands for a token where the token itself must not."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]

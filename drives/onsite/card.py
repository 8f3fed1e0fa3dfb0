"""The result card: may this person be recorded now, why not, and what to do instead."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Appointment, Timeslot, Visit
from drives.onsite.fold import OPEN, SETTLED, State
from drives.onsite.labels import KINDS, SERVICES, chip_of
from drives.onsite.rules import Service, age_of, is_too_young, old_enough_on
from schools.templatetags.house import clock, day, day_plain

READY, WAIT, STOP = "ok", "wait", "stop"
# The parent's consent, where the pupil's office asks for it: never given, or taken back.
LACKING, WITHDRAWN = "lacking", "withdrawn"
ICONS: Final = {READY: "ok", WAIT: "clock", STOP: "stop"}


@dataclass(frozen=True, slots=True)
class Card:
    """`tone` ok, wait or stop; `remedy` says what to do; `best` is the outcome that the large button notes."""

    visit: Visit
    tone: str
    headline: str
    remedy: str
    facts: tuple[tuple[str, str], ...]
    best: str
    is_settled: bool
    can_arrive: bool

    @property
    def icon(self) -> str:
        return ICONS[self.tone]


def card_of(
    visit: Visit,
    *,
    appointment: Appointment | None,
    class_name: str,
    kit_name: str,
    today: date,
    recorded_at: str = "",
    consent: str = "",
) -> Card:
    """The card as of `today`, a day of the office. `recorded_at` is the place of an earlier recording, if it is ours;
    `consent` says what is wrong with a parent's consent."""
    tone, headline, remedy, best = _verdict(visit, appointment, today=today, recorded_at=recorded_at, consent=consent)
    return Card(
        visit=visit,
        tone=tone,
        headline=headline,
        remedy=remedy,
        facts=tuple(_facts(visit, appointment, class_name=class_name, kit_name=kit_name, today=today)),
        best=best,
        is_settled=visit.state in SETTLED,
        can_arrive=not (visit.state == State.PRESENT and visit.state_on == today),
    )


def _verdict(
    visit: Visit, appointment: Appointment | None, *, today: date, recorded_at: str, consent: str
) -> tuple[str, str, str, str]:
    if visit.service != Service.RECORDING:
        return _verdict_on_service(visit, today=today)
    refusal = _refusal(visit, today=today, recorded_at=recorded_at)
    if refusal:
        return refusal
    if consent:
        return _without_consent(consent)
    if visit.state == State.PRESENT and visit.state_on == today:
        return WAIT, _("Here since %(time)s") % {"time": clock(visit.arrived_at)}, _("Waits to be recorded."), "recorded"
    if visit.state in OPEN:
        remedy = _("Noted on %(day)s, %(time)s. May be recorded now.")
        moment = {"day": day(visit.state_on), "time": clock(visit.state_at)}
        return WAIT, chip_of(visit).label, remedy % moment, "recorded"
    if appointment is None and not visit.is_walk_in:
        return WAIT, _("Without a timeslot"), _("Record if there is room, or ask the lead operator for a timeslot."), "recorded"
    if appointment and not _is_on(appointment.timeslot, today, visit):
        other = {"slot": f"{day(appointment.timeslot.starts_at)}, {slot_label(appointment.timeslot)}"}
        return (
            WAIT,
            _("Scheduled for another day"),
            _("The timeslot is %(slot)s. Record now if there is room.") % other,
            "recorded",
        )
    return READY, _("Ready to be recorded"), "", "recorded"


def _verdict_on_service(visit: Visit, *, today: date) -> tuple[str, str, str, str]:
    service = {"service": SERVICES[visit.service]}
    if visit.state in SETTLED:
        return STOP, _("Already served"), _("%(service)s: done at %(time)s.") % (service | {"time": clock(visit.state_at)}), ""
    if visit.state == State.PRESENT and visit.state_on == today:
        return WAIT, _("Here since %(time)s") % {"time": clock(visit.arrived_at)}, str(SERVICES[visit.service]), "served"
    return READY, _("Ready to be served"), str(SERVICES[visit.service]), "served"


def _refusal(visit: Visit, *, today: date, recorded_at: str) -> tuple[str, str, str, str] | None:
    if visit.state == State.RECORDED:
        said = {"day": day(visit.state_on), "time": clock(visit.state_at)}
        return STOP, _("Do not record"), _("Was recorded here on %(day)s, %(time)s.") % said, ""
    if visit.state == State.ALREADY_RECORDED:
        return STOP, _("Do not record"), _("Was noted as recorded earlier."), ""
    since = visit.person.recorded_on
    if since:
        said = {"place": recorded_at, "day": day_plain(since)}
        sentence = (
            _("Was recorded at %(place)s on %(day)s. Choose “Already recorded earlier”.")
            if recorded_at
            else _("Counts as recorded since %(day)s. Choose “Already recorded earlier”.")
        )
        return STOP, _("Do not record"), sentence % said, "already_recorded"
    if is_too_young(visit.person, drive=visit.drive, day=today):
        old_enough = {"day": day_plain(old_enough_on(visit.person, drive=visit.drive))}
        remedy = _("Is old enough from %(day)s on. Choose “Not old enough”; the office plans a later visit.")
        return STOP, _("Not old enough today"), remedy % old_enough, "" if visit.state == State.UNDER_AGE else "under_age"
    return None


def _without_consent(consent: str) -> tuple[str, str, str, str]:
    """A consent taken back stops; one that was never noted may stand on a paper that the pupil brings."""
    if consent == WITHDRAWN:
        remedy = _("The parents have withdrawn their consent. Choose “Declined”, and let the school talk to the parents.")
        return STOP, _("Do not record: no consent"), remedy, ""
    remedy = _("No parental consent is noted. Record only if the signed form is there, and let the school or the office note it.")
    return WAIT, _("No parental consent"), remedy, "recorded"


def _facts(
    visit: Visit, appointment: Appointment | None, *, class_name: str, kit_name: str, today: date
) -> list[tuple[str, str]]:
    facts = [(_("Class"), class_name)] if class_name else []
    if visit.kind != Visit.Kind.STUDENT or visit.is_walk_in:
        facts.append((_("Guest"), str(KINDS[visit.kind])))
    if appointment:
        facts.append((_("Timeslot"), slot_label(appointment.timeslot)))
        if appointment.places > 1:
            facts.append((_("Time"), _("extra time")))
    age = age_of(visit.person, drive=visit.drive, day=today)
    if age is not None:
        facts.append((_("Age"), ngettext("%(age)s year", "%(age)s years", age) % {"age": age}))
    if visit.person.birth_date and visit.service == Service.RECORDING:
        facts.append((_("Backdrop"), backdrop(visit.person.birth_date.year)))
    if kit_name:
        facts.append((_("Station"), kit_name))
    facts.append((_("Slip code"), visit.code))
    return facts


def backdrop(year: int) -> str:
    """Red for odd birth years, blue for even ones."""
    return (_("Red (%(year)s)") if year % 2 else _("Blue (%(year)s)")) % {"year": year}


def slot_label(slot: Timeslot) -> str:
    return f"{clock(slot.starts_at)}–{clock(slot.ends_at)}"


def _is_on(slot: Timeslot, today: date, visit: Visit) -> bool:
    return slot.starts_at.astimezone(visit.drive.office.zone).date() == today

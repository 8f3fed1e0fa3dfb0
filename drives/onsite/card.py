"""The result card: may this person be recorded now, why not, and what to do instead. The rules stand in `verdict.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from drives.models import Appointment, Timeslot, Visit
from drives.onsite.fold import SETTLED, State
from drives.onsite.labels import KINDS, SERVICES, chip_of, ikd_label
from drives.onsite.rules import Service, age_of, is_too_young, old_enough_on, why_no_ikd_of
from drives.onsite.verdict import (
    AS_DUKCAPIL_SAYS,
    ELSEWHERE,
    LACKING,
    NO_SLOT,
    OTHER_DAY,
    PAST,
    READY,
    STOP,
    TODAY,
    WAIT,
    WITHDRAWN,
    Seen,
    Verdict,
    may_activate,
    verdict_of,
)
from schools.templatetags.house import clock, day, day_plain

__all__ = ["HEADLINES", "LACKING", "REMEDIES", "WITHDRAWN", "Card", "card_of", "said_of", "seen_of", "slot_label"]

ICONS: Final = {READY: "ok", WAIT: "clock", STOP: "stop"}
# The verdict's keys in words. What stands in brackets with a % is filled in by `_told`.
HEADLINES: Final[dict[str, str | Promise]] = {
    "ready": gettext_lazy("Ready to be recorded"),
    "ready_to_serve": gettext_lazy("Ready to be served"),
    "here_since": gettext_lazy("Here since %(arrived)s"),
    "noted": "%(chip)s",
    "late": gettext_lazy("Late"),
    "other_day": gettext_lazy("Scheduled for another day"),
    "without_slot": gettext_lazy("Without a timeslot"),
    "consent_lacking": gettext_lazy("No parental consent"),
    "sources_disagree": gettext_lazy("Contradicting notes"),
    "recorded_ikd_next": gettext_lazy("Recorded: IKD may be activated"),
    "served_ikd_next": gettext_lazy("Served: IKD may be activated"),
    "do_not_record": gettext_lazy("Do not record"),
    "too_young": gettext_lazy("Not old enough today"),
    "consent_withdrawn": gettext_lazy("Do not record: no consent"),
    "already_served": gettext_lazy("Already served"),
    "not_listed": gettext_lazy("Not on the list"),
    "other_drive": gettext_lazy("A slip of another drive"),
    "slip_revoked": gettext_lazy("This slip is no longer valid"),
}
REMEDIES: Final[dict[str, str | Promise]] = {
    "": "",
    "waits": gettext_lazy("Waits to be recorded."),
    "came_for": "%(service)s",
    "served_at": gettext_lazy("%(service)s: done at %(time)s."),
    "serve_again": gettext_lazy("%(service)s: noted on %(day)s, %(time)s. May be served now."),
    "may_be_recorded_now": gettext_lazy("Noted on %(day)s, %(time)s. May be recorded now."),
    "slot_is_over": gettext_lazy(
        "The timeslot was %(slot)s. Choose “Here” to queue up; record after those whose timeslot it is now."
    ),
    "slot_of_another_day": gettext_lazy("The timeslot is %(slot_day)s, %(slot)s. Record now if there is room."),
    "record_if_room": gettext_lazy("Record if there is room, or ask the lead operator for a timeslot."),
    "record_with_the_form": gettext_lazy(
        "No parental consent is noted. Record only if the signed form is there, and let the school or the office note it."
    ),
    "ask_the_lead": gettext_lazy("Two tablets say different things. Ask the person, and let the lead operator decide."),
    "activate_do_not_record": gettext_lazy("Do not record again. Activate IKD on the person’s own phone."),
    "recorded_here": gettext_lazy("Was recorded here on %(day)s, %(time)s."),
    "recorded_here_contradicted": gettext_lazy(
        "Was recorded here on %(day)s, %(time)s; another tablet says otherwise. Let the lead operator decide."
    ),
    "noted_as_recorded": gettext_lazy("Was noted as recorded earlier."),
    "recorded_elsewhere": gettext_lazy("Was recorded at %(place)s on %(recorded_on)s. Choose “Already recorded earlier”."),
    "recorded_since": gettext_lazy("Counts as recorded since %(recorded_on)s. Choose “Already recorded earlier”."),
    "old_enough_from": gettext_lazy(
        "Is old enough from %(old_enough_on)s on. Choose “Not old enough”; the office plans a later visit."
    ),
    "choose_declined": gettext_lazy(
        "The parents have withdrawn their consent. Choose “Declined”, and let the school talk to the parents."
    ),
    "note_as_guest": gettext_lazy("Try another part of the name, or note a guest."),
    "slip_of_another_drive": gettext_lazy("It belongs to %(place)s, %(slot_day)s. Send the person there, or note a guest."),
    "search_the_name": gettext_lazy("Search the name; the newest slip counts."),
}


@dataclass(frozen=True, slots=True)
class Card:
    """`tone` ok, wait or stop; `remedy` says what to do; `best` is the outcome that the large button notes. `activates`:
    the buttons of the second outcome are shown."""

    visit: Visit
    tone: str
    headline: str
    remedy: str
    facts: tuple[tuple[str, str], ...]
    best: str
    is_settled: bool
    can_arrive: bool
    activates: bool = False

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
    now: datetime | None = None,
    recorded_at: str = "",
    consent: str = "",
    is_printable: bool = False,
) -> Card:
    """The card as of `now`, on a day of the office. `recorded_at` is the place of an earlier recording, if it is ours;
    `consent` says what is wrong with a parent's consent; `is_printable`, that a card can be printed."""
    seen = seen_of(
        visit,
        appointment=appointment,
        today=today,
        now=now,
        is_recorded_by_us=bool(recorded_at),
        consent=consent,
        is_printable=is_printable,
    )
    verdict = verdict_of(seen)
    headline, remedy = said_of(verdict, visit, appointment=appointment, recorded_at=recorded_at)
    return Card(
        visit=visit,
        tone=verdict.tone,
        headline=headline,
        remedy=remedy,
        facts=tuple(_facts(visit, appointment, class_name=class_name, kit_name=kit_name, today=today)),
        best=verdict.best,
        is_settled=visit.state in SETTLED,
        can_arrive=not (visit.state == State.PRESENT and visit.state_on == today),
        activates=may_activate(seen),
    )


def seen_of(
    visit: Visit,
    *,
    appointment: Appointment | None,
    today: date,
    now: datetime | None = None,
    is_recorded_by_us: bool = False,
    consent: str = "",
    is_printable: bool = False,
) -> Seen:
    """What the verdict is made of, for a visit with its person and its drive's office. Without `now` nobody is late."""
    place = ELSEWHERE if is_recorded_by_us else AS_DUKCAPIL_SAYS
    return Seen(
        service=visit.service,
        state=visit.state,
        is_of_today=visit.state_on == today,
        slot=_slot_place(visit, appointment, today=today, now=now),
        is_walk_in=visit.is_walk_in,
        has_conflict=visit.has_conflict,
        recorded=place if visit.person.recorded_on else "",
        is_too_young=is_too_young(visit.person, drive=visit.drive, day=today),
        consent=consent,
        ikd_state=visit.ikd_state,
        offers_ikd=not why_no_ikd_of(visit, day=today, is_printable=is_printable),
    )


def said_of(verdict: Verdict, visit: Visit, *, appointment: Appointment | None, recorded_at: str = "") -> tuple[str, str]:
    """Headline and remedy in words."""
    told = _told(visit, appointment, recorded_at=recorded_at)
    return str(HEADLINES[verdict.headline]) % told, str(REMEDIES[verdict.remedy]) % told


def _told(visit: Visit, appointment: Appointment | None, *, recorded_at: str) -> Mapping[str, str]:
    slot = appointment.timeslot if appointment else None
    old_enough = old_enough_on(visit.person, drive=visit.drive)
    recorded_on = visit.person.recorded_on
    return {
        "arrived": clock(visit.arrived_at) if visit.arrived_at else "",
        "chip": chip_of(visit).label,
        "service": str(SERVICES[visit.service]),
        "day": day(visit.state_on) if visit.state_on else "",
        "time": clock(visit.state_at) if visit.state_at else "",
        "slot": slot_label(slot) if slot else "",
        "slot_day": day(slot.starts_at) if slot else "",
        "place": recorded_at,
        "recorded_on": day_plain(recorded_on) if recorded_on else "",
        "old_enough_on": day_plain(old_enough) if old_enough else "",
    }


def _slot_place(visit: Visit, appointment: Appointment | None, *, today: date, now: datetime | None) -> str:
    if appointment is None:
        return NO_SLOT
    slot = appointment.timeslot
    if slot.starts_at.astimezone(visit.drive.office.zone).date() != today:
        return OTHER_DAY
    return PAST if now and slot.ends_at <= now else TODAY


def _facts(
    visit: Visit, appointment: Appointment | None, *, class_name: str, kit_name: str, today: date
) -> list[tuple[str, str]]:
    facts = [(_("Queue number"), visit.queue_number)] if visit.queue_number and visit.state == State.PRESENT else []
    if class_name:
        facts.append((_("Class"), class_name))
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
    if visit.ikd_state:
        facts.append(("IKD", ikd_label(visit)))
    facts.append((_("Slip code"), visit.code))
    return facts


def backdrop(year: int) -> str:
    """Red for odd birth years, blue for even ones."""
    return (_("Red (%(year)s)") if year % 2 else _("Blue (%(year)s)")) % {"year": year}


def slot_label(slot: Timeslot) -> str:
    return f"{clock(slot.starts_at)}–{clock(slot.ends_at)}"

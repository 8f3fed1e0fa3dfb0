"""May this person be recorded now? Plain values in, a colour and the keys of two texts out.

The tablet's own console says the same offline: both are held to the table `tests/drives/onsite/card_cases.json`. The texts
stand in `card.py`.
"""

from dataclasses import dataclass
from typing import Final

from drives.onsite.fold import OPEN, SETTLED, State
from drives.onsite.rules import Kind, Service

READY, WAIT, STOP = "ok", "wait", "stop"
# Where the person's timeslot lies: none, still to come or under way, over since, on another day.
NO_SLOT, TODAY, PAST, OTHER_DAY = "none", "today", "past", "other_day"
# The parent's consent, where the pupil's office asks for it: never given, or taken back.
LACKING, WITHDRAWN = "lacking", "withdrawn"
# Recorded before: at a drive of ours, or as Dukcapil says.
ELSEWHERE, AS_DUKCAPIL_SAYS = "elsewhere", "dukcapil"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of who stands there. `is_of_today`: the state was reached on this day; `offers_ikd`: the drive, the age
    and the card allow an activation."""

    service: str = Service.RECORDING
    state: str = State.EXPECTED
    is_of_today: bool = True
    slot: str = TODAY
    is_walk_in: bool = False
    has_conflict: bool = False
    recorded: str = ""
    is_too_young: bool = False
    consent: str = ""
    ikd_state: str = ""
    offers_ikd: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`best` is the outcome that the large button notes; empty where there is none."""

    tone: str
    headline: str
    remedy: str
    best: str = ""


NOT_LISTED: Final = Verdict(WAIT, "not_listed", "note_as_guest")
OTHER_DRIVE: Final = Verdict(STOP, "other_drive", "slip_of_another_drive")
SLIP_REVOKED: Final = Verdict(STOP, "slip_revoked", "search_the_name")


def verdict_of(seen: Seen) -> Verdict:
    """The first of these that holds: done, recorded before, too young, without consent, contradicted, here, tried before,
    at the wrong time, ready."""
    if seen.service != Service.RECORDING:
        return _on_service(seen)
    return _refusal(seen) or _doubt(seen) or _on_time(seen)


def may_activate(seen: Seen) -> bool:
    """Whether the buttons of the second outcome are shown: to who is done with the first, or came for it alone."""
    is_next = seen.state in SETTLED or seen.service == Service.IKD
    return seen.offers_ikd and seen.ikd_state != Kind.IKD_ACTIVATED and is_next


def _on_service(seen: Seen) -> Verdict:
    best = Kind.IKD_ACTIVATED if seen.service == Service.IKD and may_activate(seen) else Kind.SERVED
    if seen.state in SETTLED:
        return (
            Verdict(WAIT, "served_ikd_next", "served_at", Kind.IKD_ACTIVATED) if may_activate(seen) else _done("already_served")
        )
    if seen.has_conflict:
        return Verdict(WAIT, "sources_disagree", "ask_the_lead", best)
    if seen.state == State.PRESENT and seen.is_of_today:
        return Verdict(WAIT, "here_since", "came_for", best)
    if seen.state in OPEN:
        return Verdict(WAIT, "noted", "serve_again", best)
    return Verdict(READY, "ready_to_serve", "came_for", best)


def _done(headline: str) -> Verdict:
    return Verdict(STOP, headline, "served_at")


def _refusal(seen: Seen) -> Verdict | None:
    if seen.state == State.RECORDED and seen.has_conflict:
        return Verdict(STOP, "do_not_record", "recorded_here_contradicted")
    if seen.state in SETTLED and may_activate(seen):
        return Verdict(WAIT, "recorded_ikd_next", "activate_do_not_record", Kind.IKD_ACTIVATED)
    if seen.state == State.RECORDED:
        return Verdict(STOP, "do_not_record", "recorded_here")
    if seen.state == State.ALREADY_RECORDED:
        return Verdict(STOP, "do_not_record", "noted_as_recorded")
    if seen.recorded:
        remedy = "recorded_elsewhere" if seen.recorded == ELSEWHERE else "recorded_since"
        return Verdict(STOP, "do_not_record", remedy, Kind.ALREADY_RECORDED)
    if seen.is_too_young:
        return Verdict(STOP, "too_young", "old_enough_from", "" if seen.state == State.UNDER_AGE else Kind.UNDER_AGE)
    if seen.consent == WITHDRAWN:
        return Verdict(STOP, "consent_withdrawn", "choose_declined")
    return None


def _doubt(seen: Seen) -> Verdict | None:
    if seen.has_conflict:
        return Verdict(WAIT, "sources_disagree", "ask_the_lead", Kind.RECORDED)
    if seen.consent == LACKING:
        return Verdict(WAIT, "consent_lacking", "record_with_the_form", Kind.RECORDED)
    if seen.state == State.PRESENT and seen.is_of_today:
        return Verdict(WAIT, "here_since", "waits", Kind.RECORDED)
    if seen.state in OPEN:
        return Verdict(WAIT, "noted", "may_be_recorded_now", Kind.RECORDED)
    return None


def _on_time(seen: Seen) -> Verdict:
    if seen.slot == NO_SLOT and not seen.is_walk_in:
        return Verdict(WAIT, "without_slot", "record_if_room", Kind.RECORDED)
    if seen.slot == OTHER_DAY:
        return Verdict(WAIT, "other_day", "slot_of_another_day", Kind.RECORDED)
    if seen.slot == PAST:
        return Verdict(WAIT, "late", "slot_is_over", Kind.RECORDED)
    return Verdict(READY, "ready", "", Kind.RECORDED)

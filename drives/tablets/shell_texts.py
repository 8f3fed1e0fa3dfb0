"""The sentences of the tablet's console: said here, handed over with the page, filled in there."""

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from drives.models import Incident, Visit
from drives.onsite.card import HEADLINES, REMEDIES
from drives.onsite.fold import State
from drives.onsite.incidents import KINDS as TROUBLES
from drives.onsite.labels import ABSENT_BECAUSE, FAILED_BECAUSE, IKD_FAILED_BECAUSE, IKD_STATES, KINDS, REASONS, SERVICES, STATES
from drives.onsite.rules import Kind, Reason
from students.models import Consent

# Drawings that the console puts where no template can: on chips, cards and buttons.
ICONS: Final = ("ok", "clock", "stop", "info", "circle", "cek", "trash", "phone")
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")
Pairs = list[tuple[str, str]]

INCIDENTS: Final[dict[str, Promise]] = {
    Incident.Kind.KIT_BROKEN: _("The kit is broken"),
    Incident.Kind.NETWORK_DOWN: _("The network is down"),
    Incident.Kind.SERVER_DOWN: _("The population register's server is down"),
    Incident.Kind.CROWD: _("A crowd, or the queue is out of hand"),
    Incident.Kind.OTHER: _("Something else"),
}
BUTTONS: Final[dict[str, Promise]] = {
    Kind.RECORDED: pgettext_lazy("button", "Recorded"),
    Kind.SERVED: pgettext_lazy("button", "Served"),
    Kind.ARRIVED: _("Here"),
    Kind.FAILED: _("Failed…"),
    Kind.ABSENT: _("Absent…"),
    Kind.ALREADY_RECORDED: _("Already recorded earlier"),
    Kind.UNDER_AGE: _("Not old enough"),
    Kind.DECLINED: _("Declined"),
    Kind.IKD_ACTIVATED: _("IKD activated"),
    Kind.IKD_FAILED: _("IKD not activated…"),
}
SAID: Final[dict[str, Promise]] = {
    **{kind: label for kind, label in STATES.items() if kind not in (State.EXPECTED, State.PRESENT)},
    Kind.ARRIVED: _("Here"),
    Kind.UNDONE: _("Taken back"),
    Kind.IKD_ACTIVATED: _("IKD activated"),
    Kind.IKD_FAILED: _("IKD not activated"),
    "walk_in": _("Guest noted"),
    "incident_opened": _("Problem reported"),
    "incident_closed": _("Problem closed"),
}
SENTENCES: Final[dict[str, Promise]] = {
    # The card
    "class": _("Class"),
    "guest": _("Guest"),
    "timeslot": _("Timeslot"),
    "time": _("Time"),
    "extra_time": _("extra time"),
    "age": _("Age"),
    "years": _("{age} years"),
    "backdrop": _("Backdrop"),
    "queue": _("Queue number"),
    "station": _("Station"),
    "slip_code": _("Slip code"),
    "saved_here": _("Saved on the tablet, not sent yet."),
    "sent": _("Sent."),
    "to_look_at": _("to be looked at"),
    "to_look_at_more": _("The server refused a note about this person. It stands under “This tablet”."),
    "next_please": _("Next, please"),
    "who_is_it": _("Who is in front of you?"),
    "nobody_matches": _("Nobody matches “{text}”"),
    "this_slip": _("this slip"),
    # The lists
    "of_today": _("of {target} today"),
    "unscheduled": _("{others} unscheduled"),
    "the_longest": _("the longest {minutes} minutes"),
    "nobody": _("nobody"),
    "late": _("Late, not seen yet: {count}"),
    "timeslot_of": _("Timeslot {label}"),
    "are_here": _("{here}/{total} are here"),
    "today_at": _("Today at {place}"),
    "this_tablet": _("{name}: station, sending, end of the day"),
    # After a tap
    "said": _("{name}: {outcome}"),
    "queue_number": _("Queue number {number}."),
    "saved_at": _("Saved on the tablet at {time}."),
    "not_saved": _("Not saved: the tablet's storage refused. Close other programs, load this page anew and tap again."),
    "camera_unsupported": _("This browser gives no camera to pages. Type the code, or use a hand scanner."),
    "camera_none": _("No camera was found. Type the code, or use a hand scanner."),
    "camera_denied": _("The camera is not allowed. Allow it in the browser's settings, or type the code."),
    "camera_busy": _("Another program uses the camera. Close it and try again."),
    "camera_ended": _("The camera was switched off. Tap “Scan” again."),
    "camera_unreadable": _("The scanner's program is not on this tablet. Type the code; with a network it is fetched."),
    "nobody_to_call": _("Nobody waits whom no other station has called"),
    "called": _("called"),
    "called_to": _("called to {station}"),
    "call_number": _("Call number {number}."),
    "call_number_to": _("Call number {number} to {station}."),
    "call_person_to": _("Call to {station}."),
    # Problems
    "kit_broken": _("{kit} broken"),
    "since": _("{what} since {time}"),
    "since_when": _("since {time}"),
    "and_more": _("{count} more"),
    "done_missing": _("Write what was done about it."),
    "incident_noted": _("The problem is reported. The board shows it as soon as the network is there."),
    "incident_done": _("The problem is closed. The board shows it as soon as the network is there."),
    # The PIN
    "pin_wrong": _("This PIN is wrong."),
    "pin_checking": _("The PIN is being checked …"),
    "pin_pause": _("Too many wrong PINs. Try again in {seconds} seconds."),
    "unlock_waiting": _("Not sent yet: {count}. They stay on this tablet and are sent once it is open."),
    "leftover": _("Not sent yet: {count}"),
    "revoked": _("This tablet was revoked. Its list is wiped; what was not sent is still sent."),
    "not_readable": _("The list may not be read on this tablet any more, so it is wiped; what was not sent is still sent."),
    "day_over": _("The day is over, so its list is wiped from this tablet; what was not sent stays until it is."),
    "another_day": _("Open the drive that this tablet is prepared for"),
    "cannot_open": _("The tablet's storage cannot be opened. Load this page anew; nothing that was saved is lost."),
    # Sending
    "unsent": _("Unsent: {count}"),
    "held": _("To be looked at: {count}"),
    "events": pgettext_lazy("notes on a tablet", "{count}"),
    "at_time": _("at {time}"),
    "not_since_opened": _("Not since this page was opened."),
    "connection_online": _("Online"),
    "connection_offline": _("Offline. You can go on working; everything is saved on the tablet."),
    "connection_locked": _("The server does not know this tablet any more. Prepare it anew; what waits is kept."),
    "connection_revoked": _("Revoked: it sends what it has and reads nothing more."),
    "sending": _("Sending …"),
    "send_done": _("Everything is sent."),
    "send_partly": _("Not sent yet: {count}. It is tried again by itself."),
    "send_failed": _("The server was not reached. It is tried again by itself; nothing is lost."),
    "refused": _("Refused by the server: {why}"),
    "send_held": _("Sent, but the server refused some: {count}. They stand under “To be looked at”."),
    "settle_missing": _("Write what became of this note."),
    "settled_because": _("Settled: {reason}"),
    "settled_count": _("Settled: {count}"),
    "end_unsent": _("Not sent yet: {count}. Bring the tablet to a network first; then the list can be wiped."),
    "end_held": _("To be looked at: {count}. They stay on the tablet when the list is wiped."),
    "end_ready": _("Everything is sent. The list is wiped by itself at the end of the day, or now."),
    "wipe_sure": _("Yes, wipe the list now"),
    # A guest
    "name_missing": _("Write the name as on the family card."),
    "birth_date_missing": _("For a recording the birth date is needed."),
    "birth_date_impossible": _("This birth date cannot be right."),
    "nik_length": _("A NIK has 16 digits."),
    "who_missing": _("Write the name of the parent or guardian who signed the paper."),
    "full_until": _("Full until {time}; a guest will wait for about {minutes} minutes."),
    "full_all_day": _("Full for the rest of the day."),
    "guest_too_young": _("Not old enough for a recording on this day: only from {day} on."),
    "lead_missing": _("Write the name of the lead operator who decided."),
    "overrule_missing": _("Write down why the guest is taken."),
    "lead_decided": _("Lead operator {name}: {reason}"),
    "looking_up": _("Looking it up …"),
    "look_up_offline": _("Offline: the number cannot be looked up now. Note the guest without it; the office checks it later."),
    "not_known": _("Not known yet. Note the guest."),
    "needs_recording": _("Known, and needs a recording."),
    "needs_none": _("Known, and already recorded. A replacement or a renewal is possible."),
}


def texts() -> dict[str, object]:
    """Everything that the console says, by name; the reasons of each outcome in the order of the buttons."""
    return {
        "sentences": _said(SENTENCES),
        "states": _said(STATES),
        "reasons": _said(REASONS),
        "headlines": {name: _with_braces(str(text)) for name, text in HEADLINES.items()},
        "remedies": {name: _with_braces(str(text)) for name, text in REMEDIES.items()},
        "backdrops": {"r": str(_("Red")), "b": str(_("Blue"))},
        "small_reasons": {reason: _small(reason, str(label)) for reason, label in REASONS.items()},
        "kinds": _said(KINDS),
        "services": _said(SERVICES),
        "outcomes": _said(BUTTONS),
        "said": _said(SAID),
        "incidents": _said(TROUBLES),
        "ikd_states": _said(IKD_STATES),
        "because": {
            kind: {choice.value.partition(":")[2]: str(choice.label) for choice in choices}
            for kind, choices in (
                (Kind.FAILED, FAILED_BECAUSE),
                (Kind.ABSENT, ABSENT_BECAUSE),
                (Kind.IKD_FAILED, IKD_FAILED_BECAUSE),
            )
        },
    }


def guest_kinds() -> Pairs:
    return [(kind, str(label)) for kind, label in KINDS.items() if kind != Visit.Kind.STUDENT]


def services() -> Pairs:
    return [(service, str(label)) for service, label in SERVICES.items()]


def relations() -> Pairs:
    return [(relation.value, str(relation.label).capitalize()) for relation in Consent.Relation]


def incidents() -> Pairs:
    return [(kind, str(label)) for kind, label in INCIDENTS.items()]


def _said(labels: dict[str, Promise]) -> dict[str, str]:
    return {str(name): str(label) for name, label in labels.items()}


def _with_braces(text: str) -> str:
    """`%(time)s` as the console's own texts have it: `{time}`."""
    return PLACEHOLDER.sub(r"{\1}", text)


def _small(reason: str, label: str) -> str:
    """Behind a comma: `gagal, sidik jari`, but `gagal, NIK tidak ditemukan`."""
    return label if reason == Reason.NIK_NOT_FOUND else label.lower()

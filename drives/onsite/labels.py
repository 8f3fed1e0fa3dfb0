"""A visit's state in words and colour, and the outcomes that an operator may tap: said in one place."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from drives.models import Visit
from drives.onsite.fold import State
from drives.onsite.rules import ABSENCES, CORRECTION, FAILURES, IKD_FAILURES, Kind, Reason
from schools.templatetags.house import clock

TONES: Final = {
    State.EXPECTED: "neutral",
    State.PRESENT: "wait",
    State.RECORDED: "ok",
    State.ALREADY_RECORDED: "info",
    State.FAILED: "stop",
    State.ABSENT: "stop",
    State.DECLINED: "stop",
    State.UNDER_AGE: "info",
    State.SERVED: "ok",
}
STATES: Final[dict[str, Promise]] = {
    State.EXPECTED: _("Not yet here"),
    State.PRESENT: _("Here"),
    State.RECORDED: _("Recorded now"),
    State.ALREADY_RECORDED: _("Already recorded earlier"),
    State.FAILED: _("Failed"),
    State.ABSENT: _("Absent"),
    State.DECLINED: _("Declined"),
    State.UNDER_AGE: _("Not old enough"),
    State.SERVED: _("Served"),
}
REASONS: Final[dict[str, Promise]] = {
    Reason.BIOMETRIC: _("Biometrics"),
    Reason.NIK_NOT_FOUND: _("NIK not found or not active"),
    Reason.DATA_MISMATCH: _("Data differ"),
    Reason.KIT_BROKEN: _("Kit broken"),
    Reason.NETWORK_DOWN: _("Network or server down"),
    Reason.OUT_OF_TIME: _("Out of time"),
    Reason.SICK: _("Sick"),
    Reason.EXCUSED: _("Excused"),
    Reason.UNEXPLAINED: _("Unexplained"),
    CORRECTION: _("Corrected by the lead"),
    Reason.NO_PHONE: _("No smartphone"),
    Reason.NO_DATA: _("No data quota or no signal"),
    Reason.NO_EMAIL: _("No e-mail address"),
    Reason.FACE_MISMATCH: _("Face did not match"),
    Reason.OTHER_PHONE: _("Phone holds another identity"),
    Reason.IKD_SERVER_DOWN: _("IKD service down"),
    Reason.DECLINED_IKD: _("Did not want to"),
}
# What of a guest a lead has to look at, by the words of `walk_ins`.
DOUBTS: Final[dict[str, Promise]] = {
    "name": _("The guest's name cannot be right, or was shortened."),
    "birth_date": _("The guest's birth date cannot be right, and was left out."),
    "nik": _("The guest's NIK was left out: it cannot be right, or does not go with the name and the birth date."),
    "consent": _("The parents' consent was left out: who signed it was not told."),
    "twice": _(
        "Another guest of this name and birth date was noted at this drive. If that is one person, take back one of the two."
    ),
    "service": _("A tablet noted this person for another service than the one known here."),
}
_ACRONYMS: Final = (Reason.NIK_NOT_FOUND, Reason.IKD_SERVER_DOWN)
# The second outcome.
IKD_STATES: Final[dict[str, Promise]] = {
    Kind.IKD_ACTIVATED: _("IKD activated"),
    Kind.IKD_FAILED: _("IKD not activated"),
}
KINDS: Final[dict[str, Promise]] = {
    Visit.Kind.STUDENT: _("Student"),
    Visit.Kind.TEACHER: _("Teacher"),
    Visit.Kind.STAFF: _("School staff"),
    Visit.Kind.RESIDENT: _("Resident"),
    Visit.Kind.OTHER_STUDENT: _("Student of another school"),
}
SERVICES: Final[dict[str, Promise]] = {
    Visit.Service.RECORDING: _("Recording"),
    Visit.Service.REPLACEMENT: _("Replacement of a card"),
    Visit.Service.RENEWAL: _("Renewal of data"),
    Visit.Service.IKD: _("IKD activation only"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One tap. `value` is what the form sends: a kind, or a kind and its reason."""

    value: str
    label: Promise


FAILED_BECAUSE: Final = tuple(Choice(f"{Kind.FAILED}:{reason}", REASONS[reason]) for reason in FAILURES)
ABSENT_BECAUSE: Final = tuple(Choice(f"{Kind.ABSENT}:{reason}", REASONS[reason]) for reason in ABSENCES)
IKD_FAILED_BECAUSE: Final = tuple(Choice(f"{Kind.IKD_FAILED}:{reason}", REASONS[reason]) for reason in IKD_FAILURES)


def chip_of(visit: Visit) -> Chip:
    """`Hadir 09.31`, `Gagal, sidik jari`."""
    state = str(STATES[visit.state])
    label = f"{state} {clock(visit.state_at)}" if visit.state == State.PRESENT else _with_reason(state, visit.reason)
    return Chip(label, TONES[State(visit.state)])


def doubts_of(visit: Visit) -> list[Promise]:
    return [DOUBTS[doubt] for doubt in visit.doubts]


def ikd_label(visit: Visit) -> str:
    """`IKD tidak aktif, tidak ada ponsel pintar`; empty where nothing was said."""
    if not visit.ikd_state:
        return ""
    return _with_reason(str(IKD_STATES[visit.ikd_state]), visit.ikd_reason)


def event_label(kind: str) -> str:
    """What was said, in a word."""
    if kind == Kind.ARRIVED:
        return str(_("Arrived"))
    if kind == Kind.UNDONE:
        return str(_("Undone"))
    return str((STATES | IKD_STATES)[kind])


def _with_reason(label: str, reason: str) -> str:
    if not reason or reason == CORRECTION:
        return label
    said = str(REASONS[reason])
    return f"{label}, {said if reason in _ACRONYMS else said.lower()}"

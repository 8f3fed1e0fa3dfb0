"""A visit's state in words and colour, and the outcomes that an operator may tap: said in one place."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from drives.models import Visit
from drives.onsite.fold import State
from drives.onsite.rules import ABSENCES, CORRECTION, FAILURES, Kind, Reason
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


def chip_of(visit: Visit) -> Chip:
    """`Hadir 09.31`, `Gagal, sidik jari`."""
    label = str(STATES[visit.state])
    if visit.state == State.PRESENT:
        label = f"{label} {clock(visit.state_at)}"
    elif visit.reason and visit.reason != CORRECTION:
        label = f"{label}, {str(REASONS[visit.reason]).lower() if not _is_acronym(visit.reason) else REASONS[visit.reason]}"
    return Chip(label, TONES[State(visit.state)])


def _is_acronym(reason: str) -> bool:
    return reason == Reason.NIK_NOT_FOUND

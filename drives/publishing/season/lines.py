"""The schools of a publication as its pages list them: what asks for attention first, by its cause, and long lists folded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from drives.models import SeasonPublicationTurn
from drives.planning.assignment import LeftOver
from drives.planning.board import left_over_sentence
from drives.planning.labels import State, span_of
from drives.season.folding import FEW, by_week
from schools.templatetags.house import figure, moment

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Turn = SeasonPublicationTurn
LABELS: Final = {
    Turn.State.WAITING: ("neutral", "clock"),
    Turn.State.READY: ("info", "send"),
    Turn.State.BLOCKED: ("stop", "stop"),
    Turn.State.PUBLISHED: ("ok", "ok"),
    Turn.State.REFUSED: ("stop", "stop"),
    Turn.State.WITHDRAWN: ("wait", "undo"),
    Turn.State.KEPT: ("ok", "ok"),
}
# What asks for attention stands first.
ORDER: Final = (
    Turn.State.BLOCKED,
    Turn.State.REFUSED,
    Turn.State.KEPT,
    Turn.State.WAITING,
    Turn.State.READY,
    Turn.State.PUBLISHED,
    Turn.State.WITHDRAWN,
)
_KITS = gettext_lazy("Kits are missing")
_NOBODY = gettext_lazy("Nobody can be given a place")
_DAYS = gettext_lazy("The day is not possible any more")
CAUSES: Final[Mapping[str, "_StrPromise"]] = {
    "kit_elsewhere": _KITS,
    "too_few_kits": _KITS,
    "no_kits": _KITS,
    "kit_out_of_service": _KITS,
    "holiday": _DAYS,
    "closed_day": _DAYS,
    "past_day": _DAYS,
    "no_time_on_day": _DAYS,
    "no_time_after_setup": _DAYS,
    "nobody_scheduled": _NOBODY,
    "no_places": _NOBODY,
    "no_consent": gettext_lazy("Parental consent is missing"),
    "changed_since_preview": gettext_lazy("Changed since the preview"),
    "already_published": gettext_lazy("Published already"),
    "card_gone": gettext_lazy("Without a turn on the season's board"),
    "told_already": gettext_lazy("The school has been told already"),
}


@dataclass(frozen=True)
class Line:
    """One turn of a publication, in sentences."""

    turn: Turn
    state: State
    span: str
    board_url: str

    @property
    def name(self) -> str:
        return self.turn.school.name

    @property
    def is_known(self) -> bool:
        """Its figures have been found out."""
        return self.turn.state not in (Turn.State.WAITING, Turn.State.BLOCKED) and self.turn.places > 0

    @cached_property
    def left_over(self) -> list[str]:
        return [left_over_sentence(LeftOver(reason), len(people)) for reason, people in sorted(self.turn.left_over.items())]

    @property
    def emails(self) -> int:
        return self.turn.school_emails + self.turn.class_emails

    @property
    def notices(self) -> str:
        """`19 e-mails: 3 to the school, 16 to homeroom teachers; the first on …`"""
        if not self.emails:
            return _("No e-mail: neither the school nor a homeroom teacher has an address.")
        said = ngettext(
            "%(count)s e-mail (%(school)s to the school, %(classes)s to homeroom teachers), the first on %(moment)s.",
            "%(count)s e-mails (%(school)s to the school, %(classes)s to homeroom teachers), the first on %(moment)s.",
            self.emails,
        )
        return said % {
            "count": figure(self.emails),
            "school": figure(self.turn.school_emails),
            "classes": figure(self.turn.class_emails),
            "moment": moment(self.turn.first_notice_at),
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Schools of one cause, or of one week; `title` is empty where a section is short enough to need none."""

    title: str
    lines: tuple[Line, ...]
    is_open: bool = True


@dataclass(frozen=True)
class Section:
    state: str
    title: str
    lines: tuple[Line, ...]

    @property
    def is_open(self) -> bool:
        return self.state != Turn.State.WAITING

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """By cause, the most frequent first; without causes by week, once there are more than a few."""
        if any(line.turn.reason for line in self.lines):
            return _by_cause(self.lines)
        return _by_week(self.lines) if len(self.lines) > FEW else (Group("", self.lines),)


def sections_of(turns: Sequence[Turn]) -> list[Section]:
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for turn in turns:
        found[turn.state].append(line_of(turn))
    return [Section(state.value, str(state.label), tuple(found[state])) for state in ORDER if state in found]


def _by_cause(lines: Iterable[Line]) -> tuple[Group, ...]:
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[str(CAUSES.get(line.turn.code) or _("Other reasons"))].append(line)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(Group(title, tuple(each), is_open=len(each) <= FEW) for title, each in ordered)


def _by_week(lines: Iterable[Line]) -> tuple[Group, ...]:
    return tuple(Group(title, each, is_open=False) for title, each in by_week(lines, lambda line: line.turn.days[0]))


def line_of(turn: Turn) -> Line:
    tone, icon = LABELS[Turn.State(turn.state)]
    board_url = reverse("drives:slot_board", args=[turn.drive_id]) if turn.drive_id else ""
    return Line(turn, State(capfirst(turn.get_state_display()), tone, icon), span_of(turn.days[0], turn.days[-1]), board_url)

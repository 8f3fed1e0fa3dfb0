"""What the pages of a publication show: the turns to choose from, each with what would become of it, and the work under way."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Season, SeasonCard, SeasonPublication, SeasonPublicationTurn
from drives.planning.assignment import LeftOver
from drives.planning.board import left_over_sentence
from drives.planning.labels import State, span_of
from drives.publishing.season.asking import BEGINS_WITH, publishable
from schools.templatetags.house import figure, moment

# So long a job may wait before the page says that no worker has come.
WORKER_COMES_WITHIN: Final = timedelta(seconds=8)
Turn = SeasonPublicationTurn
Step = SeasonPublication.Step
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


# Choosing


@dataclass(frozen=True, slots=True)
class Choice:
    """A turn that can be published."""

    card: SeasonCard
    is_draft: bool
    is_past: bool

    @property
    def span(self) -> str:
        return span_of(self.card.days[0], self.card.days[-1])


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the season to choose turns from."""

    key: str
    label: str
    count: int
    is_current: bool


def choices_of(season: Season, *, wanted: str, now: datetime) -> tuple[list[Choice], list[Span], list[Span]]:
    """The turns of the part that is wanted, the parts of the season, and the weeks of the month that is shown."""
    today = now.astimezone(season.office.zone).date()
    found = [Choice(card, card.is_locked, card.days[-1] < today) for card in publishable(season)]
    parts = _parts(found, wanted)
    current = next((part.key for part in parts if part.is_current), "")
    month = wanted[:7] if len(wanted) == 10 else current
    weeks = _weeks([each for each in found if _month(each) == month], wanted)
    key = wanted if any(week.is_current for week in weeks) else current
    return [each for each in found if _is_in(each, key)], parts, weeks


def _parts(found: Sequence[Choice], wanted: str) -> list[Span]:
    months = sorted({_month(each) for each in found})
    drafts = sum(each.is_draft for each in found)
    keys = [("all", _("The whole season"), len(found))] if len(months) > 1 else []
    keys += [("drafts", _("Drafts alone"), drafts)] if drafts else []
    keys += [(key, _month_name(key), sum(_month(each) == key for each in found)) for key in months]
    known = {key for key, _label, _count in keys}
    chosen = next((key for key in (wanted, wanted[:7]) if key in known), months[0] if months else "")
    return [Span(key, label, count, key == chosen) for key, label, count in keys]


def _weeks(found: Iterable[Choice], wanted: str) -> list[Span]:
    counts: defaultdict[date, int] = defaultdict(int)
    for each in found:
        counts[_monday(each)] += 1
    if len(counts) < 2:
        return []
    return [
        Span(monday.isoformat(), _("From %(day)s") % {"day": span_of(monday, monday)}, count, monday.isoformat() == wanted)
        for monday, count in sorted(counts.items())
    ]


def _is_in(each: Choice, key: str) -> bool:
    if key == "drafts":
        return each.is_draft
    return key in ("all", _month(each), _monday(each).isoformat())


def _month(each: Choice) -> str:
    return f"{each.card.days[0]:%Y-%m}"


def _month_name(key: str) -> str:
    return date_format(date.fromisoformat(f"{key}-01"), "M Y")


def _monday(each: Choice) -> date:
    first: date = each.card.days[0]
    return first - timedelta(days=first.weekday())


# Looking


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


@dataclass(frozen=True)
class Section:
    state: str
    title: str
    lines: tuple[Line, ...]

    @property
    def is_open(self) -> bool:
        return self.state != Turn.State.WAITING


@dataclass(frozen=True)
class PublicationPage:
    publication: SeasonPublication
    turns: tuple[Turn, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        return {state.value: sum(turn.state == state for turn in self.turns) for state in Turn.State}

    @cached_property
    def sections(self) -> list[Section]:
        return [
            Section(state.value, str(state.label), tuple(line_of(turn) for turn in self.turns if turn.state == state))
            for state in ORDER
            if self.counts[state.value]
        ]

    @property
    def leaving(self) -> list[Turn]:
        """Those that the figures at the top are about."""
        return [turn for turn in self.turns if turn.state in (Turn.State.READY, Turn.State.PUBLISHED, Turn.State.KEPT)]

    @property
    def seated(self) -> int:
        return sum(turn.seated for turn in self.leaving)

    @property
    def left_over_count(self) -> int:
        return sum(len(people) for turn in self.leaving for people in turn.left_over.values())

    @property
    def email_count(self) -> int:
        return sum(turn.school_emails + turn.class_emails for turn in self.leaving)

    @property
    def sent(self) -> dict[str, Any]:
        """What leaves, to whom, and when the first of it does."""
        moments = [turn.first_notice_at for turn in self.leaving if turn.first_notice_at]
        return {
            "school_emails": sum(turn.school_emails for turn in self.leaving),
            "class_emails": sum(turn.class_emails for turn in self.leaving),
            "class_texts": sum(turn.class_texts for turn in self.leaving),
            "first_at": min(moments, default=None),
            "schools_without_address": sum(not turn.school_emails for turn in self.leaving),
            "classes_without_address": sum(turn.classes_without_address for turn in self.leaving),
        }

    @property
    def without_consent(self) -> int:
        return sum(turn.without_consent for turn in self.leaving)

    @property
    def is_preview(self) -> bool:
        return self.publication.step == Step.CHECK

    @property
    def can_confirm(self) -> bool:
        publication = self.publication
        return not publication.is_under_way and publication.step != Step.WITHDRAW and self.counts["ready"] > 0

    @property
    def can_resume(self) -> bool:
        """The preview, or the withdrawal, was stopped in the middle; a publication goes on by being confirmed again."""
        step = Step(self.publication.step)
        return not self.publication.is_under_way and step != Step.PUBLISH and self.counts[BEGINS_WITH[step].value] > 0

    @property
    def can_withdraw(self) -> bool:
        return not self.publication.is_under_way and self.publication.step == Step.PUBLISH and self.counts["published"] > 0


def page_of(publication: SeasonPublication) -> PublicationPage:
    turns = publication.turns.select_related("school__district", "drive").order_by("days", "school__search_name", "pk")
    return PublicationPage(publication, tuple(turns))


def line_of(turn: Turn) -> Line:
    tone, icon = LABELS[Turn.State(turn.state)]
    board_url = reverse("drives:slot_board", args=[turn.drive_id]) if turn.drive_id else ""
    return Line(turn, State(capfirst(turn.get_state_display()), tone, icon), span_of(turn.days[0], turn.days[-1]), board_url)


def job_of(publication: SeasonPublication, *, now: datetime) -> dict[str, Any] | None:
    """What `_publication_job.html` shows; nothing once the work is over."""
    if not publication.is_under_way:
        return None
    total, due = _total(publication)
    return {
        "title": _titles()[publication.step],
        "is_running": publication.status == SeasonPublication.Status.WORKING,
        "sentence": _sentence(publication, now=now),
        "done": total - due,
        "total": total,
        "is_stopping": publication.stop_asked_at is not None,
        "url": reverse("drives:publication_job", args=[publication.pk]),
    }


def _total(publication: SeasonPublication) -> tuple[int, int]:
    """Of the turns of this step, all and those still to be done."""
    rows = list(publication.turns.values_list("state", "is_due"))
    due = sum(is_due for _state, is_due in rows)
    done_states = {
        Step.CHECK: {"ready", "blocked"},
        Step.PUBLISH: {"published", "refused"},
        Step.WITHDRAW: {"withdrawn", "kept"},
    }[Step(publication.step)]
    return due + sum(state in done_states and not is_due for state, is_due in rows), due


def _titles() -> dict[str, str]:
    return {
        Step.CHECK.value: _("Looking at each turn"),
        Step.PUBLISH.value: _("Publishing"),
        Step.WITHDRAW.value: _("Taking back what has not left"),
    }


def _sentence(publication: SeasonPublication, *, now: datetime) -> str:
    if publication.stop_asked_at:
        return _("Stopping after the school at hand. The others stay as they are.")
    if publication.status == SeasonPublication.Status.WAITING:
        since = max(each for each in (publication.asked_at, publication.confirmed_at, publication.withdrawn_at) if each)
        if now - since > WORKER_COMES_WITHIN:
            return _("No background worker has taken this up yet. Nothing is lost; it begins once one is there.")
        return _("It begins in a moment.")
    turn = publication.turns.filter(is_due=True).select_related("school").order_by("days", "pk").first()
    return _("At hand: %(school)s.") % {"school": turn.school.name} if turn else _("Finishing.")

"""What the page of a publication shows: its figures, its schools, and the work under way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from drives.models import SeasonPublication, SeasonPublicationTurn
from drives.publishing.season.asking import BEGINS_WITH
from drives.publishing.season.lines import Section, sections_of

# So long a job may wait before the page says that no worker has come.
WORKER_COMES_WITHIN: Final = timedelta(seconds=8)
Turn = SeasonPublicationTurn
Step = SeasonPublication.Step


@dataclass(frozen=True)
class PublicationPage:
    publication: SeasonPublication
    turns: tuple[Turn, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        return {state.value: sum(turn.state == state for turn in self.turns) for state in Turn.State}

    @cached_property
    def sections(self) -> list[Section]:
        return sections_of(self.turns)

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
    def nothing_withdrawn(self) -> bool:
        """It was asked for and has ended, and every school keeps its schedule."""
        return self.publication.step == Step.WITHDRAW and not self.publication.is_under_way and not self.counts["withdrawn"]

    @property
    def is_withdrawn(self) -> bool:
        return self.publication.step == Step.WITHDRAW and not self.nothing_withdrawn

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

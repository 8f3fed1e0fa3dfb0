"""The yes or no to a proposal: as a whole, or school by school."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.models import Season, SeasonCard, SeasonProposal, SeasonProposalCard, SeasonStep
from drives.season.actions.refusals import board_of, cards_of, held_proposal, locked, refuse_conflicts
from drives.season.actions.states import State, state_of
from drives.season.actions.turns import take_step
from drives.season.facts import Question, question, turn_of
from schools.models import User

Status = SeasonProposal.Status
Change = SeasonProposalCard.Change
Decision = SeasonProposalCard.Decision


@transaction.atomic
def accept(
    *, proposal: SeasonProposal, by: User | None, now: datetime, schools: Collection[UUID] | None = None
) -> SeasonProposal:
    """The proposal's turns are in force: all that were not rejected, or those of `schools` alone, while the others wait for
    an answer. Accepted twice is accepted once. A search that still runs for it ends.

    Raises ValidationError: `proposal_dropped`, `nothing_chosen`, and the conflicts that `move_card` raises, by name.
    """
    season = locked(proposal.season)
    held = held_proposal(proposal)
    if held.status == Status.ACCEPTED:
        return held
    _refuse_dropped(held)
    chosen = _chosen(held, schools)
    if schools is not None and not chosen:
        raise ValidationError(_("No school is chosen. Choose at least one."), code="nothing_chosen")
    _put_in_force(season, chosen, by=by, now=now)
    held.cards.filter(pk__in=[card.pk for card in chosen]).update(decision=Decision.ACCEPT)
    return _settle(held, is_whole=schools is None, by=by, now=now)


@transaction.atomic
def reject(*, proposal: SeasonProposal, schools: Collection[UUID], by: User | None, now: datetime) -> SeasonProposal:
    """These schools stay as they are. When every school has its answer, the proposal has too.

    Raises ValidationError: `proposal_dropped`, `nothing_chosen`.
    """
    locked(proposal.season)
    held = held_proposal(proposal)
    if held.status == Status.ACCEPTED:
        return held
    _refuse_dropped(held)
    if not held.cards.filter(school__in=list(schools), decision=Decision.NONE).update(decision=Decision.REJECT):
        raise ValidationError(_("No school is chosen. Choose at least one."), code="nothing_chosen")
    return _settle(held, is_whole=False, by=by, now=now)


@transaction.atomic
def drop(*, proposal: SeasonProposal, by: User | None, now: datetime) -> SeasonProposal:
    """Nothing of it that was not accepted comes into force. Dropped already, nothing happens again."""
    locked(proposal.season)
    held = held_proposal(proposal)
    if held.is_open:
        held.status, held.decided_at, held.decided_by = Status.DROPPED, now, by
        held.save(update_fields=["status", "decided_at", "decided_by"])
    return held


def _refuse_dropped(held: SeasonProposal) -> None:
    if held.status == Status.DROPPED:
        raise ValidationError(
            _("This proposal has been dropped, or a newer one has taken its place. Look at the newest one."),
            code="proposal_dropped",
        )


def _chosen(held: SeasonProposal, schools: Collection[UUID] | None) -> list[SeasonProposalCard]:
    cards = held.cards.exclude(change=Change.SAME).filter(decision=Decision.NONE).order_by("pk")
    return list(cards if schools is None else cards.filter(school__in=list(schools)))


def _put_in_force(season: Season, chosen: Collection[SeasonProposalCard], *, by: User | None, now: datetime) -> None:
    cards = cards_of(season)
    asked = question(season=season, now=now)
    _refuse_overtaken(chosen, cards, asked)
    states: dict[UUID, State] = {card.school_id: state_of(card) for card in chosen}
    states |= {school: {**state, "is_pinned": True} for school, state in states.items() if state and school in asked.agreed}
    board = {school: turn for school, turn in board_of(cards.values()).items() if school not in states}
    board |= {card.school_id: turn_of(card) for card in chosen if card.days}
    # What was agreed with a school stands; others make way for it, or the board names what is against it.
    changed = [card.school_id for card in chosen if card.days and card.school_id not in asked.agreed]
    refuse_conflicts(asked, board, changed, season=season, now=now)
    take_step(season, states, kind=SeasonStep.Kind.ACCEPTED, by=by, now=now)


def _refuse_overtaken(chosen: Collection[SeasonProposalCard], cards: Mapping[UUID, SeasonCard], asked: Question) -> None:
    """A school that has become a drive, was pinned elsewhere or left out since."""
    names = []
    for card in chosen:
        standing = cards.get(card.school_id)
        is_pinned_since = standing is not None and standing.is_pinned
        is_gone = bool(card.days) and card.school_id not in asked.waiting and standing is None
        if (standing is not None and standing.is_locked) or is_pinned_since or is_gone:
            names.append(card.school.name)
    if names:
        raise ValidationError(
            _("Since this proposal was made, these schools were pinned, left out or given a drive: %(names)s. Ask for a new one.")
            % {"names": ", ".join(sorted(names))},
            code="proposal_overtaken",
        )


def _settle(held: SeasonProposal, *, is_whole: bool, by: User | None, now: datetime) -> SeasonProposal:
    """A search ends with the first answer; the proposal is decided when no school waits for its answer any more."""
    waiting = held.cards.exclude(change=Change.SAME).filter(decision=Decision.NONE)
    if is_whole or not waiting.exists():
        has_accepted = is_whole or held.cards.filter(decision=Decision.ACCEPT).exists()
        held.status = Status.ACCEPTED if has_accepted else Status.DROPPED
        held.decided_at, held.decided_by = now, by
    elif held.status in SeasonProposal.WORK:
        held.status = Status.READY
    held.save(update_fields=["status", "decided_at", "decided_by"])
    return held

"""Proposals: a first plan at once, as a difference from the plan in force. Its cards can be accepted at any moment.

PostgreSQL is the queue, Celery the doorbell: the row that says "to be searched" is written with the first plan.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from drives.models import Kit, Season, SeasonCard, SeasonProposal, SeasonProposalCard
from drives.season.actions import wishes
from drives.season.actions.agreements import keep_agreements
from drives.season.actions.refusals import cards_of, locked
from drives.season.facts import Question, question
from drives.season.reasons import Reasons
from drives.season.solver.plan import first_plan
from drives.season.solver.problem import Placement, Plan
from schools.models import Office, User

USUAL_SECONDS: Final = 60
MOST_SECONDS: Final = 900

Status = SeasonProposal.Status
Change = SeasonProposalCard.Change
log = structlog.get_logger(__name__)


def ask_for_proposal(
    *, season: Season, by: User | None, now: datetime, seconds: int = USUAL_SECONDS, ring_worker: bool = True
) -> SeasonProposal:
    """A first plan at once, and a search for a better one queued. An earlier proposal that was not decided upon is dropped.

    Raises ValidationError: `no_kits`, `no_working_day`, `nobody_waits`, `seconds_out_of_range`.
    """
    if not 1 <= seconds <= MOST_SECONDS:
        raise ValidationError(_("The search may take from 1 to 900 seconds."), code="seconds_out_of_range")
    keep_agreements(season=season, by=by, now=now)
    asked = question(season=season, now=now)
    refuse_impossible(asked, season.office)
    plan = first_plan(asked.problem)
    return store(season=season, asked=asked, plan=plan, by=by, now=now, seconds=seconds, ring_worker=ring_worker)


@transaction.atomic
def store(
    *,
    season: Season,
    asked: Question,
    plan: Plan,
    by: User | None,
    now: datetime,
    seconds: int = USUAL_SECONDS,
    is_searched: bool = False,
    ring_worker: bool = False,
) -> SeasonProposal:
    """A plan as the season's one open proposal; not `is_searched`, it waits for its search."""
    season = locked(season)
    SeasonProposal.objects.open().filter(season=season).update(status=Status.DROPPED, decided_at=now, decided_by=by)
    proposal = SeasonProposal.objects.create(
        season=season,
        office_id=season.office_id,
        status=Status.READY if is_searched else Status.WAITING,
        method=SeasonProposal.Method.SOLVER if is_searched else SeasonProposal.Method.GREEDY,
        asked_at=now,
        asked_by=by,
        seconds_limit=seconds,
        objective=plan.objective,
        bound=plan.bound,
        gap=plan.gap,
        seconds=plan.seconds,
    )
    write_cards(proposal, asked, plan)
    if ring_worker:
        ring(proposal)
    return proposal


def refuse_impossible(asked: Question, office: Office) -> None:
    """Raises ValidationError: `no_working_day`, `no_kits`, `kits_away`, `nobody_waits`."""
    if not asked.rules.days:
        raise ValidationError(
            _("No working day is left in the season. Choose a later last day, or declare special working days."),
            code="no_working_day",
        )
    if not any(max(free) for free in asked.rules.kits.values()):
        has_kits = Kit.objects.filter(office=office).in_service().exists()
        raise wishes.kits_always_away() if has_kits else wishes.no_kits()
    if not asked.waiting:
        raise ValidationError(
            _("No school of the office has anybody who waits to be recorded. Import the rosters first."), code="nobody_waits"
        )


def write_cards(proposal: SeasonProposal, asked: Question, plan: Plan) -> None:
    """The plan beside the one in force, in place of the cards that the proposal had."""
    reasons = Reasons(asked, plan, is_thorough=proposal.method == SeasonProposal.Method.SOLVER)
    standing = {school: card for school, card in cards_of(proposal.season).items() if not card.is_locked}
    cards = [_proposed(proposal, asked, reasons, school, turn, standing.get(school)) for school, turn in plan.placements.items()]
    gone = [card for school, card in standing.items() if school not in plan.placements and not card.is_pinned]
    cards += [_removed(proposal, card, reasons) for card in gone]
    proposal.cards.all().delete()
    SeasonProposalCard.objects.bulk_create(cards)
    proposal.unplaced = reasons.unplaced()
    proposal.save(update_fields=["unplaced"])


def _proposed(
    proposal: SeasonProposal, asked: Question, reasons: Reasons, school: UUID, turn: Placement, before: SeasonCard | None
) -> SeasonProposalCard:
    change = Change.NEW
    if before:
        is_same = (tuple(before.days), before.kits, before.part) == (turn.days, turn.kits, turn.part)
        change = Change.SAME if is_same else Change.MOVED
    return SeasonProposalCard(
        proposal=proposal,
        office_id=proposal.office_id,
        school_id=school,
        days=list(turn.days),
        kits=turn.kits,
        part=str(turn.part),
        **asked.figures_of(school, turn),
        why=reasons.of(school) if school in asked.waiting else [],
        change=change,
        **_before(before),
    )


def _removed(proposal: SeasonProposal, card: SeasonCard, reasons: Reasons) -> SeasonProposalCard:
    why = next((fact for fact in reasons.unplaced() if fact["school"] == str(card.school_id)), {"code": "nobody"})
    return SeasonProposalCard(
        proposal=proposal,
        office_id=proposal.office_id,
        school_id=card.school_id,
        people=card.people,
        seventeen=card.seventeen,
        why=[why],
        change=Change.REMOVED,
        **_before(card),
    )


def _before(card: SeasonCard | None) -> dict[str, Any]:
    return {"before_days": card.days, "before_kits": card.kits, "before_part": card.part} if card else {}


def ring(proposal: SeasonProposal) -> None:
    """After commit a worker is told at once. A lost message is no loss: the sweep finds the row."""
    from drives.season.tasks import search_proposal

    def tell() -> None:
        try:
            search_proposal.delay(proposal_id=str(proposal.pk))
        except OperationalError as trouble:
            log.warning("season.doorbell_silent", proposal=str(proposal.pk), error=type(trouble).__name__)

    transaction.on_commit(tell)

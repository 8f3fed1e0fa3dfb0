"""Proposals: a first plan at once, a better one searched by a worker, and the yes or no to it.

PostgreSQL is the queue, Celery the doorbell: the row that says "to be searched" is written with the first plan, and a sweep
finds what a lost message or a killed worker left. The cards that stand in a proposal can be accepted at any moment.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from drives.models import Kit, Season, SeasonCard, SeasonProposal, SeasonProposalCard, SeasonStep
from drives.season.actions import wishes
from drives.season.actions.refusals import board_of, cards_of, locked, refuse_conflicts
from drives.season.actions.turns import State, take_step
from drives.season.facts import Question, question
from drives.season.reasons import Reasons
from drives.season.solver.plan import best_plan, first_plan
from drives.season.solver.problem import Part, Placement, Plan
from schools.models import Office, User

# A search that was not heard of for so long was left by a worker that is gone.
LEASE: Final = timedelta(seconds=60)
# A search that ended its worker so often is not tried again; the first plan stands.
MAX_TRIES: Final = 3
BEAT: Final = timedelta(seconds=1)
# A search keeps a worker and two processors busy; the other workers are for mail and roll-ups.
SEARCHES_AT_ONCE: Final = 1
# An arbitrary number under which claims stand in line.
CLAIMS: Final = 7_042_026
USUAL_SECONDS: Final = 60
MOST_SECONDS: Final = 900

Status = SeasonProposal.Status
Change = SeasonProposalCard.Change
Decision = SeasonProposalCard.Decision
log = structlog.get_logger(__name__)


# Asking


def ask_for_proposal(
    *, season: Season, by: User | None, now: datetime, seconds: int = USUAL_SECONDS, ring_worker: bool = True
) -> SeasonProposal:
    """A first plan at once, and a search for a better one queued. An earlier proposal that was not decided upon is dropped.

    Raises ValidationError: `no_kits`, `no_working_day`, `nobody_waits`, `seconds_out_of_range`.
    """
    if not 1 <= seconds <= MOST_SECONDS:
        raise ValidationError(_("The search may take from 1 to 900 seconds."), code="seconds_out_of_range")
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


# Searching


def claim(*, proposal_id: UUID, worker: str, now: datetime) -> SeasonProposal | None:
    """The proposal if it waits for its search, or if whoever searched has not been heard of for long; none while another
    one is searched: the sweep comes again."""
    with transaction.atomic():
        _one_claim_at_a_time()
        searched = SeasonProposal.objects.filter(status=Status.SOLVING, beat_at__gt=now - LEASE).exclude(pk=proposal_id)
        if searched.count() >= SEARCHES_AT_ONCE:
            return None
        waiting = SeasonProposal.objects.select_for_update(of=("self",), skip_locked=True)
        proposal = waiting.select_related("season__office").filter(pk=proposal_id, status__in=SeasonProposal.WORK).first()
        if proposal is None:
            return None
        if proposal.status == Status.SOLVING and proposal.beat_at and proposal.beat_at > now - LEASE:
            return None
        proposal.tries += 1
        if proposal.tries > MAX_TRIES:
            proposal.status = Status.FAILED
            proposal.failure = _("The search was broken off several times. The first plan stands and can be accepted.")
            proposal.save(update_fields=["status", "failure", "tries"])
            return None
        proposal.status, proposal.phase = Status.SOLVING, SeasonProposal.Phase.READING
        proposal.claimed_at = proposal.beat_at = now
        proposal.claimed_by = worker[:80]
        proposal.save(update_fields=["status", "phase", "claimed_at", "beat_at", "claimed_by", "tries"])
    return proposal


def _one_claim_at_a_time() -> None:
    """A lock that ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMS])


class Progress(Protocol):
    """What the solver says while it searches."""

    @property
    def objective(self) -> float: ...
    @property
    def bound(self) -> float: ...
    @property
    def seconds(self) -> float: ...


class Heart:
    """Writes about once a second how far the search has come, and hears whether it is still wanted."""

    def __init__(self, proposal: SeasonProposal, clock: Callable[[], datetime]) -> None:
        self.proposal, self.clock = proposal, clock
        self.last = clock()
        self.is_wanted = True
        self.found: dict[str, Any] = {}

    def progress(self, progress: Progress) -> None:
        bound = progress.bound if progress.objective > 0 else 0.0
        gap = max(0.0, progress.objective - bound) / progress.objective if progress.objective > 0 else 0.0
        self.found = {"bound": bound, "gap": gap, "seconds": progress.seconds, "objective": progress.objective}
        self.should_stop()

    def should_stop(self) -> bool:
        now = self.clock()
        if self.is_wanted and now - self.last >= BEAT:
            self.last = now
            self.is_wanted = self.beat(SeasonProposal.Phase.SEARCHING, now=now)
        return not self.is_wanted

    def beat(self, phase: SeasonProposal.Phase, *, now: datetime) -> bool:
        mine = SeasonProposal.objects.filter(pk=self.proposal.pk, status=Status.SOLVING, claimed_at=self.proposal.claimed_at)
        still = mine.filter(stop_asked_at=None).exists()
        return bool(mine.update(phase=phase, beat_at=now, **self.found)) and still


def search(*, proposal: SeasonProposal, clock: Callable[[], datetime]) -> SeasonProposal:
    """Look for a better plan in the seconds given. Of a proposal that is claimed."""
    heart = Heart(proposal, clock)
    try:
        asked = question(season=proposal.season, now=clock())
        heart.beat(SeasonProposal.Phase.SEARCHING, now=clock())
        plan = best_plan(asked.problem, seconds=proposal.seconds_limit, on_progress=heart.progress, should_stop=heart.should_stop)
        return finish(proposal=proposal, asked=asked, plan=plan)
    except Exception as trouble:
        log.exception("season.search_failed", proposal=str(proposal.pk), error=type(trouble).__name__)
        return _fail(proposal)


@transaction.atomic
def finish(*, proposal: SeasonProposal, asked: Question, plan: Plan) -> SeasonProposal:
    """The searched plan in place of the first one; nothing, where somebody has decided or taken over meanwhile."""
    locked(proposal.season)
    mine = _mine(proposal)
    if mine is None:
        return SeasonProposal.objects.get(pk=proposal.pk)
    mine.status, mine.phase, mine.method = Status.READY, SeasonProposal.Phase.NONE, SeasonProposal.Method.SOLVER
    mine.objective, mine.bound, mine.gap, mine.seconds = plan.objective, plan.bound, plan.gap, plan.seconds
    mine.save()
    write_cards(mine, asked, plan)
    return mine


@transaction.atomic
def _fail(proposal: SeasonProposal) -> SeasonProposal:
    mine = _mine(proposal)
    if mine is None:
        return SeasonProposal.objects.get(pk=proposal.pk)
    mine.status, mine.phase = Status.FAILED, SeasonProposal.Phase.NONE
    mine.failure = _("The search did not succeed. The first plan stands and can be accepted.")
    mine.save(update_fields=["status", "phase", "failure"])
    return mine


def _mine(proposal: SeasonProposal) -> SeasonProposal | None:
    claimed = SeasonProposal.objects.select_for_update(of=("self",)).select_related("season__office")
    return claimed.filter(pk=proposal.pk, status=Status.SOLVING, claimed_at=proposal.claimed_at).first()


@transaction.atomic
def stop_search(*, proposal: SeasonProposal, by: User | None, now: datetime) -> SeasonProposal:
    """The search ends with the best plan it has so far; not begun yet, the first plan is the answer."""
    held = _held(proposal)
    if held.status == Status.WAITING:
        held.status = Status.READY
    if held.status in (Status.READY, Status.SOLVING) and held.stop_asked_at is None:
        held.stop_asked_at = now
    held.save(update_fields=["status", "stop_asked_at"])
    return held


# Deciding


@transaction.atomic
def accept(
    *, proposal: SeasonProposal, by: User | None, now: datetime, schools: Collection[UUID] | None = None
) -> SeasonProposal:
    """The proposal's turns are in force: all that were not rejected, or those of `schools` alone, while the others wait for
    an answer. Accepted twice is accepted once. A search that still runs for it ends.

    Raises ValidationError: `proposal_dropped`, `nothing_chosen`, and the conflicts that `move_card` raises, by name.
    """
    season = locked(proposal.season)
    held = _held(proposal)
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
    held = _held(proposal)
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
    held = _held(proposal)
    if held.is_open:
        held.status, held.decided_at, held.decided_by = Status.DROPPED, now, by
        held.save(update_fields=["status", "decided_at", "decided_by"])
    return held


def _held(proposal: SeasonProposal) -> SeasonProposal:
    return SeasonProposal.objects.select_for_update(of=("self",)).select_related("season__office").get(pk=proposal.pk)


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
    states: dict[UUID, State] = {card.school_id: _state(card) for card in chosen}
    board = {school: turn for school, turn in board_of(cards.values()).items() if school not in states}
    board |= {card.school_id: _turn(card) for card in chosen if card.days}
    refuse_conflicts(asked, board, [card.school_id for card in chosen if card.days], season=season, now=now)
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


def _state(card: SeasonProposalCard) -> State:
    if not card.days:
        return None
    return {
        "days": [day.isoformat() for day in card.days],
        "kits": card.kits,
        "part": str(card.part),
        "people": card.people,
        "seventeen": card.seventeen,
        "places": card.places,
        "is_pinned": False,
        "why": card.why,
    }


def _turn(card: SeasonProposalCard) -> Placement:
    return Placement(tuple(card.days), card.kits, Part(card.part))


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

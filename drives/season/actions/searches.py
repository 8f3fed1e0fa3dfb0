"""The search for a better plan than the first one: claimed by one worker, watched, ended or broken off.

A sweep finds what a lost message or a killed worker left; the last plan written down stands whatever happens.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from drives.models import SeasonProposal
from drives.season.actions.proposals import write_cards
from drives.season.actions.refusals import held_proposal, locked
from drives.season.facts import Question, question
from drives.season.solver.plan import best_plan
from drives.season.solver.problem import Plan
from schools.models import User

# A search that was not heard of for so long was left by a worker that is gone.
LEASE: Final = timedelta(seconds=60)
# A search that ended its worker so often is not tried again; the first plan stands.
MAX_TRIES: Final = 3
BEAT: Final = timedelta(seconds=1)
# A search keeps a worker and two processors busy; the other workers are for mail and roll-ups.
SEARCHES_AT_ONCE: Final = 1
# An arbitrary number under which claims stand in line.
CLAIMS: Final = 7_042_026

Status = SeasonProposal.Status
log = structlog.get_logger(__name__)


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
    held = held_proposal(proposal)
    if held.status == Status.WAITING:
        held.status = Status.READY
    if held.status in (Status.READY, Status.SOLVING) and held.stop_asked_at is None:
        held.stop_asked_at = now
    held.save(update_fields=["status", "stop_asked_at"])
    return held

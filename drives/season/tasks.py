"""Thin: claim, search, done. Safe to run twice, at once, and after a kill."""

import os
import socket
from uuid import UUID, uuid4

from celery import shared_task
from django.utils import timezone, translation

from drives.models import SeasonProposal
from drives.season.actions import proposals, searches


@shared_task
def search_proposal(*, proposal_id: str) -> None:
    """Look for a better plan than the first one."""
    work_on(UUID(proposal_id))


@shared_task
def sweep_proposals() -> None:
    """Proposals whose message was lost, or whose worker is gone."""
    work = SeasonProposal.objects.filter(status__in=SeasonProposal.WORK).order_by("asked_at", "pk")
    for proposal_id in work.values_list("pk", flat=True)[:50]:
        search_proposal.delay(proposal_id=str(proposal_id))


def work_on(proposal_id: UUID) -> None:
    """The search of a proposal, by whoever comes first."""
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    # Reasons are facts; what is kept as a sentence is written for the office, in Indonesian.
    with translation.override("id"):
        proposal = searches.claim(proposal_id=proposal_id, worker=worker, now=timezone.now())
        if proposal is None:
            return
        searches.search(proposal=proposal, clock=timezone.now)
    _tell_the_next()


def _tell_the_next() -> None:
    """Whoever waited for this search to end need not wait for the sweep as well."""
    waiting = SeasonProposal.objects.filter(status=SeasonProposal.Status.WAITING).order_by("asked_at", "pk").first()
    if waiting:
        proposals.ring(waiting)

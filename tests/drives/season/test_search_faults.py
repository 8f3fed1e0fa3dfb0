"""A worker that is killed while it searches: the first plan stands, can be accepted, and the next worker takes over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from drives.models import Season, SeasonProposal
from drives.season import actions, tasks
from drives.season.actions import searches
from tests.drives.season.seasons import make_city, make_season, turns
from tests.worker import worker_environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

# Searches, and stands still in the middle of it, when the solver first asks whether it is still wanted.
WORKER = """
import django, sys, time
django.setup()
from uuid import UUID
from drives.season import tasks
from drives.season.actions import searches

def stand_still(problem, *, should_stop, **options):
    print("standing", flush=True)
    time.sleep(60)

searches.best_plan = stand_still
tasks.work_on(UUID(sys.argv[1]))
"""
START_SECONDS = 180


@pytest.fixture
def season(transactional_db: None) -> Season:
    make_city((20, 5), (3, 1), (30, 2))
    today = timezone.localdate()
    return make_season(kits=2, starts_on=today + timedelta(days=7), ends_on=today + timedelta(days=60))


@pytest.fixture
def killed(season: Season, tmp_path: Path) -> Iterator[SeasonProposal]:
    """A proposal whose worker got SIGKILL in the middle of its search."""
    proposal = actions.ask_for_proposal(season=season, by=None, now=timezone.now(), seconds=60, ring_worker=False)
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(proposal.pk)],
        cwd=settings.BASE_DIR,
        env=worker_environment(tmp_path) | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while "standing" not in (line := process.stdout.readline()):
        assert line, "The worker ended before its search."
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=20)
    proposal.refresh_from_db()
    yield proposal
    process.kill()


def swept(proposal: SeasonProposal, monkeypatch: pytest.MonkeyPatch) -> SeasonProposal:
    """The sweep comes round, and a worker takes what it tells."""
    told: list[str] = []
    monkeypatch.setattr(tasks.search_proposal, "delay", lambda *, proposal_id: told.append(proposal_id))
    tasks.sweep_proposals()
    for proposal_id in told:
        tasks.search_proposal(proposal_id=proposal_id)
    proposal.refresh_from_db()
    return proposal


def test_a_kill_during_the_search_loses_nothing(killed: SeasonProposal, monkeypatch: pytest.MonkeyPatch) -> None:
    first_plan = killed.cards.count()
    too_early = swept(killed, monkeypatch).status
    SeasonProposal.objects.filter(pk=killed.pk).update(beat_at=timezone.now() - searches.LEASE)

    taken_over = swept(killed, monkeypatch)

    assert (first_plan, too_early) == (3, "solving")
    assert (taken_over.status, taken_over.method, taken_over.tries, taken_over.cards.count()) == ("ready", "solver", 2, 3)


def test_the_first_plan_is_accepted_although_its_worker_is_gone(killed: SeasonProposal, season: Season) -> None:
    actions.accept(proposal=killed, by=None, now=timezone.now())

    assert len(turns(season)) == 3


def test_a_worker_is_rung_and_searches(season: Season, celery_worker_process: "subprocess.Popen[bytes]") -> None:
    proposal = actions.ask_for_proposal(season=season, by=None, now=timezone.now(), seconds=60)

    deadline = time.monotonic() + START_SECONDS
    while proposal.status in SeasonProposal.WORK and time.monotonic() < deadline:
        time.sleep(0.2)
        proposal.refresh_from_db()

    assert (proposal.status, proposal.method) == ("ready", "solver")

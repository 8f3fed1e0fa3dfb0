"""A worker that is killed in the middle of publishing: nothing is done twice, nothing is lost, and the next one goes on."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.utils import timezone

from drives.models import Appointment, Drive, Notice, SeasonPublication
from drives.publishing.season import asking, tasks
from drives.publishing.season.working import LEASE, work
from drives.season import actions
from drives.season.actions import ask_for_proposal
from students.models import ClassGroup
from tests.drives.season.seasons import cards, make_city, make_season
from tests.worker import worker_environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

# Publishes the first school, and stands still within the second: its drive is made, everybody has a place, nothing is noted.
WORKER: Final = """
import contextlib, django, sys, time
django.setup()
from uuid import UUID
from django.utils import timezone
from drives.publishing.season import turns, working

publish, begun = turns.actions.publish, []

def stand_still(**what):
    begun.append(what["drive"])
    done = publish(**what)
    if len(begun) == 2:
        print("standing", flush=True)
        time.sleep(60)
    return done

turns.actions.publish = stand_still
if sys.argv[2] == "unguarded":
    # The guard: a turn and the note that it is done are one transaction. Without it each statement stands by itself.
    working.transaction.atomic = lambda *args, **kwargs: contextlib.nullcontext()
    turns.transaction.atomic = lambda *args, **kwargs: contextlib.nullcontext()
    django.db.models.QuerySet.select_for_update = lambda self, **kwargs: self
working.work(publication_id=UUID(sys.argv[1]), worker="killed", clock=timezone.now)
"""
START_SECONDS: Final = 180


@pytest.fixture
def publication(transactional_db: None) -> SeasonPublication:
    """Three turns that have been looked at and confirmed."""
    make_city((20, 5), (3, 1), (6, 0))
    ClassGroup.objects.update(homeroom_email="wali@sekolah.example")
    today = timezone.localdate()
    season = make_season(starts_on=today + timedelta(days=7), ends_on=today + timedelta(days=40))
    actions.accept(
        proposal=ask_for_proposal(season=season, by=None, now=timezone.now(), ring_worker=False), by=None, now=timezone.now()
    )
    asked = asking.ask(
        season=season,
        schools=[card.school_id for card in cards(season).values()],
        by=None,
        now=timezone.now(),
        ring_worker=False,
    )
    work(publication_id=asked.pk, worker="w", clock=timezone.now)
    return asking.confirm(publication=asked, by=None, now=timezone.now(), ring_worker=False)


def killed(publication: SeasonPublication, folder: Path, *, guard: str = "guarded") -> None:
    """A worker gets SIGKILL within the second of its turns."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(publication.pk), guard],
        cwd=settings.BASE_DIR,
        env=worker_environment(folder) | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while "standing" not in (line := process.stdout.readline()):
        assert line, "The worker ended before its second turn."
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=20)
    process.stdout.close()


def swept(publication: SeasonPublication, monkeypatch: pytest.MonkeyPatch) -> str:
    """The sweep comes round, and a worker takes what it tells."""
    told: list[str] = []
    monkeypatch.setattr(tasks.work_on_publication, "delay", lambda *, publication_id: told.append(publication_id))
    tasks.sweep_publications()
    for publication_id in told:
        tasks.work_on_publication(publication_id=publication_id)
    publication.refresh_from_db()
    return publication.status


def silent(publication: SeasonPublication) -> None:
    SeasonPublication.objects.filter(pk=publication.pk).update(beat_at=timezone.now() - LEASE)


def states(publication: SeasonPublication) -> list[str]:
    return sorted(publication.turns.values_list("state", flat=True))


def test_a_kill_in_the_middle_does_nothing_twice_and_loses_nothing(
    publication: SeasonPublication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(publication, tmp_path)
    after_the_kill = (states(publication), Drive.objects.count(), Drive.objects.filter(status="published").count())
    too_early = swept(publication, monkeypatch)
    silent(publication)

    in_the_end = swept(publication, monkeypatch)

    assert after_the_kill == (["published", "ready", "ready"], 1, 1)
    assert (too_early, in_the_end) == ("working", "done")
    assert states(publication) == ["published"] * 3
    assert (Drive.objects.count(), Drive.objects.filter(status="published", revision=1).count()) == (3, 3)
    assert Appointment.objects.count() == Appointment.objects.live().count() == 35
    emails = sum(each.school_emails + each.class_emails for each in publication.turns.all())
    assert Notice.objects.filter(channel="email").count() == emails > 0


def test_without_one_transaction_a_turn_the_kill_leaves_a_published_drive_that_nobody_notes(
    publication: SeasonPublication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the transaction is for: with it taken off, the school is published, and the result says that it was refused."""
    killed(publication, tmp_path, guard="unguarded")
    left = (states(publication).count("published"), Drive.objects.filter(status="published").count())
    silent(publication)

    swept(publication, monkeypatch)

    assert left == (1, 2)
    assert states(publication) == ["published", "published", "refused"]
    assert Drive.objects.filter(status="published").count() == 3


def test_a_worker_is_rung_and_looks_at_the_turns(
    publication: SeasonPublication, celery_worker_process: "subprocess.Popen[bytes]"
) -> None:
    asking.ring(publication)

    deadline = time.monotonic() + START_SECONDS
    while publication.is_under_way and time.monotonic() < deadline:
        time.sleep(0.2)
        publication.refresh_from_db()

    assert states(publication) == ["published"] * 3

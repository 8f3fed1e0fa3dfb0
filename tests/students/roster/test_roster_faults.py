"""A worker that is killed while it reads or writes: nothing half-written, and the next one finishes the work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from schools.models import School
from students.models import ClassGroup, Enrolment, Person, RosterRow, RosterUpload
from students.roster import intake, tasks
from tests.factories import SchoolFactory
from tests.students.roster.uploads import approved, girl, reviewed, roster, waiting
from tests.worker import worker_environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

# Works on an upload, and stands still for a minute before the statement that holds the words.
WORKER = """
import django, sys, time
django.setup()
from uuid import UUID
from django.db import connection
from students.roster import tasks

def stand_still(execute, sql, params, many, context):
    if sys.argv[2] in str(sql):
        print("standing", flush=True)
        time.sleep(60)
    return execute(sql, params, many, context)

with connection.execute_wrapper(stand_still):
    tasks.work(UUID(sys.argv[1]))
"""
ROWS = 40


@pytest.fixture
def school(transactional_db: None) -> School:
    return SchoolFactory()


@pytest.fixture
def data() -> bytes:
    return roster(*(girl(number) for number in range(ROWS)))


def start(upload: RosterUpload, words: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(upload.pk), words],
        cwd=settings.BASE_DIR,
        env=worker_environment(folder) | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def killed_before(tmp_path: Path) -> Iterator["KilledBefore"]:
    killer = KilledBefore(tmp_path)
    yield killer
    for process in killer.processes:
        process.kill()
        process.wait(timeout=20)


class KilledBefore:
    """`killed_before(upload, "INSERT INTO …")`: a worker that gets SIGKILL just before that statement."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []

    def __call__(self, upload: RosterUpload, words: str) -> None:
        process = start(upload, words, self.folder)
        self.processes.append(process)
        assert process.stdout is not None
        while "standing" not in (line := process.stdout.readline()):
            assert line, "The worker ended before it came to the statement."
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=20)
        _until_its_locks_are_gone(upload)


def _until_its_locks_are_gone(upload: RosterUpload) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database()"
                " AND relation = 'students_rosterrow'::regclass AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("The killed worker's transaction is still there.")


def finish(upload: RosterUpload, monkeypatch: pytest.MonkeyPatch) -> RosterUpload:
    """The lease is over, the sweep comes round, and a worker takes what it tells."""
    RosterUpload.objects.filter(pk=upload.pk).update(claimed_at=timezone.now() - intake.LEASE)
    told: list[str] = []
    monkeypatch.setattr(tasks.work_on_upload, "delay", lambda *, upload_id: told.append(upload_id))
    tasks.sweep_uploads()
    for upload_id in told:
        tasks.work_on_upload(upload_id=upload_id)
    upload.refresh_from_db()
    return upload


@pytest.mark.parametrize(
    "statement", ["INSERT INTO students_person", "students_classgroup", "INSERT INTO students_enrolment", '"applied_at" = %s']
)
def test_a_kill_while_importing_leaves_nothing_and_the_sweep_finishes(
    school: School, data: bytes, statement: str, killed_before: KilledBefore, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = approved(school, data, now=timezone.now())

    killed_before(upload, statement)

    upload.refresh_from_db()
    assert (upload.status, Person.objects.count(), Enrolment.objects.count(), ClassGroup.objects.count()) == ("applying", 0, 0, 0)
    assert finish(upload, monkeypatch).status == "applied"
    assert (Person.objects.count(), Enrolment.objects.count(), ClassGroup.objects.count()) == (ROWS, ROWS, 1)


def test_a_kill_while_reading_leaves_no_rows_and_the_sweep_finishes(
    school: School, data: bytes, killed_before: KilledBefore, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = waiting(school, data, now=timezone.now())

    killed_before(upload, "DELETE FROM students_rosterrow")

    upload.refresh_from_db()
    assert (upload.status, RosterRow.objects.count()) == ("reading", 0)
    assert finish(upload, monkeypatch).status == "review"
    assert RosterRow.objects.count() == ROWS


def test_a_worker_just_begun_is_left_alone(school: School, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = reviewed(school, data, now=timezone.now())
    RosterUpload.objects.filter(pk=upload.pk).update(status="reading", claimed_at=timezone.now())
    monkeypatch.setattr(tasks.work_on_upload, "delay", lambda *, upload_id: tasks.work(upload_id))

    tasks.sweep_uploads()

    assert RosterUpload.objects.get().status == "reading"

"""Several schools upload at the same moment: a real worker with two processes takes them all in."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from schools.models import School
from students.models import Enrolment, RosterUpload
from students.roster import intake, tasks
from tests.benchmarks import pupils
from tests.factories import RegionFactory, SchoolFactory
from tests.worker import start_worker, stop_worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

SCHOOLS, EACH = 6, 60
SECONDS = 180
# NIKs of those before end in 0, all of them: as in a file that a spreadsheet has damaged.
FIRST = 700
ENDED = {RosterUpload.Status.APPLIED, RosterUpload.Status.REFUSED, RosterUpload.Status.CANCELLED}


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    process = start_worker(tmp_path / "worker.log", "--concurrency=2")
    yield
    stop_worker(process)


def upload_of(school: School, number: int) -> RosterUpload:
    people = pupils.pupils(FIRST + SCHOOLS * EACH)[FIRST + number * EACH :][:EACH]
    data = pupils.dapodik(people, school=school.name)
    return intake.upload_roster(school=school, data=data, filename="daftar.xlsx", by=None, now=timezone.now())


@pytest.mark.usefixtures("worker")
def test_none_of_several_uploads_at_once_fails() -> None:
    RegionFactory()
    schools = [SchoolFactory() for _ in range(SCHOOLS)]

    uploads = [upload_of(school, number) for number, school in enumerate(schools)]
    deadline = time.monotonic() + SECONDS
    while {upload.status for upload in uploads} - ENDED and time.monotonic() < deadline:
        time.sleep(0.1)
        for upload in uploads:
            upload.refresh_from_db(fields=["status", "refusal_code"])
            if upload.status == RosterUpload.Status.REVIEW:
                intake.approve_upload(upload=upload, by=None, now=timezone.now(), is_right_school=True)

    assert [(upload.status, upload.refusal_code) for upload in uploads] == [(RosterUpload.Status.APPLIED, "")] * SCHOOLS
    assert [Enrolment.objects.live().filter(school=school).count() for school in schools] == [EACH] * SCHOOLS


def test_a_worker_rests_as_long_as_it_worked_so_that_people_come_between(monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []
    monkeypatch.setattr(tasks, "work", lambda upload_id: None)
    monkeypatch.setattr(tasks, "time", Clock(rested))

    tasks.work_on_upload(upload_id="01a2010d-6aa8-77a8-b7d1-9acd1bc4c799")

    assert rested == [0.7]


class Clock:
    """Reads 0.0, 0.7, 1.4 …"""

    def __init__(self, rested: list[float]) -> None:
        self.rested, self.now = rested, -0.7

    def monotonic(self) -> float:
        self.now += 0.7
        return self.now

    def sleep(self, seconds: float) -> None:
        self.rested.append(seconds)

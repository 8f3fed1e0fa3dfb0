"""A school whose own table has headings that nobody knows, and its right answers."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from schools.models import School, User
from students.models import RosterUpload
from students.roster import intake, tasks
from tests.factories import NOW, SchoolFactory, UserFactory
from tests.students.roster import workbooks
from tests.students.roster.test_asking import FIELDS, OWN, ROWS

LIST = "/rosters/"
HALF_KNOWN = ["Nama", "Lahir", "L/P", "Identitas", "Kelas", "HP"]
# What the posts of the page are called, and the right answers.
ANSWERS = dict(zip(["pelajar", "lahir", "l-p", "identitas", "ruang", "kontak"], FIELDS, strict=True))


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(name="SMAN 55 Jakarta", npsn="20102575")


@pytest.fixture
def clerk(school: School) -> User:
    return UserFactory(school_admin=school)


@pytest.fixture
def site(client: Client, clerk: User) -> Client:
    client.force_login(clerk)
    return client


@pytest.fixture(autouse=True)
def doorbell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No worker, but for a journey: the messages that one would get."""
    told: list[str] = []
    if "celery_worker_process" not in request.fixturenames:
        monkeypatch.setattr(tasks.work_on_upload, "delay", lambda *, upload_id: told.append(upload_id))
    return told


def table(headings: Sequence[str] = OWN, rows: Sequence[Sequence[Any]] = ROWS) -> bytes:
    return workbooks.xlsx([headings, *rows])


def url(name: str, upload: RosterUpload) -> str:
    return reverse(f"students:upload_{name}", args=[upload.pk])


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def posted(answers: dict[str, str], *, status: str = "questions") -> dict[str, str]:
    return {"status": status} | {f"column-{heading}": field for heading, field in answers.items()}


def headings_of(answers: dict[str, str]) -> dict[str, str]:
    return {heading.replace("-", " "): field for heading, field in answers.items()}


def answered(upload: RosterUpload, answers: dict[str, str]) -> RosterUpload:
    """Answered and read again."""
    again = intake.answer_columns(upload=upload, answers=headings_of(answers), by=None, now=NOW, ring_worker=False)
    return intake.read_upload(upload=again, now=NOW)

"""The clerk of a school, signed in, before the pages of its lists."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from schools.models import School, User
from students.models import RosterUpload
from students.roster import tasks
from tests.factories import SchoolFactory, UserFactory

LIST = "/rosters/"
NIK_OF_NOBODY = "3174036208099999"


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


def url(name: str, upload: RosterUpload) -> str:
    return reverse(f"students:upload_{name}", args=[upload.pk])


def page_of(upload: RosterUpload, number: int) -> str:
    """Of one of its rows."""
    return reverse("students:upload_row", args=[upload.pk, upload.rows.get(row_number=number).pk])


def file(data: bytes, name: str = "daftar.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())

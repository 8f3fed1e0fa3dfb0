"""Three hundred rows to mend: the pages ask the database no more often than for three, and stay light on a phone."""

import gzip
import re
from collections.abc import Callable

import pytest
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from schools.models import School
from tests.factories import SchoolFactory, UserFactory
from tests.students.roster.uploads import girl, imported, reviewed, roster

pytestmark = pytest.mark.django_db
MOST_QUERIES = 25
MOST_BYTES = 100 * 1024
MANY = 300
LINKED = re.compile(r'(?:href|src)="/static/([^"]+\.(?:css|js|svg))"')


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(npsn="20102575")


@pytest.fixture
def site(client: Client, school: School) -> Client:
    client.force_login(UserFactory(school_admin=school))
    return client


def list_of(count: int) -> bytes:
    """Every row has an error, and a warning of its own."""
    return roster(*(girl(number, NIK="" if number % 2 else f"31740362{number:03}", HP="12") for number in range(count)))


def review_page(school: School, count: int) -> str:
    return reverse("students:upload_detail", args=[reviewed(school, list_of(count), now=timezone.now()).pk])


def row_page(school: School, count: int) -> str:
    upload = reviewed(school, list_of(count), now=timezone.now())
    row = upload.rows.order_by("row_number").first()
    assert row is not None
    return reverse("students:upload_row", args=[upload.pk, row.pk])


def applied_page(school: School, count: int) -> str:
    return reverse("students:upload_detail", args=[imported(school, list_of(count), now=timezone.now()).pk])


PAGES = [review_page, row_page, applied_page]


@pytest.mark.parametrize("page", PAGES)
def test_many_rows_are_no_more_queries(site: Client, school: School, page: Callable[[School, int], str]) -> None:
    asked = []
    for count in (3, 30):
        with transaction.atomic():
            address = page(school, count)
            with CaptureQueriesContext(connection) as queries:
                assert site.get(address).status_code == 200
            transaction.set_rollback(True)
        asked.append(len(queries))

    assert asked[0] == asked[1] <= MOST_QUERIES


@pytest.mark.parametrize("page", PAGES)
def test_three_hundred_rows_fit_into_a_light_page(site: Client, school: School, page: Callable[[School, int], str]) -> None:
    response = site.get(page(school, MANY))

    content = response.content
    weights = {"page": len(gzip.compress(content))} | {name: weight_of(name) for name in LINKED.findall(content.decode())}
    assert len(weights) > 2
    assert sum(weights.values()) <= MOST_BYTES, weights


def weight_of(name: str) -> int:
    path = finders.find(name)
    assert isinstance(path, str), name
    with open(path, "rb") as file:
        return len(gzip.compress(file.read()))

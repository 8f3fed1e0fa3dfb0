"""Every list of a review can be turned over to its last line, without JavaScript and without a name in the address."""

import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from schools.models import School
from students.models import RosterUpload
from students.roster import pages, tasks
from students.roster.pages import Page, Place
from students.roster.review import Review
from tests.factories import SchoolFactory, UserFactory
from tests.students.roster.uploads import girl, imported, reviewed, roster

pytestmark = pytest.mark.django_db
PAGED_QUERIES = 12


@pytest.fixture(autouse=True)
def three_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SHOWN", 3)
    monkeypatch.setattr(tasks.work_on_upload, "delay", lambda *, upload_id: None)


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(name="SMAN 55 Jakarta", npsn="20102575")


@pytest.fixture
def site(client: Client, school: School) -> Client:
    client.force_login(UserFactory(school_admin=school))
    return client


@pytest.fixture
def upload(school: School) -> RosterUpload:
    """Eight lines are held for their sex, seven have a warning, eight pupils are not in the file."""
    imported(school, roster(*(girl(number) for number in range(20, 28))), now=timezone.now())
    held, warned = (girl(number, JK="?") for number in range(8)), (girl(number, HP="12") for number in range(8, 15))
    return reviewed(school, roster(*held, *warned), now=timezone.now())


def shown(site: Client, upload: RosterUpload, query: str = "") -> Review:
    found: Review = site.get(reverse("students:upload_detail", args=[upload.pk]) + query.partition("#")[0]).context["review"]
    return found


def list_of(review: Review, key: str) -> tuple[Page[Any], list[str]]:
    """A list with the names of its lines."""
    for cause in (*review.errors, *review.warnings):
        if cause.code == key:
            return cause.page, [line.row.name for line in cause.shown]
    (section,) = [each for each in review.sections if each.key == key]
    return section.page, [row.name for row in section.rows]


@pytest.mark.parametrize(("key", "total"), [("sex_invalid", 8), ("phone_invalid", 7), ("missing", 8), ("new", 7)])
def test_turning_over_shows_every_line_once_and_back_again(site: Client, upload: RosterUpload, key: str, total: int) -> None:
    page, names = list_of(shown(site, upload), key)
    seen, first_page = list(names), names
    for _ in range(10):
        if page.next is None:
            break
        page, names = list_of(shown(site, upload, page.next.query), key)
        seen += names
    assert (len(seen), len(set(seen)), page.first, page.last, page.total) == (total, total, 7, total, total)

    for _ in range(10):
        if page.previous is None:
            break
        page, names = list_of(shown(site, upload, page.previous.query), key)

    assert (page.first, names) == (1, first_page)


def test_the_other_lists_stay_at_their_beginning(site: Client, upload: RosterUpload) -> None:
    review = shown(site, upload)
    page, _names = list_of(review, "sex_invalid")
    assert page.next

    turned = shown(site, upload, page.next.query)

    assert list_of(turned, "missing")[1] == list_of(review, "missing")[1]


def test_no_name_stands_in_the_address(site: Client, upload: RosterUpload) -> None:
    page, names = list_of(shown(site, upload), "missing")

    assert page.next
    assert re.fullmatch(r"\?list=missing&from=[0-9a-f-]{36}#list-missing", page.next.query)
    assert names


@pytest.mark.parametrize(
    "query", ["?list=missing&from=nobody", "?list=missing", "?from=", "?list=x&from={row}", "?list=new&from={row}"]
)
def test_an_address_that_says_nothing_shows_the_beginning(site: Client, upload: RosterUpload, query: str) -> None:
    row = upload.rows.get(row_number=7).pk

    review = shown(site, upload, query.format(row=row))

    assert all(list_of(review, key)[0].first == 1 for key in ("sex_invalid", "missing", "new"))


def test_turning_over_notes_what_was_decided_on_the_page(site: Client, upload: RosterUpload) -> None:
    page, _names = list_of(shown(site, upload), "missing")
    assert page.next
    row = upload.rows.filter(section="missing").order_by("search_name")[1]
    go = f"list=missing&from={page.next.start}"

    response = site.post(reverse("students:upload_decide", args=[upload.pk]), {f"row-{row.pk}": "left", "go": go})

    assert response.headers["Location"] == reverse("students:upload_detail", args=[upload.pk]) + page.next.query
    assert list(upload.rows.filter(decision="left")) == [row]


def test_noting_decisions_leads_back_to_the_same_page(site: Client, upload: RosterUpload) -> None:
    page, _names = list_of(shown(site, upload), "missing")
    assert page.next
    query = page.next.query.partition("#")[0]
    html = site.get(reverse("students:upload_detail", args=[upload.pk]) + query).content.decode()
    action = reverse("students:upload_decide", args=[upload.pk]) + query
    assert f'action="{action.replace("&", "&amp;")}"' in html

    assert site.post(action).headers["Location"] == reverse("students:upload_detail", args=[upload.pk]) + page.next.query


def test_pupils_of_no_file_are_numbered_through(site: Client, upload: RosterUpload) -> None:
    page, _names = list_of(shown(site, upload), "missing")
    assert page.next
    html = site.get(reverse("students:upload_detail", args=[upload.pk]) + page.next.query.partition("#")[0]).content.decode()

    section = html.partition('id="list-missing"')[2].partition("</details>")[0]
    assert re.findall(r'<th scope="row"[^>]*>(\d+)</th>', section) == ["4", "5", "6"]


def test_a_place_is_read_from_its_own_address() -> None:
    place = Place.asked_for(QueryDict("list=missing&from=01a20185-a668-7b1b-98fd-7353eb3e2cb1"))

    assert Place.asked_for(QueryDict(place.query[1:].partition("#")[0])) == place


def test_a_turned_page_costs_the_same_for_more_rows(
    site: Client, school: School, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    small = reviewed(school, roster(*(girl(number, JK="?") for number in range(4))), now=timezone.now())
    large = reviewed(school, roster(*(girl(number, JK="?") for number in range(12))), now=timezone.now())
    for upload in (small, large):
        page, _names = list_of(shown(site, upload), "sex_invalid")
        assert page.next
        with django_assert_num_queries(PAGED_QUERIES):
            shown(site, upload, page.next.query)

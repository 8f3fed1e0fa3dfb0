"""The talk on the screen, of a school's clerk and of a planner."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from drives.models import DriveRequest
from schools.models import School, User
from tests.factories import SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = "2027-02-01", "2027-02-02"


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(name="SMAN 55 Jakarta")


@pytest.fixture
def clerk(school: School) -> User:
    return UserFactory(school_admin=school, name="Endang Susilowati")


@pytest.fixture
def planner(school: School) -> User:
    return UserFactory(planner=school.office, name="Rudi Hartono")


@pytest.fixture(autouse=True)
def a_friday_in_november() -> Iterator[None]:
    """The wished days are some weeks ahead."""
    with time_machine.travel(datetime(2026, 11, 20, 3, 0, tzinfo=UTC), tick=False):
        yield


def request_for(school: School, client: Client, clerk: User) -> DriveRequest:
    client.force_login(clerk)
    client.post(reverse("drives:request_add", args=[school.pk]), {"days": [MONDAY, "", TUESDAY], "text": "Aula kosong"})
    return DriveRequest.objects.get()


def test_a_school_asks_and_the_planner_accepts_and_is_led_to_the_plan(
    client: Client, school: School, clerk: User, planner: User
) -> None:
    request = request_for(school, client, clerk)
    client.force_login(planner)

    client.post(reverse("drives:request_accept", args=[request.pk]), {"days": [TUESDAY], "seen": "1"})
    page = client.get(reverse("drives:drive_request", args=[request.pk])).content.decode()
    plan = client.get(page.split('btn btn-primary" href="')[1].split('"')[0].replace("&amp;", "&"))

    assert DriveRequest.objects.get().days == [date(2027, 2, 2)]
    assert "Rencanakan kegiatan ini" in page
    assert "SMAN 55 Jakarta" in plan.content.decode()
    assert 'value="2027-02-02"' in plan.content.decode()


def test_a_refused_answer_stands_beside_its_field_with_what_was_typed(
    client: Client, school: School, clerk: User, planner: User
) -> None:
    request = request_for(school, client, clerk)
    client.force_login(planner)

    answer = client.post(
        reverse("drives:request_propose", args=[request.pk]), {"days": ["2027-01-01"], "text": "Begitu", "seen": "1"}
    )
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "tidak dapat dipakai: Tahun Baru Masehi" in page
    assert 'value="2027-01-01"' in page
    assert "Begitu" in page


def test_an_answer_to_an_older_state_says_so_and_changes_nothing(
    client: Client, school: School, clerk: User, planner: User
) -> None:
    request = request_for(school, client, clerk)
    client.post(reverse("drives:request_withdraw", args=[request.pk]), {"seen": "1"})
    client.force_login(planner)

    answer = client.post(
        reverse("drives:request_decline", args=[request.pk]), {"text": "Tidak ada alat", "seen": "1"}, follow=True
    )

    assert "Sudah ada jawaban lain" in answer.content.decode()
    assert DriveRequest.objects.get().state == "withdrawn"


def test_the_office_cannot_speak_for_the_school(client: Client, school: School, clerk: User, planner: User) -> None:
    request = request_for(school, client, clerk)
    client.force_login(planner)

    assert client.post(reverse("drives:request_withdraw", args=[request.pk]), {"seen": "1"}).status_code == 404


def test_what_waits_stands_on_the_first_page_of_whom_it_waits_for(
    client: Client, school: School, clerk: User, planner: User
) -> None:
    request = request_for(school, client, clerk)
    client.force_login(planner)
    asked = client.get("/").content.decode()
    client.post(reverse("drives:request_propose", args=[request.pk]), {"days": ["2027-02-03"], "seen": "1"})
    client.force_login(clerk)

    assert "sekolah meminta kegiatan" in asked
    assert "usulan kegiatan dari Sudin" in client.get("/").content.decode()


def test_the_list_asks_the_database_as_often_for_many_as_for_one(
    client: Client, school: School, clerk: User, planner: User, django_assert_max_num_queries: object
) -> None:
    request = request_for(school, client, clerk)
    for number in range(20):
        DriveRequest.objects.create(
            school=SchoolFactory(name=f"SMAN {number + 60} Jakarta"),
            office=school.office,
            days=request.days,
            asked_at=request.asked_at,
            changed_at=request.changed_at,
        )
    client.force_login(planner)

    with django_assert_max_num_queries(15):  # type: ignore[operator]
        page = client.get(reverse("drives:request_list"))

    assert page.content.decode().count("Menunggu Sudin") == 21

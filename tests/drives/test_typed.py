"""The long forms of planning, sent after the session has ended: what was written stands there again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from drives.models import DriveRequest, Season
from drives.requests import actions
from schools.models import BellTime, School, User
from tests.drives.season.seasons import make_season
from tests.factories import SchoolFactory, UserFactory
from tests.students.test_typed import sent_too_late

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_friday_in_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(name="SMAN 55 Jakarta")


@pytest.fixture
def planner(client: Client, school: School) -> User:
    user: User = UserFactory(planner=school.office)
    client.force_login(user)
    return user


@pytest.fixture
def clerk(client: Client, school: School) -> User:
    user: User = UserFactory(school_admin=school)
    client.force_login(user)
    return user


def test_a_new_season_stands_in_its_form_again(client: Client, planner: User) -> None:
    page = reverse("drives:season_add")

    sent_too_late(client, page, {"name": "Semester ganjil", "starts_on": "2027-07-12"})
    client.force_login(planner)
    form = client.get(page).context["form"]

    assert (form["name"].value(), form["starts_on"].value()) == ("Semester ganjil", "2027-07-12")
    assert not Season.objects.exists()


def test_the_rules_of_a_season_stand_in_their_form_again(client: Client, planner: User) -> None:
    season = make_season()
    page = reverse("drives:season_edit", args=[season.pk])

    sent_too_late(client, page, {"name": "Semester genap", "minutes_per_person": "7"})
    client.force_login(planner)

    assert client.get(page).context["form"]["minutes_per_person"].value() == "7"
    season.refresh_from_db()
    assert season.minutes_per_person == 10


def test_what_counts_how_much_stands_in_its_form_again(client: Client, planner: User) -> None:
    page = reverse("drives:season_arrange", args=[make_season().pk])

    sent_too_late(client, page, {"weight_younger": "40"})
    client.force_login(planner)

    assert client.get(page).context["form"]["weight_younger"].value() == "40"


def test_a_request_stands_in_its_form_again(client: Client, clerk: User, school: School) -> None:
    page = reverse("drives:request_add", args=[school.pk])

    sent_too_late(client, page, {"days": ["2027-02-01", "2027-02-02"], "text": "Sesudah ujian."})
    client.force_login(clerk)
    form = client.get(page).context["form"]

    assert (form["days"].value(), form["text"].value()) == (["2027-02-01", "2027-02-02"], "Sesudah ujian.")
    assert not DriveRequest.objects.exists()


def test_an_answer_to_a_request_stands_open_in_its_form_again(client: Client, planner: User, school: School) -> None:
    found = actions.ask(school=school, days=[date(2027, 2, 1)], by=UserFactory(school_admin=school), now=NOW)
    page, action = (reverse(f"drives:{name}", args=[found.pk]) for name in ("drive_request", "request_decline"))

    sent_too_late(client, page, {"text": "Alat sedang diperbaiki."}, action=action)
    client.force_login(planner)
    shown = client.get(page)

    assert (shown.status_code, shown.context["opened"]) == (200, "decline")
    assert shown.context["forms"]["decline"]["text"].value() == "Alat sedang diperbaiki."
    found.refresh_from_db()
    assert found.state == DriveRequest.State.ASKED


def test_lesson_hours_stand_in_their_table_again(client: Client, clerk: User, school: School) -> None:
    page = reverse("drives:bell_times", args=[school.npsn])
    field = next(iter(client.get(page).context["form"].fields))

    sent_too_late(client, page, {field: "06.45–14.15"})
    client.force_login(clerk)

    assert client.get(page).context["form"][field].value() == "06.45–14.15"
    assert not BellTime.objects.exists()

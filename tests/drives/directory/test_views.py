"""The list of schools and a school's page: figures within scope, and as many questions for three as for one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from schools.models import Office, School, User
from tests.factories import (
    CityFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DukcapilStatusFactory,
    OfficeFactory,
    PersonFactory,
    RegionFactory,
    SchoolFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return OfficeFactory()


@pytest.fixture
def planner(client: Client, office: Office) -> User:
    user = UserFactory(planner=office)
    client.force_login(user)
    return user


def with_students(name: str, *, recorded: int = 0, needing: int = 0, **facts: object) -> School:
    school: School = SchoolFactory(name=name, **facts)
    group = ClassGroupFactory(school=school)
    for place in range(recorded + needing):
        person = PersonFactory(enrolled=group)
        if place < recorded:
            DukcapilStatusFactory(person=person)
    return school


def shown(client: Client, query: str = "") -> list[str]:
    return [row.school.name for row in client.get(f"/schools/{query}").context["rows"]]


def test_the_list_counts_students_recorded_and_left(client: Client, planner: User) -> None:
    school = with_students("SMAN 55 Jakarta", recorded=2, needing=3)
    day = timezone.localdate() + timedelta(days=4)
    DriveDayFactory(drive=DriveFactory(school=school), day=day)

    (row,) = client.get("/schools/").context["rows"]

    figures = row.figures
    assert (figures.students, figures.recorded, figures.needing, figures.next_day) == (5, 2, 3, day)


def test_schools_stand_in_the_order_of_their_numbers(client: Client, planner: User) -> None:
    for number in (103, 55, 8):
        SchoolFactory(name=f"SMAN {number} Jakarta")

    assert shown(client) == ["SMAN 8 Jakarta", "SMAN 55 Jakarta", "SMAN 103 Jakarta"]


def test_filters_live_in_the_address(client: Client, planner: User) -> None:
    tebet = RegionFactory(code="31.74.01", name="Tebet")
    with_students("SMAN 8 Jakarta", needing=1, district=tebet)
    with_students("SMAN 55 Jakarta", recorded=1)
    SchoolFactory(name="SMK Nusantara", kind="SMK")

    assert shown(client, "?q=sman+8+jkt") == ["SMAN 8 Jakarta"]
    assert shown(client, "?district=31.74.01") == ["SMAN 8 Jakarta"]
    assert shown(client, "?kind=SMK") == ["SMK Nusantara"]
    assert shown(client, "?state=needing") == ["SMAN 8 Jakarta"]
    assert shown(client, "?state=done") == ["SMAN 55 Jakarta"]
    assert shown(client, "?state=without_roster") == ["SMK Nusantara"]
    assert shown(client, "?state=scheduled") == []


@pytest.mark.parametrize("query", ["?page=abc", "?page=-1", "?page=999999999999", "?kind=xx&state=yy"])
def test_an_address_that_makes_no_sense_filters_nothing(client: Client, planner: User, query: str) -> None:
    SchoolFactory(name="SMAN 8 Jakarta")

    assert shown(client, query) == ["SMAN 8 Jakarta"]


def test_an_empty_list_says_why(client: Client, planner: User) -> None:
    assert "Belum ada sekolah" in client.get("/schools/").content.decode()
    assert "Tidak ada sekolah yang cocok" in client.get("/schools/?q=zzz").content.decode()


def test_another_offices_schools_are_not_in_the_list(client: Client, planner: User) -> None:
    elsewhere = OfficeFactory(name="Sudin Jakarta Timur", region=CityFactory(code="31.75", name="Jakarta Timur"))
    foreign = SchoolFactory(office=elsewhere)

    assert shown(client) == []
    assert client.get(f"/schools/{foreign.npsn}/").status_code == 404


def test_an_administrator_of_the_system_sees_no_figure_about_persons(client: Client, office: Office) -> None:
    school = with_students("SMAN 55 Jakarta", needing=3)
    client.force_login(UserFactory(system_admin=office))

    listed, page = client.get("/schools/"), client.get(f"/schools/{school.npsn}/")

    assert (listed.context["has_figures"], "classes" in page.context) == (False, False)
    assert "XI MERDEKA" not in page.content.decode()


def test_a_school_is_led_to_its_own_page(client: Client) -> None:
    school = SchoolFactory()
    client.force_login(UserFactory(school_admin=school))

    assert client.get("/schools/").headers["Location"] == f"/schools/{school.npsn}/"


def test_the_list_asks_as_much_for_three_as_for_one(
    client: Client, planner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with_students("SMAN 1 Jakarta", needing=1)
    with django_assert_num_queries(12):
        client.get("/schools/")
    with_students("SMAN 2 Jakarta", needing=2)
    with_students("SMAN 3 Jakarta", recorded=1)
    with django_assert_num_queries(12):
        client.get("/schools/")


def test_a_schools_page_asks_as_much_for_three_classes_as_for_one(
    client: Client, planner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    school = with_students("SMAN 55 Jakarta", needing=1)
    with django_assert_num_queries(21):
        client.get(f"/schools/{school.npsn}/")
    ClassGroupFactory.create_batch(2, school=school)
    with django_assert_num_queries(21):
        client.get(f"/schools/{school.npsn}/")


def test_the_newest_school_years_classes_are_shown_with_who_leads_them(client: Client, planner: User) -> None:
    school = SchoolFactory()
    ClassGroupFactory(school=school, school_year=2025, name="X 1")
    ClassGroupFactory(school=school, name="XI 1", homeroom_name="Siti Aminah", homeroom_phone="+6281234567890")

    page = client.get(f"/schools/{school.npsn}/")

    assert [group.name for group in page.context["classes"]] == ["XI 1"]
    assert 'href="https://wa.me/6281234567890"' in page.content.decode()
    assert 'href="tel:+6281234567890"' in page.content.decode()


def test_a_homeroom_teacher_is_noted(client: Client, planner: User) -> None:
    group = ClassGroupFactory()
    facts = {"homeroom_name": "Siti Aminah", "homeroom_email": "siti@sekolah.example", "homeroom_phone": "0812 3456 7890"}

    answer = client.post(f"/classes/{group.pk}/edit/", facts)

    group.refresh_from_db()
    assert answer.headers["Location"] == f"/schools/{group.school.npsn}/"
    assert (group.homeroom_name, group.homeroom_email, group.homeroom_phone) == (
        "Siti Aminah",
        "siti@sekolah.example",
        "+6281234567890",
    )


@pytest.mark.parametrize(
    ("field", "value"), [("homeroom_email", "bukan"), ("homeroom_phone", "bukan"), ("homeroom_name", "x" * 121)]
)
def test_what_reaches_nobody_is_refused(client: Client, planner: User, field: str, value: str) -> None:
    group = ClassGroupFactory()

    answer = client.post(f"/classes/{group.pk}/edit/", {field: value})

    assert answer.status_code == 422
    assert "jb-errors" in answer.content.decode()


def test_a_schools_page_leads_the_planner_to_the_check_in_siak_and_the_school_not(client: Client, planner: User) -> None:
    school = with_students("SMAN 55 Jakarta", needing=1)
    link = f"/schools/{school.pk}/check-list/"
    of_planner = client.get(f"/schools/{school.npsn}/").content.decode()
    client.force_login(UserFactory(school_admin=school))
    of_school = client.get(f"/schools/{school.npsn}/").content.decode()

    assert link in of_planner
    assert link not in of_school

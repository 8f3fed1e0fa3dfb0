"""The list of students and a student's page: scope, the hidden number, what is noted, and addresses that make no sense."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from drives.models import Appointment, DukcapilStatus
from schools.models import AuditEntry, Office, School, User
from students.consents import actions as consents
from students.consents.wording import CURRENT
from students.models import Person
from tests.factories import (
    NOW,
    AppointmentFactory,
    CityFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    DukcapilStatusFactory,
    OfficeFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db

NIK = "3174084106099001"


@pytest.fixture
def office() -> Office:
    return OfficeFactory()


@pytest.fixture
def school(office: Office) -> School:
    return SchoolFactory(office=office, name="SMAN 55 Jakarta")


@pytest.fixture
def planner(client: Client, office: Office) -> User:
    user = UserFactory(planner=office)
    client.force_login(user)
    return user


def pupil(school: School, name: str = "ANINDYA PUTRI", **facts: Any) -> Person:
    group = facts.pop("group", None) or ClassGroupFactory(school=school)
    person: Person = PersonFactory(name=name, enrolled=group, **facts)
    return person


def page_of(person: Person) -> str:
    return f"/students/{person.pk}/"


def names(client: Client, query: str = "") -> list[str]:
    return [line.person.name for line in client.get(f"/students/{query}").context["lines"]]


def test_filters_live_in_the_address(client: Client, planner: User, school: School) -> None:
    group = ClassGroupFactory(school=school, name="XI MERDEKA 1")
    pupil(school, "ADE ROSMAN", group=group, nisn="0090000001")
    recorded = pupil(SchoolFactory(name="SMAN 8 Jakarta"), "BUDI SANTOSO")
    DukcapilStatusFactory(person=recorded)

    assert names(client) == ["ADE ROSMAN", "BUDI SANTOSO"]
    assert names(client, "?q=rosman+ade") == ["ADE ROSMAN"]
    assert names(client, "?q=00900") == ["ADE ROSMAN"]
    assert names(client, f"?school={school.npsn}&class=XI+MERDEKA+1") == ["ADE ROSMAN"]
    assert names(client, f"?school={school.npsn}&class=XII") == []
    assert names(client, "?view=recorded") == ["BUDI SANTOSO"]


@pytest.mark.parametrize(
    "query",
    ["?after=abc", "?after=0199f5d2-0000-7000-8000-000000000000", "?view=xx", "?school=", "?class=+", "?q=+++"],
)
def test_an_address_that_makes_no_sense_filters_nothing(client: Client, planner: User, school: School, query: str) -> None:
    pupil(school, "ADE ROSMAN")

    assert names(client, query) == ["ADE ROSMAN"]


@pytest.mark.parametrize("query", ["?class=ZZ", "?q=zzz", "?q=%F0%9F%98%80x"])
def test_an_empty_list_says_why(client: Client, planner: User, school: School, query: str) -> None:
    pupil(school, "ADE ROSMAN")

    assert "Tidak ada yang cocok" in client.get(f"/students/{query}").content.decode()


def test_before_the_first_roster_the_list_says_where_students_come_from(client: Client, planner: User) -> None:
    assert "Dapodik" in client.get("/students/").content.decode()


def test_a_school_of_another_office_cannot_be_asked_for(client: Client, planner: User, foreign: Person) -> None:
    assert foreign.school
    assert client.get(f"/students/?school={foreign.school.npsn}").status_code == 404
    assert names(client) == []


@pytest.fixture
def foreign() -> Person:
    city = CityFactory(code="31.75", name="Kota Administrasi Jakarta Timur", search_name="KOTA ADMINISTRASI JAKARTA TIMUR")
    elsewhere = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Timur", region=city)
    return pupil(SchoolFactory(office=elsewhere), "ORANG LAIN", nik="3175014106099001")


def test_a_pupil_of_another_office_does_not_exist(client: Client, planner: User, foreign: Person) -> None:
    answers = [
        client.get(page_of(foreign)),
        client.post(page_of(foreign) + "edit/", {"phone": "", "places_needed": "1"}),
        client.post(page_of(foreign) + "reveal/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert not AuditEntry.objects.exists()


def test_a_school_sees_its_own_pupils_alone(client: Client, school: School) -> None:
    own, other = pupil(school, "ANAK SENDIRI"), pupil(SchoolFactory(office=school.office), "ANAK TETANGGA", nik=NIK)
    client.force_login(UserFactory(school_admin=school))

    assert names(client) == ["ANAK SENDIRI"]
    assert client.get(page_of(own)).status_code == 200
    assert [client.get(page_of(other)).status_code, client.post(page_of(other) + "reveal/").status_code] == [404, 404]


@pytest.mark.parametrize("role", ["official", "operator", "system_admin"])
def test_who_needs_no_list_of_persons_finds_none(client: Client, office: Office, school: School, role: str) -> None:
    person = pupil(school, nik=NIK)
    client.force_login(UserFactory(**{role: office}))

    answers = [
        client.get("/students/"),
        client.get(page_of(person)),
        client.post(page_of(person) + "edit/", {"phone": "", "places_needed": "2"}),
        client.post(page_of(person) + "reveal/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]


def test_no_page_shows_a_nik_that_nobody_asked_for(client: Client, planner: User, school: School) -> None:
    person = pupil(school, nik=NIK)

    shown = [client.get(path).content.decode() for path in ("/students/", page_of(person))]

    assert [NIK in text for text in shown] == [False, False]
    assert "3174••••••••••••" in shown[1]


def test_a_reveal_is_noted_and_kept_by_no_cache(client: Client, planner: User, school: School) -> None:
    person = pupil(school, nik=NIK)

    answer = client.post(page_of(person) + "reveal/")

    note = AuditEntry.objects.get()
    assert NIK in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert (note.action, note.subject_id, note.by, note.school, note.detail) == ("revealed", person.pk, planner, school, {})
    assert client.get(page_of(person) + "reveal/").status_code == 405


def test_where_there_is_no_nik_nothing_is_revealed(client: Client, planner: User, school: School) -> None:
    person = pupil(school)

    assert client.post(page_of(person) + "reveal/")["Location"] == page_of(person)
    assert not AuditEntry.objects.exists()


def test_every_look_at_a_page_is_noted(client: Client, planner: User, school: School) -> None:
    person = pupil(school)

    for _ in range(2):
        client.get(page_of(person))

    seen = AuditEntry.objects.values_list("action", "subject", "subject_id", "by", "office")
    assert list(seen) == [("viewed", "students.Person", person.pk, planner.pk, school.office_id)] * 2


def test_phone_and_time_are_changed_and_nothing_else(client: Client, planner: User, school: School) -> None:
    person = pupil(school)

    answer = client.post(page_of(person) + "edit/", {"phone": "0812 3456 7890", "places_needed": "2", "name": "LAIN"})

    person.refresh_from_db()
    assert answer["Location"] == page_of(person)
    assert (person.phone, person.places_needed, person.name) == ("+6281234567890", 2, "ANINDYA PUTRI")


@pytest.mark.parametrize("wrong", [{"phone": "12"}, {"places_needed": "4"}, {"places_needed": ""}, {"places_needed": "banyak"}])
def test_what_cannot_be_is_said_beside_the_field(client: Client, planner: User, school: School, wrong: dict[str, str]) -> None:
    person = pupil(school)

    answer = client.post(page_of(person) + "edit/", {"phone": "", "places_needed": "2"} | wrong)

    person.refresh_from_db()
    assert (answer.status_code, person.places_needed) == (422, 1)
    assert list(answer.context["form"].errors) == list(wrong)


def test_the_form_is_one_form(client: Client, planner: User, school: School) -> None:
    """A form within a form would leave the button outside, and nothing would be saved."""
    page = client.get(page_of(pupil(school))).content.decode()

    within = page.split("edit/")[1].split("</form>")[0]
    assert ("<form" in within, 'type="submit"' in within, within.count("csrfmiddlewaretoken")) == (False, True, 1)


def test_the_page_tells_the_story_newest_first(client: Client, planner: User, school: School) -> None:
    person = pupil(school)
    drive = DriveFactory(school=school, status="published", published_at=NOW)
    DukcapilStatusFactory(person=person, status="UNREGISTERED", dated_on=date(2026, 11, 2))
    earlier = DriveFactory(school=school, status="closed", published_at=NOW)
    VisitFactory(
        drive=earlier, person=person, state="absent", reason="sick", state_on=date(2026, 11, 5), state_at=NOW - timedelta(15)
    )
    slot = TimeslotFactory(session=DriveSessionFactory(drive_day=DriveDayFactory(drive=drive)))
    moved = AppointmentFactory(timeslot=slot, person=person)
    Appointment.objects.filter(pk=moved.pk).update(ending="moved", ended_at=NOW)
    AppointmentFactory(timeslot=slot, person=person)
    VisitFactory(drive=drive, person=person)

    moments = client.get(page_of(person)).context["moments"]

    assert [(moment.title, moment.is_ahead) for moment in moments] == [
        ("Terjadwal", True),
        ("Dipindahkan", False),
        ("Tidak hadir", False),
        ("Belum rekam", False),
        (f"{school}, {person.enrolments.get().class_group}", False),
    ]
    assert moments[2].detail == f"{school}, Kamis, 5 November 2026, Sakit"


def test_a_school_does_not_read_of_a_draft(client: Client, school: School) -> None:
    person = pupil(school)
    AppointmentFactory(timeslot=TimeslotFactory(session__drive_day__drive=DriveFactory(school=school)), person=person)
    client.force_login(UserFactory(school_admin=school))

    assert "Terjadwal" not in [moment.title for moment in client.get(page_of(person)).context["moments"]]


def test_who_moved_school_keeps_the_story(client: Client, planner: User, school: School) -> None:
    person = pupil(school)
    person.enrolments.update(ends_on=date(2026, 10, 1), end_reason="moved")

    moments = client.get(page_of(person)).context["moments"]

    assert [moment.detail for moment in moments] == ["13 Juli 2026 sampai 1 Oktober 2026: pindah sekolah"]


def test_a_planner_is_led_to_note_a_status_and_a_school_is_not(client: Client, planner: User, school: School) -> None:
    person = pupil(school)
    address = f"/statuses/enter/{person.pk}/"

    of_planner = client.get(page_of(person)).content.decode()
    client.force_login(UserFactory(school_admin=school))
    of_school = client.get(page_of(person)).content.decode()

    assert (address in of_planner, "Catat status Dukcapil" in of_planner, address in of_school) == (True, True, False)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("rows", [1, 3])
def test_three_rows_cost_as_much_as_one(
    client: Client, planner: User, school: School, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for number in range(rows):
        person = pupil(SchoolFactory(office=school.office) if number else school, f"SISWA {number}")
        DukcapilStatusFactory(person=person)
        slot = TimeslotFactory(session__drive_day__drive=DriveFactory(school=school))
        VisitFactory(drive=slot.drive, person=person)

    with django_assert_num_queries(12):
        answer = client.get("/students/")

    assert len(answer.context["lines"]) == rows


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_long_story_costs_as_much_as_a_short_one(
    client: Client, planner: User, school: School, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    person = pupil(school, nik=NIK)
    for number in range(rows):
        drive = DriveFactory(school=SchoolFactory(office=school.office), status="published", published_at=NOW)
        VisitFactory(drive=drive, person=person, state="absent", state_on=NOW.date(), state_at=NOW)
        AppointmentFactory(timeslot=TimeslotFactory(session__drive_day__drive=drive), person=person)
        DukcapilStatusFactory(person=person, status="UNREGISTERED", dated_on=date(2026, 11, 1) + timedelta(number))

    with django_assert_num_queries(17):
        answer = client.get(page_of(person))

    assert len(answer.context["moments"]) == 3 * rows + 1
    assert DukcapilStatus.objects.count() == rows


def test_a_nik_typed_into_the_search_leaves_no_trace_in_the_address(client: Client, planner: User) -> None:
    response = client.get("/students/?q=3174014106099001&view=recorded")

    assert (response.status_code, response["Location"]) == (302, "/students/")
    assert "NIK tidak dicari di sini" in client.get("/students/").content.decode()


# Parents' consent


def test_consent_is_shown_only_where_the_office_asks_for_it(client: Client, planner: User, school: School) -> None:
    person = pupil(school)
    before = client.get(page_of(person)).content.decode()
    Office.objects.filter(pk=school.office_id).update(consent_required=True)

    after = client.get(page_of(person)).content.decode()

    address = f"/consents/{person.pk}/"
    assert ("Persetujuan orang tua" in before, address in before) == (False, False)
    assert ("Belum ada" in after, address in after) == (True, True)


def test_the_standing_consent_is_the_newest(client: Client, planner: User, school: School) -> None:
    Office.objects.filter(pk=school.office_id).update(consent_required=True)
    person = pupil(school)
    facts: dict[str, Any] = {"given_by": "SITI AMINAH", "by": planner, "now": NOW}
    consents.give(persons=[person], relation="mother", wording_version=CURRENT.version, channel="paper", **facts)
    given = client.get(page_of(person)).context["consent"]
    consents.withdraw(person=person, **facts)

    answer = client.get(page_of(person))

    assert (given.is_given, answer.context["consent"].is_given) == (True, False)
    assert "Ditarik" in answer.content.decode()


def test_a_lead_operator_reads_of_consent_and_is_not_led_to_it(client: Client, school: School) -> None:
    Office.objects.filter(pk=school.office_id).update(consent_required=True)
    person = pupil(school)
    client.force_login(UserFactory(lead_operator=school.office))

    page = client.get(page_of(person)).content.decode()

    assert ("Belum ada" in page, f"/consents/{person.pk}/" in page) == (True, False)

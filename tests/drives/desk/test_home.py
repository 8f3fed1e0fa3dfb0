"""The first page: what waits for whom, worst first; a row with nothing in it does not exist."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from drives.models import CheckList, Drive, Notice, StatusImport
from drives.statuses.review import counts
from schools.models import Grant, Office, Role, School, User
from students.models import RosterRow, RosterUpload
from tests.factories import (
    NOW,
    TODAY,
    AppointmentFactory,
    CityFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    DukcapilStatusFactory,
    KitDutyFactory,
    KitFactory,
    OfficeFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]

TUESDAY = date(2026, 11, 24)


@pytest.fixture
def friday() -> Any:
    """It is Friday, 20 November 2026, ten in the morning in Jakarta."""
    with time_machine.travel(NOW, tick=False):
        yield


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


@pytest.fixture
def school_admin(client: Client, school: School) -> User:
    user = UserFactory(school_admin=school)
    client.force_login(user)
    return user


def todos(client: Client) -> list[tuple[int, str]]:
    return [(todo.count, todo.title) for todo in client.get("/").context["todos"]]


def drive_at(school: School, day: date = TUESDAY, *, status: str = "published", **facts: Any) -> Drive:
    drive: Drive = DriveFactory(school=school, status=status, published_at=None if status == "draft" else NOW, **facts)
    TimeslotFactory(session=DriveSessionFactory(drive_day=DriveDayFactory(drive=drive, day=day)))
    return drive


def upload_of(school: School, *, status: str = "review", age: int = 0, filename: str = "daftar.xlsx") -> RosterUpload:
    return RosterUpload.objects.create(
        school=school,
        office=school.office,
        created_at=timezone.now() - timedelta(days=age),
        filename=filename,
        file_digest=filename.encode(),
        status=status,
        counts=dict.fromkeys([*RosterRow.Section.values, "without_nik", "ready", "rows"], 0),
    )


@pytest.mark.parametrize(
    ("role", "address"),
    [("operator", "/today/"), ("lead_operator", "/today/"), ("official", "/coverage/"), ("system_admin", "/users/")],
)
def test_who_has_a_page_of_their_own_is_led_there(client: Client, office: Office, role: str, address: str) -> None:
    client.force_login(UserFactory(**{role: office}))

    assert client.get("/")["Location"] == address


def test_who_has_no_role_yet_sees_the_own_profile(client: Client) -> None:
    client.force_login(UserFactory())

    assert client.get("/")["Location"] == "/profile/"


@pytest.mark.usefixtures("planner")
def test_where_nothing_waits_no_row_is_left(client: Client) -> None:
    page = client.get("/")

    assert page.context["todos"] == []
    assert "Tidak ada yang menunggu" in page.content.decode()


@pytest.mark.usefixtures("planner")
def test_students_without_a_place_are_counted_for_each_drive(client: Client, school: School) -> None:
    group = ClassGroupFactory(school=school)
    drive = drive_at(school, grades=[11])
    waiting, placed, seen, recorded, _too_young = (
        PersonFactory(enrolled=group, birth_date=birth)
        for birth in [date(2010, 11, 24), *[date(2009, 6, 1)] * 3, date(2010, 11, 25)]
    )
    PersonFactory(enrolled=ClassGroupFactory(school=school, grade=10, name="X 1"))
    DukcapilStatusFactory(person=recorded)
    AppointmentFactory(timeslot=drive.timeslots.get(), person=placed)
    VisitFactory(drive=drive, person=seen, state="declined", state_on=TODAY, state_at=NOW)
    later = drive_at(school, TUESDAY + timedelta(days=7), status="draft", grades=[10])

    found = client.get("/").context["todos"]

    assert waiting.recorded_on is None
    assert [(todo.count, todo.title, todo.url, todo.urgency) for todo in found] == [
        (1, "siswa belum terjadwal", f"/drives/{drive.pk}/", 1),
        (1, "siswa belum terjadwal", f"/drives/{later.pk}/", 1),
    ]
    assert found[0].detail == "SMAN 55 Jakarta, kegiatan mulai Selasa, 24 November 2026"


@pytest.mark.usefixtures("planner")
def test_two_days_before_a_drive_it_becomes_urgent(client: Client, school: School) -> None:
    PersonFactory(enrolled=ClassGroupFactory(school=school))
    drive_at(school, TODAY + timedelta(days=2))
    drive_at(SchoolFactory(office=school.office), TODAY + timedelta(days=1))

    (todo,) = client.get("/").context["todos"]

    assert (todo.urgency, todo.chip, todo.tone) == (0, "Mendesak", "stop")


@pytest.mark.usefixtures("planner")
def test_everything_of_the_office_is_there_the_worst_first_and_every_link_leads_on(client: Client, school: School) -> None:
    everything_waits(school)

    found = client.get("/").context["todos"]

    assert [(todo.urgency, todo.count, todo.title) for todo in found] == [
        (0, 1, "hasil saling bertentangan"),
        (1, 2, "unggahan perlu diperiksa"),
        (1, 1, "siswa belum terjadwal"),
        (1, 1, "hari kegiatan belum ditutup"),
        (1, 1, "hasil pencocokan SIAK belum diimpor"),
        (1, 1, "pemberitahuan gagal terkirim"),
        (2, 1, "siswa genap 17 tahun minggu ini"),
    ]
    assert [client.get(todo.url).status_code for todo in found] == [200] * 7


@pytest.mark.usefixtures("planner")
def test_a_planner_who_also_leads_closes_a_day_from_here(client: Client, planner: User, office: Office) -> None:
    day = drive_at(SchoolFactory(office=office), date(2026, 11, 17)).days.get()
    (before,) = client.get("/").context["todos"]
    Grant.objects.create(user=planner, role=Role.LEAD_OPERATOR, office=office, starts_on=TODAY)
    (after,) = client.get("/").context["todos"]

    assert [(todo.verb, todo.url) for todo in (before, after)] == [
        ("Lihat", f"/drives/{day.drive_id}/live/"),
        ("Tutup hari", f"/today/{day.pk}/close/"),
    ]
    assert [client.get(todo.url).status_code for todo in (before, after)] == [200, 200]


def everything_waits(school: School) -> None:
    group = ClassGroupFactory(school=school)
    PersonFactory(enrolled=group)
    turned = PersonFactory(enrolled=group, birth_date=date(2009, 11, 18))
    DukcapilStatusFactory(person=turned)
    drive_at(school)
    past = drive_at(SchoolFactory(office=school.office), date(2026, 11, 17))
    VisitFactory(drive=past, has_conflict=True, state="recorded", state_on=date(2026, 11, 17), state_at=NOW)
    upload_of(school, age=1)
    upload_of(SchoolFactory(office=school.office), age=3)
    CheckList.objects.create(office=school.office, school=school, taken_at=NOW - timedelta(days=2), person_count=3)
    Notice.objects.create(
        kind=Notice.Kind.PUBLISHED,
        channel=Notice.Channel.EMAIL,
        subject_kind=Notice.Subject.SCHOOL,
        subject_id=school.pk,
        recipient="sekolah@sekolah.example",
        drive=past,
        school=school,
        office=school.office,
        created_at=NOW,
        due_at=NOW,
        failed_at=NOW,
    )


@pytest.mark.usefixtures("planner")
def test_another_offices_work_is_not_ours(client: Client) -> None:
    city = CityFactory(code="31.75", name="Kota Administrasi Jakarta Timur", search_name="KOTA ADMINISTRASI JAKARTA TIMUR")
    elsewhere = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Timur", region=city)
    everything_waits(SchoolFactory(office=elsewhere))

    page = client.get("/")

    assert (page.context["todos"], page.context["next_drives"]) == ([], [])


@pytest.mark.usefixtures("planner")
def test_a_result_that_came_back_ends_the_waiting_and_an_old_list_waits_for_nothing(client: Client, school: School) -> None:
    other = SchoolFactory(office=school.office)
    CheckList.objects.create(office=school.office, school=school, taken_at=NOW - timedelta(days=2), person_count=3)
    CheckList.objects.create(office=school.office, school=other, taken_at=NOW - timedelta(days=31), person_count=3)
    before = todos(client)
    StatusImport.objects.create(
        office=school.office, created_at=NOW, filename="hasil.csv", counts=counts([]), status="applied", approved_at=NOW
    )

    assert (before, todos(client)) == ([(1, "hasil pencocokan SIAK belum diimpor")], [])


@pytest.mark.usefixtures("planner")
@pytest.mark.parametrize("drives", [1, 3])
def test_three_drives_cost_a_planner_as_much_as_one(
    client: Client, school: School, django_assert_num_queries: DjangoAssertNumQueries, drives: int
) -> None:
    for number in range(drives):
        each = SchoolFactory(office=school.office)
        everything_waits(each)
        KitDutyFactory(kit=KitFactory(name=f"Alat {number}"), drive_day=DriveDayFactory(drive=drive_at(each, TODAY)))

    with django_assert_num_queries(22):
        page = client.get("/")

    assert len([todo for todo in page.context["todos"] if todo.title == "siswa belum terjadwal"]) >= drives


@pytest.mark.usefixtures("school_admin")
def test_a_school_without_students_is_asked_for_its_roster(client: Client) -> None:
    (todo,) = client.get("/").context["todos"]

    assert (todo.count, todo.title, todo.url) == (0, "Daftar siswa belum masuk", "/rosters/")


@pytest.mark.usefixtures("school_admin")
def test_a_school_reads_what_to_repair_and_every_link_leads_on(client: Client, school: School) -> None:
    something_to_repair(school)

    found = client.get("/").context["todos"]

    assert [(todo.urgency, todo.count, todo.title) for todo in found] == [
        (1, 2, "siswa belum mempunyai NIK yang dapat dipakai"),
        (1, 1, "unggahan perlu diperiksa"),
        (1, 1, "baris daftar siswa perlu diperbaiki"),
        (2, 1, "kelas belum mempunyai surel wali kelas"),
        (2, 1, "siswa sudah terjadwal"),
    ]
    assert [client.get(todo.url).status_code for todo in found] == [200] * 5


def something_to_repair(school: School) -> None:
    group = ClassGroupFactory(school=school)
    ClassGroupFactory(school=school, school_year=2025)
    ClassGroupFactory(school=school, name="KOSONG")
    PersonFactory(enrolled=group)
    placed = PersonFactory(enrolled=group)
    AppointmentFactory(timeslot=drive_at(school).timeslots.get(), person=placed)
    applied = upload_of(school, status="applied", age=5, filename="lama.xlsx")
    RosterRow.objects.create(upload=applied, row_number=7, section="held", school=school, office=school.office)
    upload_of(school, age=1)


@pytest.mark.usefixtures("school_admin")
def test_a_school_sees_no_draft_among_the_next_drives(client: Client, school: School) -> None:
    published, _draft = drive_at(school), drive_at(school, TUESDAY + timedelta(days=7), status="draft")

    (entry,) = client.get("/").context["next_drives"]

    assert (entry.drive, entry.taken, entry.places, entry.span) == (published, 0, 20, "Sel")


@pytest.mark.usefixtures("school_admin")
@pytest.mark.parametrize("drives", [1, 3])
def test_three_drives_cost_a_school_as_much_as_one(
    client: Client, school: School, django_assert_num_queries: DjangoAssertNumQueries, drives: int
) -> None:
    group = ClassGroupFactory(school=school)
    for number in range(drives):
        drive = drive_at(school, TUESDAY + timedelta(days=number))
        AppointmentFactory(timeslot=drive.timeslots.get(), person=PersonFactory(enrolled=group))

    with django_assert_num_queries(17):
        page = client.get("/")

    assert len([todo for todo in page.context["todos"] if todo.title == "siswa sudah terjadwal"]) == drives

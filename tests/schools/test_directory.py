"""Schools by hand, and closed days: who may, what is refused, and nothing twice."""

import pytest
import time_machine
from django.test import Client
from django.utils.html import escape

from schools.models import Closure, Office, School, User
from tests.factories import CityFactory, OfficeFactory, RegionFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday() -> object:
    with time_machine.travel("2026-11-20T08:00:00+07:00", tick=False) as moment:
        yield moment


@pytest.fixture
def office() -> Office:
    return OfficeFactory()


@pytest.fixture
def planner(client: Client, office: Office) -> User:
    user = UserFactory(planner=office)
    client.force_login(user)
    return user


def madrasah(**changes: object) -> dict[str, object]:
    return {
        "npsn": "20177001",
        "name": "MAN 7  Jakarta",
        "kind": "MA",
        "ownership": "state",
        "district": "31.74.08",
        "address": "",
        "principal_name": "",
        "contact_name": "",
        "email": "tu@man7.example",
        "phone": "0812 3456 7890",
    } | changes


def closed(**changes: object) -> dict[str, object]:
    return {"effect": "closed", "starts_on": "2026-12-01", "ends_on": "2026-12-04", "grades": ["12"], "reason": "Ujian"} | changes


def test_a_madrasah_is_added_by_hand_and_found(client: Client, planner: User, office: Office) -> None:
    RegionFactory()

    answer = client.post("/schools/add/", madrasah())

    school = School.objects.get(npsn="20177001")
    assert answer.headers["Location"] == "/schools/20177001/"
    assert (school.name, school.office, school.phone) == ("MAN 7 Jakarta", office, "+6281234567890")
    assert list(School.objects.matching("man 7")) == [school]


def test_a_school_is_added_once(client: Client, planner: User) -> None:
    RegionFactory()

    answers = [client.post("/schools/add/", madrasah()).status_code for _ in range(2)]

    assert answers == [302, 422]
    assert School.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"npsn": "123"}, "NPSN terdiri"),
        ({"npsn": ""}, "Bidang ini tidak boleh kosong."),
        ({"district": "31.75.01"}, "Masukkan pilihan yang valid"),
        ({"district": "\x00"}, "district"),
        ({"kind": "TK"}, "TK"),
        ({"phone": "12"}, "Tulis nomor telepon Indonesia"),
        ({"email": "bukan"}, "alamat email"),
        ({"name": "x" * 121}, "120"),
    ],
)
def test_a_school_that_cannot_be_is_refused(client: Client, planner: User, changes: dict[str, object], sentence: str) -> None:
    RegionFactory()
    RegionFactory(code="31.75.01", name="Matraman", parent=CityFactory(code="31.75", name="Jakarta Timur"))

    answer = client.post("/schools/add/", madrasah(**changes))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not School.objects.exists()


def test_a_school_changes_its_contacts_and_nothing_else(client: Client) -> None:
    school = SchoolFactory(npsn="20102575", name="SMAN 55 Jakarta")
    client.force_login(UserFactory(school_admin=school))

    client.post("/schools/20102575/edit/", madrasah(email="baru@sman55.example"))

    school.refresh_from_db()
    assert (school.npsn, school.name, school.email) == ("20102575", "SMAN 55 Jakarta", "baru@sman55.example")


def test_closed_days_are_noted_once(client: Client, planner: User) -> None:
    school = SchoolFactory()

    answers = [client.post(f"/schools/{school.npsn}/closures/add/", closed()).status_code for _ in range(2)]

    noted = Closure.objects.get()
    assert answers == [302, 302]
    assert (noted.school, noted.grades, noted.effect, noted.reason) == (school, [12], "closed", "Ujian")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends_on": "2026-11-30"}, "Hari terakhir mendahului hari pertama."),
        ({"starts_on": "2026-11-02", "ends_on": "2026-11-03"}, "Hari itu sudah lewat."),
        ({"ends_on": "2028-01-01"}, "Lebih dari satu tahun sekaligus tidak dapat ditutup."),
        ({"starts_on": "2199-12-31", "ends_on": "2199-12-31"}, "Hari itu masih lebih dari dua tahun lagi."),
        ({"starts_on": "32-13-2026"}, "Tulis tanggal, misalnya 2026-11-24."),
        ({"grades": ["99"]}, "99"),
        ({"reason": " "}, "Bidang ini tidak boleh kosong."),
        ({"effect": "maybe"}, "maybe"),
    ],
)
def test_days_that_cannot_be_are_refused(client: Client, planner: User, changes: dict[str, object], sentence: str) -> None:
    school = SchoolFactory()

    answer = client.post(f"/schools/{school.npsn}/closures/add/", closed(**changes))

    assert answer.status_code == 422
    assert escape(sentence) in answer.content.decode()
    assert not Closure.objects.exists()


def test_a_school_closes_its_days_but_opens_no_holiday(client: Client) -> None:
    school = SchoolFactory()
    client.force_login(UserFactory(school_admin=school))

    client.post(f"/schools/{school.npsn}/closures/add/", closed(effect="open"))

    assert Closure.objects.get().effect == "closed"


def test_a_planner_opens_a_holiday_for_the_whole_office(client: Client, planner: User, office: Office) -> None:
    school = SchoolFactory()

    client.post(f"/offices/{office.pk}/closures/add/", closed(effect="open", reason="Hari kerja khusus"))

    assert [(each.effect, each.office) for each in Closure.objects.for_school(school)] == [("open", office)]


def test_a_school_cannot_strike_what_the_office_noted(client: Client, office: Office) -> None:
    school = SchoolFactory()
    days = {"starts_on": "2026-12-01", "ends_on": "2026-12-01", "reason": "Rapat"}
    of_office = Closure.objects.create(office=office, **days)
    opened = Closure.objects.create(school=school, effect="open", **days)
    own = Closure.objects.create(school=school, **days)
    client.force_login(UserFactory(school_admin=school))

    answers = [client.post(f"/closures/{closure.pk}/strike/").status_code for closure in (of_office, opened, own)]

    assert answers == [404, 404, 302]
    assert set(Closure.objects.all()) == {of_office, opened}


def test_striking_twice_says_that_it_is_gone(client: Client, planner: User) -> None:
    closure = Closure.objects.create(school=SchoolFactory(), starts_on="2026-12-01", ends_on="2026-12-01", reason="Rapat")

    answers = [client.post(f"/closures/{closure.pk}/strike/").status_code for _ in range(2)]

    assert answers == [302, 404]

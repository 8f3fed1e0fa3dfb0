"""Closed classes and hours; drives that a closure has overtaken are named and nothing is cancelled."""

from datetime import date, time, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from drives.models import Appointment, Drive, DriveDay
from drives.planning.actions import assign_everybody, create_drive, publish_drive
from drives.planning.facts import days_of, days_of_schools
from drives.schooldays.affected import affected_days
from schools.models import Closure, HolidayChange, School, User
from tests.drives.planning.pupils import FRIDAY, TUESDAY, WEDNESDAY, make_kits, make_school, plan
from tests.factories import ClassGroupFactory, OfficeFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday() -> object:
    with time_machine.travel(FRIDAY, tick=False) as moment:
        yield moment


@pytest.fixture
def school() -> School:
    return make_school({"XI MERDEKA 1": (3, 3), "XI MERDEKA 2": (2, 2)})


@pytest.fixture
def planner(client: Client, school: School) -> User:
    user = UserFactory(planner=school.office)
    client.force_login(user)
    return user


@pytest.fixture
def drive(school: School) -> Drive:
    """Published, with all ten on Tuesday."""
    make_kits(1)
    made = create_drive(school=school, plan=plan(days=(TUESDAY,), kits=1), by=None, now=FRIDAY)
    assign_everybody(drive=made, by=None, now=FRIDAY)
    return publish_drive(drive=made, by=None, now=FRIDAY)


def closed(**changes: object) -> dict[str, object]:
    return {"effect": "closed", "starts_on": "2026-11-24", "ends_on": "2026-11-24", "reason": "PKL"} | changes


def close(school: School, **changes: object) -> Closure:
    days = {"starts_on": TUESDAY, "ends_on": TUESDAY, "reason": "PKL"}
    return Closure.objects.create(school=school, **(days | changes))


def warnings(client: Client, path: str, answers: dict[str, object]) -> list[str]:
    response = client.post(path, answers)
    assert response.status_code == 302
    return [str(each) for each in get_messages(response.wsgi_request) if each.level_tag == "warning"]


# Closed classes and hours


def test_classes_and_hours_of_a_closure_are_noted(client: Client, planner: User, school: School) -> None:
    client.post(f"/schools/{school.npsn}/closures/add/", closed(class_names=["XI MERDEKA 2"], hours="07.00–09.30"))

    noted = Closure.objects.get()
    assert (noted.class_names, noted.starts_at, noted.ends_at) == (["XI MERDEKA 2"], time(7), time(9, 30))


def test_a_class_of_another_school_cannot_be_closed(client: Client, planner: User, school: School) -> None:
    ClassGroupFactory(name="XI LAIN")

    answer = client.post(f"/schools/{school.npsn}/closures/add/", closed(class_names=["XI LAIN"]))

    assert (answer.status_code, Closure.objects.count()) == (422, 0)


def test_a_special_working_day_takes_no_classes_and_no_hours(client: Client, planner: User, school: School) -> None:
    wish = closed(effect="open", class_names=["XI MERDEKA 2"], hours="07.00–09.30", grades=["11"])

    client.post(f"/schools/{school.npsn}/closures/add/", wish)

    noted = Closure.objects.get()
    assert (noted.effect, noted.grades, noted.class_names, noted.starts_at) == ("open", [], [], None)


def test_the_database_takes_both_hours_or_none(school: School) -> None:
    with pytest.raises(IntegrityError, match="closure_has_both_hours_or_none"), transaction.atomic():
        close(school, starts_at=time(8))


def test_a_closed_class_is_given_another_day(school: School) -> None:
    make_kits(1)
    close(school, class_names=["XI MERDEKA 2"])
    made = create_drive(school=school, plan=plan(days=(TUESDAY, WEDNESDAY), kits=1), by=None, now=FRIDAY)

    assign_everybody(drive=made, by=None, now=FRIDAY)

    placed = Appointment.objects.live().filter(class_group__name="XI MERDEKA 2")
    assert set(placed.values_list("timeslot__drive_day__day", flat=True)) == {WEDNESDAY}
    assert placed.count() == 4


def test_a_class_is_not_called_during_its_closed_hours(school: School) -> None:
    make_kits(1)
    close(school, class_names=["XI MERDEKA 1"], starts_at=time(7), ends_at=time(11))
    made = create_drive(school=school, plan=plan(days=(TUESDAY,), kits=1), by=None, now=FRIDAY)

    assign_everybody(drive=made, by=None, now=FRIDAY)

    starts = Appointment.objects.live().filter(class_group__name="XI MERDEKA 1").values_list("timeslot__starts_at", flat=True)
    assert len(starts) == 6
    assert min(starts).astimezone(made.office.zone).time() >= time(11)


def test_a_class_that_is_gone_closes_nobody_else(school: School) -> None:
    close(school, class_names=["XI BUBAR"])

    closure = days_of(school, since=TUESDAY).closures[0]

    assert not closure.concerns_everybody
    assert not closure.concerns("11", "")


def test_a_citys_calendars_are_read_in_five_queries(django_assert_num_queries: DjangoAssertNumQueries, school: School) -> None:
    close(school, class_names=["XI MERDEKA 1"])
    schools = list(School.objects.filter(pk__in=[school.pk, *(SchoolFactory().pk for _ in range(4))]).select_related("office"))

    with django_assert_num_queries(5):
        found = days_of_schools(schools, since=TUESDAY)

    assert {key: len(days.closures) for key, days in found.items()} == {each.pk: int(each == school) for each in schools}


# Published drives that a closure has overtaken


def test_closing_a_published_day_names_the_drive_and_cancels_nothing(
    client: Client, planner: User, school: School, drive: Drive
) -> None:
    told = warnings(client, f"/schools/{school.npsn}/closures/add/", closed())

    drive.refresh_from_db()
    named = f"{school.name} pada Selasa, 24 November 2026 (10 siswa mendapat tempat)"
    decides = "Tidak ada yang dibatalkan; perencana yang memutuskan."
    assert told == [f"1 hari kegiatan yang sudah diterbitkan terkena: {named}. {decides}"]
    assert (drive.status, Appointment.objects.live().filter(drive=drive).count()) == ("published", 10)


def test_a_school_that_closes_its_day_is_told_as_well(client: Client, school: School, drive: Drive) -> None:
    client.force_login(UserFactory(school_admin=school))

    assert len(warnings(client, f"/schools/{school.npsn}/closures/add/", closed())) == 1


def test_a_day_without_a_drive_warns_of_nothing(client: Client, planner: User, school: School, drive: Drive) -> None:
    days = {"starts_on": "2026-11-25", "ends_on": "2026-11-30"}

    assert warnings(client, f"/schools/{school.npsn}/closures/add/", closed(**days)) == []


def test_the_planners_first_page_leads_to_the_drives_on_closed_days(
    client: Client, planner: User, school: School, drive: Drive
) -> None:
    close(school)

    first = client.get("/").content.decode()
    page = client.get("/closed-days/").content.decode()

    assert "hari kegiatan terbit jatuh pada hari tutup" in first
    assert "10 siswa mendapat tempat pada waktu yang ditutup" in page
    assert f"/drives/{drive.pk}/" in page


def affected(today: date = date(2026, 11, 20)) -> list[tuple[str, int, bool]]:
    return [(str(each.reason), each.people, each.is_whole_day) for each in affected_days(DriveDay.objects.all(), today=today)]


def test_only_those_with_a_place_in_the_closed_time_count(school: School, drive: Drive) -> None:
    close(school, class_names=["XI MERDEKA 2"])

    assert affected() == [("PKL", 4, False)]


def test_a_closed_class_without_a_place_that_day_affects_nothing(school: School, drive: Drive) -> None:
    Appointment.objects.filter(class_group__name="XI MERDEKA 2").update(ending="cancelled", ended_at=FRIDAY)
    close(school, class_names=["XI MERDEKA 2"])

    assert affected() == []


def test_a_holiday_of_the_office_affects_its_schools_and_no_others(school: School, drive: Drive) -> None:
    elsewhere = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat")
    HolidayChange.objects.create(office=elsewhere, day=TUESDAY, effect="added", name="Pilkada", made_at=FRIDAY)
    assert affected() == []

    HolidayChange.objects.create(office=school.office, day=TUESDAY, effect="added", name="Pilkada", made_at=FRIDAY)

    assert affected() == [("Pilkada", 10, True)]


def test_a_day_that_is_over_or_a_draft_is_no_longer_affected(school: School, drive: Drive) -> None:
    close(school)
    over = affected(today=TUESDAY + timedelta(days=1))
    Drive.objects.update(status="draft", published_at=None)

    assert (over, affected()) == ([], [])

"""An office's calendar: its week and hours, holidays added and struck, Ramadan as decreed."""

from datetime import date, time

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.utils.html import escape

from drives.planning.calendar import DayState
from drives.planning.facts import days_of
from drives.planning.forms import first_answers
from schools.models import FastingMonth, HolidayChange, Office, School, User
from tests.drives.planning.pupils import FRIDAY
from tests.factories import OfficeFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db
EID_ESTIMATED = date(2027, 3, 10)


@pytest.fixture(autouse=True)
def friday() -> object:
    with time_machine.travel(FRIDAY, tick=False) as moment:
        yield moment


@pytest.fixture
def office() -> Office:
    return OfficeFactory()


@pytest.fixture
def planner(client: Client, office: Office) -> User:
    user = UserFactory(planner=office, name="Ibu Ratna")
    client.force_login(user)
    return user


def hours(**changes: object) -> dict[str, object]:
    return {
        "working_days": ["0", "1", "2", "3", "4"],
        "session_1": "08.00–11.00",
        "session_2": "12.30–15.30",
        "friday_last_slot": "11.00",
        "prayer": "11.30–13.00",
        "ramadan_ends_at": "14.00",
    } | changes


def verdict(school: School, day: date) -> tuple[DayState, str]:
    found = days_of(school, since=FRIDAY.date()).verdict(day, grades=(), today=FRIDAY.date())
    return found.state, str(found.name)


# The week and its hours


def test_the_page_saved_as_it_stands_changes_nothing(client: Client, planner: User, office: Office) -> None:
    before = Office.objects.values().get(pk=office.pk)

    answer = client.post(f"/offices/{office.pk}/hours/", hours())

    assert (answer.status_code, Office.objects.values().get(pk=office.pk)) == (302, before)


def test_the_offices_week_and_hours_are_what_planning_goes_by(client: Client, planner: User, office: Office) -> None:
    wish = hours(working_days=["0", "5"], session_1="07.00–10.00", session_2="", prayer="", friday_last_slot="10:30")

    client.post(f"/offices/{office.pk}/hours/", wish)

    office.refresh_from_db()
    days = days_of(SchoolFactory(office=office), since=FRIDAY.date())
    assert (days.week, days.short_days.prayer_start, days.short_days.last_slot) == (frozenset({0, 5}), None, time(10, 30))
    assert [text for name, text in first_answers(office).items() if name.startswith("session")] == ["07.00–10.00"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"working_days": []}, "Pilih paling sedikit satu hari kerja."),
        ({"session_2": "10.00–12.00"}, "Sesi tidak boleh"),
        ({"prayer": "13.00–11.30"}, "tidak berisi waktu"),
        ({"friday_last_slot": "25.00"}, "Tulis waktu seperti 11.00."),
        ({"session_1": ""}, "Bidang ini tidak boleh kosong."),
    ],
)
def test_hours_that_cannot_be_are_refused(
    client: Client, planner: User, office: Office, changes: dict[str, object], sentence: str
) -> None:
    before = Office.objects.values().get(pk=office.pk)

    answer = client.post(f"/offices/{office.pk}/hours/", hours(**changes))

    assert answer.status_code == 422
    assert escape(sentence) in answer.content.decode()
    assert Office.objects.values().get(pk=office.pk) == before


# Holidays


def test_an_estimated_holiday_is_struck_and_the_decreed_date_added_with_who_and_when(
    client: Client, planner: User, office: Office
) -> None:
    school = SchoolFactory(office=office)
    estimated = verdict(school, EID_ESTIMATED)

    client.post(f"/offices/{office.pk}/holidays/strike/", {"day": "2027-03-10"})
    client.post(f"/offices/{office.pk}/holidays/add/", {"day": "2027-03-16", "name": "Hari Raya  Idul Fitri"})

    page = client.get(f"/offices/{office.pk}/calendar/?year=2027").content.decode()
    assert estimated == (DayState.REFUSED, "Hari Raya Idul Fitri (perkiraan)")
    assert verdict(school, EID_ESTIMATED)[0] is DayState.OK
    assert verdict(school, date(2027, 3, 16)) == (DayState.REFUSED, "Hari Raya Idul Fitri")
    assert page.count("Ibu Ratna, Jum 20 Nov") == 2
    assert (">Dicoret" in page, ">Ditambahkan" in page, ">Perkiraan" in page, ">Cuti bersama" in page) == (True,) * 4


def test_what_was_taken_back_stands_again_and_stays_to_be_seen(client: Client, planner: User, office: Office) -> None:
    school = SchoolFactory(office=office)
    client.post(f"/offices/{office.pk}/holidays/strike/", {"day": "2027-03-10"})
    change = HolidayChange.objects.get()

    for _ in range(2):
        client.post(f"/holidays/{change.pk}/withdraw/")

    change.refresh_from_db()
    assert (change.withdrawn_at, change.withdrawn_by, change.name) == (FRIDAY, planner, "Hari Raya Idul Fitri (perkiraan)")
    assert verdict(school, EID_ESTIMATED)[0] is DayState.REFUSED
    client.post(f"/offices/{office.pk}/holidays/strike/", {"day": "2027-03-10"})
    assert HolidayChange.objects.in_force().count() == 1


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"day": "2026-12-25", "name": "Natal"}, "Tanggal ini sudah hari libur: Hari Raya Natal."),
        ({"day": "2026-11-19", "name": "Kemarin"}, "Hari ini sudah lewat."),
        ({"day": "2199-12-31", "name": "Kiamat"}, "lebih dari dua tahun"),
        ({"day": "besok", "name": "Besok"}, "Tulis tanggal, misalnya 2026-11-24."),
        ({"day": "2026-12-01", "name": " "}, "Bidang ini tidak boleh kosong."),
    ],
)
def test_a_holiday_that_cannot_be_is_refused(
    client: Client, planner: User, office: Office, answers: dict[str, str], sentence: str
) -> None:
    answer = client.post(f"/offices/{office.pk}/holidays/add/", answers)

    assert answer.status_code == 422
    assert escape(sentence) in answer.content.decode()
    assert not HolidayChange.objects.exists()


@pytest.mark.parametrize("day", ["2026-12-01", "", "besok", "2026-13-45"])
def test_only_a_foreseen_holiday_is_struck(client: Client, planner: User, office: Office, day: str) -> None:
    answer = client.post(f"/offices/{office.pk}/holidays/strike/", {"day": day})

    assert [each.level_tag for each in get_messages(answer.wsgi_request)] == ["error"]
    assert not HolidayChange.objects.exists()


def test_a_holiday_struck_twice_at_the_button_is_struck_once(client: Client, planner: User, office: Office) -> None:
    for _ in range(2):
        client.post(f"/offices/{office.pk}/holidays/strike/", {"day": "2027-03-10"})

    assert HolidayChange.objects.count() == 1


def test_another_offices_calendar_is_its_own(client: Client, planner: User, office: Office) -> None:
    other = OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat")
    client.post(f"/offices/{office.pk}/holidays/strike/", {"day": "2027-03-10"})

    assert verdict(SchoolFactory(office=other), EID_ESTIMATED)[0] is DayState.REFUSED
    assert client.get(f"/offices/{other.pk}/calendar/").status_code == 404


# Ramadan


def test_ramadan_as_decreed_shortens_its_days_and_those_of_the_estimate_no_more(
    client: Client, planner: User, office: Office
) -> None:
    client.post(f"/offices/{office.pk}/ramadan/", {"starts_on": "2027-02-10", "ends_on": "2027-03-11"})

    days = days_of(SchoolFactory(office=office), since=FRIDAY.date())
    assert [days.is_ramadan(day) for day in (date(2027, 2, 9), date(2027, 2, 10), date(2027, 3, 11))] == [False, True, True]
    assert ">Ditetapkan" in client.get(f"/offices/{office.pk}/calendar/?year=2027").content.decode()


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2027-02-10", "2027-02-09", "Bulan puasa terdiri atas 29 atau 30 hari."),
        ("2027-02-10", "2027-04-11", "Bulan puasa terdiri atas 29 atau 30 hari."),
        ("2027-03-01", "2027-03-30", "Tanggal ini bertumpang tindih dengan bulan puasa yang sudah dicatat."),
    ],
)
def test_a_ramadan_that_cannot_be_is_refused(
    client: Client, planner: User, office: Office, first: str, last: str, sentence: str
) -> None:
    FastingMonth.objects.create(office=office, starts_on=date(2027, 2, 8), ends_on=date(2027, 3, 9), made_at=FRIDAY)

    answer = client.post(f"/offices/{office.pk}/ramadan/", {"starts_on": first, "ends_on": last})

    assert answer.status_code == 422
    assert escape(sentence) in answer.content.decode()
    assert FastingMonth.objects.count() == 1


def test_a_struck_ramadan_is_estimated_again(client: Client, planner: User, office: Office) -> None:
    month = FastingMonth.objects.create(office=office, starts_on=date(2027, 2, 10), ends_on=date(2027, 3, 11), made_at=FRIDAY)

    client.post(f"/fasting-months/{month.pk}/withdraw/")

    assert days_of(SchoolFactory(office=office), since=FRIDAY.date()).is_ramadan(date(2027, 2, 9))


@pytest.mark.parametrize("year", ["", "1", "20270", "²⁰²⁷", "-1", "2027x"])
def test_a_year_that_is_none_shows_this_one(client: Client, planner: User, office: Office, year: str) -> None:
    page = client.get(f"/offices/{office.pk}/calendar/", {"year": year})

    assert "Hari libur 2026" in page.content.decode()

"""Lesson hours: what a school writes, what is refused, and what planning makes of them."""

from datetime import time

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.html import escape

from drives.models import Drive, DriveSession, Timeslot
from drives.planning.actions import create_drive, update_draft
from drives.planning.consequences import consequences
from drives.planning.plan import plan_of
from drives.schooldays.week import lesson_rows
from schools.models import BellTime, School
from tests.drives.planning.pupils import FRIDAY, TUESDAY, make_kits, make_school, plan
from tests.factories import SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school({"XI MERDEKA 1": (3, 3)})


@pytest.fixture
def clerk(client: Client, school: School) -> Client:
    client.force_login(UserFactory(school_admin=school))
    return client


def week(**changes: str) -> dict[str, str]:
    return {"lessons_1": "06.30–15.00", "break_1_1": "09.15–09.30", "break_2_1": "12.00–12.45"} | changes


def hours(drive: Drive) -> list[tuple[str, str]]:
    zone = drive.office.zone
    rows = DriveSession.objects.filter(drive_day__drive=drive).order_by("starts_at")
    return [(f"{row.starts_at.astimezone(zone):%H.%M}", f"{row.ends_at.astimezone(zone):%H.%M}") for row in rows]


def test_breaks_part_the_lessons(clerk: Client, school: School) -> None:
    answer = clerk.post(f"/schools/{school.npsn}/bell-times/", week())

    assert answer.headers["Location"] == f"/schools/{school.npsn}/"
    assert list(BellTime.objects.order_by("starts_at").values_list("weekday", "starts_at", "ends_at")) == [
        (1, time(6, 30), time(9, 15)),
        (1, time(9, 30), time(12)),
        (1, time(12, 45), time(15)),
    ]


def test_a_page_shows_again_what_was_saved(clerk: Client, school: School) -> None:
    clerk.post(f"/schools/{school.npsn}/bell-times/", week())

    page = clerk.get(f"/schools/{school.npsn}/bell-times/").content.decode()

    assert [text for text in week().values() if f'value="{text}"' not in page] == []
    assert page.count('value="06.30–15.00"') == 1


def test_the_same_week_again_writes_nothing(clerk: Client, school: School) -> None:
    for _ in range(2):
        clerk.post(f"/schools/{school.npsn}/bell-times/", week())
        ids = set(BellTime.objects.values_list("pk", flat=True))

    assert ids == set(BellTime.objects.values_list("pk", flat=True))
    assert len(ids) == 3


def test_an_empty_week_means_that_nothing_is_told(clerk: Client, school: School) -> None:
    clerk.post(f"/schools/{school.npsn}/bell-times/", week())
    clerk.post(f"/schools/{school.npsn}/bell-times/", {})

    assert not school.bell_times.exists()


def test_copying_monday_fills_in_and_saves_nothing(clerk: Client, school: School) -> None:
    answers = {"lessons_0": "07.00–14.00", "break_1_0": "10.00–10.20", "lessons_4": "07.00–11.00", "copy": "1"}

    page = clerk.post(f"/schools/{school.npsn}/bell-times/", answers).content.decode()

    assert (page.count('value="07.00–14.00"'), page.count('value="10.00–10.20"')) == (4, 4)
    assert page.count('value="07.00–11.00"') == 1
    assert not BellTime.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"lessons_1": "15.00–06.30"}, "tidak berisi waktu"),
        ({"lessons_1": "pagi"}, "08.00–11.00."),
        ({"lessons_1": ""}, "Istirahat memerlukan jam pelajaran di sekitarnya."),
        ({"break_1_1": "06.00–06.45"}, "Istirahat harus berada di dalam jam pelajaran."),
        ({"break_1_1": "14.45–15.00"}, "Istirahat harus berada di dalam jam pelajaran."),
        ({"break_1_1": "11.45–12.10"}, "Dua istirahat tidak boleh bertumpang tindih."),
        ({"lessons_1": "\x00" * 30}, "08.00–11.00."),
    ],
)
def test_a_week_that_cannot_be_is_refused(clerk: Client, school: School, changes: dict[str, str], sentence: str) -> None:
    answer = clerk.post(f"/schools/{school.npsn}/bell-times/", week(**changes))

    assert answer.status_code == 422
    assert escape(sentence) in answer.content.decode()
    assert not BellTime.objects.exists()


def test_the_database_keeps_lessons_of_a_weekday_apart(school: School) -> None:
    BellTime.objects.create(school=school, weekday=0, starts_at=time(7), ends_at=time(9))
    BellTime.objects.create(school=school, weekday=0, starts_at=time(9), ends_at=time(10))

    with pytest.raises(IntegrityError, match="lessons_of_a_weekday_do_not_overlap"), transaction.atomic():
        BellTime.objects.create(school=school, weekday=0, starts_at=time(8, 59), ends_at=time(9, 5))


def test_weekdays_with_the_same_hours_stand_together(school: School) -> None:
    for weekday in (0, 1, 3):
        BellTime.objects.create(school=school, weekday=weekday, starts_at=time(7), ends_at=time(9))
    BellTime.objects.create(school=school, weekday=4, starts_at=time(7), ends_at=time(8))

    assert [(row.days, row.hours) for row in lesson_rows(school)] == [
        ("Senin–Selasa", "07.00–09.00"),
        ("Kamis", "07.00–09.00"),
        ("Jumat", "07.00–08.00"),
    ]


def test_a_drive_keeps_to_the_lessons_and_no_timeslot_runs_across_a_break(clerk: Client, school: School) -> None:
    clerk.post(f"/schools/{school.npsn}/bell-times/", week())
    make_kits(2)

    drive = create_drive(school=school, plan=plan(days=(TUESDAY,), kits=2), by=None, now=FRIDAY)

    assert hours(drive) == [("07.00", "09.15"), ("09.30", "10.00"), ("10.30", "12.00"), ("12.45", "13.30")]
    zone = drive.office.zone
    slots = [(slot.starts_at.astimezone(zone).time(), slot.ends_at.astimezone(zone).time()) for slot in Timeslot.objects.all()]
    breaks = [(time(9, 15), time(9, 30)), (time(12), time(12, 45))]
    assert [(start, end) for start, end in slots for first, last in breaks if start < last and first < end] == []


def test_the_plan_shows_the_places_in_lesson_time_before_anything_is_saved(clerk: Client, school: School) -> None:
    clerk.post(f"/schools/{school.npsn}/bell-times/", week())
    make_kits(2)

    found = consequences(school=school, plan=plan(days=(TUESDAY,), kits=2), now=FRIDAY)

    told = found.days[0].sentence
    assert [hours for hours in ("07.00–09.15", "09.30–10.00", "10.30–12.00", "12.45–13.30") if hours not in told] == []
    assert "Sesi mengikuti jam pelajaran sekolah." in told


def test_a_draft_is_planned_anew_from_the_wish_and_not_from_what_was_left_of_it(clerk: Client, school: School) -> None:
    clerk.post(f"/schools/{school.npsn}/bell-times/", week())
    make_kits(2)
    wish = plan(days=(TUESDAY,), kits=2)
    drive = create_drive(school=school, plan=wish, by=None, now=FRIDAY)
    clerk.post(f"/schools/{school.npsn}/bell-times/", {})

    update_draft(drive=drive, plan=plan_of(drive), by=None, now=FRIDAY)

    assert plan_of(drive).sessions == wish.sessions
    assert hours(drive) == [("07.00", "10.00"), ("10.30", "13.30")]


def test_another_schools_hours_are_not_found(clerk: Client) -> None:
    assert clerk.get(f"/schools/{SchoolFactory().npsn}/bell-times/").status_code == 404

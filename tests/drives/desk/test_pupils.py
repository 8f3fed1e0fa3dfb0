"""What the first page and the lists say of pupils who left, did not move on, graduated, or lack a consent."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from drives.models import Appointment, Departure, Drive
from drives.notices import departures
from schools.models import School, User
from schools.templatetags.house import day_plain
from students.consents import actions
from students.consents.wording import CURRENT
from students.models import ClassGroup, Enrolment, Person
from tests.factories import (
    NOW,
    TODAY,
    AppointmentFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]


@pytest.fixture
def friday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school() -> School:
    return SchoolFactory(name="SMAN 55 Jakarta", npsn="20102575")


@pytest.fixture
def group(school: School) -> ClassGroup:
    return ClassGroupFactory(school=school, name="XI 3")


@pytest.fixture
def clerk(school: School) -> User:
    return UserFactory(school_admin=school, name="Rina")


@pytest.fixture
def planner(school: School) -> User:
    return UserFactory(planner=school.office)


def end(person: Person, reason: str) -> None:
    Enrolment.objects.filter(person=person, ends_on=None).update(ends_on=TODAY, end_reason=reason)


def todos(client: Client, user: User) -> list[tuple[int, str]]:
    client.force_login(user)
    return [(todo.count, todo.title) for todo in client.get("/").context["todos"]]


def depart(group: ClassGroup, name: str = "ADE ROSMAN") -> Departure:
    person = PersonFactory(name=name, enrolled=group)
    end(person, "moved")
    elsewhere = ClassGroupFactory(school=SchoolFactory(name="SMAN 8 Jakarta"))
    Enrolment.objects.create(
        person=person, school=elsewhere.school, office=elsewhere.school.office, class_group=elsewhere, school_year=2026,
        starts_on=TODAY,
    )  # fmt: skip
    departures.tell_schools(now=NOW)
    return Departure.objects.get(enrolment__person=person)


def test_the_former_school_sees_who_left_and_nothing_of_the_other_school(client: Client, group: ClassGroup, clerk: User) -> None:
    depart(group)
    assert (1, "siswa pindah ke sekolah lain") in todos(client, clerk)

    page = client.get(reverse("drives:departure_list")).content.decode()

    assert all(word in page for word in ("ADE ROSMAN", "XI 3", day_plain(TODAY)))
    assert "SMAN 8" not in page


def test_understood_takes_the_line_away_and_says_by_whom(client: Client, group: ClassGroup, clerk: User) -> None:
    departure = depart(group)
    client.force_login(clerk)

    client.post(reverse("drives:departure_seen"), {"departure": [str(departure.pk)]})

    departure.refresh_from_db()
    assert (departure.seen_by, departure.seen_at) == (clerk, NOW)
    assert "siswa pindah ke sekolah lain" not in [title for _count, title in todos(client, clerk)]


def test_another_school_cannot_mark_or_object(client: Client, group: ClassGroup) -> None:
    departure = depart(group)
    client.force_login(UserFactory(school_admin=SchoolFactory()))

    client.post(reverse("drives:departure_seen"), {"departure": [str(departure.pk)]})
    answer = client.post(reverse("drives:departure_object", args=[departure.pk]), {"sentence": "Bukan."})

    departure.refresh_from_db()
    assert (answer.status_code, departure.seen_at, departure.objection) == (404, None, "")


def test_an_objection_reaches_the_planner_until_it_is_settled(
    client: Client, group: ClassGroup, clerk: User, planner: User
) -> None:
    departure = depart(group)
    client.force_login(clerk)
    client.post(reverse("drives:departure_object", args=[departure.pk]), {"sentence": "Ia masih belajar di sini."})

    assert (1, "kepindahan dinyatakan keliru oleh sekolah") in todos(client, planner)
    assert "Ia masih belajar di sini." in client.get(reverse("drives:departure_list")).content.decode()

    client.post(reverse("drives:departure_settle", args=[departure.pk]))
    assert "kepindahan dinyatakan keliru oleh sekolah" not in [title for _count, title in todos(client, planner)]


def test_who_has_not_moved_on_is_a_line_and_a_view(client: Client, school: School, group: ClassGroup, clerk: User) -> None:
    PersonFactory(name="BUDI", enrolled=group)
    PersonFactory(name="CITRA", enrolled=ClassGroupFactory(school=school, school_year=2025, name="X 3", grade=10))

    assert (1, "siswa belum naik kelas") in todos(client, clerk)
    lines = client.get(reverse("drives:student_list"), {"view": "last_year"}).context["lines"]
    assert [line.person.name for line in lines] == ["CITRA"]


def test_before_a_school_has_begun_its_year_nobody_is_behind(client: Client, school: School, clerk: User) -> None:
    PersonFactory(enrolled=ClassGroupFactory(school=school, school_year=2025))

    assert "siswa belum naik kelas" not in [title for _count, title in todos(client, clerk)]


def test_a_graduate_without_a_recording_stays_in_the_offices_sight(
    client: Client, school: School, group: ClassGroup, planner: User
) -> None:
    graduate, recorded = PersonFactory(name="DEWI", enrolled=group), PersonFactory(name="EKA", enrolled=group)
    Person.objects.filter(pk=recorded.pk).update(recorded_on=date(2026, 2, 1))
    end(graduate, "graduated")
    end(recorded, "graduated")

    assert (1, "lulusan belum rekam") in todos(client, planner)
    for query in ({"view": "graduated"}, {"view": "graduated", "school": school.npsn}):
        lines = client.get(reverse("drives:student_list"), query).context["lines"]
        assert [(line.person.name, line.school_name, line.standing.next) for line in lines] == [
            ("DEWI", "Lulus dari SMAN 55 Jakarta", "Perekaman susulan di kantor")
        ]


def test_a_school_is_not_offered_the_view_of_graduates(client: Client, clerk: User) -> None:
    client.force_login(clerk)

    views = client.get(reverse("drives:student_list")).context["views"]

    assert "graduated" not in [view.key for view in views]


@pytest.mark.parametrize(("is_required", "told"), [(True, [(2, "siswa kelas XI 3 belum ada persetujuan")]), (False, [])])
def test_classes_without_consent_are_lines_only_where_the_office_asks(
    client: Client, school: School, group: ClassGroup, clerk: User, is_required: bool, told: list[tuple[int, str]]
) -> None:
    school.office.consent_required = is_required
    school.office.save()
    PersonFactory.create_batch(2, enrolled=group)

    found = todos(client, clerk)
    links = [todo.url for todo in client.get("/").context["todos"] if "persetujuan" in todo.title]

    assert [todo for todo in found if "persetujuan" in todo[1]] == told
    assert all(client.get(link).context["current"].name == "XI 3" for link in links)


# Places in doubt


def placed(school: School, group: ClassGroup, name: str = "ADE ROSMAN") -> Appointment:
    drive: Drive = DriveFactory(school=school, status="published", published_at=NOW)
    slot = TimeslotFactory(session=DriveSessionFactory(drive_day=DriveDayFactory(drive=drive)))
    found: Appointment = AppointmentFactory(timeslot=slot, person=PersonFactory(name=name, enrolled=group), class_group=group)
    return found


def consent(person: Person, by: User) -> None:
    actions.give(
        persons=[person], given_by="SITI", relation="mother", wording_version=CURRENT.version, channel="paper", by=by, now=NOW
    )


@pytest.mark.parametrize("reason", ["moved", "left", "graduated"])
def test_the_planner_sees_the_place_of_who_left_and_can_free_it(
    client: Client, school: School, group: ClassGroup, planner: User, reason: str
) -> None:
    appointment = placed(school, group)
    end(appointment.person, reason)

    assert (1, "siswa bertempat sudah meninggalkan sekolah") in todos(client, planner)
    board = client.get(reverse("drives:slot_board", args=[appointment.drive_id]))
    assert [(each.person.name, each.doubt) for each in board.context["in_doubt"]] == [("ADE ROSMAN", "left")]

    client.post(
        reverse("drives:timeslot_free", args=[appointment.drive_id, appointment.timeslot_id]), {"appointment": [appointment.pk]}
    )
    assert "siswa bertempat sudah meninggalkan sekolah" not in [title for _count, title in todos(client, planner)]


def test_a_withdrawn_consent_puts_the_place_on_the_board(
    client: Client, school: School, group: ClassGroup, planner: User
) -> None:
    school.office.consent_required = True
    school.office.save()
    appointment = placed(school, group)
    consent(appointment.person, planner)
    assert "siswa bertempat tanpa persetujuan" not in [title for _count, title in todos(client, planner)]

    actions.withdraw(person=appointment.person, given_by="SITI", by=planner, now=NOW)

    assert (1, "siswa bertempat tanpa persetujuan") in todos(client, planner)
    page = client.get(reverse("drives:slot_board", args=[appointment.drive_id])).content.decode()
    assert "Tanpa persetujuan orang tua" in page


def test_where_the_office_asks_for_no_consent_no_place_is_in_doubt(
    client: Client, school: School, group: ClassGroup, planner: User
) -> None:
    appointment = placed(school, group)

    client.force_login(planner)
    board = client.get(reverse("drives:slot_board", args=[appointment.drive_id]))

    assert board.context["in_doubt"] == []

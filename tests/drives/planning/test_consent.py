"""Where the office asks for a parent's consent, who has none is not placed, and the planner is told how many those are."""

from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from drives.models import Appointment, Drive, PlanningStep
from drives.planning.actions import assign_everybody, create_drive, free_places, last_step, place_people, undo
from drives.planning.consequences import consequences
from drives.planning.facts import people_to_record
from schools.models import School, User
from students.consents import actions
from students.consents.wording import CURRENT
from students.models import Person
from tests.drives.planning.pupils import FRIDAY, make_kits, make_school, plan
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def school() -> School:
    return make_school({"XI MERDEKA 1": (3, 1)}, name="SMAN 55 Jakarta", npsn="20102575")


@pytest.fixture
def planner(school: School) -> User:
    return UserFactory(planner=school.office)


@pytest.fixture
def drive(school: School, planner: User) -> Drive:
    make_kits(1)
    return create_drive(school=school, plan=plan(kits=1), by=planner, now=FRIDAY)


def pupils() -> list[Person]:
    return list(Person.objects.order_by("name"))


def require(school: School) -> None:
    school.office.consent_required = True
    school.office.save()


def give(person: Person, by: User) -> None:
    actions.give(
        persons=[person],
        given_by="SITI AMINAH",
        relation="mother",
        wording_version=CURRENT.version,
        channel="paper",
        by=by,
        now=FRIDAY,
    )


def withdraw(person: Person, by: User) -> None:
    actions.withdraw(person=person, given_by="SITI AMINAH", by=by, now=FRIDAY)


def seated() -> set[Person]:
    return {each.person for each in Appointment.objects.live().select_related("person")}


def test_where_the_office_asks_for_none_everybody_is_placed(drive: Drive) -> None:
    assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert seated() == set(pupils())


def test_who_has_no_consent_is_not_placed(drive: Drive, school: School, planner: User) -> None:
    require(school)
    one, other, *_rest = pupils()
    give(one, planner)
    give(other, planner)
    withdraw(other, planner)

    assign_everybody(drive=drive, by=None, now=FRIDAY)

    assert seated() == {one}


def test_who_has_no_consent_is_not_placed_by_hand_either(drive: Drive, school: School) -> None:
    require(school)
    slot = drive.timeslots.order_by("starts_at")[0]

    with pytest.raises(ValidationError) as refusal:
        place_people(drive=drive, people=[pupils()[0].pk], to=slot, by=None, now=FRIDAY)

    assert refusal.value.code == "not_waiting"
    assert seated() == set()


def test_consent_costs_no_query_more(drive: Drive, school: School, planner: User) -> None:
    costs = []
    for is_required in (False, True):
        school.office.consent_required = is_required
        school.office.save()
        fresh = School.objects.get(pk=school.pk)
        with CaptureQueriesContext(connection) as queries:
            people_to_record(school=fresh, grades=[], now=FRIDAY, drive=drive)
        costs.append(len(queries))

    assert costs == [1, 1]


def test_the_consequences_count_who_could_come_but_for_the_consent(school: School, planner: User) -> None:
    require(school)
    make_kits(1)
    one, *_rest = pupils()
    Person.objects.filter(pk=pupils()[-1].pk).update(birth_date="2015-01-01")
    give(one, planner)

    found = consequences(school=school, plan=plan(kits=1), now=FRIDAY)

    assert (found.people, found.without_consent, found.too_young) == (1, 2, 0)


@pytest.mark.parametrize("is_required", [True, False])
def test_the_planner_reads_how_many_lack_consent(
    client: Client, drive: Drive, school: School, planner: User, is_required: bool
) -> None:
    if is_required:
        require(school)
    give(pupils()[0], planner)
    client.force_login(planner)
    query = {"school": school.npsn, "days": ["2026-11-24"], "kits": "1", "session_1": "07.00–10.00", "minutes": "10"}
    query |= {"slack_percent": "15", "slot_minutes": "30", "minimum_age_months": "192"}

    pages = [
        client.get(reverse("drives:drive_consequences"), query).content.decode(),
        client.get(reverse("drives:slot_board", args=[drive.pk])).content.decode(),
    ]

    sentence = "3 siswa belum mempunyai persetujuan orang tua dan tidak dijadwalkan."
    link = f"{reverse('students:consent_list')}?school={school.npsn}"
    assert [sentence in page for page in pages] == [is_required] * 2
    assert [link in page for page in pages] == [is_required] * 2
    assert ("3 lagi tanpa persetujuan orang tua" in pages[0]) is is_required


def test_where_only_the_consent_is_missing_nobody_is_sent_to_the_roster(client: Client, school: School, planner: User) -> None:
    require(school)
    make_kits(1)
    client.force_login(planner)
    query = {"school": school.npsn, "days": ["2026-11-24"], "kits": "1", "session_1": "07.00–10.00", "minutes": "10"}
    query |= {"slack_percent": "15", "slot_minutes": "30", "minimum_age_months": "192"}

    page = client.get(reverse("drives:drive_consequences"), query).content.decode()

    assert "Siswa yang cukup umur belum mempunyai persetujuan orang tua" in page
    assert "Periksa daftar" not in page


def freed_step(drive: Drive, planner: User) -> PlanningStep:
    assign_everybody(drive=drive, by=planner, now=FRIDAY)
    free_places(drive=drive, appointments=[Appointment.objects.live()[0].pk], by=planner, now=FRIDAY)
    step = last_step(drive, by=planner)
    assert step is not None
    return step


def test_an_undo_gives_no_place_back_to_whose_consent_was_withdrawn(drive: Drive, school: School, planner: User) -> None:
    require(school)
    one, *_rest = pupils()
    give(one, planner)
    step = freed_step(drive, planner)
    withdraw(one, planner)

    with pytest.raises(ValidationError) as refusal:
        undo(drive=drive, step_id=step.pk, by=planner, now=FRIDAY)

    assert refusal.value.code == "in_doubt"
    assert seated() == set()


def test_an_undo_gives_the_place_back_while_the_consent_stands(drive: Drive, school: School, planner: User) -> None:
    require(school)
    one, *_rest = pupils()
    give(one, planner)

    undo(drive=drive, step_id=freed_step(drive, planner).pk, by=planner, now=FRIDAY)

    assert seated() == {one}

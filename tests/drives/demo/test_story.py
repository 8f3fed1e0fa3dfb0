"""The demonstration is the two cases it is named for, and is told again from the same invitation the same way."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.models import Count, Q, Sum
from pytest_django import DjangoDbBlocker

from drives.demo.city import LABSCHOOL, SMAN_55, labschool, sman_55
from drives.demo.people import Crowd
from drives.models import Appointment, DailyCoverage, Drive, KitDuty, Notice, Season, Timeslot, Visit
from drives.planning.eligibility import age_on
from schools.models import BellTime, Closure, Grant, Role
from students import nik, privacy
from students.models import Person

TODAY = date(2026, 11, 21)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
STUDENTS = 1000


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """Told once, by the command, for all tests here: in a transaction that nobody else sees and that is undone."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            yield answer("--students", str(STUDENTS))
            transaction.set_rollback(True)
        connections["default"].close()


def answer(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("demo", "--today", TODAY.isoformat(), "--json", *arguments, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_command_says_what_it_made(told: dict[str, Any]) -> None:
    assert told == {"today": "2026-11-21", "schools": 8, "students": told["students"], "recorded": round(0.35 * STUDENTS)}
    assert told["students"] == Person.objects.exclude(school=None).count() > STUDENTS


@pytest.mark.usefixtures("told")
def test_started_again_it_says_so_and_adds_nothing() -> None:
    before = Person.objects.count()
    said, later = StringIO(), StringIO()

    call_command("demo", "--today", "2026-11-21", stdout=said)
    call_command("demo", "--today", "2026-12-01", stdout=later)

    assert answer() == {"today": "2026-11-21", "already_there": True}
    assert "nothing was added" in said.getvalue()
    assert "--reset" in later.getvalue()
    assert Person.objects.count() == before


def pupils(npsn: str) -> list[Person]:
    return list(Person.objects.filter(school__npsn=npsn, enrolments__ends_on=None))


def recorded_on(npsn: str, day: date) -> int:
    return Visit.objects.filter(drive__school__npsn=npsn, state="recorded", state_on=day, kind="student").count()


def places_by_day(npsn: str) -> dict[date, int]:
    slots = Timeslot.objects.filter(drive__school__npsn=npsn).values_list("drive_day__day").annotate(Sum("places"))
    return dict(slots.order_by("drive_day__day"))


@pytest.mark.usefixtures("told")
def test_sman_55_has_452_pupils_of_whom_228_are_17() -> None:
    ages = [age_on(person.birth_date, TODAY) for person in pupils(SMAN_55) if person.birth_date]

    assert (len(ages), sum(age >= 17 for age in ages)) == (452, 228)


@pytest.mark.usefixtures("told")
def test_its_drive_has_three_days_of_which_today_is_the_second_and_a_place_for_each() -> None:
    drive = Drive.objects.get(school__npsn=SMAN_55)
    kits = KitDuty.objects.filter(drive_day__drive=drive).values_list("drive_day__day").annotate(kits=Count("kit", distinct=True))

    assert drive.status == "published"
    assert places_by_day(SMAN_55) == dict.fromkeys([YESTERDAY, TODAY, TOMORROW], 152)
    assert dict(kits) == dict.fromkeys([YESTERDAY, TODAY, TOMORROW], 5)
    assert Appointment.objects.standing().filter(drive=drive).values("person").distinct().count() == 452


@pytest.mark.usefixtures("told")
def test_yesterday_is_told_to_the_end_today_until_now_and_nothing_of_tomorrow() -> None:
    drive = Drive.objects.get(school__npsn=SMAN_55)
    closed = {drive_day.day: hasattr(drive_day, "close") for drive_day in drive.days.all()}
    seen = Counter(Visit.objects.filter(drive=drive).exclude(state="expected").values_list("state_on", flat=True))

    assert closed == {YESTERDAY: True, TODAY: False, TOMORROW: False}
    assert seen[YESTERDAY] == 152
    assert 0 < seen[TODAY] < 152
    assert set(seen) == {YESTERDAY, TODAY}


@pytest.mark.usefixtures("told")
def test_labschool_recorded_70_on_day_one_and_its_class_11_has_the_second_day_alone() -> None:
    drive = Drive.objects.get(school__npsn=LABSCHOOL)
    standing = Appointment.objects.standing().filter(drive=drive)
    by_day = Counter(standing.values_list("timeslot__drive_day__day", "class_group__grade"))

    assert recorded_on(LABSCHOOL, YESTERDAY) == 70
    assert by_day == {(YESTERDAY, 12): 70, (TOMORROW, 11): 88}


@pytest.mark.usefixtures("told")
def test_six_teachers_were_served_and_are_in_no_denominator() -> None:
    teachers = Visit.objects.filter(kind="teacher")
    totals = DailyCoverage.objects.filter(day=TODAY, school__npsn=LABSCHOOL).aggregate(
        enrolled=Sum("enrolled_stock"), eligible=Sum("eligible_stock")
    )

    assert [(visit.state, visit.service, visit.drive.school) for visit in teachers] == [
        ("served", "renewal", Drive.objects.get(school__npsn=LABSCHOOL).school)
    ] * 6
    assert totals == {"enrolled": 180, "eligible": 172}
    assert all(visit.person.school is None for visit in teachers.select_related("person__school"))


@pytest.mark.usefixtures("told")
def test_the_city_stands_at_35_percent_and_coverage_says_so() -> None:
    cells = DailyCoverage.objects.filter(day=TODAY).aggregate(eligible=Sum("eligible_stock"), recorded=Sum("recorded_stock"))
    people = Person.objects.exclude(school=None).aggregate(recorded=Count("pk", filter=Q(recorded_on__isnull=False)))

    assert people["recorded"] == round(0.35 * STUDENTS)
    assert cells["recorded"] == people["recorded"]
    assert cells["recorded"] / cells["eligible"] == pytest.approx(0.35, abs=0.01)


@pytest.mark.usefixtures("told")
def test_some_pupils_live_in_depok() -> None:
    homes = Counter(person.city.code for person in Person.objects.exclude(school=None).select_related("city") if person.city)

    assert set(homes) == {"31.74", "32.76"}
    assert 0.02 < homes["32.76"] / homes.total() < 0.12


@pytest.mark.usefixtures("told")
def test_nobody_can_be_real() -> None:
    """NIK serials 9000–9999 are never issued, and mail leads nowhere."""
    serials = {
        privacy.unseal(bytes(person.nik_sealed), row_id=person.pk)[-4:] for person in Person.objects.all() if person.nik_sealed
    }

    assert {int(serial) for serial in serials} <= set(nik.SYNTHETIC_SERIALS)
    assert list(nik.SYNTHETIC_SERIALS) == list(range(9000, 10000))
    assert {
        address.rpartition(".")[2] for address in Notice.objects.filter(channel="email").values_list("recipient", flat=True)
    } == {"example"}


@pytest.mark.usefixtures("told")
def test_there_is_one_account_for_each_role() -> None:
    granted = Grant.objects.values_list("role", "user__username")

    assert sorted(role for role, _username in granted) == sorted(Role.values)
    assert all(username.startswith("demo-") for _role, username in granted)


def test_the_same_day_gives_the_same_people_and_another_day_others_of_the_same_ages() -> None:
    first, second, later = (Crowd(day).pupils(SMAN_55, sman_55()) for day in (TODAY, TODAY, TOMORROW))

    assert first == second
    assert first != later
    for day, crowd in ((TODAY, first), (TOMORROW, later)):
        assert sum(age_on(pupil.birth_date, day) >= 17 for pupil in crowd) == 228


def test_no_nik_comes_twice() -> None:
    crowd = Crowd(TODAY)

    made = [*crowd.pupils(SMAN_55, sman_55()), *crowd.pupils(LABSCHOOL, labschool())]

    assert len({pupil.nik for pupil in made}) == len({pupil.nisn for pupil in made}) == len(made)


def test_a_city_smaller_than_its_two_cases_is_wrong_usage() -> None:
    with pytest.raises(CommandError, match="from 700 to 50000"):
        call_command("demo", "--students", "699")


@pytest.mark.usefixtures("told")
def test_the_rest_of_the_city_has_its_season_and_a_proposal_to_decide() -> None:
    season = Season.objects.get()
    proposal = season.proposals.open().get()

    assert season.cards.count() == 5
    assert not season.cards.filter(school__npsn__in=[SMAN_55, LABSCHOOL]).exists()
    assert (proposal.status, proposal.cards.filter(change="moved").count() >= 1) == ("ready", True)


def test_schools_have_lesson_hours_and_the_office_a_day_off() -> None:
    season = Season.objects.get()
    closed = Closure.objects.get(school=None, effect=Closure.Effect.CLOSED)

    assert set(BellTime.objects.values_list("school", flat=True)) >= set(season.cards.values_list("school", flat=True))
    assert season.starts_on <= closed.starts_on <= season.ends_on
    assert not season.cards.filter(days__contains=[closed.starts_on]).exists()

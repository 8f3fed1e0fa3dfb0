"""Ages turned round, saved views, and pages that lose nobody."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from drives.desk import people
from drives.planning.eligibility import LeapRule, turns
from schools.models import Office
from students.models import Person
from tests.factories import (
    NOW,
    TODAY,
    AppointmentFactory,
    ClassGroupFactory,
    DriveFactory,
    DukcapilStatusFactory,
    OfficeFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    at,
)

BIRTHS = st.dates(date(2003, 1, 1), date(2014, 12, 31))


@given(
    birth=BIRTHS, day=st.dates(date(2020, 1, 1), date(2031, 12, 31)), months=st.integers(0, 300), rule=st.sampled_from(LeapRule)
)
def test_the_latest_birth_date_is_the_rule_of_ages_turned_round(birth: date, day: date, months: int, rule: LeapRule) -> None:
    comes_of_age = turns(birth, months // 12, rule, months=months % 12)

    assert (birth <= people.years_before(day, months, rule)) == (comes_of_age <= day)


@pytest.mark.parametrize(
    ("day", "rule", "latest"),
    [
        (date(2025, 2, 28), LeapRule.NEXT_DAY, date(2008, 2, 28)),
        (date(2025, 2, 28), LeapRule.LAST_DAY, date(2008, 2, 29)),
        (date(2025, 3, 1), LeapRule.NEXT_DAY, date(2008, 3, 1)),
        (date(2024, 2, 29), LeapRule.NEXT_DAY, date(2007, 2, 28)),
    ],
)
def test_born_on_29_february(day: date, rule: LeapRule, latest: date) -> None:
    assert people.years_before(day, 17 * 12, rule) == latest


def keys(view: str, *, office: Office | None = None, today: date = TODAY) -> set[UUID]:
    return set(people.in_view(Person.objects.all(), view, office=office, today=today).values_list("pk", flat=True))


@pytest.mark.django_db
@settings(max_examples=15)
@given(
    births=st.lists(st.dates(date(2009, 11, 1), date(2010, 12, 31)), min_size=1, max_size=6),
    months=st.sampled_from([192, 198, 204]),
    rule=st.sampled_from(LeapRule),
    fates=st.lists(st.sampled_from(["", "recorded"]), min_size=6, max_size=6),
)
def test_everybody_is_in_one_view_and_it_is_the_one_of_the_chip(
    births: list[date], months: int, rule: LeapRule, fates: list[str]
) -> None:
    Person.objects.all().delete()
    office = OfficeFactory()
    Office.objects.filter(pk=office.pk).update(minimum_age_months=months, leap_rule=rule.value)
    office.refresh_from_db()
    made = [PersonFactory(birth_date=birth) for birth in births]
    for person, fate in zip(made, fates, strict=False):
        if fate:
            DukcapilStatusFactory(person=person)

    views = {view: keys(view, office=office) for view in ("unscheduled", "scheduled", "recorded", "young")}

    chips = {line.person.pk: line.standing.code for line in lines()}
    assert sorted(pk for view in views.values() for pk in view) == sorted(chips)
    assert views["young"] == {pk for pk, code in chips.items() if code == "under_age"}
    assert views["unscheduled"] == {pk for pk, code in chips.items() if code == "unscheduled"}


def lines(today: date = TODAY) -> list[people.Line]:
    return [people.line(person, today=today) for person in people.with_story(Person.objects.all())]


@pytest.mark.django_db
def test_a_place_counts_once_it_is_published() -> None:
    drafted = AppointmentFactory(timeslot=slot("draft"))
    published = AppointmentFactory(timeslot=slot("published"))

    assert (keys("scheduled"), keys("unscheduled")) == ({published.person_id}, {drafted.person_id})
    assert {line.person.pk: line.standing.code for line in lines()} == {
        drafted.person_id: "unscheduled",
        published.person_id: "scheduled",
    }


def slot(status: str) -> Any:
    drive = DriveFactory(status=status, published_at=NOW if status == "published" else None)
    return TimeslotFactory(session__drive_day__drive=drive)


@pytest.mark.django_db
def test_who_turned_17_this_week_counts_once_recorded() -> None:
    born = {"today": date(2009, 11, 20), "six days ago": date(2009, 11, 14), "a week ago": date(2009, 11, 13)}
    made = {name: PersonFactory(birth_date=birth) for name, birth in born.items()}
    PersonFactory(birth_date=date(2009, 11, 18))
    for person in made.values():
        DukcapilStatusFactory(person=person)

    assert keys("seventeen") == {made["today"].pk, made["six days ago"].pk}


@pytest.mark.django_db
def test_a_missing_nik_has_its_view_and_an_unknown_view_shows_all() -> None:
    without, with_nik = PersonFactory(), PersonFactory(nik="3174064106099001")

    assert keys("no_nik") == {without.pk}
    assert keys("what is this") == {without.pk, with_nik.pk}


@pytest.mark.django_db
def test_the_story_of_many_costs_as_much_as_of_one(django_assert_num_queries: Any) -> None:
    group = ClassGroupFactory()
    for _ in range(3):
        AppointmentFactory(timeslot=slot("published"), person=PersonFactory(enrolled=group))

    for limit in (1, 3):
        with django_assert_num_queries(5):
            told = [people.line(person, today=TODAY) for person in people.with_story(Person.objects.all()[:limit])]
        assert [line.class_name for line in told] == [group.name] * limit


@pytest.mark.django_db
@settings(max_examples=12)
@given(names=st.lists(st.sampled_from(["ADE", "BUDI", "BUDI ", "BUDI S", "CITRA", "É", "ZAHRA 2"]), min_size=0, max_size=23))
def test_page_after_page_nobody_is_lost_and_nobody_comes_twice(names: list[str]) -> None:
    Person.objects.all().delete()
    group = ClassGroupFactory()
    made = {PersonFactory(name=name, enrolled=group).pk for name in names}
    client = Client()
    client.force_login(UserFactory(planner=group.school.office))

    seen = all_pages(client, size=5)

    assert len(seen) == len(made)
    assert set(seen) == made


def all_pages(client: Client, *, size: int, most: int = 10) -> list[UUID]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "PAGE_SIZE", size)
        seen: list[UUID] = []
        after: Any = ""
        for _ in range(most):
            context = client.get("/students/", {"after": after}).context
            seen += [line.person.pk for line in context["lines"]]
            after = context["next_after"]
            if not after:
                return seen
    raise AssertionError("the pages do not end")


@pytest.mark.django_db
def test_a_day_ahead_is_a_day_of_the_office() -> None:
    late = TimeslotFactory(session__starts_at=at(date(2026, 11, 24), "00.30"), session__drive_day__drive__status="published")
    appointment = AppointmentFactory(timeslot=late)

    person = people.with_story(Person.objects.filter(pk=appointment.person_id)).get()

    assert people.facts(person).slot_on == date(2026, 11, 24)


def test_what_was_not_fetched_is_a_mistake_and_no_silent_query() -> None:
    with pytest.raises(AttributeError):
        people.facts(SimpleNamespace(birth_date=None))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_week_is_seven_days_at_any_turn_of_the_year() -> None:
    person = PersonFactory(birth_date=date(2009, 12, 31))
    DukcapilStatusFactory(person=person)
    first = date(2026, 12, 31)

    days = [first + timedelta(days=offset) for offset in range(-1, 9) if keys("seventeen", today=first + timedelta(days=offset))]

    assert days == [first + timedelta(days=offset) for offset in range(7)]


@pytest.mark.django_db
def test_a_school_of_another_office_has_its_own_floor() -> None:
    strict = OfficeFactory(name="Sudin Ketat", minimum_age_months=204)
    person = PersonFactory(enrolled=ClassGroupFactory(school=SchoolFactory(office=strict)), birth_date=date(2010, 3, 1))

    (line,) = [line for line in lines() if line.person == person]

    assert (line.standing.code, keys("young", office=strict)) == ("under_age", {person.pk})

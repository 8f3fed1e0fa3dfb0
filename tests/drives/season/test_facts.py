"""What the solver is asked: who waits where, on which days, with how many kits."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from drives.models import DriveRequest, KitDuty, KitOutage
from drives.planning.actions import create_drive
from drives.planning.facts import holder_of
from drives.season import actions
from drives.season.facts import question
from drives.season.figures import offer
from drives.season.kits_free import kits_free
from drives.season.solver.problem import Part, Placement
from schools.models import BellTime, Closure, HolidayChange, School
from students.models import Person
from tests.drives.planning.pupils import FRIDAY, make_kits, make_school, plan
from tests.drives.season.seasons import LAST, MONDAY, TUESDAY, WEDNESDAY, make_city, make_season, planned
from tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db


def test_who_waits_is_asked_about_with_a_place_for_each() -> None:
    one, other = make_city((3, 2), (1, 0))
    slow = Person.objects.filter(school=one).order_by("pk")[:1]
    Person.objects.filter(pk__in=slow.values("pk")).update(places_needed=2)

    asked = question(season=make_season(), now=FRIDAY)

    assert {need.name: len(need.births) for need in asked.problem.needs} == {one.name: 6, other.name: 1}
    assert asked.figures_of(one.pk, Placement((MONDAY,), 1)) == {"people": 5, "seventeen": 3, "places": 30}


def test_the_recorded_those_too_young_and_those_without_a_birth_date_are_no_question() -> None:
    school, empty = make_city((3, 3), (1, 0))
    people = list(Person.objects.filter(school=school).order_by("birth_date", "pk"))
    Person.objects.filter(pk__in=[people[0].pk, *Person.objects.filter(school=empty).values_list("pk", flat=True)]).update(
        recorded_on=date(2026, 11, 1)
    )
    Person.objects.filter(pk=people[1].pk).update(birth_date=None)
    Person.objects.filter(pk=people[5].pk).update(birth_date=date(2011, 2, 1))

    asked = question(season=make_season(), now=FRIDAY)

    assert [(each.name, len(each.people), each.without_birth_date) for each in asked.waiting.values()] == [(school.name, 3, 1)]


def test_grades_that_are_not_wished_are_no_question() -> None:
    make_city((3, 0))

    asked = question(season=make_season(grades=[12]), now=FRIDAY)

    assert asked.waiting == {}


def test_without_the_consent_that_the_office_asks_for_nobody_is_a_question() -> None:
    school = make_city((3, 0))[0]
    season = make_season()
    school.office.consent_required = True
    school.office.save()

    asked = question(season=type(season).objects.get(pk=season.pk), now=FRIDAY)

    assert asked.waiting == {}


def test_weekends_holidays_and_the_offices_own_dates_are_off() -> None:
    make_city((3, 0))
    season = make_season()
    HolidayChange.objects.create(office=season.office, day=TUESDAY, effect="added", name="Hari Jakarta", made_at=FRIDAY)
    Closure.objects.create(office=season.office, starts_on=WEDNESDAY, ends_on=WEDNESDAY, reason="Rapat kerja")
    Closure.objects.create(
        office=season.office, starts_on=date(2027, 1, 16), ends_on=date(2027, 1, 16), reason="Lembur", effect="open"
    )

    asked = question(season=season, now=FRIDAY)

    assert (asked.off[TUESDAY], asked.off[WEDNESDAY]) == ("Hari Jakarta", "Rapat kerja")
    assert asked.rules.days[:4] == (MONDAY, date(2027, 1, 14), date(2027, 1, 15), date(2027, 1, 16))


def test_a_school_is_closed_when_all_its_grades_are() -> None:
    one, other = make_city((3, 0), (3, 0))
    season = make_season()
    Closure.objects.create(school=one, starts_on=MONDAY, ends_on=TUESDAY, reason="Ujian", grades=[11])
    Closure.objects.create(school=other, starts_on=MONDAY, ends_on=TUESDAY, reason="Ujian", grades=[12])

    asked = question(season=season, now=FRIDAY)

    assert asked.closed[one.pk] == {MONDAY: "Ujian", TUESDAY: "Ujian"}
    assert asked.closed[other.pk] == {}


def test_a_school_is_not_visited_on_a_day_that_its_request_calls_impossible() -> None:
    one, other = make_city((3, 0), (3, 0))
    season = make_season()
    for school, state in ((one, "asked"), (other, "withdrawn")):
        DriveRequest.objects.create(
            school=school,
            office=season.office,
            state=state,
            days=[MONDAY],
            impossible_days=[TUESDAY],
            asked_at=FRIDAY,
            changed_at=FRIDAY,
        )

    asked = question(season=season, now=FRIDAY)

    assert [list(asked.closed[school.pk]) for school in (one, other)] == [[TUESDAY], []]


def test_places_are_those_of_the_one_formula_less_setting_up() -> None:
    school = make_city((3, 0))[0]
    friday = date(2027, 1, 15)
    asked = question(season=make_season(kits=4), now=FRIDAY)
    with_setup = question(season=make_season(kits=0, name="Lain", setup_minutes=30, packup_minutes=30), now=FRIDAY)

    parts = [asked.places_of(school.pk, Placement((MONDAY,), 4, part)) for part in Part]
    on_friday = [asked.places_of(school.pk, Placement((friday,), 4, part)) for part in Part]
    trimmed = [with_setup.places_of(school.pk, Placement((MONDAY,), 4, part)) for part in Part]

    assert parts == [122, 61, 61]
    # Nobody is called on Friday after the prayer, but for the time that the office's last timeslot leaves before it.
    assert on_friday == [61, 61, 0]
    assert trimmed == [102, 40, 40]


def test_lesson_hours_of_a_school_narrow_its_places() -> None:
    one, other = make_city((3, 0), (3, 0))
    season = make_season(kits=4)
    for weekday in range(5):
        BellTime.objects.create(school=one, weekday=weekday, starts_at="08:00", ends_at="09:30")

    asked = question(season=season, now=FRIDAY)

    assert asked.places_of(one.pk, Placement((MONDAY,), 4)) == 30
    assert asked.places_of(other.pk, Placement((MONDAY,), 4)) == 122


def test_kits_are_those_in_service_that_are_nowhere_else() -> None:
    school = make_city((3, 0))[0]
    season = make_season(kits=4)
    kit = season.office.kits.order_by("name")[3]
    KitOutage.objects.create(kit=kit, starts_on=TUESDAY, ends_on=TUESDAY, reason="Servis", made_at=FRIDAY)
    create_drive(school=school, plan=plan(days=(MONDAY,), kits=1), by=None, now=FRIDAY)

    free = kits_free(season, [MONDAY, TUESDAY, WEDNESDAY])

    assert free == {MONDAY: (3, 3), TUESDAY: (3, 3), WEDNESDAY: (4, 4)}


def test_two_kits_free_for_a_half_each_are_no_kit_for_a_whole_day() -> None:
    one, other = make_city((3, 0), (3, 0))
    season = make_season(kits=2)
    first, second = season.office.kits.order_by("name")
    morning, afternoon = plan().sessions
    create_drive(school=one, plan=plan(days=(MONDAY,), sessions=(morning,), kit_ids=frozenset({first.pk})), by=None, now=FRIDAY)
    late = plan(days=(MONDAY,), sessions=(afternoon.__class__(season.afternoon_from, season.afternoon_until),))
    create_drive(
        school=other,
        plan=plan(days=(MONDAY,), sessions=late.sessions, kit_ids=frozenset({second.pk})),
        by=None,
        now=FRIDAY,
    )

    assert kits_free(season, [MONDAY])[MONDAY] == (0, 0)


def test_a_school_with_a_drive_to_come_is_locked_and_no_question() -> None:
    one, other = make_city((3, 0), (3, 0))
    season = make_season()
    drive = create_drive(school=one, plan=plan(kits=1), by=None, now=FRIDAY)

    asked = question(season=season, now=FRIDAY)

    assert [(each.school_id, each.drive_id) for each in asked.locked] == [(one.pk, drive.pk)]
    assert list(asked.waiting) == [other.pk]


def test_pinned_turns_are_fixed_and_the_others_are_the_plan_in_force() -> None:
    one, other = make_city((3, 0), (3, 0))
    season = make_season()
    standing = planned(season)
    actions.pin_card(card=standing[one.name], by=None, now=FRIDAY)

    problem = question(season=season, now=FRIDAY).problem

    assert (set(problem.fixed), set(problem.previous)) == ({one.pk}, {other.pk})


def test_a_season_of_many_schools_is_read_with_as_many_queries_as_one_of_few() -> None:
    make_city((2, 0))
    season = make_season()
    Closure.objects.create(office=season.office, starts_on=LAST + timedelta(days=9), ends_on=LAST + timedelta(days=9), reason="-")

    with CaptureQueriesContext(connection) as few:
        question(season=season, now=FRIDAY)
    make_city(*[(2, 1)] * 12)
    with CaptureQueriesContext(connection) as many:
        question(season=season, now=FRIDAY)

    assert (len(few), len(many)) == (13, 13)


@pytest.fixture
def below() -> School:
    """A school of a Satpel below the office of the season."""
    sudin = OfficeFactory()
    satpel = OfficeFactory(name="Satpel Pancoran", level="satpel", parent=sudin)
    return make_school({"XI 1": (3, 1)}, name="SMAN 9 Jakarta", office=satpel)


def test_schools_of_offices_below_take_part_and_become_drives_with_the_seasons_kits(below: School) -> None:
    other = make_city((2, 0))[0]
    season = make_season(office=below.office.parent)

    standing = planned(season)
    made = actions.publish_cards(season=season, by=None, now=FRIDAY)

    assert set(standing) == {below.name, other.name}
    assert {each.name: (each.drive and each.drive.office_id, each.placed, each.refusal) for each in made} == {
        below.name: (season.office_id, 4, ""),
        other.name: (season.office_id, 2, ""),
    }
    assert {each.school_id for each in question(season=season, now=FRIDAY).locked} == {below.pk, other.pk}


def test_an_office_below_that_has_kits_holds_its_own_drives_but_those_of_a_season_are_held_with_the_seasons_kits(
    below: School,
) -> None:
    make_kits(1, below.office)
    season = make_season(office=below.office.parent)

    planned(season)
    (made,) = actions.publish_cards(season=season, by=None, now=FRIDAY)

    assert holder_of(below) == below.office
    assert made.drive
    assert made.drive.office == season.office
    assert set(KitDuty.objects.values_list("kit__office", flat=True)) == {season.office_id}


def test_what_closes_an_office_below_closes_its_schools_alone(below: School) -> None:
    other = make_city((2, 0))[0]
    Closure.objects.create(office=below.office, starts_on=MONDAY, ends_on=MONDAY, reason="Rapat Satpel")

    asked = question(season=make_season(office=below.office.parent), now=FRIDAY)

    assert (asked.closed[below.pk], asked.closed[other.pk]) == ({MONDAY: "Rapat Satpel"}, {})


def test_schools_of_offices_beside_or_above_are_no_question(below: School) -> None:
    make_city((2, 0))
    make_kits(1, below.office)

    season = make_season(office=below.office, kits=0)

    assert [each.name for each in question(season=season, now=FRIDAY).waiting.values()] == [below.name]


def test_a_special_working_day_of_one_school_is_a_day_for_it_alone() -> None:
    one, other = make_city((3, 0), (3, 0))
    season = make_season()
    before = offer(question(season=season, now=FRIDAY))
    saturday = date(2027, 1, 16)
    Closure.objects.create(school=one, starts_on=saturday, ends_on=saturday, reason="Kerja bakti", effect="open")

    asked = question(season=season, now=FRIDAY)

    assert saturday in asked.rules.days
    assert saturday not in asked.off
    assert (asked.closed[one.pk], asked.closed[other.pk]) == ({}, {saturday: "Di luar hari kerja"})
    assert asked.places_of(one.pk, Placement((saturday,), 1)) == 30
    assert offer(asked) == before


def test_a_school_that_is_open_on_its_special_day_only_has_its_turn_then() -> None:
    one, other = make_city((3, 0), (3, 0))
    season = make_season()
    saturday = date(2027, 1, 16)
    Closure.objects.create(school=one, starts_on=MONDAY, ends_on=date(2027, 1, 15), reason="Ujian")
    Closure.objects.create(school=one, starts_on=date(2027, 1, 18), ends_on=LAST, reason="PKL")
    Closure.objects.create(school=one, starts_on=saturday, ends_on=saturday, reason="Kerja bakti", effect="open")

    standing = planned(season)

    assert standing[one.name].days == [saturday]
    assert standing[other.name].days == [MONDAY]

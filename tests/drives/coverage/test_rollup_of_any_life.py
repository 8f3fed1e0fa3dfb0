"""Whatever happens in schools, a roll-up is what a recount says."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from drives.coverage import rollup
from drives.coverage.differences import differences
from drives.models import Visit
from schools.models import Office, School
from students.models import Enrolment, Person
from tests.drives.coverage.recounting import TODAY, a_drive_day, close_day, closed_as, recount, roll_up, stored
from tests.factories import (
    AppointmentFactory,
    CityFactory,
    ClassGroupFactory,
    DukcapilStatusFactory,
    OfficeFactory,
    PersonFactory,
    TimeslotFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Life:
    """One pupil's story: birth, home, schools in turn (left how, with how many days between), a status list, a visit, an
    appointment, and the day on which the last school was finished."""

    born: date | None
    home: str
    sex: str
    moves: tuple[int, ...]
    status: tuple[str, int] | None
    visit: tuple[str, str, int] | None
    appointed: tuple[int, int | None] | None
    ending: str
    pause: int
    finished: int | None


def days(first: int, last: int) -> st.SearchStrategy[int]:
    return st.integers(first, last)


LIVES = st.lists(
    st.builds(
        Life,
        born=st.none()
        | st.dates(date(2010, 10, 25), date(2010, 11, 30))
        | st.sampled_from([date(2008, 2, 29), date(2010, 5, 31)]),
        home=st.sampled_from(["", "31.74", "32.76"]),
        sex=st.sampled_from(["L", "P", ""]),
        moves=st.lists(days(1, 19), max_size=2, unique=True).map(lambda found: tuple(sorted(found))),
        status=st.none()
        | st.tuples(st.sampled_from(["PRINT_READY_RECORD", "UNREGISTERED", "ENROLL_FAILURE_AT_CENTRAL"]), days(-30, 20)),
        visit=st.none()
        | st.tuples(
            st.sampled_from(["student", "student", "other_student"]),
            st.sampled_from(["present", "recorded", "failed", "absent", "declined", "already_recorded", "under_age"]),
            days(0, 20),
        ),
        appointed=st.none() | st.tuples(days(0, 20), st.none() | days(0, 20)),
        ending=st.sampled_from(["moved", "graduated"]),
        pause=days(0, 4),
        finished=st.none() | days(0, 20),
    ),
    max_size=4,
)
FIRST = date(2026, 11, 1)


def live(life: Life, groups: list[object]) -> None:
    """Write this story as rows: at one school, then the other, and back."""
    office = OfficeFactory()
    city = life.home and CityFactory(code=life.home, name=life.home, parent=None)
    person = PersonFactory(birth_date=life.born, sex=life.sex, city=city or None, office=office)
    starts = [date(2026, 10, 28), *(FIRST + timedelta(days=move) for move in life.moves)]
    last = max(FIRST + timedelta(days=life.finished), starts[-1]) if life.finished is not None else None
    ends = [max(begin, end - timedelta(days=life.pause)) for begin, end in pairwise(starts)]
    for turn, (begin, end) in enumerate(zip(starts, [*ends, last], strict=True)):
        group = groups[turn % 2]
        Enrolment.objects.create(
            person=person,
            school=group.school,  # type: ignore[attr-defined]
            office=office,
            class_group=group if turn < 2 else None,  # type: ignore[misc]
            school_year=2026,
            starts_on=begin,
            ends_on=end,
            end_reason=(life.ending if turn < len(ends) else "graduated") if end else "",
        )
    person.refresh_from_db()
    here = person.school or groups[0].school  # type: ignore[attr-defined]
    if life.appointed:
        created, ended = life.appointed
        created_at = datetime(2026, 11, 1, 20, tzinfo=UTC) + timedelta(days=created)
        over = ended is not None and ended >= created
        AppointmentFactory(
            person=person,
            timeslot=TimeslotFactory(),
            school=here,
            created_at=created_at,
            ending="moved" if over else "",
            ended_at=created_at + timedelta(days=(ended or 0) - created, hours=1) if over else None,
        )
    if life.visit:
        kind, state, on = life.visit
        VisitFactory(drive__school=here, person=person, kind=kind, state=state, state_on=FIRST + timedelta(days=on))
    if life.status:
        DukcapilStatusFactory(person=person, status=life.status[0], dated_on=FIRST + timedelta(days=life.status[1]))


def wipe() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM drives_dailycoverage; DELETE FROM drives_coveragetouch; DELETE FROM drives_dayclose;"
            "DELETE FROM drives_appointment; DELETE FROM drives_visit; DELETE FROM drives_dukcapilstatus;"
            "DELETE FROM students_enrolment; DELETE FROM students_person"
        )


@settings(max_examples=25)
@given(lives=LIVES, first=days(0, 19), months=st.sampled_from([192, 198]), rule=st.sampled_from(["03-01", "02-28"]))
def test_a_roll_up_is_what_a_recount_says(lives: list[Life], first: int, months: int, rule: str) -> None:
    wipe()
    office = OfficeFactory()
    Office.objects.filter(pk=office.pk).update(minimum_age_months=months, leap_rule=rule)
    groups: list[object] = [ClassGroupFactory(), ClassGroupFactory(grade=12)]
    for life in lives:
        live(life, groups)
    since = FIRST + timedelta(days=first)

    roll_up(since)

    assert stored() == recount(since, TODAY)
    assert differences(schools=School.objects.values_list("pk", flat=True), first=since, last=TODAY) == []


@settings(max_examples=25)
@given(before=LIVES, after=LIVES, closed=st.lists(days(0, 20), max_size=3, unique=True))
def test_touches_lead_to_the_recount_whatever_changed_and_closed_days_change_by_corrections_alone(
    before: list[Life], after: list[Life], closed: list[int]
) -> None:
    wipe()
    groups: list[object] = [ClassGroupFactory(), ClassGroupFactory(grade=12)]
    for life in before:
        live(life, groups)
    for day in closed:
        close_day(a_drive_day(groups[0].school, FIRST + timedelta(days=day)))  # type: ignore[attr-defined]
    roll_up(FIRST)
    rollup.roll_up_touched(today=TODAY)
    snapshot = stored(is_final=True)

    for life in after:
        live(life, groups)
    for person in Person.objects.order_by("id")[:2]:
        Person.objects.filter(pk=person.pk).update(birth_date=date(2010, 11, 10), sex="L")
        person.statuses.all().delete()
        Visit.objects.filter(person=person).update(state="expected", state_on=None)
    rollup.roll_up_touched(today=TODAY)

    assert stored(day__gte=FIRST) == recount(FIRST, TODAY)
    assert closed_as(snapshot) == snapshot

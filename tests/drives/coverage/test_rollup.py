"""The roll-up equals a recount; a closed day changes by corrections alone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.coverage import rollup
from drives.coverage.differences import differences
from drives.coverage.measures import MEASURES
from drives.models import Appointment, CoverageTouch, DailyCoverage, DayClose, Drive, DriveDay, Visit, VisitEvent
from drives.planning.eligibility import LeapRule, MinimumAge, eligible_on
from schools.models import Office, School
from students.models import Enrolment, Person
from tests.factories import (
    AppointmentFactory,
    CityFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DukcapilStatusFactory,
    OfficeFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)
CELL = ("school_id", "day", "domicile_city", "grade", "sex")
Cells = dict[tuple[object, ...], dict[str, int]]


def stored(**only: object) -> Cells:
    """The figures shown: the sum of a cell's rows."""
    sums: Cells = {}
    for row in DailyCoverage.objects.filter(**only).values(*CELL, *MEASURES):
        cell = sums.setdefault(tuple(row[name] for name in CELL), dict.fromkeys(MEASURES, 0))
        for name in MEASURES:
            cell[name] += row[name]
    return {key: cell for key, cell in sums.items() if any(cell.values())}


def totals(day: date, school: School) -> dict[str, int]:
    cells = [cell for key, cell in stored(day=day, school=school).items()]
    return {name: sum(cell[name] for cell in cells) for name in MEASURES}


def recount(first: date, last: date) -> Cells:
    """By brute force, from the rows and the sentences of the ADR."""
    counted: Cells = {}

    def cell(school_id: object, day: date, person: Person, grade: int) -> dict[str, int]:
        return counted.setdefault((school_id, day, person.city_id or "", grade, person.sex), dict.fromkeys(MEASURES, 0))

    enrolments = list(Enrolment.objects.select_related("person", "school__office", "class_group"))
    appointments = list(Appointment.objects.all())
    visits = list(Visit.objects.exclude(state_on=None).select_related("person"))
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for enrolment in enrolments:
            if not (enrolment.starts_on <= day and (enrolment.ends_on is None or enrolment.ends_on > day)):
                continue
            person, office = enrolment.person, enrolment.school.office
            grade = (enrolment.class_group.grade or 0) if enrolment.class_group else 0
            here = cell(enrolment.school_id, day, person, grade)
            is_recorded = person.recorded_on is not None and person.recorded_on <= day
            is_eligible = person.birth_date is not None and of_age(person.birth_date, day, office)
            here["enrolled_stock"] += 1
            here["recorded_stock"] += is_recorded
            here["eligible_stock"] += is_eligible
            here["eligible_recorded_stock"] += is_eligible and is_recorded
            here["scheduled_stock"] += any(
                appointment.created_at.astimezone(office.zone).date() <= day
                and (appointment.ended_at is None or appointment.ended_at.astimezone(office.zone).date() > day)
                for appointment in appointments
                if (appointment.person_id, appointment.school_id) == (person.pk, enrolment.school_id)
            )
        for finished in _graduated(enrolments, day):
            if finished.person.recorded_on is None or finished.person.recorded_on > day:
                grade = (finished.class_group.grade or 0) if finished.class_group else 0
                cell(finished.school_id, day, finished.person, grade)["unrecorded_graduates_stock"] += 1
        for visit in [visit for visit in visits if visit.state_on == day]:
            grades = [
                (e.class_group.grade or 0) if e.class_group else 0
                for e in enrolments
                if e.person_id == visit.person_id
                and e.school_id == visit.school_id
                and e.starts_on <= day
                and (e.ends_on is None or e.ends_on > day)
            ]
            here = cell(visit.school_id, day, visit.person, grades[0] if grades else 0)
            if visit.kind != "student":
                here["walk_in_count"] += visit.state != "absent"
            else:
                here["present_count"] += visit.state != "absent"
                if visit.state != "present":
                    here[f"{visit.state}_count"] += 1
    return {key: values for key, values in counted.items() if any(values.values())}


def _graduated(enrolments: list[Enrolment], day: date) -> list[Enrolment]:
    """The last graduation of each who is enrolled nowhere on the day."""
    enrolled = {e.person_id for e in enrolments if e.starts_on <= day and (e.ends_on is None or e.ends_on > day)}
    over = [e for e in enrolments if e.end_reason == "graduated" and e.ends_on and e.ends_on <= day]
    newest = {e.person_id: e for e in sorted(over, key=lambda e: (e.ends_on, e.pk))}
    return [e for person, e in newest.items() if person not in enrolled]


def of_age(birth_date: date, day: date, office: Office) -> bool:
    rule = LeapRule.NEXT_DAY if office.leap_rule == Office.LeapRule.MARCH_FIRST else LeapRule.LAST_DAY
    return eligible_on(birth_date, day, MinimumAge(*divmod(office.minimum_age_months, 12)), rule)


def roll_up(first: date = date(2026, 7, 1), last: date = TODAY, noted_on: date = TODAY) -> rollup.RolledUp:
    schools = dict.fromkeys(School.objects.values_list("pk", flat=True), first)
    return rollup.roll_up(since_by_school=schools, until=last, noted_on=noted_on)


def closed_as(snapshot: Cells) -> Cells:
    """The snapshots of the same days, as they stand now; a day that was closed with nobody enrolled had none."""
    taken = {key[:2] for key in snapshot}
    return {key: cell for key, cell in stored(is_final=True, correction_on=None).items() if key[:2] in taken}


def close_day(drive_day: DriveDay) -> None:
    closed_at = datetime.combine(drive_day.day, datetime.min.time(), UTC) + timedelta(hours=8)
    DayClose.objects.create(
        drive_day=drive_day, office=drive_day.office, closed_at=closed_at, closed_by=UserFactory(), tally={}, signed_by_name="Ani"
    )


def a_drive_day(school: School, day: date) -> DriveDay:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    drive = DriveFactory(school=school, status=Drive.Status.PUBLISHED, published_at=moment)
    made: DriveDay = DriveDayFactory(drive=drive, day=day)
    return made


def test_the_worked_example_of_the_adr() -> None:
    school = SchoolFactory()
    depok = CityFactory(code="32.76", name="Kota Depok", parent=None)
    group = ClassGroupFactory(school=school)
    PersonFactory(enrolled=group, birth_date=date(2010, 11, 20))
    PersonFactory(enrolled=group, birth_date=date(2010, 11, 21))
    DukcapilStatusFactory(person=PersonFactory(enrolled=group), dated_on=date(2026, 11, 18))
    PersonFactory(enrolled=group, city=depok)
    teacher = PersonFactory(office=school.office, birth_date=date(1980, 1, 1))
    VisitFactory(
        drive__school=school, person=teacher, kind="teacher", service="renewal", state="served", state_on=date(2026, 11, 20)
    )

    roll_up()

    found = []
    for day in (date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 21)):
        total = totals(day, school)
        outside = sum(cell["eligible_stock"] for key, cell in stored(day=day).items() if key[2] == "32.76")
        stocks = (total["enrolled_stock"], total["eligible_stock"], total["eligible_recorded_stock"])
        found.append((*stocks, outside, total["walk_in_count"]))

    assert found == [(4, 2, 1, 1, 0), (4, 3, 1, 1, 1), (4, 4, 1, 1, 0)]


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


def test_running_twice_writes_nothing_the_second_time() -> None:
    PersonFactory(enrolled=ClassGroupFactory())
    first = roll_up()

    second = roll_up()

    assert first.written > 0
    assert (second.written, second.removed) == (0, 0)


def test_a_cell_that_vanished_is_removed() -> None:
    person = PersonFactory(enrolled=ClassGroupFactory())
    roll_up()

    person.enrolments.all().delete()
    rollup.roll_up_touched(today=TODAY)

    assert stored() == {}
    assert not DailyCoverage.objects.exists()


def test_what_comes_after_the_closing_stands_beside_the_snapshot() -> None:
    group = ClassGroupFactory()
    late, *_others = [PersonFactory(enrolled=group) for _ in range(3)]
    drive_day = a_drive_day(group.school, date(2026, 11, 19))
    close_day(drive_day)
    roll_up(noted_on=date(2026, 11, 19), last=date(2026, 11, 19))

    DukcapilStatusFactory(person=late, dated_on=date(2026, 11, 19))
    rollup.roll_up_touched(today=TODAY)

    rows = DailyCoverage.objects.filter(day=date(2026, 11, 19)).order_by("correction_on")
    assert [(row.eligible_stock, row.eligible_recorded_stock, row.is_final, row.correction_on) for row in rows] == [
        (0, 1, True, TODAY),
        (3, 0, True, None),
    ]
    assert totals(date(2026, 11, 19), group.school)["eligible_recorded_stock"] == 1


def test_a_day_with_one_drive_still_open_is_not_final() -> None:
    group = ClassGroupFactory()
    PersonFactory(enrolled=group)
    close_day(a_drive_day(group.school, date(2026, 11, 19)))
    a_drive_day(group.school, date(2026, 11, 19))

    roll_up()

    assert not DailyCoverage.objects.filter(is_final=True).exists()


def test_a_day_keeps_who_was_absent_when_they_are_recorded_on_the_next() -> None:
    group = ClassGroupFactory()
    person = PersonFactory(enrolled=group)
    visit = VisitFactory(drive__school=group.school, person=person)
    for number, (kind, day) in enumerate([("absent", 19), ("recorded", 20)], start=1):
        moment = datetime(2026, 11, day, 3, tzinfo=UTC)
        VisitEvent.objects.create(
            id=uuid7(),
            visit=visit,
            drive=visit.drive,
            school=group.school,
            office=visit.office,
            kind=kind,
            source="tablet",
            source_sequence=number,
            device_at=moment,
            received_at=moment,
            day=date(2026, 11, day),
        )
    Visit.objects.filter(pk=visit.pk).update(state="recorded", state_on=date(2026, 11, 20))

    roll_up()

    first, second = (totals(date(2026, 11, day), group.school) for day in (19, 20))
    assert (first["absent_count"], first["recorded_count"], first["present_count"]) == (1, 0, 0)
    assert (second["absent_count"], second["recorded_count"], second["present_count"]) == (0, 1, 1)


def test_a_status_written_in_raw_sql_leaves_a_touch_that_the_roll_up_takes() -> None:
    person = PersonFactory(enrolled=ClassGroupFactory())
    roll_up()
    CoverageTouch.objects.all().delete()

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO drives_dukcapilstatus (id, person_id, office_id, status, dated_on, created_at)"
            " VALUES (%s, %s, %s, 'PRINT_READY_RECORD', '2026-11-18', now())",
            [uuid7(), person.pk, person.office_id],
        )
    touches = list(CoverageTouch.objects.values_list("school_id", "since"))
    rollup.roll_up_touched(today=TODAY)

    assert touches == [(person.school_id, date(2026, 11, 18))]
    assert not CoverageTouch.objects.exists()
    assert [totals(date(2026, 11, day), person.school)["eligible_recorded_stock"] for day in (17, 18, 21)] == [0, 1, 1]


def test_somebody_who_moved_is_recounted_at_the_school_of_that_day() -> None:
    old, new = ClassGroupFactory(), ClassGroupFactory()
    person = PersonFactory(enrolled=old)
    person.enrolments.update(ends_on=date(2026, 11, 15), end_reason="moved")
    Enrolment.objects.create(
        person=person, school=new.school, office=person.office, school_year=2026, starts_on=date(2026, 11, 15)
    )
    roll_up()

    DukcapilStatusFactory(person=person, dated_on=date(2026, 11, 10))
    rollup.roll_up_touched(today=TODAY)

    assert totals(date(2026, 11, 14), old.school)["eligible_recorded_stock"] == 1
    assert totals(date(2026, 11, 15), old.school)["enrolled_stock"] == 0
    assert totals(date(2026, 11, 15), new.school)["eligible_recorded_stock"] == 1


def test_another_minimum_age_recounts_open_days() -> None:
    group = ClassGroupFactory()
    PersonFactory(enrolled=group, birth_date=date(2010, 7, 1))
    roll_up()

    Office.objects.filter(pk=group.school.office_id).update(minimum_age_months=198)
    rollup.roll_up_touched(today=TODAY)

    assert totals(TODAY, group.school)["eligible_stock"] == 0


def test_the_night_brings_birthdays_and_fills_days_that_were_missed() -> None:
    group = ClassGroupFactory()
    PersonFactory(enrolled=group, birth_date=date(2010, 11, 20))
    roll_up(last=date(2026, 11, 17))
    CoverageTouch.objects.all().delete()

    rollup.roll_up_all(today=TODAY)

    assert [totals(date(2026, 11, day), group.school)["eligible_stock"] for day in (17, 18, 19, 20, 21)] == [0, 0, 0, 1, 1]


def test_verify_writes_nothing_and_names_the_cell_that_is_wrong() -> None:
    group = ClassGroupFactory()
    PersonFactory(enrolled=group)
    roll_up()
    DailyCoverage.objects.filter(day=date(2026, 11, 18)).update(enrolled_stock=7)

    with pytest.raises(CommandError) as refused:
        call_command("rollup_coverage", "--from", "2026-11-01", "--to", "2026-11-20", "--verify")

    assert str(refused.value) == (
        "1 cells differ from a recount:\n"
        f"{group.school.npsn} 2026-11-18 domicile_city=- grade=11 sex=P: enrolled_stock 7, recounted 1"
    )
    assert DailyCoverage.objects.filter(enrolled_stock=7).count() == 1


def test_the_command_recounts_and_verify_then_finds_nothing() -> None:
    PersonFactory(enrolled=ClassGroupFactory(), enrolled_since=date(2026, 11, 1))
    out = StringIO()

    call_command("rollup_coverage", "--to", "2026-11-20", "--json", stdout=out)
    call_command("rollup_coverage", "--to", "2026-11-20", "--verify")

    assert out.getvalue() == '{"from": "2026-11-01", "to": "2026-11-20", "schools": 1, "written": 20, "removed": 0}\n'


def unrecorded_graduates(school: School, *on: date) -> list[int]:
    return [totals(day, school)["unrecorded_graduates_stock"] for day in on]


def finish(person: Person, on: date) -> None:
    """In raw SQL, as an import does it for hundreds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE students_enrolment SET ends_on = %s, end_reason = 'graduated' WHERE person_id = %s", [on, person.pk]
        )


def test_a_graduate_without_a_recording_is_counted_until_recorded_or_enrolled_elsewhere() -> None:
    """Two finish on the 10th; one is recorded on the 12th, the other enrols in an evening school on the 14th."""
    school, other = SchoolFactory(), SchoolFactory()
    recorded_late, enrolled_late = (PersonFactory(enrolled=ClassGroupFactory(school=school)) for _ in range(2))
    rollup.roll_up_touched(today=TODAY)
    days_asked = [date(2026, 11, day) for day in (9, 10, 12, 14)]

    for person in (recorded_late, enrolled_late):
        finish(person, date(2026, 11, 10))
    rollup.roll_up_touched(today=TODAY)
    assert unrecorded_graduates(school, *days_asked) == [0, 2, 2, 2]

    DukcapilStatusFactory(person=recorded_late, dated_on=date(2026, 11, 12))
    rollup.roll_up_touched(today=TODAY)
    assert unrecorded_graduates(school, *days_asked) == [0, 2, 1, 1]

    enrolment = Enrolment.objects.create(
        person=enrolled_late, school=other, office=other.office, school_year=2026, starts_on=date(2026, 11, 14)
    )
    rollup.roll_up_touched(today=TODAY)
    assert unrecorded_graduates(school, *days_asked) == [0, 2, 1, 0]
    assert unrecorded_graduates(other, *days_asked) == [0, 0, 0, 0]

    Enrolment.objects.filter(pk=enrolment.pk).update(starts_on=date(2026, 11, 18))
    rollup.roll_up_touched(today=TODAY)
    assert unrecorded_graduates(school, *days_asked) == [0, 2, 1, 1]

    Enrolment.objects.filter(pk=enrolment.pk).update(ends_on=date(2026, 11, 19), end_reason="graduated")
    rollup.roll_up_touched(today=TODAY)
    assert (unrecorded_graduates(school, TODAY), unrecorded_graduates(other, TODAY)) == ([0], [1])

    Enrolment.objects.filter(pk=enrolment.pk).delete()
    rollup.roll_up_touched(today=TODAY)
    assert unrecorded_graduates(school, TODAY) == [1]
    assert differences(schools=School.objects.values_list("pk", flat=True), first=days_asked[0], last=TODAY) == []


def test_an_ended_enrolment_that_is_written_later_is_noticed_at_the_last_school() -> None:
    school, other = SchoolFactory(), SchoolFactory()
    person = PersonFactory(enrolled=ClassGroupFactory(school=school))
    finish(person, date(2026, 11, 10))
    rollup.roll_up_touched(today=TODAY)

    Enrolment.objects.create(
        person=person,
        school=other,
        office=other.office,
        school_year=2026,
        starts_on=date(2026, 11, 12),
        ends_on=date(2026, 11, 14),
        end_reason="left",
    )
    rollup.roll_up_touched(today=TODAY)

    assert unrecorded_graduates(school, *(date(2026, 11, day) for day in (11, 12, 13, 14))) == [1, 0, 0, 1]

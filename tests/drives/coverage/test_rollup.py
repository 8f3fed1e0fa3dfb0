"""The roll-up equals a recount; a closed day changes by corrections alone."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from uuid6 import uuid7

from drives.coverage import rollup
from drives.coverage.differences import differences
from drives.models import CoverageTouch, DailyCoverage, Visit, VisitEvent
from schools.models import Office, School
from students.models import Enrolment, Person
from tests.drives.coverage.recounting import TODAY, a_drive_day, close_day, roll_up, stored, totals
from tests.factories import (
    CityFactory,
    ClassGroupFactory,
    DukcapilStatusFactory,
    PersonFactory,
    SchoolFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db


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

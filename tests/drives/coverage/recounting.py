"""The figures by brute force, from the rows and the sentences of the ADR; and days that are closed."""

from datetime import UTC, date, datetime, timedelta

from drives.coverage import rollup
from drives.coverage.measures import MEASURES
from drives.models import Appointment, DailyCoverage, DayClose, Drive, DriveDay, Visit
from drives.planning.eligibility import LeapRule, MinimumAge, eligible_on
from schools.models import Office, School
from students.models import Enrolment, Person
from tests.factories import (
    DriveDayFactory,
    DriveFactory,
    UserFactory,
)

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

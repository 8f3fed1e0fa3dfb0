"""Who of which school waits for a recording: read in one pass, for three hundred schools as for one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from drives.models import Appointment, Season
from drives.planning.eligibility import CARD_AGE, LeapRule, MinimumAge, eligible_from, turns
from drives.planning.facts import OPEN
from drives.planning.plan import minimum_age
from drives.season.solver.problem import Position
from schools.models import School
from students.models import ClassGroup, Consent, Enrolment, Person


@dataclass(frozen=True, slots=True)
class Waiting:
    """A school with people who wait: their birth dates with the places that each needs, the eldest first."""

    id: UUID
    name: str
    district: str
    district_name: str
    people: tuple[tuple[date, int], ...]
    grades: frozenset[str]
    position: Position | None = None
    without_birth_date: int = 0

    def eligible(self, day: date, age: MinimumAge, leap_rule: LeapRule) -> int:
        return sum(eligible_from(born, age, leap_rule) <= day for born, _places in self.people)

    def seventeen(self, day: date, leap_rule: LeapRule) -> int:
        return sum(turns(born, CARD_AGE, leap_rule) <= day for born, _places in self.people)

    @property
    def places(self) -> int:
        return sum(places for _born, places in self.people)


def waiting_at(season: Season, schools: Sequence[School], *, now: datetime) -> dict[UUID, Waiting]:
    """Those of the schools with somebody who may be recorded by the season's last day, or by the reference date before it."""
    until = min(season.ends_on, season.reference_on or season.ends_on)
    people: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    grades: defaultdict[UUID, set[str]] = defaultdict(set)
    unknown: defaultdict[UUID, int] = defaultdict(int)
    age, leap_rule = minimum_age(season.minimum_age_months), LeapRule(season.office.leap_rule)
    rows = to_record(season, schools, now=now).values_list("school_id", "grade", "birth_date", "places_needed")
    for school_id, grade, born, places in rows:
        if school_id is None:
            continue
        if born is None:
            unknown[school_id] += 1
        elif eligible_from(born, age, leap_rule) <= until:
            people[school_id].append((born, places))
            grades[school_id].add(str(grade or ""))
    return {
        school.pk: Waiting(
            school.pk,
            school.name,
            school.district_id,
            school.district.name,
            tuple(sorted(people[school.pk])),
            frozenset(grades[school.pk]),
            position_of(school),
            unknown[school.pk],
        )
        for school in schools
        if school.pk in people
    }


def to_record(season: Season, schools: Sequence[School], *, now: datetime) -> QuerySet[Any]:
    """As `planning.facts.people_to_record` for one school: needing recording, and without a place in a drive to come.

    Each with the `grade` of the live enrolment, whose school is the person's (a trigger keeps it). Persons are joined with no
    other table: who has a place is one set, asked once, and a grade is looked up by key, and by key again. Left to choose the
    order of a join, the planner of a database whose statistics are still those of empty tables compares everybody with
    everybody.
    """
    taken = Appointment.objects.live().filter(drive__status__in=OPEN, timeslot__ends_at__gt=now).values("person")
    live = Enrolment.objects.live().filter(person=OuterRef(OuterRef("pk"))).values("class_group")
    group = ClassGroup.objects.filter(pk=Subquery(live)).values("grade")
    found: QuerySet[Any] = Person.objects.needing_recording().filter(
        anonymised_at=None, school__in=[school.pk for school in schools]
    )
    found = found.exclude(pk__in=taken).annotate(grade=Subquery(group))
    if season.grades:
        found = found.filter(grade__in=season.grades)
    if season.office.consent_required:
        found = found.annotate(may_come=Consent.objects.standing_for("pk")).filter(may_come=True)
    return found


def position_of(school: School) -> Position | None:
    if school.latitude is None or school.longitude is None:
        return None
    return school.latitude, school.longitude

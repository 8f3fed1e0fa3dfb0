"""A school of any size, made in a few statements, and the plan of the first seed case."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from uuid6 import uuid7

from drives.models import Drive, Kit, Timeslot
from drives.planning.capacity import Session
from drives.planning.plan import Plan
from schools.models import Office, School
from students.models import ClassGroup, Enrolment, Person
from tests.factories import NOW, KitFactory, OfficeFactory, SchoolFactory

# Friday morning in Jakarta; the drive is on Tuesday to Thursday of the week after.
FRIDAY = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)
MORNING, AFTERNOON = Session(time(7), time(10)), Session(time(10, 30), time(13, 30))
AGED_17, AGED_16 = date(2009, 6, 1), date(2010, 6, 1)


def plan(**changes: Any) -> Plan:
    """Three days of two sessions with five kits."""
    wishes: dict[str, Any] = {"days": (TUESDAY, WEDNESDAY, THURSDAY), "sessions": (MORNING, AFTERNOON), "kits": 5}
    return Plan(**(wishes | changes))


def make_kits(count: int, office: Office | None = None) -> list[Kit]:
    office = office or OfficeFactory()
    return [KitFactory(office=office, name=f"Alat {number}") for number in range(1, count + 1)]


def make_class(school: School, name: str, birth_dates: list[date], *, grade: int = 11) -> ClassGroup:
    """A class with one pupil for each birth date."""
    group = ClassGroup.objects.create(school=school, school_year=2026, grade=grade, name=name)
    people = [
        Person(
            id=uuid7(),
            name=f"SISWA {name} {number}",
            search_name=f"SISWA {name} {number}",
            birth_date=birth_date,
            office=school.office,
            created_at=NOW,
            updated_at=NOW,
        )
        for number, birth_date in enumerate(birth_dates, 1)
    ]
    Person.objects.bulk_create(people)
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                person=person,
                school=school,
                office=school.office,
                class_group=group,
                school_year=2026,
                starts_on=date(2026, 7, 13),
            )
            for person in people
        ]
    )
    return group


def make_school(classes: Mapping[str, tuple[int, int]], **facts: Any) -> School:
    """By class how many are 17 and how many 16."""
    school = SchoolFactory(**facts)
    for name, (aged_17, aged_16) in classes.items():
        grade = {"X": 10, "XI": 11, "XII": 12}[name.split()[0]]
        make_class(school, name, [AGED_17] * aged_17 + [AGED_16] * aged_16, grade=grade)
    return school


def sman_55() -> School:
    """The seed case: 452 pupils in fifteen classes, 228 of them 17 in November 2026."""
    sizes = [30] * 13 + [31] * 2
    aged_17 = [30, 30, 30, 30, 30, 15, 15, 12, 12, 8, 8, 4, 2, 1, 1]
    names = [f"XII MIPA {n}" for n in range(1, 6)] + [f"XI MERDEKA {n}" for n in range(1, 11)]
    classes = {name: (old, size - old) for name, size, old in zip(names, sizes, aged_17, strict=True)}
    return make_school(classes, npsn="20102575", name="SMAN 55 Jakarta")


def refused(code: str) -> "pytest.RaisesExc[ValidationError]":
    return pytest.raises(ValidationError, check=lambda error: error.code == code)


def places_of(drive: Drive) -> int:
    return sum(Timeslot.objects.filter(drive=drive).values_list("places", flat=True))

"""A small city: districts, schools and pupils, rolled up to a fixed day."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

import pytest
import time_machine
from uuid6 import uuid7

from drives.coverage import rollup
from drives.models import DukcapilStatus
from schools.models import Office, School
from students.models import ClassGroup, Enrolment, Person
from tests.factories import (
    JAKARTA,
    NOW,
    CityFactory,
    ClassGroupFactory,
    OfficeFactory,
    RegionFactory,
    SchoolFactory,
)

TODAY = date(2026, 11, 24)
DISTRICTS = {"31.74.08": "Pancoran", "31.74.09": "Jagakarsa", "31.74.07": "Kebayoran Baru"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is Tuesday, 24 November 2026, ten in the morning in Jakarta."""
    with time_machine.travel(datetime(2026, 11, 24, 10, tzinfo=JAKARTA), tick=False) as traveller:
        yield traveller


@pytest.fixture
def office() -> Office:
    made: Office = OfficeFactory()
    return made


def fill(school: School, eligible: int, recorded: Mapping[date, int], *, outside: int = 0) -> ClassGroup:
    """Pupils of 17 at a school, so many of them recorded on these days, so many at home in Depok."""
    group: ClassGroup = ClassGroupFactory(school=school)
    depok = CityFactory(code="32.76", name="Kota Depok", parent=None)
    people = [
        Person(
            id=uuid7(),
            name=f"SISWA {number}",
            search_name=f"SISWA {number}",
            sex="L",
            birth_date=date(2009, 6, 1),
            office=school.office,
            city=depok if number < outside else school.office.region,
            created_at=NOW,
            updated_at=NOW,
        )
        for number in range(eligible)
    ]
    Person.objects.bulk_create(people)
    Enrolment.objects.bulk_create(
        Enrolment(
            person=person,
            school=school,
            office=school.office,
            class_group=group,
            school_year=2026,
            starts_on=date(2026, 10, 20),
        )
        for person in people
    )
    days = [day for day, count in recorded.items() for _ in range(count)]
    DukcapilStatus.objects.bulk_create(
        DukcapilStatus(person=person, office=school.office, status="PRINT_READY_RECORD", dated_on=day, created_at=NOW)
        for person, day in zip(people, days, strict=False)
    )
    return group


@pytest.fixture
def city(office: Office) -> dict[str, School]:
    """Pancoran 40 of 100 (one of today), of which school "small" 3 of 20; Jagakarsa 30 of 100; Kebayoran Baru 60 of 100."""
    schools: dict[str, School] = {}
    yesterday, early = date(2026, 11, 23), date(2026, 10, 25)
    for name, district, eligible, recorded, outside in (
        ("large", "31.74.08", 50, {early: 20, date(2026, 11, 24): 1}, 10),
        ("middle", "31.74.08", 30, {early: 16}, 0),
        ("small", "31.74.08", 20, {early: 3}, 0),
        ("south", "31.74.09", 100, {early: 20, yesterday: 10}, 0),
        ("west", "31.74.07", 100, {early: 60}, 0),
    ):
        region = RegionFactory(code=district, name=DISTRICTS[district])
        kind = "SMK" if name == "south" else "SMA"
        schools[name] = SchoolFactory(name=f"Sekolah {name}", office=office, district=region, kind=kind)
        fill(schools[name], eligible, recorded, outside=outside)
    rollup.roll_up_touched(today=TODAY)
    return schools

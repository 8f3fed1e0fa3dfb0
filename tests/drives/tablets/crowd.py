"""A school of 452 at a drive, with names as they are, in the timeslots of two days."""

from datetime import date
from typing import Final

from django.db.models import F
from uuid6 import uuid7

from drives.demo.people import ClassPlan, Crowd
from drives.models import Appointment, Timeslot, Visit
from drives.planning.slips import make_visits
from schools.names import normalise
from students.models import Enrolment, Person
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import ClassGroupFactory

CLASSES: Final = [ClassPlan(f"XII {track} {number}", 20, 11, 1) for track in ("MIPA", "IPS") for number in range(1, 8)]
EXTRA: Final = ClassPlan("XI MIPA 1", 2, 1, younger=1)


def crowd(hall: Hall) -> list[Visit]:
    """Their visits, in the order of their names; three of four are due today."""
    pupils = Crowd(DAY).pupils(hall.school.npsn, [*CLASSES, EXTRA])
    office, school = hall.drive.office, hall.school
    groups = {plan.name: ClassGroupFactory(school=school, name=plan.name, grade=12) for plan in (*CLASSES, EXTRA)}
    people = [
        Person(
            id=uuid7(),
            name=pupil.name,
            search_name=normalise(pupil.name),
            birth_date=pupil.birth_date,
            office=office,
            created_at=NOW,
            updated_at=NOW,
        )
        for pupil in pupils
    ]
    Person.objects.bulk_create(people)
    Enrolment.objects.bulk_create(
        Enrolment(
            person=person,
            school=school,
            office=office,
            class_group=groups[pupil.class_name],
            school_year=groups[pupil.class_name].school_year,
            starts_on=date(2026, 7, 13),
        )
        for person, pupil in zip(people, pupils, strict=True)
    )
    Timeslot.objects.filter(drive=hall.drive).update(places=F("places") + len(people))
    Appointment.objects.bulk_create(
        Appointment(
            timeslot=hall.slots[place * len(hall.slots) // len(people)],
            drive=hall.drive,
            person=person,
            school=school,
            office=office,
            class_group=groups[pupil.class_name],
            created_at=NOW,
        )
        for place, (person, pupil) in enumerate(zip(people, pupils, strict=True))
    )
    make_visits(drive=hall.drive, people=[person.pk for person in people], now=NOW)
    return list(Visit.objects.filter(drive=hall.drive).select_related("person").order_by("person__search_name", "pk"))

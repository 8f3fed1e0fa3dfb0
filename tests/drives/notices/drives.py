"""A published drive with two classes, as most tests of this room want it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.test import Client

from drives.models import Drive, DriveDay, Notice, Timeslot, Visit
from drives.notices import actions
from students.models import ClassGroup, Person
from tests.factories import (
    AppointmentFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    VisitFactory,
    at,
)

DRIVE_DAY = date(2026, 11, 24)
PUBLISHED_AT = at(date(2026, 11, 18), "10.00")
NIK = "3174086106099001"


@dataclass
class Scene:
    drive: Drive
    day: DriveDay
    slot: Timeslot
    classes: Sequence[ClassGroup]
    persons: Sequence[Person]

    def plan(self, now: datetime = PUBLISHED_AT) -> int:
        return actions.plan_notices(drive=self.drive, now=now)


def published_drive(*, people: int = 1, nik: str = NIK, on: date = DRIVE_DAY) -> Scene:
    """SMAN 55, on 24 November 2026 unless said otherwise: class XI 1 has a teacher with an address, class XI 2 has none."""
    school = SchoolFactory(name="SMAN 55 Jakarta", email="sman55@sekolah.example")
    classes = [
        ClassGroupFactory(school=school, name="XI 1", homeroom_name="Bu Sari", homeroom_email="sari@guru.example"),
        ClassGroupFactory(school=school, name="XI 2"),
    ]
    drive = DriveFactory(
        school=school,
        venue="Aula",
        status="published",
        published_at=PUBLISHED_AT,
        revision=1,
        documents_to_bring="fotokopi kartu keluarga (KK)",
    )
    day = DriveDayFactory(drive=drive, day=on)
    slot = TimeslotFactory(session=DriveSessionFactory(drive_day=day))
    persons = []
    for number, group in enumerate(classes):
        for place in range(people):
            own = nik if (number, place) == (0, 0) else ""
            person = PersonFactory(name=f"ANINDYA KE {number} {place}", enrolled=group, nik=own)
            AppointmentFactory(timeslot=slot, person=person, class_group=group)
            persons.append(person)
    return Scene(drive, day, slot, classes, persons)


def visit_for(scene: Scene) -> Visit:
    visit: Visit = VisitFactory(drive=scene.drive, person=scene.persons[0])
    return visit


def kinds_and_recipients() -> list[tuple[str, str, str]]:
    found = Notice.objects.order_by("due_at", "kind", "channel", "recipient").values_list("kind", "channel", "recipient")
    return [(kind, channel, recipient) for kind, channel, recipient in found]


def open_own_slot(client: Client, visit: Visit, birth_date: date | None = None) -> int:
    """Posts a birth date (the right one, if none is given) and answers the status."""
    said = birth_date or visit.person.birth_date
    assert said is not None
    fields = {"day": said.day, "month": said.month, "year": said.year}
    return client.post(f"/s/{visit.token}/", fields).status_code

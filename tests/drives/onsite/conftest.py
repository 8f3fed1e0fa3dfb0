"""A school hall with people in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from drives.models import Drive, DriveDay, Kit, Timeslot, Visit
from schools.models import School, User
from tests.factories import (
    AppointmentFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    KitDutyFactory,
    KitFactory,
    OperatorDutyFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
    at,
)

DAY = date(2026, 11, 24)
NOW = at(DAY, "09.41")


@dataclass
class Hall:
    """A drive of two days; today's has three timeslots, two kits and an operator of its own."""

    drive: Drive
    today: DriveDay
    tomorrow: DriveDay
    slots: list[Timeslot]
    kits: list[Kit]
    school: School
    operator: User
    lead: User

    def expect(self, name: str, *, slot: int = 1, class_name: str = "XII MIPA 2", **person: object) -> Visit:
        """Somebody who has an appointment and a slip."""
        group = self.school.class_groups.filter(name=class_name).first() or ClassGroupFactory(
            school=self.school, name=class_name, grade=12
        )
        pupil = PersonFactory(name=name, enrolled=group, **person)
        AppointmentFactory(timeslot=self.slots[slot], person=pupil, class_group=group)
        visit: Visit = VisitFactory(drive=self.drive, person=pupil)
        return visit


@pytest.fixture
def this_morning() -> Iterator[None]:
    """The clock stands at 09.41 on the first day."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hall() -> Hall:
    school = SchoolFactory(name="SMAN 55 Jakarta")
    drive = DriveFactory(school=school, status=Drive.Status.PUBLISHED, published_at=NOW, documents_to_bring="fotokopi KK")
    today = DriveDayFactory(drive=drive, day=DAY)
    tomorrow = DriveDayFactory(drive=drive, day=DAY + timedelta(days=1))
    session = DriveSessionFactory(drive_day=today, starts_at=at(DAY, "09.00"), ends_at=at(DAY, "12.00"))
    slots: list[Timeslot] = [
        TimeslotFactory(session=session, starts_at=at(DAY, start), ends_at=at(DAY, end))
        for start, end in (("09.00", "09.30"), ("09.30", "10.00"), ("10.00", "10.30"))
    ]
    later = DriveSessionFactory(drive_day=tomorrow, starts_at=at(tomorrow.day, "09.00"), ends_at=at(tomorrow.day, "12.00"))
    slots.append(TimeslotFactory(session=later, starts_at=at(tomorrow.day, "09.00"), ends_at=at(tomorrow.day, "09.30")))
    kits: list[Kit] = [KitFactory(name=f"Alat {number}") for number in (1, 2)]
    for kit in kits:
        KitDutyFactory(kit=kit, drive_day=today)
    operator = UserFactory(operator=drive.office, name="Rina Operator")
    OperatorDutyFactory(user=operator, drive_day=today)
    lead = UserFactory(lead_operator=drive.office, name="Budi Ketua")
    return Hall(drive, today, tomorrow, slots, kits, school, operator, lead)


@pytest.fixture
def tablet(hall: Hall, client: Client) -> Client:
    """A browser in which the operator of today is signed in."""
    client.force_login(hall.operator)
    return client

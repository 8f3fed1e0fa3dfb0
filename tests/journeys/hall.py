"""Today's drive as a browser's story needs it: timeslots over all hours of the day, so that one is always under way."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from playwright.sync_api import Page, expect

from drives.models import Drive, DriveDay, Kit, Timeslot, Visit
from schools.models import User
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
)

JAKARTA = ZoneInfo("Asia/Jakarta")
PER_SLOT = 20
NAMES = ("Muhammad Rizky Pratama", "Aisyah Zahra Ramadhani", "Bagus Wicaksono", "Nur'aini Salsabila", "Kevin Situmorang")


@dataclass
class Hall:
    """Today's drive in timeslots of twenty, over all hours of the day: whenever the story is told, one is under way."""

    drive_day: DriveDay
    kit: Kit
    operator: User
    visits: list[Visit]


def hall_of(count: int) -> Hall:
    day = timezone.localdate()
    school = SchoolFactory(name="SMAN 55 Jakarta")
    drive = DriveFactory(school=school, status=Drive.Status.PUBLISHED, published_at=timezone.now())
    drive_day = DriveDayFactory(drive=drive, day=day)
    start = datetime.combine(day, time(0, 0), JAKARTA)
    session = DriveSessionFactory(drive_day=drive_day, starts_at=start, ends_at=start + timedelta(hours=23, minutes=59))
    length = timedelta(hours=23) / max(1, -(-count // PER_SLOT))
    kit = KitFactory(name="Alat 3")
    KitDutyFactory(kit=kit, drive_day=drive_day)
    group = ClassGroupFactory(school=school, name="XII MIPA 2", grade=12)
    operator = UserFactory(operator=drive.office, name="Rina Operator")
    OperatorDutyFactory(user=operator, drive_day=drive_day)
    visits: list[Visit] = []
    for number in range(count):
        if number % PER_SLOT == 0:
            begins = start + length * (number // PER_SLOT)
            slot = TimeslotFactory(session=session, starts_at=begins, ends_at=begins + length, places=PER_SLOT)
        name = NAMES[number] if number < len(NAMES) else f"Siswa Perjalanan {number:03d}"
        person = PersonFactory(name=name, enrolled=group)
        AppointmentFactory(timeslot=slot, person=person, class_group=group)
        visits.append(VisitFactory(drive=drive, person=person))
    return Hall(drive_day, kit, operator, visits)


def with_room(hall: Hall) -> Hall:
    """Places for guests, at whatever hour the story is told."""
    slots = Timeslot.objects.filter(drive_day=hall.drive_day)
    slots.update(places=4 * PER_SLOT)
    last = slots.order_by("-starts_at")[:1]
    slots.filter(pk__in=last.values_list("pk")).update(ends_at=datetime.combine(hall.drive_day.day, time(23, 59), JAKARTA))
    return hall


def find(page: Page, text: str, name: str) -> None:
    field = page.get_by_role("searchbox")
    field.fill(text)
    field.press("Enter")
    expect(page.locator(".jb-result__w", has_text=name)).to_be_visible()


def tap(page: Page, outcome: str, reason: str = "") -> None:
    """One tap, or two where a reason belongs to it; what comes next is said once it is on the disk."""
    if reason:
        page.locator(".jb-outcomes summary", has_text=outcome).click()
    page.get_by_role("button", name=reason or outcome, exact=True).click()
    expect(page.locator("[data-result] h2", has_text="Silakan berikutnya")).to_be_visible()

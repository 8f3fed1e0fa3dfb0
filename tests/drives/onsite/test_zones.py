"""In Jayapura the day's pages show Jayapura's hours: seven o'clock is five in Jakarta."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from uuid6 import uuid7

from drives.documents import sheets
from drives.models import Appointment, DayClose, Drive, DriveDay
from drives.onsite.actions import record_event
from drives.onsite.incidents import open_incident
from drives.onsite.wall import wall_of
from schools.models import Office
from tests.drives.onsite.conftest import DAY, Hall
from tests.factories import (
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    OfficeFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    at,
)

pytestmark = pytest.mark.django_db
SEVEN = datetime.combine(DAY, time(7), ZoneInfo("Asia/Jayapura"))


@pytest.fixture
def east(hall: Hall) -> Iterator[Hall]:
    """Twenty past seven there: somebody came on the stroke of seven, and a kit broke at that moment."""
    Office.objects.filter(pk=hall.drive.office_id).update(time_zone="Asia/Jayapura")
    hall.drive.office.refresh_from_db()
    session = DriveSessionFactory(drive_day=hall.today, starts_at=SEVEN, ends_at=SEVEN + timedelta(hours=1))
    hall.slots.insert(0, TimeslotFactory(session=session, starts_at=SEVEN, ends_at=SEVEN + timedelta(minutes=30)))
    with time_machine.travel(SEVEN, tick=False):
        visit = hall.expect("Siswa Timur", slot=0)
        record_event(event_id=uuid7(), visit=visit, kind="arrived", by=hall.operator, now=SEVEN)
        open_incident(incident_id=uuid7(), drive_day=hall.today, kind="kit_broken", kit=hall.kits[0], by=hall.lead, now=SEVEN)
    with time_machine.travel(SEVEN + timedelta(minutes=20), tick=False):
        yield hall


@pytest.mark.parametrize(
    "address",
    ["/today/{day}/", "/drives/{drive}/live/", "/live/", "/today/{day}/close/", "/today/{day}/paper/", "/today/{day}/incidents/"],
)
def test_seven_oclock_reads_seven_on_every_page_of_the_day(east: Hall, client: Client, address: str) -> None:
    client.force_login(east.lead)

    answer = client.get(address.format(day=east.today.pk, drive=east.drive.pk))

    page = answer.content.decode()
    assert (answer.status_code, "07.00" in page, "05.00" in page) == (200, True, False)
    assert timezone.get_current_timezone_name() == "Asia/Jakarta"


def test_a_closed_day_and_its_next_chances_are_of_the_offices_zone(east: Hall, client: Client) -> None:
    DayClose.objects.create(
        drive_day=east.today, office=east.drive.office, closed_at=SEVEN, closed_by=east.lead, tally={}, signed_by_name="Budi"
    )
    client.force_login(east.lead)

    pages = [
        client.get(f"{place}").content.decode()
        for place in (f"/today/{east.today.pk}/close/", f"/follow-ups/days/{east.today.pk}/")
    ]

    assert ["07.00 WIT" in pages[0], "07.00" in pages[1]] == [True, True]
    assert not [page for page in pages if "05.00" in page]


def test_the_attendance_sheet_is_of_the_offices_zone(east: Hall) -> None:
    told = sheets.attendance(east.today, sheets.scheduled(Appointment.objects.filter(timeslot=east.slots[0])), by_class=False)

    assert ("07.00–07.30" in str(told), "05.00" in str(told)) == (True, False)


def test_each_tile_of_the_wall_is_of_its_own_office(east: Hall, client: Client) -> None:
    west = OfficeFactory(name="Sudin Barat")
    drive = DriveFactory(
        school=SchoolFactory(name="SMAN 8", npsn="20309999", office=west),
        office=west,
        status=Drive.Status.PUBLISHED,
        published_at=SEVEN,
    )
    theirs: DriveDay = DriveDayFactory(drive=drive, day=DAY)
    DriveSessionFactory(drive_day=theirs, starts_at=at(DAY, "05.00"), ends_at=at(DAY, "06.00"))
    watcher = UserFactory(planner=west)
    open_incident(incident_id=uuid7(), drive_day=theirs, kind="network_down", by=watcher, now=SEVEN)
    official = UserFactory(official=west)
    official.grants.create(role="official", office=east.drive.office, starts_on=DAY - timedelta(days=1))
    client.force_login(official)

    page = client.get("/live/").content.decode()

    assert len(wall_of([west.pk, east.drive.office_id], now=SEVEN).tiles) == 2
    assert (page.count("sejak 07.00"), page.count("sejak 05.00")) == (1, 1)

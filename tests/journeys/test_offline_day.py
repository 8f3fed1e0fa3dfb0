"""A day in a hall with bad Wi-Fi, in a real browser with a profile on the disk, against real web processes: whatever is
killed or cut, nothing that was noted is lost, nothing counts twice, and the tablet says rightly what it has not sent."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from drives.models import Drive, DriveDay, Kit, Visit
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
from tests.journeys.bad_network import BadNetwork
from tests.journeys.tablet import Server, Tablet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

JAKARTA = ZoneInfo("Asia/Jakarta")


@dataclass
class Hall:
    """Today's drive, from now on: one timeslot an hour, and everybody in one of them."""

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
    slots = [
        TimeslotFactory(
            session=session,
            starts_at=start + timedelta(hours=6 * n),
            ends_at=start + timedelta(hours=6 * n + 6) - timedelta(minutes=1),
            places=count,
        )
        for n in range(4)
    ]
    kit = KitFactory(name="Alat 3")
    KitDutyFactory(kit=kit, drive_day=drive_day)
    group = ClassGroupFactory(school=school, name="XII MIPA 2", grade=12)
    operator = UserFactory(operator=drive.office, name="Rina Operator")
    OperatorDutyFactory(user=operator, drive_day=drive_day)
    hour = timezone.localtime(timezone.now(), JAKARTA).hour
    names = ["Muhammad Rizky Pratama", "Aisyah Zahra Ramadhani", "Bagus Wicaksono", "Nur'aini Salsabila", "Kevin Situmorang"]
    visits: list[Visit] = []
    for number in range(count):
        name = names[number] if number < len(names) else f"Siswa Perjalanan {number:03d}"
        person = PersonFactory(name=name, enrolled=group)
        AppointmentFactory(timeslot=slots[hour // 6], person=person, class_group=group)
        visits.append(VisitFactory(drive=drive, person=person))
    return Hall(drive_day, kit, operator, visits)


@pytest.fixture(scope="session")
def collected_static() -> None:
    """Files under the names that change with their content, as a deployment has them."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True, timeout=180)


@pytest.fixture
def server(transactional_db: None, collected_static: None, tmp_path: Path) -> Iterator[Server]:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Server(port=port, log=tmp_path / "server.log")
    made.start()
    yield made
    made.kill()


@pytest.fixture
def network(server: Server) -> Iterator[BadNetwork]:
    made = BadNetwork(server=server.port, seed=55)
    yield made
    made.close()


@pytest.fixture
def tablet(browser: Browser, chromium_path: Path, network: BadNetwork, tmp_path: Path) -> Iterator[Tablet]:
    made = Tablet(chromium=chromium_path, driver=browser.browser_type, profile=tmp_path / "profile", url=network.url)
    made.start()
    yield made
    made.kill()


def find(page: Page, text: str, name: str) -> None:
    page.get_by_role("searchbox").fill(text)
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".jb-result__w", has_text=name)).to_be_visible()


def tap(page: Page, outcome: str) -> None:
    page.get_by_role("button", name=outcome, exact=True).click()
    expect(page.locator("[data-undo]")).to_contain_text("Tersimpan di tablet")


def test_a_tablet_is_prepared_and_works_on_when_everything_is_away(
    tablet: Tablet, server: Server, network: BadNetwork, tmp_path: Path
) -> None:
    hall = hall_of(5)
    shots = Path(os.environ.get("SHOTS", tmp_path))
    tablet.sign_in(hall.operator)
    logs: list[str] = []
    tablet.page.on("console", lambda message: logs.append(message.text))
    tablet.page.on("pageerror", lambda error: logs.append(str(error)))
    try:
        tablet.page.goto(f"{tablet.url}/today/{hall.drive_day.pk}/tablet/")
        tablet.page.screenshot(path=shots / "prepare-1.png", full_page=True)
        tablet.prepare(hall.drive_day.pk, kit="Alat 3")
        tablet.page.screenshot(path=shots / "prepare-2.png", full_page=True)
        tablet.page.goto(f"{tablet.url}/today/{hall.drive_day.pk}/")
        tablet.page.screenshot(path=shots / "unlock.png", full_page=True)
        page = tablet.unlock()
        page.wait_for_timeout(500)
        page.screenshot(path=shots / "console-1.png", full_page=True)
        find(page, "rizky muhammad", "Muhammad Rizky Pratama")
        page.screenshot(path=shots / "console-2.png", full_page=True)
        tap(page, "Hadir")
        page.screenshot(path=shots / "console-3.png", full_page=True)
        find(page, hall.visits[0].code, "Muhammad Rizky Pratama")
        page.screenshot(path=shots / "console-4.png", full_page=True)
        tap(page, "Direkam")
        page.wait_for_timeout(1500)
        page.screenshot(path=shots / "console-5.png", full_page=True)
    finally:
        print("\n".join(logs))
        print(server.log.read_text()[-3000:])
    hall.visits[0].refresh_from_db()
    assert hall.visits[0].state == "recorded"

"""The console on good Wi-Fi, in a real browser: a guest in half a minute, the next person called, IKD after the recording."""

import os
import re
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from drives.models import Drive, DriveDay, Visit
from schools.models import User
from students.nik import synthetic
from students.privacy import digest, seal
from tests.browser import PATIENCE
from tests.factories import (
    AppointmentFactory,
    ClassGroupFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    DukcapilStatusFactory,
    KitDutyFactory,
    KitFactory,
    OperatorDutyFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

JAKARTA = ZoneInfo("Asia/Jakarta")
BORN = date(1985, 3, 4)
NIK = synthetic(district="31.74.08", birth_date=BORN, sex="P", serial=9002)
NAMES = ("Aisyah Zahra Ramadhani", "Bagus Wicaksono", "Dewi Anggraini", "Kevin Situmorang", "Nabila Khairunnisa")
# The tablet in the hall, a phone, and a desk.
SIZES = ((820, 1180), (390, 844), (1280, 900))
# What a person needs on a touch screen: a second for a tap, a third of one for a character. Half a minute is the promise.
A_TAP, A_CHARACTER, A_GUEST = 1.0, 1 / 3, 30.0


@dataclass
class Hall:
    drive_day: DriveDay
    visits: list[Visit]
    page: Page
    address: str


@pytest.fixture
def hall(browser: Browser, live_server: LiveServer) -> Iterator[Hall]:
    """Five pupils in the one timeslot of today, two stations, IKD for everybody recorded, an operator at a tablet."""
    day = timezone.localdate(timezone=JAKARTA)
    school = SchoolFactory(name="SMAN 55 Jakarta")
    rules = {"ikd_minimum_age": 16, "ikd_needs_printable": False}
    drive = DriveFactory(school=school, status=Drive.Status.PUBLISHED, published_at=timezone.now(), **rules)
    drive_day = DriveDayFactory(drive=drive, day=day)
    start = datetime.combine(day, time(0, 0), JAKARTA)
    session = DriveSessionFactory(drive_day=drive_day, starts_at=start, ends_at=start + timedelta(hours=23, minutes=59))
    slot = TimeslotFactory(session=session, starts_at=start, ends_at=session.ends_at, places=20)
    group = ClassGroupFactory(school=school, name="XII MIPA 2", grade=12)
    for number in (1, 2):
        KitDutyFactory(kit=KitFactory(name=f"Alat {number}"), drive_day=drive_day)
    visits: list[Visit] = []
    for name in NAMES:
        person = PersonFactory(name=name, enrolled=group, birth_date=date(day.year - 17, 1, 4))
        AppointmentFactory(timeslot=slot, person=person, class_group=group, places=2 if name.startswith("Bagus") else 1)
        visits.append(VisitFactory(drive=drive, person=person))
    operator = UserFactory(operator=drive.office, name="Rina Operator")
    OperatorDutyFactory(user=operator, drive_day=drive_day)
    page = _window(browser, live_server, operator)
    yield Hall(drive_day, visits, page, f"{live_server.url}/today/{drive_day.pk}/")
    page.context.close()


def _window(browser: Browser, live_server: LiveServer, user: User) -> Page:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(
        locale="id-ID", timezone_id="Asia/Jakarta", viewport={"width": 820, "height": 1180}, reduced_motion="reduce"
    )
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def looks_right(page: Page, name: str) -> None:
    """On tablet, phone and desk nothing runs out at the side, and axe finds nothing serious."""
    page.wait_for_load_state("networkidle")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if folder := os.environ.get("JOURNEY_PICTURES"):
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
        found = Axe().run(page).response["violations"]
        serious = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
        assert serious == [], (name, width)
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


def test_a_guest_is_here_in_under_half_a_minute(hall: Hall) -> None:
    """Counted in taps and characters: what a person needs for them, and what the machine took."""
    page, name, born = hall.page, "Siti Rahma", "04031985"
    page.goto(hall.address)
    began = clock.monotonic()

    page.get_by_role("link", name="Tamu tanpa jadwal").click()
    expect(page.get_by_label("Nama")).to_be_focused()
    page.keyboard.type(name)
    page.get_by_label("Pembaruan data").check()
    page.get_by_label("Tanggal lahir").fill(born)
    page.get_by_role("button", name="Catat hadir").click()
    expect(page.get_by_text("Siti Rahma").first).to_be_visible()

    taps, characters = 4, len(name) + len(born)
    machine = clock.monotonic() - began
    assert taps * A_TAP + characters * A_CHARACTER + machine < A_GUEST
    assert Visit.objects.get(is_walk_in=True).state == Visit.State.PRESENT


def test_a_known_nik_is_told_on_the_form_and_stands_in_no_address(hall: Hall) -> None:
    person = PersonFactory(name="SITI RAHMA", birth_date=BORN)
    person.nik_sealed, person.nik_digest = seal(NIK, row_id=person.pk), digest(NIK)
    person.save()
    DukcapilStatusFactory(person=person)
    page, asked = hall.page, []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{hall.address}walk-in/")
    looks_right(page, "guest")

    page.get_by_label("Nama").fill("Siti Rahma")
    page.get_by_label("Tanggal lahir").fill("04031985")
    page.get_by_label("NIK").fill(NIK)
    page.get_by_role("button", name="Apakah orang ini dikenal?").click()

    expect(page.get_by_text("NIK sudah dikenal; tidak perlu direkam.")).to_be_visible()
    looks_right(page, "guest-known")
    assert [url for url in asked if NIK in url] == []
    assert not Visit.objects.filter(is_walk_in=True).exists()


def test_the_next_person_is_called_recorded_and_activated(hall: Hall) -> None:
    page = hall.page
    page.goto(hall.address)
    page.get_by_label("Meja").select_option("Alat 2")
    for name in NAMES[:3]:
        page.get_by_role("link", name=name).first.click()
        page.get_by_role("button", name="Hadir", exact=True).click()
        expect(page.locator("#undo")).to_contain_text(f"{name}: Hadir")
    page.reload()
    looks_right(page, "queue")

    page.get_by_role("button", name="Panggil berikutnya").click()
    expect(page.get_by_text("Panggil nomor 1 ke Alat 2.")).to_be_visible()
    looks_right(page, "called")
    page.get_by_role("button", name="Direkam").click()
    expect(page.get_by_text("Sudah rekam: IKD dapat diaktifkan")).to_be_visible()
    looks_right(page, "ikd-next")
    page.get_by_text("IKD tidak diaktifkan…").click()
    page.get_by_role("button", name="Tidak punya ponsel pintar").click()
    expect(page.locator("#undo")).to_contain_text("IKD tidak diaktifkan, tidak punya ponsel pintar")
    page.get_by_role("button", name="IKD aktif").click()
    expect(page.locator("#figures")).to_contain_text("IKD 1 dari 1 direkam")
    looks_right(page, "activated")

    visit = Visit.objects.get(pk=hall.visits[0].pk)
    assert (visit.state, visit.ikd_state, visit.kit.name if visit.kit else "") == ("recorded", "ikd_activated", "Alat 2")


def test_a_portals_page_is_no_answer_and_the_tap_is_said_to_be_lost(hall: Hall) -> None:
    """A hotel's Wi-Fi answers 200 with a page of its own, in the middle of the morning."""
    page, name = hall.page, NAMES[0]
    page.goto(hall.address)
    page.get_by_role("link", name=name).first.click()
    page.route("**/outcome/", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Selamat datang</h1>"))

    page.get_by_role("button", name="Direkam").click()
    expect(page.get_by_text("Belum tersimpan: server tidak menjawab.")).to_be_visible()
    expect(page.get_by_text("Selamat datang")).to_have_count(0)
    assert Visit.objects.get(pk=hall.visits[0].pk).state == "expected"

    page.unroute("**/outcome/")
    page.get_by_role("button", name="Direkam").click()
    expect(page.locator("#undo")).to_contain_text(f"{name}: Direkam")
    expect(page.get_by_text("Belum tersimpan: server tidak menjawab.")).to_be_hidden()
    assert Visit.objects.get(pk=hall.visits[0].pk).events.count() == 1


def test_on_a_phone_the_card_of_who_is_called_and_of_what_is_undone_comes_into_sight(hall: Hall) -> None:
    page = hall.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(hall.address)
    for name in NAMES[:2]:
        page.get_by_role("link", name=name).first.click()
        page.get_by_role("button", name="Hadir", exact=True).click()
        expect(page.locator("#undo")).to_contain_text(f"{name}: Hadir")
    page.reload()

    page.get_by_role("button", name="Panggil berikutnya").click()
    expect(page.locator(".jb-result__w", has_text=NAMES[0])).to_be_in_viewport()
    page.get_by_role("button", name="Direkam").click()
    expect(page.locator("#undo")).to_contain_text(f"{NAMES[0]}: Direkam")
    page.mouse.wheel(0, 5000)
    page.get_by_role("button", name=re.compile("Urungkan")).click()
    expect(page.locator(".jb-result__w", has_text=NAMES[0])).to_be_in_viewport()

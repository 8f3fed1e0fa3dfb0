"""The calendar's screens in a real browser, at a desk and on a phone: what is noted there is what planning shows."""

import re
from datetime import datetime, time
from typing import Final

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from drives.models import Drive
from drives.planning.actions import assign_everybody, create_drive, publish_drive
from schools.models import School, User
from tests.drives.planning.pupils import FRIDAY, TUESDAY, make_kits, make_school, plan
from tests.factories import JAKARTA, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

WINDOWS: Final = [pytest.param(1280, "light", id="1280 light"), pytest.param(390, "dark", id="390 dark")]


@pytest.fixture
def school(transactional_db: None) -> School:
    return make_school({"XI MERDEKA 1": (3, 3), "XI MERDEKA 2": (2, 2), "XII MIPA 1": (4, 0)})


@pytest.fixture
def drive(school: School) -> Drive:
    make_kits(3)
    made = create_drive(school=school, plan=plan(days=(TUESDAY,), kits=1), by=None, now=FRIDAY)
    assign_everybody(drive=made, by=None, now=FRIDAY)
    return publish_drive(drive=made, by=None, now=FRIDAY)


@pytest.fixture
def planner(school: School) -> User:
    user: User = UserFactory(planner=school.office, name="Ratna Wulandari")
    return user


@pytest.fixture
def site(page: Page, client: Client, live_server: LiveServer, planner: User) -> Page:
    client.force_login(planner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(live_server.url)
    return page


def looks_right(page: Page, _name: str) -> None:
    """Nothing runs out at the side, and axe finds nothing serious; all sections open."""
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_lesson_hours_closed_days_holidays_and_addresses(
    site: Page, live_server: LiveServer, planner: User, school: School, drive: Drive, width: int, scheme: str
) -> None:
    with time_machine.travel(datetime.combine(FRIDAY.date(), time(10), JAKARTA), tick=True):
        User.objects.filter(pk=planner.pk).update(colour_scheme=scheme)
        site.set_viewport_size({"width": width, "height": 844})

        site.goto(f"{live_server.url}/schools/{school.npsn}/bell-times/")
        site.get_by_label("Senin, pelajaran").fill("07.00–14.30")
        site.get_by_label("Senin, istirahat 1").fill("14.00–15.00")
        site.get_by_role("button", name="Simpan").click()
        looks_right(site, "01-hours-refused")
        site.get_by_label("Senin, istirahat 1").fill("10.00–10.20")
        site.get_by_role("button", name="Salin Senin").click()
        expect(site.get_by_label("Rabu, istirahat 1")).to_have_value("10.00–10.20")
        looks_right(site, "02-hours")
        site.get_by_role("button", name="Simpan").click()
        expect(site.get_by_text("Jam pelajaran tersimpan.")).to_be_visible()
        expect(site.get_by_text("Senin–Kamis")).to_be_visible()
        looks_right(site, "03-profile")

        site.goto(f"{live_server.url}/schools/{school.npsn}/closures/")
        for name in ("starts_on", "ends_on"):
            site.locator(f"#id_{name}").fill("2026-11-24")
        site.get_by_label("XI MERDEKA 2").check()
        site.get_by_label("Alasan").fill("PKL")
        looks_right(site, "04-closures")
        site.locator("form[action$='closures/add/'] button[type=submit]").click()
        expect(site.get_by_text("1 hari kegiatan yang sudah diterbitkan terkena")).to_be_visible()
        looks_right(site, "05-closure-noted")

        site.goto(f"{live_server.url}/offices/{school.office_id}/calendar/?year=2027")
        site.get_by_role("button", name="Coret Hari Raya Idul Fitri").click()
        expect(site.get_by_text("Hari Raya Idul Fitri (perkiraan) dicoret")).to_be_visible()
        looks_right(site, "06-office")

        site.goto(live_server.url)
        site.get_by_role("link", name="Putuskan").click()
        expect(site.get_by_text("4 siswa mendapat tempat pada waktu yang ditutup")).to_be_visible()
        looks_right(site, "07-affected")

        site.goto(f"{live_server.url}/feeds/?school={school.npsn}")
        site.get_by_role("button", name=f"Buat alamat {school.name}").click()
        expect(site.get_by_label(f"Alamat kalender {school.name}")).to_have_value(
            re.compile(rf"^{live_server.url}/feeds/\S+\.ics$")
        )
        looks_right(site, "08-addresses")

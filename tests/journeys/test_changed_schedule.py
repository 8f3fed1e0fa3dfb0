"""A planner changes a published schedule in a real browser, at a desk and on a phone: a day, a kit, a person, a slip."""

import os
from datetime import datetime, time
from typing import Final

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from drives.models import Appointment, Drive, Kit
from drives.planning.actions import assign_everybody, create_drive, note_outage
from drives.planning.printed import note_slips
from drives.publishing import actions
from schools.models import School, User
from tests.drives.planning.pupils import AFTERNOON, FRIDAY, MORNING, TUESDAY, WEDNESDAY, make_kits, make_school, plan
from tests.factories import JAKARTA, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

WINDOWS: Final = [pytest.param(1280, "light", id="1280 light"), pytest.param(390, "dark", id="390 dark")]


@pytest.fixture
def school(transactional_db: None) -> School:
    return make_school({"XI MERDEKA 1": (14, 10), "XI MERDEKA 2": (12, 10), "X MERDEKA 1": (0, 14)}, name="SMAN 55 Jakarta")


@pytest.fixture
def planner(school: School) -> User:
    user: User = UserFactory(planner=school.office, name="Ratna Wulandari")
    return user


@pytest.fixture
def drive(school: School, planner: User) -> Drive:
    """Two kits on two mornings, published, slips printed."""
    make_kits(4)
    wish = plan(days=(TUESDAY, WEDNESDAY), sessions=(MORNING, AFTERNOON), kits=2)
    made = create_drive(school=school, plan=wish, by=planner, now=FRIDAY)
    assign_everybody(drive=made, by=planner, now=FRIDAY)
    actions.publish(drive=made, by=planner, now=FRIDAY)
    note_slips(drive=made, appointments=list(Appointment.objects.live().select_related("timeslot")), by=planner, now=FRIDAY)
    return made


@pytest.fixture
def site(page: Page, client: Client, live_server: LiveServer, planner: User) -> Page:
    client.force_login(planner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(live_server.url)
    return page


def looks_right(page: Page, name: str) -> None:
    """Nothing runs out at the side, and axe finds nothing serious; all sections open."""
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_a_published_day_is_changed_and_a_person_moved(
    site: Page, live_server: LiveServer, planner: User, drive: Drive, width: int, scheme: str
) -> None:
    board = f"{live_server.url}/drives/{drive.pk}/"
    with time_machine.travel(datetime.combine(FRIDAY.date(), time(10), JAKARTA), tick=True):
        User.objects.filter(pk=planner.pk).update(colour_scheme=scheme)
        site.set_viewport_size({"width": width, "height": 844})

        # A kit breaks: the board says so, and another one takes over.
        kit = Kit.objects.filter(duties__drive_day__day=WEDNESDAY).order_by("name")[0]
        note_outage(kit=kit, starts_on=WEDNESDAY, ends_on=None, reason="Pemindai iris rusak", by=planner, now=FRIDAY)
        site.goto(board)
        expect(site.locator("#broken")).to_contain_text("Pemindai iris rusak")
        looks_right(site, "papan-alat-rusak")
        site.get_by_role("button", name="Ganti").click()
        expect(site.locator("#broken")).to_have_count(0)

        # Wednesday is taken away: who moves and who loses the place is said first.
        site.get_by_role("link", name="Ubah hari atau alat").click()
        looks_right(site, "ubah")
        site.get_by_role("checkbox", name="Hari ini jadi").nth(1).uncheck()
        site.get_by_role("button", name="Lihat akibatnya").click()
        expect(site.get_by_role("heading", level=1)).to_have_text("Akibat perubahan")
        expect(site.locator("main")).to_contain_text("siswa pindah")
        looks_right(site, "akibat")
        site.get_by_role("button", name="Ubah dan beri tahu").click()
        expect(site.locator("main")).to_contain_text("Berubah sejak dicetak")
        looks_right(site, "papan-berubah")

        # One person is swapped with another; both know their time, so it is asked once more.
        site.get_by_role("link", name="Pindah siswa dari 07.00–07.30").click()
        site.locator("#with").select_option(index=1)
        looks_right(site, "slot")
        site.get_by_role("button", name="Pilih dengan siapa ditukar").click()
        site.locator("input[name=appointment]").first.check()
        site.locator("input[name=there]").first.check()
        looks_right(site, "tukar")
        site.get_by_role("button", name="Tukar").click()
        expect(site.get_by_role("heading", level=1)).to_have_text("Mereka sudah tahu jamnya")
        looks_right(site, "sudah-tahu")
        site.get_by_role("button", name="Ya, ubah").click()
        expect(site.locator("main")).to_contain_text("Jam mereka sudah ditukar.")

        # Only the slips that are wrong are printed.
        site.goto(f"{board}print/")
        expect(site.locator("#changed")).to_contain_text("slip harus dicetak ulang")
        looks_right(site, "cetak")

        # The questions of a plan, with set-up time and what was learnt.
        site.goto(f"{live_server.url}/drives/new/?school={drive.school.npsn}")  # type: ignore[union-attr]
        expect(site.locator("#learnt")).to_contain_text("belum diketahui")
        looks_right(site, "rencana")

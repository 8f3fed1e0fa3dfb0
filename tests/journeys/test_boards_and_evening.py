"""A drive day seen by the office: an incident, the boards, a paper sheet, the close and another chance, in a real browser."""

import os
from datetime import timedelta
from typing import Final

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from uuid6 import uuid7

from drives.models import Device, FollowUp, Preparation, Visit
from drives.onsite.actions import record_event
from drives.onsite.incidents import open_incident
from schools.models import User
from tests.drives.onsite.conftest import DAY, NOW, Hall, hall  # noqa: F401  (a fixture)
from tests.drives.onsite.test_wall import a_drive, record
from tests.factories import UserFactory, at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
WIDTHS: Final = (1280, 390)


def looks_right(page: Page, name: str, *, widths: tuple[int, ...] = WIDTHS) -> None:
    """At a desk and on a phone: nothing runs out at the side, and axe finds nothing serious."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 1080 if width > 1280 else 844})
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, width)
        found = Axe().run(page).response["violations"]
        serious = [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
        assert serious == [], (name, width)


def sign_in(page: Page, client: Client, live_server: LiveServer, user: User) -> None:
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])


def test_a_morning_on_the_boards(page: Page, client: Client, live_server: LiveServer, hall: Hall) -> None:  # noqa: F811
    device = Device.objects.create(office=hall.drive.office, name="Tablet 3", registered_at=NOW, seen_at=NOW, unsent_count=14)
    Preparation.objects.create(
        device=device, drive_day=hall.today, office=hall.drive.office, user=hall.operator, letter="C", prepared_at=NOW
    )
    busy = a_drive(hall, "SMA Labschool Kebayoran", people=12)
    record(busy, hall, count=7)
    for name, kind, reason in (("Adi", "recorded", ""), ("Bela", "failed", "biometric"), ("Cici", "arrived", "")):
        visit = hall.expect(name)
        moment = NOW - timedelta(minutes=14)
        record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, kit=hall.kits[0], by=hall.operator, now=moment)
    with time_machine.travel(NOW, tick=True):
        # Two taps report it.
        sign_in(page, client, live_server, hall.operator)
        page.goto(f"{live_server.url}/today/{hall.today.pk}/")
        page.get_by_role("link", name="Gangguan").click()
        looks_right(page, "gangguan-kosong")
        page.get_by_role("button", name="Alat 2 rusak").click()
        expect(page.get_by_text("1 gangguan masih terbuka")).to_be_visible()
        looks_right(page, "gangguan")

        # The board shows it, and the next report with the next answer.
        sign_in(page, client, live_server, hall.lead)
        page.goto(f"{live_server.url}/drives/{hall.drive.pk}/live/")
        expect(page.locator("#live")).to_contain_text("Alat 2 rusak")
        expect(page.locator("#live")).to_contain_text("14 belum terkirim")
        looks_right(page, "pantau")
        open_incident(incident_id=uuid7(), drive_day=hall.today, kind="crowd", by=hall.operator, now=NOW)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("#live")).to_contain_text("Antrean menumpuk")

        # The wall: the drive with the incident before the one that runs as planned.
        sign_in(page, client, live_server, UserFactory(planner=hall.drive.office))
        page.goto(f"{live_server.url}/live/")
        expect(page.locator(".jb-tile h2")).to_have_text(["SMAN 55 Jakarta", "SMA Labschool Kebayoran"])
        looks_right(page, "dinding", widths=(1920, 1280, 390))
        page.context.set_offline(True)
        page.evaluate("const kept = performance.now.bind(performance); performance.now = () => kept() + 60000")
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(page.locator(".jb-stamp--stale")).to_contain_text("Tidak ada jawaban sejak 09.41")
        page.context.set_offline(False)

        # Left on until the session ends, it says so instead of growing old.
        page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(page).to_have_url(f"{live_server.url}/sign-in/?next=%2Flive%2F")


def test_an_evening_with_paper_a_close_and_another_chance(
    page: Page,
    client: Client,
    live_server: LiveServer,
    hall: Hall,  # noqa: F811
) -> None:
    people = [hall.expect(name, class_name=group) for name, group in (("Adi", "XII 1"), ("Bela", "XII 1"), ("Cici", "XII 2"))]
    open_incident(incident_id=uuid7(), drive_day=hall.today, kind="server_down", by=hall.operator, now=NOW)
    with time_machine.travel(at(DAY, "15.00"), tick=True):
        sign_in(page, client, live_server, hall.lead)
        page.goto(f"{live_server.url}/today/{hall.today.pk}/paper/")
        looks_right(page, "kertas")
        page.get_by_role("link", name="09.30–10.00").click()

        # By keyboard alone; a time that cannot be loses nothing.
        page.get_by_label("Siapa yang mengisi lembar ini?").fill("Bu Sari")
        page.get_by_label("Hasil Adi").focus()
        for key in ("d", "Tab", "935", "Tab", "Tab", "g1", "Tab", "21.40", "Tab", "Tab", "t1"):
            (page.keyboard.press if key == "Tab" else page.keyboard.type)(key)
        page.get_by_role("button", name="Simpan lembar").click()
        expect(page.get_by_role("alert")).to_contain_text("Jam ini belum tiba.")
        looks_right(page, "lembar-salah")
        page.get_by_label("Jam Bela").fill("940")
        page.get_by_role("button", name="Simpan lembar").click()
        expect(page.get_by_text("3 baris tersimpan.")).to_be_visible()
        looks_right(page, "lembar")
        assert list(Visit.objects.filter(pk__in=[one.pk for one in people]).order_by("pk").values_list("state", flat=True)) == [
            "recorded",
            "failed",
            "absent",
        ]

        # The close names what is open; knowingly it is closed.
        page.goto(f"{live_server.url}/today/{hall.today.pk}/close/")
        looks_right(page, "tutup")
        for number, label in enumerate(["0", "0"]):
            page.get_by_label("Hitungan alat").nth(number).fill(label)
        page.get_by_label("Mengapa tidak menyebutkan alat?").fill("Diketik dari kertas.")
        page.get_by_role("button", name="Tutup hari").click()
        expect(page.get_by_role("alert")).to_contain_text("Masih ada yang terbuka")
        page.get_by_label("Saya mengetahui yang masih terbuka").check()
        page.get_by_role("button", name="Tutup hari").click()
        expect(page.get_by_text("Ditutup saat 1 gangguan masih terbuka.")).to_be_visible()
        looks_right(page, "tertutup")

        # Another chance, for one and for the rest.
        page.get_by_role("link", name="Susulan bagi yang tidak hadir dan gagal").click()
        looks_right(page, "susulan")
        page.get_by_label("Susulan untuk Cici").select_option("office")
        page.get_by_role("button", name="Simpan pilihan").click()
        page.get_by_role("button", name="Kegiatan susulan").click()
        expect(page.get_by_label("Susulan untuk Bela")).to_have_value("make_up")
        assert sorted(FollowUp.objects.waiting().values_list("visit__person__name", "way")) == [
            ("Bela", "make_up"),
            ("Cici", "office"),
        ]
        sign_in(page, client, live_server, UserFactory(planner=hall.drive.office))
        page.goto(f"{live_server.url}/follow-ups/")
        looks_right(page, "daftar-susulan")
        page.get_by_role("link", name="Siapkan kegiatan susulan").click()
        looks_right(page, "kegiatan-susulan")

"""The evening after a drive day in a real browser: guests from the paper, another chance, and who learns of it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from uuid6 import uuid7

from drives.models import Visit
from drives.notices import chances, outbox
from drives.onsite.actions import record_event
from drives.onsite.day_close import KitReport, close_day
from schools.templatetags.house import clock
from tests.drives.onsite.conftest import DAY, NOW, Hall, hall
from tests.factories import UserFactory, at
from tests.journeys.test_boards_and_evening import looks_right, sign_in

__all__ = ["hall"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
EVENING = at(DAY, "15.00")


def test_guests_of_a_sheet_are_typed_in_with_the_times_of_the_paper(
    page: Page, client: Client, live_server: LiveServer, hall: Hall
) -> None:
    hall.expect("Adi Nugroho")
    with time_machine.travel(EVENING, tick=True):
        sign_in(page, client, live_server, hall.operator)
        page.goto(f"{live_server.url}/today/{hall.today.pk}/paper/")
        page.get_by_role("link", name="Ketik tamu").click()
        page.get_by_label("Siapa yang mengisi lembar ini?").fill("Bu Sari")
        first = page.get_by_role("group", name="Baris 1", exact=True)
        first.get_by_label("Nama").fill("Siti Rahma")
        first.get_by_label("Tanggal lahir").fill("04031985")
        first.get_by_label("Hadir", exact=True).fill("9.10")
        first.get_by_label("Hasil", exact=True).fill("d")
        first.get_by_label("Jam hasil").fill("08.55")
        page.get_by_role("button", name="Simpan tamu").click()

        expect(page.get_by_role("alert")).to_contain_text("Hasil tidak dapat lebih awal daripada kedatangan.")
        assert Visit.objects.filter(is_walk_in=True).count() == 0
        looks_right(page, "paper-guests-wrong")

        page.get_by_role("group", name="Baris 1", exact=True).get_by_label("Jam hasil").fill("9.31")
        page.get_by_role("button", name="Simpan tamu").click()
        expect(page.get_by_text("1 tamu disimpan.")).to_be_visible()
        expect(page.get_by_role("region", name="Sudah diketik")).to_contain_text("Siti Rahma")
        looks_right(page, "paper-guests")
    visit = Visit.objects.get(is_walk_in=True)
    assert (visit.state, visit.state_at, visit.arrived_at) == ("recorded", at(DAY, "09.31"), at(DAY, "09.10"))


def test_who_was_absent_gets_another_day_and_everybody_learns_of_it(
    page: Page, client: Client, live_server: LiveServer, hall: Hall
) -> None:
    hall.school.email = "sman55@sekolah.example"
    hall.school.save()
    visit = hall.expect("Adi Nugroho")
    record_event(event_id=uuid7(), visit=visit, kind="absent", reason="sick", by=hall.operator, now=NOW)
    reports = [KitReport(kit.pk, 0) for kit in hall.kits]
    close_day(drive_day=hall.today, reports=reports, signed_by_name="Budi", by=hall.lead, now=EVENING)
    with time_machine.travel(EVENING, tick=True):
        sign_in(page, client, live_server, hall.lead)
        page.goto(f"{live_server.url}/follow-ups/days/{hall.today.pk}/")
        page.get_by_role("button", name="Hari berikutnya").click()
        expect(page.get_by_text("diberi tahu secara otomatis lima menit setelah pilihan terakhir")).to_be_visible()
        looks_right(page, "chance-chosen")
        page.goto(f"{live_server.url}/drives/{hall.drive.pk}/live/")
        expect(page.locator("body")).to_contain_text("0 dari 1")

    later = EVENING + timedelta(minutes=6)
    with time_machine.travel(later, tick=True):
        chances.tell_chances(now=later)
        outbox.run(clock=lambda: later)
        assert [letter.to for letter in mail.outbox] == [["sman55@sekolah.example"]]
        sign_in(page, client, live_server, UserFactory(school_admin=hall.school))
        page.goto(f"{live_server.url}/drives/{hall.drive.pk}/notices/")
        expect(page.get_by_role("region", name="Bagi yang mendapat kesempatan susulan")).to_contain_text(
            "09.00–09.30 WIB (1 siswa)"
        )
        looks_right(page, "chance-told")
        page.goto(f"{live_server.url}/s/{visit.token}/")
        born = visit.person.birth_date
        assert born is not None
        for label, value in (("Tanggal", born.day), ("Bulan", born.month), ("Tahun", born.year)):
            field = page.get_by_label(label, exact=True)
            field.select_option(str(value)) if field.evaluate("each => each.tagName") == "SELECT" else field.fill(str(value))
        page.locator("form button[type=submit]").first.click()
        expect(page.locator("body")).to_contain_text(clock(hall.slots[3].starts_at))
        looks_right(page, "chance-own-slot")

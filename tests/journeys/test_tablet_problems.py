"""What goes wrong in the hall, on the tablets: seen by all, closed by any, without network, too."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from uuid6 import uuid7

from drives.models import Incident
from tests.journeys.hall import Hall, hall_of
from tests.journeys.tablet import PIN, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    return hall_of(3)


def reported_elsewhere(hall: Hall) -> Incident:
    return Incident.objects.create(
        id=uuid7(),
        drive_day=hall.drive_day,
        office=hall.drive_day.office,
        kind="kit_broken",
        kit=hall.kit,
        note="lampu mati",
        opened_at=timezone.now() - timedelta(minutes=5),
        opened_by=hall.operator,
    )


def send(console: Page) -> None:
    console.locator("[data-unsent]").click()
    console.get_by_role("button", name="Kirim sekarang").click()
    expect(console.locator("[data-send-said]")).to_have_text("Semua sudah terkirim.")
    console.get_by_role("button", name="Kembali ke antrean").click()


def close(console: Page, done: str) -> None:
    console.get_by_role("button", name="Lihat atau tutup").click()
    console.locator("[data-open-list] summary").click()
    console.get_by_role("button", name="Sudah selesai").click()
    expect(console.get_by_text("Tuliskan apa yang sudah dilakukan.")).to_be_visible()
    console.get_by_label("Apa yang telah dilakukan?").fill(done)
    console.get_by_role("button", name="Sudah selesai").click()


def test_what_others_reported_is_seen_and_closed_without_network(console: Page, hall: Hall, window: BrowserContext) -> None:
    incident = reported_elsewhere(hall)
    send(console)
    expect(console.locator("[data-troubles]")).to_contain_text("Alat 3 rusak sejak")

    window.set_offline(True)
    console.reload()
    console.get_by_label("PIN").fill(PIN)
    console.get_by_role("button", name="Buka", exact=True).click()
    expect(console.locator("[data-troubles]")).to_contain_text("Alat 3 rusak sejak")
    close(console, "kabel diganti")

    expect(console.get_by_text("Gangguan ditutup.")).to_be_visible()
    expect(console.locator("[data-troubles]")).to_be_hidden()
    window.set_offline(False)
    wait_until(lambda: Incident.objects.filter(resolution="kabel diganti").exists(), what="it was not closed")
    incident.refresh_from_db()
    assert incident.closed_by == hall.operator


def test_ones_own_report_is_closed_before_either_was_sent(console: Page, hall: Hall, window: BrowserContext) -> None:
    window.set_offline(True)
    console.get_by_role("button", name="Laporkan gangguan").click()
    console.get_by_label("Keterangan singkat").fill("antrean sampai gerbang")
    console.locator('[data-incident="crowd"]').click()
    expect(console.locator("[data-troubles]")).to_be_visible()
    close(console, "dua petugas menata antrean")
    expect(console.locator("[data-troubles]")).to_be_hidden()

    window.set_offline(False)
    wait_until(lambda: Incident.objects.filter(closed_at__isnull=False).exists(), what="they did not arrive")
    incident = Incident.objects.get()
    assert (incident.note, incident.resolution) == ("antrean sampai gerbang", "dua petugas menata antrean")
    expect(console.locator("[data-held]")).to_be_hidden()


def test_what_somebody_else_closed_goes_from_the_tablet(console: Page, hall: Hall) -> None:
    console.get_by_role("button", name="Laporkan gangguan").click()
    console.get_by_role("button", name="Alat 3 rusak").click()
    wait_until(Incident.objects.exists, what="the report did not arrive")
    send(console)
    expect(console.locator("[data-troubles]")).to_be_visible()

    Incident.objects.update(closed_at=timezone.now(), closed_by=hall.operator, resolution="diganti")
    send(console)

    expect(console.locator("[data-troubles]")).to_be_hidden()


def test_half_a_sentence_stays_while_news_come_in(console: Page, hall: Hall) -> None:
    reported_elsewhere(hall)
    send(console)
    console.get_by_role("button", name="Lihat atau tutup").click()
    console.locator("[data-open-list] summary").click()
    console.get_by_label("Apa yang telah dilakukan?").fill("kabel di")
    Incident.objects.create(
        id=uuid7(),
        drive_day=hall.drive_day,
        office=hall.drive_day.office,
        kind="crowd",
        opened_at=timezone.now(),
        opened_by=hall.operator,
    )

    expect(console.locator("[data-open-list] > li")).to_have_count(2)

    expect(console.locator("[data-open-list] input").first).to_have_value("kabel di")

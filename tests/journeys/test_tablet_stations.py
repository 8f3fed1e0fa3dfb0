"""Stations and their calls, and two windows of one tablet."""

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from uuid6 import uuid7

from drives.models import Device, Kit, Visit, VisitEvent
from drives.onsite.actions import record_event
from drives.onsite.calling import call_first, called_among
from tests.factories import KitDutyFactory, KitFactory
from tests.journeys.hall import Hall, find, hall_of, tap, with_room
from tests.journeys.tablet import PIN, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    hall = with_room(hall_of(4))
    KitDutyFactory(kit=KitFactory(name="Alat 4"), drive_day=hall.drive_day)
    return hall


@pytest.fixture
def second(console: Page, window: BrowserContext) -> Page:
    """The same tablet's console once more, beside the first."""
    page = window.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(console.url)
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Buka", exact=True).click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    return page


def arrive(console: Page, *visits: Visit) -> None:
    for visit in visits:
        find(console, visit.code, visit.person.name)
        tap(console, "Hadir")


def send(console: Page) -> None:
    """By hand, which fetches a new list; whether there is one the server remembers for some seconds."""
    cache.clear()
    console.locator("[data-unsent]").click()
    console.get_by_role("button", name="Kirim sekarang").click()
    expect(console.locator("[data-send-said]")).to_have_text("Semua sudah terkirim.")
    console.get_by_role("button", name="Kembali ke antrean").click()


def test_after_a_change_of_station_recordings_name_the_second_kit(console: Page, hall: Hall, window: BrowserContext) -> None:
    window.set_offline(True)
    first, second = hall.visits[:2]
    find(console, first.code, first.person.name)
    tap(console, "Direkam")
    console.locator("[data-unsent]").click()
    console.get_by_label("Meja").select_option(label="Alat 4")
    console.reload()
    console.get_by_label("PIN").fill(PIN)
    console.get_by_role("button", name="Buka", exact=True).click()
    find(console, second.code, second.person.name)
    tap(console, "Direkam")

    window.set_offline(False)
    wait_until(lambda: VisitEvent.objects.count() == 2, what="the recordings did not arrive")
    names = dict(Kit.objects.values_list("pk", "name"))
    kits = dict(VisitEvent.objects.values_list("visit", "kit"))
    assert [names[kits[visit.pk]] for visit in (first, second)] == ["Alat 3", "Alat 4"]


def test_the_next_is_called_and_every_other_station_knows(console: Page, hall: Hall) -> None:
    first, second = hall.visits[:2]
    arrive(console, first, second)
    wait_until(lambda: Visit.objects.filter(state="present").count() == 2, what="they did not arrive")
    console.get_by_role("button", name="Panggil berikutnya").click()

    expect(console.locator(".jb-result__w")).to_have_text(first.person.name)
    expect(console.locator("[data-call-said]")).to_have_text("Panggil nomor A-01 ke Alat 3.")
    expect(console.locator("[data-waiting-list] li").first).to_contain_text("dipanggil ke Alat 3")
    assert called_among(hall.visits) == {first.pk: "Alat 3"}


def test_whom_another_station_called_is_passed_over(console: Page, hall: Hall) -> None:
    first, second = hall.visits[:2]
    arrive(console, first, second)
    wait_until(lambda: Visit.objects.filter(state="present").count() == 2, what="they did not arrive")
    call_first([first], station="Alat 4")

    console.get_by_role("button", name="Panggil berikutnya").click()

    expect(console.locator(".jb-result__w")).to_have_text(second.person.name)
    expect(console.locator("[data-waiting-list] li").first).to_contain_text("dipanggil ke Alat 4")


def test_calls_of_others_are_heard_with_the_next_ping(console: Page, hall: Hall) -> None:
    arrive(console, hall.visits[0])
    wait_until(lambda: Visit.objects.filter(state="present").exists(), what="the arrival did not arrive")
    call_first([hall.visits[0]], station="Alat 4")

    expect(console.locator("[data-waiting-list] li").first).to_contain_text("dipanggil ke Alat 4")
    console.get_by_role("button", name="Panggil berikutnya").click()
    expect(console.get_by_text("Tidak ada yang menunggu dan belum dipanggil meja lain")).to_be_visible()


def test_who_waits_is_found_by_the_queue_number(console: Page, hall: Hall, window: BrowserContext) -> None:
    window.set_offline(True)
    arrive(console, hall.visits[0], hall.visits[1])

    find(console, "a-02", hall.visits[1].person.name)
    find(console, "A-01", hall.visits[0].person.name)


def test_without_network_a_station_still_calls(console: Page, hall: Hall, window: BrowserContext) -> None:
    window.set_offline(True)
    arrive(console, hall.visits[0], hall.visits[1])
    for visit in hall.visits[:2]:
        console.get_by_role("button", name="Panggil berikutnya").click()
        expect(console.locator(".jb-result__w")).to_have_text(visit.person.name)


def test_two_windows_of_one_tablet_lose_and_double_nothing(
    console: Page, second: Page, hall: Hall, window: BrowserContext
) -> None:
    window.set_offline(True)
    for number, visit in enumerate(hall.visits):
        page = (console, second)[number % 2]
        find(page, visit.code, visit.person.name)
        tap(page, "Direkam")
    for page in (console, second):
        expect(page.locator("[data-unsent]")).to_contain_text("Belum terkirim: 4")

    window.set_offline(False)

    for page in (console, second):
        expect(page.locator("[data-unsent]")).to_contain_text("Belum terkirim: 0")
        expect(page.locator("[data-recorded]")).to_have_text("4")
    assert sorted(VisitEvent.objects.values_list("source_sequence", flat=True)) == [1, 2, 3, 4]


def test_the_board_hears_what_waits_where_no_batch_comes_through(console: Page, hall: Hall, window: BrowserContext) -> None:
    window.set_offline(True)
    for visit in hall.visits[:3]:
        find(console, visit.code, visit.person.name)
        tap(console, "Direkam")
    window.route("**/api/v1/events", lambda route: route.abort())
    window.set_offline(False)

    wait_until(lambda: Device.objects.filter(unsent_count=3).exists(), seconds=30, what="the board did not hear of it")
    assert Device.objects.get().waiting_for(hall.drive_day.pk) == (3, 0)
    expect(console.locator("[data-offline]")).to_be_visible()


def test_a_fresh_list_in_one_window_is_the_others_too(console: Page, second: Page, hall: Hall) -> None:
    """What was sent leaves the tablet's own notes with the fresh list: a window that kept the old list would show it as open."""
    second.route("**/api/**", lambda route: route.abort())
    visit = hall.visits[0]
    find(console, visit.code, visit.person.name)
    tap(console, "Direkam")
    expect(second.locator("[data-recorded]")).to_have_text("1")
    for page in (console, second):
        expect(page.locator("[data-unsent]")).to_contain_text("Belum terkirim: 0")
    send(console)
    other = hall.visits[1]
    find(console, other.code, other.person.name)
    tap(console, "Direkam")

    expect(second.locator("[data-recorded]")).to_have_text("2")
    for page in (console, second):
        expect(page.locator("[data-unsent]")).to_contain_text("Belum terkirim: 0")
    find(second, visit.code, visit.person.name)
    expect(second.locator(".jb-result--stop")).to_contain_text("Jangan direkam")


def test_what_the_server_says_to_one_window_the_other_shows(console: Page, second: Page, hall: Hall) -> None:
    second.route("**/api/**", lambda route: route.abort())
    now, visit = timezone.now(), hall.visits[3]
    expect(second.locator("[data-recorded]")).to_have_text("0")
    record_event(event_id=uuid7(), visit=visit, kind="recorded", by=hall.operator, now=now)

    send(console)

    expect(console.locator("[data-recorded]")).to_have_text("1")
    expect(second.locator("[data-recorded]")).to_have_text("1")

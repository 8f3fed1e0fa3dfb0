"""What a tablet holds stays within reach: after its day is over, after it was revoked, and where it is prepared anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from drives.models import Device, OperatorDuty, Preparation, Visit, VisitEvent
from drives.onsite import batches
from drives.tablets import events
from drives.tablets.numbers import highest, missing
from tests.journeys.hall import Hall, find, hall_of, tap, with_room
from tests.journeys.tablet import PIN, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    return with_room(hall_of(3))


def unlock(page: Page) -> None:
    page.get_by_label("PIN", exact=True).fill(PIN)
    page.get_by_role("button", name="Buka", exact=True).click()


def note(console: Page, hall: Hall, number: int = 0) -> None:
    visit = hall.visits[number]
    find(console, visit.code, visit.person.name)
    tap(console, "Direkam")


def doors(page: Page) -> list[str]:
    """The addresses for which the console opens by itself."""
    found: list[str] = page.evaluate(
        """async () => (await (await caches.open("jemput-bola-days")).keys()).map((one) => new URL(one.url).pathname)"""
    )
    return found


def test_after_midnight_the_console_opens_as_long_as_something_waits(
    console: Page, hall: Hall, window: BrowserContext, live_server: LiveServer
) -> None:
    window.route("**/api/**", lambda route: route.abort())
    note(console, hall)
    OperatorDuty.objects.all().delete()
    console.clock.install(time=datetime.now(UTC) + timedelta(days=1))

    for _ in range(2):
        console.goto(f"{live_server.url}/today/{hall.drive_day.pk}/")
        unlock(console)
        expect(console.get_by_role("heading", name="Belum terkirim: 1")).to_be_visible()
    console.goto(f"{live_server.url}/today/")
    expect(console.get_by_text("Belum terkirim dari tablet ini: 1.")).to_be_visible()
    console.get_by_role("link", name="Buka dan kirim").click()
    unlock(console)
    window.unroute("**/api/**")
    console.get_by_role("button", name="Kirim sekarang").click()

    wait_until(lambda: VisitEvent.objects.count() == 1, what="the note did not arrive")
    wait_until(lambda: doors(console) == [], what="the day's door stays open with nothing behind it")
    console.goto(f"{live_server.url}/today/")
    expect(console.get_by_role("link", name="Buka dan kirim")).to_be_hidden()


def lists(page: Page) -> int:
    count: int = page.evaluate(
        """async () => (await (await import("/static/js/tablet/store.js")).openStore()).count("packs")""",
    )
    return count


KEEP_ANOTHER_DAY = """async () => {
  const db = await (await import("/static/js/tablet/store.js")).openStore();
  const [pack] = await db.getAll("packs");
  await db.put("packs", { ...pack, driveDay: "11111111-1111-4111-8111-111111111111" });
  window.stillTheSamePage = true;
}"""


def assert_nothing_in_memory(page: Page, hall: Hall) -> None:
    page.wait_for_url("**/today/shell/")
    assert page.evaluate("window.stillTheSamePage") is None
    assert hall.visits[0].person.name not in page.content()
    assert lists(page) == 0


def test_a_revoked_tablet_forgets_all_its_lists_and_keeps_none_in_memory(
    console: Page, hall: Hall, window: BrowserContext
) -> None:
    window.route("**/api/v1/events", lambda route: route.abort())
    for number in range(2):
        note(console, hall, number)
    console.evaluate(KEEP_ANOTHER_DAY)
    console.locator("[data-unsent]").click()
    Device.objects.update(revoked_at=datetime.now(UTC), revoked_by=hall.operator)
    console.get_by_role("button", name="Kirim sekarang").click()

    expect(console.get_by_text("Tablet ini dicabut.")).to_be_visible()
    assert_nothing_in_memory(console, hall)
    window.unroute("**/api/v1/events")
    unlock(console)
    expect(console.get_by_role("button", name="Kembali ke antrean")).to_be_hidden()
    wait_until(lambda: VisitEvent.objects.count() == 2, what="the notes of a revoked tablet did not arrive")


def test_at_the_end_of_the_day_the_page_is_loaded_anew_without_its_list(prepared: Page, hall: Hall) -> None:
    prepared.clock.install(time=datetime.now(UTC))
    prepared.reload()
    unlock(prepared)
    find(prepared, hall.visits[0].code, hall.visits[0].person.name)
    prepared.evaluate("window.stillTheSamePage = true")
    prepared.clock.fast_forward("24:00:00")

    expect(prepared.get_by_text("Hari ini sudah berakhir")).to_be_visible()
    assert_nothing_in_memory(prepared, hall)


def test_a_list_wiped_in_one_window_is_gone_from_the_other(console: Page, hall: Hall, window: BrowserContext) -> None:
    second = window.new_page()
    second.goto(console.url)
    unlock(second)
    find(second, hall.visits[0].code, hall.visits[0].person.name)
    second.evaluate("window.stillTheSamePage = true")
    console.locator("[data-unsent]").click()
    console.get_by_role("button", name="Hapus daftar dari tablet ini").click()
    console.get_by_role("button", name="Ya, hapus daftar sekarang").click()

    assert_nothing_in_memory(second, hall)


def statuses(page: Page) -> list[str]:
    """Of everything in the outbox, whatever the screen says."""
    found: list[str] = page.evaluate(
        """async () => {
          const { openStore, rowsOf } = await import("/static/js/tablet/store.js");
          return (await rowsOf(await openStore())).map((row) => row.status);
        }"""
    )
    return found


def refuse(route: Route) -> None:
    route.fulfill(status=400, json={"code": "batch_malformed", "message": "Kiriman ini tidak dapat dibaca."})


def board_counts() -> tuple[int, int]:
    device = Device.objects.get()
    return device.unsent_count, device.held_count


def test_what_was_refused_is_settled_with_a_reason_also_after_the_wipe(
    console: Page, hall: Hall, window: BrowserContext, live_server: LiveServer
) -> None:
    window.route("**/api/v1/events", refuse)
    note(console, hall)
    console.locator("[data-held]").click()
    console.get_by_role("button", name="Kirim sekarang").click()
    expect(console.locator("[data-send-said]")).to_contain_text("ada yang ditolak server: 1")
    wait_until(lambda: board_counts() == (0, 1), what="the board does not hear of the refused note")
    console.get_by_role("button", name="Hapus daftar dari tablet ini").click()
    console.get_by_role("button", name="Ya, hapus daftar sekarang").click()

    unlock(console)
    expect(console.locator("[data-held-list]")).to_contain_text(hall.visits[0].code)
    console.get_by_text("Selesaikan", exact=True).click()
    console.get_by_role("button", name="Sudah diselesaikan").click()
    expect(console.get_by_text("Tuliskan bagaimana catatan ini diselesaikan.")).to_be_visible()
    console.get_by_label("Mengapa catatan ini tidak perlu dikirim lagi?").fill("sudah dicatat di kertas")
    assert Axe().run(console, options={"resultTypes": ["violations"]}).response["violations"] == []
    console.set_viewport_size({"width": 390, "height": 1180})
    assert console.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    console.get_by_role("button", name="Sudah diselesaikan").click()

    expect(console.locator("[data-held-none]")).to_be_visible()
    expect(console.locator("[data-held]")).to_be_hidden()
    console.get_by_text("Diselesaikan: 1").click()
    expect(console.locator("[data-settled-list]")).to_contain_text("Kiriman ini tidak dapat dibaca.")
    expect(console.locator("[data-settled-list]")).to_contain_text("sudah dicatat di kertas")
    assert (statuses(console), doors(console)) == (["settled"], [])
    wait_until(lambda: board_counts() == (0, 0), what="the board goes on counting what is settled")
    assert console.evaluate("""localStorage.getItem("jemput-bola-unsent")""") == "0"


def prepare_again(page: Page, hall: Hall, url: str) -> None:
    """By whoever knows the PIN."""
    page.goto(f"{url}/today/{hall.drive_day.pk}/tablet/")
    page.get_by_label("Nama tablet").fill("Tablet 3")
    page.get_by_label("PIN", exact=True).fill(PIN)
    page.get_by_role("button", name="Siapkan tablet ini").click()
    expect(page.get_by_role("link", name="Buka konsol")).to_be_visible()


def open_again(page: Page, hall: Hall) -> None:
    page.get_by_role("link", name="Buka konsol").click()
    unlock(page)
    expect(page.get_by_role("searchbox")).to_be_visible()


@pytest.fixture
def holding(console: Page, hall: Hall, window: BrowserContext) -> Page:
    """One note was sent, two were not."""
    note(console, hall)
    wait_until(lambda: VisitEvent.objects.count() == 1, what="the first note did not arrive")
    window.route("**/api/v1/events", lambda route: route.abort())
    for number in (1, 2):
        note(console, hall, number)
    console.goto("about:blank")
    window.unroute("**/api/v1/events")
    return console


def test_a_tablet_that_the_server_does_not_know_is_prepared_with_what_it_holds(
    holding: Page, hall: Hall, live_server: LiveServer
) -> None:
    first = Device.objects.get()
    Device.objects.update(secret_digest=bytes(32))
    prepare_again(holding, hall, live_server.url)
    open_again(holding, hall)

    wait_until(lambda: VisitEvent.objects.count() == 3, what="the notes did not arrive")
    second = Device.objects.exclude(pk=first.pk).get()
    assert (highest(second.received_numbers), missing(second.received_numbers)) == (2, [])


def test_a_tablet_that_is_prepared_for_no_day_is_prepared_with_what_it_holds(
    holding: Page, hall: Hall, live_server: LiveServer
) -> None:
    Preparation.objects.all().delete()
    prepare_again(holding, hall, live_server.url)
    open_again(holding, hall)

    wait_until(lambda: VisitEvent.objects.count() == 3, what="the notes did not arrive")
    received = Device.objects.get().received_numbers
    assert (highest(received), missing(received)) == (3, [])


def test_a_note_on_which_the_server_fails_keeps_no_tablet_from_being_prepared(
    holding: Page, hall: Hall, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    guilty, understand = hall.visits[2].pk, batches.event_of

    def fail(*args: Any, visit_id: object, **more: Any) -> Any:
        if visit_id == guilty:
            raise RuntimeError("nobody has foreseen this")
        return understand(*args, visit_id=visit_id, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(events, "event_of", fail)
        prepare_again(holding, hall, live_server.url)
        assert (VisitEvent.objects.count(), statuses(holding).count("unsent")) == (2, 1)
    open_again(holding, hall)

    wait_until(lambda: VisitEvent.objects.count() == 3, what="the mended server is not asked again")


REFUSE_THE_SECOND_ROW = """() => {
  const add = IDBObjectStore.prototype.add;
  let count = 0;
  IDBObjectStore.prototype.add = function (...said) {
    count += this.name === "outbox";
    if (count < 2) return add.apply(this, said);
    IDBObjectStore.prototype.add = add;
    throw new DOMException("The disk is full.", "QuotaExceededError");
  };
}"""


def test_a_guest_and_the_arrival_are_on_the_disk_together_or_not_at_all(console: Page, window: BrowserContext) -> None:
    window.set_offline(True)
    console.get_by_role("button", name="Tamu tanpa jadwal").click()
    console.get_by_label("Nama", exact=True).fill("Sri Wahyuni")
    console.get_by_label("Tanggal lahir").fill("1990-04-12")
    console.evaluate(REFUSE_THE_SECOND_ROW)
    console.get_by_role("button", name="Catat tamu").click()
    expect(console.get_by_text("Tidak tersimpan")).to_be_visible()
    assert statuses(console) == []

    console.get_by_role("button", name="Catat tamu").evaluate("(button) => { button.click(); button.click(); }")
    expect(console.locator(".jb-result__w")).to_have_text("Sri Wahyuni")
    expect(console.get_by_text("Tidak tersimpan")).to_be_hidden()
    assert statuses(console) == ["unsent", "unsent"]
    window.set_offline(False)
    wait_until(lambda: Visit.objects.filter(state="present", is_walk_in=True).count() == 1, what="the guest did not arrive")
    assert (VisitEvent.objects.count(), Device.objects.get().received_numbers) == (1, [1, 2])

"""What a tablet holds stays within reach: after its day is over, after it was revoked, and where it is prepared anew."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from drives.models import OperatorDuty, VisitEvent
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

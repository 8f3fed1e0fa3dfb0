"""A tablet's console in a window of the shared browser. The module that uses it says which `hall` it stands in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import PATIENCE
from tests.journeys.hall import Hall
from tests.journeys.tablet import PIN, make_ready, sign_in


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="id-ID", timezone_id="Asia/Jakarta", viewport={"width": 820, "height": 1180})
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


@pytest.fixture
def prepared(window: BrowserContext, hall: Hall, live_server: LiveServer) -> Page:
    """A tablet made ready, its console still shut."""
    sign_in(window, hall.operator, url=live_server.url)
    page = window.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    make_ready(page, f"{live_server.url}/today/{hall.drive_day.pk}/tablet/", kit="Alat 3")
    page.get_by_role("link", name="Buka konsol").click()
    expect(page.get_by_role("button", name="Buka", exact=True)).to_be_visible()
    return page


@pytest.fixture
def console(prepared: Page) -> Page:
    prepared.get_by_label("PIN").fill(PIN)
    prepared.get_by_role("button", name="Buka", exact=True).click()
    expect(prepared.get_by_role("searchbox")).to_be_visible()
    return prepared

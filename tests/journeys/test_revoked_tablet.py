"""A lead operator finds the tablet that was left behind, and revokes it; what it still holds comes all the same."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from drives.models import Device, Visit
from drives.tablets.actions import prepare, revoke
from schools.models import User
from tests.browser import PATIENCE
from tests.drives.tablets.conftest import Tablet
from tests.factories import UserFactory
from tests.journeys.hall import Hall, hall_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    return hall_of(3)


@pytest.fixture(params=[1280, 390])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(locale="id-ID", timezone_id="Asia/Jakarta", viewport={"width": request.param, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def tablets_of(hall: Hall, lead: User) -> Tablet:
    """One that is well, one that holds something and was left behind, one that is revoked."""
    made = [prepare(drive_day=hall.drive_day, by=hall.operator, now=timezone.now()) for _ in range(3)]
    found = [Tablet(one.device, one.secret or "") for one in made]
    found[0].ping(unsent=0, held=0, version="abc")
    found[1].ping(unsent=14, held=2, last_sequence=20, version="abc")
    Device.objects.filter(pk=found[1].device.pk).update(seen_at=timezone.now() - timedelta(hours=2))
    revoke(device=found[2].device, by=lead, now=timezone.now())
    return found[1]


def test_a_tablet_left_behind_is_revoked_and_its_outbox_still_comes(hall: Hall, page: Page, live_server: LiveServer) -> None:
    lead = UserFactory(lead_operator=hall.drive_day.office, name="Budi Ketua")
    left_behind = tablets_of(hall, lead)
    client = Client()
    client.force_login(lead)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])

    page.goto(f"{live_server.url}/tablets/")
    line = page.get_by_role("row").filter(has_text=left_behind.device.name)
    expect(line).to_contain_text("14")
    assert_accessible(page)
    line.get_by_role("link", name="Cabut").click()
    assert_accessible(page)
    page.get_by_role("button", name="Cabut").click()

    expect(page.get_by_text(f"{left_behind.device.name} dicabut.")).to_be_visible()
    visit = Visit.objects.filter(drive=hall.drive_day.drive_id).order_by("pk")[0]
    assert left_behind.pack(hall.drive_day.pk).status_code == 410
    assert len(left_behind.send(left_behind.event(visit, "recorded", at=timezone.now())).json()["accepted"]) == 1


def assert_accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0

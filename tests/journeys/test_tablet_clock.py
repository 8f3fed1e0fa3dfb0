"""A tablet whose clock is wrong, and is mended before anything was sent."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from drives.models import VisitEvent
from tests.journeys.hall import Hall, find, hall_of, tap
from tests.journeys.tablet import PIN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

WRONG = timedelta(hours=48)


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    return hall_of(2)


@pytest.mark.parametrize("mended", ["after", "before"])
def test_what_was_noted_by_a_wrong_clock_keeps_its_time_after_the_clock_is_mended(
    prepared: Page, hall: Hall, window: BrowserContext, mended: str
) -> None:
    """Noted before the clock is mended, or just after, while the tablet still remembers how wrong it was."""
    visit = hall.visits[0]
    prepared.clock.install(time=datetime.now(UTC) - WRONG)
    prepared.reload()
    prepared.get_by_label("PIN").fill(PIN)
    prepared.get_by_role("button", name="Buka", exact=True).click()
    expect(prepared.locator("[data-online]")).to_be_visible()
    window.set_offline(True)
    if mended == "before":
        prepared.clock.set_system_time(datetime.now(UTC))
    find(prepared, visit.code, visit.person.name)
    tap(prepared, "Direkam")

    prepared.clock.set_system_time(datetime.now(UTC))
    sent: list[str] = []
    window.on("request", lambda request: sent.append(request.post_data or "") if "/events" in request.url else None)
    window.set_offline(False)
    expect(prepared.locator("[data-unsent]")).to_contain_text("Belum terkirim: 0")

    visit.refresh_from_db()
    (batch,) = [json.loads(text) for text in sent]
    assert abs(datetime.fromisoformat(batch["sent_at"]) - datetime.now(UTC)) < timedelta(minutes=5)
    assert visit.state_on == hall.drive_day.day
    assert visit.state_at is not None
    assert abs(visit.state_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert abs(VisitEvent.objects.get().skew_seconds - (WRONG.total_seconds() if mended == "after" else 0)) < 60

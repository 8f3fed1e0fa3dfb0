"""One note on which the server fails each time holds up nothing else, is never lost, and arrives once the server is mended."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from drives.models import Device, Visit, VisitEvent
from drives.onsite import batches
from drives.tablets import events
from drives.tablets.numbers import highest, missing
from tests.journeys.hall import Hall, find, hall_of, tap, with_room
from tests.journeys.tablet import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
PATIENCE = 60


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    return with_room(hall_of(25))


@pytest.fixture
def poisoned(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The server fails on whatever is said of the third person, in a way that nobody has foreseen."""
    guilty, understand = hall.visits[2].pk, batches.event_of

    def fail(*args: Any, visit_id: object, **more: Any) -> Any:
        if visit_id == guilty:
            raise RuntimeError("nobody has foreseen this")
        return understand(*args, visit_id=visit_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(events, "event_of", fail)
    return monkeypatch


def round_by_round(window: BrowserContext, is_true: Callable[[], bool], *, what: str) -> None:
    """The tablet halves its batch from round to round, 15 seconds apart; the network that comes back begins one at once."""

    def after_a_round() -> bool:
        window.set_offline(True)
        window.set_offline(False)
        time.sleep(0.5)
        return is_true()

    wait_until(after_a_round, seconds=PATIENCE, what=what)


def board_heard_of_one(*, since: datetime | None) -> bool:
    """The tablet goes on to say that it is there, and how much waits on it."""
    device = Device.objects.get()
    assert since is not None
    return device.unsent_count == 1 and device.seen_at is not None and device.seen_at > since


def recorded() -> set[str]:
    return set(Visit.objects.filter(state="recorded").values_list("person__name", flat=True))


def test_the_others_arrive_the_guilty_one_waits_and_arrives_once_the_server_is_mended(
    console: Page, hall: Hall, window: BrowserContext, poisoned: pytest.MonkeyPatch
) -> None:
    people = hall.visits[:7]
    window.set_offline(True)
    for visit in people:
        find(console, visit.code, visit.person.name)
        tap(console, "Direkam")
    others = {visit.person.name for visit in people} - {hall.visits[2].person.name}

    round_by_round(window, lambda: recorded() == others, what="a poisoned note holds up the others")
    told_at = Device.objects.get().seen_at
    wait_until(lambda: board_heard_of_one(since=told_at), seconds=PATIENCE, what="a poisoned note makes the tablet silent")
    expect(console.locator("[data-online]")).to_be_visible()
    expect(console.locator("[data-unsent]")).to_contain_text("Belum terkirim: 1")
    expect(console.locator("[data-held]")).to_be_hidden()

    # What is noted afterwards does not stand behind it either.
    later = hall.visits[8]
    find(console, later.code, later.person.name)
    tap(console, "Direkam")
    round_by_round(window, lambda: later.person.name in recorded(), what="a poisoned note holds up what came after it")
    expect(console.locator("[data-unsent]")).to_contain_text("Belum terkirim: 1")

    poisoned.undo()
    mended = hall.visits[2].person.name
    round_by_round(window, lambda: mended in recorded(), what="the mended server is not asked again")
    expect(console.locator("[data-unsent]")).to_contain_text("Belum terkirim: 0")
    received = Device.objects.get().received_numbers
    assert (VisitEvent.objects.count(), highest(received), missing(received)) == (8, 8, [])

"""A tablet that sends without end is told to wait, and not for longer than a minute."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

from drives.tablets import throttle
from tests.drives.onsite.conftest import NOW, Hall
from tests.drives.tablets.conftest import Tablet

pytestmark = pytest.mark.django_db


def test_who_sends_too_often_waits_for_the_next_minute(hall: Hall, tablet: Tablet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_BATCHES", 2)
    visit = hall.expect("Dewi")
    said = tablet.event(visit, "recorded")

    with time_machine.travel(NOW, tick=False) as clock:
        answers = [tablet.send(said) for _ in range(3)]
        # A counter that never ends, as one left behind between two commands.
        for key in cache._cache.get_client().keys("*tablet:events*"):  # type: ignore[attr-defined]
            cache._cache.get_client(write=True).persist(key)  # type: ignore[attr-defined]
        clock.shift(timedelta(minutes=1))
        later = tablet.send(said)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2]["Retry-After"], answers[2].json()["code"]) == ("60", "too_often")
    assert later.status_code == 200

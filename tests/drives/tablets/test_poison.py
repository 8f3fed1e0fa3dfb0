"""A note on which the server fails: nothing of its batch is half kept, the others are taken without it, the gap is named.

That the tablet finds the guilty one by itself is shown in `tests/journeys/test_poisoned_event.py`.
"""

from typing import Any

import pytest
from django.test import Client

from drives.models import Correction, Device, VisitEvent
from drives.onsite import ledger
from drives.tablets import events
from drives.tablets.numbers import highest, missing
from tests.drives.onsite.conftest import Hall
from tests.drives.tablets.conftest import Tablet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def send(tablet: Tablet, *told: object) -> int:
    browser = Client(raise_request_exception=False)
    body = {"source": "tablet", "events": list(told)}
    return browser.post("/api/v1/events", body, content_type="application/json", headers=tablet.headers).status_code


def came(tablet: Tablet) -> tuple[int, int, list[int]]:
    numbers = Device.objects.get(pk=tablet.device.pk).received_numbers
    return VisitEvent.objects.count(), highest(numbers), missing(numbers)


@pytest.mark.parametrize(("where", "name"), [(events, "event_of"), (ledger, "_fold_anew"), (events, "_count")])
def test_wherever_it_fails_nothing_of_the_batch_is_half_kept_and_it_comes_once_mended(
    hall: Hall, tablet: Tablet, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    first, guilty, last = (tablet.event(hall.expect(each), "recorded") for each in ("Adi", "Bela", "Cici"))

    def fail(*_args: Any, **_more: Any) -> Any:
        raise RuntimeError("nobody has foreseen this")

    with monkeypatch.context() as broken:
        broken.setattr(where, name, fail)
        assert send(tablet, first, guilty, last) == 500
        assert (came(tablet), Correction.objects.count()) == ((0, 0, []), 0)

    assert send(tablet, first, last) == 200
    assert came(tablet) == (2, 1, [2])
    assert send(tablet, first, guilty, last) == 200
    assert came(tablet) == (3, 3, [])

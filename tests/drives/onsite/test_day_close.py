"""The evening's tally against each kit's own count."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from uuid6 import uuid7

from drives.models import DayClose, Visit
from drives.onsite.actions import record_event
from drives.onsite.day_close import KitReport, close_day
from tests.drives.onsite.conftest import NOW, Hall
from tests.factories import at

pytestmark = pytest.mark.django_db
EVENING = NOW + timedelta(hours=5)


@pytest.fixture
def done(hall: Hall) -> Hall:
    """Two recorded at the first kit, one at the second, one failed."""
    for number, (kind, reason, kit) in enumerate(
        [("recorded", "", 0), ("recorded", "", 0), ("recorded", "", 1), ("failed", "biometric", 1)]
    ):
        visit = hall.expect(f"Siswa {number}")
        record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, kit=hall.kits[kit], by=hall.operator, now=NOW)
    return hall


def close(hall: Hall, *counts: int, reason: str = "", signed: str = "Budi") -> DayClose:
    reports = [KitReport(kit.pk, count, reason) for kit, count in zip(hall.kits, counts, strict=False)]
    return close_day(drive_day=hall.today, reports=reports, signed_by_name=signed, by=hall.lead, now=EVENING)


def test_a_close_keeps_the_tally_and_both_counts(done: Hall) -> None:
    closed = close(done, 2, 1)

    assert (closed.tally["recorded"], closed.tally["failed"], closed.tally["present"]) == (3, 1, 0)
    assert [(one["counted"], one["reported"]) for one in closed.kit_counts] == [(2, 2), (1, 1)]


def test_a_gap_needs_a_reason(done: Hall) -> None:
    with pytest.raises(ValidationError, check=lambda error: error.code == "gap_needs_reason"):
        close(done, 2, 2)

    assert close(done, 2, 2, reason="Satu perekaman ulang.").kit_counts[1]["reason"] == "Satu perekaman ulang."


@pytest.mark.parametrize(("counts", "signed", "code"), [((2,), "Budi", "kit_not_reported"), ((2, 1), " ", "signature_missing")])
def test_every_kit_and_a_signature_are_needed(done: Hall, counts: tuple[int, ...], signed: str, code: str) -> None:
    with pytest.raises(ValidationError, check=lambda error: error.code == code):
        close(done, *counts, signed=signed)


def test_a_day_is_closed_once_and_not_before_it_begins(done: Hall) -> None:
    close(done, 2, 1)
    with pytest.raises(ValidationError, check=lambda error: error.code == "day_closed"):
        close(done, 2, 1)

    with pytest.raises(ValidationError, check=lambda error: error.code == "day_not_begun"):
        close_day(drive_day=done.tomorrow, reports=[], signed_by_name="Budi", by=done.lead, now=EVENING)


def test_what_comes_later_leaves_the_snapshot_and_stands_beside_it(done: Hall) -> None:
    closed = close(done, 2, 1)

    record_event(event_id=uuid7(), visit=done.expect("Siswa Susul"), kind="recorded", by=done.operator, now=EVENING)

    closed.refresh_from_db()
    assert closed.tally["recorded"] == 3
    assert done.today.corrections.get().day == done.today.day


def test_guests_are_counted_apart_from_pupils(done: Hall) -> None:
    Visit.objects.filter(person__name="Siswa 0").update(is_walk_in=True)

    closed = close(done, 2, 1)

    assert (closed.tally["recorded"], closed.tally["walk_ins"]) == (2, 1)


def test_the_lead_closes_in_the_browser_and_an_operator_cannot(done: Hall, client: Client) -> None:
    form = {"signed_by_name": "Budi"}
    for kit, count in zip(done.kits, (2, 1), strict=True):
        form |= {f"count_{kit.pk.hex}": str(count), f"reason_{kit.pk.hex}": ""}
    with time_machine.travel(at(done.today.day, "15.00"), tick=False):
        client.force_login(done.operator)
        assert client.post(f"/today/{done.today.pk}/close/", form).status_code == 404

        client.force_login(done.lead)
        assert client.post(f"/today/{done.today.pk}/close/", form | {"signed_by_name": ""}).status_code == 422
        assert client.post(f"/today/{done.today.pk}/close/", form).status_code == 302
        assert "ditandatangani Budi" in client.get(f"/today/{done.today.pk}/close/").content.decode()

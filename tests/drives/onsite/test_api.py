"""Batches of facts: the receipt names what stands; nothing else counts as sent."""

import json
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from uuid6 import uuid7

from drives.models import Visit, VisitEvent
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import UserFactory, VisitFactory, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def raw(visit: Visit, kind: str, sequence: int = 1, *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    told = {"id": str(uuid7()), "visit": visit.token, "kind": kind, "sequence": sequence, "at": at.isoformat()}
    return told | more


def send(client: Client, *events: object, **more: Any) -> Any:
    batch = {"source": "tablet-3", "events": list(events)} | more
    return client.post("/api/v1/events", json.dumps(batch), content_type="application/json")


def test_the_receipt_names_every_event_that_stands(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi")
    batch = [raw(visit, "arrived", 1), raw(visit, "recorded", 2, kit=str(hall.kits[0].pk))]

    receipt = send(tablet, *batch).json()

    assert receipt["accepted"] == [event["id"] for event in batch]
    assert receipt["refused"] == []
    visit.refresh_from_db()
    assert (visit.state, visit.kit) == ("recorded", hall.kits[0])


def test_ten_replays_in_random_order_change_nothing(hall: Hall, tablet: Client) -> None:
    visits = [hall.expect(f"Siswa {number}") for number in range(5)]
    batch = [
        raw(visit, kind, 10 * place + number, reason={"failed": "kit_broken"}.get(kind, ""))
        for place, visit in enumerate(visits, start=1)
        for number, kind in enumerate(["arrived", "failed", "recorded"])
    ]
    chance = random.Random(10)

    states = set()
    for _ in range(10):
        chance.shuffle(batch)
        assert len(send(tablet, *batch).json()["accepted"]) == 15
        states.add(tuple(Visit.objects.order_by("pk").values_list("state", "state_at", "has_conflict")))

    assert (VisitEvent.objects.count(), len(states)) == (15, 1)


def test_one_poisoned_event_does_not_stop_the_others(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi")
    good = raw(visit, "arrived")
    poisoned: list[object] = [
        "no object",
        {"id": "no uuid"},
        raw(visit, "arrived", 2) | {"at": "yesterday"},
        raw(visit, "arrived", 3) | {"at": "2026-11-24T09:00:00"},
        raw(visit, "arrived", 4) | {"note": "x" * 201},
        raw(visit, "arrived", 5) | {"note": "\x00"},
        raw(visit, "arrived", 10) | {"note": "\ud800"},
        raw(visit, "\udfff", 11),
        raw(visit, "arrived", 12) | {"visit": "\ud800"},
        raw(visit, "arrived", True),
        raw(visit, "arrived", 2**70),
        raw(visit, "arrived", 6) | {"kit": str(uuid7())},
        raw(visit, "arrived", 7) | {"kind": {"a": 1}},
        raw(visit, "fled", 8),
        raw(visit, "arrived", 9) | {"at": "9999-12-31T23:59:59-12:00"},
    ]

    receipt = send(tablet, *poisoned, good).json()

    assert receipt["accepted"] == [good["id"]]
    assert len(receipt["refused"]) == len(poisoned)


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"events": []}', '{"source": "", "events": []}', '{"source": "t", "events": 3}']
)
def test_what_is_no_batch_is_refused_whole(hall: Hall, tablet: Client, body: str) -> None:
    answer = tablet.post("/api/v1/events", body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "batch_malformed")


def test_a_person_of_another_drive_is_unknown(hall: Hall, tablet: Client) -> None:
    hall.expect("Dewi")

    receipt = send(tablet, raw(VisitFactory(), "recorded")).json()

    assert [one["code"] for one in receipt["refused"]] == ["visit_unknown"]


def test_a_late_batch_counts_on_the_day_it_happened(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi")

    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        tablet.force_login(hall.operator)
        send(tablet, raw(visit, "recorded", at=at(DAY, "11.00")))

    visit.refresh_from_db()
    assert (visit.state_on, visit.state_at) == (DAY, at(DAY, "11.00"))


@pytest.mark.parametrize("wrong", [timedelta(hours=48), timedelta(hours=-48)])
def test_a_clock_that_is_wrong_by_two_days_does_not_move_the_day(hall: Hall, tablet: Client, wrong: timedelta) -> None:
    visit = hall.expect("Dewi")

    send(tablet, raw(visit, "recorded", at=NOW + wrong), sent_at=(NOW + wrong).isoformat())

    visit.refresh_from_db()
    assert (visit.state_on, visit.state_at) == (DAY, NOW)


@pytest.mark.parametrize("sent_at", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00", "soon", 7])
def test_nonsense_about_the_clock_is_passed_over(hall: Hall, tablet: Client, sent_at: object) -> None:
    visit = hall.expect("Dewi")

    assert len(send(tablet, raw(visit, "recorded"), sent_at=sent_at).json()["accepted"]) == 1


def test_one_user_cannot_take_the_numbers_of_another(hall: Hall, tablet: Client, client: Client) -> None:
    visit = hall.expect("Dewi")
    send(tablet, raw(visit, "arrived", 1))

    client.force_login(hall.lead)

    assert len(send(client, raw(visit, "recorded", 1)).json()["accepted"]) == 1


@pytest.mark.parametrize("role", ["planner", "school_admin", "official", "system_admin"])
def test_other_roles_send_nothing(hall: Hall, client: Client, role: str) -> None:
    client.force_login(UserFactory(**{role: hall.school if role == "school_admin" else hall.drive.office}))

    assert send(client).status_code == 404

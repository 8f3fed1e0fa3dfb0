"""A tablet in the hall, made ready by the operator of the day."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from uuid6 import uuid7

from drives.models import Device, Visit
from drives.tablets.actions import prepare
from tests.drives.onsite.conftest import NOW, Hall, hall

__all__ = ["hall"]


@dataclass
class Tablet:
    """Sends as its browser does: with its own credential and nothing else."""

    device: Device
    secret: str
    sequence: int = 0

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Tablet {self.device.pk}.{self.secret}"}

    def event(self, visit: Visit, kind: str, *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
        self.sequence += 1
        return {
            "id": str(uuid7()),
            "drive": str(visit.drive_id),
            "code": visit.code,
            "kind": kind,
            "sequence": self.sequence,
            "at": at.isoformat(),
        } | more

    def item(self, kind: str, *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
        self.sequence += 1
        return {"id": str(uuid7()), "kind": kind, "sequence": self.sequence, "at": at.isoformat()} | more

    def post(self, path: str, body: object) -> Any:
        return Client().post(path, json.dumps(body), content_type="application/json", headers=self.headers)

    def send(self, *events: object, **more: Any) -> Any:
        return self.post("/api/v1/events", {"source": "tablet", "events": list(events)} | more)

    def ping(self, **told: Any) -> Any:
        return self.post("/api/v1/tablet/ping", told)

    def pack(self, drive_day: UUID, **headers: str) -> Any:
        return Client().get(f"/api/v1/tablet/pack/{drive_day}", headers=self.headers | headers)


def make_ready(hall: Hall, **more: Any) -> Tablet:
    """A new tablet of today's operator; `drive_day`, `by`, `kit` may be others."""
    told: dict[str, Any] = {"drive_day": hall.today, "by": hall.operator, "now": NOW} | more
    found = prepare(**told)
    assert found.secret is not None
    return Tablet(found.device, found.secret)


@pytest.fixture
def this_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _nobody_counts() -> None:
    cache.clear()


@pytest.fixture
def tablet(hall: Hall) -> Tablet:
    return make_ready(hall, kit=hall.kits[0])

"""Calls to a station, by tablets, and what a ping tells of the hall."""

from typing import Any

import pytest

from drives.models import Visit
from drives.onsite.calling import call_first, called_among
from drives.onsite.incidents import open_incident
from drives.tablets.actions import revoke
from tests.drives.onsite.conftest import NOW, Hall
from tests.drives.tablets.conftest import Tablet, make_ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def call(tablet: Tablet, hall: Hall, visit: Visit, **more: Any) -> Any:
    told = {"drive_day": str(hall.today.pk), "code": visit.code, "kit": str(hall.kits[0].pk)} | more
    return tablet.post("/api/v1/tablet/call", told)


def test_a_person_is_called_by_one_station_alone(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    other = make_ready(hall, kit=hall.kits[1])

    first = call(tablet, hall, visit).json()
    again = call(tablet, hall, visit).json()
    late = call(other, hall, visit, kit=str(hall.kits[1].pk)).json()

    assert first == again == {"called": True, "station": "Alat 1"}
    assert late == {"called": False, "station": "Alat 1"}
    assert called_among([visit]) == {visit.pk: "Alat 1"}


@pytest.mark.parametrize("more", [{"code": 3}, {"code": ""}, {"code": "\x00"}])
def test_a_call_of_nobody_is_refused(hall: Hall, tablet: Tablet, more: dict[str, Any]) -> None:
    assert call(tablet, hall, hall.expect("Dewi"), **more).status_code == 422


def test_a_tablet_calls_nobody_elsewhere_and_none_once_it_is_revoked(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    elsewhere = call(tablet, hall, visit, drive_day=str(hall.tomorrow.pk))
    unknown = call(tablet, hall, visit, code="ZZZZZZ")
    revoke(device=tablet.device, by=hall.lead, now=NOW)

    assert [elsewhere.status_code, unknown.status_code, call(tablet, hall, visit).status_code] == [404, 404, 404]
    assert called_among([visit]) == {}


def test_a_ping_tells_of_open_problems_and_of_who_is_called_where(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    tablet.send(tablet.event(visit, "arrived", queue="A-01"))
    call_first([visit], station="Alat 2")
    incident = open_incident(
        incident_id=visit.pk,
        drive_day=hall.today,
        kind="kit_broken",
        kit=hall.kits[1],
        note="lampu mati",
        by=hall.lead,
        now=NOW,
    )

    news = tablet.ping(drive_day=str(hall.today.pk)).json()

    assert news["troubles"] == [[str(incident.pk), "Alat 2 rusak", "lampu mati", int(NOW.timestamp())]]
    assert (news["incidents"], news["called"]) == (1, {visit.code: "Alat 2"})

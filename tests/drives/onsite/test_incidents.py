"""What goes wrong in the hall: reported once, seen at once, closed with what was done."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from uuid6 import uuid7

from drives.models import Incident
from drives.onsite.incidents import close_incident, incidents_of, open_incident
from tests.drives.onsite.conftest import NOW, Hall
from tests.drives.onsite.together import together
from tests.factories import KitFactory, OfficeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def a_broken_kit(hall: Hall, incident_id: UUID | None = None, note: str = "") -> Incident:
    return open_incident(
        incident_id=incident_id or uuid7(),
        drive_day=hall.today,
        kind="kit_broken",
        kit=hall.kits[0],
        note=note,
        by=hall.operator,
        now=NOW,
    )


def test_the_same_report_again_changes_nothing(hall: Hall) -> None:
    first = a_broken_kit(hall, note="Kamera mati.")

    again = a_broken_kit(hall, first.pk, note="Lain sama sekali.")

    assert (again.pk, again.note, Incident.objects.count()) == (first.pk, "Kamera mati.", 1)


@pytest.mark.parametrize(
    ("kind", "note", "code"),
    [("fire", "", "incident_kind_unknown"), ("kit_broken", "", "incident_needs_kit"), ("crowd", "x" * 201, "note_too_long")],
)
def test_what_cannot_be_a_report_is_refused(hall: Hall, kind: str, note: str, code: str) -> None:
    with pytest.raises(ValidationError, check=lambda error: error.code == code):
        open_incident(incident_id=uuid7(), drive_day=hall.today, kind=kind, note=note, by=hall.operator, now=NOW)


def test_a_kit_of_another_office_and_an_id_of_another_day_are_refused(hall: Hall) -> None:
    elsewhere = KitFactory(office=OfficeFactory(name="Sudin Lain"))
    used = a_broken_kit(hall)

    with pytest.raises(ValidationError, check=lambda error: error.code == "kit_unknown"):
        open_incident(incident_id=uuid7(), drive_day=hall.today, kind="kit_broken", kit=elsewhere, by=hall.operator, now=NOW)
    with pytest.raises(ValidationError, check=lambda error: error.code == "incident_id_taken"):
        open_incident(incident_id=used.pk, drive_day=hall.tomorrow, kind="crowd", by=hall.operator, now=NOW)


def test_an_incident_is_closed_once_with_what_was_done(hall: Hall) -> None:
    incident = a_broken_kit(hall)

    with pytest.raises(ValidationError, check=lambda error: error.code == "resolution_missing"):
        close_incident(incident=incident, resolution="  ", by=hall.operator, now=NOW)
    closed = close_incident(incident=incident, resolution="Diganti Alat 9.", by=hall.lead, now=NOW + timedelta(minutes=5))
    again = close_incident(incident=incident, resolution="Lain.", by=hall.operator, now=NOW + timedelta(minutes=9))

    assert (again.resolution, again.closed_by, again.closed_at) == (closed.resolution, hall.lead, NOW + timedelta(minutes=5))


def test_the_open_ones_stand_first_then_the_newest(hall: Hall) -> None:
    made = [
        open_incident(incident_id=uuid7(), drive_day=hall.today, kind=kind, by=hall.operator, now=NOW + timedelta(minutes=number))
        for number, kind in enumerate(["crowd", "network_down", "other"])
    ]
    close_incident(incident=made[2], resolution="Selesai.", by=hall.operator, now=NOW + timedelta(minutes=9))

    assert [incident.kind for incident in incidents_of(hall.today)] == ["network_down", "crowd", "other"]


@pytest.mark.django_db(transaction=True)
def test_one_report_sent_over_two_connections_is_one_incident(hall: Hall) -> None:
    incident_id = uuid7()
    connections.close_all()

    together(*[lambda _number: a_broken_kit(hall, incident_id)] * 4)

    assert Incident.objects.count() == 1

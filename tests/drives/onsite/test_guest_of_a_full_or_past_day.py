"""A lead takes a guest in spite of a full day, with a reason, or notes one of a day that is over."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from uuid6 import uuid7

from drives.models import Timeslot, Visit, VisitEvent
from drives.onsite.room import room_at
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import at

pytestmark = pytest.mark.django_db


def note(client: Client, hall: Hall, **more: str) -> str:
    form = {"event_id": str(uuid7()), "name": "Siti Rahma", "kind": "teacher", "service": "recording", "birth_date": "04031985"}
    client.force_login(hall.lead)
    return client.post(f"/today/{hall.today.pk}/walk-in/", form | more).content.decode()


@pytest.mark.usefixtures("this_morning")
def test_a_lead_without_a_reason_is_asked_why_this_guest_is_taken(hall: Hall, client: Client) -> None:
    Timeslot.objects.filter(drive_day=hall.today).update(places=0)

    page = note(client, hall)

    assert "Tuliskan alasan menerima tamu." in page
    assert "alasan koreksi" not in page


def test_a_guest_of_a_day_that_is_over_was_there_on_that_day(hall: Hall, client: Client) -> None:
    Timeslot.objects.filter(drive_day=hall.tomorrow).update(places=1)
    tomorrow = NOW + timedelta(days=1)
    with time_machine.travel(tomorrow, tick=False):
        before = room_at(hall.tomorrow, now=tomorrow)
        empty = client.get(f"/today/{hall.today.pk}/walk-in/").content.decode()
        page = note(client, hall)

    visit, event = Visit.objects.get(), VisitEvent.objects.get()
    assert page == ""
    assert (visit.state, visit.state_on, event.day, event.received_at) == ("present", DAY, DAY, tomorrow)
    assert visit.arrived_at is not None
    assert at(DAY, "00.00") < visit.arrived_at < at(DAY, "23.59")
    assert room_at(hall.tomorrow, now=tomorrow) == before
    assert "Penuh" not in empty

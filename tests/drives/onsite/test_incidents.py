"""What goes wrong in the hall: reported once, seen at once, closed with what was done."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from uuid6 import uuid7

from drives.models import Incident, KitOutage
from drives.onsite.incidents import close_incident, incidents_of, open_incident
from tests.drives.onsite.conftest import NOW, Hall
from tests.factories import KitFactory, OfficeFactory, UserFactory
from tests.together import together

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


def test_a_broken_kit_is_reported_in_two_taps_and_stands_once_however_often_it_is_sent(hall: Hall, tablet: Client) -> None:
    page = tablet.get(f"/today/{hall.today.pk}/incidents/").content.decode()
    button = f'value="kit_broken:{hall.kits[1].pk}"'
    form = {"incident_id": str(uuid7()), "what": f"kit_broken:{hall.kits[1].pk}"}

    answers = [tablet.post(f"/today/{hall.today.pk}/incidents/add/", form).status_code for _twice in range(2)]

    assert (button in page, answers) == (True, [302, 302])
    incident = Incident.objects.get()
    assert (incident.kind, incident.kit, incident.opened_by, incident.opened_at) == (
        "kit_broken",
        hall.kits[1],
        hall.operator,
        NOW,
    )


def test_closing_without_a_word_keeps_it_open_and_says_so_beside_it(hall: Hall, tablet: Client) -> None:
    incident = a_broken_kit(hall)
    url = f"/today/{hall.today.pk}/incidents/{incident.pk}/close/"

    refused = tablet.post(url, {"resolution": ""})
    assert (refused.status_code, "Tuliskan apa yang sudah dilakukan" in refused.content.decode()) == (422, True)

    tablet.post(url, {"resolution": "Kabel diganti."})
    incident.refresh_from_db()
    assert (incident.resolution, incident.closed_by) == ("Kabel diganti.", hall.operator)


def test_a_broken_kit_is_offered_to_the_office_as_an_outage_once(hall: Hall, client: Client) -> None:
    incident = a_broken_kit(hall, note="Kamera mati.")
    url = f"/today/{hall.today.pk}/incidents/{incident.pk}/outage/"
    client.force_login(hall.operator)
    assert (client.post(url).status_code, url in client.get(f"/today/{hall.today.pk}/incidents/").content.decode()) == (
        404,
        False,
    )

    client.force_login(UserFactory(planner=hall.drive.office))
    assert url in client.get(f"/today/{hall.today.pk}/incidents/").content.decode()
    for _twice in range(2):
        client.post(url)

    outage = KitOutage.objects.get()
    assert (outage.kit, outage.starts_on, outage.ends_on, outage.reason) == (hall.kits[0], hall.today.day, None, "Kamera mati.")
    assert url not in client.get(f"/today/{hall.today.pk}/incidents/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_questions_for_any_number(
    hall: Hall, client: Client, count: int, django_assert_num_queries: Callable[..., object]
) -> None:
    for _number in range(count):
        a_broken_kit(hall)
    client.force_login(hall.lead)

    with django_assert_num_queries(10):  # type: ignore[attr-defined]
        client.get(f"/today/{hall.today.pk}/incidents/")


def test_yesterdays_incidents_are_the_offices_alone(hall: Hall, tablet: Client) -> None:
    hall.today.day -= timedelta(days=1)
    hall.today.save()

    assert tablet.get(f"/today/{hall.today.pk}/incidents/").status_code == 404
    tablet.force_login(hall.lead)
    assert tablet.get(f"/today/{hall.today.pk}/incidents/").status_code == 200


def test_who_reports_what_is_reported_already_is_told_so(hall: Hall, tablet: Client) -> None:
    """Two people see one broken kit: one line on the board. With a note it is news; something else is always another thing."""
    address, broken = f"/today/{hall.today.pk}/incidents/add/", f"kit_broken:{hall.kits[0].pk}"
    for what, note in ((broken, ""), (broken, ""), ("crowd", ""), ("crowd", "Di gerbang"), ("other", ""), ("other", "")):
        tablet.post(address, {"incident_id": str(uuid7()), "what": what, "note": note})

    again = tablet.post(address, {"incident_id": str(uuid7()), "what": broken}, follow=True).content.decode()

    assert list(Incident.objects.order_by("pk").values_list("kind", flat=True)) == [
        "kit_broken",
        "crowd",
        "crowd",
        "other",
        "other",
    ]
    assert "Alat 1 rusak: sudah dilaporkan pukul 09.41 oleh Rina Operator" in again

"""A tablet whose clock is wrong: its kit is heard all the same, and what a lead reads is when it happened."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.models import Visit, VisitEvent
from drives.onsite.actions import record_events
from drives.onsite.board import board_of
from drives.onsite.ledger import NewEvent
from drives.onsite.moments import HEARD_AT, heard_at
from drives.onsite.wall import wall_of
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def tell(hall: Hall, visit: Visit, *, ahead: timedelta, ago: timedelta, kind: str = "recorded", **more: str) -> None:
    """As a tablet sends it now whose clock runs so far ahead (or behind), of what happened a while ago."""
    event = NewEvent(
        id=uuid7(),
        visit_id=visit.pk,
        kind=kind,
        source="device:1",
        sequence=1,
        device_at=NOW - ago + ahead,
        kit_id=hall.kits[0].pk,
        **more,  # type: ignore[arg-type]
    )
    record_events(events=[event], visits=[visit], by=hall.operator, now=NOW, skew=-ahead)


@pytest.mark.parametrize("ahead", [timedelta(minutes=-30), timedelta(minutes=30), timedelta(days=-3), timedelta(0)])
@pytest.mark.parametrize("minutes", [4, 14])
def test_a_kit_is_heard_when_it_recorded_whatever_its_tablets_clock_says(hall: Hall, ahead: timedelta, minutes: int) -> None:
    tell(hall, hall.expect("Siswa"), ahead=ahead, ago=timedelta(minutes=minutes))

    kit = board_of(hall.today, now=NOW).kits[0]
    (tile,) = wall_of([hall.drive.office_id], now=NOW).tiles

    assert (kit.last_at, kit.is_silent) == (NOW - timedelta(minutes=minutes), minutes > 10)
    assert ("Alat 1" in tile.silent_kits) == kit.is_silent


def test_a_lead_reads_when_it_happened(hall: Hall, client: Client) -> None:
    visit = hall.expect("Siswa")
    tell(hall, visit, ahead=timedelta(hours=-2), ago=timedelta(minutes=9), kind="failed", reason="biometric")
    client.force_login(hall.lead)

    page = client.get(f"/today/{hall.today.pk}/visits/{visit.pk}/correct/").content.decode()

    assert ("09.32" in page, "07.32" in page) == (True, False)


@settings(max_examples=40, deadline=None)
@given(
    told=st.lists(
        st.tuples(st.integers(-200, 200), st.integers(-90_000, 90_000), st.integers(-30, 30), st.integers(-1, 1)),
        min_size=1,
        max_size=5,
    ),
    zone=st.sampled_from(["Asia/Jakarta", "Asia/Jayapura"]),
)
def test_the_database_reckons_as_the_fold_does(hall: Hall, told: list[tuple[int, int, int, int]], zone: str) -> None:
    """Near midnight of either zone, with clocks that are right, a little wrong, and wrong by a day."""
    office = hall.drive.office
    with transaction.atomic():
        type(office).objects.filter(pk=office.pk).update(time_zone=zone)
        office.refresh_from_db()
        visit, midnight = hall.expect("Siswa"), at(DAY, "00.00")
        for number, (minutes, skew, late, days) in enumerate(told):
            received_at = midnight + timedelta(minutes=minutes)
            VisitEvent.objects.create(
                id=uuid7(),
                visit=visit,
                drive=hall.drive,
                office=office,
                kind="arrived",
                source="device:1",
                source_sequence=number + 1,
                device_at=received_at - timedelta(seconds=skew) - timedelta(minutes=late),
                received_at=received_at,
                skew_seconds=skew,
                day=DAY + timedelta(days=days),
            )
        events = list(VisitEvent.objects.annotate(reckoned=HEARD_AT))
        transaction.set_rollback(True)

    assert [event.reckoned for event in events] == [heard_at(event, office.zone) for event in events]
    assert all(event.reckoned <= event.received_at for event in events)

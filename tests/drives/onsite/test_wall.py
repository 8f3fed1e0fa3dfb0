"""All drives of today on one wall: the one with the most trouble first, at the same cost for one or many."""

import gzip
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from uuid6 import uuid7

from drives.models import DayClose, Drive, DriveDay
from drives.onsite.actions import record_event
from drives.onsite.board import board_of
from drives.onsite.incidents import open_incident
from drives.onsite.wall import wall_of
from schools.models import School
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import (
    AppointmentFactory,
    DriveDayFactory,
    DriveFactory,
    DriveSessionFactory,
    KitDutyFactory,
    KitFactory,
    OfficeFactory,
    PersonFactory,
    SchoolFactory,
    TimeslotFactory,
    UserFactory,
    VisitFactory,
    at,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def a_drive(hall: Hall, name: str, *, kits: int = 0, people: int = 1) -> DriveDay:
    """Another drive of the office on this day, with people due at nine."""
    school = SchoolFactory(name=name, npsn=f"2030{School.objects.count():04d}")
    drive = DriveFactory(school=school, office=hall.drive.office, status=Drive.Status.PUBLISHED, published_at=NOW)
    drive_day: DriveDay = DriveDayFactory(drive=drive, day=DAY)
    session = DriveSessionFactory(drive_day=drive_day, starts_at=at(DAY, "09.00"), ends_at=at(DAY, "12.00"))
    slot = TimeslotFactory(session=session, starts_at=at(DAY, "09.00"), ends_at=at(DAY, "12.00"))
    for _number in range(people):
        person = PersonFactory()
        AppointmentFactory(timeslot=slot, person=person)
        VisitFactory(drive=drive, person=person)
    for number in range(kits):
        KitDutyFactory(kit=KitFactory(name=f"{name} {number}"), drive_day=drive_day)
    return drive_day


def record(drive_day: DriveDay, hall: Hall, *, count: int, minutes: int = 5) -> None:
    """So many, one every few minutes up to now."""
    for number, visit in enumerate(drive_day.drive.visits.order_by("pk")[:count]):
        moment = NOW - timedelta(minutes=minutes * number)
        record_event(event_id=uuid7(), visit=visit, kind="recorded", by=hall.lead, now=moment)


def test_a_tile_says_what_its_board_says(hall: Hall) -> None:
    busy = a_drive(hall, "SMAN 8", people=8)
    record(busy, hall, count=4)
    waiting = busy.drive.visits.order_by("-pk")[0]
    record_event(event_id=uuid7(), visit=waiting, kind="arrived", by=hall.lead, now=NOW - timedelta(minutes=12))

    tile = next(tile for tile in wall_of([hall.drive.office_id], now=NOW).tiles if tile.place == "SMAN 8")

    assert (tile.recorded, tile.target, tile.left, tile.waiting, tile.mean_minutes) == (4, 8, 4, 1, 12)
    assert (tile.pace, tile.finish_at, tile.ends_at) == (16, at(DAY, "10.00"), at(DAY, "12.00"))


def test_the_most_troubled_drive_stands_first_and_a_closed_one_last(hall: Hall) -> None:
    calm, silent, stopped = a_drive(hall, "SMAN 1"), a_drive(hall, "SMAN 2", kits=1), a_drive(hall, "SMAN 3")
    closed = a_drive(hall, "SMAN 0")
    open_incident(incident_id=uuid7(), drive_day=stopped, kind="network_down", by=hall.lead, now=NOW)
    DayClose.objects.create(
        drive_day=closed, office=closed.office, closed_at=NOW, closed_by=hall.lead, tally={}, signed_by_name="Budi"
    )
    for duty in hall.today.kit_duties.all():
        duty.released_at = NOW
        duty.save()

    wall = wall_of([hall.drive.office_id], now=NOW)

    assert [(tile.place, tile.tone) for tile in wall.tiles] == [
        ("SMAN 3", "stop"),
        ("SMAN 2", "wait"),
        ("SMAN 1", "ok"),
        ("SMAN 55 Jakarta", "ok"),
        ("SMAN 0", "ok"),
    ]
    assert (calm.pk, silent.pk) == (wall.tiles[2].drive_day_id, wall.tiles[1].drive_day_id)


def test_of_a_kit_that_is_reported_as_broken_no_silence_is_told(hall: Hall) -> None:
    kit = hall.kits[0]
    open_incident(incident_id=uuid7(), drive_day=hall.today, kind="kit_broken", kit=kit, by=hall.lead, now=NOW)

    (tile,) = wall_of([hall.drive.office_id], now=NOW).tiles

    assert (tile.silent_kits, [one.label for one in tile.troubles]) == (("Alat 2",), ["Alat 1 rusak"])


def test_in_a_break_no_kit_is_silent(hall: Hall) -> None:
    DriveSessionFactory(drive_day=hall.today, starts_at=at(DAY, "12.30"), ends_at=at(DAY, "15.00"))

    silent = [wall_of([hall.drive.office_id], now=at(DAY, time)).tiles[0].silent_kits for time in ("12.15", "12.40", "12.41")]

    assert silent == [(), (), ("Alat 1", "Alat 2")]


def test_every_amber_tile_says_in_words_why(hall: Hall, client: Client) -> None:
    waits = a_drive(hall, "SMAN 8")
    visit = waits.drive.visits.get()
    record_event(event_id=uuid7(), visit=visit, kind="arrived", by=hall.lead, now=NOW - timedelta(minutes=31))
    client.force_login(UserFactory(planner=hall.drive.office))

    page = client.get("/live/").content.decode()

    (tile,) = (tile for tile in wall_of([hall.drive.office_id], now=NOW).tiles if tile.place == "SMAN 8")
    assert (tile.tone, tile.is_waiting_long) == ("wait", True)
    assert page.count("antrean lama") == 1


def test_a_closed_day_promises_no_finish_on_wall_and_board(hall: Hall) -> None:
    busy = a_drive(hall, "SMAN 8", people=8)
    record(busy, hall, count=4)
    before = [one.finish_at for one in wall_of([hall.drive.office_id], now=NOW).tiles if one.place == "SMAN 8"]

    DayClose.objects.create(
        drive_day=busy, office=busy.office, closed_at=NOW, closed_by=hall.lead, tally={}, signed_by_name="Budi"
    )
    (tile,) = (tile for tile in wall_of([hall.drive.office_id], now=NOW).tiles if tile.place == "SMAN 8")
    board = board_of(busy, now=NOW)

    assert before != [None]
    assert (tile.pace, tile.finish_at, board.pace, board.finish_at) == (None, None, None, None)


def test_a_wall_left_on_overnight_shows_the_new_day(client: Client) -> None:
    planner = UserFactory(planner=OfficeFactory())
    client.force_login(planner)
    last = client.get("/live/figures/")
    with time_machine.travel(NOW + timedelta(hours=15), tick=False):
        client.force_login(planner)
        next_day = client.get("/live/figures/", headers={"If-None-Match": last.headers["ETag"]})

    assert (next_day.status_code, "Rabu, 25 November 2026" in next_day.content.decode()) == (200, True)


def test_a_break_neither_slows_the_pace_nor_is_worked_through_on_board_and_wall(hall: Hall) -> None:
    """A prayer break from twelve to half past one: at the next session's start the hour before the break counts."""
    DriveSessionFactory(drive_day=hall.today, starts_at=at(DAY, "13.30"), ends_at=at(DAY, "15.00"))
    for number in range(12):
        moment = at(DAY, "11.00") + timedelta(minutes=5 * number + 1)
        record_event(event_id=uuid7(), visit=hall.expect(f"Siswa {number}"), kind="recorded", by=hall.operator, now=moment)
    for number in range(6):
        hall.expect(f"Nanti {number}")

    board = board_of(hall.today, now=at(DAY, "12.45"))
    (tile,) = wall_of([hall.drive.office_id], now=at(DAY, "12.45")).tiles

    assert (board.pace, board.finish_at) == (tile.pace, tile.finish_at) == (12, at(DAY, "14.00"))


def test_only_drives_of_today_and_of_the_own_office_stand_on_the_wall(hall: Hall) -> None:
    elsewhere = DriveFactory(office=OfficeFactory(name="Sudin Lain"), status=Drive.Status.PUBLISHED, published_at=NOW)
    DriveDayFactory(drive=elsewhere, day=DAY)
    DriveDayFactory(drive=DriveFactory(office=hall.drive.office), day=DAY)

    assert [tile.drive_id for tile in wall_of([hall.drive.office_id], now=NOW).tiles] == [hall.drive.pk]


@pytest.mark.parametrize("count", [1, 3])
def test_the_wall_asks_the_same_number_of_questions_for_any_number_of_drives(
    hall: Hall, count: int, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(count - 1):
        record(a_drive(hall, f"SMAN {number}", kits=1, people=2), hall, count=2)

    with django_assert_num_queries(10):  # type: ignore[attr-defined]
        wall_of([hall.drive.office_id], now=NOW)


def test_the_page_holds_the_fragment_and_a_poll_is_small_or_empty(hall: Hall, client: Client) -> None:
    for number in range(11):
        trouble = a_drive(hall, f"SMK Negeri {number}", kits=1, people=2)
        open_incident(incident_id=uuid7(), drive_day=trouble, kind="crowd", by=hall.lead, now=NOW)
    client.force_login(UserFactory(planner=hall.drive.office))

    page, fragment = client.get("/live/").content.decode(), client.get("/live/figures/")
    same = client.get("/live/figures/", headers={"If-None-Match": fragment.headers["ETag"]})

    assert fragment.content.decode() in page
    assert (same.status_code, same.content, same.headers["X-Answered-At"]) == (304, b"", "09.41.00")
    assert len(gzip.compress(fragment.content)) <= 2048


def test_officials_see_the_tiles_of_all_their_offices_and_open_no_board(hall: Hall, client: Client) -> None:
    other = OfficeFactory(name="Suku Dinas Lain", parent=hall.drive.office)
    drive = DriveFactory(office=other, school=SchoolFactory(name="SMAN 9", npsn="20300009"), status="published", published_at=NOW)
    DriveDayFactory(drive=drive, day=DAY)
    client.force_login(UserFactory(official=hall.drive.office))

    page = client.get("/live/").content.decode()

    assert [name in page for name in ("SMAN 55 Jakarta", "SMAN 9", "Suku Dinas Lain")] == [True, True, True]
    assert ("/live/figures/" in page, f"/drives/{hall.drive.pk}/live/" in page) == (True, False)


def test_a_day_without_drives_says_what_would_stand_there(client: Client) -> None:
    client.force_login(UserFactory(planner=OfficeFactory()))

    assert "Tidak ada kegiatan hari ini" in client.get("/live/").content.decode()

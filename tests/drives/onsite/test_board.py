"""The live board: counts alone, and 304 while nothing changes."""

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from uuid6 import uuid7

from drives.models import Visit
from drives.onsite.actions import record_event
from drives.onsite.board import board_of
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import UserFactory, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def say(hall: Hall, visit: Visit, kind: str, *, now: datetime = NOW, reason: str = "", kit: int = 0) -> None:
    record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, kit=hall.kits[kit], by=hall.operator, now=now)


def test_the_pace_is_of_the_last_hour_and_the_finish_follows_from_it(hall: Hall) -> None:
    for number in range(6):
        say(hall, hall.expect(f"Siswa {number}", slot=0), "recorded", now=at(DAY, "09.00") + timedelta(minutes=5 * number))
    for number in range(4):
        hall.expect(f"Siswa Nanti {number}", slot=2)

    board = board_of(hall.today, now=at(DAY, "09.30"))

    assert (board.figures.recorded, board.figures.target, board.left, board.pace) == (6, 10, 4, 12)
    assert board.finish_at == at(DAY, "09.50")


def test_before_the_second_recording_there_is_no_pace_to_promise_by(hall: Hall) -> None:
    say(hall, hall.expect("Siswa"), "recorded")

    board = board_of(hall.today, now=NOW)

    assert (board.pace, board.finish_at) == (None, None)


def test_failures_stand_by_reason_and_kits_by_name(hall: Hall) -> None:
    say(hall, hall.expect("A"), "failed", reason="biometric", kit=0)
    say(hall, hall.expect("B"), "failed", reason="biometric", kit=0)
    say(hall, hall.expect("C"), "failed", reason="kit_broken", kit=1)
    say(hall, hall.expect("D"), "recorded", kit=1)

    board = board_of(hall.today, now=NOW)

    assert board.failures == (("Biometrik", 2), ("Alat rusak", 1))
    assert [(kit.name, kit.recorded) for kit in board.kits] == [("Alat 1", 0), ("Alat 2", 1)]


@pytest.mark.parametrize(("minutes", "is_silent"), [(10, False), (11, True)])
def test_a_kit_is_silent_after_ten_minutes(hall: Hall, minutes: int, is_silent: bool) -> None:
    say(hall, hall.expect("A"), "recorded", kit=0)

    board = board_of(hall.today, now=NOW + timedelta(minutes=minutes))

    assert board.kits[0].is_silent is is_silent


def test_a_poll_answers_304_until_something_changes(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi")
    url = f"/drives/{hall.drive.pk}/live/figures/"
    etag = tablet.get(url).headers["ETag"]
    same = tablet.get(url, headers={"If-None-Match": etag})
    say(hall, visit, "arrived")
    changed = tablet.get(url, headers={"If-None-Match": etag})

    assert (same.status_code, same.content, changed.status_code) == (304, b"", 200)
    assert len(gzip.compress(changed.content)) <= 2048


def test_the_page_holds_the_fragment_and_the_time(hall: Hall, tablet: Client) -> None:
    page = tablet.get(f"/drives/{hall.drive.pk}/live/").content.decode()
    fragment = tablet.get(f"/drives/{hall.drive.pk}/live/figures/").content.decode()

    assert fragment in page
    assert "Diperbarui 09.41.00" in page


@pytest.mark.parametrize("role", ["planner", "lead_operator"])
def test_the_office_watches_its_drives(hall: Hall, client: Client, role: str) -> None:
    client.force_login(UserFactory(**{role: hall.drive.office}))

    assert client.get(f"/drives/{hall.drive.pk}/live/").status_code == 200


@pytest.mark.parametrize("role", ["school_admin", "official", "system_admin", "operator"])
def test_others_do_not(hall: Hall, client: Client, role: str) -> None:
    client.force_login(UserFactory(**{role: hall.school if role == "school_admin" else hall.drive.office}))

    assert client.get(f"/drives/{hall.drive.pk}/live/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_asks_the_same_number_of_questions_for_any_number_of_people(
    hall: Hall, count: int, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(count):
        say(hall, hall.expect(f"Siswa {number}"), "recorded")

    with django_assert_num_queries(12):  # type: ignore[attr-defined]
        board_of(hall.today, now=NOW)


def test_the_board_leads_back_to_where_its_reader_works(hall: Hall, tablet: Client, client: Client) -> None:
    of_operator = tablet.get(f"/drives/{hall.drive.pk}/live/").content.decode()
    client.force_login(UserFactory(planner=hall.drive.office))
    of_planner = client.get(f"/drives/{hall.drive.pk}/live/").content.decode()

    assert '<a href="/today/">' in of_operator
    assert f'<a href="/drives/{hall.drive.pk}/">' in of_planner

"""The live board: counts alone, and 304 while nothing changes."""

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from uuid6 import uuid7

from drives.models import DayClose, Device, DriveSession, Preparation, Visit
from drives.onsite.actions import record_event
from drives.onsite.board import TabletLine, board_of
from drives.onsite.incidents import open_incident
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import DriveSessionFactory, UserFactory, at

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


def test_in_a_break_and_after_the_close_no_kit_is_missed_and_a_broken_one_is_named_so(hall: Hall) -> None:
    open_incident(incident_id=uuid7(), drive_day=hall.today, kind="kit_broken", kit=hall.kits[0], by=hall.lead, now=NOW)
    session = DriveSession.objects.get(drive_day=hall.today)

    under_way = board_of(hall.today, now=NOW).kits
    in_the_break = board_of(hall.today, now=session.ends_at + timedelta(minutes=11)).kits
    a_close(hall)

    assert [(kit.is_broken, kit.is_silent) for kit in under_way] == [(True, False), (False, True)]
    assert [kit.is_silent for kit in in_the_break] == [False, False]
    assert [kit.is_silent for kit in board_of(hall.today, now=NOW).kits] == [False, False]


def test_after_a_break_silence_is_counted_from_the_next_session(hall: Hall) -> None:
    say(hall, hall.expect("A"), "recorded", kit=0)
    begins = at(DAY, "13.00")
    DriveSessionFactory(drive_day=hall.today, starts_at=begins, ends_at=at(DAY, "15.00"))

    soon, later = (board_of(hall.today, now=begins + timedelta(minutes=minutes)).kits[0] for minutes in (10, 11))

    assert (soon.is_silent, later.is_silent) == (False, True)


def test_the_outcomes_of_those_due_add_up_to_the_target(hall: Hall, tablet: Client) -> None:
    said = (("recorded", ""), ("recorded", ""), ("failed", "biometric"), ("absent", "sick"), ("declined", ""), ("arrived", ""))
    for number, (kind, reason) in enumerate(said):
        say(hall, hall.expect(f"Siswa {number}"), kind, reason=reason)
    hall.expect("Siswa Nanti")
    say(hall, hall.expect("Siswa Besok", slot=3), "recorded")

    board = board_of(hall.today, now=NOW)

    counted = {"Belum datang": 1, "Hadir": 1, "Direkam": 2, "Gagal": 1, "Tidak hadir": 1, "Menolak": 1}
    assert (dict(board.outcomes), board.figures.target, board.left) == (counted, 7, 2)
    assert "Semua 7 yang terjadwal hari ini" in tablet.get(f"/drives/{hall.drive.pk}/live/").content.decode()


def test_the_board_says_that_the_day_is_closed_and_what_is_contradicted(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Dewi")
    say(hall, visit, "recorded")
    Visit.objects.filter(pk=visit.pk).update(has_conflict=True)
    a_close(hall)

    board, page = board_of(hall.today, now=NOW), tablet.get(f"/drives/{hall.drive.pk}/live/").content.decode()

    assert (board.is_closed, board.conflicts) == (True, 1)
    assert ("Hari ini sudah ditutup" in page, "Catatan bertentangan, belum diputuskan" in page) == (True, True)


def a_close(hall: Hall) -> None:
    DayClose.objects.create(
        drive_day=hall.today, office=hall.drive.office, closed_at=NOW, closed_by=hall.lead, tally={}, signed_by_name="Budi"
    )


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

    with django_assert_num_queries(17):  # type: ignore[attr-defined]
        board_of(hall.today, now=NOW)


def test_the_board_leads_back_to_where_its_reader_works(hall: Hall, tablet: Client, client: Client) -> None:
    of_operator = tablet.get(f"/drives/{hall.drive.pk}/live/").content.decode()
    client.force_login(UserFactory(planner=hall.drive.office))
    of_planner = client.get(f"/drives/{hall.drive.pk}/live/").content.decode()

    assert '<a href="/today/">' in of_operator
    assert f'<a href="/drives/{hall.drive.pk}/">' in of_planner


def test_who_waits_now_is_counted_with_the_mean_and_the_longest_wait(hall: Hall) -> None:
    for name, minutes in (("Lama", 31), ("Baru", 11)):
        say(hall, hall.expect(name), "arrived", now=NOW - timedelta(minutes=minutes))
    done = hall.expect("Selesai")
    say(hall, done, "arrived", now=NOW - timedelta(hours=2))
    say(hall, done, "recorded")

    board = board_of(hall.today, now=NOW)

    assert (board.figures.waiting, board.mean_minutes, board.waiting_minutes) == (2, 21, 31)


def a_tablet(hall: Hall, name: str, letter: str, *, unsent: int, seen: timedelta, wiped: bool = False, held: int = 0) -> Device:
    device = Device.objects.create(
        office=hall.drive.office,
        name=name,
        registered_at=NOW,
        seen_at=NOW - seen,
        unsent_count=unsent,
        held_count=held,
    )
    Preparation.objects.create(
        device=device,
        drive_day=hall.today,
        office=hall.drive.office,
        user=hall.operator,
        letter=letter,
        prepared_at=NOW,
        wiped_at=NOW if wiped else None,
    )
    return device


def test_each_tablet_says_what_it_has_not_sent_and_since_when_it_is_silent(hall: Hall) -> None:
    a_tablet(hall, "Tablet 1", "A", unsent=0, seen=timedelta(seconds=20))
    a_tablet(hall, "Tablet 3", "C", unsent=14, seen=timedelta(minutes=6))
    a_tablet(hall, "Tablet 4", "D", unsent=0, seen=timedelta(hours=1), wiped=True)
    a_tablet(hall, "Tablet 5", "E", unsent=0, held=1, seen=timedelta(0), wiped=True)

    board = board_of(hall.today, now=NOW)

    assert board.tablets == (
        TabletLine("Tablet 1", 0, 0, None),
        TabletLine("Tablet 3", 14, 0, NOW - timedelta(minutes=6)),
        TabletLine("Tablet 5", 0, 1, None),
    )


def test_a_tablet_that_is_not_heard_of_is_not_green(hall: Hall, tablet: Client) -> None:
    a_tablet(hall, "Tablet 1", "A", unsent=0, seen=timedelta(seconds=20))
    a_tablet(hall, "Tablet 3", "C", unsent=0, seen=timedelta(minutes=6))

    page = tablet.get(f"/drives/{hall.drive.pk}/live/").content.decode()

    assert page.count("semua terkirim</span>") == 1
    assert page.count("semua terkirim saat terakhir ada kabar</span>") == 1


def test_an_incident_stands_on_the_board_at_once_with_the_next_poll(hall: Hall, tablet: Client) -> None:
    url = f"/drives/{hall.drive.pk}/live/figures/"
    etag = tablet.get(url).headers["ETag"]
    kit, incident_id = hall.kits[1], uuid7()
    open_incident(incident_id=incident_id, drive_day=hall.today, kind="kit_broken", kit=kit, by=hall.operator, now=NOW)

    answer = tablet.get(url, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.headers["X-Answered-At"]) == (200, "09.41.00")
    assert "<strong>Alat 2 rusak</strong> sejak 09.41" in answer.content.decode()


def test_a_poll_of_a_hall_with_all_its_troubles_stays_within_two_kibibytes(hall: Hall, tablet: Client) -> None:
    for number in range(8):
        a_tablet(hall, f"Tablet {number}", "ABCDEFGH"[number], unsent=number, seen=timedelta(minutes=9))
        open_incident(
            incident_id=uuid7(), drive_day=hall.today, kind="other", note=f"Gangguan ke-{number}: listrik.", by=hall.lead, now=NOW
        )
        say(hall, hall.expect(f"Siswa {number}"), "failed", reason=["biometric", "kit_broken", "out_of_time"][number % 3])

    answer = tablet.get(f"/drives/{hall.drive.pk}/live/figures/")

    assert len(gzip.compress(answer.content)) <= 2048

"""Whose turn it is: called to one station, never to two; early, late and extra time are seen."""

from datetime import timedelta
from threading import Barrier
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from redis.exceptions import ConnectionError as NoConnectionError
from uuid6 import uuid7

from drives.models import Appointment, Visit
from drives.onsite import calling, console
from drives.onsite.actions import record_event
from drives.onsite.console import call_next, waiting_line
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.factories import VisitFactory, at
from tests.together import together

HTMX = {"HX-Request": "true"}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


def arrive(hall: Hall, name: str, time: str, *, slot: int = 1, **person: Any) -> Visit:
    return record_event(
        event_id=uuid7(), visit=hall.expect(name, slot=slot, **person), kind="arrived", by=hall.operator, now=at(DAY, time)
    )


def test_the_queue_goes_by_arrival_but_nobody_early_goes_before_those_whose_timeslot_it_is(hall: Hall) -> None:
    arrive(hall, "Datang Awal", "09.31", slot=2)
    arrive(hall, "Tepat Waktu", "09.33")
    arrive(hall, "Terlambat", "09.35", slot=0)
    arrive(hall, "Sebelum Slot", "09.20")

    lines = waiting_line(hall.today, now=NOW)

    assert [line.visit.person.name for line in lines] == ["Sebelum Slot", "Tepat Waktu", "Terlambat", "Datang Awal"]
    assert [(line.minutes, line.visit.queue_number) for line in lines] == [(21, "4"), (8, "2"), (6, "3"), (10, "1")]


def test_who_needs_extra_time_is_marked_in_the_queue(hall: Hall, tablet: Client) -> None:
    visit = arrive(hall, "Bagus Wicaksono", "09.31")
    Appointment.objects.filter(person=visit.person).update(places=2)

    page = tablet.get(f"/today/{hall.today.pk}/").content.decode()

    assert waiting_line(hall.today, now=NOW)[0].is_extra
    assert "nomor 1 · 10 menit" in page


def test_the_mark_of_extra_time_stays_after_a_tap_and_stands_in_a_search(hall: Hall, tablet: Client) -> None:
    visit, _other = hall.expect("Bagus Wicaksono"), hall.expect("Bagus Santoso")
    Appointment.objects.filter(person=visit.person).update(places=2)

    found = tablet.post(f"/today/{hall.today.pk}/search/", {"q": "bagus"}, headers=HTMX).content.decode()
    tapped = tablet.post(
        f"/today/{hall.today.pk}/visits/{visit.pk}/outcome/", {"event_id": str(uuid7()), "outcome": "recorded"}, headers=HTMX
    ).content.decode()

    assert (found.count("waktu tambahan"), tapped.count("waktu tambahan")) == (1, 1)


def test_two_stations_call_different_people_and_the_third_nobody(hall: Hall) -> None:
    first, second = arrive(hall, "Satu", "09.31"), arrive(hall, "Dua", "09.32")

    called = [call_next(hall.today, kit=kit) for kit in (*hall.kits, hall.kits[0])]

    assert called == [first, second, None]
    assert [line.station for line in waiting_line(hall.today, now=NOW)] == ["Alat 1", "Alat 2"]


def test_a_double_tap_calls_one_person_and_a_later_tap_the_next(hall: Hall, tablet: Client) -> None:
    arrive(hall, "Satu", "09.31"), arrive(hall, "Dua", "09.32")
    address = f"/today/{hall.today.pk}/next/"

    first, again = (tablet.post(address, headers=HTMX).content.decode() for _ in range(2))
    two_seconds_later(hall)
    later = tablet.post(address, headers=HTMX).content.decode()

    assert [_card_of(one) for one in (first, again, later)] == ["Satu", "Satu", "Dua"]


def two_seconds_later(hall: Hall) -> None:
    cache.delete(calling._tap(hall.operator.pk))


def _card_of(fragment: str) -> str:
    return fragment.split('class="jb-result__w">')[1].split("<")[0]


def test_the_call_names_the_number_and_the_station_and_shows_the_card(hall: Hall, tablet: Client) -> None:
    arrive(hall, "Bagus Wicaksono", "09.31")
    tablet.post(f"/today/{hall.today.pk}/kit/", {"kit": str(hall.kits[1].pk)})

    fragment = tablet.post(f"/today/{hall.today.pk}/next/", headers=HTMX).content.decode()

    assert "Panggil nomor 1 ke Alat 2." in fragment
    assert "Sudah hadir 09.31" in fragment
    assert "dipanggil ke Alat 2" in fragment
    two_seconds_later(hall)
    assert "Tidak ada yang menunggu" in tablet.post(f"/today/{hall.today.pk}/next/").content.decode()


def test_without_a_cache_people_are_called_all_the_same(hall: Hall) -> None:
    visit = arrive(hall, "Bagus Wicaksono", "09.31")

    with (
        patch.object(cache, "add", side_effect=NoConnectionError),
        patch.object(cache, "get_many", side_effect=NoConnectionError),
    ):
        assert call_next(hall.today, kit=hall.kits[0]) == visit
        assert [line.station for line in waiting_line(hall.today, now=NOW)] == [""]


@pytest.mark.parametrize("count", [1, 4])
def test_the_queue_is_one_question_for_any_number(hall: Hall, count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        arrive(hall, f"Siswa {number}", "09.31")

    with django_assert_num_queries(1):
        waiting_line(hall.today, now=NOW)


def test_who_comes_after_the_own_timeslot_is_yellow_and_told_what_to_do(hall: Hall, tablet: Client) -> None:
    late = hall.expect("Datang Terlambat", slot=0)

    card = tablet.get(f"/today/{hall.today.pk}/", {"visit": str(late.pk)}).context["card"]

    assert (card.tone, card.headline, card.best) == ("wait", "Terlambat", "recorded")
    assert card.remedy.startswith("Slotnya tadi 09.00–09.30.")


def test_who_waits_is_found_by_the_queue_number(hall: Hall, tablet: Client) -> None:
    visit = arrive(hall, "Bagus Wicaksono", "09.31")
    Visit.objects.filter(pk=visit.pk).update(queue_number="B-07")

    assert [console.find(hall.today, text) for text in ("b-07", "B-08")] == [[visit], []]


def test_a_slip_of_another_drive_says_where_it_belongs_and_names_nobody(hall: Hall, tablet: Client) -> None:
    other = VisitFactory(person__name="Rahasia Sekali", token="token-dari-lembar-yang-lain")
    other.drive.status, other.drive.published_at = "published", NOW
    other.drive.save()

    found = tablet.post(f"/today/{hall.today.pk}/search/", {"q": "http://x/s/token-dari-lembar-yang-lain/"}, headers=HTMX)

    assert "Lembar kegiatan lain" in found.content.decode()
    assert str(other.drive) in found.content.decode()
    assert "Rahasia" not in found.content.decode()


def test_a_slip_that_was_replaced_says_so(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Bagus Wicaksono")
    Visit.objects.filter(pk=visit.pk).update(token="token-dari-lembar-undangan", token_revoked_at=NOW)

    found = tablet.post(f"/today/{hall.today.pk}/search/", {"q": "token-dari-lembar-undangan"}, headers=HTMX).content.decode()

    assert "Lembar ini tidak berlaku lagi" in found
    assert "Bagus" not in found


def test_what_another_operator_said_a_moment_ago_is_undone_on_the_card(hall: Hall, tablet: Client) -> None:
    visit = hall.expect("Bagus Wicaksono")
    record_event(event_id=uuid7(), visit=visit, kind="recorded", by=hall.lead, now=NOW - timedelta(seconds=4))

    page = tablet.get(f"/today/{hall.today.pk}/", {"visit": str(visit.pk)})

    said = page.context["said_last"]
    assert "Direkam: dicatat oleh Budi Ketua pukul 09.40." in page.content.decode()
    undo = {"event_id": str(uuid7()), "target": str(said.event.pk)}
    tablet.post(f"/today/{hall.today.pk}/visits/{visit.pk}/undo/", undo, headers=HTMX)
    visit.refresh_from_db()
    assert visit.state == "expected"
    with time_machine.travel(NOW + timedelta(seconds=20), tick=False):
        assert tablet.get(f"/today/{hall.today.pk}/", {"visit": str(visit.pk)}).context["said_last"] is None


@pytest.mark.django_db(transaction=True)
def test_ten_operators_at_once_give_out_ten_different_numbers(hall: Hall) -> None:
    visits = [hall.expect(f"Siswa {number}") for number in range(10)]

    def come(number: int) -> None:
        record_event(event_id=uuid7(), visit=visits[number], kind="arrived", by=hall.operator, now=NOW)

    all_have_come_so_far = Barrier(5)
    with patch("drives.onsite.queue.lock_day", side_effect=lambda **_day: all_have_come_so_far.wait(120)):
        together(*[come] * 5)
    unguarded = set(Visit.objects.exclude(queue_number="").values_list("queue_number", flat=True))
    together(*[lambda number: come(number + 5)] * 5)

    numbers = Visit.objects.exclude(pk__in=[visit.pk for visit in visits[:5]]).values_list("queue_number", flat=True)
    assert unguarded == {"1"}
    assert sorted(numbers) == ["2", "3", "4", "5", "6"]


@pytest.mark.parametrize("count", [1, 3])
def test_calling_asks_the_same_number_of_questions_for_any_queue(
    hall: Hall, tablet: Client, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        arrive(hall, f"Siswa {number}", "09.31")

    with django_assert_num_queries(17):
        tablet.post(f"/today/{hall.today.pk}/next/", headers=HTMX)


@pytest.mark.parametrize("count", [1, 3])
def test_the_guests_form_asks_the_same_number_of_questions_on_any_day(
    hall: Hall, tablet: Client, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        arrive(hall, f"Siswa {number}", "09.31")

    with django_assert_num_queries(11):
        tablet.get(f"/today/{hall.today.pk}/walk-in/")

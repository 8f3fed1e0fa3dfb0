"""Setting up and packing up take time off the day; whatever a planner answers wrongly gets a sentence beside the field."""

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from drives.models import KitDuty, Timeslot
from drives.planning.actions import create_drive
from drives.planning.capacity import Session, day_places
from drives.planning.plan import plan_of
from schools.models import Closure, School, User
from tests.drives.planning.pupils import AFTERNOON, FRIDAY, MORNING, TUESDAY, make_kits, make_school, places_of, plan, refused
from tests.factories import OfficeFactory, UserFactory, at


@pytest.mark.parametrize(("kits", "places"), [(2, 60), (3, 90), (4, 122), (5, 152)])
def test_set_up_before_the_first_session_the_examples_stay(kits: int, places: int) -> None:
    held = plan().sessions_on(TUESDAY)

    assert day_places(held, kits=kits, minutes=10, slack=Decimal("0.15")) == places


def test_set_up_within_the_session_takes_its_minutes_off_the_ends_of_the_day() -> None:
    held = plan(setup_minutes=30, packup_minutes=20).sessions_on(TUESDAY)

    assert held == [Session(time(7, 30), time(10)), Session(time(10, 30), time(13, 10))]


def test_set_up_longer_than_the_first_session_eats_into_the_second() -> None:
    assert plan(setup_minutes=225).sessions_on(TUESDAY) == [Session(time(10, 45), time(13, 30))]


def test_minutes_with_a_tenth_are_reckoned_exactly() -> None:
    """Two sessions of 180 minutes, 4 kits, 8.4 minutes: floor(720 × 0.85 / 8.4) = 72 each."""
    assert day_places([MORNING, AFTERNOON], kits=4, minutes=Decimal("8.4"), slack=Decimal("0.15")) == 144


@pytest.mark.django_db
def test_the_drive_keeps_its_set_up_time_and_its_kits_are_away_while_they_are_set_up(school: School) -> None:
    make_kits(4)
    wish = plan(kits=4, days=(TUESDAY,), setup_minutes=30, packup_minutes=30, minutes=Decimal("8.4"))

    drive = create_drive(school=school, plan=wish, by=None, now=FRIDAY)

    drive.refresh_from_db()
    assert plan_of(drive).sessions_on(TUESDAY) == [Session(time(7, 30), time(10)), Session(time(10, 30), time(13))]
    assert (drive.setup_minutes, drive.packup_minutes, drive.minutes_per_person) == (30, 30, Decimal("8.4"))
    assert places_of(drive) == 60 + 60
    assert min(Timeslot.objects.values_list("starts_at", flat=True)) == at(TUESDAY, "07.30")
    assert set(KitDuty.objects.values_list("starts_at", "ends_at")) == {(at(TUESDAY, "07.00"), at(TUESDAY, "13.30"))}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [({"setup_minutes": 181}, "setup_out_of_range"), ({"setup_minutes": 180, "sessions": (MORNING,)}, "no_time_after_setup")],
)
def test_set_up_that_leaves_no_time_is_refused(school: School, changes: dict[str, Any], code: str) -> None:
    make_kits(5)

    with refused(code):
        create_drive(school=school, plan=plan(**changes), by=None, now=FRIDAY)


# Wrong answers on the page


@pytest.fixture
def planner(client: Client) -> User:
    user = UserFactory(planner=OfficeFactory())
    client.force_login(user)
    return user


ANSWERS: dict[str, Any] = {
    "school": "20102575",
    "days": ["2026-11-24"],
    "kits": "1",
    "session_1": "07.00–10.00",
    "session_2": "10.30-13.30",
    "minutes": "10",
    "slack_percent": "15",
    "slot_minutes": "30",
    "minimum_age_months": "192",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"minutes": "0"}, "minutes", "Menit per orang harus 1 sampai 120."),
        ({"minutes": "121"}, "minutes", "Menit per orang harus 1 sampai 120."),
        ({"slack_percent": "101"}, "slack_percent", "Cadangan waktu harus 0 sampai 90 persen."),
        ({"slack_percent": "-1"}, "slack_percent", "Cadangan waktu harus 0 sampai 90 persen."),
        ({"slot_minutes": "5"}, "slot_minutes", "Panjang slot harus 10 sampai 60 menit."),
        ({"slot_minutes": "61"}, "slot_minutes", "Panjang slot harus 10 sampai 60 menit."),
        ({"setup_minutes": "200"}, "setup_minutes", "Memasang dan membongkar alat masing-masing 0 sampai 180 menit."),
        (
            {"setup_minutes": "180", "session_2": ""},
            "setup_minutes",
            "Waktu memasang dan membongkar alat menghabiskan hari itu. Perpanjang sesi.",
        ),
        ({"session_2": "09.00-12.00"}, "session_1", "Sesi tidak boleh bertumpuk."),
        ({"session_1": "10.00-10.00"}, "session_1", "Waktu selesai harus sesudah waktu mulai."),
        ({"session_1": "", "session_2": ""}, "session_1", "Tambahkan sesi untuk melanjutkan."),
        ({"session_1": "pagi"}, "session_1", "Tuliskan sesi seperti 08.00–11.00."),
        ({"kits": "0"}, "kits", "Kegiatan memerlukan sedikitnya satu alat rekam."),
        ({"kits": "9"}, "kits", "Pilih lebih sedikit alat"),
        ({"days": []}, "days", "Pilih hari untuk melanjutkan."),
        ({"days": ["2026-11-19"]}, "days", "Hari ini sudah lewat. Pilih hari ini atau hari sesudahnya."),
        ({"days": ["2026-12-25"]}, "days", "Hari Raya Natal"),
        ({"days": ["2026-12-01"]}, "days", "Penilaian akhir semester"),
        ({"session_1": "07.00-07.10", "session_2": "", "minutes": "120"}, "session_1", "Perpanjang sesi atau kurangi"),
        ({"school": "99999999"}, "school", "Tidak ada sekolah kantor Anda yang cocok."),
    ],
)
def test_what_cannot_be_gets_a_sentence_beside_its_field_that_says_what_to_change(
    client: Client, planner: User, changes: dict[str, Any], field: str, sentence: str
) -> None:
    school = make_school({"XI MERDEKA 1": (3, 3)}, npsn="20102575")
    make_kits(2)
    exam = at(TUESDAY, "00.00").replace(month=12, day=1).date()
    Closure.objects.create(school=school, starts_on=exam, ends_on=exam, reason="Penilaian akhir semester")
    with time_machine.travel(FRIDAY, tick=False):
        response = client.post(reverse("drives:drive_add"), ANSWERS | changes)

    assert response.status_code == 422
    assert sentence in " ".join(response.context["form"].errors[field])
    assert sentence in response.content.decode()

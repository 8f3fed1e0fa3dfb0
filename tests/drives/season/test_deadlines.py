"""Deadlines of the season and of single schools, and the reference date, as a planner sets and sees them."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from drives.models import Season, SeasonDeadline
from drives.season import actions
from drives.season.facts import question
from drives.season.figures import figures
from drives.season.reasons import Reasons
from drives.season.solver.plan import first_plan
from drives.season.solver.problem import Placement
from drives.season.wording import sentences
from schools.models import School
from tests.drives.planning.pupils import FRIDAY, make_class, make_kits
from tests.drives.season.seasons import (
    LAST,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    cards,
    make_city,
    make_season,
    planned,
    refused,
    turns,
)
from tests.factories import OfficeFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db

THURSDAY = MONDAY + timedelta(days=3)


def said(season: Season, school: School) -> list[str]:
    asked = question(season=season, now=FRIDAY)
    return sentences(Reasons(asked, first_plan(asked.problem)).of(school.pk))


@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        ({"deadline_on": MONDAY - timedelta(days=1)}, "deadline_on", "deadline_outside_season"),
        ({"deadline_on": LAST + timedelta(days=1)}, "deadline_on", "deadline_outside_season"),
        ({"starts_on": date(2027, 1, 9), "deadline_on": date(2027, 1, 10)}, "deadline_on", "deadline_too_early"),
        ({"reference_on": MONDAY - timedelta(days=1)}, "reference_on", "reference_out_of_range"),
        ({"reference_on": date(2040, 1, 1)}, "reference_on", "reference_out_of_range"),
    ],
    ids=["before", "after", "weekend", "reference before", "reference far"],
)
def test_a_deadline_or_a_reference_date_that_cannot_be_is_refused_beside_its_field(
    wish: dict[str, Any], field: str, code: str
) -> None:
    with refused(code) as refusal:
        make_season(**wish)

    assert list(refusal.value.error_dict) == [field]


def test_a_deadline_that_has_passed_keeps_nobody_from_changing_the_rest() -> None:
    season = make_season(deadline_on=TUESDAY)

    actions.update_season(season=season, by=None, now=FRIDAY + timedelta(days=55), kit_limit=1)

    season.refresh_from_db()
    assert (season.kit_limit, season.deadline_on) == (1, TUESDAY)


@pytest.mark.parametrize(
    ("day", "code"), [(date(2026, 11, 20), "past_day"), (LAST + timedelta(days=3), "deadline_outside_season")]
)
def test_a_schools_deadline_lies_in_the_season_and_ahead(day: date, code: str) -> None:
    school = make_city((2, 0))[0]

    with refused(code):
        actions.set_deadline(season=make_season(), school=school, day=day, by=None, now=FRIDAY)

    assert SeasonDeadline.objects.count() == 0


def test_arranging_again_puts_the_school_before_its_deadline_and_says_why() -> None:
    older, younger = make_city((60, 0), (0, 60))
    season = make_season(kits=2, two_schools=False)
    before = planned(season)[younger.name].days
    actions.set_deadline(season=season, school=younger, day=MONDAY, reason="  Ujian  sekolah ", by=None, now=FRIDAY)

    after = planned(season)[younger.name]

    assert before == [TUESDAY]
    assert after.days == [MONDAY]
    assert "Harus dikunjungi paling lambat Senin, 11 Januari 2027: Ujian sekolah." in sentences(after.why)
    assert older.name in turns(season)


def test_a_deadline_set_twice_is_one_and_can_be_taken_away() -> None:
    school = make_city((2, 0))[0]
    season = make_season()

    for day in (TUESDAY, WEDNESDAY):
        actions.set_deadline(season=season, school=school, day=day, by=None, now=FRIDAY)
    found = list(SeasonDeadline.objects.values_list("school", "day"))
    actions.clear_deadline(season=season, school=school)

    assert found == [(school.pk, WEDNESDAY)]
    assert question(season=season, now=FRIDAY).deadlines == {}


def test_a_deadline_by_which_no_turn_is_possible_says_what_to_change() -> None:
    school = make_city((60, 0))[0]
    season = make_season(most_kits=1)
    actions.set_deadline(season=season, school=school, day=MONDAY, by=None, now=FRIDAY)

    against = actions.against_deadline(season=season, school=school, now=FRIDAY)

    assert against == (
        "Tidak ada giliran untuk semua siswanya yang selesai sampai tenggatnya, Senin, 11 Januari 2027. Pilih tenggat yang lebih"
        " lambat, atau izinkan lebih banyak alat atau hari di satu sekolah."
    )


def test_nobody_moves_a_school_behind_its_deadline_by_hand() -> None:
    school = make_city((2, 0))[0]
    season = make_season()
    card = planned(season)[school.name]
    actions.set_deadline(season=season, school=school, day=TUESDAY, reason="Ujian", by=None, now=FRIDAY)

    with refused("after_deadline") as refusal:
        actions.move_card(card=card, days=[WEDNESDAY], kits=1, by=None, now=FRIDAY)

    assert refusal.value.messages == [
        (
            "SMAN 1 Jakarta harus dikunjungi paling lambat Selasa, 12 Januari 2027 (Ujian), sedangkan giliran ini berakhir Rabu,"
            " 13 Januari 2027. Pilih hari yang lebih awal atau tambah alat, atau ubah tenggat sekolah."
        )
    ]


def test_a_turn_after_the_seasons_deadline_is_planned_and_marked() -> None:
    school = make_city((40, 0))[0]
    season = make_season(kits=1, deadline_on=MONDAY)

    card = planned(season)[school.name]

    assert card.days == [MONDAY, TUESDAY]
    assert sentences(card.why)[0] == (
        "Berakhir sesudah tenggat musim, Senin, 11 Januari 2027: sebelum itu alat menghemat waktu tunggu yang lebih lama di"
        " sekolah lain."
    )


def test_the_reference_date_says_who_is_seventeen_and_for_whom_the_season_is() -> None:
    school: School = SchoolFactory(name="SMAN 1 Jakarta")
    # 17 before, within and after the season; the last one is 16 only on its last day.
    make_class(school, "XI 1", [date(2009, 6, 1), date(2010, 1, 20), date(2010, 8, 1), date(2011, 1, 29)])
    first_day = Placement((MONDAY,), 1)
    asked = {
        day: question(season=make_season(kits=0 if day else 2, name=f"Musim {day}", reference_on=day), now=FRIDAY)
        for day in (None, MONDAY, date(2027, 1, 25), date(2029, 2, 14))
    }

    waiting = [len(each.waiting[school.pk].people) for each in asked.values()]
    seventeen = [each.figures_of(school.pk, first_day)["seventeen"] for each in asked.values()]
    in_all = [figures(each, {school.pk: first_day}).seventeen for each in asked.values()]

    assert waiting == [4, 3, 3, 4]
    assert seventeen == [1, 1, 2, 4]
    assert in_all == [2, 1, 2, 4]


def test_the_cards_count_by_a_reference_date_set_later() -> None:
    school, _other = make_city((2, 3), (1, 0))
    season = make_season()
    planned(season)

    actions.update_season(season=season, by=None, now=FRIDAY, reference_on=date(2027, 6, 1))

    assert cards(season)[school.name].seventeen == 5


def test_the_reference_date_is_named_where_it_decides() -> None:
    one, _other = make_city((2, 3), (0, 1))
    season = make_season(reference_on=date(2027, 6, 1))

    assert (
        said(season, one)[0] == "SMAN 1 Jakarta lebih dahulu: 5 siswa berusia 17 tahun pada tanggal acuan, Selasa, 1 Juni 2027."
    )


# In the browser's words


@pytest.fixture
def planner(client: Client) -> Any:
    user = UserFactory(planner=OfficeFactory())
    client.force_login(user)
    with time_machine.travel(FRIDAY, tick=False):
        yield user


def post(client: Client, season: Season, school: School, **data: str) -> str:
    url = reverse("drives:season_school_deadline", args=[season.pk, school.pk])
    return client.post(url, data, follow=True).content.decode()


@pytest.mark.usefixtures("planner")
def test_a_planner_sets_a_schools_deadline_and_the_board_names_the_turn_that_misses_it(client: Client) -> None:
    school, _other = make_city((60, 0), (60, 0))
    season = make_season(kits=2, deadline_on=WEDNESDAY)
    actions.accept(proposal=actions.ask_for_proposal(season=season, by=None, now=FRIDAY, ring_worker=False), by=None, now=FRIDAY)
    actions.move_card(card=cards(season)[school.name], days=[THURSDAY], kits=2, by=None, now=FRIDAY)

    page = post(client, season, school, last_day="2027-01-13", reason="Ujian")
    board = client.get(reverse("drives:season_board", args=[season.pk])).content.decode()
    days = client.get(reverse("drives:season_school_days", args=[season.pk, school.pk])).json()["days"]

    assert "SMAN 1 Jakarta harus dikunjungi paling lambat Rabu, 13 Januari 2027." in page
    assert "1 giliran tidak dapat tetap seperti sekarang" in board
    assert "sedangkan giliran ini berakhir Kamis, 14 Januari 2027." in board
    assert "Lewat tenggat sekolah" in board
    assert "1 sekolah mendapat giliran sesudah tenggat musim, Rabu, 13 Januari 2027." in board
    assert "(Ujian)" in days["2027-01-15"]


@pytest.mark.usefixtures("planner")
def test_a_planner_is_told_at_once_that_a_deadline_is_too_early_and_takes_it_away(client: Client) -> None:
    school = make_city((60, 0))[0]
    season = make_season(most_kits=1)

    too_early = post(client, season, school, last_day="2027-01-11", reason="")
    wrong = post(client, season, school, last_day="besok", reason="")
    gone = post(client, season, school, last_day="", reason="")

    assert "Tidak ada giliran untuk semua siswanya yang selesai sampai tenggatnya" in too_early
    assert "Tulis hari terakhir sebagai tanggal, atau kosongkan." in wrong
    assert "SMAN 1 Jakarta tidak lagi memiliki tenggat sendiri." in gone


def test_the_command_takes_both_dates(capsys: pytest.CaptureFixture[str]) -> None:
    make_city((20, 5))
    make_kits(2)
    period = ("--city", "31.74", "--from", "2027-01-11", "--to", "2027-01-29", "--today", "2026-11-20", "--seconds", "5")

    call_command("plan_season", *period, "--kits", "2", "--deadline", "2027-01-20", "--reference", "2027-06-01", "--approve")
    printed = capsys.readouterr().out
    call_command("plan_season", *period, "--kits", "2", "--json")
    again = json.loads(capsys.readouterr().out)

    season = Season.objects.get()
    assert (season.deadline_on, season.reference_on) == (date(2027, 1, 20), date(2027, 6, 1))
    assert "25 siswa berusia 17 tahun pada tanggal acuan" in printed
    assert any("tanggal acuan" in sentence for sentence in again["placements"][0]["why"])

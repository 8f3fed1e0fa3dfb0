"""The season's pages: wishes, the board, a turn, a proposal as a difference, turns that become drafts."""

import gzip
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from drives.models import Drive, Season, SeasonCard, SeasonProposal
from drives.planning.labels import span_of
from drives.season import actions
from drives.season.folding import FEW
from schools.models import Closure, School, User
from tests.drives.planning.pupils import FRIDAY, make_kits
from tests.drives.season.seasons import TUESDAY, WEDNESDAY, cards, make_city, make_season, planned, proposed, turns
from tests.factories import OfficeFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE_BUDGET = 100 * 1024
DAYS_BUDGET = 10 * 1024


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def planner(client: Client) -> User:
    user = UserFactory(planner=OfficeFactory())
    client.force_login(user)
    return user


def text_of(client: Client, url: str, data: dict[str, Any] | None = None) -> str:
    response = client.get(url, data)
    assert response.status_code == 200
    return response.content.decode()


def said(client: Client, url: str, data: dict[str, Any]) -> str:
    """What the page says after a POST, wherever it leads."""
    return client.post(url, data, follow=True).content.decode()


def wishes(**changes: Any) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "name": "Semester genap",
        "starts_on": "2027-01-11",
        "ends_on": "2027-01-29",
        "kit_limit": "",
        "most_kits": "6",
        "longest_days": "8",
        "kits_a_van": "2",
        "two_schools": "on",
        "near_km": "5",
        "minutes_per_person": "10",
        "slack_percent": "15",
        "setup_minutes": "0",
        "packup_minutes": "0",
        "morning_from": "08:00",
        "morning_until": "11:00",
        "afternoon_from": "12:30",
        "afternoon_until": "15:30",
        "minimum_age_months": "192",
    }
    return answers | changes


def board_url(season: Season) -> str:
    return reverse("drives:season_board", args=[season.pk])


def school_page(season: Season, school: School, then: str = "") -> str:
    return reverse(f"drives:season_school{then and '_'}{then}", args=[season.pk, school.pk])


# Wishes


def test_an_empty_list_says_what_a_season_is(client: Client, planner: User) -> None:
    page = text_of(client, reverse("drives:season_list"))

    assert "Belum ada musim" in page
    assert reverse("drives:season_add") in page


def test_a_new_season_begins_with_the_settings_of_the_office(client: Client, planner: User) -> None:
    office = OfficeFactory()
    office.minutes_per_person, office.slack_percent = 12, 20
    office.save()

    page = client.get(reverse("drives:season_add")).context["form"].instance

    assert (page.minutes_per_person, page.slack_percent) == (12, 20)
    assert page.starts_on == date(2026, 11, 23)


def test_the_note_weighs_kit_days_against_people_and_names_holidays(client: Client, planner: User) -> None:
    make_city((20, 5))
    make_kits(2)

    page = text_of(client, reverse("drives:season_note"), wishes(starts_on="2026-12-21", ends_on="2026-12-31"))

    assert "14 hari-alat ≈ 420 tempat untuk 25 siswa." in page
    assert "Jumat, 25 Desember 2026: Hari Raya Natal" in page


def test_bad_wishes_get_a_sentence_beside_the_field(client: Client, planner: User) -> None:
    make_kits(2)

    response = client.post(
        reverse("drives:season_add"), wishes(minutes_per_person="0", slack_percent="100", ends_on="2027-01-04")
    )

    assert response.status_code == 422
    form = response.context["form"]
    assert form.errors["minutes_per_person"] == ["Menit per orang harus 1 sampai 120."]
    assert sorted(form.errors) == ["ends_on", "minutes_per_person", "slack_percent"]
    assert Season.objects.count() == 0


def test_an_office_without_kits_is_told_so(client: Client, planner: User) -> None:
    response = client.post(reverse("drives:season_add"), wishes())

    assert "kit_limit" in response.context["form"].errors


def test_a_season_is_made_and_its_board_offers_to_arrange(client: Client, planner: User) -> None:
    make_city((20, 5))
    make_kits(2)

    response = client.post(reverse("drives:season_add"), wishes(), follow=True)

    season = Season.objects.get()
    assert response.redirect_chain == [(board_url(season), 302)]
    assert "25 siswa di 1 sekolah menunggu." in response.content.decode()


def test_rules_are_changed_and_turns_stay(client: Client, planner: User) -> None:
    make_city((20, 5))
    season = make_season()
    planned(season)
    before = turns(season)

    client.post(reverse("drives:season_edit", args=[season.pk]), wishes(most_kits="1"))

    season.refresh_from_db()
    assert (season.most_kits, turns(season)) == (1, before)


# The board


def test_the_board_shows_kits_by_days_and_says_what_the_plan_comes_to(client: Client, planner: User) -> None:
    make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)

    page = text_of(client, board_url(season))

    assert "29 dari 29 siswa mendapat giliran di 2 sekolah" in page
    assert page.count('class="jb-season"') == 3
    assert "Alat 2" in page
    assert "25 siswa, 20 sudah 17" in page


def test_a_holiday_and_a_closed_office_stand_by_name_in_the_table(client: Client, planner: User) -> None:
    make_city((20, 5))
    season = make_season()
    planned(season)
    Closure.objects.create(office=season.office, starts_on=WEDNESDAY, ends_on=WEDNESDAY, reason="Rapat kerja")

    assert "Rapat kerja" in text_of(client, board_url(season), {"view": "month"})


def test_kits_beyond_the_wish_are_not_offered_as_free(client: Client, planner: User) -> None:
    make_city((20, 5))
    season = make_season(kits=3, kit_limit=2)
    planned(season)

    page = text_of(client, board_url(season))

    assert "3 alat bebas" not in page
    assert "2 alat bebas" in page


def test_turns_that_have_lost_their_kits_are_told_by_name(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season(kits=2)
    actions.place_school(season=season, school=school, days=[TUESDAY], kits=2, by=planner, now=FRIDAY)
    actions.update_season(season=season, by=planner, now=FRIDAY, kit_limit=1)

    page = text_of(client, board_url(season))

    assert "1 sekolah dalam pekan ini kekurangan alat untuk gilirannya, misalnya SMAN 1 Jakarta." in page
    assert "Tanpa alat" in page


def test_the_list_is_the_same_turns_in_rows(client: Client, planner: User) -> None:
    make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)

    page = text_of(client, board_url(season), {"view": "list"})

    assert 'class="jb-season"' not in page
    assert page.count("Pindah…") == 2


def test_an_unreadable_month_or_view_is_as_none(client: Client, planner: User) -> None:
    make_city((20, 5))
    season = make_season()

    assert client.get(board_url(season), {"month": "9999-99", "view": "…"}).status_code == 200


@pytest.mark.parametrize("schools", [1, 3])
def test_the_boards_queries_do_not_grow_with_schools(
    schools: int, client: Client, planner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_city(*[(4, 2)] * schools)
    season = make_season()
    planned(season)
    text_of(client, board_url(season))

    with django_assert_num_queries(25):
        text_of(client, board_url(season))


def test_a_board_of_many_schools_is_a_light_page(client: Client, planner: User) -> None:
    make_city(*[(2, 1)] * 120)
    season = make_season(kits=6)
    planned(season)

    page = client.get(board_url(season)).content

    assert len(gzip.compress(page)) < PAGE_BUDGET


# By hand


def test_a_school_is_moved_without_a_script_and_it_is_said(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)

    page = said(client, school_page(season, school, "move"), {"day": "2027-01-13", "kits": "2", "part": "day"})

    assert "SMAN 1 Jakarta sekarang mendapat giliran Rab 13 Jan, alat: 2." in page
    assert turns(season)["SMAN 1 Jakarta"] == ((WEDNESDAY,), 2, "day")


def test_moved_twice_it_is_moved_once(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)
    wish = {"day": "2027-01-13", "kits": "2", "part": "day"}

    client.post(school_page(season, school, "move"), wish)
    client.post(school_page(season, school, "move"), wish)

    assert season.steps.filter(kind="moved").count() == 1


def test_the_further_days_of_a_moved_turn_follow_over_a_closure(client: Client, planner: User) -> None:
    (school,) = make_city((40, 5))
    season = make_season(kits=1)
    planned(season)
    Closure.objects.create(school=school, starts_on=WEDNESDAY, ends_on=WEDNESDAY, reason="Ujian")

    client.post(school_page(season, school, "move"), {"day": TUESDAY.isoformat(), "kits": "1", "part": "day"})

    assert turns(season)["SMAN 1 Jakarta"][0] == (TUESDAY, WEDNESDAY + timedelta(days=1))


def test_an_impossible_move_is_refused_by_name_and_nothing_moves(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)
    before = turns(season)
    Closure.objects.create(school=school, starts_on=WEDNESDAY, ends_on=WEDNESDAY, reason="Ujian")

    page = said(client, school_page(season, school, "move"), {"day": "2027-01-13", "kits": "1", "part": "day"})

    assert "SMAN 1 Jakarta tutup pada Rabu, 13 Januari 2027: Ujian." in page
    assert turns(season) == before


def test_days_on_which_a_held_turn_cannot_begin_are_told_with_their_reasons(client: Client, planner: User) -> None:
    school, other = make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)
    actions.place_school(season=season, school=other, days=[TUESDAY], kits=2, by=planner, now=FRIDAY)
    Closure.objects.create(school=school, starts_on=WEDNESDAY, ends_on=WEDNESDAY, reason="Ujian")

    response = client.get(school_page(season, school, "days"), {"month": "2027-01"})

    days = response.json()["days"]
    assert set(days) == {"2027-01-12", "2027-01-13"}
    assert "SMAN 2 Jakarta" in days["2027-01-12"]
    assert "Ujian" in days["2027-01-13"]
    assert len(response.content) < DAYS_BUDGET


def test_a_school_without_a_turn_is_placed_from_its_page(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()

    client.post(school_page(season, school, "move"), {"day": "2027-01-13", "kits": "1", "part": "day"})

    assert turns(season)["SMAN 1 Jakarta"] == ((WEDNESDAY,), 1, "day")


def test_a_turn_says_why_in_sentences(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)

    page = text_of(client, school_page(season, school))

    assert "Mengapa saat itu" in page
    assert "20 siswa sudah 17 tahun" in page


def test_pinning_and_unpinning_are_posts_and_show(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)

    assert "disematkan" in said(client, school_page(season, school, "pin"), {})
    assert cards(season)["SMAN 1 Jakarta"].is_pinned

    client.post(school_page(season, school, "unpin"))
    assert not cards(season)["SMAN 1 Jakarta"].is_pinned


def test_a_school_is_taken_out_and_put_back(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)

    page = said(client, school_page(season, school, "remove"), {})
    assert "Dikeluarkan dari musim" in page
    assert turns(season) == {}

    client.post(school_page(season, school, "return"))
    assert not season.absences.exists()


def test_the_last_step_is_undone(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)
    before = turns(season)
    client.post(school_page(season, school, "move"), {"day": "2027-01-13", "kits": "2", "part": "day"})
    step = actions.last_step(season, by=planner)
    assert step

    page = said(client, reverse("drives:season_undo", args=[season.pk]), {"step": str(step.pk)})

    assert "Langkah terakhir sudah diurungkan." in page
    assert turns(season) == before


# Proposals


def test_arranging_says_what_counts_and_answers_at_once(client: Client, planner: User) -> None:
    make_city((20, 5))
    season = make_season()
    url = reverse("drives:season_arrange", args=[season.pk])
    assert "Jumlah hari tunggu sekecil mungkin." in text_of(client, url)

    page = said(client, url, {"weight_younger": "0.2", "weight_kilometre": "0.5", "weight_fairness": "0.05", "seconds": "10"})

    season.refresh_from_db()
    assert season.weight_younger == 0.2
    assert "25 siswa di 1 sekolah mendapat giliran, 20 di antaranya sudah 17 tahun." in page
    assert "Ini rencana pertama yang dibuat seketika" in page
    assert turns(season) == {}


def test_a_weight_out_of_range_is_refused_beside_its_field(client: Client, planner: User) -> None:
    make_city((20, 5))
    season = make_season()

    response = client.post(
        reverse("drives:season_arrange", args=[season.pk]),
        {"weight_younger": "2", "weight_kilometre": "0.5", "weight_fairness": "0.05", "seconds": "10"},
    )

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["weight_younger"])


def test_a_search_that_no_worker_takes_says_so(client: Client, planner: User) -> None:
    make_city((20, 5))
    proposal = proposed(make_season())
    url = reverse("drives:season_proposal_job", args=[proposal.pk])

    with time_machine.travel(FRIDAY + timedelta(seconds=20), tick=False):
        page = text_of(client, url)

    assert "Pekerja latar belum mengambil pencarian ini." in page


def test_a_fragment_of_a_finished_search_asks_for_the_whole_page(client: Client, planner: User) -> None:
    make_city((20, 5))
    proposal = proposed(make_season())
    SeasonProposal.objects.filter(pk=proposal.pk).update(status="ready")

    response = client.get(reverse("drives:season_proposal_job", args=[proposal.pk]))

    assert response["HX-Refresh"] == "true"


def test_a_proposal_is_accepted_as_a_whole_and_twice_is_once(client: Client, planner: User) -> None:
    make_city((20, 5), (3, 1))
    season = make_season()
    url = reverse("drives:season_proposal_accept", args=[proposed(season).pk])

    assert "2 sekolah berubah." in said(client, url, {"all": "1"})
    client.post(url, {"all": "1"})

    assert sorted(turns(season)) == ["SMAN 1 Jakarta", "SMAN 2 Jakarta"]
    assert season.steps.count() == 1


def test_of_a_proposal_only_the_ticked_schools_are_accepted(client: Client, planner: User) -> None:
    _school, other = make_city((20, 5), (3, 1))
    season = make_season()
    proposal = proposed(season)

    client.post(reverse("drives:season_proposal_accept", args=[proposal.pk]), {"some": "1", "of": [str(other.pk)]})

    assert list(turns(season)) == ["SMAN 2 Jakarta"]
    proposal.refresh_from_db()
    assert proposal.is_open


def test_nothing_ticked_is_refused(client: Client, planner: User) -> None:
    make_city((20, 5))
    season = make_season()

    page = said(client, reverse("drives:season_proposal_accept", args=[proposed(season).pk]), {"some": "1"})

    assert "Centang sekolah yang perubahannya Anda terima." in page
    assert turns(season) == {}


def test_what_a_choice_collides_with_is_named(client: Client, planner: User) -> None:
    school, other = make_city((20, 5), (20, 5))
    season = make_season(kits=1)
    proposal = proposed(season)
    day = proposal.cards.get(school=school).days[0]
    actions.place_school(season=season, school=other, days=[day], kits=1, by=planner, now=FRIDAY)

    response = client.post(reverse("drives:season_proposal_accept", args=[proposal.pk]), {"some": "1", "of": [str(school.pk)]})

    assert response.status_code == 422
    assert "SMAN 2 Jakarta" in response.context["conflicts"][0]
    assert list(turns(season)) == ["SMAN 2 Jakarta"]


def test_a_dropped_proposal_leaves_the_plan(client: Client, planner: User) -> None:
    make_city((20, 5))
    season = make_season()
    proposal = proposed(season)

    page = said(client, reverse("drives:season_proposal_drop", args=[proposal.pk]), {})

    assert "Usulan dibatalkan." in page
    assert turns(season) == {}


@pytest.mark.parametrize("schools", [1, 3])
def test_a_proposals_queries_do_not_grow_with_schools(
    schools: int, client: Client, planner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_city(*[(4, 2)] * schools)
    url = reverse("drives:season_proposal", args=[proposed(make_season()).pk])
    text_of(client, url)

    with django_assert_num_queries(8):
        text_of(client, url)


# Drives


def test_turns_become_drafts_after_a_preview(client: Client, planner: User) -> None:
    school, _other = make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)
    url = reverse("drives:season_publish", args=[season.pk])
    assert "2 giliran mulai pada bulan ini" in text_of(client, url)
    assert "1 rancangan untuk 25 siswa." in text_of(client, url, {"of": [str(school.pk)]})

    page = client.post(url, {"of": [str(school.pk)]}).content.decode()

    drive = Drive.objects.get()
    assert (drive.school, drive.status) == (school, "draft")
    assert reverse("drives:slot_board", args=[drive.pk]) in page
    assert "25 siswa mendapat slot." in page
    assert [card.school for card in SeasonCard.objects.locked()] == [school]


def test_made_twice_a_draft_is_made_once(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)
    url = reverse("drives:season_publish", args=[season.pk])

    client.post(url, {"of": [str(school.pk)]})
    client.post(url, {"of": [str(school.pk)]})

    assert Drive.objects.count() == 1


def test_a_locked_turn_leads_to_its_drive_and_is_not_moved(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    planned(season)
    actions.publish_cards(season=season, by=planner, now=FRIDAY)
    drive = Drive.objects.get()

    page = text_of(client, school_page(season, school))
    assert reverse("drives:slot_board", args=[drive.pk]) in page
    assert 'name="day"' not in page

    refusal = said(client, school_page(season, school, "move"), {"day": "2027-01-20", "kits": "1", "part": "day"})
    assert "sudah menjadi kegiatan" in refusal


def test_a_turn_that_cannot_become_a_drive_says_why(client: Client, planner: User) -> None:
    (school,) = make_city((20, 5))
    season = make_season()
    card = planned(season)["SMAN 1 Jakarta"]
    Closure.objects.create(school=school, starts_on=card.days[0], ends_on=card.days[-1], reason="Ujian")

    page = client.post(reverse("drives:season_publish", args=[season.pk]), {"of": [str(school.pk)]}).content.decode()

    assert "Tidak dibuat" in page
    assert Drive.objects.count() == 0


def test_nobody_else_has_a_season(client: Client) -> None:
    make_city((20, 5))
    season = make_season()
    for role in ("official", "operator", "lead_operator", "system_admin"):
        client.force_login(UserFactory(**{role: season.office}))

        assert client.get(board_url(season)).status_code == 404


# A whole city on one page


def test_a_city_without_turns_is_folded_after_the_largest_schools(client: Client, planner: User) -> None:
    make_city((40, 0), *[(1, 0)] * (FEW + 2))
    season = make_season()
    first = School.objects.get(name="SMAN 1 Jakarta")
    actions.place_school(season=season, school=first, days=[TUESDAY], kits=1, by=None, now=FRIDAY)

    page = text_of(client, board_url(season))

    before, folded = page.split("2 sekolah lain")
    assert (before.count("jb-turn--waiting"), folded.count("jb-turn--waiting")) == (FEW, 2)


def test_a_proposal_for_a_city_is_folded_by_week(client: Client, planner: User) -> None:
    make_city(*[(40, 0)] * (FEW + 1))
    proposal = proposed(make_season(most_kits=1))
    url = reverse("drives:season_proposal", args=[proposal.pk])

    (new,) = [each for each in client.get(url).context["sections"] if each.change == "new"]

    assert len(new.weeks) > 1
    assert sum(len(lines) for _title, lines, _is_open in new.weeks) == len(new.lines) == FEW + 1
    assert {is_open for _title, _lines, is_open in new.weeks} == {False}


def test_the_days_on_which_a_school_is_closed_are_one_sentence(client: Client, planner: User) -> None:
    school = make_city((40, 60))[0]
    season = make_season(most_kits=1)
    planned(season)
    days = cards(season)[school.name].days
    Closure.objects.create(school=school, starts_on=days[0], ends_on=days[-1], reason="Ujian praktik")

    page = text_of(client, board_url(season))

    assert len(days) > 1
    assert page.count("Ujian praktik. Pilih hari lain.") == 1
    assert f"tutup pada {span_of(days[0], days[-1])}: Ujian praktik" in page

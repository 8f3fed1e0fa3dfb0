"""Days on which a school and the office have agreed are fixed in the season."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from drives.models import DriveRequest, KitOutage, Season, SeasonStep
from drives.planning.actions import create_drive
from drives.requests import actions as requests
from drives.season import actions
from drives.season.facts import question
from drives.season.solver.plan import best_plan
from drives.season.wording import sentences
from schools.models import HolidayChange, School
from tests.drives.planning.pupils import FRIDAY, plan
from tests.drives.season.seasons import (
    LAST,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    cards,
    make_city,
    make_season,
    overbooked,
    planned,
    proposed,
    refused,
    turns,
)
from tests.factories import OfficeFactory, UserFactory

pytestmark = pytest.mark.django_db

FAR = date(2027, 1, 27)


def agree(school: School, *days: date, now: datetime = FRIDAY) -> DriveRequest:
    """The school asks, the office proposes these days, the school agrees."""
    clerk, planner = UserFactory(school_admin=school), UserFactory(planner=school.office)
    request = requests.ask(school=school, days=[LAST], by=clerk, now=now)
    requests.propose(request=request, days=days, seen=1, by=planner, now=now)
    return requests.agree(request=request, seen=2, by=clerk, now=now)


def test_the_turn_of_a_school_that_agrees_stands_pinned_on_its_days_at_once() -> None:
    school, _other = make_city((50, 0), (2, 0))
    season = make_season(kits=4)

    agree(school, FAR)

    card = cards(season)[school.name]
    assert (card.days, card.kits, card.is_pinned) == ([FAR], 2, True)
    assert sentences(card.why) == ["Disepakati dengan sekolah."]
    assert SeasonStep.objects.count() == 0


def test_what_the_office_accepts_is_agreed_as_well() -> None:
    school = make_city((2, 0))[0]
    season = make_season()
    request = requests.ask(school=school, days=[FAR, LAST], by=UserFactory(school_admin=school), now=FRIDAY)

    requests.accept(request=request, days=[FAR], seen=1, by=UserFactory(planner=school.office), now=FRIDAY)

    assert cards(season)[school.name].days == [FAR]


def test_a_season_made_after_the_agreement_has_it_too() -> None:
    school = make_city((2, 0))[0]
    agree(school, FAR)

    season = make_season()

    assert turns(season) == {school.name: ((FAR,), 1, "day")}


@pytest.mark.parametrize("is_best", [False, True], ids=["first", "best"])
def test_the_search_leaves_it_where_it_is_though_earlier_days_are_free(is_best: bool) -> None:
    school, other = make_city((30, 0), (2, 0))
    season = make_season()
    agree(school, FAR)

    if is_best:
        found = best_plan(question(season=season, now=FRIDAY).problem, seconds=60).placements[school.pk].days
    else:
        found = tuple(planned(season)[school.name].days)

    assert found == (FAR,)
    assert question(season=season, now=FRIDAY).agreed == {school.pk: (FAR,)}
    assert other.pk in question(season=season, now=FRIDAY).waiting


def test_others_make_way_for_it() -> None:
    school, other = make_city((2, 0), (60, 0))
    season = make_season(kits=2, two_schools=False)
    before = planned(season)[other.name].days
    agree(school, *before)

    after = planned(season)

    assert after[school.name].days == before
    assert other.name in after
    assert overbooked(season) == set()


def test_an_agreement_reached_during_a_search_is_not_undone_by_the_proposal() -> None:
    school, _other = make_city((2, 0), (30, 0))
    season = make_season()
    proposal = proposed(season)
    agree(school, FAR)

    with refused("proposal_overtaken"):
        actions.accept(proposal=proposal, by=None, now=FRIDAY)

    assert turns(season)[school.name] == ((FAR,), 1, "day")


def test_a_newer_agreement_takes_its_place() -> None:
    school = make_city((2, 0))[0]
    season = make_season()
    agree(school, FAR)

    agree(school, TUESDAY, WEDNESDAY, now=FRIDAY + timedelta(days=1))

    assert turns(season) == {school.name: ((TUESDAY, WEDNESDAY), 1, "day")}


def test_days_outside_the_season_are_no_matter_of_it() -> None:
    school = make_city((2, 0))[0]
    season = make_season()

    agree(school, LAST + timedelta(days=4))

    assert turns(season) == {}


def test_a_school_that_has_a_drive_keeps_the_drive() -> None:
    school = make_city((2, 0))[0]
    season = make_season()
    drive = create_drive(school=school, plan=plan(days=(TUESDAY,), kits=1), by=None, now=FRIDAY)

    agree(school, FAR)

    assert turns(season) == {}
    assert [each.drive_id for each in question(season=season, now=FRIDAY).locked] == [drive.pk]


def test_a_drive_made_of_the_agreement_elsewhere_takes_the_place_of_the_turn() -> None:
    school, _other = make_city((2, 0), (2, 0))
    season = make_season()
    agree(school, FAR)
    drive = create_drive(school=school, plan=plan(days=(FAR,), kits=1), by=None, now=FRIDAY)

    planned(season)

    card = cards(season)[school.name]
    assert (card.drive_id, card.days, card.is_locked) == (drive.pk, [FAR], True)


def test_only_a_new_agreement_gives_it_other_days_but_kits_and_half_are_the_planners() -> None:
    school = make_city((2, 0))[0]
    season = make_season()
    agree(school, FAR)
    card = cards(season)[school.name]

    with refused("agreed_with_school") as refusal:
        actions.move_card(card=card, days=[MONDAY], kits=1, by=None, now=FRIDAY)
    with refused("agreed_with_school"):
        actions.unpin_card(card=card, by=None, now=FRIDAY)
    actions.move_card(card=card, days=[FAR], kits=2, part="morning", by=None, now=FRIDAY)
    planned(season)

    assert refusal.value.messages == [
        (
            "SMAN 1 Jakarta dan kantor sudah menyepakati Rabu, 27 Januari 2027. Sepakati dahulu hari lain dengan sekolah, di"
            " Permintaan."
        )
    ]
    assert turns(season) == {school.name: ((FAR,), 2, "morning")}
    assert {"code": "agreed"} in cards(season)[school.name].why


def test_a_school_that_is_taken_out_stays_out() -> None:
    school, _other = make_city((2, 0), (2, 0))
    season = make_season()
    agree(school, FAR)

    actions.leave_out(season=season, school=school, by=None, now=FRIDAY)
    planned(season)

    assert school.name not in turns(season)


def board(client: Client, season: Season) -> str:
    client.force_login(UserFactory(planner=OfficeFactory()))
    with time_machine.travel(FRIDAY, tick=False):
        return client.get(reverse("drives:season_board", args=[season.pk]), {"month": "2027-01"}).content.decode()


def test_a_holiday_on_a_day_agreed_is_named_on_the_board(client: Client) -> None:
    school = make_city((2, 0))[0]
    season = make_season()
    agree(school, FAR)
    HolidayChange.objects.create(office=season.office, day=FAR, effect="added", name="Hari Jakarta", made_at=FRIDAY)

    page = board(client, season)

    assert "1 giliran tidak dapat tetap seperti sekarang" in page
    assert "Rabu, 27 Januari 2027 bukan hari kerja: Hari Jakarta. Pilih hari lain." in page


def test_a_day_agreed_without_a_kit_is_named_on_the_board_with_what_to_change(client: Client) -> None:
    school = make_city((2, 0))[0]
    season = make_season(kits=1)
    KitOutage.objects.create(kit=season.office.kits.get(), starts_on=FAR, ends_on=FAR, reason="Servis", made_at=FRIDAY)
    agree(school, FAR)

    page = board(client, season)

    assert turns(season) == {school.name: ((FAR,), 1, "day")}
    assert "SMAN 1 Jakarta pada Rabu, 27 Januari 2027: perlu 1 alat" in page
    assert "Disepakati dengan sekolah" in page

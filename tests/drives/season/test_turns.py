"""Turns moved, placed, pinned, taken out and put back by hand, conflicts named, and every step undone."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from drives.models import Season, SeasonAbsence, SeasonCard, SeasonStep
from drives.planning.actions import create_drive
from drives.season import actions
from schools.models import Closure, School, User
from tests.drives.planning.pupils import FRIDAY, make_kits, plan
from tests.drives.season.seasons import (
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


def placed(season: Season, school: School, *days: date, kits: int = 1, by: User | None = None, **more: str) -> SeasonCard:
    return actions.place_school(season=season, school=school, days=days, kits=kits, by=by, now=FRIDAY, **more)


def test_a_moved_card_stands_where_it_was_put_and_is_pinned() -> None:
    make_city((20, 5))
    season = make_season()
    card = planned(season)["SMAN 1 Jakarta"]

    moved = actions.move_card(card=card, days=[WEDNESDAY, TUESDAY], kits=2, by=None, now=FRIDAY)

    assert (moved.days, moved.kits, moved.part, moved.is_pinned) == ([TUESDAY, WEDNESDAY], 2, "day", True)
    assert (moved.people, moved.seventeen, moved.places) == (25, 20, 120)
    assert moved.why == [{"code": "by_hand"}]


@pytest.mark.parametrize(
    ("days", "code", "sentence"),
    [
        ([], "no_days", "Satu giliran memerlukan sedikitnya satu hari. Pilih hari."),
        ([date(2026, 11, 20)], "past_day", "Jumat, 20 November 2026 sudah lewat atau hari ini. Pilih hari mulai besok."),
        (
            [date(2027, 2, 1)],
            "outside_season",
            (
                "Senin, 1 Februari 2027 berada di luar musim (Senin, 11 Januari 2027 sampai Jumat, 29 Januari 2027). Pilih hari"
                " lain, atau ubah musimnya."
            ),
        ),
        ([date(2027, 1, 17)], "not_working", "Minggu, 17 Januari 2027 bukan hari kerja: Minggu. Pilih hari lain."),
        ([WEDNESDAY], "closed_day", "SMAN 1 Jakarta tutup pada Rabu, 13 Januari 2027: Ujian. Pilih hari lain."),
        (
            [TUESDAY],
            "kits_taken",
            (
                "SMAN 1 Jakarta pada Selasa, 12 Januari 2027: perlu 2 alat, tersedia 1; alat lain berada di SMAN 2 Jakarta. Pilih"
                " hari lain, atau kurangi alat."
            ),
        ),
    ],
)
def test_what_stands_in_the_way_is_named(days: list[date], code: str, sentence: str) -> None:
    one, other = make_city((20, 5), (3, 1))
    season = make_season()
    Closure.objects.create(school=one, starts_on=WEDNESDAY, ends_on=WEDNESDAY, reason="Ujian")
    placed(season, other, TUESDAY)
    card = placed(season, one, MONDAY)

    with refused(code) as refusal:
        actions.move_card(card=card, days=days, kits=2, by=None, now=FRIDAY)

    assert refusal.value.messages == [sentence]
    assert turns(season)[one.name] == ((MONDAY,), 1, "day")


def test_a_half_day_is_refused_only_for_its_own_half() -> None:
    one, other = make_city((2, 0), (3, 1))
    season = make_season(kits=1)
    placed(season, other, MONDAY, part="morning")

    with refused("half_taken") as refusal:
        placed(season, one, MONDAY)
    afternoon = placed(season, one, MONDAY, part="afternoon")

    assert "pada pagi Senin, 11 Januari 2027" in refusal.value.messages[0]
    assert (afternoon.part, overbooked(season)) == ("afternoon", set())


def test_a_turn_without_a_kit_is_refused() -> None:
    school = make_city((2, 0))[0]

    with refused("no_kits"):
        placed(make_season(), school, MONDAY, kits=0)


def test_a_school_without_anybody_waiting_is_not_placed() -> None:
    with refused("nobody_waits"):
        placed(make_season(), make_city((0, 0))[0], MONDAY)


def test_a_school_with_a_drive_is_changed_there() -> None:
    school = make_city((2, 0))[0]
    season = make_season()
    create_drive(school=school, plan=plan(kits=1), by=None, now=FRIDAY)

    with refused("school_locked"):
        placed(season, school, MONDAY)


def test_a_card_that_is_gone_cannot_be_moved() -> None:
    school = make_city((2, 0))[0]
    season = make_season()
    card = placed(season, school, MONDAY)
    actions.remove_card(card=card, by=None, now=FRIDAY)

    with refused("card_gone"):
        actions.move_card(card=card, days=[TUESDAY], kits=1, by=None, now=FRIDAY)


def test_a_school_left_out_gets_no_turn_until_it_is_put_back() -> None:
    one, other = make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)

    actions.leave_out(season=season, school=one, by=None, now=FRIDAY)
    without = (list(turns(season)), [card.school_id for card in proposed(season).cards.all()])
    with refused("school_left_out"):
        placed(season, one, MONDAY)
    actions.put_back(season=season, school=one, by=None, now=FRIDAY)
    again = {card.school_id for card in proposed(season).cards.all()}

    assert without == ([other.name], [other.pk])
    assert again == {one.pk, other.pk}


def test_left_out_twice_is_one_step() -> None:
    school = make_city((2, 0))[0]
    season = make_season()

    for _each in range(2):
        actions.leave_out(season=season, school=school, by=None, now=FRIDAY)

    assert (SeasonAbsence.objects.count(), SeasonStep.objects.count()) == (1, 1)


STEPS: dict[str, Callable[[Season, SeasonCard, User], object]] = {
    "moved": lambda season, card, by: actions.move_card(card=card, days=[WEDNESDAY], kits=1, by=by, now=FRIDAY),
    "pinned": lambda season, card, by: actions.pin_card(card=card, by=by, now=FRIDAY),
    "removed": lambda season, card, by: actions.remove_card(card=card, by=by, now=FRIDAY),
    "left out": lambda season, card, by: actions.leave_out(season=season, school=card.school, by=by, now=FRIDAY),
    "accepted": lambda season, card, by: actions.accept(proposal=proposed(Season.objects.get(pk=season.pk)), by=by, now=FRIDAY),
}


@pytest.mark.parametrize("name", list(STEPS))
def test_every_step_can_be_undone(name: str) -> None:
    make_city((20, 5), (3, 1))
    season, by = make_season(), UserFactory()
    card = planned(season)["SMAN 1 Jakarta"]
    if name == "accepted":
        actions.remove_card(card=card, by=None, now=FRIDAY)
    before = list(
        SeasonCard.objects.filter(season=season).order_by("school").values("school", "days", "kits", "part", "is_pinned")
    )

    STEPS[name](season, card, by)
    changed = turns(season), cards(season)
    step = actions.last_step(season, by=by)
    assert step is not None
    undone = actions.undo(season=season, step_id=step.pk, by=by, now=FRIDAY)
    twice = actions.undo(season=season, step_id=step.pk, by=by, now=FRIDAY + timedelta(minutes=1))

    after = list(
        SeasonCard.objects.filter(season=season).order_by("school").values("school", "days", "kits", "part", "is_pinned")
    )
    assert changed
    assert after == before
    assert (undone.undone_at, twice.undone_at) == (FRIDAY, FRIDAY)
    assert SeasonAbsence.objects.count() == 0
    assert actions.last_step(season, by=by) is None


def test_nobody_undoes_the_step_of_another_planner() -> None:
    school = make_city((2, 0))[0]
    season, one, other = make_season(), UserFactory(), UserFactory()
    placed(season, school, MONDAY, by=one)
    step = SeasonStep.objects.get()

    with refused("nothing_to_undo"):
        actions.undo(season=season, step_id=step.pk, by=other, now=FRIDAY)


def test_a_step_that_another_planner_has_built_on_is_not_undone() -> None:
    school = make_city((2, 0))[0]
    season, one, other = make_season(), UserFactory(), UserFactory()
    card = placed(season, school, MONDAY, by=one)
    actions.move_card(card=card, days=[TUESDAY], kits=1, by=other, now=FRIDAY)

    with refused("changed_meanwhile"):
        actions.undo(season=season, step_id=SeasonStep.objects.get(by=one).pk, by=one, now=FRIDAY)


def test_an_undo_never_takes_kits_that_another_school_has_got_since() -> None:
    one, other = make_city((2, 0), (2, 0))
    season, by = make_season(kits=1), UserFactory()
    card = placed(season, one, MONDAY)
    actions.move_card(card=card, days=[TUESDAY], kits=1, by=by, now=FRIDAY)
    placed(season, other, MONDAY)

    with refused("kits_taken"):
        actions.undo(season=season, step_id=SeasonStep.objects.get(by=by).pk, by=by, now=FRIDAY)

    assert overbooked(season) == set()


DAYS = [MONDAY + timedelta(days=number) for number in range(5)]
WISHES = st.tuples(
    st.sampled_from(["place", "remove", "accept", "undo", "leave", "back", "one"]),
    st.integers(0, 4),
    st.lists(st.sampled_from(DAYS), min_size=1, max_size=3),
    st.integers(1, 3),
    st.sampled_from(["day", "morning", "afternoon"]),
)


@hypothesis_settings(max_examples=12, deadline=None)
@given(steps=st.lists(WISHES, min_size=3, max_size=9))
def test_whatever_planners_press_no_kit_is_ever_booked_twice(
    city: tuple[Season, list[School]], steps: list[tuple[str, int, list[date], int, str]]
) -> None:
    season, schools = city
    SeasonCard.objects.all().delete()
    SeasonAbsence.objects.all().delete()
    SeasonStep.objects.all().delete()
    for what, which, days, kits, part in steps:
        with suppress(ValidationError):
            _press(season, what, schools[which], days, kits, part)

        assert overbooked(season) == set()


@pytest.fixture
def city() -> tuple[Season, list[School]]:
    schools = make_city((40, 0), (9, 3), (30, 1), (2, 2), (70, 5))
    return make_season(kits=2, ends_on=DAYS[-1]), schools


def _press(season: Season, what: str, school: School, days: list[date], kits: int, part: str) -> None:
    card = cards(season).get(school.name)
    if what == "place":
        placed(season, school, *days, kits=kits, part=part)
    elif what == "remove" and card:
        actions.remove_card(card=card, by=None, now=FRIDAY)
    elif what == "accept":
        actions.accept(proposal=proposed(season), by=None, now=FRIDAY)
    elif what == "one":
        actions.accept(proposal=proposed(season), schools=[school.pk], by=None, now=FRIDAY)
    elif what == "leave":
        actions.leave_out(season=season, school=school, by=None, now=FRIDAY)
    elif what == "back":
        actions.put_back(season=season, school=school, by=None, now=FRIDAY)
    elif what == "undo" and (step := actions.last_step(season, by=None)):
        actions.undo(season=season, step_id=step.pk, by=None, now=FRIDAY)


def test_kits_of_another_office_help_nobody() -> None:
    school = make_city((2, 0))[0]
    season = make_season(kits=1)
    make_kits(5, OfficeFactory(name="Sudin lain"))

    with refused("kits_taken"):
        placed(season, school, MONDAY, kits=2)

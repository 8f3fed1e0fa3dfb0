"""Turns that become drives, through planning's own actions."""

from datetime import date
from typing import Any

import pytest

from drives.models import Appointment, Drive, KitDuty, Season, Timeslot
from drives.planning.actions import cancel_drive
from drives.season import actions
from schools.models import BellTime, Closure
from tests.drives.planning.pupils import FRIDAY
from tests.drives.season.seasons import (
    LAST,
    MONDAY,
    TUESDAY,
    cards,
    make_city,
    make_season,
    overbooked,
    planned,
    proposed,
    refused,
)

pytestmark = pytest.mark.django_db


def published(season: Season, **more: Any) -> list[actions.Published]:
    return actions.publish_cards(season=season, by=None, now=FRIDAY, **more)


def test_every_card_becomes_a_draft_with_everybody_in_a_timeslot() -> None:
    one, other = make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)

    done = {each.name: each for each in published(season)}

    assert {name: (each.placed, each.left_over, each.refusal) for name, each in done.items()} == {
        one.name: (25, 0, ""),
        other.name: (4, 0, ""),
    }
    for card in cards(season).values():
        assert card.drive is not None
        assert card.drive.status == Drive.Status.DRAFT
        assert [each.day for each in card.drive.days.order_by("day")] == card.days
        assert KitDuty.objects.filter(drive_day__drive=card.drive).values("kit").distinct().count() == card.kits
    assert Appointment.objects.live().count() == 29


@pytest.mark.parametrize("minutes", [0, 20])
@pytest.mark.parametrize("part", ["day", "morning", "afternoon"])
@pytest.mark.parametrize("day", [MONDAY, date(2027, 1, 15)], ids=["monday", "friday"])
def test_a_draft_offers_just_the_places_that_its_card_promised(minutes: int, part: str, day: date) -> None:
    school = make_city((3, 0))[0]
    season = make_season(kits=3, setup_minutes=minutes, packup_minutes=minutes)
    BellTime.objects.bulk_create(
        BellTime(school=school, weekday=weekday, starts_at=starts_at, ends_at=ends_at)
        for weekday in range(5)
        for starts_at, ends_at in (("06:30", "09:45"), ("10:10", "12:00"), ("12:45", "15:00"))
    )
    card = actions.place_school(season=season, school=school, days=[day], kits=3, part=part, by=None, now=FRIDAY)

    done = published(season, assign=False)

    places = sum(Timeslot.objects.values_list("places", flat=True))
    assert [bool(each.refusal) for each in done] == [card.places == 0]
    assert places == card.places


def test_published_twice_is_published_once() -> None:
    make_city((20, 5))
    season = make_season()
    planned(season)

    first, second = published(season), published(season)

    assert [each.drive for each in first] == [each.drive for each in second]
    assert Drive.objects.count() == 1


def test_one_card_is_published_and_the_others_wait() -> None:
    one, other = make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)

    published(season, schools=[one.pk])

    assert {name: card.is_locked for name, card in cards(season).items()} == {one.name: True, other.name: False}


def test_a_refused_card_stops_no_other_and_says_why() -> None:
    one, other = make_city((20, 5), (3, 1))
    season = make_season()
    card = planned(season)[one.name]
    Closure.objects.create(school=one, starts_on=MONDAY, ends_on=LAST, reason="Ujian akhir")

    done = {each.name: each for each in published(season)}

    assert done[one.name].code == "closed_day"
    assert "Ujian akhir" in done[one.name].refusal
    assert done[one.name].drive is None
    assert done[other.name].is_done
    card.refresh_from_db()
    assert card.drive is None


def test_a_card_that_is_a_drive_is_changed_there() -> None:
    make_city((20, 5))
    season = make_season()
    planned(season)
    published(season)
    card = cards(season)["SMAN 1 Jakarta"]

    for act in (
        lambda: actions.move_card(card=card, days=[TUESDAY], kits=1, by=None, now=FRIDAY),
        lambda: actions.pin_card(card=card, by=None, now=FRIDAY),
        lambda: actions.remove_card(card=card, by=None, now=FRIDAY),
        lambda: actions.leave_out(season=season, school=card.school, by=None, now=FRIDAY),
    ):
        with refused("card_locked"):
            act()


def test_the_step_before_a_drive_is_not_undone() -> None:
    make_city((20, 5))
    season = make_season()
    planned(season)
    published(season)
    step = actions.last_step(season, by=None)
    assert step is not None

    with refused("card_locked"):
        actions.undo(season=season, step_id=step.pk, by=None, now=FRIDAY)


def test_a_proposal_leaves_drives_where_they_are() -> None:
    one, other = make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)
    published(season, schools=[one.pk])

    proposal = proposed(season)

    assert [card.school_id for card in proposal.cards.all()] == [other.pk]
    actions.accept(proposal=proposal, by=None, now=FRIDAY)
    assert overbooked(season) == set()


def test_a_cancelled_drive_gives_its_card_back() -> None:
    make_city((20, 5))
    season = make_season()
    planned(season)
    drive = published(season)[0].drive
    assert drive is not None
    cancel_drive(drive=drive, reason="Banjir", by=None, now=FRIDAY)
    card = cards(season)["SMAN 1 Jakarta"]

    moved = actions.move_card(card=card, days=[TUESDAY], kits=1, by=None, now=FRIDAY)
    again = published(season)

    assert moved.drive is None
    assert again[0].drive is not None
    assert again[0].drive.pk != drive.pk


def test_two_schools_that_share_a_day_share_its_kits() -> None:
    """One kit in the morning here and in the afternoon there, while a third school has the other one all day."""
    one, other, third = make_city((2, 0), (2, 0), (20, 0))
    season = make_season(kits=2)
    for school, part in ((one, "morning"), (other, "afternoon"), (third, "day")):
        actions.place_school(season=season, school=school, days=[MONDAY], kits=1, part=part, by=None, now=FRIDAY)

    done = [published(season, schools=[school.pk])[0] for school in (one, other, third)]

    assert [each.refusal for each in done] == ["", "", ""]
    duties = KitDuty.objects.filter(drive_day__drive__school__in=[one, other]).values_list("kit", flat=True)
    assert len(set(duties)) == 1

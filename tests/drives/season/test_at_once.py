"""Two planners at the same moment: one of them is refused with a sentence, and no kit is ever booked twice."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from drives.models import Drive, Season, SeasonCard, SeasonProposal, SeasonStep
from drives.season import actions
from drives.season.actions import refusals, searches, turns
from schools.models import School
from tests.drives.planning.pupils import FRIDAY
from tests.drives.season.seasons import MONDAY, TUESDAY, make_city, make_season, overbooked, planned, proposed
from tests.together import outcomes_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def schools() -> list[School]:
    return make_city((20, 5), (20, 5))


@pytest.fixture
def season(schools: list[School]) -> Season:
    return make_season(kits=1)


def place(season: Season, school: School) -> Callable[[], object]:
    return lambda: actions.place_school(season=season, school=school, days=[MONDAY], kits=1, by=None, now=FRIDAY)


def test_of_two_who_want_the_last_kit_one_is_refused(season: Season, schools: list[School]) -> None:
    outcomes = outcomes_of(place(season, schools[0]), place(season, schools[1]))

    assert outcomes == ["done", "kits_taken"]
    assert overbooked(season) == set()


def test_without_the_lock_both_would_have_it(season: Season, schools: list[School], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lock is for: with it taken off, both read the board before either writes."""
    both_have_read = threading.Barrier(2)
    refuse = refusals.refuse_conflicts

    def wait_for_the_other(*args: object, **kwargs: object) -> None:
        refuse(*args, **kwargs)  # type: ignore[arg-type]
        both_have_read.wait(120)

    monkeypatch.setattr(turns, "locked", lambda season: season)
    monkeypatch.setattr(turns, "refuse_conflicts", wait_for_the_other)

    outcomes = outcomes_of(place(season, schools[0]), place(season, schools[1]))

    assert outcomes == ["done", "done"]
    assert overbooked(season) == {(MONDAY, 0), (MONDAY, 1)}


def test_a_proposal_accepted_by_two_at_once_is_accepted_once(season: Season) -> None:
    proposal = proposed(season)

    outcomes = outcomes_of(*[lambda: actions.accept(proposal=proposal, by=None, now=FRIDAY)] * 2)

    assert outcomes == ["done", "done"]
    assert (SeasonCard.objects.count(), SeasonStep.objects.count()) == (2, 1)


def test_a_move_and_an_acceptance_at_once_never_share_a_kit(season: Season, schools: list[School]) -> None:
    planned(season)
    card = SeasonCard.objects.select_related("season").order_by("days", "pk")[0]
    actions.remove_card(card=SeasonCard.objects.exclude(pk=card.pk).select_related("season").get(), by=None, now=FRIDAY)
    proposal = proposed(season)

    outcomes = outcomes_of(
        lambda: actions.move_card(card=card, days=[MONDAY, TUESDAY], kits=1, by=None, now=FRIDAY),
        lambda: actions.accept(proposal=proposal, by=None, now=FRIDAY),
    )

    assert "done" in outcomes
    assert set(outcomes) <= {"done", "kits_taken", "half_taken", "proposal_overtaken"}
    assert overbooked(season) == set()


def test_asked_by_two_at_once_one_proposal_is_open(season: Season) -> None:
    outcomes = outcomes_of(*[lambda: proposed(season)] * 2)

    assert outcomes == ["done", "done"]
    assert sorted(SeasonProposal.objects.values_list("status", flat=True)) == ["dropped", "waiting"]


def test_one_of_two_workers_has_the_search(season: Season) -> None:
    proposal = proposed(season)
    claims: list[SeasonProposal | None] = []

    outcomes_of(*[lambda: claims.append(searches.claim(proposal_id=proposal.pk, worker="w", now=FRIDAY))] * 2)

    assert sorted(each is not None for each in claims) == [False, True]


def test_published_by_two_at_once_a_card_is_one_drive(season: Season) -> None:
    planned(season)

    outcomes = outcomes_of(*[lambda: actions.publish_cards(season=season, by=None, now=FRIDAY)] * 2)

    assert outcomes == ["done", "done"]
    assert Drive.objects.count() == 2


def test_a_search_that_ends_while_it_is_accepted_changes_nothing_in_force(season: Season) -> None:
    proposal = proposed(season, seconds=60)
    claimed = searches.claim(proposal_id=proposal.pk, worker="w", now=FRIDAY)
    assert claimed is not None

    outcomes = outcomes_of(
        lambda: searches.search(proposal=claimed, clock=lambda: FRIDAY + timedelta(seconds=1)),
        lambda: actions.accept(proposal=proposal, by=None, now=FRIDAY),
    )

    proposal.refresh_from_db()
    in_force = {card.school_id: (card.days, card.kits, card.part) for card in SeasonCard.objects.all()}
    assert outcomes == ["done", "done"]
    assert proposal.status == "accepted"
    assert in_force == {card.school_id: (card.days, card.kits, card.part) for card in proposal.cards.all()}

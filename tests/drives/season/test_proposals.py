"""A proposal at once, a better one searched for, and the yes or no to it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from drives.models import KitOutage, SeasonCard, SeasonProposal, SeasonProposalCard, SeasonStep
from drives.season import actions, tasks
from drives.season.actions import proposals, searches
from drives.season.facts import question
from drives.season.solver.plan import best_plan
from schools.models import Closure
from students.models import Person
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
    turns,
)

pytestmark = pytest.mark.django_db
Change = SeasonProposalCard.Change


def searched(proposal: SeasonProposal, *, seconds: float = 0) -> SeasonProposal:
    claimed = searches.claim(proposal_id=proposal.pk, worker="one", now=FRIDAY + timedelta(seconds=seconds))
    assert claimed is not None
    return searches.search(proposal=claimed, clock=lambda: FRIDAY + timedelta(seconds=seconds))


def test_a_first_plan_is_there_at_once_and_waits_for_its_search() -> None:
    make_city((20, 5), (3, 1))

    proposal = proposed(make_season())

    assert (proposal.status, proposal.method, proposal.gap) == ("waiting", "greedy", None)
    assert [card.change for card in proposal.cards.all()] == [Change.NEW] * 2
    assert SeasonCard.objects.count() == 0


def test_the_search_puts_a_proven_plan_in_its_place() -> None:
    make_city((20, 5), (3, 1), (9, 9))
    proposal = proposed(make_season(), seconds=60)

    found = searched(proposal)

    assert (found.status, found.method, found.tries) == ("ready", "solver", 1)
    assert found.gap is not None
    assert found.gap <= 0.0005
    assert found.objective is not None
    assert proposal.objective is not None
    assert found.objective <= proposal.objective
    assert found.cards.count() == 3


def test_accepting_puts_the_turns_in_force_once() -> None:
    make_city((20, 5), (3, 1))
    season = make_season()
    proposal = proposed(season)

    first = actions.accept(proposal=proposal, by=None, now=FRIDAY)
    then = turns(season)
    second = actions.accept(proposal=proposal, by=None, now=FRIDAY)

    assert (first.status, second.status, second.decided_at) == ("accepted", "accepted", first.decided_at)
    assert len(then) == 2
    assert turns(season) == then
    assert SeasonStep.objects.count() == 1


def test_one_school_is_accepted_and_the_others_wait_for_their_answer() -> None:
    one, other = make_city((20, 5), (3, 1))
    season = make_season()
    proposal = proposed(season)

    held = actions.accept(proposal=proposal, schools=[one.pk], by=None, now=FRIDAY)
    after_one = (held.status, list(turns(season)))
    held = actions.reject(proposal=proposal, schools=[other.pk], by=None, now=FRIDAY)

    assert after_one == ("ready", [one.name])
    assert (held.status, list(turns(season))) == ("accepted", [one.name])


def test_no_school_chosen_is_no_answer() -> None:
    make_city((20, 5))

    with refused("nothing_chosen"):
        actions.accept(proposal=proposed(make_season()), schools=[], by=None, now=FRIDAY)


def test_a_part_that_would_overbook_kits_is_refused_with_the_names() -> None:
    """The school in force keeps its days until it is moved as well."""
    one, other = make_city((20, 0), (20, 0))
    season = make_season(kits=1)
    standing = actions.place_school(season=season, school=one, days=[MONDAY], kits=1, by=None, now=FRIDAY)
    actions.unpin_card(card=standing, by=None, now=FRIDAY)
    proposal = proposed(season)
    proposal.cards.filter(school=one).update(days=[TUESDAY], change="moved")
    proposal.cards.filter(school=other).update(days=[MONDAY], part="day")

    with refused("kits_taken") as refusal:
        actions.accept(proposal=proposal, schools=[other.pk], by=None, now=FRIDAY)

    assert refusal.value.messages == [
        (
            "SMAN 2 Jakarta pada Senin, 11 Januari 2027: perlu 1 alat, tersedia 0; alat lain berada di SMAN 1 Jakarta. "
            "Pilih hari lain, atau kurangi alat."
        )
    ]
    assert list(turns(season)) == [one.name]
    actions.accept(proposal=proposal, by=None, now=FRIDAY)
    assert {name: days for name, (days, _kits, _part) in turns(season).items()} == {one.name: (TUESDAY,), other.name: (MONDAY,)}


def test_a_kit_that_broke_since_keeps_the_proposal_out_of_force() -> None:
    make_city((20, 5))
    season = make_season(kits=1)
    proposal = proposed(season)
    kit = season.office.kits.get()
    KitOutage.objects.create(kit=kit, starts_on=MONDAY, ends_on=LAST, reason="Rusak", made_at=FRIDAY)

    with refused("kits_taken"):
        actions.accept(proposal=proposal, by=None, now=FRIDAY)

    assert turns(season) == {}


def test_a_school_pinned_since_is_named() -> None:
    one, _other = make_city((20, 5), (3, 1))
    season = make_season()
    proposal = proposed(season)
    actions.place_school(season=season, school=one, days=[TUESDAY], kits=1, by=None, now=FRIDAY)

    with refused("proposal_overtaken") as refusal:
        actions.accept(proposal=proposal, by=None, now=FRIDAY)

    assert one.name in refusal.value.messages[0]
    assert list(turns(season)) == [one.name]


def test_a_dropped_proposal_cannot_be_accepted() -> None:
    make_city((20, 5))
    proposal = proposed(make_season())
    actions.drop(proposal=proposal, by=None, now=FRIDAY)

    with refused("proposal_dropped"):
        actions.accept(proposal=proposal, by=None, now=FRIDAY)


def test_a_newer_proposal_takes_the_place_of_the_open_one() -> None:
    make_city((20, 5))
    season = make_season()
    first, second = proposed(season), proposed(season)

    first.refresh_from_db()

    assert (first.status, second.status) == ("dropped", "waiting")


def test_asked_again_without_a_change_nothing_moves() -> None:
    make_city((20, 5), (3, 1), (40, 2))
    season = make_season()
    planned(season)

    again = searched(proposed(season, seconds=60))

    assert {card.change for card in again.cards.all()} == {Change.SAME}


def test_one_changed_input_moves_only_what_it_touches() -> None:
    schools = make_city((30, 0), (30, 0), (30, 0), (30, 0))
    season = make_season(kits=4, two_schools=False)
    standing = planned(season)
    moved = min(standing.values(), key=lambda card: (card.days[0], card.school.name))
    Closure.objects.create(school=moved.school, starts_on=moved.days[0], ends_on=moved.days[-1], reason="Ujian")

    again = searched(proposed(season, seconds=60))

    changes = {card.school_id: card.change for card in again.cards.all()}
    assert changes[moved.school_id] == Change.MOVED
    assert len(changes) == len(schools)
    assert list(changes.values()).count(Change.SAME) == 3


def test_a_school_where_nobody_waits_any_more_loses_its_turn() -> None:
    one, other = make_city((20, 5), (3, 1))
    season = make_season()
    planned(season)
    Person.objects.filter(school=one).update(recorded_on=FRIDAY.date())

    card = proposed(season).cards.get(school=one)

    assert (card.change, card.days, bool(card.before_days)) == (Change.REMOVED, [], True)
    actions.accept(proposal=card.proposal, by=None, now=FRIDAY)
    assert list(turns(season)) == [other.name]


def test_pinned_turns_stay_in_every_proposal() -> None:
    one, *_others = make_city((2, 5), (30, 1), (40, 2))
    season = make_season(kits=1)
    late = LAST
    actions.place_school(season=season, school=one, days=[late], kits=1, by=None, now=FRIDAY)

    found = searched(proposed(season, seconds=60))

    card = found.cards.get(school=one)
    assert (card.days, card.kits, card.change) == ([late], 1, Change.SAME)
    actions.accept(proposal=found, by=None, now=FRIDAY)
    assert cards(season)[one.name].is_pinned
    assert overbooked(season) == set()


def test_a_stopped_search_ends_with_what_it_has() -> None:
    make_city((20, 5))
    proposal = proposed(make_season())

    stopped = actions.stop_search(proposal=proposal, by=None, now=FRIDAY)

    assert (stopped.status, stopped.method) == ("ready", "greedy")
    assert searches.claim(proposal_id=proposal.pk, worker="late", now=FRIDAY) is None


def test_accepting_while_it_is_searched_ends_the_search_without_a_trace() -> None:
    make_city((20, 5), (3, 1))
    season = make_season()
    proposal = proposed(season)
    claimed = searches.claim(proposal_id=proposal.pk, worker="one", now=FRIDAY)
    assert claimed is not None
    actions.accept(proposal=proposal, by=None, now=FRIDAY)
    before = list(proposal.cards.order_by("pk").values_list("pk", flat=True))

    found = searches.search(proposal=claimed, clock=lambda: FRIDAY)

    assert (found.status, found.method) == ("accepted", "greedy")
    assert list(proposal.cards.order_by("pk").values_list("pk", flat=True)) == before


def test_a_search_that_breaks_leaves_the_first_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    make_city((20, 5))
    season = make_season()
    proposal = proposed(season)

    def broken(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(searches, "best_plan", broken)
    found = searched(proposal)

    assert (found.status, found.failure) == (
        "failed",
        "Pencarian tidak berhasil. Rencana pertama tetap ada dan dapat diterima.",
    )
    actions.accept(proposal=found, by=None, now=FRIDAY)
    assert len(turns(season)) == 1


def test_progress_is_written_about_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    make_city((20, 5))
    proposal = proposed(make_season())
    claimed = searches.claim(proposal_id=proposal.pk, worker="one", now=FRIDAY)
    assert claimed is not None
    moments = iter(FRIDAY + timedelta(seconds=tenth / 10) for tenth in range(1000))
    heart = searches.Heart(claimed, lambda: next(moments))
    written: list[datetime] = []
    beat = heart.beat

    def noted(phase: SeasonProposal.Phase, *, now: datetime) -> bool:
        written.append(now)
        return beat(phase, now=now)

    monkeypatch.setattr(heart, "beat", noted)

    for _each in range(50):
        heart.progress(_Said(objective=110.0, bound=100.0, seconds=3.0))

    proposal.refresh_from_db()
    assert len(written) == 5
    assert (proposal.phase, proposal.objective, proposal.bound, proposal.seconds) == ("searching", 110.0, 100.0, 3.0)
    assert proposal.gap == pytest.approx(0.0909, abs=0.0001)


class _Said:
    def __init__(self, **said: float) -> None:
        self.objective, self.bound, self.seconds = said["objective"], said["bound"], said["seconds"]


def test_who_is_at_work_keeps_the_search_and_who_is_gone_loses_it() -> None:
    make_city((20, 5))
    proposal = proposed(make_season())

    def claim(seconds: float) -> SeasonProposal | None:
        return searches.claim(proposal_id=proposal.pk, worker="w", now=FRIDAY + timedelta(seconds=seconds))

    first, at_work, gone = claim(0), claim(59), claim(61)

    assert first is not None
    assert at_work is None
    assert gone is not None
    assert searches.search(proposal=first, clock=lambda: FRIDAY).status == "solving"
    assert searches.search(proposal=gone, clock=lambda: FRIDAY).status == "ready"


def test_one_search_at_a_time_leaves_workers_for_mail_and_the_next_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    make_city((20, 5))
    first, second = proposed(make_season()), proposed(make_season(kits=0, name="Semester lain"))
    told: list[SeasonProposal] = []
    monkeypatch.setattr(proposals, "ring", told.append)

    def claim(proposal: SeasonProposal, seconds: float = 0) -> SeasonProposal | None:
        return searches.claim(proposal_id=proposal.pk, worker="w", now=timezone.now() + timedelta(seconds=seconds))

    outcomes = [claim(first) is not None, claim(second) is not None, claim(second, 61) is not None]
    SeasonProposal.objects.filter(pk=second.pk).update(status="waiting")
    tasks.work_on(first.pk)
    SeasonProposal.objects.filter(pk=first.pk).update(beat_at=FRIDAY - timedelta(days=9))
    tasks.work_on(first.pk)

    assert outcomes == [True, False, True]
    assert told == [second]


def test_a_search_that_ends_its_worker_time_and_again_is_given_up() -> None:
    make_city((20, 5))
    proposal = proposed(make_season())

    tries = [searches.claim(proposal_id=proposal.pk, worker="w", now=FRIDAY + timedelta(minutes=n * 2)) for n in range(4)]

    proposal.refresh_from_db()
    assert [each is not None for each in tries] == [True, True, True, False]
    assert (proposal.status, proposal.cards.count()) == ("failed", 1)


def test_the_sweep_tells_of_what_waits_and_of_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    make_city((20, 5))
    season = make_season()
    proposed(season)
    waiting = proposed(season)
    told: list[str] = []
    monkeypatch.setattr(tasks.search_proposal, "delay", lambda *, proposal_id: told.append(proposal_id))

    tasks.sweep_proposals()

    assert told == [str(waiting.pk)]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [("kits", "no_kits"), ("days", "no_working_day"), ("people", "nobody_waits"), ("seconds", "seconds_out_of_range")],
)
def test_what_cannot_be_planned_is_refused_with_what_to_change(trouble: str, code: str) -> None:
    make_city((20, 5))
    season = make_season()
    if trouble == "kits":
        season.office.kits.update(is_in_service=False)
    if trouble == "days":
        Closure.objects.create(office=season.office, starts_on=MONDAY, ends_on=LAST, reason="Pindah")
    if trouble == "people":
        Person.objects.update(recorded_on=FRIDAY.date())

    with refused(code):
        proposed(season, **({"seconds": 0} if trouble == "seconds" else {}))


def test_the_plan_of_a_proposal_is_the_solvers_own() -> None:
    """What is stored is what was found, turn for turn."""
    make_city((20, 5), (3, 1))
    season = make_season()
    plan = best_plan(question(season=season, now=FRIDAY).problem, seconds=60)
    found = searched(proposed(season, seconds=60))

    stored = {card.school_id: (tuple(card.days), card.kits, card.part) for card in found.cards.all()}
    assert stored == {school: (turn.days, turn.kits, str(turn.part)) for school, turn in plan.placements.items()}

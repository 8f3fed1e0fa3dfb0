"""Every number of board, wall and close, set against a plain count of the same facts of two days."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from drives.models import Visit
from drives.onsite.actions import record_event
from drives.onsite.board import Board, board_of
from drives.onsite.day_close import KitReport, close_day
from drives.onsite.labels import REASONS, STATES
from drives.onsite.wall import Tile, wall_of
from tests.drives.onsite.conftest import NOW, Hall

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]


@dataclass(frozen=True)
class Said:
    """Of one person: what was noted how long ago, at which kit; `slot` 3 is of tomorrow. `before` was said the day before."""

    slot: int
    kind: str
    reason: str
    minutes: int
    kit: int | None
    is_guest: bool
    before: tuple[str, str]

    @property
    def is_settled(self) -> bool:
        """Yesterday already: nothing is said of such a person today."""
        return self.before[0] in SETTLED

    @property
    def state(self) -> str:
        """As of today."""
        said = self.before[0] if self.is_settled else self.kind
        return {"": "expected", "arrived": "present"}.get(said, said)

    @property
    def is_due(self) -> bool:
        return self.slot != 3 and not self.is_guest


SETTLED = ("recorded", "already_recorded")
OUTCOMES = (
    ("", ""),
    ("arrived", ""),
    ("recorded", ""),
    ("failed", "biometric"),
    ("failed", "kit_broken"),
    ("absent", "sick"),
    ("declined", ""),
)
YESTERDAY = (*OUTCOMES, ("already_recorded", ""))
PEOPLE = st.builds(
    lambda slot, outcome, minutes, kit, is_guest, before: Said(slot, outcome[0], outcome[1], minutes, kit, is_guest, before),
    st.integers(0, 3),
    st.sampled_from(OUTCOMES),
    st.integers(0, 40),
    st.sampled_from([0, 1, None]),
    st.booleans(),
    st.sampled_from(YESTERDAY),
)


@settings(max_examples=25, deadline=None)
@given(people=st.lists(PEOPLE.filter(lambda one: not (one.kind and one.is_settled)), max_size=8))
def test_every_number_is_a_count_of_the_facts(hall: Hall, people: list[Said]) -> None:
    with transaction.atomic():
        for number, one in enumerate(people):
            _tell(hall, number, one)
        board = board_of(hall.today, now=NOW)
        (tile,) = wall_of([hall.drive.office_id], now=NOW).tiles
        reports = [KitReport(kit.pk, 0, "Uji") for kit in hall.kits]
        closed = close_day(
            drive_day=hall.today,
            reports=reports,
            unassigned_reason="Uji",
            knows_what_is_open=True,
            signed_by_name="Budi",
            by=hall.lead,
            now=NOW,
        )
        transaction.set_rollback(True)

    _is_counted_from(people, board)
    _says_the_same(tile, board)
    _adds_up(people, closed.tally)


def _tell(hall: Hall, number: int, one: Said) -> None:
    visit = hall.expect(f"Siswa {number}", slot=one.slot)
    if one.is_guest:
        visit.person.appointments.all().delete()
        Visit.objects.filter(pk=visit.pk).update(is_walk_in=True)
    if one.before[0]:
        kind, reason = one.before
        record_event(event_id=uuid7(), visit=visit, kind=kind, reason=reason, by=hall.operator, now=NOW - timedelta(days=1))
    if one.kind:
        moment, kit = NOW - timedelta(minutes=one.minutes), None if one.kit is None else hall.kits[one.kit]
        kit = None if one.kind in ("absent", "arrived") else kit
        record_event(event_id=uuid7(), visit=visit, kind=one.kind, reason=one.reason, kit=kit, by=hall.operator, now=moment)


def _is_counted_from(people: list[Said], board: Board) -> None:
    due = [one for one in people if one.is_due]
    recorded = [one for one in people if one.kind == "recorded"]
    waits = [one.minutes for one in people if one.kind == "arrived"]
    states = Counter(one.state for one in due)
    figures = board.figures

    assert (figures.target, figures.recorded) == (len(due), states["recorded"])
    assert figures.others == sum(not one.is_due for one in recorded)
    assert board.left == states["expected"] + states["present"]
    assert dict(board.outcomes) == {str(STATES[state]): count for state, count in states.items()}
    assert (figures.waiting, board.waiting_minutes) == (len(waits), max(waits, default=0))
    assert board.mean_minutes == (sum(waits) // len(waits) if waits else 0)
    failed = Counter(str(REASONS[one.reason]) for one in people if one.kind == "failed")
    assert dict(board.failures) == dict(failed)
    assert [kit.recorded for kit in board.kits] == [sum(one.kit == number for one in recorded) for number in (0, 1)]
    heard = [one for one in people if one.kit is not None and one.kind not in ("", "absent", "arrived") and one.minutes <= 10]
    # The first session has been under way for 41 minutes.
    assert [kit.is_silent for kit in board.kits] == [not any(one.kit == number for one in heard) for number in (0, 1)]
    # An hour's, over the last hour or since the first one, which is at least ten minutes.
    since = max(10, *(one.minutes for one in recorded)) if recorded else 0
    assert board.pace == (int(len(recorded) * 60 / since + 0.5) if len(recorded) > 1 else None)


def _says_the_same(tile: Tile, board: Board) -> None:
    figures = board.figures
    assert (tile.target, tile.recorded, tile.left, tile.waiting) == (
        figures.target,
        figures.recorded,
        board.left,
        figures.waiting,
    )
    assert (tile.mean_minutes, tile.pace, tile.finish_at) == (board.mean_minutes, board.pace, board.finish_at)
    assert tile.failed == sum(count for _reason, count in board.failures)
    assert list(tile.silent_kits) == [kit.name for kit in board.kits if kit.is_silent]


def _adds_up(people: list[Said], tally: dict[str, int]) -> None:
    """To who was due, whatever was said of them the day before."""
    due = [one for one in people if one.is_due]
    of_today = Counter(one.state for one in people if one.kind and (one.is_due or not one.is_guest))

    assert tally["scheduled"] == len(due)
    assert tally["unseen"] == sum(one.state == "expected" for one in due)
    assert tally["settled_before"] == sum(one.is_settled for one in due)
    assert {state: tally[state] for state in STATES if tally.get(state)} == dict(of_today)
    assert tally["walk_ins"] == sum(bool(one.kind) and one.is_guest for one in people)
    reached = sum(of_today.values()) - tally["unscheduled"]
    assert reached + tally["unseen"] + tally["settled_before"] == tally["scheduled"]

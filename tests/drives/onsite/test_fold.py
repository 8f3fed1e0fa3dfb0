"""A visit is a fold over its events, whatever their order."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from drives.models import Visit, VisitEvent
from drives.onsite.fold import PRECEDENCE, Fact, Standing, fold

Kind = VisitEvent.Kind
State = Visit.State
DAY = date(2026, 11, 24)
MOMENT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def fact(
    number: int,
    kind: str,
    *,
    source: str = "a",
    sequence: int | None = None,
    target: int | None = None,
    reason: str = "",
    day: date = DAY,
    minute: int | None = None,
) -> Fact:
    return Fact(
        id=UUID(int=number),
        kind=kind,
        source=source,
        sequence=number if sequence is None else sequence,
        at=MOMENT + timedelta(minutes=number if minute is None else minute),
        day=day,
        reason=reason,
        target=None if target is None else UUID(int=target),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Events of three sources, with undos and corrections that name any event, also none that exists, and circles."""
    count = draw(st.integers(0, 9))
    return [
        fact(
            number,
            draw(st.sampled_from(Kind.values)),
            source=draw(st.sampled_from("abc")),
            sequence=draw(st.integers(0, 5)),
            target=draw(st.none() | st.integers(0, count + 1)),
            reason=draw(st.sampled_from(["", "", "sick", "correction"])),
            day=DAY + timedelta(days=draw(st.integers(0, 1))),
            minute=draw(st.integers(-3000, 3000)),
        )
        for number in range(count)
    ]


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(history: list[Fact], random: object) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert fold(shuffled) == fold(history)


@given(histories())
def test_a_replay_changes_nothing(history: list[Fact]) -> None:
    assert fold([*history, *history[::-1], *history]) == fold(history)


@given(histories(), st.sampled_from([*PRECEDENCE, Kind.ARRIVED]))
def test_undoing_the_last_event_restores_what_was_before(history: list[Fact], kind: str) -> None:
    latest = fact(100, kind, source="a", sequence=100)
    undo = fact(101, Kind.UNDONE, source="a", sequence=101, target=100)

    assert fold([*history, latest, undo]) == fold(history)


@given(histories(), st.timedeltas(min_value=timedelta(hours=-48), max_value=timedelta(hours=48)))
def test_the_clock_of_a_tablet_never_picks_the_winner(history: list[Fact], wrong: timedelta) -> None:
    shifted = [
        Fact(
            id=one.id,
            kind=one.kind,
            source=one.source,
            sequence=one.sequence,
            at=one.at + wrong if one.source == "a" else one.at,
            day=one.day,
            reason=one.reason,
            target=one.target,
        )
        for one in history
    ]

    assert (fold(shifted).state, fold(shifted).has_conflict) == (fold(history).state, fold(history).has_conflict)


def test_nothing_said_is_not_yet_seen() -> None:
    assert fold([]) == Standing()


def test_an_arrival_alone_is_present_since_the_first_one() -> None:
    standing = fold([fact(2, Kind.ARRIVED, source="b"), fact(1, Kind.ARRIVED)])

    assert (standing.state, standing.arrived_at) == (State.PRESENT, MOMENT + timedelta(minutes=1))


def test_within_a_source_the_last_outcome_counts() -> None:
    standing = fold([fact(1, Kind.FAILED, reason="biometric"), fact(2, Kind.RECORDED)])

    assert (standing.state, standing.reason, standing.has_conflict) == (State.RECORDED, "", False)


def test_sources_that_disagree_are_a_conflict_and_recorded_stands() -> None:
    standing = fold([fact(1, Kind.RECORDED, source="a"), fact(2, Kind.FAILED, source="b", reason="kit_broken")])

    assert (standing.state, standing.has_conflict) == (State.RECORDED, True)


def test_sources_that_agree_are_no_conflict() -> None:
    standing = fold([fact(1, Kind.RECORDED, source="a"), fact(2, Kind.RECORDED, source="b")])

    assert (standing.state, standing.has_conflict, standing.counted) == (State.RECORDED, False, UUID(int=1))


def test_an_outcome_that_names_the_absence_it_saw_is_no_conflict() -> None:
    standing = fold([fact(1, Kind.ABSENT, source="a", reason="unexplained"), fact(2, Kind.RECORDED, source="b", target=1)])

    assert (standing.state, standing.has_conflict) == (State.RECORDED, False)


def test_recorded_is_not_replaced_without_a_correction() -> None:
    standing = fold([fact(1, Kind.RECORDED, source="a"), fact(2, Kind.FAILED, source="b", target=1, reason="biometric")])

    assert (standing.state, standing.has_conflict) == (State.RECORDED, True)


def test_a_leads_correction_wins_over_recorded() -> None:
    standing = fold([fact(1, Kind.RECORDED, source="a"), fact(2, Kind.FAILED, source="b", target=1, reason="correction")])

    assert (standing.state, standing.has_conflict) == (State.FAILED, False)


def test_what_a_correction_did_not_know_of_is_still_shown_as_a_conflict() -> None:
    standing = fold(
        [
            fact(1, Kind.RECORDED, source="a"),
            fact(2, Kind.FAILED, source="b", target=1, reason="correction"),
            fact(3, Kind.RECORDED, source="c"),
        ]
    )

    assert (standing.state, standing.has_conflict) == (State.FAILED, True)


def test_a_source_cannot_undo_anothers_words_without_a_correction() -> None:
    recorded = fact(1, Kind.RECORDED, source="a")

    assert fold([recorded, fact(2, Kind.UNDONE, source="b", target=1)]).state == State.RECORDED
    assert fold([recorded, fact(2, Kind.UNDONE, source="b", target=1, reason="correction")]).state == State.EXPECTED


def test_who_comes_again_after_failing_waits_anew_that_day() -> None:
    tomorrow = DAY + timedelta(days=1)
    standing = fold(
        [fact(1, Kind.ARRIVED), fact(2, Kind.FAILED, reason="network_down"), fact(3, Kind.ARRIVED, day=tomorrow, minute=1500)]
    )

    assert (standing.state, standing.on, standing.arrived_at) == (State.PRESENT, tomorrow, MOMENT + timedelta(minutes=1500))


def test_who_is_absent_for_one_source_and_seen_by_another_is_present_and_a_conflict() -> None:
    standing = fold([fact(1, Kind.ABSENT, source="a", reason="sick"), fact(2, Kind.ARRIVED, source="b")])

    assert (standing.state, standing.has_conflict) == (State.PRESENT, True)

"""A visit is a fold over its events, whatever their order."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from drives.models import Visit, VisitEvent
from drives.onsite.fold import IKD_PRECEDENCE, PRECEDENCE, Fact, Standing, fold, undone_among

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
    queue_number: str = "",
    kit: int | None = None,
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
        queue_number=queue_number,
        kit_id=None if kit is None else UUID(int=kit),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Events of three sources, with undos and corrections that name any event, also none that exists, and circles."""
    count = draw(st.integers(0, 9))
    return [
        fact(
            number,
            draw(st.sampled_from(Kind.values)),
            source=draw(st.sampled_from(["a", "b", "web:c"])),
            sequence=draw(st.integers(0, 5)),
            target=draw(st.none() | st.integers(0, count + 1)),
            reason=draw(st.sampled_from(["", "", "sick", "correction"])),
            queue_number=draw(st.sampled_from(["", "", "7", "B-07"])),
            kit=draw(st.sampled_from([None, None, 1, 2])),
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


@given(histories(), st.sampled_from([*PRECEDENCE, *IKD_PRECEDENCE, Kind.ARRIVED]))
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

    before, after = fold(history), fold(shifted)
    assert (after.state, after.ikd.state, after.has_conflict) == (before.state, before.ikd.state, before.has_conflict)


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


def test_a_source_that_names_no_kit_does_not_hide_where_another_one_recorded() -> None:
    at_the_station, on_paper = fact(2, "recorded", kit=7), fact(1, "recorded", source="paper:b")
    failed_elsewhere = fact(3, "failed", source="c", kit=8)

    assert fold([at_the_station, on_paper]).kit_id == UUID(int=7)
    assert fold([on_paper, failed_elsewhere]).kit_id is None


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
    assert undone_among([recorded, fact(2, Kind.UNDONE, source="b", target=1)]) == set()
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


def test_who_came_one_day_and_was_absent_on_another_is_as_the_later_day_says_whoever_said_it() -> None:
    came, tomorrow = fact(1, Kind.ARRIVED, source="a"), DAY + timedelta(days=1)

    standing = fold([came, fact(1002, Kind.ABSENT, source="b", day=tomorrow)])

    assert (standing.state, standing.on, standing.has_conflict) == (State.ABSENT, tomorrow, False)
    later = fold([fact(1, Kind.ABSENT, source="b"), fact(1002, Kind.ARRIVED, source="a", day=tomorrow)])
    assert (later.state, later.on, later.has_conflict) == (State.PRESENT, tomorrow, False)


def test_what_the_server_saw_taken_back_in_time_is_taken_back_whoever_said_it() -> None:
    recorded = fact(1, Kind.RECORDED, source="device:a")

    assert fold([recorded, fact(2, Kind.UNDONE, source="web:b", target=1)]).state == State.EXPECTED


@given(histories())
def test_the_activation_never_changes_the_first_outcome_nor_the_other_way_round(history: list[Fact]) -> None:
    ikd = [one for one in history if one.kind in IKD_PRECEDENCE or one.kind == Kind.UNDONE]
    first = [one for one in history if one.kind not in IKD_PRECEDENCE]

    whole = fold(history)

    assert whole.ikd == fold(ikd).ikd
    assert (whole.state, whole.reason, whole.at, whole.counted) == (
        fold(first).state,
        fold(first).reason,
        fold(first).at,
        fold(first).counted,
    )
    assert whole.has_conflict == (fold(first).has_conflict or fold(ikd).has_conflict)


def test_an_activation_that_worked_at_the_second_try_is_no_conflict() -> None:
    standing = fold([fact(1, Kind.RECORDED), fact(2, Kind.IKD_FAILED, reason="no_data"), fact(3, Kind.IKD_ACTIVATED)])

    assert (standing.state, standing.ikd.state, standing.ikd.reason, standing.has_conflict) == (
        State.RECORDED,
        Kind.IKD_ACTIVATED,
        "",
        False,
    )


def test_sources_that_disagree_on_the_activation_are_a_conflict_and_activated_stands() -> None:
    standing = fold(
        [
            fact(1, Kind.IKD_FAILED, source="a", reason="no_phone"),
            fact(2, Kind.IKD_ACTIVATED, source="b"),
            fact(3, Kind.RECORDED, source="a"),
        ]
    )

    assert (standing.state, standing.ikd.state, standing.ikd.counted, standing.has_conflict) == (
        State.RECORDED,
        Kind.IKD_ACTIVATED,
        UUID(int=2),
        True,
    )


def test_an_activation_that_names_the_failure_it_saw_is_no_conflict() -> None:
    standing = fold([fact(1, Kind.IKD_FAILED, source="a", reason="no_phone"), fact(2, Kind.IKD_ACTIVATED, source="b", target=1)])

    assert (standing.ikd.state, standing.has_conflict) == (Kind.IKD_ACTIVATED, False)


def test_an_activation_does_not_replace_an_absence_that_it_names() -> None:
    standing = fold([fact(1, Kind.ABSENT, source="a", reason="sick"), fact(2, Kind.IKD_ACTIVATED, source="b", target=1)])

    assert (standing.state, standing.ikd.state) == (State.ABSENT, Kind.IKD_ACTIVATED)


def test_who_came_for_the_activation_alone_is_served_by_it_and_fails_with_it() -> None:
    came, failed = fact(1, Kind.ARRIVED), fact(2, Kind.IKD_FAILED, reason="no_phone")
    activated = fact(3, Kind.IKD_ACTIVATED, target=2)

    assert fold([came, failed]).of_service("ikd").state == State.FAILED
    assert fold([came, failed, activated]).of_service("ikd").state == State.SERVED
    assert fold([came, failed, activated]).of_service("recording").state == State.PRESENT


def test_the_queue_number_is_that_of_the_arrival_which_counts() -> None:
    first, later = fact(1, Kind.ARRIVED, queue_number="7"), fact(2, Kind.ARRIVED, source="b", queue_number="B-07")

    assert fold([first, later]).queue_number == "7"
    assert fold([fact(1, Kind.ARRIVED), later]).queue_number == "B-07"
    assert fold(
        [first, later, fact(3, Kind.ARRIVED, source="b", day=DAY + timedelta(days=1), queue_number="B-01")]
    ).queue_number == ("B-01")

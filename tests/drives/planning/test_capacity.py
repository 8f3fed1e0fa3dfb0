from datetime import time
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from drives.planning.capacity import (
    DayPlan,
    Kits,
    KitStretch,
    Session,
    Suggestion,
    SuggestionKind,
    day_places,
    session_places,
    time_of,
    timeslot_places,
    verdict,
    without_breaks,
    without_setup,
)

MORNING = Session(time(8), time(11))
AFTERNOON = Session(time(12, 30), time(15, 30))
SCHOOL_DAY = (MORNING, AFTERNOON)
SLACK = Decimal("0.15")


@pytest.mark.parametrize(("kits", "a_day", "in_three_days"), [(2, 60, 180), (3, 90, 270), (4, 122, 366), (5, 152, 456)])
def test_two_sessions_of_three_hours_give_the_places_of_the_worked_examples(kits: int, a_day: int, in_three_days: int) -> None:
    places = day_places(SCHOOL_DAY, kits=kits, minutes=10, slack=SLACK)

    assert places == a_day
    assert 3 * places == in_three_days


def test_rounding_is_carried_from_timeslot_to_timeslot() -> None:
    starts = [time_of(minute) for minute in range(8 * 60, 11 * 60, 30)]
    ends = [time_of(minute) for minute in range(8 * 60 + 30, 11 * 60 + 30, 30)]

    places = [
        timeslot_places(MORNING, start=start, end=end, kits=4, minutes=10, slack=SLACK)
        for start, end in zip(starts, ends, strict=True)
    ]

    assert places == [10, 10, 10, 10, 11, 10]
    assert sum(places) == 61


def test_each_session_starts_anew() -> None:
    one_session = day_places([Session(time(8), time(14))], kits=3, minutes=10, slack=SLACK)
    two_sessions = day_places(SCHOOL_DAY, kits=3, minutes=10, slack=SLACK)

    assert (one_session, two_sessions) == (91, 90)


def test_kits_that_come_and_go_count_their_minutes_on_duty() -> None:
    kits = [KitStretch(time(7), time(16)), KitStretch(time(9), time(11)), KitStretch(time(15), time(18))]

    assert session_places(MORNING, kits=kits, minutes=10, slack=Decimal(0)) == 18 + 12
    assert session_places(MORNING, kits=kits, minutes=10, slack=Decimal(0), until=time(9, 30)) == 9 + 3
    assert session_places(AFTERNOON, kits=kits, minutes=10, slack=Decimal(0)) == 18 + 3


def test_kits_as_a_number_and_as_stretches_over_the_day_agree() -> None:
    stretches = [KitStretch(time(8), time(15, 30))] * 5

    assert day_places(SCHOOL_DAY, kits=stretches, minutes=10, slack=SLACK) == 152


@pytest.mark.parametrize(
    ("sessions", "kits", "minutes", "slack", "code"),
    [
        (SCHOOL_DAY, 0, 10, SLACK, "no_kits"),
        (SCHOOL_DAY, [], 10, SLACK, "no_kits"),
        (SCHOOL_DAY, -1, 10, SLACK, "no_kits"),
        (SCHOOL_DAY, 4, 0, SLACK, "no_minutes"),
        (SCHOOL_DAY, 4, -5, SLACK, "no_minutes"),
        (SCHOOL_DAY, 4, 10, Decimal(1), "slack_out_of_range"),
        (SCHOOL_DAY, 4, 10, Decimal("-0.01"), "slack_out_of_range"),
        ([], 4, 10, SLACK, "no_sessions"),
        ([Session(time(9), time(9))], 4, 10, SLACK, "session_empty"),
        ([Session(time(9), time(8))], 4, 10, SLACK, "session_empty"),
        ([AFTERNOON, Session(time(8), time(12, 31))], 4, 10, SLACK, "sessions_overlap"),
    ],
)
def test_an_impossible_day_is_refused_with_its_reason(
    sessions: list[Session], kits: Kits, minutes: int, slack: Decimal, code: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        day_places(sessions, kits=kits, minutes=minutes, slack=slack)

    assert refusal.value.code == code


def test_a_break_parts_a_session_in_two() -> None:
    sessions = without_breaks([Session(time(7), time(12))], [Session(time(9, 30), time(10)), Session(time(11, 30), time(13))])

    assert sessions == [Session(time(7), time(9, 30)), Session(time(10), time(11, 30))]


def test_setting_up_and_packing_up_shorten_the_ends_of_the_day_only() -> None:
    sessions = without_setup(SCHOOL_DAY, setup_minutes=30, packup_minutes=20)

    assert sessions == [Session(time(8, 30), time(11)), Session(time(12, 30), time(15, 10))]


def test_setting_up_for_longer_than_the_day_is_refused() -> None:
    with pytest.raises(ValidationError) as refusal:
        without_setup([MORNING], setup_minutes=120, packup_minutes=60)

    assert refusal.value.code == "no_time_after_setup"


def test_four_kits_for_sman_55_are_86_places_short_and_the_ways_out_are_named() -> None:
    plan = [DayPlan(SCHOOL_DAY, 4)] * 3

    answer = verdict(plan, needed=452, needed_at_17=228, minutes=10, slack=SLACK)

    assert (answer.places, answer.short, answer.spare, answer.suffices) == (366, 86, 0, False)
    assert answer.by_day == (122, 122, 122)
    assert answer.suggestions == (
        Suggestion(SuggestionKind.MORE_KITS, added=1, kits=5, days=3, places=456, spare=4),
        Suggestion(SuggestionKind.MORE_DAYS, added=1, kits=4, days=4, places=488, spare=36),
        Suggestion(SuggestionKind.SEVENTEEN_FIRST, added=0, kits=4, days=3, places=366, spare=138, scheduled=228),
    )


def test_five_kits_for_sman_55_suffice_and_nothing_is_suggested() -> None:
    answer = verdict([DayPlan(SCHOOL_DAY, 5)] * 3, needed=452, needed_at_17=228, minutes=10, slack=SLACK)

    assert (answer.places, answer.short, answer.spare, answer.suggestions) == (456, 0, 4, ())


def test_three_kits_take_the_70_of_labschool_in_a_day() -> None:
    answer = verdict([DayPlan(SCHOOL_DAY, 3)], needed=70, needed_at_17=20, minutes=10, slack=SLACK)

    assert (answer.places, answer.spare) == (90, 20)


def test_a_further_day_counts_what_that_day_really_offers() -> None:
    friday = DayPlan((MORNING,), 4)

    answer = verdict([DayPlan(SCHOOL_DAY, 4)] * 3, needed=452, needed_at_17=0, minutes=10, slack=SLACK, extra_days=[friday])

    assert answer.suggestions[1] == Suggestion(SuggestionKind.MORE_DAYS, added=2, kits=4, days=5, places=549, spare=97)


kits_on_duty = st.integers(1, 12)
paces = st.integers(1, 60)
slacks = st.integers(0, 99).map(lambda percent: Decimal(percent) / 100)


@given(kits=kits_on_duty, minutes=paces, slack=slacks, length=st.integers(1, 600), cuts=st.lists(st.integers(1, 599)))
def test_timeslots_of_any_length_add_up_to_the_formula(
    kits: int, minutes: int, slack: Decimal, length: int, cuts: list[int]
) -> None:
    session = Session(time(7), time_of(7 * 60 + length))
    marks = [0, *sorted({cut for cut in cuts if cut < length}), length]

    places = [
        timeslot_places(session, start=time_of(420 + start), end=time_of(420 + end), kits=kits, minutes=minutes, slack=slack)
        for start, end in pairwise(marks)
    ]

    assert min(places) >= 0
    assert sum(places) == floor(kits * length * (1 - Fraction(slack)) / minutes)

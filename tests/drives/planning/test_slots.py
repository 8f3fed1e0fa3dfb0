from datetime import time
from decimal import Decimal
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from drives.planning.capacity import KitStretch, Session, day_places, time_of
from drives.planning.slots import Slot, generate

SCHOOL_DAY = (Session(time(8), time(11)), Session(time(12, 30), time(15, 30)))
SLACK = Decimal("0.15")


def test_a_school_day_with_four_kits_is_cut_into_twelve_timeslots() -> None:
    slots = generate(SCHOOL_DAY, kits=4, minutes=10, slack=SLACK, slot_minutes=30)

    assert [slot.places for slot in slots] == [10, 10, 10, 10, 11, 10] * 2
    assert slots[0] == Slot(time(8), time(8, 30), 10)
    assert slots[6] == Slot(time(12, 30), time(13), 10)
    assert slots[-1] == Slot(time(15), time(15, 30), 10)


def test_the_last_timeslot_of_a_session_may_be_shorter() -> None:
    slots = generate([Session(time(8), time(9, 50))], kits=4, minutes=10, slack=SLACK, slot_minutes=45)

    assert slots == [
        Slot(time(8), time(8, 45), 15),
        Slot(time(8, 45), time(9, 30), 15),
        Slot(time(9, 30), time(9, 50), 7),
    ]


def test_a_rest_of_a_few_minutes_joins_the_timeslot_before_it() -> None:
    slots = generate([Session(time(8), time(9, 5))], kits=2, minutes=10, slack=Decimal(0), slot_minutes=30)

    assert slots == [Slot(time(8), time(8, 30), 6), Slot(time(8, 30), time(9, 5), 7)]


def test_a_timeslot_without_a_place_joins_the_next_that_has_one() -> None:
    slots = generate([Session(time(8), time(8, 50))], kits=1, minutes=10, slack=SLACK, slot_minutes=10)

    assert slots == [
        Slot(time(8), time(8, 20), 1),
        Slot(time(8, 20), time(8, 30), 1),
        Slot(time(8, 30), time(8, 40), 1),
        Slot(time(8, 40), time(8, 50), 1),
    ]


def test_nobody_is_asked_to_come_while_no_kit_is_on_duty() -> None:
    kits = [KitStretch(time(9), time(10))]

    slots = generate([Session(time(8), time(11))], kits=kits, minutes=10, slack=Decimal(0), slot_minutes=30)

    assert slots == [Slot(time(9), time(9, 30), 3), Slot(time(9, 30), time(10), 3)]


@pytest.mark.parametrize("slot_minutes", [0, 9, 61])
def test_a_timeslot_that_is_too_short_or_too_long_is_refused(slot_minutes: int) -> None:
    with pytest.raises(ValidationError) as refusal:
        generate(SCHOOL_DAY, kits=4, minutes=10, slack=SLACK, slot_minutes=slot_minutes)

    assert refusal.value.code == "slot_length_out_of_range"


@st.composite
def school_days(draw: st.DrawFn) -> list[Session]:
    marks = sorted(draw(st.lists(st.integers(6 * 60, 18 * 60), min_size=2, max_size=8, unique=True)))
    return [Session(time_of(start), time_of(end)) for start, end in list(pairwise(marks))[::2]]


@given(school_days(), st.integers(1, 9), st.integers(1, 90), st.integers(0, 99), st.integers(10, 60))
def test_timeslots_keep_the_sum_stay_in_their_session_and_never_overlap(
    sessions: list[Session], kits: int, minutes: int, percent: int, slot_minutes: int
) -> None:
    slack = Decimal(percent) / 100

    slots = generate(sessions, kits=kits, minutes=minutes, slack=slack, slot_minutes=slot_minutes)

    assert sum(slot.places for slot in slots) == day_places(sessions, kits=kits, minutes=minutes, slack=slack)
    assert all(slot.places > 0 for slot in slots)
    assert all(before.end <= after.start for before, after in pairwise(slots))
    assert all(any(inside.start <= slot.start and slot.end <= inside.end for inside in sessions) for slot in slots)

"""A pace that a break does not slow down, and a finish that lies in none."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from drives.onsite.pace import HOUR, an_hour_before, breaks_of, finish_of, pace_of, worked

DAY = datetime(2026, 11, 24, tzinfo=UTC)


def at(clock: float) -> datetime:
    """`9.5` is half past nine."""
    return DAY + timedelta(hours=clock)


BREAKS = breaks_of([(at(10.5), at(13.5)), (at(7), at(10))])
MOMENTS = st.integers(5 * 60, 18 * 60).map(lambda minutes: DAY + timedelta(minutes=minutes))
SESSIONS = st.lists(MOMENTS, min_size=0, max_size=8, unique=True).map(
    lambda moments: list(zip(sorted(moments)[::2], sorted(moments)[1::2], strict=False))
)


def test_a_break_lies_between_two_sessions() -> None:
    assert (BREAKS, breaks_of([]), breaks_of([(at(7), at(10))])) == ([(at(10), at(10.5))], [], [])


def test_after_a_break_the_pace_is_what_it_was_before_it() -> None:
    assert pace_of(24, first=at(7), now=at(10), breaks=BREAKS) == 24
    assert pace_of(24, first=at(7), now=at(10.25), breaks=BREAKS) == 24
    assert pace_of(24, first=at(7), now=at(10.5), breaks=BREAKS) == 24
    assert an_hour_before(at(11), breaks=BREAKS) == at(9.5)


def test_the_first_minutes_promise_no_more_than_ten_minutes_would() -> None:
    assert pace_of(3, first=at(7), now=at(7.05), breaks=[]) == 18


def test_the_finish_waits_for_the_end_of_the_break() -> None:
    assert finish_of(12, 24, now=at(9.25), breaks=BREAKS) == at(9.75)
    assert finish_of(24, 24, now=at(9.5), breaks=BREAKS) == at(11)
    assert finish_of(24, 24, now=at(10.25), breaks=BREAKS) == at(11.5)
    assert finish_of(24, 24, now=at(12), breaks=BREAKS) == at(13)
    assert (finish_of(0, 24, now=at(9), breaks=[]), finish_of(9, None, now=at(9), breaks=[])) == (None, None)


@given(SESSIONS, MOMENTS)
def test_between_now_and_an_hour_before_lies_an_hour_of_work(sessions: list[tuple[datetime, datetime]], now: datetime) -> None:
    breaks = breaks_of(sessions)

    assert worked(an_hour_before(now, breaks=breaks), now, breaks=breaks) == HOUR


@given(SESSIONS, MOMENTS, st.integers(1, 200), st.integers(1, 60))
def test_until_the_finish_there_is_just_time_for_all_who_are_left(
    sessions: list[tuple[datetime, datetime]], now: datetime, left: int, pace: int
) -> None:
    breaks = breaks_of(sessions)
    finish = finish_of(left, pace, now=now, breaks=breaks)

    assert finish is not None
    spare = worked(now, finish, breaks=breaks) - HOUR * left / pace
    in_a_break = any(starts_at < finish - timedelta(minutes=5) and finish < ends_at for starts_at, ends_at in breaks)
    assert timedelta(microseconds=-2) <= spare < timedelta(minutes=5)
    assert not in_a_break

"""A school's calendar: what of the wished sessions can be held, and which week and holidays count."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drives.planning.calendar import Closure, DayState, ShortDays, estimated_ramadan
from drives.planning.capacity import Session, minute_of, time_of
from drives.planning.days import Days
from drives.planning.slots import generate

MONDAY, FRIDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 27), date(2026, 11, 28)
TODAY = date(2026, 11, 21)
WISH = [Session(time(8), time(11)), Session(time(12, 30), time(15, 30))]
LESSONS = (Session(time(6, 30), time(9, 15)), Session(time(9, 30), time(12)), Session(time(12, 45), time(15)))
FREE = ShortDays(prayer_start=None, prayer_end=None, last_slot=None, ramadan_end=None)


def test_a_school_that_has_told_no_hours_leaves_the_wish_as_it_is() -> None:
    assert Days().sessions_on(MONDAY, WISH, slot_minutes=30) == WISH


def test_sessions_keep_to_lessons_and_leave_the_breaks() -> None:
    days = Days(lessons={0: LESSONS})

    assert days.sessions_on(MONDAY, WISH, slot_minutes=30) == [
        Session(time(8), time(9, 15)),
        Session(time(9, 30), time(11)),
        Session(time(12, 45), time(15)),
    ]


def test_what_a_break_leaves_under_ten_minutes_is_nothing() -> None:
    days = Days(lessons={0: (Session(time(6, 30), time(8, 9)), Session(time(8, 30), time(12)))})

    assert days.sessions_on(MONDAY, WISH[:1], slot_minutes=30) == [Session(time(8, 30), time(11))]


def test_hours_closed_to_everybody_are_like_a_break_and_those_of_a_class_are_not() -> None:
    ceremony = Closure(MONDAY, MONDAY, "Upacara", start=time(8), end=time(8, 30))
    practice = Closure(MONDAY, MONDAY, "Praktik", class_ids=frozenset({"XI 1"}), start=time(9), end=time(10))

    sessions = Days(closures=(ceremony, practice)).sessions_on(MONDAY, WISH[:1], slot_minutes=30)

    assert sessions == [Session(time(8, 30), time(11))]


def test_a_friday_follows_the_schools_lessons_and_the_offices_prayer() -> None:
    days = Days(lessons={4: (Session(time(6, 30), time(9)), Session(time(9, 20), time(13, 30)))})

    assert days.sessions_on(FRIDAY, WISH, slot_minutes=30) == [Session(time(8), time(9)), Session(time(9, 20), time(11))]


def test_a_special_working_day_has_no_lessons_to_keep_to() -> None:
    days = Days(lessons={0: LESSONS}, special_days=frozenset({FRIDAY}))

    assert days.sessions_on(FRIDAY, WISH, slot_minutes=30) == WISH


@pytest.mark.parametrize(
    ("office", "lessons", "code"),
    [
        (range(5), (), "weekend"),
        (range(6), (), "free"),
        (range(6), range(5), "weekend"),
        (range(6), range(6), "free"),
        (range(5), range(6), "weekend"),
    ],
)
def test_a_saturday_is_a_working_day_where_office_and_school_work(office: range, lessons: range, code: str) -> None:
    days = Days(working_days=frozenset(office), lessons=dict.fromkeys(lessons, LESSONS))

    assert days.verdict(SATURDAY, grades=(), today=TODAY).code == code


def test_a_decreed_holiday_refuses_its_day_by_name_and_a_struck_one_no_more() -> None:
    estimated, decreed = date(2027, 3, 10), date(2027, 3, 8)
    days = Days(added={date(2027, 3, 16): "Hari Raya Idul Fitri"}, struck=frozenset({estimated}))

    verdicts = [days.verdict(day, grades=(), today=TODAY) for day in (estimated, date(2027, 3, 16), decreed)]

    assert [(each.state, str(each.name)) for each in verdicts[1:]] == [
        (DayState.REFUSED, "Hari Raya Idul Fitri"),
        (DayState.REFUSED, "Hari Suci Nyepi"),
    ]
    assert verdicts[0].state is DayState.OK


def test_a_decreed_ramadan_replaces_the_estimate_of_its_year_alone() -> None:
    decreed = (date(2027, 2, 10), date(2027, 3, 11))
    days = Days(fasting_months=(decreed,))

    asked = [date(2027, 2, 9), date(2027, 2, 10), date(2027, 3, 11), date(2027, 3, 12), date(2028, 2, 10)]

    assert [days.is_ramadan(day) for day in asked] == [False, True, True, False, True]
    assert Days().is_ramadan(date(2027, 2, 9)) is True


def test_in_the_decreed_ramadan_lessons_end_when_the_office_says() -> None:
    days = Days(
        fasting_months=((date(2026, 11, 1), date(2026, 11, 30)),),
        short_days=ShortDays(ramadan_end=time(13)),
    )

    assert days.sessions_on(MONDAY, WISH, slot_minutes=30) == [WISH[0], Session(time(12, 30), time(13))]


# What holds for every school


@st.composite
def stretches(draw: st.DrawFn, most: int = 4) -> tuple[Session, ...]:
    """Sessions that do not overlap, on a grid of five minutes."""
    marks = sorted(draw(st.sets(st.integers(6 * 12, 17 * 12), min_size=2, max_size=2 * most)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return tuple(Session(time_of(start * 5), time_of(end * 5)) for start, end in pairs)


def _is_within(start: time, end: time, sessions: tuple[Session, ...]) -> bool:
    return any(each.start <= start and end <= each.end for each in sessions)


@given(lessons=stretches(), wish=stretches(3), shut=stretches(1), day=st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_no_timeslot_leaves_the_lessons_the_wish_or_the_open_hours(
    lessons: tuple[Session, ...], wish: tuple[Session, ...], shut: tuple[Session, ...], day: date
) -> None:
    closures = tuple(Closure(day, day, "Upacara", start=each.start, end=each.end) for each in shut)
    days = Days(lessons={day.weekday(): lessons}, closures=closures)

    sessions = days.sessions_on(day, wish, slot_minutes=30)
    timeslots = generate(sessions, kits=3, minutes=7, slack=Decimal("0.1"), slot_minutes=30) if sessions else []

    assert [slot for slot in timeslots if not _is_within(slot.start, slot.end, lessons)] == []
    assert [slot for slot in timeslots if not _is_within(slot.start, slot.end, wish)] == []
    assert [slot for slot in timeslots for each in shut if slot.start < each.end and each.start < slot.end] == []


@given(lessons=stretches(), day=st.dates(date(2026, 1, 1), date(2028, 12, 31)).filter(lambda day: day.weekday() != 4))
def test_a_wish_for_the_whole_day_gets_every_lesson_of_ten_minutes(lessons: tuple[Session, ...], day: date) -> None:
    days = Days(lessons={day.weekday(): lessons}, short_days=FREE)

    sessions = days.sessions_on(day, [Session(time(0), time(23, 59))], slot_minutes=30)

    assert sessions == [each for each in lessons if minute_of(each.end) - minute_of(each.start) >= 10]


@given(st.dates(date(2026, 1, 1), date(2029, 12, 31)))
def test_without_a_decree_and_with_the_estimate_as_decree_ramadan_is_the_same(day: date) -> None:
    decreed = tuple(month for year in range(2025, 2031) for month in estimated_ramadan(year))

    assert Days(fasting_months=decreed).is_ramadan(day) == Days().is_ramadan(day)
    assert all(last - first == timedelta(days=29) for first, last in decreed)

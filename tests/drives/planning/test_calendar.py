from datetime import date, time

import pytest

from drives.planning.calendar import (
    MONDAY_TO_SATURDAY,
    Closure,
    DayState,
    HolidayKind,
    ShortDays,
    candidate_days,
    day_notes,
    day_verdict,
    fit_sessions,
    is_ramadan,
    national_holidays,
)
from drives.planning.capacity import Session

TODAY = date(2026, 11, 21)
TUESDAY = date(2026, 11, 24)
FRIDAY = date(2026, 11, 27)
GRADES = ("X", "XI", "XII")
SESSIONS = [Session(time(8), time(11)), Session(time(12, 30), time(15, 30))]


def test_national_holidays_and_joint_leave_bear_their_indonesian_names() -> None:
    found = national_holidays(date(2026, 8, 1), date(2026, 12, 31))

    assert [(day, holiday.name, holiday.kind) for day, holiday in found.items()] == [
        (date(2026, 8, 17), "Hari Kemerdekaan Republik Indonesia", HolidayKind.NATIONAL),
        (date(2026, 8, 25), "Maulid Nabi Muhammad", HolidayKind.NATIONAL),
        (date(2026, 12, 24), "Cuti Bersama Hari Raya Natal", HolidayKind.JOINT_LEAVE),
        (date(2026, 12, 25), "Hari Raya Natal", HolidayKind.NATIONAL),
    ]


def test_an_office_strikes_an_estimate_and_adds_what_was_decreed() -> None:
    found = national_holidays(
        date(2026, 8, 20), date(2026, 8, 31), added={date(2026, 8, 26): "Maulid Nabi Muhammad"}, struck={date(2026, 8, 25)}
    )

    assert {day: holiday.kind for day, holiday in found.items()} == {date(2026, 8, 26): HolidayKind.ADDED}


@pytest.mark.parametrize(
    ("day", "state", "code"),
    [
        (date(2026, 11, 20), DayState.REFUSED, "past"),
        (TODAY, DayState.WARNING, "weekend"),
        (date(2026, 11, 22), DayState.WARNING, "weekend"),
        (TUESDAY, DayState.OK, "free"),
        (date(2026, 12, 24), DayState.REFUSED, "holiday"),
        (date(2026, 12, 25), DayState.REFUSED, "holiday"),
    ],
)
def test_a_day_is_judged_by_date_weekday_and_holiday(day: date, state: DayState, code: str) -> None:
    verdict = day_verdict(day, closures=[], grades=GRADES, today=TODAY)

    assert (verdict.state, verdict.code) == (state, code)


def test_a_refused_holiday_is_named() -> None:
    verdict = day_verdict(date(2026, 12, 24), closures=[], grades=GRADES, today=TODAY)

    assert verdict.name == "Cuti Bersama Hari Raya Natal"


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 12, 25)])
def test_a_special_working_day_can_be_used_whatever_the_calendar_says(day: date) -> None:
    verdict = day_verdict(day, closures=[], grades=GRADES, today=TODAY, special_days={day})

    assert verdict.state is DayState.OK


def test_a_past_day_stays_refused_though_it_was_a_special_working_day() -> None:
    day = date(2026, 11, 15)

    assert day_verdict(day, closures=[], grades=GRADES, today=TODAY, special_days={day}).code == "past"


def test_saturday_is_a_working_day_where_the_week_has_six() -> None:
    verdict = day_verdict(TODAY, closures=[], grades=GRADES, today=TODAY, working_days=MONDAY_TO_SATURDAY)

    assert verdict.state is DayState.OK


def test_an_exam_of_every_grade_refuses_the_day_and_of_one_grade_warns() -> None:
    exam = Closure(TUESDAY, TUESDAY, "Ujian")
    tka = Closure(TUESDAY, TUESDAY, "TKA", grades=frozenset({"XII"}))

    everybody = day_verdict(TUESDAY, closures=[exam], grades=GRADES, today=TODAY)
    only_twelve = day_verdict(TUESDAY, closures=[tka], grades=("XII",), today=TODAY)
    some = day_verdict(TUESDAY, closures=[tka], grades=GRADES, today=TODAY)
    others = day_verdict(TUESDAY, closures=[tka], grades=("X", "XI"), today=TODAY)

    assert (everybody.state, everybody.name) == (DayState.REFUSED, "Ujian")
    assert (only_twelve.state, only_twelve.name) == (DayState.REFUSED, "TKA")
    assert (some.state, some.name, some.closed_grades) == (DayState.WARNING, "TKA", frozenset({"XII"}))
    assert others.state is DayState.OK


def test_closures_that_together_leave_no_grade_refuse_the_day() -> None:
    closures = [Closure(TUESDAY, TUESDAY, "PKL", grades=frozenset({grade})) for grade in GRADES]

    assert day_verdict(TUESDAY, closures=closures, grades=GRADES, today=TODAY).code == "closed"


def test_a_closed_hour_warns_and_leaves_the_day_usable() -> None:
    ceremony = Closure(TUESDAY, TUESDAY, "Upacara", start=time(7), end=time(7, 30))

    verdict = day_verdict(TUESDAY, closures=[ceremony], grades=GRADES, today=TODAY)

    assert (verdict.state, verdict.name) == (DayState.WARNING, "Upacara")


def test_a_closure_concerns_its_grades_classes_days_and_hours_only() -> None:
    closure = Closure(
        TUESDAY, TUESDAY, "PKL", grades=frozenset({"XII"}), class_ids=frozenset({"XI TKJ"}), start=time(8), end=time(10)
    )

    assert [closure.concerns(*who) for who in [("XII", "XII A"), ("XI", "XI TKJ"), ("XI", "XI A")]] == [True, True, False]
    assert closure.overlaps(TUESDAY, time(9, 30), time(10, 30))
    assert not closure.overlaps(TUESDAY, time(10), time(10, 30))
    assert not closure.overlaps(FRIDAY, time(9), time(9, 30))


def test_the_days_to_choose_from_show_closed_ones_with_their_reason() -> None:
    exam = Closure(date(2026, 11, 30), date(2026, 12, 4), "Ujian")

    days = candidate_days(TODAY, 6, closures=[exam], grades=GRADES, today=TODAY)

    assert [(day.day, day.state) for day in days] == [
        (date(2026, 11, 23), DayState.OK),
        (date(2026, 11, 24), DayState.OK),
        (date(2026, 11, 25), DayState.OK),
        (date(2026, 11, 26), DayState.OK),
        (date(2026, 11, 27), DayState.OK),
        (date(2026, 11, 30), DayState.REFUSED),
    ]


def test_the_days_to_choose_from_never_begin_before_today_and_the_search_ends() -> None:
    assert candidate_days(date(2020, 1, 1), 1, today=TODAY)[0].day == date(2026, 11, 23)
    assert candidate_days(TODAY, 5, today=TODAY, working_days=()) == []


@pytest.mark.parametrize(
    ("day", "fasting"),
    [(date(2026, 2, 18), False), (date(2026, 2, 19), True), (date(2026, 3, 20), True), (date(2026, 3, 21), False)],
)
def test_ramadan_is_the_month_before_idul_fitri(day: date, fasting: bool) -> None:
    assert is_ramadan(day) is fasting


def test_notes_tell_of_fridays_and_ramadan() -> None:
    assert [len(day_notes(day)) for day in (TUESDAY, FRIDAY, date(2026, 3, 2), date(2026, 3, 6))] == [0, 1, 1, 2]


def test_friday_ends_with_the_timeslot_of_eleven() -> None:
    assert fit_sessions(SESSIONS, FRIDAY, slot_minutes=30) == [Session(time(8), time(11))]
    assert fit_sessions([Session(time(7), time(14))], FRIDAY, slot_minutes=30) == [Session(time(7), time(11, 30))]
    assert fit_sessions([Session(time(7), time(14))], FRIDAY, slot_minutes=60) == [Session(time(7), time(11, 30))]


def test_a_school_that_goes_on_after_friday_prayer_keeps_its_break() -> None:
    hours = ShortDays(last_slot=None)

    assert fit_sessions([Session(time(8), time(15))], FRIDAY, slot_minutes=30, short_days=hours) == [
        Session(time(8), time(11, 30)),
        Session(time(13), time(15)),
    ]


def test_ramadan_ends_the_day_at_two() -> None:
    monday = date(2026, 3, 2)

    assert fit_sessions(SESSIONS, monday, slot_minutes=30)[-1] == Session(time(12, 30), time(14))
    assert fit_sessions(SESSIONS, monday, slot_minutes=30, in_ramadan=False) == SESSIONS


def test_breaks_of_the_school_part_the_sessions() -> None:
    assert fit_sessions(SESSIONS, TUESDAY, slot_minutes=30, breaks=[Session(time(9, 30), time(10))]) == [
        Session(time(8), time(9, 30)),
        Session(time(10), time(11)),
        Session(time(12, 30), time(15, 30)),
    ]

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from drives.planning.eligibility import (
    LeapRule,
    MinimumAge,
    age_on,
    eligible_from,
    eligible_on,
    printable_from,
    turns,
)

LEAP_DAY = date(2012, 2, 29)


@pytest.mark.parametrize(
    ("years", "rule", "day"),
    [
        (16, LeapRule.NEXT_DAY, date(2028, 2, 29)),
        (16, LeapRule.LAST_DAY, date(2028, 2, 29)),
        (17, LeapRule.NEXT_DAY, date(2029, 3, 1)),
        (17, LeapRule.LAST_DAY, date(2029, 2, 28)),
    ],
)
def test_who_is_born_on_29_february_turns_17_as_the_setting_says(years: int, rule: LeapRule, day: date) -> None:
    assert turns(LEAP_DAY, years, rule) == day


@pytest.mark.parametrize(("day", "age"), [(date(2029, 2, 28), 16), (date(2029, 3, 1), 17), (date(2012, 2, 28), -1)])
def test_age_is_counted_in_whole_years(day: date, age: int) -> None:
    assert age_on(LEAP_DAY, day) == age


@pytest.mark.parametrize(
    ("day", "minimum_age", "eligible"),
    [
        (date(2026, 11, 23), MinimumAge(16), False),
        (date(2026, 11, 24), MinimumAge(16), True),
        (date(2027, 5, 23), MinimumAge(16, 6), False),
        (date(2027, 5, 24), MinimumAge(16, 6), True),
        (date(2025, 11, 24), MinimumAge(15), True),
    ],
)
def test_eligibility_is_judged_on_the_day_asked(day: date, minimum_age: MinimumAge, eligible: bool) -> None:
    assert eligible_on(date(2010, 11, 24), day, minimum_age) is eligible


@pytest.mark.parametrize(("rule", "day"), [(LeapRule.NEXT_DAY, date(2027, 3, 1)), (LeapRule.LAST_DAY, date(2027, 2, 28))])
def test_half_a_year_after_31_august_follows_the_same_rule(rule: LeapRule, day: date) -> None:
    assert eligible_from(date(2010, 8, 31), MinimumAge(16, 6), rule) == day


@pytest.mark.parametrize(
    ("birth_date", "offset", "day"),
    [
        (date(2009, 12, 31), 0, date(2026, 12, 31)),
        (date(2009, 12, 31), 1, date(2027, 1, 1)),
        (LEAP_DAY, 0, date(2029, 3, 1)),
        (LEAP_DAY, 1, date(2029, 3, 2)),
    ],
)
def test_a_card_is_printable_on_the_birthday_or_the_day_after(birth_date: date, offset: int, day: date) -> None:
    assert printable_from(birth_date, offset) == day


def test_another_print_offset_is_refused() -> None:
    with pytest.raises(ValidationError) as refusal:
        printable_from(LEAP_DAY, 2)

    assert refusal.value.code == "print_offset_out_of_range"


@pytest.mark.parametrize(("years", "months"), [(-1, 0), (16, 12), (16, -1)])
def test_a_minimum_age_that_is_no_age_is_refused(years: int, months: int) -> None:
    with pytest.raises(ValidationError) as refusal:
        MinimumAge(years, months)

    assert refusal.value.code == "minimum_age_invalid"


@given(st.dates(date(1990, 1, 1), date(2020, 12, 31)), st.integers(0, 30), st.sampled_from(LeapRule))
def test_a_person_is_that_old_on_the_birthday_and_not_the_day_before(birth_date: date, years: int, rule: LeapRule) -> None:
    birthday = turns(birth_date, years, rule)

    assert age_on(birth_date, birthday, rule) == years
    assert age_on(birth_date, birthday - timedelta(days=1), rule) == years - 1

"""Ages on a date: who may be recorded, who has turned 17, and when the card may be printed.

Born on a day that the target month lacks (29 February; 31 August plus six months), a person comes of age
on the first day of the next month, or on the last day of the month: the office's setting (`LeapRule`).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CARD_AGE = 17  # UU 24/2013, article 63


class LeapRule(StrEnum):
    """What stands in for a birthday that the year does not have; the values are those of the office's setting."""

    NEXT_DAY = "03-01"
    LAST_DAY = "02-28"


@dataclass(frozen=True, slots=True, order=True)
class MinimumAge:
    """The drive's floor: 16 years, or 16 years and 6 months."""

    years: int
    months: int = 0

    def __post_init__(self) -> None:
        if self.years < 0 or not 0 <= self.months <= 11:
            raise ValidationError(_("The minimum age needs whole years, and 0 to 11 months."), code="minimum_age_invalid")


DEFAULT_MINIMUM_AGE = MinimumAge(16)


@lru_cache(maxsize=4096)
def turns(birth_date: date, years: int, leap_rule: LeapRule = LeapRule.NEXT_DAY, *, months: int = 0) -> date:
    """The day on which a person born on `birth_date` becomes `years` (and `months`) old."""
    total = birth_date.month - 1 + months
    year, month = birth_date.year + years + total // 12, total % 12 + 1
    last = monthrange(year, month)[1]
    if birth_date.day <= last:
        return date(year, month, birth_date.day)
    if leap_rule is LeapRule.LAST_DAY:
        return date(year, month, last)
    return date(year, month, last) + timedelta(days=1)


def age_on(birth_date: date, day: date, leap_rule: LeapRule = LeapRule.NEXT_DAY) -> int:
    """Whole years of age on `day`; negative before birth."""
    years = day.year - birth_date.year
    return years if turns(birth_date, years, leap_rule) <= day else years - 1


def eligible_from(birth_date: date, minimum_age: MinimumAge, leap_rule: LeapRule = LeapRule.NEXT_DAY) -> date:
    """The first day on which the person may be recorded."""
    return turns(birth_date, minimum_age.years, leap_rule, months=minimum_age.months)


def eligible_on(birth_date: date, day: date, minimum_age: MinimumAge, leap_rule: LeapRule = LeapRule.NEXT_DAY) -> bool:
    """Whether the person is old enough on `day`, which is the date of the slot and not of the planning."""
    return eligible_from(birth_date, minimum_age, leap_rule) <= day


def printable_from(birth_date: date, offset_days: int, leap_rule: LeapRule = LeapRule.NEXT_DAY) -> date:
    """The first day on which the card may be printed: the 17th birthday, or the day after.

    Offices differ, so `offset_days` is a setting. Raises ValidationError: `print_offset_out_of_range`.
    """
    if offset_days not in (0, 1):
        raise ValidationError(
            _("A card is printed on the 17th birthday (0) or on the day after it (1)."), code="print_offset_out_of_range"
        )
    return turns(birth_date, CARD_AGE, leap_rule) + timedelta(days=offset_days)

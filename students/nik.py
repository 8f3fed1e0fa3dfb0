"""The NIK: sixteen digits, and what they say.

Province, city and district of first registration (Kemendagri codes), birth date as DDMMYY with 40 added to the day of
women, a serial number. There is no check digit. The number never changes when a person moves, so its region says
nothing about the present home.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from django.core.exceptions import ValidationError

from students.problems import ERRORS, Problem

Sex = Literal["L", "P"]

WOMEN_ADD = 40
SYNTHETIC_SERIALS = range(9000, 10000)

_SIXTEEN = re.compile(r"[0-9]{16}")
# Spaces of every kind, zero-width and direction marks, apostrophes and the quotes of a `="…"` export.
_HIDDEN = re.compile(
    "[\\s\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff'`´‘’‛ʹʼ′\"“”=]"
)
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
# 3.17401E+15, 3,17401E+15; and 3174010101099001.0, a number that some program wrote as text.
_NUMBER_AS_TEXT = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+|[0-9]{12,}[.,]0*")


@dataclass(frozen=True)
class Regions:
    """Kemendagri codes, of today and of the past: "31", "31.74", "31.74.03"."""

    provinces: frozenset[str]
    cities: frozenset[str]
    districts: frozenset[str]

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """The known first six digits of a NIK."""
        return frozenset(
            code.replace(".", "") for code in self.districts if code[:2] in self.provinces and code[:5] in self.cities
        )


class Nik(NamedTuple):
    """What the digits say. `birth_date` has its century resolved; everything else is as written. (A tuple: thousands are made
    at a time, and a frozen dataclass takes ten times as long.)"""

    digits: str
    province: str
    city: str
    district: str
    day: int
    month: int
    two_digit_year: int
    birth_date: date
    sex: Sex
    serial: int

    def __repr__(self) -> str:
        return f"Nik({self.digits[:4]}…)"


def clean(text: str) -> str:
    """Without hidden characters, spaces and apostrophes; full-width digits become ASCII digits."""
    return _HIDDEN.sub("", text).translate(_FULL_WIDTH)


def read(text: str, *, declared: date | None, cohort: date) -> Nik:
    """What a cell says; the century is the one nearest to the declared birth date, else to `cohort` (a typical birth date).

    Raises ValidationError: `nik_missing`, `nik_numeric_cell`, `nik_not_digits`, `nik_length`, `nik_birth_date_invalid`,
    `nik_serial_zero`. Whether the region exists and the row agrees is asked of `check`.
    """
    digits = text if _SIXTEEN.fullmatch(text) else _sixteen_digits(clean(text))
    day, month, two_digit_year, serial = (
        int(digits[6:8]),
        int(digits[8:10]),
        int(digits[10:12]),
        int(digits[12:]),
    )
    sex: Sex = "P" if day > WOMEN_ADD else "L"
    day -= WOMEN_ADD if sex == "P" else 0
    birth_date = _nearest_date(day, month, two_digit_year, to=declared or cohort)
    if birth_date is None:
        raise refusal("nik_birth_date_invalid")
    if serial == 0:
        raise refusal("nik_serial_zero")
    province, city, district = (
        digits[:2],
        f"{digits[:2]}.{digits[2:4]}",
        f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}",
    )
    return Nik(
        digits,
        province,
        city,
        district,
        day,
        month,
        two_digit_year,
        birth_date,
        sex,
        serial,
    )


def check(
    nik: Nik,
    *,
    regions: Regions,
    declared_birth_date: date | None,
    declared_sex: str,
    family_card: str = "",
) -> list[Problem]:
    """Where the number contradicts the world or its own row; an error means that it must not be stored.

    Errors `nik_province_unknown`, `nik_is_family_card`; warnings `nik_region_unknown`, `nik_birth_date_mismatch`,
    `nik_sex_mismatch`. Dukcapil does not reissue a NIK to match a birth date, so a mismatch is never an error.
    """
    if nik.province not in regions.provinces:
        return [Problem("nik_province_unknown")]
    if looks_like_family_card(
        nik,
        family_card=family_card,
        declared_birth_date=declared_birth_date,
        declared_sex=declared_sex,
    ):
        return [Problem("nik_is_family_card")]
    problems = []
    if nik.city not in regions.cities or nik.district not in regions.districts:
        problems.append(Problem("nik_region_unknown"))
    if declared_birth_date is not None and nik.birth_date != declared_birth_date:
        problems.append(Problem("nik_birth_date_mismatch"))
    if declared_sex and nik.sex != declared_sex:
        problems.append(Problem("nik_sex_mismatch"))
    return problems


def looks_like_family_card(nik: Nik, *, family_card: str, declared_birth_date: date | None, declared_sex: str) -> bool:
    """The same number as the No. KK, or the two columns are swapped: the No. KK says this birth date and the NIK does not.

    A family card number has a region, the date it was issued (without 40 added) and a serial, so it reads like a NIK.
    """
    family_card = clean(family_card)
    if family_card == nik.digits:
        return True
    if declared_birth_date is None or not declared_sex or nik.birth_date == declared_birth_date:
        return False
    return len(family_card) == 16 and family_card[6:12] == birth_digits(declared_birth_date, declared_sex)


def birth_digits(birth_date: date, sex: str) -> str:
    """Digits 7 to 12: DDMMYY, 40 added to the day of women."""
    day = birth_date.day + (WOMEN_ADD if sex == "P" else 0)
    return f"{day:02d}{birth_date.month:02d}{birth_date.year % 100:02d}"


def synthetic(*, district: str, birth_date: date, sex: Sex, serial: int) -> str:
    """A well-formed NIK that was never issued, for tests and the demonstration; `district` is like "31.74.03"."""
    if serial not in SYNTHETIC_SERIALS:
        raise ValueError("A synthetic NIK has a serial from 9000 to 9999; lower ones may be a real person's.")
    digits = district.replace(".", "")
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise ValueError("A district has a code of six digits, such as 31.74.03.")
    return f"{digits}{birth_digits(birth_date, sex)}{serial:04d}"


def refusal(code: str, **params: int) -> ValidationError:
    return ValidationError(ERRORS[code], code=code, params=params)


def _sixteen_digits(text: str) -> str:
    if _SIXTEEN.fullmatch(text):
        return text
    if text.strip("-–—") == "":
        raise refusal("nik_missing")
    if _NUMBER_AS_TEXT.fullmatch(text):
        raise refusal("nik_numeric_cell")
    if not (text.isascii() and text.isdigit()):
        raise refusal("nik_not_digits")
    raise refusal("nik_length", found=len(text))


def _nearest_date(day: int, month: int, two_digit_year: int, *, to: date) -> date | None:
    """The date in the century that brings it nearest; 29 February 00 exists in 2000 and not in 1900."""
    century = to.year - to.year % 100
    candidates = (_date(year + two_digit_year, month, day) for year in (century - 100, century, century + 100))
    return min(
        (found for found in candidates if found),
        key=lambda found: abs((found - to).days),
        default=None,
    )


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

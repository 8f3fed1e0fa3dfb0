from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from students import nik as niks
from students.nik import Nik, Sex
from tests.students.regions import REGIONS

COHORT = date(2009, 11, 21)
BORN = date(2009, 8, 22)
GIRL = "3174036208099001"
BOY = "3174032208099001"

birth_dates = st.dates(min_value=date(1950, 1, 1), max_value=date(2020, 12, 31))
sexes: st.SearchStrategy[Sex] = st.sampled_from(["L", "P"])
serials = st.integers(min_value=9000, max_value=9999)
districts = st.sampled_from(sorted(REGIONS.districts))


def read(text: str, *, declared: date | None = BORN) -> Nik:
    return niks.read(text, declared=declared, cohort=COHORT)


def refusal_of(text: str, *, declared: date | None = BORN) -> str:
    with pytest.raises(ValidationError) as refused:
        read(text, declared=declared)
    return str(refused.value.code)


def codes(nik: Nik, *, born: date | None = BORN, sex: str = "P", family_card: str = "") -> list[str]:
    found = niks.check(nik, regions=REGIONS, declared_birth_date=born, declared_sex=sex, family_card=family_card)
    return [problem.code for problem in found]


def test_a_nik_says_region_birth_date_sex_and_serial() -> None:
    nik = read(GIRL)

    assert (nik.province, nik.city, nik.district) == ("31", "31.74", "31.74.03")
    assert (nik.day, nik.month, nik.two_digit_year, nik.birth_date) == (22, 8, 9, BORN)
    assert (nik.sex, nik.serial) == ("P", 9001)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "nik_missing"),
        (" ", "nik_missing"),
        ("-", "nik_missing"),
        ("--", "nik_missing"),
        ("'", "nik_missing"),
        ("317403620809900", "nik_length"),
        ("31740362080990012", "nik_length"),
        ("0", "nik_length"),
        ("31740362O8099001", "nik_not_digits"),
        ("31.74.03.620809.9001", "nik_not_digits"),
        ("belum ada", "nik_not_digits"),
        ("٣١٧٤٠٣٦٢٠٨٠٩٩٠٠١", "nik_not_digits"),
        ("31740362080९9001", "nik_not_digits"),
        ("3174036208099⁰⁰¹", "nik_not_digits"),
        ("3.17404E+15", "nik_numeric_cell"),
        ("3,17404E+15", "nik_numeric_cell"),
        ("3e15", "nik_numeric_cell"),
        ("3174036208099001.0", "nik_numeric_cell"),
        ("3174033208099001", "nik_birth_date_invalid"),
        ("3174030008099001", "nik_birth_date_invalid"),
        ("3174034008099001", "nik_birth_date_invalid"),
        ("3174037208099001", "nik_birth_date_invalid"),
        ("3174032213099001", "nik_birth_date_invalid"),
        ("3174032200099001", "nik_birth_date_invalid"),
        ("3174033002099001", "nik_birth_date_invalid"),
        ("3174032902099001", "nik_birth_date_invalid"),
        ("3174032208090000", "nik_serial_zero"),
    ],
)
def test_what_is_no_nik_is_refused_by_name(text: str, code: str) -> None:
    assert refusal_of(text) == code


@pytest.mark.parametrize(
    "text",
    [
        f"'{GIRL}",
        f"’{GIRL}",
        f"\u00a0{GIRL}\u200b",
        f"\ufeff{GIRL}\u202c",
        f'="{GIRL}"',
        "317403 620809 9001",
        GIRL.translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
    ],
)
def test_hidden_characters_and_full_width_digits_are_understood_and_never_kept(text: str) -> None:
    assert read(text).digits == GIRL


@pytest.mark.parametrize(
    ("declared", "cohort", "birth_date"),
    [
        (date(1909, 8, 22), COHORT, date(1909, 8, 22)),
        (date(2009, 1, 1), COHORT, BORN),
        (None, COHORT, BORN),
        (None, date(1912, 1, 1), date(1909, 8, 22)),
    ],
)
def test_the_century_is_that_of_the_declared_date_else_of_the_cohort(
    declared: date | None, cohort: date, birth_date: date
) -> None:
    assert niks.read(GIRL, declared=declared, cohort=cohort).birth_date == birth_date


def test_29_february_00_was_in_2000_alone() -> None:
    assert read("3174032902009001", declared=None).birth_date == date(2000, 2, 29)


def test_a_nik_that_agrees_with_its_row_has_no_problem() -> None:
    assert codes(read(GIRL)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9974036208099001", ["nik_province_unknown"]),
        ("3199036208099001", ["nik_region_unknown"]),
        ("3174996208099001", ["nik_region_unknown"]),
        ("3174036308099001", ["nik_birth_date_mismatch"]),
        (BOY, ["nik_sex_mismatch"]),
        ("3174992308099001", ["nik_region_unknown", "nik_birth_date_mismatch", "nik_sex_mismatch"]),
    ],
)
def test_a_nik_is_compared_with_the_world_and_its_row(text: str, expected: list[str]) -> None:
    assert codes(read(text)) == expected


def test_nothing_is_compared_with_what_was_not_declared() -> None:
    assert codes(read(GIRL, declared=None), born=None, sex="") == []


def test_the_family_cards_own_number_is_no_nik() -> None:
    card = "3174031501159001"

    assert codes(read(card), family_card=card) == ["nik_is_family_card"]
    assert codes(read(card), family_card=f"'{card}\u00a0") == ["nik_is_family_card"]


def test_a_nik_swapped_with_the_family_card_is_noticed() -> None:
    assert codes(read("3174031501159001"), family_card=GIRL) == ["nik_is_family_card"]


def test_another_family_card_is_no_objection() -> None:
    assert codes(read(GIRL), family_card="3174031501159001") == []


def test_no_message_and_no_repr_holds_the_number() -> None:
    nik = read("3174992308099001")
    found = niks.check(nik, regions=REGIONS, declared_birth_date=BORN, declared_sex="P")

    assert all(part not in f"{nik!r} {[problem.message for problem in found]}" for part in ("317499", "230809", "9001"))


@pytest.mark.parametrize("serial", [0, 1, 8999, 10000])
def test_a_synthetic_nik_never_has_a_serial_that_may_be_somebodys(serial: int) -> None:
    with pytest.raises(ValueError, match="9000"):
        niks.synthetic(district="31.74.03", birth_date=BORN, sex="P", serial=serial)


@given(districts, birth_dates, sexes, serials)
def test_what_was_made_is_read_back(district: str, born: date, sex: Sex, serial: int) -> None:
    text = niks.synthetic(district=district, birth_date=born, sex=sex, serial=serial)

    nik = niks.read(text, declared=born, cohort=COHORT)

    assert (nik.digits, nik.district, nik.birth_date, nik.sex, nik.serial) == (text, district, born, sex, serial)
    assert codes(nik, born=born, sex=sex, family_card="3174031501159001") == []


@given(st.text(max_size=40) | st.text(alphabet="0123456789 '\u200b０９.,E+-", max_size=24))
def test_any_text_is_a_nik_of_sixteen_ascii_digits_or_refused_with_a_code(text: str) -> None:
    digits, code = _digits_or_code(text)

    assert code.startswith("nik_") or (len(digits) == 16 and digits.isascii() and digits.isdigit())


def _digits_or_code(text: str) -> tuple[str, str]:
    try:
        return read(text).digits, ""
    except ValidationError as refused:
        return "", str(refused.code)


@given(birth_dates, sexes, st.integers(min_value=0, max_value=15), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_never_read_as_two_persons_data(born: date, sex: Sex, at: int, digit: str) -> None:
    """What is read always comes from the digits as they stand, whatever was declared."""
    text = niks.synthetic(district="31.74.03", birth_date=born, sex=sex, serial=9001)
    damaged = text[:at] + digit + text[at + 1 :]

    try:
        nik = niks.read(damaged, declared=born, cohort=COHORT)
    except ValidationError:
        return

    assert nik.digits == damaged
    assert niks.birth_digits(nik.birth_date, nik.sex) == damaged[6:12]

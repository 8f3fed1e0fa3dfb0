"""What is wrong with a line is said by code; a damaged NIK never enters silently, a good one is never refused."""

import random
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from students import nik as niks
from students.nik import Sex
from students.problems import ERRORS, WARNINGS, RosterRefused
from students.roster import cells, checks
from students.roster.checks import RosterLine
from students.roster.reader import RawSheet
from tests.students.regions import REGIONS
from tests.students.roster import workbooks
from tests.students.roster.conftest import TODAY, Read
from tests.students.roster.workbooks import student

Codes = Callable[..., list[str]]
BORN = date(2009, 8, 22)
NIK = "3174036208099001"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"Nama": ""}, ["name_missing"]),
        ({"Nama": "-"}, ["name_missing"]),
        ({"JK": ""}, ["sex_invalid"]),
        ({"JK": "X"}, ["sex_invalid"]),
        ({"Tanggal_Lahir": ""}, ["birth_date_missing"]),
        ({"Tanggal_Lahir": "31/02/2009"}, ["birth_date_invalid"]),
        ({"NIK": ""}, ["nik_missing"]),
        ({"NIK": "-"}, ["nik_missing"]),
        ({"NIK": 0}, ["nik_missing"]),
        ({"NIK": "31740362080990"}, ["nik_length"]),
        ({"NIK": 31740362080990}, ["nik_length"]),
        ({"NIK": "3174O36208099001"}, ["nik_not_digits"]),
        ({"NIK": date(2009, 8, 22)}, ["nik_not_digits"]),
        ({"NIK": True}, ["nik_not_digits"]),
        ({"NIK": 1.23456789012345}, ["nik_not_digits"]),
        ({"NIK": 317403620809900.5}, ["nik_not_digits"]),
        ({"NIK": 3174036208099000}, ["nik_numeric_cell"]),
        ({"NIK": 3174036208099010}, ["nik_numeric_cell"]),
        ({"NIK": 9171016208099001}, ["nik_numeric_cell"]),
        ({"NIK": 31740362080990011}, ["nik_numeric_cell"]),
        ({"NIK": "3,17404E+15"}, ["nik_numeric_cell"]),
        ({"NIK": 3174036208099001}, ["nik_numeric_exact"]),
        ({"NIK": "3174036208099001.0"}, ["nik_numeric_exact"]),
        ({"NIK": "3174036208099000.0"}, ["nik_numeric_cell"]),
        ({"NIK": "9974036208099001"}, ["nik_province_unknown"]),
        ({"NIK": "3174033308099001"}, ["nik_birth_date_invalid"]),
        ({"NIK": "3174036208090000"}, ["nik_serial_zero"]),
        ({"NIK": "3174031501159001"}, ["nik_is_family_card"]),
        ({"NIK": "3174031501159001", "No_KK": NIK}, ["nik_is_family_card"]),
        ({"NIK": 3174031501159001, "No_KK": 3174031501159001}, ["nik_numeric_exact", "nik_is_family_card"]),
        ({"NIK": "3174036308099001"}, ["nik_birth_date_mismatch"]),
        ({"NIK": "3174032208099001"}, ["nik_sex_mismatch"]),
        ({"NIK": "3174996208099001"}, ["nik_region_unknown"]),
        ({"NISN": 91234567}, ["nisn_zero_restored"]),
        ({"NISN": "123"}, ["nisn_invalid"]),
        ({"HP": "tidak ada"}, ["phone_invalid"]),
        ({"HP": "", "Telepon": "tidak ada"}, ["phone_invalid"]),
        ({"HP": ""}, []),
        ({"Rombel_Saat_Ini": ""}, ["class_unknown"]),
        ({"Nama": "SITI " * 30}, ["name_shortened"]),
        ({"Nama": f"  {'SITI ' * 24} "}, []),
        ({"Rombel_Saat_Ini": "MERDEKA"}, ["class_unknown"]),
        ({"Rombel_Saat_Ini": f"XI {'REKAYASA ' * 8}"}, ["class_shortened"]),
        ({"Rombel_Saat_Ini": f"XI {'REKAYASA ' * 6}1"}, []),
        ({"Rombel_Saat_Ini": "REKAYASA " * 8}, ["class_unknown", "class_shortened"]),
        ({"Kelurahan": "", "Kecamatan": "-"}, ["domicile_unknown"]),
        ({"Tempat_Lahir": "TANJUNG " * 8}, ["birth_place_shortened"]),
        ({"Tempat_Lahir": "TANJUNG " * 7}, []),
        ({"Alamat": "JALAN RAYA " * 19}, ["address_shortened"]),
        ({"Alamat": "JALAN RAYA " * 17, "RT": "", "RW": ""}, []),
    ],
)
def test_what_is_wrong_is_said_by_code(codes: Codes, changed: dict[str, Any], expected: list[str]) -> None:
    assert codes(**changed) == expected


def test_every_code_has_a_sentence_with_its_level() -> None:
    assert not set(ERRORS) & set(WARNINGS)
    assert {"nik_numeric_cell", "nik_is_family_card", "nik_of_another_student"} <= set(ERRORS)
    assert {"nik_numeric_exact", "nisn_zero_restored", "domicile_unknown"} <= set(WARNINGS)


def test_a_problem_names_row_column_code_and_level(read: Read) -> None:
    line = read(workbooks.xlsx(workbooks.dapodik([student(), student(Nama="ANI", NIK="123", NISN="")]))).lines[1]

    assert [{**problem.as_json(), "message": ""} for problem in line.problems] == [
        {"row": 8, "column": "NIK", "code": "nik_length", "level": "error", "message": ""}
    ]


def test_a_student_with_an_unusable_nik_enters_all_the_same(read: Read) -> None:
    line = read(workbooks.xlsx(workbooks.dapodik([student(NIK="123")]))).lines[0]

    assert (line.ready, line.nik, line.nik_problem) == (True, None, "nik_length")


@pytest.mark.parametrize(
    "changed",
    [{"Nama": ""}, {"JK": ""}, {"Tanggal_Lahir": ""}, {"Tanggal_Lahir": "x"}, {"NIK": "", "Rombel_Saat_Ini": ""}],
)
def test_a_line_without_name_sex_birth_date_or_any_place_to_put_it_is_held(read: Read, changed: dict[str, Any]) -> None:
    assert read(workbooks.xlsx(workbooks.dapodik([student(**changed)]))).lines[0].ready is False


def test_of_two_students_with_one_nik_none_wins(read: Read) -> None:
    rows = [student(), student(Nama="ANI", NISN="0091111111"), student(Nama="UMI", NISN="0092222222", NIK="3174036208099002")]

    lines = read(workbooks.xlsx(workbooks.dapodik(rows))).lines

    assert [(line.nik, line.ready) for line in lines] == [(None, True), (None, True), ("3174036208099002", True)]
    assert [[problem.code for problem in line.problems] for line in lines] == [
        ["nik_duplicate_in_file"],
        ["nik_duplicate_in_file"],
        [],
    ]
    assert "8" in lines[0].problems[0].message
    assert "7" in lines[1].problems[0].message


def test_a_number_shared_by_siblings_who_were_not_born_then_is_a_family_card(read: Read) -> None:
    card = "3174031501159001"
    rows = [student(NIK=card, No_KK=""), student(Nama="ANI", NISN="", NIK=card, No_KK="", Tanggal_Lahir="2008-03-01")]

    lines = read(workbooks.xlsx(workbooks.dapodik(rows))).lines

    assert [line.nik_problem for line in lines] == ["nik_is_family_card"] * 2


def test_a_family_card_of_another_row_is_no_nik(read: Read) -> None:
    card = "3174031501159001"
    rows = [student(NIK=card, No_KK=""), student(Nama="ANI", NISN="", NIK="3174036208099002", No_KK=card)]

    assert [line.nik_problem for line in read(workbooks.xlsx(workbooks.dapodik(rows))).lines] == ["nik_is_family_card", ""]


def test_a_student_listed_twice_is_held_twice(read: Read) -> None:
    lines = read(workbooks.xlsx(workbooks.dapodik([student(), student(Nama=" siti  contoh")]))).lines

    assert [line.ready for line in lines] == [False, False]
    assert all("row_repeated" in [problem.code for problem in line.problems] for line in lines)


def test_twins_are_two_students(read: Read) -> None:
    rows = [student(), student(Nama="SITA CONTOH", NIK="3174036208099002", NISN="0091234568")]

    assert [line.problems for line in read(workbooks.xlsx(workbooks.dapodik(rows))).lines] == [[], []]


def test_an_nisn_shared_by_two_names_nobody(read: Read) -> None:
    rows = [student(), student(Nama="ANI", NIK="3174036208099002")]

    lines = read(workbooks.xlsx(workbooks.dapodik(rows))).lines

    assert [(line.nisn, [problem.code for problem in line.problems]) for line in lines] == [("", ["nisn_duplicate_in_file"])] * 2


@pytest.mark.parametrize(
    "damaged",
    [
        [3174036208099000 + 10 * n for n in range(5)],
        [f"317403620809{9000 + 10 * n}" for n in range(5)],
        ["3,17404E+15"] * 5,
        [3174036208099000, "3174036208099010", "3,17E+15", 3174036208099030, 3174036208099040],
    ],
)
def test_a_file_whose_niks_all_end_in_0_is_refused(read: Read, damaged: list[Any]) -> None:
    rows = [student(Nama=f"SITI {n}", NISN="", NIK=nik) for n, nik in enumerate(damaged)]

    with pytest.raises(RosterRefused) as refused:
        read(workbooks.xlsx(workbooks.dapodik(rows)))
    assert refused.value.code == "all_niks_damaged"

    rows[4]["NIK"] = "3174036208099005"
    assert len(read(workbooks.xlsx(workbooks.dapodik(rows))).lines) == 5


def test_in_a_csv_most_of_whose_niks_end_in_0_those_are_damaged(read: Read) -> None:
    rows = [student(Nama=f"SITI {chr(65 + n)}", NISN="", NIK=f"317403620809{9100 + 10 * n}") for n in range(9)]
    rows.append(student(NIK="3174036208099001"))

    lines = read(workbooks.csv(workbooks.dapodik(rows))).lines

    assert [line.nik_problem for line in lines] == ["nik_numeric_cell"] * 9 + [""]


def test_a_text_nik_that_ends_in_0_is_as_good_as_any(codes: Codes) -> None:
    assert codes(NIK="3174036208099010") == []


def test_the_file_of_edge_cases_reads_as_it_was_made(read: Read, edge_cases: bytes) -> None:
    roster = read(edge_cases)

    assert (len(roster.lines), roster.counts["ready"], roster.counts["without_nik"]) == (24, 24, 4)
    assert {line.row: [problem.code for problem in line.problems] for line in roster.lines if line.problems} == {
        10: ["nik_numeric_cell"],
        12: ["nisn_zero_restored"],
        18: ["nik_missing"],
        20: ["nik_missing"],
        22: ["nik_sex_mismatch"],
        29: ["nik_province_unknown"],
    }
    assert {line.row: line.birth_date for line in roster.lines if line.row in (14, 16)} == {
        14: date(2009, 8, 13),
        16: date(2009, 10, 13),
    }


def test_sman_55_has_452_students_of_whom_228_have_turned_17(read: Read, sman_55: bytes) -> None:
    roster = read(sman_55)

    assert (roster.format, roster.school_name, len(roster.lines)) == ("dapodik", "SMAN 55 JAKARTA", 452)
    assert sum(line.birth_date <= date(2009, 11, 21) for line in roster.lines if line.birth_date) == 228
    assert [line for line in roster.lines if line.problems] == []


def test_no_message_json_or_repr_holds_a_nik_or_family_card(read: Read) -> None:
    rows = [
        student(NIK="3174031501159001"),
        student(Nama="ANI", NIK="9974036208099001"),
        student(Nama="UMI", NIK=3174036208099000),
    ]
    roster = read(workbooks.xlsx(workbooks.dapodik([*rows, student(NISN=""), student(Nama="IDA", NISN="")])))
    spoken = " ".join(
        [*(str(problem.as_json()) for line in roster.lines for problem in line.problems), repr(roster), str(roster.counts)]
    )

    assert not [number for number in ("317403", "997403", "150115", "620809") if number in spoken]


def raw(niks_and_births: list[tuple[str, date, Sex]]) -> RawSheet:
    columns: dict[str, list[str]] = {
        "name": [f"NAMA {n} X" for n in range(len(niks_and_births))],
        "sex": [str(sex) for _, _, sex in niks_and_births],
        "birth_date": [born.isoformat() for _, born, _ in niks_and_births],
        "nik": [nik for nik, _, _ in niks_and_births],
        "class_name": ["X 1"] * len(niks_and_births),
    }
    return RawSheet("S", 2, len(niks_and_births), {name: name for name in columns}, columns)


def check_all(found: list[tuple[str, date, Sex]]) -> list[RosterLine]:
    lines, _ = checks.check_sheets([raw(found)], today=TODAY, regions=REGIONS)
    return lines


def test_of_10_000_good_niks_none_is_refused() -> None:
    chance = random.Random(7)
    found: dict[str, tuple[str, date, Sex]] = {}
    while len(found) < 10_000:
        born = date.fromordinal(chance.randrange(date(2005, 1, 1).toordinal(), date(2012, 1, 1).toordinal()))
        sex: Sex = chance.choice(("L", "P"))
        district = chance.choice(sorted(REGIONS.districts))
        nik = niks.synthetic(district=district, birth_date=born, sex=sex, serial=chance.randrange(9000, 10000))
        found[nik] = nik, born, sex

    assert [line for line in check_all(list(found.values())) if line.problems or not line.nik] == []


DAMAGE: dict[str, Callable[[str, random.Random], Any]] = {
    "number that Excel cut": lambda nik, _: int(nik[:15] + "0"),
    "E-notation": lambda nik, _: f"{nik[0]},{nik[1:6]}E+15",
    "truncated": lambda nik, chance: nik[: chance.randrange(1, 16)],
    "padded": lambda nik, chance: nik + "0" * chance.randrange(1, 4),
    "zero in front": lambda nik, _: "0" + nik,
    "foreign digits": lambda nik, _: nik.translate({48 + n: 0x0660 + n for n in range(10)}),
    "impossible date": lambda nik, chance: nik[:6] + chance.choice(["320109", "310209", "001209", "150009", "151309"]) + nik[12:],
    "unknown province": lambda nik, chance: chance.choice(["00", "10", "99"]) + nik[2:],
    "serial 0000": lambda nik, _: nik[:12] + "0000",
    "letter for digit": lambda nik, chance: nik[: (at := chance.randrange(16))] + "O" + nik[at + 1 :],
    "family card": lambda nik, _: "3174031501159001",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_of_a_hundred_damaged_niks_none_is_stored(kind: str) -> None:
    chance = random.Random(kind)
    sheet = raw([_good(chance) for _ in range(100)])
    whole = sheet.columns["nik"]
    damaged = [cells.encode(DAMAGE[kind](nik, chance)) for nik in whole]
    columns = {**sheet.columns, "nik": [*damaged, "3174036208099001"], "family_card": ["3174031501159001"] * 101}
    columns |= {name: [*column, column[0]] for name, column in sheet.columns.items() if name != "nik"}
    lines, _ = checks.check_sheets([RawSheet("S", 2, 101, sheet.headings, columns)], today=TODAY, regions=REGIONS)

    assert [line.nik for line in lines[:100]] == [None] * 100
    assert all(any(problem.level == "error" for problem in line.problems) for line in lines[:100])


@pytest.mark.parametrize("hide", [lambda nik: f"\u200b{nik}\u00a0", lambda nik: f"'{nik}", lambda nik: f" {nik[:6]} {nik[6:]}"])
def test_of_a_hundred_niks_with_hidden_characters_all_are_stored_without_them(hide: Callable[[str], str]) -> None:
    found = [_good(random.Random(number)) for number in range(100)]

    lines = check_all([(hide(nik), born, sex) for nik, born, sex in found])

    assert [line.nik for line in lines] == [nik for nik, _, _ in found]


def test_one_nik_in_every_row_of_a_large_file_takes_no_longer_a_row_than_in_a_small_one() -> None:
    """Each of 8,000 compared with each other would take ten times as long a row as of 800."""

    def seconds(rows: int) -> float:
        begun = time.process_time()
        lines = check_all([(NIK, BORN, "P")] * rows)
        taken = time.process_time() - begun
        assert {line.nik for line in lines} == {None}
        return taken

    small, large = (min(seconds(rows) for _ in range(3)) for rows in (800, 8_000))

    assert large < 40 * small


def _good(chance: random.Random) -> tuple[str, date, Sex]:
    born = date.fromordinal(chance.randrange(date(2008, 1, 1).toordinal(), date(2012, 1, 1).toordinal()))
    sex: Sex = chance.choice(("L", "P"))
    district = chance.choice(sorted(REGIONS.districts))
    return niks.synthetic(district=district, birth_date=born, sex=sex, serial=chance.randrange(9000, 10000)), born, sex


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2015, 12, 31)),
    st.sampled_from(["L", "P"]),
    st.text(alphabet="0123456789", min_size=16, max_size=16) | st.text(max_size=20),
    st.sampled_from(["", "3174036208099001", "3174031501159001"]),
)
def test_the_glance_and_the_careful_look_agree(born: date, sex: Sex, tail: str, family_card: str) -> None:
    """The fast way past most cells lets through only what the careful one lets through without a word."""
    good = niks.synthetic(district="31.74.03", birth_date=born, sex=sex, serial=9001)
    for cell in (good, good[:12] + tail[:4], tail[:6] + good[6:], tail, cells.encode(tail)):
        checker = checks._Checker(today=TODAY, regions=REGIONS, sheets=[raw([(cell, born, sex)])])
        problems: list[Any] = []
        glance = checker.nik(2, raw([]), cell, born, sex, family_card, problems)
        try:
            digits, notes = checker._careful_nik(cell, born, sex, family_card)
        except ValidationError:
            assert glance[0] is None
        else:
            assert glance[0] in (digits, None)
            assert [note.code for note in notes] == [problem.code for problem in problems]

"""Repairs are laid over the file's cells before anything is judged, and touch no other row."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from students.roster import checks
from students.roster.overlay import FIELDS, LEFT_OUT, lay_over, typed_niks
from students.roster.reader import RawSheet
from tests.students.regions import REGIONS
from tests.students.roster.conftest import TODAY

COLUMNS = ("name", "sex", "birth_date", "nik", "nisn", "class_name", "mobile", "phone", "birth", "birth_place", "family_card")
CELL = st.text("ABZ 019-,\x01n", max_size=6)
REPAIR = st.dictionaries(st.sampled_from([*FIELDS, LEFT_OUT]), CELL, max_size=4)


@st.composite
def a_sheet(draw: Any, name: str = "Siswa") -> RawSheet:
    count = draw(st.integers(0, 5))
    chosen = draw(st.sets(st.sampled_from(COLUMNS), min_size=2))
    columns = {field: draw(st.lists(CELL, min_size=count, max_size=count)) for field in sorted(chosen)}
    return RawSheet(name, 7, count, {field: field for field in columns}, columns)


def cells_of(sheet: RawSheet, row: int) -> dict[str, str]:
    """What a row says, an absent column saying nothing."""
    return {field: sheet.columns[field][row - sheet.first_row] if sheet.columns.get(field) else "" for field in COLUMNS}


@given(sheets=st.lists(a_sheet(), max_size=2))
def test_without_repairs_nothing_changes(sheets: list[RawSheet]) -> None:
    assert lay_over(sheets, {}) == sheets
    assert lay_over(sheets, {("Guru", 7): {"name": "A"}, ("Siswa", 3): {"name": "A"}, ("Siswa", 999): {"nik": "1"}}) == sheets


@given(sheet=a_sheet(), repairs=st.dictionaries(st.tuples(st.just("Siswa"), st.integers(5, 14)), REPAIR, max_size=4))
def test_a_repair_of_one_row_changes_no_cell_of_another(sheet: RawSheet, repairs: dict[tuple[str, int], dict[str, str]]) -> None:
    laid = lay_over([sheet], repairs)[0]

    assert (laid.row_count, laid.first_row, laid.headings) == (sheet.row_count, sheet.first_row, sheet.headings)
    for row in range(7, 7 + sheet.row_count):
        written = repairs.get(("Siswa", row), {})
        if not written:
            assert cells_of(laid, row) == cells_of(sheet, row)
        elif LEFT_OUT in written:
            assert set(cells_of(laid, row).values()) == {""}
        else:
            told = {field: cell for field, cell in written.items() if field != "phone"}
            assert {field: cells_of(laid, row)[field] for field in told} == told
            assert "phone" not in written or cells_of(laid, row)["mobile"] == written["phone"]


def test_two_sheets_of_one_name_have_no_address() -> None:
    sheet = RawSheet("", 2, 1, {"name": "Nama"}, {"name": ["A"]})

    assert lay_over([sheet, sheet], {("", 2): {"name": "B"}}) == [sheet, sheet]


def raw(rows: list[tuple[str, str, str]]) -> RawSheet:
    """NIK, class, family card; the rest is the same girl born on 22 August 2009."""
    names = [f"SITI {chr(65 + number)}" for number in range(len(rows))]
    columns = {
        "name": names,
        "sex": ["P"] * len(rows),
        "birth_date": ["2009-08-22"] * len(rows),
        "nik": [row[0] for row in rows],
        "class_name": [row[1] for row in rows],
        "family_card": [row[2] for row in rows],
    }
    return RawSheet("", 2, len(rows), {field: field for field in columns}, columns)


def test_mending_most_of_a_damaged_file_does_not_make_the_rest_look_sound() -> None:
    """A CSV forgets what was a number; that most NIKs end in 0 is judged by the file as it came."""
    damaged = [(f"317403620809{9100 + 10 * number}", "XI 1", "") for number in range(10)]
    sheet = raw([*damaged, ("3174036208099991", "XI 1", "")])
    repairs = {("", 2 + number): {"nik": f"317403620809{9201 + number}"} for number in range(8)}

    lines, _problems = checks.check_sheets([sheet], today=TODAY, regions=REGIONS, repairs=repairs)

    assert [line.nik_problem for line in lines] == [""] * 8 + ["nik_numeric_cell"] * 2 + [""]


def test_a_number_that_a_person_typed_may_end_in_0_in_a_damaged_file() -> None:
    damaged = [(f"317403620809{9100 + 10 * number}", "XI 1", "") for number in range(10)]
    sheet = raw([*damaged, ("3174036208099991", "XI 1", "")])
    repairs = {("", 2): {"nik": "3174036208099990"}}

    lines, _problems = checks.check_sheets([sheet], today=TODAY, regions=REGIONS, repairs=repairs)

    assert lines[0].nik == "3174036208099990"


def test_swapped_columns_are_mended_with_the_number_that_stood_as_family_card() -> None:
    sheet = raw([("3174031501159001", "XI 1", "3174036208099001"), ("", "XI 1", "3174031501159001")])

    lines, _problems = checks.check_sheets(
        [sheet],
        today=TODAY,
        regions=REGIONS,
        repairs={("", 2): {"nik": "3174036208099001"}, ("", 3): {"nik": "3174031501159001"}},
    )

    assert [(line.nik, line.nik_problem) for line in lines] == [("3174036208099001", ""), (None, "nik_is_family_card")]


def test_a_class_written_for_one_row_leaves_the_sheets_name_as_the_class_of_the_others() -> None:
    columns = {"name": ["A B", "C D"], "sex": ["P", "P"], "birth_date": ["2009-08-22"] * 2}
    sheet = RawSheet("XI IPA 1", 2, 2, {field: field for field in columns}, columns)

    lines, _problems = checks.check_sheets(
        [sheet], today=TODAY, regions=REGIONS, repairs={("XI IPA 1", 3): {"class_name": "XI IPA 2"}}
    )

    assert [line.class_name for line in lines] == ["XI IPA 1", "XI IPA 2"]


def test_a_number_that_a_program_made_is_not_typed() -> None:
    assert typed_niks({("", 2): {"nik": "\x01n31740362080990"}, ("", 3): {"nik": "1"}, ("", 4): {"name": "A"}}) == {("", 3)}

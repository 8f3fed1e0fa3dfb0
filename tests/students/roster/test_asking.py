"""Files with headings of a school's own: what is asked about them, what is shown of them, and what the answers make of them."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from students.problems import RosterRefused
from students.roster import child, reader
from students.roster.asking import Asked, masked
from students.roster.columns import SYNONYMS, field_of, normalise
from students.roster.limits import Refusal
from students.roster.reader import ColumnsUnknown
from students.roster.reading import Roster, read_roster
from tests.students.regions import REGIONS
from tests.students.roster import workbooks
from tests.students.roster.conftest import FILES, TODAY
from tests.students.roster.workbooks import Grid

FIELDS = ("name", "birth_date", "sex", "nik", "class_name", "mobile")
DAPODIK = ["Nama", "Tanggal Lahir", "JK", "NIK", "Rombel Saat Ini", "HP"]
ROWS: list[list[Any]] = [
    ["SITI AMINAH", "22/08/2009", "P", "3174036208099001", "XI IPA 1", "081234567890"],
    ["BUDI SANTOSO", "23/08/2009", "L", "3174032308099002", "XI IPA 1", "081234567891"],
    ["CITRA DEWI", "2009-01-02", "P", "3174034201099003", "XI IPA 2", ""],
]
OWN = ["Pelajar", "Lahir", "L-P", "Identitas", "Ruang", "Kontak"]
ENGLISH = ["Student", "Born on", "M/F", "National ID", "Homeroom", "Cell"]
TITLES: Grid = [["DAFTAR PELAJAR"], ["Tahun 2026/2027", "", "", "", "", ""]]
PROSE = (
    b"Yth. Bapak, Ibu, dan Saudara\nKami mengundang, dengan hormat, semua wali siswa kelas 12\n"
    b"Pada hari Senin, pukul 8, di aula\nTempat: aula, lantai 2, gedung A\nHormat kami, panitia, 2026"
)
LEAVERS: Grid = [["No", "Nama", "Keluar Karena", "Tanggal keluar"], *([str(n), "A", "Lulus", "1/2/2026"] for n in range(3))]
# What Excel saves as .xls when it was a web page.
WRITERS = {
    "xlsx": workbooks.xlsx,
    "csv": workbooks.csv,
    "semicolons": lambda grid: workbooks.csv(grid, delimiter=";", encoding="cp1252"),
    "xls-html": workbooks.html_table,
    "xls": workbooks.xls,
    "ods": workbooks.ods,
}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same reading without the cost of a process; `test_formats` and the soak read with one."""

    def run(data: bytes, answers: Mapping[str, str]) -> bytes:
        try:
            return json.dumps(child.read(data, answers=answers)).encode()
        except Refusal as refusal:
            return json.dumps({"refused": refusal.code}).encode()

    monkeypatch.setattr(reader, "_run", run)


def read(data: bytes, answers: Mapping[str, str] | None = None) -> Roster:
    return read_roster(data, filename="daftar.xlsx", today=TODAY, regions=REGIONS, answers=answers)


def asked_about(data: bytes, answers: Mapping[str, str] | None = None) -> Asked | None:
    """Of a file that is read, or of one that is refused until somebody explains it."""
    try:
        return read(data, answers).asked
    except ColumnsUnknown as unknown:
        return unknown.asked


def asked(data: bytes, answers: Mapping[str, str] | None = None) -> Asked:
    found = asked_about(data, answers)
    assert found is not None
    return found


def who(roster: Roster) -> list[tuple[Any, ...]]:
    return [(one.row, one.name, one.birth_date, one.sex, one.nik, one.nisn, one.class_name, one.phone) for one in roster.lines]


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize(
    "titles", [[], TITLES, [["DAFTAR PELAJAR", "", "SMA", "", "SMA CONTOH"], []]], ids=["row 1", "row 3", "school"]
)
@pytest.mark.parametrize("headings", [OWN, ENGLISH], ids=["own", "english"])
def test_a_table_with_headings_of_its_own_is_asked_about_and_read_by_the_answers(
    headings: Sequence[str], titles: Grid, write: Callable[[Grid], bytes]
) -> None:
    data = write([*titles, headings, *ROWS])

    questions = asked(data)
    answers = dict(zip(map(normalise, headings), FIELDS, strict=True))

    assert questions.is_whole
    assert [question.shown for question in questions.questions] == headings
    assert [question.guess for question in questions.questions] == [*FIELDS[:5], ""]
    assert who(read(data, answers)) == who(read(write([*titles, DAPODIK, *ROWS])))
    assert asked_about(data, answers) is None


def test_only_what_is_unsure_is_asked_of_a_roster() -> None:
    headings = ["Nama", "Lahir", "L/P", "Identitas", "Kelas", "Agama"]

    questions = asked(workbooks.xlsx([headings, *([*row[:5], "Islam"] for row in ROWS)]))

    assert not questions.is_whole
    assert [(question.shown, question.guess) for question in questions.questions] == [
        ("Lahir", "birth_date"),
        ("Identitas", "nik"),
    ]
    assert questions.found == ("class_name", "name", "sex")


def test_where_nothing_looks_like_what_is_missing_every_unknown_heading_is_asked_once() -> None:
    data = workbooks.xlsx(
        [["Nama", "L/P", "Kelas", "Agama", "Hobi", "Nama Ayah"], *(["A B", "L", "X 1", "Islam", "Catur", "C"],) * 3]
    )

    questions = asked(data)

    assert [question.heading for question in questions.questions] == ["agama", "hobi"]
    assert asked_about(data, {"agama": "", "hobi": ""}) is None


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.glob("*.xlsx")))
def test_a_dapodik_file_asks_nothing(name: str) -> None:
    assert asked_about((FILES / name).read_bytes()) is None


def test_a_dapodik_file_without_a_column_asks_about_no_column_of_parents() -> None:
    grid = workbooks.dapodik(workbooks.students(3))
    born = grid[4].index("Tanggal Lahir")

    questions = asked_about(workbooks.xlsx([[cell for at, cell in enumerate(row) if at != born or len(row) < 9] for row in grid]))

    assert questions is None


def test_reading_a_dapodik_file_loads_nothing_that_asks() -> None:
    path = next(FILES.glob("*SMAN 55*.xlsx"))
    script = (
        "import sys; from students.roster import child; child.read(open(sys.argv[1], 'rb').read(), answers={'kontak': 'mobile'});"
        "print([name for name in ('rapidfuzz', 'students.roster.asking', 'students.roster.values') if name in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, timeout=300)

    assert printed.stdout == "[]\n"


def test_examples_are_few_short_and_hide_numbers() -> None:
    long_name = "SITI " + "A" * 300
    rows: list[list[Any]] = [
        [long_name, "22-08-2009 00:00:00", "P", "3174 0362 0809 9001", "XI 1", 81234567890],
        *ROWS,
        ["DEWI AYU", *ROWS[0][1:]],
    ]

    shown = {question.heading: list(question.examples) for question in asked(workbooks.xlsx([OWN, *rows])).questions}

    assert shown == {
        "pelajar": [long_name[:40], "SITI AMINAH", "BUDI SANTOSO"],
        "lahir": ["22-08-2009", "22/08/2009", "23/08/2009"],
        "l p": ["P", "L"],
        "identitas": ["3174 •••• •••• ••••", "3174••••••••••••"],
        "ruang": ["XI 1", "XI IPA 1", "XI IPA 2"],
        "kontak": ["8123•••••••", "0812••••••••"],
    }


def test_of_parents_and_accounts_no_example_is_taken() -> None:
    headings = [*OWN, "Nama Ayah", "Nomor Rekening"]

    questions = asked(workbooks.xlsx([headings, *([*row, "AYAH CONTOH", "1234567"] for row in ROWS)])).questions

    assert [(question.shown, question.examples, question.guess) for question in questions[-2:]] == [
        ("Nama Ayah", [], ""),
        ("Nomor Rekening", [], ""),
    ]


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_masked_text_holds_no_long_number(text: str) -> None:
    shown = masked(text)

    assert len(shown) == len(text)
    assert re.search(r"\d{6}", shown) is None
    assert sum(letter.isdigit() for letter in shown) < 9
    assert all(new in (old, "•") for old, new in zip(text, shown, strict=True))


def test_at_most_forty_columns_are_asked_about_and_those_of_parents_last() -> None:
    headings = [*(f"Data {'abcdefghijklmnopqrstuvwxyz'[n % 26]}{'xyz'[n // 26]} Ayah" for n in range(60)), *OWN]
    rows = [[*(f"nilai {n}" for n in range(60)), *row] for row in ROWS]

    questions = asked(workbooks.xlsx([headings, *rows])).questions

    assert len(questions) == 40
    assert [question.shown for question in questions if "Ayah" not in question.shown] == OWN


def test_sheets_with_the_same_headings_are_asked_about_once_and_their_names_can_be_the_classes() -> None:
    without_class = [heading for heading in OWN if heading != "Ruang"]
    sheets = [
        [without_class, *([*row[:4], row[5]] for row in ROWS[:2])],
        [without_class, *([*row[:4], row[5]] for row in ROWS[1:])],
    ]
    data = workbooks.xlsx(*sheets, names=["XI IPA 1", "XI IPA 2"])

    questions = asked(data)
    roster = read(data, dict(zip(map(normalise, without_class), ["name", "birth_date", "sex", "nik", "mobile"], strict=True)))

    assert [question.shown for question in questions.questions] == without_class
    assert questions.found == ("class_name",)
    assert [line.class_name for line in roster.lines] == ["XI IPA 1", "XI IPA 1", "XI IPA 2", "XI IPA 2"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PROSE, "not_a_roster"),
        (b"a,b,c\n", "not_a_roster"),
        (b"1,2,3\n4,5,6\n7,8,9\n", "not_a_roster"),
        (workbooks.xlsx([OWN, ROWS[0]]), "not_a_roster"),
        (workbooks.xlsx([OWN]), "not_a_roster"),
        (workbooks.xlsx([["Judul"], ["satu"], ["dua"]]), "not_a_roster"),
        (workbooks.xlsx([["Kata", "Arti", "Contoh"], ["a", "b", "c"], ["d", "e", "f"]]), "not_a_roster"),
        (workbooks.csv(LEAVERS), "leavers_report"),
    ],
    ids=["prose", "headings alone", "numbers", "one row", "no row", "one column", "words", "leavers"],
)  # fmt: skip
def test_what_is_no_table_of_students_is_not_asked_about(data: bytes, code: str) -> None:
    with pytest.raises(RosterRefused) as refused:
        read(data)

    assert (refused.value.code, type(refused.value)) == (code, RosterRefused)


def test_who_cannot_ask_sees_a_refusal_with_a_sentence() -> None:
    with pytest.raises(RosterRefused) as refused:
        read(workbooks.xlsx([OWN, *ROWS]))

    assert (refused.value.code, "9001" in repr(refused.value.__dict__)) == ("columns_unknown", False)
    assert refused.value.sentence


def test_a_heading_that_says_it_itself_wins_over_one_explained_in_another_file() -> None:
    headings = ["Nama", "JK", "Tanggal Lahir", "Identitas", "NIK", "Kelas"]
    rows = [[row[0], row[2], row[1], "A 1", row[3], row[4]] for row in ROWS]

    roster = read(workbooks.xlsx([headings, *rows]), {"identitas": "nik"})

    assert [line.nik for line in roster.lines] == [row[3] for row in ROWS]
    assert roster.explained == [("Identitas", "identitas", "")]


def test_what_was_answered_before_is_chosen_unless_another_heading_says_it_itself() -> None:
    headings = ["Pelajar", "Lahir", "L-P", "NIK", "Identitas", "Kontak"]
    rows = [[*row[:4], "A 1", row[5]] for row in ROWS]

    asked_now = asked(workbooks.xlsx([headings, *rows]), {"identitas": "nik", "kontak": "phone"})

    assert [question.guess for question in asked_now.questions] == ["name", "birth_date", "sex", "nik", "", "phone"]


def test_an_answer_wins_over_what_its_heading_says_and_of_two_columns_with_one_heading_the_first_is_read() -> None:
    headings = ["Pelajar", "Pelajar", "Tanggal Lahir", "JK", "NIK", "Kelas"]
    rows = [[row[0], "ORANG LAIN", *row[1:5]] for row in ROWS]

    roster = read(workbooks.xlsx([headings, *rows]), {"pelajar": "name", "kelas": ""})

    assert [line.name for line in roster.lines] == [row[0] for row in ROWS]
    assert {line.class_name for line in roster.lines} == {"SHEET"}  # the name of the sheet, for want of a column
    assert roster.explained == [("Pelajar", "pelajar", "name"), ("Kelas", "kelas", "")]


def test_a_misspelt_name_that_a_person_has_struck_is_not_taken_for_the_name_again() -> None:
    data = workbooks.xlsx(
        [["Nma Lengkap", "Siswa", "JK", "Tanggal Lahir", "NIK"], *(["LAIN", row[0], row[2], row[1], row[3]] for row in ROWS)]
    )

    assert [line.name for line in read(data).lines] == ["LAIN"] * 3
    assert [line.name for line in read(data, {"nma lengkap": "", "siswa": "name"}).lines] == [row[0] for row in ROWS]


WORDS = st.text("bcdfgjkqvwxz", min_size=5, max_size=12).filter(lambda word: field_of(word) is None)
NAMES = st.text("ABCDEI ", min_size=3, max_size=20).filter(lambda name: name.strip(" ") != "")
PUPILS = st.tuples(
    NAMES.map(lambda name: " ".join(name.split())),
    st.dates(date(2007, 1, 1), date(2011, 1, 1)).map(date.isoformat),
    st.sampled_from(["L", "P", "laki-laki", "?"]),
    st.sampled_from(["3174036208099001", "31740362080990", "", "3174032308099002"]),
    st.sampled_from(["XI IPA 1", "X 2", "kelas"]),
    st.sampled_from(["081234567890", "", "x"]),
)


@settings(max_examples=60, deadline=None)
@given(
    headings=st.lists(WORDS, min_size=6, max_size=6, unique=True),
    rows=st.lists(PUPILS, min_size=2, max_size=8),
    order=st.permutations(range(6)),
)
def test_an_answered_file_gives_the_same_lines_as_the_same_file_with_dapodik_headings(
    headings: list[str], rows: list[tuple[str, ...]], order: list[int]
) -> None:
    def file(names: Sequence[str]) -> bytes:
        return workbooks.csv([[cells[at] for at in order] for cells in [list(names), *map(list, rows)]])

    answers = dict(zip(headings, FIELDS, strict=True))
    answered, plain = read(file(headings), answers), read(file(DAPODIK))

    assert who(answered) == who(plain)
    assert [[problem.code for problem in line.problems] for line in answered.lines] == [
        [problem.code for problem in line.problems] for line in plain.lines
    ]
    assert {*answers.values()} <= {*SYNONYMS}


def test_what_a_heading_sounds_like_yields_to_what_stands_below_it() -> None:
    """ "Nomor Induk" is near the long name of the NIK; here ten digits stand below it, and the NIK is in another column."""
    headings = ["Nama", "Identitas", "Nomor Induk", "Kelahiran", "Kelamin", "Kelas"]
    rows = [
        [f"ANI {word}", f"31740362080990{n}", f"00912345{n}", "22-08-2009", "P", "XI 2"]
        for n, word in ((10, "SATU"), (11, "DUA"))
    ]

    questions = asked(workbooks.xlsx([headings, *rows])).questions

    assert {question.shown: question.guess for question in questions} == {
        "Identitas": "nik",
        "Nomor Induk": "nisn",
        "Kelahiran": "birth_date",
    }


def test_a_number_that_a_spreadsheet_has_shortened_still_counts_as_what_its_heading_says() -> None:
    headings = ["Nama", "Nomor Induk", "Kelahiran", "Kelamin", "Kelas"]
    rows = [["ANI SATU", 3174036208099010, "22-08-2009", "P", "XI 2"], ["ANI DUA", 3174036208099020, "22-08-2009", "P", "XI 2"]]

    questions = asked(workbooks.xlsx([headings, *rows])).questions

    assert {question.shown: question.guess for question in questions}["Nomor Induk"] == "nik"

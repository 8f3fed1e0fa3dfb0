"""Every kind of file a school has is read as the same students."""

import csv
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

import students
from students.problems import RosterRefused
from students.roster import columns
from students.roster.checks import RosterLine
from students.roster.reading import Roster, read_roster
from tests.students.regions import REGIONS
from tests.students.roster import workbooks
from tests.students.roster.conftest import TODAY, Read
from tests.students.roster.workbooks import DAPODIK_FLAT, EMIS, STUDENT, Grid, student

GRID = workbooks.dapodik([student(Alamat="GG. A & B < 3"), *workbooks.students(2)])
ANA = {**STUDENT, "Nama Lengkap": STUDENT["Nama"], "Jenis Kelamin": "Perempuan", "Tingkat - Rombel": "Kelas 11 - XI MERDEKA 3"}


def who(line: RosterLine) -> tuple[Any, ...]:
    return line.name, line.sex, line.birth_date, line.nik, line.nisn, line.grade, line.class_name


SITI = ("SITI CONTOH", "P", date(2009, 8, 22), "3174036208099001", "0091234567", 11, "XI MERDEKA 3")


@pytest.mark.parametrize(
    "data",
    [
        workbooks.xlsx(GRID),
        workbooks.xls(GRID),
        workbooks.ods(GRID),
        workbooks.spreadsheet_ml(GRID),
        workbooks.html_table(GRID),
        workbooks.csv(GRID),
        workbooks.csv(GRID, delimiter=";", encoding="utf-8-sig"),
        workbooks.csv(GRID, delimiter="\t"),
        workbooks.csv(GRID, delimiter="\t", encoding="utf-16"),
        workbooks.csv(GRID, delimiter=";", encoding="utf-16-le"),
        workbooks.csv(GRID, delimiter=";", encoding="cp1252"),
        b"sep=;\r\n" + workbooks.csv(GRID, delimiter=";"),
    ],
    ids=["xlsx", "xls", "ods", "spreadsheetml", "html", "csv", "semicolon-bom", "tsv", "utf-16", "utf-16-bare", "cp1252", "sep"],
)
def test_dapodik_is_read_from_every_kind_of_file(read: Read, data: bytes) -> None:
    roster = read(data)

    assert (roster.format, roster.school_name, roster.sheet_count, len(roster.lines)) == ("dapodik", "SMAN 55 JAKARTA", 1, 3)
    assert who(roster.lines[0]) == SITI
    assert (roster.lines[0].phone, roster.lines[0].village, roster.lines[0].district) == (
        "+6281234567890",
        "Duren Tiga",
        "Pancoran",
    )
    assert roster.lines[0].address == "GG. A & B < 3 RT 3/RW 7"
    assert [problem for line in roster.lines for problem in line.problems] == []


def test_row_numbers_are_those_that_excel_shows(read: Read) -> None:
    rows = workbooks.dapodik(workbooks.students(3))
    with_gap = [*rows[:7], [""] * 66, *rows[7:]]

    assert [line.row for line in read(workbooks.xlsx(with_gap)).lines] == [7, 9, 10]
    assert [line.row for line in read(workbooks.csv(with_gap)).lines] == [7, 9, 10]
    assert [line.row for line in read(workbooks.spreadsheet_ml(with_gap)).lines] == [7, 9, 10]


def _without(*left_out: str) -> Callable[[Grid], Grid]:
    def without(grid: Grid) -> Grid:
        gone = {index for index, heading in enumerate(grid[4]) if heading in left_out}
        padded = [[*row, *[""] * (66 - len(row))] for row in grid]
        return [[cell for index, cell in enumerate(row) if index not in gone] for row in padded]

    return without


def _class_moved_after_the_name(grid: Grid) -> Grid:
    padded = [[*row, *[""] * (66 - len(row))] for row in grid]
    return [
        [*row[:2], row[42], "usia" if index == 4 else 17 if index > 5 else "", *row[2:42], *row[43:]]
        for index, row in enumerate(padded)
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda grid: grid[4:],
        lambda grid: grid[3:],
        lambda grid: [DAPODIK_FLAT, *grid[6:]],
        lambda grid: [["DAFTAR SISWA"], DAPODIK_FLAT, *grid[6:]],
        _class_moved_after_the_name,
        _without("Telepon", "SKHUN", "Bank", "No Peserta Ujian Nasional", "E-Mail"),
        _without("No", "NIPD"),
    ],
    ids=["header-row-1", "header-row-2", "flattened", "flattened-row-2", "columns-moved", "columns-dropped", "no-numbers"],
)
@pytest.mark.parametrize("write", [workbooks.xlsx, workbooks.csv], ids=["xlsx", "csv"])
def test_columns_are_found_by_group_and_name_wherever_they_stand(
    read: Read, change: Callable[[Grid], Grid], write: Callable[[Grid], bytes]
) -> None:
    roster = read(write(change(GRID)))

    assert roster.format == "dapodik"
    assert who(roster.lines[0]) == SITI


def test_emis_is_read_with_one_sheet_for_each_class(read: Read) -> None:
    first = {**ANA, "NIK": f"'{ANA['NIK']}", "NISN": f"'{ANA['NISN']}"}
    second = {**ANA, "Nama Lengkap": "BUDI", "Jenis Kelamin": "Laki-laki", "NIK": "3174032208099002", "NISN": "0091234568"}
    second["Tingkat - Rombel"] = "Kelas 10 - KELAS X MIA"
    data = workbooks.xlsx(workbooks.table(EMIS, [first]), workbooks.table(EMIS, [second]), names=["XI", "X MIA"])

    roster = read(data)

    assert (roster.format, roster.sheet_count) == ("emis", 2)
    assert [who(line) for line in roster.lines] == [
        SITI,
        ("BUDI", "L", date(2009, 8, 22), "3174032208099002", "0091234568", 10, "X MIA"),
    ]
    assert [(line.sheet, line.row) for line in roster.lines] == [("XI", 2), ("X MIA", 2)]


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        (
            [
                *("NIS Lokal", "NISN", "Nomor Induk Kependudukan (NIK) Siswa", "Nama Siswa", "Tempat Lahir"),
                *("Tanggal Lahir (dd/mm/yyyy)", "Jenis Kelamin", "Tingkat/Kelas", "Jurusan", "Kelas Paralel"),
                *("NIK/Nomor KTP Ayah", "Nama Lengkap Ayah"),
            ],
            [
                "1",
                "0091234567",
                "3174036208099001",
                "SITI CONTOH",
                "JAKARTA",
                "22/08/2009",
                "P",
                "XI",
                "MERDEKA",
                "3",
                "3174",
                "AYAH",
            ],
        ),
        (
            ["NO.", "NAMA LENGKAP SISWA", "L/P", "TTL", "NO. INDUK KEPENDUDUKAN", "NISN", "KELAS", "NO HP ORANG TUA"],
            ["1", "SITI CONTOH", "P", "Jakarta, 22 Agustus 2009", "3174036208099001", "0091234567", "XI MERDEKA 3", "0812"],
        ),
        (
            ["Nama Peserta Didik", "Jns Kelamin", "Tgl Lahir", "No. NIK", "NISN", "Tingkat", "Rombel"],
            ["SITI CONTOH", "Perempuan", "22-08-2009", "3174036208099001", "0091234567", "11", "MERDEKA 3"],
        ),
        (
            ["Nama Siswa", "Jenis Kelamn", "Tangal Lahir", "N I K", "NISN", "Kelas"],
            ["SITI CONTOH", "P", "22-08-2009", "3174036208099001", "0091234567", "XI MERDEKA 3"],
        ),
    ],
    ids=["emis-2014", "own-table", "grade-apart", "misspelt"],
)
def test_a_table_with_recognisable_headings_is_read(read: Read, headings: Sequence[str], row: Sequence[str]) -> None:
    roster = read(workbooks.xlsx([["Daftar Siswa Kelas"], [], headings, row]))

    assert who(roster.lines[0])[:3] == SITI[:3]
    assert roster.lines[0].nik == SITI[3] or "N I K" in headings
    assert who(roster.lines[0])[4:] == SITI[4:]


def test_a_doubtful_heading_is_asked_about_and_the_answer_is_used() -> None:
    grid = [
        ["Nama", "JK", "Tanggal Lahir", "Nomor KTP anak", "NISN", "Kelas"],
        ["SITI", "P", "2009-08-22", STUDENT["NIK"], "0091234567", "X 1"],
    ]

    def read(answers: dict[str, str]) -> Roster:
        return read_roster(workbooks.xlsx(grid), filename="x.xlsx", today=TODAY, regions=REGIONS, answers=answers)

    asked = read({})
    answered = read(dict(asked.guesses))

    assert asked.guesses == {"nomor ktp anak": "nik"}
    assert (asked.lines[0].nik, answered.lines[0].nik) == (None, STUDENT["NIK"])


def test_excel_dates_and_numbers_keep_their_kind(read: Read) -> None:
    rows = [student(Tanggal_Lahir=datetime(2009, 8, 22), NISN=91234567, HP=81234567890, RT=3, RW=7)]

    line = read(workbooks.xlsx(workbooks.dapodik(rows))).lines[0]

    assert who(line) == SITI
    assert (line.phone, line.address) == ("+6281234567890", "JL. CONTOH NO. 1 RT 3/RW 7")
    assert [problem.code for problem in line.problems] == ["nisn_zero_restored"]


def test_control_characters_in_headings_and_titles_go_no_further(read: Read) -> None:
    titles = ["Daftar Peserta Didik"], ["SMA\x07 CONTOH\x01"]
    grid = [*titles, ["Nama\x07", "NIK\x01", "JK", "NISN", "Tanggal Lahir"], ["SITI", "x", "P", "", "2009-08-22"]]

    roster = read(workbooks.spreadsheet_ml(grid))

    assert roster.school_name == "SMA CONTOH"
    assert [problem.column for problem in roster.lines[0].problems] == ["NIK", ""]


def test_a_cell_numbered_0_stands_after_the_one_before(read: Read) -> None:
    data = workbooks.spreadsheet_ml(workbooks.dapodik([student()])).replace(b'<Cell ss:Index="1">', b'<Cell ss:Index="0">')

    assert who(read(data).lines[0]) == SITI


def test_windows_1252_names_keep_their_letters(read: Read) -> None:
    data = workbooks.csv(workbooks.dapodik([student(Nama="RENÉE D’SOUZA")]), delimiter=";", encoding="cp1252")

    assert read(data).lines[0].name == "RENÉE D'SOUZA"


def test_headings_repeated_on_every_page_and_numbered_columns_are_no_students(read: Read) -> None:
    headings = ["No", "Nama", "JK", "Tanggal Lahir", "NIK", "Kelas"]
    row = [1, "SITI CONTOH", "P", "2009-08-22", STUDENT["NIK"], "XI 1"]
    roster = read(workbooks.xlsx([headings, ["1", "2", "3", "4", "5", "6"], row, headings, ["", "Kepala Sekolah"]]))

    assert [line.row for line in roster.lines] == [3]
    assert [(problem.code, problem.row) for problem in roster.problems] == [("row_ignored", 5)]


def test_only_the_needed_columns_of_dapodik_are_read() -> None:
    """`pakai_ektp` says what may be kept; everything else never leaves the reading process."""
    path = Path(students.__file__).parent / "data" / "dapodik_columns.csv"
    wanted = {"inti", "kunci", "kunci_sensitif", "alamat", "kontak", "kelas"}
    not_used = {"NIPD", "Kode Pos"}
    with path.open(encoding="utf-8") as lines:
        needed = {
            row["label"].replace("\\n", " ")
            for row in csv.DictReader(lines)
            if row["pakai_ektp"] in wanted and row["label"] not in not_used
        }

    table = columns.find_table(workbooks.dapodik([]), answers={})

    assert table is not None
    assert {workbooks.DAPODIK_UPPER[column] for column in table.fields.values()} == needed


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_unreadable"),
        (b"%PDF-1.7 ...", "file_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "file_unreadable"),
        (bytes(range(256)) * 20, "file_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "file_unreadable"),
        (workbooks.archive({"word/document.xml": "<w/>"}), "file_unreadable"),
        (b"Selamat pagi, Bapak dan Ibu.", "not_a_roster"),
        (workbooks.xlsx([["Nama", "Nilai"], ["SITI", 90]]), "not_a_roster"),
        (workbooks.xlsx([["Nama Ayah", "NIK Ayah", "Nama Ibu", "NIK Ibu"], ["A", "B", "C", "D"]]), "not_a_roster"),
        (workbooks.xlsx(workbooks.dapodik([])), "no_students"),
        (workbooks.xlsx(workbooks.dapodik([student()], title="Daftar Peserta Didik Keluar")), "leavers_report"),
        (workbooks.csv([["No", "Nama", "NIK", "NISN", "JK", "Keluar Karena", "Tanggal keluar"], ["1", "A"]]), "leavers_report"),
        (workbooks.encrypted_xlsx(), "file_encrypted"),
    ],
)
def test_what_is_no_roster_is_refused_by_name(read: Read, data: bytes, code: str) -> None:
    with pytest.raises(RosterRefused) as refused:
        read(data)

    assert refused.value.code == code
    assert refused.value.sentence

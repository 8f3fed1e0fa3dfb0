"""The error file: out without any NIK, mended in Excel or anything else, in again as repairs of the rows it came from."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.models import School
from students.models import Person, RosterRepair, RosterRow, RosterUpload
from students.roster import error_file, intake, tasks, worklist
from students.roster.apply import apply_upload
from students.roster.error_marks import HEADINGS, MENDED
from tests.factories import NOW, SchoolFactory
from tests.students.roster import workbooks
from tests.students.roster.uploads import MINUTE, girl, reviewed, roster, sections, waiting

TODAY = date(2026, 11, 21)
COLUMN = {field: place for place, field in enumerate(HEADINGS)}
NIK_OF_NOBODY = "3174036208099999"
Grid = list[list[Any]]


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory()


@pytest.fixture
def upload(school: School) -> RosterUpload:
    """Rows 7 to 10: sound, without NIK, held for its sex, with a damaged NIK and phone."""
    return reviewed(school, roster(girl(0), girl(1, NIK=""), girl(2, JK="?"), girl(3, NIK="31740362080991", HP="12")))


def grid_of(upload: RosterUpload) -> Grid:
    """As Excel opens it."""
    book = openpyxl.load_workbook(error_file.build(RosterUpload.objects.select_related("office").get(pk=upload.pk)))
    return [["" if cell is None else cell for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]


def mended(grid: Grid, **cells: tuple[int, Any]) -> Grid:
    """Field → (Excel row of the list, what is written)."""
    changed = [list(row) for row in grid]
    for field, (number, value) in cells.items():
        next(row for row in changed if row[COLUMN["row"]] == number)[COLUMN[field]] = value
    return changed


def come_back(school: School, data: bytes, *, minute: int = 1) -> RosterUpload:
    """Uploaded at the same place and worked on; the error file's own upload."""
    came = waiting(school, data, now=NOW + minute * MINUTE)
    return intake.read_upload(upload=came, now=NOW + minute * MINUTE)


def read(upload: RosterUpload) -> RosterUpload:
    return intake.read_upload(upload=RosterUpload.objects.get(pk=upload.pk), now=NOW + MINUTE)


def test_it_has_a_line_for_each_problem_row_and_no_number_of_anybody(upload: RosterUpload) -> None:
    heads, *rows = grid_of(upload)

    assert heads == list(HEADINGS.values())
    assert [(row[COLUMN["row"]], row[COLUMN["name"]], row[COLUMN["nik"]]) for row in rows] == [
        (8, "SITI B", ""),
        (9, "SITI C", ""),
        (10, "SITI D", ""),
    ]
    assert [row[COLUMN["birth_date"]] for row in rows] == ["22-08-2009"] * 3
    assert "Nomor telepon tidak dapat dibaca" in rows[2][COLUMN["problem"]]
    assert "14 angka" in rows[2][COLUMN["problem"]]
    assert "31740362" not in str(rows)


def test_the_bad_cells_are_coloured_and_the_number_is_text(upload: RosterUpload) -> None:
    sheet = openpyxl.load_workbook(error_file.build(upload)).worksheets[0]
    row = sheet[4]

    colours = {field: row[place].fill.fgColor.rgb for field, place in COLUMN.items() if row[place].fill.fill_type}
    assert colours == {"nik": "FF" + error_file.RED[1:], "phone": "FF" + error_file.AMBER[1:]}
    assert row[COLUMN["nik"]].number_format == "@"


def test_it_says_in_three_sentences_how_it_is_used(upload: RosterUpload) -> None:
    sheet = openpyxl.load_workbook(error_file.build(upload)).worksheets[1]

    assert (sheet.title, sheet.max_row) == ("Cara memakai", 3)


WRITERS: dict[str, Callable[[Grid], bytes]] = {
    "xlsx": workbooks.xlsx,
    "ods": workbooks.ods,
    "xls": workbooks.xls,
    "csv": workbooks.csv,
    "csv of Excel": lambda grid: workbooks.csv(grid, delimiter=";", encoding="windows-1252"),
    "html": workbooks.html_table,
    "sorted": lambda grid: workbooks.xlsx([grid[0], *reversed(grid[1:])]),
    "below a title": lambda grid: workbooks.xlsx([["Perbaikan"], [], *grid]),
    "columns moved": lambda grid: workbooks.xlsx([[*row[5:], *row[:5]] for row in grid]),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_what_was_written_comes_back_from_any_program(school: School, upload: RosterUpload, kind: str) -> None:
    grid = mended(grid_of(upload), nik=(8, NIK_OF_NOBODY), sex=(9, "P"), phone=(10, "081299998888"))

    came = come_back(school, WRITERS[kind](grid))

    assert (came.status, came.repairs_to, came.counts["repaired"]) == ("repaired", upload, 3)
    read(upload)
    assert [(row.row_number, row.section, row.nik_problem) for row in upload.rows.order_by("row_number")] == [
        (7, "new", ""),
        (8, "new", ""),
        (9, "new", ""),
        (10, "new", "nik_length"),
    ]
    assert upload.rows.get(row_number=10).phone == "+6281299998888"


def test_deleted_rows_are_left_as_they_are(school: School, upload: RosterUpload) -> None:
    heads, _first, second, _third = mended(grid_of(upload), sex=(9, "P"))

    come_back(school, workbooks.xlsx([heads, second]))

    assert list(RosterRepair.objects.values_list("row_number", "fields")) == [(9, ["sex"])]


def test_cells_that_a_program_made_numbers_and_dates_are_no_change(school: School, upload: RosterUpload) -> None:
    grid = mended(grid_of(upload), birth_date=(8, date(2009, 8, 22)), nisn=(9, 90000002), phone=(9, 81234567890))

    came = come_back(school, workbooks.xlsx(grid))

    assert (came.status, came.refusal_code) == ("refused", "error_file_unchanged")


def test_a_date_that_was_changed_is_taken_over_as_a_date(school: School, upload: RosterUpload) -> None:
    come_back(school, workbooks.xlsx(mended(grid_of(upload), birth_date=(8, date(2009, 9, 23)))))

    assert read(upload).rows.get(row_number=8).birth_date == date(2009, 9, 23)


def test_a_number_that_excel_damaged_is_a_problem_of_its_row(school: School, upload: RosterUpload) -> None:
    come_back(school, workbooks.xlsx(mended(grid_of(upload), nik=(8, 3174036208099100))))

    row = read(upload).rows.get(row_number=8)
    assert (row.nik_problem, row.nik_sealed) == ("nik_numeric_cell", None)


def test_numbers_that_a_csv_damaged_are_never_taken_over(school: School) -> None:
    upload = reviewed(school, roster(*(girl(number, NIK="") for number in range(9))))
    grid = grid_of(upload)
    for number, row in enumerate(grid[1:]):
        row[COLUMN["nik"]] = f"31740362080991{number}0"

    come_back(school, workbooks.csv(grid))
    read(upload)

    assert set(upload.rows.values_list("nik_problem", flat=True)) == {"nik_numeric_cell"}


def test_a_row_is_left_out_by_saying_yes(school: School, upload: RosterUpload) -> None:
    come_back(school, workbooks.xlsx(mended(grid_of(upload), left_out=(9, "Ya"))))

    assert sections(read(upload)) == [(7, "new"), (8, "new"), (10, "new")]


def test_an_emptied_cell_takes_nothing_away(school: School, upload: RosterUpload) -> None:
    came = come_back(school, workbooks.xlsx(mended(grid_of(upload), name=(8, ""), nisn=(8, "-"))))

    assert came.refusal_code == "error_file_unchanged"


def test_a_stale_error_file_does_not_take_back_what_somebody_else_mended(school: School, upload: RosterUpload) -> None:
    stale = grid_of(upload)
    come_back(school, workbooks.xlsx(mended(stale, name=(8, "SITI BENAR"))))
    read(upload)

    come_back(school, workbooks.xlsx(mended(stale, sex=(9, "P"))), minute=2)

    assert read(upload).rows.get(row_number=8).name == "SITI BENAR"


def test_the_same_error_file_ten_times_is_once(school: School, upload: RosterUpload) -> None:
    data = workbooks.xlsx(mended(grid_of(upload), nik=(8, NIK_OF_NOBODY), sex=(9, "P")))

    statuses = []
    for minute in range(1, 11):
        statuses.append(come_back(school, data, minute=minute).status)
        upload.refresh_from_db()
        if upload.status == "waiting":
            read(upload)

    upload.refresh_from_db()
    assert (statuses, upload.status, RosterRepair.objects.count()) == (["repaired"] * 10, "review", 2)


def test_after_the_import_it_makes_one_follow_up(school: School, upload: RosterUpload) -> None:
    intake.approve_upload(upload=upload, by=None, now=NOW, is_right_school=True, ring_worker=False)
    apply_upload(upload=upload, now=NOW)
    data = workbooks.xlsx(mended(grid_of(upload), nik=(8, NIK_OF_NOBODY), sex=(9, "P")))

    came = come_back(school, data)
    second = came.repairs_to
    assert second is not None
    read(second)
    again = come_back(school, data, minute=2)

    assert (again.repairs_to, second.follows) == (second, upload)
    assert sections(second) == [(8, "changed"), (9, "new"), (10, "unchanged")]
    intake.approve_upload(upload=second, by=None, now=NOW + MINUTE, is_right_school=True, ring_worker=False)
    apply_upload(upload=second, now=NOW + MINUTE)
    assert (Person.objects.count(), worklist.counts([school.pk])) == (4, {second.pk: 1})
    assert come_back(school, data, minute=3).refusal_code == "line_is_done"


def test_of_an_import_it_holds_only_what_still_waits(school: School, upload: RosterUpload) -> None:
    intake.approve_upload(upload=upload, by=None, now=NOW, is_right_school=True, ring_worker=False)
    apply_upload(upload=upload, now=NOW)

    assert [row[COLUMN["row"]] for row in grid_of(upload)[1:]] == [8, 9, 10]
    Person.objects.filter(name="SITI B").update(nik_sealed=b"x", nik_digest=b"y" * 32)
    assert [row[COLUMN["row"]] for row in grid_of(upload)[1:]] == [9, 10]


def test_another_schools_error_file_is_the_same_as_an_unknown_one(school: School, upload: RosterUpload) -> None:
    data = workbooks.xlsx(mended(grid_of(upload), sex=(9, "P")))

    came = come_back(SchoolFactory(), data)
    RosterRow.objects.all().delete()
    gone = come_back(school, data)

    assert (came.refusal_code, gone.refusal_code) == ("error_file_unknown", "error_file_unknown")
    assert RosterRepair.objects.count() == 0


def test_an_error_file_of_a_cancelled_list_is_refused(school: School, upload: RosterUpload) -> None:
    data = workbooks.xlsx(mended(grid_of(upload), sex=(9, "P")))
    RosterUpload.objects.filter(pk=upload.pk).update(status="cancelled")

    came = come_back(school, data)

    assert (came.status, came.refusal_code) == ("refused", "upload_over")
    assert "Daftar ini sudah dibatalkan" in came.refusal_message


def test_two_lists_in_one_error_file_are_refused(school: School, upload: RosterUpload) -> None:
    other = reviewed(school, roster(girl(9, NIK="")), now=NOW + MINUTE)

    came = come_back(school, workbooks.xlsx([*grid_of(upload), *grid_of(other)[1:]]))

    assert came.refusal_code == "error_file_mixed"


def test_one_row_twice_must_say_the_same(school: School, upload: RosterUpload) -> None:
    grid = mended(grid_of(upload), sex=(9, "P"))
    twice = next(row for row in grid if row[COLUMN["row"]] == 9)

    other = [*twice[: COLUMN["name"]], "SITI LAIN", *twice[COLUMN["name"] + 1 :]]

    assert come_back(school, workbooks.xlsx([*grid, other])).refusal_code == "error_file_row_twice"
    assert come_back(school, workbooks.xlsx([*grid, twice]), minute=2).status == "repaired"


def test_without_its_headings_it_is_refused_by_name(school: School, upload: RosterUpload) -> None:
    assert come_back(school, workbooks.xlsx(grid_of(upload)[1:])).refusal_code == "error_file_headings"


def test_rows_that_somebody_added_are_told(school: School, upload: RosterUpload) -> None:
    grid = mended(grid_of(upload), sex=(9, "P"))

    came = come_back(school, workbooks.xlsx([*grid, ["", "", "SITI BARU", "P"] + [""] * 8]))

    assert (came.counts["repaired"], came.counts["strange"]) == (1, 1)


def test_it_is_gone_once_it_was_taken_over(school: School, upload: RosterUpload) -> None:
    came = come_back(school, workbooks.xlsx(mended(grid_of(upload), nik=(8, NIK_OF_NOBODY))))

    came.refresh_from_db()
    assert (came.file_sealed, came.rows.count()) == (None, 0)


def test_a_worker_killed_while_taking_it_over_takes_it_over_once(school: School, upload: RosterUpload) -> None:
    came = waiting(school, workbooks.xlsx(mended(grid_of(upload), sex=(9, "P"))))
    intake.claim(upload_id=came.pk, worker="dead", now=NOW - timedelta(hours=1))

    tasks.work(came.pk)
    tasks.work(came.pk)

    came.refresh_from_db()
    assert (came.status, RosterRepair.objects.count()) == ("repaired", 1)


@given(
    name=st.text("ABC 'é", min_size=1, max_size=12),
    sex=st.sampled_from("LP"),
    born=st.dates(date(2005, 1, 1), date(2012, 12, 31)),
    nisn=st.from_regex(r"00[0-9]{8}", fullmatch=True),
    phone=st.from_regex(r"\+628[0-9]{9}", fullmatch=True),
)
def test_a_code_tells_which_cells_were_changed(name: str, sex: str, born: date, nisn: str, phone: str) -> None:
    row = RosterRow(name=name.strip(), sex=sex, birth_date=born, nisn=nisn, class_name="XI 1", phone=phone)
    written = error_file.written_cells(row)
    code = error_file.code_of(row.pk, row.pk, written, today=TODAY)
    _upload, row_id, marks = error_file.ids_in(code)

    same: Sequence[str] = [
        field
        for place, field in enumerate(MENDED)
        if error_file.mark(row_id, field, error_file.understood(field, written[field], TODAY)) == marks[place * 4 : place * 4 + 4]
    ]

    assert (row_id, list(same)) == (row.pk, list(MENDED))


def test_a_file_with_hostile_codes_is_refused(school: School, upload: RosterUpload) -> None:
    for code in ("JB1.x.y.z", "JB1." + "_" * 22 + "." + "-" * 22 + "." + "A" * 24, "JB1." + "A" * 300):
        grid: Grid = [list(HEADINGS.values()), [8, "", "A", "P", "", "1", "", "", "", "", "", code]]
        assert come_back(school, workbooks.xlsx(grid)).status == "refused"

"""What a result list says, whatever it looks like."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drives.models import DukcapilStatus
from drives.statuses.problems import ListRefused
from drives.statuses.reader import Line, day_of, nik_of, read_list
from drives.statuses.terms import status_of
from tests.drives.statuses.lists import FIRST, SECOND, line, workbook

TODAY = date(2026, 11, 20)


def read(data: bytes) -> list[Line]:
    return read_list(data, dated_on=TODAY, today=TODAY)


def outline(lines: list[Line]) -> list[tuple[int, str, str]]:
    return [(found.row, found.status, found.problem) for found in lines]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("SUDAH REKAM", "BIO_CAPTURED"),
        ("Sudah Rekam KTP-el", "BIO_CAPTURED"),
        ("belum rekam", "UNREGISTERED"),
        ("BELUM REKAM E-KTP", "UNREGISTERED"),
        ("PRR", "PRINT_READY_RECORD"),
        ("Print Ready Record", "PRINT_READY_RECORD"),
        ("siap cetak", "PRINT_READY_RECORD"),
        ("SFE", "SENT_FOR_ENROLLMENT"),
        ("CARD_PRINTED", "CARD_PRINTED"),
        ("Data ganda", "DUPLICATE_RECORD"),
        ("mungkin", ""),
        ("", ""),
    ],
)
def test_the_words_of_the_offices_are_understood(written: str, status: str) -> None:
    assert status_of(written) == status


@given(st.sampled_from(DukcapilStatus.Status.values), st.sampled_from([" ", "_", "-", "  "]), st.booleans())
def test_every_status_is_understood_however_its_words_are_joined(status: str, joint: str, in_capitals: bool) -> None:
    written = status.replace("_", joint)

    assert status_of(written if in_capitals else written.lower()) == status


def test_rows_are_numbered_as_excel_shows_them() -> None:
    data = workbook(line(FIRST, "PRR"), line(SECOND, "BELUM REKAM"), above=4)

    assert outline(read(data)) == [(6, "PRINT_READY_RECORD", ""), (7, "UNREGISTERED", "")]


def test_a_csv_with_semicolons_and_apostrophes_is_read() -> None:
    found = read(f"NIK;Status\n'{FIRST};sudah rekam\n{SECOND};prr\n".encode("utf-8-sig"))

    assert [(each.nik, each.status, each.dated_on) for each in found] == [
        (FIRST, "BIO_CAPTURED", TODAY),
        (SECOND, "PRINT_READY_RECORD", TODAY),
    ]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("said_first", ["", "sep={}\n"])
def test_two_columns_are_read_whatever_separates_them(separator: str, said_first: str) -> None:
    rows = ["NIK|Status", f"{FIRST}|PRR", "3.17408E+15|PRR", f"{SECOND}|UNREGISTERED"]
    data = (said_first.format(separator) + "\n".join(rows).replace("|", separator)).encode()

    lines = read_list(data, dated_on=TODAY, today=TODAY)

    assert [(one.row, one.nik, one.problem) for one in lines] == [(2, FIRST, ""), (3, "", "nik_not_readable"), (4, SECOND, "")]


def test_a_decimal_comma_is_no_separator() -> None:
    data = f"NIK;Status\n{FIRST};PRR\n3,17408E+15;PRR\n".encode()

    assert [one.row for one in read_list(data, dated_on=TODAY, today=TODAY)] == [2, 3]


def test_each_fault_has_its_own_code() -> None:
    data = workbook(
        line("", "PRR"),
        line("31740841", "PRR"),
        line(3174084106099000, "PRR"),
        line(FIRST, ""),
        line(FIRST, "mungkin"),
        line(FIRST, "PRR", "31-02-2026"),
        line(FIRST, "PRR", "21-11-2026"),
        line(3174084106099001, "PRR"),
    )

    assert [found.problem for found in read(data)] == [
        "nik_missing",
        "nik_not_readable",
        "nik_numeric_cell",
        "status_missing",
        "status_unknown",
        "date_invalid",
        "date_in_future",
        "",
    ]


def test_a_number_in_the_wrong_column_is_never_repeated() -> None:
    found = read(workbook(line(FIRST, SECOND)))

    assert (found[0].problem, SECOND in repr(found), found[0].found) == ("status_unknown", False, "…")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_unreadable"),
        (b"%PDF-1.7", "file_unreadable"),
        (b"PK\x03\x04 broken", "file_unreadable"),
        (b"Nama;Kelas\nA;XI\n", "not_a_result_list"),
        (b"NIK;Status\n", "empty_list"),
        (b"x" * (10 * 1024 * 1024 + 1), "file_too_large"),
    ],
)
def test_what_is_no_result_list_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(ListRefused) as refusal:
        read(data)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    "written", ["2026-11-18", "18/11/2026", "18-11-26", "18 November 2026", "18 Nop 2026", "2026-11-18 07:12:44", "\x01n46344"]
)
def test_dates_are_read_as_people_write_them(written: str) -> None:
    assert day_of(written) == date(2026, 11, 18)


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_refusal_and_nothing_else(written: str) -> None:
    try:
        found = day_of(written)
    except ValueError:
        return
    assert found is None or isinstance(found, date)


@given(st.text(max_size=30))
def test_any_cell_is_sixteen_digits_or_a_problem(cell: str) -> None:
    digits, problem = nik_of(cell)

    assert (len(digits) == 16 and digits.isdigit() and not problem) or (digits == "" and problem)

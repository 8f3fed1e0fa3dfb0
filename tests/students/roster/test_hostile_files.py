"""A hostile or broken file is refused within seconds; the process that asked lives, and the next file is read."""

import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from students.problems import RosterRefused
from students.roster import child, limits, reader, values
from tests.students.roster import workbooks
from tests.students.roster.conftest import Read

GOOD = workbooks.xlsx(workbooks.dapodik(workbooks.students(30)))
GRID = workbooks.dapodik(workbooks.students(30))


def processor_seconds() -> float:
    """Of this process and of those that it has begun and seen end: whoever else runs here does not count."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (workbooks.far_corner_xlsx, "file_unreadable"),
        (lambda: workbooks.far_corner_xlsx(dimension="A1:XFD1048576"), "too_many_rows"),
        (lambda: workbooks.zip_bomb(megabytes=170, is_lying=False), "file_too_large"),
        (lambda: workbooks.zip_bomb(megabytes=170, is_lying=True), "file_unreadable"),
        (lambda: b"x" * (limits.MAX_FILE_BYTES + 1), "file_too_large"),
        (lambda: GOOD[: len(GOOD) // 2], "file_unreadable"),
        (lambda: workbooks.xls(GRID)[:3000], "file_unreadable"),
        (lambda: b"Nama;NIK;NISN;JK\r\n" + b"A;1;2;L\r\n" * (limits.MAX_ROWS + 1), "too_many_rows"),
        (lambda: b"Nama,NIK,NISN,JK" + b",x" * 1000 + b"\r\n", "too_many_rows"),
        (lambda: b"<table>" + b"<tr><td rowspan=20000 colspan=200>x" * 200_000, "not_a_roster"),
        (lambda: b"<table><td>Nama<td>NIK<td>", "not_a_roster"),
        (lambda: b"<Workbook " + b"<Row ss:Index='9999999'>" * 1000, "too_many_rows"),
        (lambda: b"<Workbook>" + b"<Cell" * 500_000, "not_a_roster"),
        (lambda: b'"' * 5_000_000, "file_unreadable"),
    ],
    ids=[
        "corner",
        "corner-announced",
        "bomb",
        "lying-bomb",
        "size",
        "half",
        "half-xls",
        "rows",
        "columns",
        "spans",
        "no-rows",
        "index",
        "tags",
        "quotes",
    ],
)
def test_a_hostile_file_is_refused_in_time_and_the_next_one_is_read(read: Read, make: Callable[[], bytes], code: str) -> None:
    data = make()
    begun = processor_seconds()

    with pytest.raises(RosterRefused) as refused:
        read(data)

    assert processor_seconds() - begun < limits.CPU_SECONDS
    assert refused.value.code in {code, "too_many_rows"}
    assert len(read(GOOD).lines) == 30


@pytest.mark.parametrize(
    "write", [workbooks.xlsx, workbooks.xls, workbooks.ods, workbooks.csv, workbooks.spreadsheet_ml, workbooks.html_table]
)
def test_a_damaged_file_is_read_or_refused_and_never_an_error(read: Read, write: Callable[[workbooks.Grid], bytes]) -> None:
    chance = random.Random(write.__name__)
    whole = write(GRID)

    for _ in range(12):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 5, 50])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        del data[chance.randrange(len(data)) :]
        try:
            lines = read(bytes(data)).lines
        except RosterRefused:
            continue
        assert all(line.nik is None or (len(line.nik) == 16 and line.nik.isascii() and line.nik.isdigit()) for line in lines)


def test_a_file_of_endless_cells_is_refused_before_they_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MAX_CHARACTERS", 1_000)

    with pytest.raises(limits.Refusal) as refused:
        child.read(GOOD, answers={})

    assert refused.value.code == "file_too_large"


def test_cells_that_no_roster_has_are_not_searched_to_their_end() -> None:
    assert values.place_and_date("Jakarta, 22-08-2009") == ("Jakarta", "22-08-2009")
    assert values.place_and_date(", " * 120 + "22-08-2009")[0] == ""
    assert values.phone("tidak ada / 081234567890") == "+6281234567890"
    assert values.phone("tidak ada / " * 20 + "081234567890") is None


def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "WALL_SECONDS", 0.0)

    with pytest.raises(RosterRefused) as refused:
        reader.read_file(GOOD)

    assert refused.value.code == "file_unreadable"


def test_the_reading_process_knows_no_django_and_no_settings() -> None:
    listing = "import sys, students.roster.child; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True, cwd=reader._HOME
    ).stdout.split()

    assert "students.roster.formats" in loaded
    assert [name for name in loaded if name.startswith(("django", "config", "psycopg"))] == []

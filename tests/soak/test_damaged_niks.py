"""A damaged NIK stays out whatever kind of file brings it: a hundred of every detectable kind, in every format.

`tests/students/roster/test_checks.py` holds the same for single cells; here they pass through a file and its reading process,
beside the numbers of their rows, and no digit may reach a line.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from students.roster.reading import read_roster
from tests.soak import specimens
from tests.soak.watching import TODAY
from tests.students.regions import REGIONS

Row = dict[str, Any]
COUNT = 100
WHOLE = 10


def _family_card(number: int) -> str:
    return f"317403150115{9000 + number}"


def _students() -> list[Row]:
    """Every third is a boy; the last ones keep their good numbers, so that the file is not refused as a whole."""
    found = specimens.rows(COUNT + WHOLE)
    for number, row in enumerate(found):
        if number % 3 == 0:
            row["JK"] = "L"
            row["NIK"] = row["NIK"][:6] + "22" + row["NIK"][8:]
        row["NIK"] = row["NIK"][:12] + str(9001 + number * 7)[:3] + str(1 + number % 9)
        row["No KK"] = _family_card(number)
    return found


def _set(change: Callable[[str, random.Random], Any]) -> Callable[[Row, random.Random], None]:
    def damage(row: Row, chance: random.Random) -> None:
        row["NIK"] = change(row["NIK"], chance)

    return damage


def _swapped(row: Row, _chance: random.Random) -> None:
    row["NIK"], row["No KK"] = row["No KK"], row["NIK"]


DAMAGE: Mapping[str, Callable[[Row, random.Random], None]] = {
    "number ending in 0": _set(lambda nik, _: int(nik[:15] + "0")),
    "E-notation": _set(lambda nik, _: f"{nik[0]}.{nik[1:6]}E+15"),
    "text made of a number": _set(lambda nik, _: f"{nik[:15]}0.0"),
    "truncated": _set(lambda nik, chance: nik[: chance.randrange(1, 16)]),
    "padded": _set(lambda nik, chance: nik + "0" * chance.randrange(1, 4)),
    "swapped with the family card": _swapped,
    "foreign digits": _set(lambda nik, _: nik.translate({48 + digit: 0x0966 + digit for digit in range(10)})),
    "hidden letters": _set(lambda nik, chance: nik[: (at := chance.randrange(1, 16))] + "\u0131" + nik[at + 1 :]),
    "impossible date": _set(lambda nik, chance: nik[:6] + chance.choice(["320109", "700209", "001209", "151309"]) + nik[12:]),
    "unknown province": _set(lambda nik, chance: chance.choice(["00", "10", "99"]) + nik[2:]),
    "serial 0000": _set(lambda nik, _: nik[:12] + "0000"),
    "another's of the same file": _set(lambda _nik, chance: f"3174036208099{chance.randrange(900, 902)}"),
    "fraction": _set(lambda nik, _: int(nik) / 10**15),
}


@pytest.mark.parametrize("format_name", specimens.WRITERS)
@pytest.mark.parametrize("kind", DAMAGE)
def test_of_a_hundred_damaged_niks_in_a_file_none_is_stored(kind: str, format_name: str) -> None:
    chance = random.Random(kind)
    rows = _students()
    for row in rows[:COUNT]:
        DAMAGE[kind](row, chance)
    headings = ["Nama", "JK", "NISN", "NIK", "Tempat Lahir", "Tanggal Lahir", "Rombel Saat Ini", "No KK"]
    grid = [headings, *([row[heading] for heading in headings] for row in rows)]

    roster = read_roster(specimens.WRITERS[format_name](grid), filename="", today=TODAY, regions=REGIONS)

    assert [line.nik for line in roster.lines[:COUNT]] == [None] * COUNT
    assert all(line.nik_problem for line in roster.lines[:COUNT])
    assert [line.nik for line in roster.lines[COUNT:]] == [row["NIK"] for row in rows[COUNT:]]

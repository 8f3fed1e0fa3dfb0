"""Ways to damage files of text and the cells of a roster, and what is simply very much."""

import random
from collections.abc import Callable
from typing import Any

from tests.soak import specimens
from tests.soak.archives import zipped
from tests.students.roster import workbooks


def encoding_changed(chance: random.Random) -> bytes:
    names = [name for name in specimens.whole_files() if name.startswith(("csv/", "xml/", "html/"))]
    text = (
        specimens.whole_files()[chance.choice(names)].decode().replace("SITI", chance.choice(["SITI", "SITÏ", "ſıtî 漢", "СИТИ"]))
    )
    encoding = chance.choice(
        [
            "utf-16-le",
            "utf-16-be",
            "utf-32",
            "utf-32-le",
            "cp1252",
            "mac_roman",
            "cp850",
            "shift_jis",
            "gb18030",
            "utf-7",
            "cp037",
            "utf-8-sig",
        ]
    )
    bom = chance.choice([b"", b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\0"])
    return bom + text.encode(encoding, errors="replace")


def separators_changed(chance: random.Random) -> bytes:
    """Quotes without an end, several separators, line ends of every kind."""
    text = workbooks.csv(chance.choice(specimens.GRIDS)(), delimiter=chance.choice(",;\t|")).decode()
    text = text.replace("\r\n", chance.choice(["\r\n", "\n", "\r", "\n\r", "\r\r\n", "\x85", "\u2028", "\0\n", "\x1e"]))
    for _ in range(chance.choice([1, 5, 50])):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(['"', '""', ",", ";", "\t", "\0", "\n", "'", "\\", "\x1f", "\x01n", "="]) + text[at:]
    return (chance.choice(["", "", "sep=;\r\n", "sep=\x1f\n", 'sep="\r\n', "sep=\r\n"]) + text).encode()


def markup_changed(chance: random.Random) -> bytes:
    """Tags lost, added, never closed; spans and numbers of columns beyond every sheet."""
    write = chance.choice([workbooks.spreadsheet_ml, workbooks.html_table])
    text = write(chance.choice(specimens.GRIDS)()).decode()
    added = [
        *("<td colspan=99999 rowspan=99999>", "<td rowspan=20000 colspan=200>", "<tr>", "</table>", "<table>", "<!--", "-->"),
        *(
            "<Row ss:Index='20999'>",
            "<Row ss:Index='-1'>",
            "<Cell ss:Index='790'>",
            "<Cell ss:Index='0'>",
            "<Cell ss:MergeAcross='9999999'>",
        ),
        *(
            "<Data>",
            "<Data ss:Type='Number'>",
            "<Data ss:Type='DateTime'>9999-99-99",
            "</Data>",
            "<Worksheet>",
            "<Data ss:Type='Number'>1e99",
        ),
        *(
            "<td x:num='1.23456789012345'>",
            "<td x:num=3174036208099000>",
            "<script>",
            "&#0;",
            "&#xD800;",
            "&#99999999;",
            "&nbsp;" * 99,
            "\0",
            "\x1f",
        ),
    ]
    for _ in range(chance.choice([1, 5, 40])):
        at = chance.randrange(len(text))
        cut = chance.choice([0, 0, 5, 40])
        text = text[:at] + chance.choice(added) + text[at + cut :]
    return text.encode()


def _hostile_cells(chance: random.Random) -> list[Any]:
    return [
        *("\0", "SITI\0CONTOH", "\x01n3174036208099001", "\x01d9999-99-99", "\x1f", "\x1f" * 300, "a\nb\rc"),
        *(
            "\x7f\x80\x9f",
            "\ufffe\uffff",
            "\ud800",
            "\u202eOTNOC\u202c",
            "\u200b\u200f\u2066",
            "👩🏽‍🎓" * 50,
            "e" + "\u0301" * 5_000,
        ),
        *("ß" * 400, "İ" * 300, "\ufdfd" * 250, "٣١٧٤٠٣٦٢٠٨٠٩٩٠٠١", "３１７４０３６２０８０９９００１", "1" * 40, "0" * 16),
        *("=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")', "@SUM(A1)", "+62", "-", "#REF!", "NULL", "'", '"'),
        *("<script>", "&amp;", "]]>", "9999-12-31", "0000-00-00", "1900-02-29", "31/02/2009", "99/99/99", "12345", "2958466"),
        *("-1", "1e5", "Jakarta, 99 Foo 2009", "3,17404E+15", "3174036208099001.0", "3174036208099001,", "3.174.036.208.099.001"),
        *(0, -1, 1, 10**15 - 1, 3174036208099001, 3174036208099000, 10**17, -3174036208099001, 2**63, True, 10**300),
        *(1.5, 0.1, 1.23456789012345, 0.12345678901234, 1e16, 1.5e300, -1.234567890123, 317403620809900.5, 5e-324),
        *(39999.5, 2958466.0, "x" * 1_000, "XIIPA" * 40, "X" * 250, "Kec. " * 60, "( " * 120, "9" * 250, " 1/" * 80),
        *("62" * 100, ",;" * 100, "".join(chr(chance.randrange(1, 0x3000)) for _ in range(20)) * 3),
        chance.choice(["A" * 1_000_000, "漢" * 400_000, " " * 1_000_000]) if chance.random() < 0.1 else "",
    ]


def cells_changed(chance: random.Random) -> bytes:
    grid = chance.choice(specimens.GRIDS)()
    values = _hostile_cells(chance)
    width = max(map(len, grid))
    first = len(grid) - 12
    for _ in range(chance.choice([1, 6, 40])):
        row = grid[chance.randrange(first, len(grid))]
        row[chance.randrange(width) % len(row)] = chance.choice(values)
    return chance.choice(list(specimens.WRITERS.values()))(grid)


def needed_cells_changed(chance: random.Random) -> bytes:
    """The same in the columns that are read, one value down the whole column or each its own."""
    grid = specimens.plain_grid()
    values = _hostile_cells(chance)
    for column in chance.sample(range(len(grid[0])), chance.choice([1, 3, len(grid[0])])):
        one = chance.choice([None, chance.choice(values)])
        for row in grid[1:]:
            row[column] = chance.choice(values) if one is None else one
    return chance.choice(list(specimens.WRITERS.values()))(grid)


def headings_changed(chance: random.Random) -> bytes:
    """Moved, merged, repeated, missing, misspelt, too deep, on their side."""
    grid = chance.choice(specimens.GRIDS)()
    head = len(grid) - 13
    order = list(range(len(grid[head])))
    kind = chance.randrange(9)
    if kind == 0:
        chance.shuffle(order)
        grid = [[row[column] if column < len(row) else "" for column in order] for row in grid]
    elif kind == 1:
        for column in chance.sample(order, min(len(order), 3)):
            grid[head][column] = ""
    elif kind == 2:
        grid[head] = [chance.choice(["NIK", "Nama", "NISN", heading]) for heading in grid[head]]
    elif kind == 3:
        grid[head : head + 1] = [[], *([["-"]] * chance.choice([3, 24, 40])), grid[head]]
    elif kind == 4:
        grid = [*grid, *grid, *grid[: head + 1]]
    elif kind == 5:
        width = max(map(len, grid))
        grid = [list(column) for column in zip(*([*row, *[""] * (width - len(row))] for row in grid), strict=True)]
    elif kind == 6:
        grid = grid[: head + chance.choice([0, 1, 2])]
    elif kind == 7:
        grid[head] = [" ".join(map(str, grid[head]))]
    else:
        hidden = ["\0", "\x1f", "\x01", "\u200b", "\n", "(x)", "*", "x" * 500, "\x07", "\ufeff", " siswa"]
        grid[head] = [f"{heading}{chance.choice(hidden)}" if chance.random() < 0.5 else heading for heading in grid[head]]
    if chance.random() < 0.3:
        grid[:0] = [["Daftar Peserta Didik"], [chance.choice(["SMA \0X", "\x07", "x" * 900, "SMA\x1fX", "\u202eX"])]]
    return chance.choice(list(specimens.WRITERS.values()))(grid)


def raw_with_long_texts(count: int) -> bytes:
    """Every needed cell as long as it may be, in letters that must be made plain first."""
    long = "S\u0130T\u0130 \u2019\u200b1/" * 28
    rows = [[f"{long}{number}"] * 10 for number in range(count)]
    return workbooks.csv([specimens.plain_grid(0)[0], *rows])[:10_000_000]


def very_much(chance: random.Random) -> bytes:
    line = b"SITI CONTOH;P;2009-08-22;3174036208099001;XI 1\r\n"
    head = b"Nama;JK;Tanggal Lahir;NIK;Kelas\r\n"
    long = ("S\u0130T\u0130 \u2019\u200b" * 30).encode()
    page = b"<table><tr><td>Nama<td>JK<td>NIK<td>NISN" + b"<tr><td>A<td>P<td>&amp;1<td>\xc2\xa0" * 100
    made: list[Callable[[], bytes]] = [
        lambda: head + line * 20_000,
        lambda: head + line * 25_000,
        lambda: head + (long + b";P;22 Agustus 2009;" + long[:40] + b";" + long[:200] + b"\r\n") * 12_000,
        lambda: head + b"\n" * 10_000_000,
        lambda: head + b"\r\n;" * 3_000_000,
        lambda: head + b";" * 10_000_000,
        lambda: head + b'"' * 9_999_999,
        lambda: b"\xff\xfe" + (head + line * 5_000).decode().encode("utf-16-le"),
        lambda: b"\0A" * 5_000_000,
        lambda: b"<table>" + b"<tr><td>" * 1_200_000,
        lambda: page * 250,
        lambda: b"<Workbook>" + b"<Row><Cell><Data>x</Data></Cell></Row>" * 19_000,
        lambda: b"<table><tr><td " + b"colspan " * 1_200_000 + b">",
        lambda: b"<html>" + b"<br" * 3_000_000,
        lambda: b"<html><td>" + b"&" * 9_000_000,
        lambda: workbooks.zip_bomb(megabytes=chance.choice([100, 159, 170]), is_lying=chance.random() < 0.5),
        lambda: specimens.raw_xlsx(
            [*specimens.plain_grid(1), *([["A" * 200, "P", "x", 3174036208099000 + n] for n in range(15_000)])]
        ),
        lambda: specimens.raw_xlsx([["Nama", "NIK", "NISN", *range(chance.choice([190, 790, 900]))], *([["x"] * 190] * 400)]),
        lambda: workbooks.ods([*specimens.plain_grid(1), *([["A", "P", "x", 3174036208099000 + n] for n in range(15_000)])]),
        lambda: specimens.dated(workbooks.xlsx(*([specimens.plain_grid(2)] * 120))),
        lambda: zipped([(f"xl/worksheets/sheet{n}.xml", bytes(3_000_000)) for n in range(40)]),
        lambda: b"x" * 10_500_000,
        lambda: raw_with_long_texts(15_000),
        lambda: specimens.raw_xlsx(
            [specimens.plain_grid(0)[0], *([[chance.choice(["A" * 250, "\u0130 " * 60, " 1/" * 80])] * 10] * 20_000)]
        ),
    ]
    return chance.choice(made)()

"""Ways to damage a roster file. Each takes a source of chance and gives a file; the same chance gives the same file."""

import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from tests.soak import specimens
from tests.students.roster import workbooks

Mutation = Callable[[random.Random], bytes]
Parts = dict[str, bytes]
_FAR = "XFD1048576"


# Bytes of any file.


def _any_file(chance: random.Random) -> bytearray:
    return bytearray(chance.choice(list(specimens.whole_files().values())))


def flipped_bytes(chance: random.Random) -> bytes:
    data = _any_file(chance)
    for _ in range(chance.choice([1, 3, 20, 200])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def flipped_start(chance: random.Random) -> bytes:
    """Headers, where a bit decides how the rest is read."""
    data = _any_file(chance)
    for _ in range(chance.choice([1, 2, 8])):
        data[chance.randrange(min(len(data), 600))] ^= 1 << chance.randrange(8)
    return bytes(data)


def truncated(chance: random.Random) -> bytes:
    data = _any_file(chance)
    return bytes(data[: chance.choice([chance.randrange(len(data)), len(data) - 1 - chance.randrange(40), chance.randrange(64)])])


def slice_moved(chance: random.Random) -> bytes:
    """A piece is lost, doubled, zeroed or stands elsewhere."""
    data = _any_file(chance)
    at, length = chance.randrange(len(data)), chance.choice([1, 16, 512, 4096])
    piece = bytes(data[at : at + length])
    if kind := chance.randrange(4):
        data[at : at + length] = (b"", piece * 2, bytes(len(piece)))[kind - 1]
    else:
        del data[at : at + length]
        there = chance.randrange(len(data) + 1)
        data[there:there] = piece
    return bytes(data)


def something_before_or_after(chance: random.Random) -> bytes:
    data, more = bytes(_any_file(chance)), bytes(_any_file(chance))
    noise = chance.choice([b"\xef\xbb\xbf", b"\r\n\r\n", b"\0" * 700, b"<!-- -->", chance.randbytes(50), more])
    return noise + data if chance.random() < 0.5 else data + noise


def noise(chance: random.Random) -> bytes:
    start = chance.choice(
        [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"<Workbook>", b"\xff\xfe", b"PK\x05\x06"]
    )
    return start + chance.randbytes(chance.choice([0, 1, 30, 5_000]))


# Archives.


def _parts(chance: random.Random) -> Parts:
    names = [name for name, data in specimens.whole_files().items() if data.startswith(b"PK")]
    with zipfile.ZipFile(io.BytesIO(specimens.whole_files()[chance.choice(names)])) as archive:
        return {part.filename: archive.read(part) for part in archive.infolist()}


def _zipped(parts: list[tuple[str, bytes]], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", compression) as archive:
        warnings.simplefilter("ignore")  # a name twice is what we want
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return stream.getvalue()


def entries_changed(chance: random.Random) -> bytes:
    """Renamed, lost, doubled, exchanged, emptied or shortened parts."""
    parts = list(_parts(chance).items())
    at, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    name, content = parts[at]
    renamed = chance.choice(
        ["../../etc/passwd", "", "/", name.upper(), name.replace("/", "\\"), "xl/" * 300, name + "\0x", "\u202e" + name]
    )
    changed = [
        [(renamed, content)],
        [],
        [(name, content), (name, content[: len(content) // 2])],
        [(name, parts[other][1])],
        [(name, b"")],
        [(name, content[: chance.randrange(len(content) + 1)])],
        [(name, content + chance.randbytes(50))],
    ]
    parts[at : at + 1] = chance.choice(changed)
    return _zipped(
        parts, compression=chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    )


def lying_directory(chance: random.Random) -> bytes:
    """The archive's own list says another size, checksum, method, place or flag than is true."""
    data = bytearray(_zipped(list(_parts(chance).items())))
    mark, fields = chance.choice([(b"PK\x01\x02", (8, 10, 16, 20, 24, 28, 30, 42)), (b"PK\x03\x04", (6, 8, 14, 18, 22, 26, 28))])
    starts = [found.start() for found in re.finditer(re.escape(mark), bytes(data))]
    for start in chance.sample(starts, min(len(starts), chance.choice([1, 99]))):
        at = start + chance.choice(fields)
        data[at : at + 2] = struct.pack("<H", chance.choice([0, 1, 9, 12, 99, 0x7FFF, 0xFFFF]))
    return bytes(data)


def very_many_entries(chance: random.Random) -> bytes:
    parts = list(_parts(chance).items())
    return _zipped(
        [*parts, *((f"xl/worksheets/sheet{number}.xml", b"x") for number in range(100, chance.choice([1_500, 3_000])))]
    )


def archive_in_archive(chance: random.Random) -> bytes:
    data = bytes(_any_file(chance))
    for _ in range(chance.randrange(1, 8)):
        data = _zipped([(chance.choice(["xl/workbook.xml", "content.xml", "daftar.xlsx"]), data)])
    return data


# The XML within.


def _with_part(chance: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    parts = _parts(chance)
    likely = [name for name in parts if re.search(r"sheet|content|sharedStrings|workbook|styles", name)]
    name = chance.choice(likely or list(parts))
    return _zipped(list({**parts, name: change(parts[name])}.items()))


def xml_tags_changed(chance: random.Random) -> bytes:
    """Elements lost, doubled, renamed, never closed, nested or out of place."""

    def change(xml: bytes) -> bytes:
        for _ in range(chance.choice([1, 4, 30])):
            tags = list(re.finditer(rb"<[^<>]+>", xml))
            if not tags:
                break
            tag = chance.choice(tags)
            new = chance.choice(
                [b"", tag.group() * 2, b"<x>", b"</c>", b"<row>", b"</sheetData>", b"<![CDATA[", b"<!--", b"<?x", b"&", b"]]>"]
            )
            xml = xml[: tag.start()] + new + xml[tag.end() :]
        return xml

    return _with_part(chance, change)


def xml_attributes_changed(chance: random.Random) -> bytes:
    values = [
        *(b"", b"0", b"-1", b"999999999", b"4294967296", b"18446744073709551616", b"1e308", b"A0", b"A1048577", b"ZZZZ1"),
        *(
            _FAR.encode(),
            b"A1:" + _FAR.encode(),
            b"\xff\xfe",
            b"&x;",
            b"n",
            b"s",
            b"b",
            b"e",
            b"d",
            b"str",
            b"x" * 70_000,
            b"16384",
        ),
    ]

    def change(xml: bytes) -> bytes:
        for _ in range(chance.choice([1, 3, 20])):
            found = list(re.finditer(rb'="([^"]*)"', xml))
            if not found:
                break
            value = chance.choice(found)
            xml = xml[: value.start(1)] + chance.choice(values) + xml[value.end(1) :]
        return xml

    return _with_part(chance, change)


def xml_values_changed(chance: random.Random) -> bytes:
    """What stands between the tags: shared text out of range, serial dates of no calendar, numbers that are none."""
    values = [
        b"-1",
        b"99999999999",
        b"1e309",
        b"nan",
        b"inf",
        b"-0",
        b"2958466",
        b"0.00000001",
        b"1.23456789012345",
        b"&#0;",
        b"&#xD800;",
    ]

    def change(xml: bytes) -> bytes:
        for _ in range(chance.choice([1, 10, 100])):
            found = list(re.finditer(rb"<(?:v|t|text:p)>([^<]*)<", xml))
            if not found:
                break
            value = chance.choice(found)
            xml = xml[: value.start(1)] + chance.choice(values) + xml[value.end(1) :]
        return xml

    return _with_part(chance, change)


def entity_bomb(chance: random.Random) -> bytes:
    """Ten entities of ten entities; or one that asks for a file of the machine."""
    depth = chance.randrange(3, 12)
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, depth))
    outside = chance.choice(["", '<!ENTITY f SYSTEM "file:///etc/passwd">'])
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "{"x" * 100}">{levels}{outside}]>'.encode()
    use = f"&e{depth - 1};".encode() if not outside else b"&f;"

    def change(xml: bytes) -> bytes:
        start = xml.find(b"?>") + 2 if xml.startswith(b"<?xml") else 0
        return xml[:start] + doctype + re.sub(rb"(<(?:t|v|text:p)>)[^<]*", rb"\1" + use, xml[start:])

    if chance.random() < 0.7:
        return _with_part(chance, change)
    grid = specimens.plain_grid()
    return doctype + chance.choice([workbooks.spreadsheet_ml, workbooks.html_table])(grid).replace(b"SITI", use)


def xml_far_cell(chance: random.Random) -> bytes:
    """Two cells, very far from each other, announced or not."""
    columns, lines = chance.choice(
        [("XFD", 1_048_576), ("C", 1_048_576), ("XFD", 3), ("ZZ", 21_500), ("GR", 20_000), ("IV", 65_536)]
    )
    corner = f"{columns}{lines}"
    dimension = chance.choice(
        ["", f'<dimension ref="A1:{corner}"/>', '<dimension ref="A1:B2"/>', '<dimension ref="Z9:A1"/>', '<dimension ref="?"/>']
    )
    cells = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{lines}"><c r="{corner}"><v>1</v></c></row>'
    return workbooks.bare_xlsx(f"<worksheet>{dimension}<sheetData>{cells}</sheetData></worksheet>")


def ods_repeated(chance: random.Random) -> bytes:
    """OpenDocument may say "the same cell a million times"."""
    columns, lines = chance.choice([2, 200, 16_384, 10**9]), chance.choice([2, 1_000, 1_048_576, 10**12])
    data = workbooks.ods(specimens.plain_grid())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    row = f'<table:table-row table:number-rows-repeated="{lines}"><table:table-cell table:number-columns-repeated="{columns}"'
    value = chance.choice(["/>", ' office:value-type="string"><text:p>x</text:p></table:table-cell>'])
    parts["content.xml"] = parts["content.xml"].replace(
        b"</table:table>", f"{row}{value}</table:table-row></table:table>".encode()
    )
    return _zipped(list(parts.items()))


def xml_deep(chance: random.Random) -> bytes:
    depth = chance.choice([1_000, 50_000, 300_000])
    inner = chance.choice(["<row>", "<c>", "<is><t>", "<x>", "<r>"]) * depth
    return workbooks.bare_xlsx(f"<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'>{inner}")


# Text and text with tags.


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


# Cells and headings, in every format.


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


# What is simply very much; dear to make and to read, and therefore rare.


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
        lambda: _zipped([(f"xl/worksheets/sheet{n}.xml", bytes(3_000_000)) for n in range(40)]),
        lambda: b"x" * 10_500_000,
        lambda: raw_with_long_texts(15_000),
        lambda: specimens.raw_xlsx(
            [specimens.plain_grid(0)[0], *([[chance.choice(["A" * 250, "\u0130 " * 60, " 1/" * 80])] * 10] * 20_000)]
        ),
    ]
    return chance.choice(made)()


# How often each comes, of a hundred files or so.
SHARES: Mapping[Mutation, int] = {
    flipped_bytes: 9,
    flipped_start: 5,
    truncated: 6,
    slice_moved: 5,
    something_before_or_after: 3,
    noise: 2,
    entries_changed: 7,
    lying_directory: 5,
    very_many_entries: 1,
    archive_in_archive: 1,
    xml_tags_changed: 6,
    xml_attributes_changed: 7,
    xml_values_changed: 6,
    entity_bomb: 3,
    xml_far_cell: 3,
    ods_repeated: 2,
    xml_deep: 1,
    encoding_changed: 4,
    separators_changed: 4,
    markup_changed: 6,
    cells_changed: 5,
    needed_cells_changed: 5,
    headings_changed: 7,
    very_much: 2,
}  # fmt: skip
_ROUND = [mutation for mutation, share in SHARES.items() for _ in range(share)]


def mutated(number: int, *, seed: int) -> tuple[str, bytes]:
    """The name of the damage and the file: the same for the same number and seed."""
    chance = random.Random(f"{seed}/{number}")
    mutation = _ROUND[number * 37 % len(_ROUND)]  # every round of files holds every share
    return mutation.__name__, mutation(chance)

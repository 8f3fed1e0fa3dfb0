"""Ways to damage what a workbook is packed in, and the XML within it."""

import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable

from tests.soak import specimens
from tests.soak.raw_bytes import any_file
from tests.students.roster import workbooks

Parts = dict[str, bytes]
_FAR = "XFD1048576"


def _parts(chance: random.Random) -> Parts:
    names = [name for name, data in specimens.whole_files().items() if data.startswith(b"PK")]
    with zipfile.ZipFile(io.BytesIO(specimens.whole_files()[chance.choice(names)])) as archive:
        return {part.filename: archive.read(part) for part in archive.infolist()}


def zipped(parts: list[tuple[str, bytes]], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
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
    return zipped(
        parts, compression=chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    )


def lying_directory(chance: random.Random) -> bytes:
    """The archive's own list says another size, checksum, method, place or flag than is true."""
    data = bytearray(zipped(list(_parts(chance).items())))
    mark, fields = chance.choice([(b"PK\x01\x02", (8, 10, 16, 20, 24, 28, 30, 42)), (b"PK\x03\x04", (6, 8, 14, 18, 22, 26, 28))])
    starts = [found.start() for found in re.finditer(re.escape(mark), bytes(data))]
    for start in chance.sample(starts, min(len(starts), chance.choice([1, 99]))):
        at = start + chance.choice(fields)
        data[at : at + 2] = struct.pack("<H", chance.choice([0, 1, 9, 12, 99, 0x7FFF, 0xFFFF]))
    return bytes(data)


def very_many_entries(chance: random.Random) -> bytes:
    parts = list(_parts(chance).items())
    return zipped([*parts, *((f"xl/worksheets/sheet{number}.xml", b"x") for number in range(100, chance.choice([1_500, 3_000])))])


def archive_in_archive(chance: random.Random) -> bytes:
    data = bytes(any_file(chance))
    for _ in range(chance.randrange(1, 8)):
        data = zipped([(chance.choice(["xl/workbook.xml", "content.xml", "daftar.xlsx"]), data)])
    return data


def _with_part(chance: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    parts = _parts(chance)
    likely = [name for name in parts if re.search(r"sheet|content|sharedStrings|workbook|styles", name)]
    name = chance.choice(likely or list(parts))
    return zipped(list({**parts, name: change(parts[name])}.items()))


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
    return zipped(list(parts.items()))


def xml_deep(chance: random.Random) -> bytes:
    depth = chance.choice([1_000, 50_000, 300_000])
    inner = chance.choice(["<row>", "<c>", "<is><t>", "<x>", "<r>"]) * depth
    return workbooks.bare_xlsx(f"<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'>{inner}")

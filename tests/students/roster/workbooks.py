"""Roster files of every kind, made in memory: what schools send, and what nobody should send."""

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

import openpyxl

Grid = Sequence[Sequence[Any]]

DAPODIK_UPPER = [
    *(
        "No",
        "Nama",
        "NIPD",
        "JK",
        "NISN",
        "Tempat Lahir",
        "Tanggal Lahir",
        "NIK",
        "Agama",
        "Alamat",
        "RT",
        "RW",
        "Dusun",
        "Kelurahan",
    ),
    *(
        "Kecamatan",
        "Kode Pos",
        "Jenis Tinggal",
        "Alat Transportasi",
        "Telepon",
        "HP",
        "E-Mail",
        "SKHUN",
        "Penerima KPS",
        "No. KPS",
    ),
    *("Data Ayah", "", "", "", "", "", "Data Ibu", "", "", "", "", "", "Data Wali", "", "", "", "", ""),
    *("Rombel Saat Ini", "No Peserta Ujian Nasional", "No Seri Ijazah", "Penerima KIP", "Nomor KIP", "Nama di KIP", "Nomor KKS"),
    *("No Registrasi Akta Lahir", "Bank", "Nomor Rekening Bank", "Rekening Atas Nama", "Layak PIP (usulan dari sekolah)"),
    *("Alasan Layak PIP", "Kebutuhan Khusus", "Sekolah Asal", "Anak ke-berapa", "Lintang", "Bujur", "No KK", "Berat Badan"),
    *("Tinggi Badan", "Lingkar Kepala", "Jml. Saudara\nKandung", "Jarak Rumah\nke Sekolah (KM)"),
]
_PARENT = ["Nama", "Tahun Lahir", "Jenjang Pendidikan", "Pekerjaan", "Penghasilan", "NIK"]
DAPODIK_LOWER = [""] * 24 + _PARENT * 3 + [""] * 24
DAPODIK_FLAT = [
    f"{sub} {group}" if sub else upper
    for upper, sub, group in zip(
        DAPODIK_UPPER, DAPODIK_LOWER, [""] * 24 + ["Ayah"] * 6 + ["Ibu"] * 6 + ["Wali"] * 6 + [""] * 24, strict=True
    )
]
EMIS = [
    *(
        "No",
        "Nama Lengkap",
        "NISN",
        "NIK",
        "Tempat Lahir",
        "Tanggal Lahir",
        "Tingkat - Rombel",
        "Umur",
        "Status",
        "Jenis Kelamin",
    ),
    *(
        "Alamat",
        "No Telepon",
        "Kebutuhan Khusus",
        "Disabilitas",
        "Nomor KIP/PIP",
        "Nama Ayah Kandung",
        "Nama Ibu Kandung",
        "Nama Wali",
    ),
]

STUDENT: Mapping[str, Any] = {
    "Nama": "SITI CONTOH",
    "JK": "P",
    "NISN": "0091234567",
    "Tempat Lahir": "JAKARTA",
    "Tanggal Lahir": "2009-08-22",
    "NIK": "3174036208099001",
    "Alamat": "JL. CONTOH NO. 1",
    "RT": "3",
    "RW": "007",
    "Kelurahan": "Duren Tiga",
    "Kecamatan": "Kec. Pancoran",
    "HP": "081234567890",
    "Rombel Saat Ini": "XI MERDEKA 3",
    "No KK": "3174031501159001",
}
_PARENTS_NIK = "3174011203759001"


def student(**changed: Any) -> dict[str, Any]:
    """A student of a Dapodik file; keys with underscores are headings with spaces."""
    return {**STUDENT, **{heading.replace("_", " "): value for heading, value in changed.items()}}


def students(count: int) -> list[dict[str, Any]]:
    """Different girls born on one day."""
    return [student(Nama=f"SITI {_word(n)}", NISN=f"009{n:07d}", NIK=f"317403620809{9101 + n}") for n in range(count)]


def dapodik(rows: Iterable[Mapping[str, Any]], *, school: str = "SMAN 55 JAKARTA", title: str = "Daftar Peserta Didik") -> Grid:
    """As Dapodik writes it: four rows of title, two of headings, 66 columns; parents named and numbered too."""
    place = "Kecamatan Kec. Pancoran, Kabupaten Kota Adm. Jakarta Selatan, Provinsi Prov. D.K.I. Jakarta"
    top = [
        [title],
        [school],
        [place],
        ["Tanggal Unduh: 2026-11-20 07:41:05", "", "Pengunduh: OPERATOR (operator@example.sch.id)"],
    ]
    return [*top, DAPODIK_UPPER, DAPODIK_LOWER, *(dapodik_row(number, row) for number, row in enumerate(rows, start=1))]


def dapodik_row(number: int, row: Mapping[str, Any]) -> list[Any]:
    cells: list[Any] = [row.get(heading, "") for heading in DAPODIK_UPPER]
    cells[0] = number
    cells[24], cells[29], cells[30], cells[35] = "AYAH CONTOH", _PARENTS_NIK, "IBU CONTOH", "3174015203789002"
    cells[51] = "1234567890"
    return cells


def table(headings: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Grid:
    return [headings, *([row.get(heading, "") for heading in headings] for row in rows)]


def xlsx(grid: Grid, *more: Grid, names: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    for index, rows in enumerate([grid, *more]):
        sheet = book.active if index == 0 else book.create_sheet()
        assert sheet is not None
        if names:
            sheet.title = names[index]
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def csv(grid: Grid, *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    def written(cell: Any) -> str:
        text = str(cell)
        return '"' + text.replace('"', '""') + '"' if delimiter in text or '"' in text or "\n" in text else text

    return "\r\n".join(delimiter.join(map(written, row)) for row in grid).encode(encoding)


def spreadsheet_ml(grid: Grid) -> bytes:
    """As exporters write it: `&` and `<` as they are, empty cells left out and the next one numbered."""
    rows = []
    for row in grid:
        cells = "".join(
            f'<Cell ss:Index="{index}"><Data ss:Type="{"Number" if isinstance(cell, int) else "String"}">{cell}</Data></Cell>\n'
            for index, cell in enumerate(row, start=1)
            if cell != ""
        )
        rows.append(f"<Row>{cells}</Row>")
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Peserta Didik"><Table>{"".join(rows)}</Table></Worksheet></Workbook>'
    ).encode()


def html_table(grid: Grid) -> bytes:
    """With the merged cells of a Dapodik header when the grid has one."""
    rows = []
    for index, row in enumerate(grid):
        if row is DAPODIK_UPPER:
            rows.append("<tr>" + "".join(_html_head(column) for column in range(66) if DAPODIK_UPPER[column]) + "</tr>")
        elif row is DAPODIK_LOWER:
            rows.append("<tr>" + "".join(f"<th>{cell}</th>" for cell in row if cell) + "</tr>")
        else:
            rows.append("<tr>" + "".join(f"<td class='c{index}'>{escape(str(cell))}</td>" for cell in row) + "</tr>")
    return f"<html><head><meta charset='utf-8'></head><body><table border=1>{''.join(rows)}</table></body></html>".encode()


def _html_head(column: int) -> str:
    span = "colspan=6" if DAPODIK_UPPER[column].startswith("Data ") else "rowspan='2'"
    return f"<th {span}><b>{DAPODIK_UPPER[column].replace(chr(10), '<br/>')}</b></th>"


def ods(grid: Grid) -> bytes:
    def cell(value: Any) -> str:
        if value == "":
            return "<table:table-cell/>"
        if isinstance(value, int):
            return (
                f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
            )
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"><text:p/></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in grid)
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Siswa">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return archive({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def xls(grid: Grid) -> bytes:
    """The binary workbook of Excel 97: as little of it as a reader needs."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def cell(row: int, column: int, value: Any) -> bytes:
        if isinstance(value, int):
            return record(0x0203, struct.pack("<HHHd", row, column, 0, value))
        text = str(value)
        return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))

    cells = b"".join(cell(r, c, value) for r, row in enumerate(grid) for c, value in enumerate(row) if value != "")
    name = b"Siswa"
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)) + record(0x0042, struct.pack("<H", 1200))
    end = record(0x000A, b"")
    offset = len(start) + 4 + 8 + len(name) + len(end)
    sheet_entry = record(0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name), 0) + name)
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)) + cells + end
    return compound_file({"Workbook": start + sheet_entry + end + sheet})


def encrypted_xlsx() -> bytes:
    """What Excel makes of a workbook with a password."""
    return compound_file({"EncryptionInfo": b"\x04\x00\x04\x00" + bytes(5000), "EncryptedPackage": bytes(range(256)) * 40})


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """An OLE container with sectors of 512 bytes."""
    padded = {name: body.ljust(4096, b"\0") for name, body in streams.items()}
    padded = {name: body + bytes(-len(body) % 512) for name, body in padded.items()}
    sectors = [body[at : at + 512] for body in padded.values() for at in range(0, len(body), 512)]
    directory_at = len(sectors)
    fat: list[int] = []
    entries = [_directory_entry("Root Entry", 5, child=1)]
    for number, (name, body) in enumerate(padded.items(), start=1):
        first, length = len(fat), len(body) // 512
        fat += [*range(first + 1, first + length), 0xFFFFFFFE]
        right = number + 1 if number < len(padded) else 0xFFFFFFFF
        entries.append(_directory_entry(name, 2, start=first, size=len(body), right=right))
    entries += [bytes(128)] * (-len(entries) % 4)
    fat.append(0xFFFFFFFE)
    fat_sectors = 1
    while (len(fat) + fat_sectors) > fat_sectors * 128:
        fat_sectors += 1
    fat_at = len(fat)
    fat += [0xFFFFFFFD] * fat_sectors
    fat += [0xFFFFFFFF] * (fat_sectors * 128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    difat = [fat_at + n for n in range(fat_sectors)]
    header += struct.pack("<109I", *(difat + [0xFFFFFFFF] * (109 - len(difat))))
    return header + b"".join(sectors) + b"".join(entries) + struct.pack(f"<{len(fat)}I", *fat)


def _directory_entry(
    name: str, kind: int, *, child: int = 0xFFFFFFFF, start: int = 0xFFFFFFFE, size: int = 0, right: int = 0xFFFFFFFF
) -> bytes:
    encoded = name.encode("utf-16-le")
    entry = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded) + 2, kind, 1, 0xFFFFFFFF, right, child)
    return (entry + bytes(36) + struct.pack("<IQ", start, size)).ljust(128, b"\0")


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # always the same bytes
    return stream.getvalue()


def bare_xlsx(sheet: str | bytes) -> bytes:
    """A workbook around the XML of one sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    documents = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006/relationships"
    return archive(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{packages}"><Relationship Id="r1" Type="{documents}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{documents}"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}"><Relationship Id="r1" Type="{documents}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def far_corner_xlsx(*, dimension: str = "") -> bytes:
    """Two cells, the second in the last corner of a sheet: dense, that is seventeen thousand million cells."""
    claim = f'<dimension ref="{dimension}"/>' if dimension else ""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return bare_xlsx(f'<worksheet xmlns="{main}">{claim}<sheetData>{cells}</sheetData></worksheet>')


def zip_bomb(*, megabytes: int, is_lying: bool) -> bytes:
    """Zeros without end in a small file; the lying one says that they are a thousand bytes."""
    bomb = bare_xlsx(b"<worksheet><sheetData>" + bytes(megabytes * 1024 * 1024))
    size = struct.pack("<I", 22 + megabytes * 1024 * 1024)
    return bomb.replace(size, struct.pack("<I", 1000)) if is_lying else bomb


def _word(number: int) -> str:
    """A name for a number: no two alike."""
    letters = ""
    while True:
        letters = chr(ord("A") + number % 26) + letters
        number //= 26
        if not number:
            return letters

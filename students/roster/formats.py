"""What kind of file the bytes are, judged by the bytes and never by the name, and the sheets in it. Knows no Django."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from students.roster.columns import HEADER_WITHIN_ROWS
from students.roster.limits import MAX_COLUMNS, MAX_PARTS, MAX_ROWS, MAX_SHEETS, MAX_UNPACKED_BYTES, Refusal

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What an OLE file holds when it is a workbook locked with a password.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_NEVER_A_TABLE = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"MZ",
    b"\x7fELF",
)
_SPREADSHEET_ML = re.compile(r"<(?:[A-Za-z]{1,9}:)?Workbook\b|urn:schemas-microsoft-com:office:spreadsheet")
_HTML = re.compile(r"<(?:html|table|!doctype html)\b", re.IGNORECASE)
_DIMENSION = re.compile(rb"<dimension ref=\"[A-Z]{1,3}[0-9]{1,7}:([A-Z]{1,3})([0-9]{1,7})\"")


class Sheet(NamedTuple):
    """The first rows to find the headings in, and all of the rows, row 1 of the sheet first."""

    name: str
    head: list[list[Any]]
    rest: Iterator[list[Any]]


def sheets(data: bytes, *, suspect: Callable[[str], None]) -> Iterator[Sheet]:
    """Every visible sheet. Raises Refusal: `file_unreadable`, `file_encrypted`, `file_too_large`, `too_many_rows`.

    `suspect` is told, before a parser is let loose that may abort the process, which refusal the abort would mean.
    """
    if data.startswith(_ZIP):
        _check_archive(data, suspect)
        return _workbook(data)
    if data.startswith(_OLE):
        if _ENCRYPTED_STREAM in data:
            raise Refusal("file_encrypted")
        return _workbook(data)
    if not data.strip() or data.startswith(_NEVER_A_TABLE):
        raise Refusal("file_unreadable")
    from students.roster import delimited  # not for a workbook, and the process starts anew for each file

    return _text(delimited.decode(data))


def _text(text: str) -> Iterator[Sheet]:
    start = text[:4096].lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        from students.roster import markup  # not for a workbook

        if _SPREADSHEET_ML.search(start):
            found = markup.spreadsheet_ml(text)
        elif _HTML.search(start):
            found = markup.html_table(text)
        else:
            raise Refusal("file_unreadable")
    else:
        from students.roster import delimited

        found = [("", delimited.rows(text))]
    return (_sheet(name, _even(rows)) for name, rows in found[:MAX_SHEETS])


def _even(rows: list[list[Any]]) -> Iterator[list[Any]]:
    """Every row as long as the longest."""
    width = max(map(len, rows), default=0)
    return (row + [""] * (width - len(row)) for row in rows)


def _workbook(data: bytes) -> Iterator[Sheet]:
    import python_calamine as calamine  # not for a CSV

    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible is calamine.SheetVisibleEnum.Visible]
        for name in (shown or workbook.sheet_names)[:MAX_SHEETS]:
            found = workbook.get_sheet_by_name(name)
            if found.total_width > MAX_COLUMNS * 4 or found.total_height > MAX_ROWS + 1_000:
                raise Refusal("too_many_rows")
            yield _sheet(name, _from_first_row(found))
    except calamine.PasswordError:
        raise Refusal("file_encrypted") from None
    except (calamine.CalamineError, OSError, ValueError, OverflowError):
        raise Refusal("file_unreadable") from None


def _from_first_row(sheet: Any) -> Iterator[list[Any]]:
    return sheet.iter_rows()  # type: ignore[no-any-return]


def _sheet(name: str, rows: Iterator[list[Any]]) -> Sheet:
    return Sheet(name, list(islice(rows, HEADER_WITHIN_ROWS + 2)), rows)


def _check_archive(data: bytes, suspect: Callable[[str], None]) -> None:
    """A megabyte of zip can hold a gigabyte of zeros; the archive itself says how much (and the limits hold if it lies)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise Refusal("file_too_large")
            if any(part.flag_bits & 1 for part in parts):
                raise Refusal("file_encrypted")
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and _claims_too_much(archive, part):
                    suspect("too_many_rows")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError):
        raise Refusal("file_unreadable") from None


def _claims_too_much(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as stream:
        claim = _DIMENSION.search(stream.read(2048))
    return claim is not None and (len(claim.group(1)) > 2 or int(claim.group(2)) > MAX_ROWS)

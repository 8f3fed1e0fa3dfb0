"""CSV and TSV: which encoding, which separator. Every cell is text, whatever it was before."""

import csv
import re
from collections.abc import Iterator

from students.roster.columns import find_table
from students.roster.limits import MAX_COLUMNS, MAX_ROWS, Refusal

_DELIMITERS = (",", ";", "\t", "|")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PEEK_LINES = 40
csv.field_size_limit(200_000)


def decode(data: bytes) -> str:
    """UTF-8 and UTF-16 with or without a BOM, else what charset-normalizer finds, else Windows-1252.

    Raises Refusal `file_unreadable` for bytes that are no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding)
    head = data[:4096]
    if b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) < len(head) // 5:
            raise Refusal("file_unreadable")
        return _decoded(data, "utf-16-le" if odd > even else "utf-16-be")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _single_byte(data)
    if sum(character < " " and character not in "\r\n\t\f" for character in text[:4096]) > 8:
        raise Refusal("file_unreadable")
    return text


def rows(text: str) -> list[list[str]]:
    """The records, by the separator with which a roster's headings come out best. Raises Refusal `too_many_rows`."""
    text = text.removeprefix("\ufeff")
    if declared := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):
        text, delimiter = text[declared.end() :], declared.group(1)  # Excel does not show this line, nor count it
    else:
        delimiter = _delimiter(text)
    found: list[list[str]] = []
    try:
        for record in csv.reader(_lines(text), delimiter=delimiter):
            if len(record) > 4 * MAX_COLUMNS or len(found) > MAX_ROWS + 1_000:
                raise Refusal("too_many_rows")
            found.append(record)
    except csv.Error:
        raise Refusal("file_unreadable") from None
    return found


def _delimiter(text: str) -> str:
    best, best_score = ",", (-1, -1)
    head = text[:100_000].split("\n", _PEEK_LINES)[:_PEEK_LINES]
    for delimiter in _DELIMITERS:
        try:
            records = list(csv.reader((line + "\n" for line in head), delimiter=delimiter))
        except csv.Error:
            continue
        table = find_table(records, answers={})
        score = (len(table.fields) if table else 0, max(map(len, records), default=0))
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, split at \\r, \\n and \\r\\n alone (a name may hold \\x85 or \\u2028)."""
    return (line for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text) if line)


def _decoded(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace")


def _single_byte(data: bytes) -> str:
    from charset_normalizer import from_bytes  # costs 60 ms; most files are UTF-8

    found = from_bytes(data[:50_000], cp_isolation=["cp1252", "mac_roman", "cp850"]).best()
    return data.decode(found.encoding if found else "cp1252", errors="replace")

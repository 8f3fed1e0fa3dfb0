"""Spreadsheets that are text with tags: SpreadsheetML 2003 (with `&` and `<` unescaped, as exports write it) and HTML tables.

No XML parser: it would refuse the first `&`; and an entity bomb finds nothing here that expands it. Every pattern is
linear in the length of the text.
"""

import html
import re
from datetime import date
from typing import Any

from students.roster.limits import MAX_COLUMNS, MAX_ROWS, Refusal

Rows = list[list[Any]]

_ML_TAG = re.compile(r"<(/?)(?:[A-Za-z]{1,9}:)?(Worksheet|Row|Cell|Data)\b([^<>]*)>")
_HTML_TAG = re.compile(r"<(/?)(tr|td|th)\b([^<>]*)>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[/!A-Za-z][^<>]*>")
_BREAK = re.compile(r"<(?:br|p|div)\b[^<>]*>", re.IGNORECASE)
_NUMBER = re.compile(r"\s*-?[0-9]{1,18}(?:\.[0-9]{1,17})?(?:[eE][+]?[0-9]{1,2})?\s*")
_ATTRIBUTE = r"\b{name}\s*=\s*[\"']?([^\"'<>\s]{{1,200}})"
_INDEX, _ACROSS, _TYPE, _COLSPAN, _ROWSPAN, _XNUM = (
    re.compile(_ATTRIBUTE.format(name=name), re.IGNORECASE)
    for name in ("Index", "MergeAcross", "Type", "colspan", "rowspan", "x:num")
)
_SHEET_NAME = re.compile(r"\bName\s*=\s*[\"']([^\"'<>]{0,200})")


def spreadsheet_ml(text: str) -> list[tuple[str, Rows]]:
    """(name, rows) of every worksheet. Raises Refusal `too_many_rows`."""
    sheets: list[tuple[str, Rows]] = []
    rows: Rows = []
    row: list[Any] = []
    column = after = data_from = 0
    data_type = ""
    for tag in _ML_TAG.finditer(text):
        closing, name, attributes = tag.groups()
        if name == "Data":
            if closing and data_from:
                _put(row, column, _typed(_text(text[data_from : tag.start()]), data_type))
            data_from = 0 if closing or attributes.endswith("/") else tag.end()
            data_type = _first(_TYPE, attributes)
        elif closing:
            continue
        elif name == "Cell":
            column = (_number(_first(_INDEX, attributes), or_else=0) or after + 1) - 1
            after = column + 1 + _number(_first(_ACROSS, attributes), or_else=0)
        elif name == "Row":
            row, after = [], 0
            _append(rows, row, at=_number(_first(_INDEX, attributes), or_else=len(rows) + 1) - 1)
        else:
            rows = []
            sheets.append((html.unescape(_first(_SHEET_NAME, attributes)), rows))
    return sheets


def html_table(text: str) -> list[tuple[str, Rows]]:
    """All tables of the page below each other, as Excel shows them. Raises Refusal `too_many_rows`."""
    rows: Rows = []
    row: list[Any] = []
    reach: dict[int, int] = {}  # column → the first row (from 0) that a cell above no longer covers
    column = cell_from = 0
    after = 0
    attributes = ""
    for tag in _HTML_TAG.finditer(text):
        if cell_from:
            _put(row, column, _html_value(text[cell_from : tag.start()], attributes))
            cell_from = 0
        if tag.group(1):
            continue
        is_row = tag.group(2).lower() == "tr"
        if is_row or not rows:  # a cell before any row begins the first one
            row, after = [], 0
            _append(rows, row, at=len(rows))
        if is_row:
            continue
        attributes, cell_from = tag.group(3), tag.end()
        column = after
        while reach.get(column, -1) >= len(rows):
            column += 1
        after = column + min(_number(_first(_COLSPAN, attributes), or_else=1) or 1, MAX_COLUMNS)
        down = min(_number(_first(_ROWSPAN, attributes), or_else=1), MAX_ROWS)
        if down > 1:
            reach.update(dict.fromkeys(range(column, after), len(rows) - 1 + down))
    return [("", rows)]


def _html_value(inner: str, attributes: str) -> Any:
    """Excel's own export keeps the number behind a cell in `x:num`."""
    number = _first(_XNUM, attributes)
    return _typed(number, "Number") if number else _text(inner)


def _append(rows: Rows, row: list[Any], *, at: int) -> None:
    if at > MAX_ROWS + 1_000:
        raise Refusal("too_many_rows")
    rows.extend([] for _ in range(at - len(rows)))
    rows.append(row)


def _put(row: list[Any], column: int, value: Any) -> None:
    if column > 4 * MAX_COLUMNS:
        raise Refusal("too_many_rows")
    row.extend([""] * (column + 1 - len(row)))
    row[column] = value


def _typed(text: str, kind: str) -> Any:
    if kind.lower() == "number" and _NUMBER.fullmatch(text):
        return float(text)
    if kind.lower() == "datetime":
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            return text
    return text


def _text(inner: str) -> str:
    if "<" in inner:
        inner = _ANY_TAG.sub("", _BREAK.sub(" ", inner))
    return html.unescape(inner).strip() if "&" in inner else inner.strip()


def _first(pattern: re.Pattern[str], attributes: str) -> str:
    found = pattern.search(attributes) if attributes else None
    return found.group(1) if found else ""


def _number(digits: str, *, or_else: int) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 8 else or_else

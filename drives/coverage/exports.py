"""The page as a spreadsheet: what is shown, of whom, on which day; hidden figures stay hidden."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from drives.coverage.areas import MARK
from drives.coverage.board import Board
from drives.coverage.seen import Row
from schools.models import School
from schools.templatetags.house import day as day_in_words
from schools.templatetags.house import day_plain

HEADINGS = (
    gettext_lazy("Percent"),
    gettext_lazy("Eligible"),
    gettext_lazy("Recorded"),
    gettext_lazy("Left"),
    gettext_lazy("Change since yesterday"),
)
NOTES_FROM = 3


def workbook(board: Board, *, school: School | None = None) -> bytes:
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "count": book.add_format({"num_format": "#,##0"}),
            "percent": book.add_format({"num_format": "0.0"}),
            "change": book.add_format({"num_format": "+#,##0;−#,##0;0"}),
            "sum": book.add_format({"bold": True, "num_format": "#,##0", "top": 1}),
            "sum_percent": book.add_format({"bold": True, "num_format": "0.0", "top": 1}),
            "day": book.add_format({"num_format": "dd-mm-yyyy", "align": "left"}),
        }
        _places(book.add_worksheet(_("Coverage")), board, formats, school.name if school else board.name)
        _trend(book.add_worksheet(_("Trend")), board, formats)
    return content.getvalue()


def _places(sheet: Any, board: Board, formats: dict[str, Any], name: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 5, 13)
    sheet.write_string(0, 0, _("Recording coverage %(place)s") % {"place": name}, formats["title"])
    closed = _("day closed") if board.state.is_closed else _("day not closed")
    kind = board.kind or _("All kinds of school")
    sheet.write_string(1, 0, f"{day_in_words(board.day)} · {closed} · {kind}")
    sheet.write_string(2, 0, _("Of students who are old enough on that day, by where they go to school, not by where they live."))
    top = NOTES_FROM + 1
    for column, heading in enumerate((_("Place"), *HEADINGS)):
        sheet.write_string(top, column, str(heading), formats["head"])
    for line, row in enumerate(board.rows, start=top + 1):
        sheet.write_string(line, 0, row.name)
        _figures(sheet, line, _shown(row), formats)
    end = top + 1 + len(board.rows)
    if board.figures:
        sheet.write_string(end, 0, _("Total"), formats["sum"])
        change = board.change.recorded if board.change else None
        figures = board.figures
        shown = (figures.percent, figures.eligible, figures.recorded, figures.left, change)
        _figures(sheet, end, shown, formats | {"percent": formats["sum_percent"], "count": formats["sum"]})
    if board.is_hidden or board.has_hidden_rows:
        sheet.write_string(end + 2, 0, _("%(mark)s hidden: a number under 5, or one that would give it away.") % {"mark": MARK})
    if board.at_closing and board.added_on:
        facts = {"recorded": board.at_closing.recorded, "day": day_plain(board.added_on)}
        sheet.write_string(end + 3, 0, _("Recorded when the day was closed: %(recorded)s. Corrected on %(day)s.") % facts)
    if board.graduates:
        sheet.write_string(end + 4, 0, _("Graduated without a recording, in no percentage"))
        sheet.write_number(end + 4, 2, board.graduates, formats["count"])


def _shown(row: Row) -> tuple[float | str | None, ...]:
    shown = (row.percent, row.eligible, row.recorded, row.left, row.change)
    return tuple(MARK if (row.is_hidden or row.hides_change) and each is None else each for each in shown)


def _figures(sheet: Any, line: int, figures: Sequence[float | str | None], formats: dict[str, Any]) -> None:
    for column, (figure, name) in enumerate(zip(figures, ("percent", "count", "count", "count", "change"), strict=True), start=1):
        if figure is not None:
            sheet.write(line, column, figure, formats[name])


def _trend(sheet: Any, board: Board, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 4, 13)
    for column, heading in enumerate((_("Day"), _("Eligible"), _("Recorded"), _("Left"), _("Percent"))):
        sheet.write_string(0, column, heading, formats["head"])
    for line, point in enumerate(board.points, start=1):
        sheet.write_datetime(line, 0, point.day, formats["day"])
        for column, count in enumerate((point.eligible, point.recorded, point.left), start=1):
            sheet.write_number(line, column, count, formats["count"])
        if point.percent is not None:
            sheet.write_number(line, 4, point.percent, formats["percent"])

"""The rows that need repair, as a file for whoever keeps Dapodik. It holds no NIK."""

import io

import xlsxwriter
from django.utils.translation import gettext as _

from students.models import RosterUpload
from students.roster.causes import CAUSES, REMEDIES


def _how(code: str, message: str) -> str:
    """What is wrong in this row, and how a school mends it."""
    return f"{message} {REMEDIES.get(code, '')}".strip()


def build(upload: RosterUpload) -> io.BytesIO:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#F1EDF3", "bottom": 1})
        error = book.add_format({"bg_color": "#FCE9E7", "text_wrap": True, "valign": "top"})
        warning = book.add_format({"bg_color": "#FDF0D6", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(str(_("To be repaired")))
        headings = [_("Excel row"), _("Name"), _("Class"), _("Column"), _("Problem"), _("What to do")]
        sheet.write_row(0, 0, [str(heading) for heading in headings], head)
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, 1, 32)
        sheet.set_column(2, 3, 18)
        sheet.set_column(4, 4, 36)
        sheet.set_column(5, 5, 70)
        sheet.freeze_panes(1, 0)
        number = 0
        for row in upload.rows.exclude(problems=[]).order_by("row_number", "id").iterator():
            for problem in row.problems:
                number += 1
                style = error if problem["level"] == "error" else warning
                sheet.write_number(number, 0, row.row_number)
                sheet.write_string(number, 1, row.name)
                sheet.write_string(number, 2, row.class_name)
                sheet.write_string(number, 3, problem.get("column", ""))
                sheet.write_string(number, 4, str(CAUSES.get(problem["code"], problem["code"])), style)
                sheet.write_string(number, 5, _how(problem["code"], problem["message"]), style)
    stream.seek(0)
    return stream

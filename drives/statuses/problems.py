"""What can be wrong with a line of a result list: every code and its sentence. No sentence ever holds a NIK."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from students import problems as roster

# These lines are not imported.
ERRORS: Mapping[str, Any] = {
    "nik_missing": _("The NIK is empty."),
    "nik_not_readable": _("The NIK does not have 16 digits."),
    "nik_numeric_cell": roster.ERRORS["nik_numeric_cell"],
    "nik_unknown": _("No person of this office has this NIK."),
    "status_missing": _("The status is empty."),
    "status_unknown": _("This status is not known: “%(found)s”."),
    "date_invalid": _("The date of the status cannot be read. Write it as 2026-11-18 or 18/11/2026."),
    "date_in_future": _("The date of the status lies in the future."),
    "rows_contradict": _("Row %(rows)s says something else about the same person and day."),
}
# These are, or are left out without harm.
WARNINGS: Mapping[str, Any] = {
    "row_repeated": _("The same line stands in row %(rows)s."),
    "older_than_known": _("A newer status is known already; this one is kept as history."),
}
# The heading above all lines with one problem, and how to mend it.
TITLES: Mapping[str, Any] = {
    "nik_missing": _("NIK missing"),
    "nik_not_readable": _("NIK not readable"),
    "nik_numeric_cell": _("NIK damaged by being stored as a number"),
    "nik_unknown": _("Nobody with this NIK"),
    "status_missing": _("Status missing"),
    "status_unknown": _("Status not known"),
    "date_invalid": _("Date not readable"),
    "date_in_future": _("Date in the future"),
    "rows_contradict": _("Lines that contradict each other"),
    "row_repeated": _("Lines that stand there twice"),
    "older_than_known": _("Older than what is known"),
}
REFUSALS: Mapping[str, Any] = {
    **{code: roster.REFUSALS[code] for code in ("file_unreadable", "file_encrypted", "file_too_large", "too_many_rows")},
    "not_a_result_list": _("No result list was found in this file. A column headed NIK and one headed Status are needed."),
    "empty_list": _("The file has the right columns, but no line below them."),
}


def sentence(code: str, params: Mapping[str, str | int]) -> str:
    return str(ERRORS[code] if code in ERRORS else WARNINGS[code]) % params


class ListRefused(ValidationError):  # noqa: N818  # as refusals are called here
    """A whole file is refused; `code` is a key of `REFUSALS`."""

    code: str

    def __init__(self, code: str) -> None:
        super().__init__(REFUSALS[code], code=code)

"""What can be wrong with a line of a roster: every code, its level and its sentence. No sentence ever holds a NIK."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

Level = Literal["error", "warning"]

ERRORS: Mapping[str, Any] = {
    "name_missing": _("The name is empty."),
    "birth_date_missing": _("The birth date is empty."),
    "birth_date_invalid": _("The birth date cannot be read. Write it as 2009-08-22 or 22/08/2009."),
    "sex_invalid": _("The sex is empty or unknown. Write L or P."),
    "nik_missing": _("The NIK is empty."),
    "nik_length": _("The NIK has %(found)s digits; it must have 16."),
    "nik_not_digits": _("The NIK holds something other than digits."),
    "nik_numeric_cell": _("This NIK was stored as a number, so its last digits are lost."),
    "nik_province_unknown": _("The first two digits of the NIK are not the code of a province."),
    "nik_birth_date_invalid": _("Digits 7 to 12 of the NIK are not a date."),
    "nik_serial_zero": _("The last four digits of the NIK are 0000, which no NIK has."),
    "nik_is_family_card": _("This is a family card number (No. KK), not a NIK."),
    "nik_duplicate_in_file": _("The same NIK stands in row %(rows)s."),
    "nik_of_another_student": _("This NIK belongs to a student with another name and birth date."),
    "row_repeated": _("The same student stands in row %(rows)s. Keep one of the rows."),
}
WARNINGS: Mapping[str, Any] = {
    "nik_numeric_exact": _("The NIK is stored as a number; its digits are complete."),
    "nik_birth_date_mismatch": _("The birth date in the NIK differs from the birth date in the file."),
    "nik_sex_mismatch": _("The sex in the NIK differs from the sex in the file."),
    "nik_region_unknown": _("The city or district in the NIK is not known; old codes stay valid."),
    "nisn_zero_restored": _("Zeros at the front of the NISN were lost and have been put back."),
    "nisn_invalid": _("The NISN must have 10 digits. It was left out."),
    "nisn_duplicate_in_file": _("The same NISN stands in row %(rows)s. It was left out."),
    "phone_invalid": _("The phone number cannot be read. It was left out."),
    "name_shortened": _("The name has more than 120 characters. What follows them was left out."),
    "class_shortened": _("The name of the class has more than 60 characters. What follows them was left out."),
    "birth_place_shortened": _("The birth place has more than 60 characters. What follows them was left out."),
    "address_shortened": _("The address has more than 200 characters. What follows them was left out."),
    "class_unknown": _("The class is empty or its grade cannot be read."),
    "domicile_unknown": _("The village or district of the home is empty or unknown."),
    "row_ignored": _("This row holds almost nothing and was not read."),
}
REFUSALS: Mapping[str, Any] = {
    "not_a_roster": _(
        "No student list was found in this file. A column with the name and one with the NIK, NISN or birth date are needed."
        " In Dapodik choose Peserta Didik, Unduh, Daftar PD."
    ),
    "no_students": _(
        "This file has the headings of a student list, but no student below them."
        " Choose the school year and all classes in Dapodik, download the list again and upload that file."
    ),
    "columns_unknown": _("Somebody must say first what some columns of this file mean."),
    "leavers_report": _(
        "This is the list of students who left (Daftar Peserta Didik Keluar)."
        " In Dapodik choose Peserta Didik, Unduh, Daftar PD, and upload that file."
    ),
    "file_unreadable": _("The file cannot be read. Open it in Excel, save it as an .xlsx workbook and upload it again."),
    "file_encrypted": _("The file is locked with a password. Save it without a password and upload it again."),
    "file_too_large": _("The file is too large. A roster has at most 10 MB."),
    "too_many_rows": _("The file has too many rows or columns. At most 20,000 rows and 200 columns are read."),
    "all_niks_damaged": _(
        "All NIKs in this file end in 0: Excel has changed their last digit."
        " Download the file from Dapodik again and upload it without opening it in Excel, or format the column as text."
    ),
    "wrong_school": _("This file is from another school: %(school)s."),
    "error_file": _("This is an error file. Upload it on the page of the rosters, where its repairs are taken over."),
    "error_file_headings": _("The headings of this error file are gone. Download the error file again and write into that one."),
    "error_file_mixed": _("This error file holds rows of more than one list. Upload each error file by itself."),
    "error_file_unknown": _(
        "The list that this error file was made from is not here any more, or it is another school's. Upload the list again."
    ),
    "error_file_row_twice": _("One row stands twice in this error file, with different repairs. Keep one of them."),
    "error_file_unchanged": _("Nothing was changed in this error file. Correct the coloured cells, save it and upload it again."),
    "follows_undone": _("The import that this continues was undone. Upload the list again."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `row` is the number Excel shows (0: the whole file), `column` a heading as in the file."""

    code: str
    row: int = 0
    column: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        return "error" if self.code in ERRORS else "warning"

    @property
    def message(self) -> str:
        """The sentence in the language of the moment."""
        sentence = ERRORS[self.code] if self.code in ERRORS else WARNINGS[self.code]
        return str(sentence) % self.params

    def at(self, row: int, column: str) -> Self:
        return type(self)(self.code, row, column, self.params)

    def as_json(self) -> dict[str, str | int]:
        """`{"row", "column", "code", "level", "message"}`, as `import_roster --json` prints it."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "level": self.level,
            "message": self.message,
        }


class RosterRefused(ValidationError):  # noqa: N818  # as refusals are called here
    """A whole file is refused; `code` is a key of `REFUSALS`."""

    code: str

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(REFUSALS[code], code=code, params=params)

    @property
    def sentence(self) -> str:
        return str(self.messages[0])

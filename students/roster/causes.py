"""Every problem of a row by a short name, and how a school mends it."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CAUSES: Final[Mapping[str, str | Promise]] = {
    "nik_numeric_cell": _("NIK damaged because it was stored as a number"),
    "nik_is_family_card": _("The No. KK stands in the column of the NIK"),
    "nik_duplicate_in_file": _("Two rows with the same NIK"),
    "nik_of_another_student": _("NIK of another student"),
    "nik_missing": _("NIK empty"),
    "nik_length": _("NIK too short or too long"),
    "nik_not_digits": _("NIK with something other than digits"),
    "nik_province_unknown": _("NIK with an unknown province"),
    "nik_birth_date_invalid": _("NIK with an impossible date"),
    "nik_serial_zero": _("NIK that ends in 0000"),
    "name_missing": _("Name empty"),
    "birth_date_missing": _("Birth date empty"),
    "birth_date_invalid": _("Birth date cannot be read"),
    "sex_invalid": _("Sex empty or unknown"),
    "row_repeated": _("The same student twice"),
    "nik_numeric_exact": _("NIK stored as a number, complete"),
    "nik_birth_date_mismatch": _("NIK and birth date differ"),
    "nik_sex_mismatch": _("NIK and sex differ"),
    "nik_region_unknown": _("NIK with an unknown city or district"),
    "nisn_zero_restored": _("NISN whose zeros were put back"),
    "nisn_invalid": _("NISN cannot be used"),
    "nisn_duplicate_in_file": _("Two rows with the same NISN"),
    "phone_invalid": _("Phone number cannot be used"),
    "name_shortened": _("Name too long"),
    "class_unknown": _("Class without a grade"),
    "class_shortened": _("Name of the class too long"),
    "birth_place_shortened": _("Birth place too long"),
    "address_shortened": _("Address too long"),
    "domicile_unknown": _("Home unknown"),
    "row_ignored": _("Row not read"),
}
# What is said stands on the page of a row and in the error file too: both have a column of that name.
_COPY_NIK: Final = _("Copy the 16 digits of the NIK from the family card into the column NIK.")
_COMPARE: Final = _("Compare the NIK with the family card. If it is right, leave the row as it is.")
REMEDIES: Final[Mapping[str, str | Promise]] = {
    "nik_numeric_cell": _(
        "Excel keeps 15 digits only. Copy the 16 digits of the NIK from the family card into the column NIK, or download the list"
        " from Dapodik again and upload it without opening it in Excel."
    ),
    "nik_is_family_card": _("Copy the NIK of the student, not the No. KK, from the family card into the column NIK."),
    "nik_duplicate_in_file": _("A NIK belongs to one person. See on the family card whose it is, and correct the other row."),
    "nik_of_another_student": _(
        "Compare with the family card and correct the NIK, or the name and birth date. If all of them are right, call the office."
    ),
    "nik_missing": _COPY_NIK,
    "nik_length": _COPY_NIK,
    "nik_not_digits": _COPY_NIK,
    "nik_province_unknown": _COPY_NIK,
    "nik_birth_date_invalid": _COPY_NIK,
    "nik_serial_zero": _COPY_NIK,
    "name_missing": _("Write the name as on the family card into the column for the name."),
    "birth_date_missing": _("Write the birth date as on the family card into its column, for example 22-08-2009."),
    "birth_date_invalid": _("Write the birth date as on the family card into its column, for example 22-08-2009."),
    "sex_invalid": _("Write L for a boy and P for a girl."),
    "row_repeated": _("Keep one of the rows and leave the others out."),
    "nik_numeric_exact": _COMPARE,
    "nik_birth_date_mismatch": _(
        "Compare with the family card and correct the birth date or the NIK. If both are right, leave the row as it is."
    ),
    "nik_sex_mismatch": _(
        "Compare with the family card and correct the sex or the NIK. If both are right, leave the row as it is."
    ),
    "nik_region_unknown": _COMPARE,
    "nisn_zero_restored": _("Nothing needs to be done."),
    "nisn_invalid": _("A NISN has 10 digits. The student enters without it."),
    "nisn_duplicate_in_file": _("A NISN belongs to one student. These enter without it."),
    "phone_invalid": _("Write it as 081234567890. The student enters without it."),
    "name_shortened": _("Write the name as on the family card into the column for the name."),
    "class_unknown": _("Write the grade in the name of the class, for example XI MERDEKA 3."),
    "class_shortened": _("Write a shorter name of the class, different from all others. What follows 60 characters is lost."),
    "birth_place_shortened": _("Write at most 60 characters into the birth place. The student enters with the beginning of it."),
    "address_shortened": _("Write at most 200 characters into the address. The student enters with the beginning of it."),
    "domicile_unknown": _("Fill in the village and district of the family card in Dapodik."),
    "row_ignored": _("The row holds almost nothing."),
}
# The field of a form, or the column of the error file, in which a problem is mended; its code begins with the field's name.
_FIELDS: Final = ("nik", "nisn", "name", "birth_date", "sex", "phone", "class")
# A repeated row is left out. What a good NIK contradicts is seen in its own cell; the NIK's stands empty wherever one mends.
_ELSEWHERE: Final = {"row_repeated": "left_out", "nik_sex_mismatch": "sex", "nik_birth_date_mismatch": "birth_date"}


def field_of(code: str) -> str:
    """`"nik_length"` → `"nik"`; "" for what is mended in Dapodik alone."""
    if code in _ELSEWHERE:
        return _ELSEWHERE[code]
    field = next((name for name in _FIELDS if code.startswith(f"{name}_")), "")
    return "class_name" if field == "class" else field

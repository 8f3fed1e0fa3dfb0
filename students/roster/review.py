"""What a school sees before anything is written: sections with counts, problems grouped by cause, one sentence to decide on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from students.models import RosterRow, RosterUpload
from students.problems import ERRORS, WARNINGS

# A page shows so many rows of a section or cause; the error file has them all.
SHOWN: Final = 100

CAUSES: Final[Mapping[str, Promise]] = {
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
    "class_unknown": _("Class without a grade"),
    "domicile_unknown": _("Home unknown"),
    "row_ignored": _("Row not read"),
}


@dataclass
class CauseRow:
    row: RosterRow
    column: str
    message: str


@dataclass
class Cause:
    """One way in which rows are wrong; how to mend it is said once."""

    code: str
    title: str | Promise
    remedy: str
    rows: list[CauseRow] = field(default_factory=list)

    @property
    def shown(self) -> list[CauseRow]:
        return self.rows[:SHOWN]

    @property
    def hidden_count(self) -> int:
        return max(0, len(self.rows) - SHOWN)


@dataclass(frozen=True)
class Review:
    """The upload's rows as the page shows them."""

    errors: Sequence[Cause]
    warnings: Sequence[Cause]
    error_count: int
    warning_count: int
    held_count: int
    without_nik_count: int
    sections: Mapping[str, Sequence[RosterRow]]
    counts: Mapping[str, int]
    import_count: int
    waiting_count: int
    seventeen_count: int

    @property
    def empty_sections(self) -> list[str]:
        names = {"changed": _("Changed"), "similar": _("Similar"), "moved": _("Moved school"), "missing": _("Not in the file")}
        return [str(name) for key, name in names.items() if not self.counts.get(key)]


def review(upload: RosterUpload, *, born_by: object) -> Review:
    """`born_by`: who is born on or before it has turned 17."""
    rows = upload.rows.all()
    troubled = list(rows.exclude(problems=[]).order_by("row_number", "id"))
    errors, warnings = _causes(troubled)
    counts = {key: value for key, value in upload.counts.items() if isinstance(value, int)}
    undecided = rows.filter(section__in=["moved", "similar"], decision="").count()
    entering = rows.filter(
        Q(section__in=["new", "changed"]) | Q(section="moved", decision="accept") | Q(section="similar", decision="keep_both")
    ).exclude(decision="reject")
    return Review(
        errors=errors,
        warnings=warnings,
        error_count=len({line.row.pk for cause in errors for line in cause.rows}),
        warning_count=len({line.row.pk for cause in warnings for line in cause.rows}),
        held_count=counts.get("held", 0),
        without_nik_count=counts.get("without_nik", 0),
        sections={
            section: list(
                rows.filter(section=section).select_related("person").order_by("row_number", "search_name", "id")[:SHOWN]
            )
            for section in RosterRow.Section.values
            if counts.get(section)
        },
        counts=counts,
        import_count=entering.count(),
        waiting_count=undecided,
        seventeen_count=rows.filter(section="new", birth_date__lte=born_by).count(),
    )


def _causes(rows: Sequence[RosterRow]) -> tuple[list[Cause], list[Cause]]:
    found: defaultdict[str, list[CauseRow]] = defaultdict(list)
    for row in rows:
        for problem in row.problems:
            found[problem["code"]].append(CauseRow(row, problem.get("column", ""), problem["message"]))
    causes = [
        Cause(code, CAUSES.get(code, code), lines[0].message if len({line.message for line in lines}) == 1 else "", lines)
        for code, lines in sorted(found.items(), key=lambda item: -len(item[1]))
    ]
    return [cause for cause in causes if cause.code in ERRORS], [cause for cause in causes if cause.code in WARNINGS]

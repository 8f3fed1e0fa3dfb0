"""The list that the Sudin takes to its own SIAK: NIK, name and birth date of who needs recording, in an audited workbook."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import xlsxwriter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from drives.models import CheckList, Drive
from schools.models import AuditEntry, School, User, record_access
from students import privacy
from students.models import Person

WIDTHS: Final = (20, 40, 15, 18, 24, 16)


@dataclass(frozen=True)
class Entry:
    """One line of the list. Never kept anywhere but in the file."""

    nik: str
    name: str
    birth_date: str
    class_name: str


def persons_to_check(*, school: School, drive: Drive | None = None) -> QuerySet[Person]:
    """Pupils of the school who need recording; of a drive's grades alone, where it names some."""
    people = Person.objects.filter(school=school, anonymised_at=None).needing_recording()
    if drive and drive.grades:
        people = people.filter(enrolments__ends_on=None, enrolments__class_group__grade__in=drive.grades)
    return people


@transaction.atomic
def take_check_list(*, school: School, by: User | None, now: datetime, drive: Drive | None = None) -> tuple[CheckList, bytes]:
    """The workbook, and the row that says who took it. Who has no usable NIK cannot be looked up and is left out.

    Raises ValidationError: `nobody_to_check`.
    """
    people = persons_to_check(school=school, drive=drive).filter(nik_sealed__isnull=False)
    entries = [_entry(person) for person in _with_class(people)]
    if not entries:
        raise ValidationError(
            gettext_lazy("Nobody at this school needs a check: no student without a recording has a usable NIK."),
            code="nobody_to_check",
        )
    taken = CheckList.objects.create(office=school.office, school=school, taken_by=by, taken_at=now, person_count=len(entries))
    record_access(
        action=AuditEntry.Action.EXPORTED,
        subject=taken,
        by=by,
        at=now,
        office_id=school.office_id,
        school_id=school.pk,
        detail={"persons": len(entries), "drive": str(drive.pk) if drive else ""},
    )
    with translation.override("id"):
        return taken, workbook(entries, title=_("To be checked: %(school)s") % {"school": school.name})


def _with_class(people: QuerySet[Person]) -> Iterable[Person]:
    live = people.filter(enrolments__ends_on=None).annotate(class_name=F("enrolments__class_group__name"))
    return live.order_by("class_name", "search_name", "pk").iterator(chunk_size=2_000)


def _entry(person: Person) -> Entry:
    assert person.nik_sealed is not None
    return Entry(
        nik=privacy.unseal(bytes(person.nik_sealed), row_id=person.pk),
        name=person.name,
        birth_date=f"{person.birth_date:%d-%m-%Y}" if person.birth_date else "",
        class_name=getattr(person, "class_name", None) or "",
    )


def workbook(entries: Sequence[Entry], *, title: str) -> bytes:
    """Text cells throughout, so that no digit is lost; two empty columns take the answer, and the import reads them."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        as_text = book.add_format({"num_format": "@"})
        heading = book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        sheet = book.add_worksheet(_("To be checked")[:31])
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width, as_text)
        sheet.write_string(0, 0, title, book.add_format({"bold": True}))
        headings = ["NIK", _("Name"), _("Birth date"), _("Class"), _("Status"), _("Date of the status")]
        for column, label in enumerate(headings):
            sheet.write_string(2, column, label, heading)
        sheet.freeze_panes(3, 0)
        for row, entry in enumerate(entries, start=3):
            for column, value in enumerate((entry.nik, entry.name, entry.birth_date, entry.class_name, "", "")):
                if value:
                    sheet.write_string(row, column, value, as_text)
                else:
                    sheet.write_blank(row, column, None, as_text)
    return output.getvalue()

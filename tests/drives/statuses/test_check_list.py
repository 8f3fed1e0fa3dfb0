"""The list that leaves the house: who is on it, how, and what is written down about it."""

import io

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from drives.models import CheckList, Drive
from drives.statuses import actions
from drives.statuses.check_list import take_check_list
from schools.models import AuditEntry, School
from tests.drives.statuses.lists import FIRST, SECOND, THIRD
from tests.factories import NOW, TODAY, ClassGroupFactory, DriveFactory, DukcapilStatusFactory, PersonFactory, SchoolFactory

pytestmark = pytest.mark.django_db


def lines(school: School, drive: Drive | None = None) -> list[list[object]]:
    _taken, content = take_check_list(school=school, drive=drive, by=None, now=NOW)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]


def test_the_list_holds_who_needs_recording_and_nobody_else() -> None:
    group = ClassGroupFactory(name="XI 1")
    PersonFactory(nik=FIRST, enrolled=group, name="ANI")
    recorded = PersonFactory(nik=SECOND, enrolled=group)
    DukcapilStatusFactory(person=recorded)
    PersonFactory(enrolled=group)
    PersonFactory(nik=THIRD, enrolled=ClassGroupFactory())

    found = lines(group.school)

    assert found == [[FIRST, "ANI", "01-06-2009", "XI 1", None, None]]


def test_a_drive_narrows_the_list_to_its_grades() -> None:
    eleventh = ClassGroupFactory(grade=11, name="XI 1")
    twelfth = ClassGroupFactory(school=eleventh.school, grade=12, name="XII 1")
    PersonFactory(nik=FIRST, enrolled=eleventh)
    PersonFactory(nik=SECOND, enrolled=twelfth)

    found = lines(eleventh.school, DriveFactory(school=eleventh.school, grades=[12]))

    assert [row[0] for row in found] == [SECOND]


def test_numbers_are_text_cells_so_that_no_digit_is_lost() -> None:
    group = ClassGroupFactory()
    PersonFactory(nik=FIRST, enrolled=group)

    _taken, content = take_check_list(school=group.school, by=None, now=NOW)

    cell = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A4"]
    assert (cell.value, cell.data_type, cell.number_format) == (FIRST, "s", "@")


def test_taking_the_list_is_written_down() -> None:
    group = ClassGroupFactory()
    PersonFactory(nik=FIRST, enrolled=group)

    taken, _content = take_check_list(school=group.school, by=None, now=NOW)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id, entry.school_id, entry.detail["persons"]) == (
        "exported",
        taken.pk,
        group.school_id,
        1,
    )


def test_an_empty_list_is_refused_and_leaves_nothing() -> None:
    with pytest.raises(ValidationError) as refusal:
        take_check_list(school=SchoolFactory(), by=None, now=NOW)

    assert (refusal.value.code, CheckList.objects.count(), AuditEntry.objects.count()) == ("nobody_to_check", 0, 0)


def test_the_list_filled_in_is_read_as_a_result_list() -> None:
    group = ClassGroupFactory()
    person = PersonFactory(nik=FIRST, enrolled=group)
    _taken, content = take_check_list(school=group.school, by=None, now=NOW)
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.worksheets[0]["E4"] = "SUDAH REKAM"
    book.worksheets[0]["F4"] = "18-11-2026"
    filled = io.BytesIO()
    book.save(filled)

    made = actions.read_result_list(
        data=filled.getvalue(), filename="x.xlsx", dated_on=TODAY, office=group.school.office, by=None, now=NOW
    )

    assert [(row["row"], row["person"], row["status"], row["dated_on"]) for row in made.rows] == [
        (4, str(person.pk), "BIO_CAPTURED", "2026-11-18")
    ]

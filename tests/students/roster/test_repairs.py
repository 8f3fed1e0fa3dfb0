"""Lines mended in place: judged as any other line, and kept until the file is read again."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.models import School
from students import privacy
from students.models import Person, RosterRepair
from students.roster import checks, follow_up, intake, tasks
from students.roster.overlay import LEFT_OUT
from students.roster.reader import RawSheet
from tests.factories import NOW, SchoolFactory
from tests.students.regions import REGIONS
from tests.students.roster import workbooks
from tests.students.roster.conftest import TODAY
from tests.students.roster.repairing import NIK_OF_NOBODY, import_it, mended, nik, read, save, school
from tests.students.roster.uploads import MINUTE, girl, imported, reviewed, roster, sections

__all__ = ["school"]

# Every error that a person can mend in place: what stands in the file, the code, and what is written instead.
DAMAGES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "name_missing": ({"Nama": ""}, {"name": "SITI BARU"}),
    "birth_date_missing": ({"Tanggal_Lahir": ""}, {"birth_date": "2009-08-22"}),
    "birth_date_invalid": ({"Tanggal_Lahir": "32-13-2009"}, {"birth_date": "2009-08-22"}),
    "sex_invalid": ({"JK": "?"}, {"sex": "P"}),
    "nik_missing": ({"NIK": ""}, {"nik": NIK_OF_NOBODY}),
    "nik_length": ({"NIK": "31740362080991"}, {"nik": NIK_OF_NOBODY}),
    "nik_not_digits": ({"NIK": "31740362080991AB"}, {"nik": NIK_OF_NOBODY}),
    "nik_numeric_cell": ({"NIK": 3174036208099100}, {"nik": NIK_OF_NOBODY}),
    "nik_province_unknown": ({"NIK": "9974036208099101"}, {"nik": NIK_OF_NOBODY}),
    "nik_birth_date_invalid": ({"NIK": "3174037213099101"}, {"nik": NIK_OF_NOBODY}),
    "nik_serial_zero": ({"NIK": "3174036208090000"}, {"nik": NIK_OF_NOBODY}),
    "nik_is_family_card": ({"NIK": "3174031501159001"}, {"nik": NIK_OF_NOBODY}),
    "nik_duplicate_in_file": ({"NIK": "3174036208099101"}, {"nik": NIK_OF_NOBODY}),
    "row_repeated": ({"Nama": "SITI A", "NIK": "3174036208099101"}, {LEFT_OUT: "1"}),
    "nisn_invalid": ({"NISN": "12"}, {"nisn": "0099999999"}),
    "phone_invalid": ({"HP": "12"}, {"phone": "081234567899"}),
    "name_shortened": ({"Nama": "SITI " * 30}, {"name": "SITI CONTOH"}),
    "class_unknown": ({"Rombel_Saat_Ini": "MERDEKA"}, {"class_name": "XI MERDEKA 3"}),
    "class_shortened": ({"Rombel_Saat_Ini": f"XI {'REKAYASA ' * 8}"}, {"class_name": "XI REKAYASA"}),
    "nisn_duplicate_in_file": ({"NISN": "0090000000"}, {"nisn": "0099999999"}),
    "nik_birth_date_mismatch": ({"NIK": "3174036308099101"}, {"nik": NIK_OF_NOBODY}),
}


@pytest.mark.parametrize("code", DAMAGES)
def test_what_is_wrong_in_a_row_is_mended_in_place(school: School, code: str) -> None:
    damage, repair = DAMAGES[code]
    upload = reviewed(school, roster(girl(0), girl(5), girl(6), girl(1, **damage), girl(7)))
    before = upload.rows.get(row_number=10)
    assert code in [problem["code"] for problem in before.problems]

    mended(upload, {10: repair})

    left = [problem["code"] for row in upload.rows.all() for problem in row.problems]
    expected = [(7, "new"), (8, "new"), (9, "new"), (10, "new"), (11, "new")]
    assert (code in left, sections(upload)) == (False, [row for row in expected if LEFT_OUT not in repair or row[0] != 10])


def test_a_number_of_another_student_is_mended_in_place(school: School) -> None:
    imported(SchoolFactory(), roster(girl(30, Nama="LAIN SEKALI", Tanggal_Lahir="2008-01-01")))
    upload = reviewed(school, roster(girl(0), girl(1, NIK=nik(30))), now=NOW + MINUTE)
    assert upload.rows.get(row_number=8).nik_problem == "nik_of_another_student"

    mended(upload, {8: {"nik": NIK_OF_NOBODY}})

    assert (upload.rows.get(row_number=8).nik_problem, sections(upload)) == ("", [(7, "new"), (8, "new")])


def test_a_repaired_line_is_compared_with_all_the_others(school: School) -> None:
    upload = reviewed(school, roster(girl(0), girl(1, NIK="")))

    mended(upload, {8: {"nik": nik(0)}})

    assert [row.nik_problem for row in upload.rows.order_by("row_number")] == ["nik_duplicate_in_file"] * 2


def test_a_repaired_number_enters_sealed_under_its_person(school: School) -> None:
    upload = reviewed(school, roster(girl(0, NIK="")))

    import_it(mended(upload, {7: {"nik": NIK_OF_NOBODY}}))

    person = Person.objects.get()
    assert privacy.unseal(bytes(person.nik_sealed or b""), row_id=person.pk) == NIK_OF_NOBODY


def test_no_number_stands_in_a_repair(school: School) -> None:
    upload = reviewed(school, roster(girl(0, NIK="")))

    save(upload, {7: {"nik": NIK_OF_NOBODY, "nisn": "0091111111"}})

    repair = RosterRepair.objects.get()
    assert repair.fields == ["nik", "nisn"]
    assert NIK_OF_NOBODY.encode() not in bytes(repair.cells_sealed)
    assert NIK_OF_NOBODY not in str(list(RosterRepair.objects.defer("cells_sealed").values("fields", "sheet", "row_number")))


def test_a_repaired_row_keeps_its_id_and_so_its_address(school: School) -> None:
    upload = reviewed(school, roster(girl(0), girl(1, NIK="")))
    before = dict(upload.rows.values_list("row_number", "pk"))

    mended(upload, {8: {"nik": NIK_OF_NOBODY}})

    assert dict(upload.rows.values_list("row_number", "pk")) == before


def test_decisions_survive_the_reading_where_row_and_person_are_the_same(school: School) -> None:
    elsewhere = SchoolFactory()
    imported(school, roster(girl(0, Nama="SITI CONTOH"), girl(5), girl(6)))
    imported(elsewhere, roster(girl(9)))
    data = roster(girl(1, Nama="SITI CONTOH", NISN="0099999991"), girl(9), girl(5, HP="081211112222"), girl(3, NIK=""))
    upload = reviewed(school, data, now=NOW + MINUTE)
    decided = {"similar": "keep_both", "moved": "accept", "missing": "left", "changed": "reject"}
    intake.decide(upload=upload, decisions=[], for_all=decided)
    before = list(upload.rows.order_by("row_number", "pk").values_list("section", "person", "decision"))
    assert {section for section, _person, decision in before if decision} == set(decided)

    mended(upload, {10: {"nik": NIK_OF_NOBODY}})

    after = list(upload.rows.order_by("row_number", "pk").values_list("section", "person", "decision"))
    assert [row for row in after if row[0] != "new"] == [row for row in before if row[0] != "new"]


def test_several_rows_are_repaired_before_the_list_is_checked_again(school: School) -> None:
    upload = reviewed(school, roster(girl(0, NIK=""), girl(1, NIK="")))

    save(upload, {7: {"nik": NIK_OF_NOBODY}}, read_again=False)
    upload.refresh_from_db()
    assert upload.status == "review"
    with pytest.raises(ValidationError) as refusal:
        intake.approve_upload(upload=upload, by=None, now=NOW, is_right_school=True)
    assert refusal.value.code == "repairs_unread"
    save(upload, {8: {"nik": nik(1)}}, minute=2)
    read(upload)

    assert [row.nik_problem for row in upload.rows.all()] == ["", ""]
    assert import_it(upload).status == "applied"


def test_a_worker_that_dies_between_repair_and_reading_loses_no_repair(school: School) -> None:
    upload = save(reviewed(school, roster(girl(0, NIK=""))), {7: {"nik": NIK_OF_NOBODY}})
    dead = intake.claim(upload_id=upload.pk, worker="dead", now=NOW - 60 * MINUTE)
    assert dead is not None

    tasks.work(upload.pk)

    upload.refresh_from_db()
    assert (upload.status, upload.rows.get().nik_problem, upload.repairs.get().is_read) == ("review", "", True)


def test_the_same_repair_twice_is_one(school: School) -> None:
    upload = reviewed(school, roster(girl(0, NIK="")))
    mended(upload, {7: {"nik": NIK_OF_NOBODY}})

    save(upload, {7: {"nik": NIK_OF_NOBODY}}, minute=5)

    upload.refresh_from_db()
    repair = RosterRepair.objects.get()
    assert (upload.status, repair.at) == ("review", NOW + MINUTE)


def test_of_two_who_repair_one_row_the_last_one_counts(school: School) -> None:
    upload = reviewed(school, roster(girl(0, Nama="", NIK="")))

    save(upload, {7: {"name": "SITI SATU", "nik": NIK_OF_NOBODY}}, read_again=False)
    mended(upload, {7: {"name": "SITI DUA"}})

    row = upload.rows.get()
    assert (row.name, row.nik_problem, RosterRepair.objects.count()) == ("SITI DUA", "", 1)


def test_while_the_list_is_read_nothing_is_repaired(school: School) -> None:
    upload = save(reviewed(school, roster(girl(0, NIK=""))), {7: {"nik": NIK_OF_NOBODY}})

    with pytest.raises(ValidationError) as refusal:
        save(upload, {7: {"name": "SITI"}})

    assert refusal.value.code == "upload_busy"


def test_a_repair_taken_back_leaves_the_line_as_it_stands_in_the_file(school: School) -> None:
    upload = mended(reviewed(school, roster(girl(0, NIK=""), girl(1))), {7: {LEFT_OUT: "1"}})
    assert sections(upload) == [(8, "new")]

    follow_up.take_repair_back(repair=upload.repairs.get(), ring_worker=False)
    read(upload)

    assert (sections(upload), upload.rows.get(row_number=7).nik_problem) == ([(7, "new"), (8, "new")], "nik_missing")


def test_a_cancelled_upload_leaves_no_repair(school: School) -> None:
    upload = mended(reviewed(school, roster(girl(0, NIK=""))), {7: {"nik": NIK_OF_NOBODY}})

    intake.cancel_upload(upload=upload, now=NOW)

    assert RosterRepair.objects.count() == 0


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(list(DAMAGES)), min_size=1, max_size=3, unique=True))
def test_repairs_are_as_if_the_file_had_been_right(codes: list[str]) -> None:
    """Laid over damaged cells they give the lines of the file in which these cells were right."""
    assert workbooks.STUDENT["JK"] == "P"
    damaged = {key: value for code in codes for key, value in DAMAGES[code][0].items() if LEFT_OUT not in DAMAGES[code][1]}
    names = {"Nama": "name", "JK": "sex", "Tanggal_Lahir": "birth_date", "NIK": "nik", "NISN": "nisn", "HP": "mobile"}
    right = {"name": "SITI B", "sex": "P", "birth_date": "2009-08-22", "nik": "3174036208099102", "nisn": "0091234567"}
    right |= {"mobile": "081234567890", "class_name": "XI 1"}
    spoilt = right | {names[key]: str(value) for key, value in damaged.items() if key in names}
    sheets = [
        RawSheet("", 2, 1, dict.fromkeys(right, ""), {key: [value] for key, value in cells.items()}) for cells in (right, spoilt)
    ]
    repairs = {("", 2): {("phone" if key == "mobile" else key): right[key] for key in right if right[key] != spoilt[key]}}

    (expected, _), (found, _) = (
        checks.check_sheets([sheet], today=TODAY, regions=REGIONS, repairs=laid)
        for sheet, laid in zip(sheets, ({}, repairs), strict=True)
    )

    assert found == expected

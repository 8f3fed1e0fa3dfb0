"""Lines mended in place: laid over the file, judged as any other line, and kept until the file is read again."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.models import School, User
from students import privacy
from students.models import Person, RosterRepair, RosterRow, RosterUpload
from students.roster import checks, follow_up, intake, tasks
from students.roster.apply import apply_upload
from students.roster.overlay import FIELDS, LEFT_OUT, lay_over, typed_niks
from students.roster.reader import RawSheet
from students.roster.retention import forget_old_rosters
from students.roster.undo import undo_upload
from tests.factories import NOW, SchoolFactory, UserFactory
from tests.students.regions import REGIONS
from tests.students.roster import workbooks
from tests.students.roster.uploads import MINUTE, girl, imported, reviewed, roster, sections

TODAY = date(2026, 11, 21)
COLUMNS = ("name", "sex", "birth_date", "nik", "nisn", "class_name", "mobile", "phone", "birth", "birth_place", "family_card")
CELL = st.text("ABZ 019-,\x01n", max_size=6)
REPAIR = st.dictionaries(st.sampled_from([*FIELDS, LEFT_OUT]), CELL, max_size=4)
# A good number of the girl with this number in her file, and of nobody.
NIK_OF_NOBODY = "3174036208099999"


def nik(number: int) -> str:
    return str(girl(number)["NIK"])


@st.composite
def a_sheet(draw: Any, name: str = "Siswa") -> RawSheet:
    count = draw(st.integers(0, 5))
    chosen = draw(st.sets(st.sampled_from(COLUMNS), min_size=2))
    columns = {field: draw(st.lists(CELL, min_size=count, max_size=count)) for field in sorted(chosen)}
    return RawSheet(name, 7, count, {field: field for field in columns}, columns)


def cells_of(sheet: RawSheet, row: int) -> dict[str, str]:
    """What a row says, an absent column saying nothing."""
    return {field: sheet.columns[field][row - sheet.first_row] if sheet.columns.get(field) else "" for field in COLUMNS}


@given(sheets=st.lists(a_sheet(), max_size=2))
def test_without_repairs_nothing_changes(sheets: list[RawSheet]) -> None:
    assert lay_over(sheets, {}) == sheets
    assert lay_over(sheets, {("Guru", 7): {"name": "A"}, ("Siswa", 3): {"name": "A"}, ("Siswa", 999): {"nik": "1"}}) == sheets


@given(sheet=a_sheet(), repairs=st.dictionaries(st.tuples(st.just("Siswa"), st.integers(5, 14)), REPAIR, max_size=4))
def test_a_repair_of_one_row_changes_no_cell_of_another(sheet: RawSheet, repairs: dict[tuple[str, int], dict[str, str]]) -> None:
    laid = lay_over([sheet], repairs)[0]

    assert (laid.row_count, laid.first_row, laid.headings) == (sheet.row_count, sheet.first_row, sheet.headings)
    for row in range(7, 7 + sheet.row_count):
        written = repairs.get(("Siswa", row), {})
        if not written:
            assert cells_of(laid, row) == cells_of(sheet, row)
        elif LEFT_OUT in written:
            assert set(cells_of(laid, row).values()) == {""}
        else:
            told = {field: cell for field, cell in written.items() if field != "phone"}
            assert {field: cells_of(laid, row)[field] for field in told} == told
            assert "phone" not in written or cells_of(laid, row)["mobile"] == written["phone"]


def test_two_sheets_of_one_name_have_no_address() -> None:
    sheet = RawSheet("", 2, 1, {"name": "Nama"}, {"name": ["A"]})

    assert lay_over([sheet, sheet], {("", 2): {"name": "B"}}) == [sheet, sheet]


def raw(rows: list[tuple[str, str, str]]) -> RawSheet:
    """NIK, class, family card; the rest is the same girl born on 22 August 2009."""
    names = [f"SITI {chr(65 + number)}" for number in range(len(rows))]
    columns = {
        "name": names,
        "sex": ["P"] * len(rows),
        "birth_date": ["2009-08-22"] * len(rows),
        "nik": [row[0] for row in rows],
        "class_name": [row[1] for row in rows],
        "family_card": [row[2] for row in rows],
    }
    return RawSheet("", 2, len(rows), {field: field for field in columns}, columns)


def test_mending_most_of_a_damaged_file_does_not_make_the_rest_look_sound() -> None:
    """A CSV forgets what was a number; that most NIKs end in 0 is judged by the file as it came."""
    damaged = [(f"317403620809{9100 + 10 * number}", "XI 1", "") for number in range(10)]
    sheet = raw([*damaged, ("3174036208099991", "XI 1", "")])
    repairs = {("", 2 + number): {"nik": f"317403620809{9201 + number}"} for number in range(8)}

    lines, _problems = checks.check_sheets([sheet], today=TODAY, regions=REGIONS, repairs=repairs)

    assert [line.nik_problem for line in lines] == [""] * 8 + ["nik_numeric_cell"] * 2 + [""]


def test_a_number_that_a_person_typed_may_end_in_0_in_a_damaged_file() -> None:
    damaged = [(f"317403620809{9100 + 10 * number}", "XI 1", "") for number in range(10)]
    sheet = raw([*damaged, ("3174036208099991", "XI 1", "")])
    repairs = {("", 2): {"nik": "3174036208099990"}}

    lines, _problems = checks.check_sheets([sheet], today=TODAY, regions=REGIONS, repairs=repairs)

    assert lines[0].nik == "3174036208099990"


def test_swapped_columns_are_mended_with_the_number_that_stood_as_family_card() -> None:
    sheet = raw([("3174031501159001", "XI 1", "3174036208099001"), ("", "XI 1", "3174031501159001")])

    lines, _problems = checks.check_sheets(
        [sheet],
        today=TODAY,
        regions=REGIONS,
        repairs={("", 2): {"nik": "3174036208099001"}, ("", 3): {"nik": "3174031501159001"}},
    )

    assert [(line.nik, line.nik_problem) for line in lines] == [("3174036208099001", ""), (None, "nik_is_family_card")]


def test_a_class_written_for_one_row_leaves_the_sheets_name_as_the_class_of_the_others() -> None:
    columns = {"name": ["A B", "C D"], "sex": ["P", "P"], "birth_date": ["2009-08-22"] * 2}
    sheet = RawSheet("XI IPA 1", 2, 2, {field: field for field in columns}, columns)

    lines, _problems = checks.check_sheets(
        [sheet], today=TODAY, regions=REGIONS, repairs={("XI IPA 1", 3): {"class_name": "XI IPA 2"}}
    )

    assert [line.class_name for line in lines] == ["XI IPA 1", "XI IPA 2"]


def test_a_number_that_a_program_made_is_not_typed() -> None:
    assert typed_niks({("", 2): {"nik": "\x01n31740362080990"}, ("", 3): {"nik": "1"}, ("", 4): {"name": "A"}}) == {("", 3)}


# From here on with the database.


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory()


@pytest.fixture
def clerk(school: School) -> User:
    return UserFactory(school_admin=school)


def save(
    upload: RosterUpload, found: Mapping[int, Mapping[str, str]], *, minute: int = 1, read_again: bool = True
) -> RosterUpload:
    """Repairs of rows by their number, of a file with one sheet."""
    sheet = RosterRow.objects.filter(upload=upload, row_number__gt=0).values_list("sheet", flat=True).first() or ""
    repairs = {(sheet, row): cells for row, cells in found.items()}
    saved = follow_up.save_repairs(
        upload=upload, found=repairs, by=None, now=NOW + minute * MINUTE, read_again=read_again, ring_worker=False
    )
    return saved.upload


def read(upload: RosterUpload, *, minute: int = 2) -> RosterUpload:
    return intake.read_upload(upload=RosterUpload.objects.get(pk=upload.pk), now=NOW + minute * MINUTE)


def mended(upload: RosterUpload, found: Mapping[int, Mapping[str, str]]) -> RosterUpload:
    return read(save(upload, found))


def import_it(upload: RosterUpload, *, minute: int = 3) -> RosterUpload:
    now = NOW + minute * MINUTE
    intake.approve_upload(upload=upload, by=None, now=now, is_right_school=True, ring_worker=False)
    return apply_upload(upload=upload, now=now)


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


# What an import has left.


def with_leftovers(school: School) -> RosterUpload:
    """Four girls: one sound, one without NIK, one held, and one sound."""
    return imported(school, roster(girl(0), girl(1, NIK=""), girl(2, JK="?"), girl(3)))


def test_a_follow_up_keeps_only_what_the_import_has_left(school: School) -> None:
    first = with_leftovers(school)

    second = read(save(first, {8: {"nik": nik(1)}}))

    assert (second.follows, sections(second)) == (first, [(8, "changed"), (9, "held")])
    assert [second.counts[key] for key in ("rows", "missing", "unchanged", "new")] == [2, 0, 0, 0]
    assert Person.objects.filter(nik_digest=None).count() == 1


def test_a_follow_up_settles_its_lines_and_its_undo_puts_them_back(school: School) -> None:
    first = with_leftovers(school)
    assert left_of(school) == {first.pk: 2}
    second = import_it(read(save(first, {8: {"nik": nik(1)}, 9: {"sex": "P"}})))

    assert (left_of(school), Person.objects.count(), Person.objects.filter(nik_digest=None).count()) == ({}, 4, 0)
    undo_upload(upload=second, by=None, now=NOW + 4 * MINUTE)

    assert (left_of(school), Person.objects.count(), Person.objects.filter(nik_digest=None).count()) == ({first.pk: 2}, 3, 1)


def left_of(school: School) -> dict[Any, int]:
    from students.roster import worklist

    return dict(worklist.counts([school.pk]))


def test_a_follow_up_leaves_what_it_did_not_mend(school: School) -> None:
    first = with_leftovers(school)

    second = import_it(read(save(first, {8: {"nik": nik(1)}})))

    assert left_of(school) == {second.pk: 1}
    third = import_it(read(save(first, {9: {"sex": "P"}}, minute=4), minute=5), minute=6)
    assert (third.follows, left_of(school), Person.objects.count()) == (first, {}, 4)


def test_the_imports_are_undone_newest_first(school: School) -> None:
    first = with_leftovers(school)
    second = import_it(read(save(first, {8: {"nik": nik(1)}, 9: {"sex": "P"}})))

    with pytest.raises(ValidationError) as refusal:
        undo_upload(upload=first, by=None, now=NOW + 4 * MINUTE)
    undo_upload(upload=second, by=None, now=NOW + 4 * MINUTE)
    undo_upload(upload=first, by=None, now=NOW + 5 * MINUTE)

    assert (refusal.value.code, Person.objects.count()) == ("not_the_newest", 0)


def test_a_follow_up_applied_twice_is_once(school: School) -> None:
    second = import_it(read(save(with_leftovers(school), {8: {"nik": nik(1)}, 9: {"sex": "P"}})))

    apply_upload(upload=second, now=NOW + 9 * MINUTE)

    assert (Person.objects.count(), left_of(school)) == (4, {})


def test_repairs_sent_twice_make_one_follow_up(school: School) -> None:
    first = with_leftovers(school)
    second = read(save(first, {8: {"nik": nik(1)}}))

    assert save(first, {8: {"nik": nik(1)}}, minute=5) == second
    assert follow_up.continue_import(upload=first, by=None, now=NOW + 6 * MINUTE, ring_worker=False) == second

    assert (RosterUpload.objects.count(), RosterUpload.objects.get(pk=second.pk).status) == (2, "review")


def test_what_is_settled_is_not_repaired_again(school: School) -> None:
    first = with_leftovers(school)
    import_it(read(save(first, {8: {"nik": nik(1)}, 9: {"sex": "P"}})))

    for row in (7, 8):
        with pytest.raises(ValidationError) as refusal:
            save(first, {row: {"nik": NIK_OF_NOBODY}}, minute=5)
        assert refusal.value.code == "line_is_done"


def test_a_newer_list_has_the_only_work_list(school: School) -> None:
    first = with_leftovers(school)
    newer = imported(school, roster(girl(0), girl(1, NIK=""), girl(2), girl(3)), now=NOW + 10 * MINUTE)

    with pytest.raises(ValidationError) as refusal:
        save(first, {8: {"nik": nik(1)}}, minute=11)

    assert (refusal.value.code, left_of(school)) == ("newer_list", {newer.pk: 1})


def test_a_pupil_who_got_a_number_in_another_way_is_no_work(school: School) -> None:
    first = with_leftovers(school)
    person = Person.objects.get(nik_digest=None)
    person.nik_sealed, person.nik_digest = privacy.seal(nik(1), row_id=person.pk), privacy.digest(nik(1))
    person.save()

    assert left_of(school) == {first.pk: 1}


def test_a_decision_that_was_never_taken_waits_too(school: School) -> None:
    imported(SchoolFactory(), roster(girl(9)))
    upload = imported(school, roster(girl(0), girl(9)), now=NOW + MINUTE)
    assert left_of(school) == {upload.pk: 1}

    second = read(follow_up.continue_import(upload=upload, by=None, now=NOW + 2 * MINUTE, ring_worker=False))
    intake.decide(upload=second, decisions=[], for_all={"moved": "accept"})
    import_it(second)

    assert (left_of(school), Person.objects.filter(school=school).count()) == ({}, 2)


def test_a_follow_up_of_an_import_that_was_undone_is_refused(school: School) -> None:
    first = with_leftovers(school)
    second = read(save(first, {8: {"nik": nik(1)}}))
    undo_upload(upload=first, by=None, now=NOW + 3 * MINUTE)

    intake.approve_upload(upload=second, by=None, now=NOW + 4 * MINUTE, is_right_school=True, ring_worker=False)
    assert apply_upload(upload=second, now=NOW + 4 * MINUTE).status == "waiting"
    read(second)

    second.refresh_from_db()
    assert (second.status, second.refusal_code) == ("refused", "follows_undone")


def test_a_forgotten_file_is_uploaded_again(school: School) -> None:
    first = with_leftovers(school)
    RosterUpload.objects.filter(pk=first.pk).update(file_sealed=None)

    with pytest.raises(ValidationError) as refusal:
        save(first, {8: {"nik": nik(1)}})

    assert refusal.value.code == "file_forgotten"


def test_repairs_are_forgotten_with_the_file_and_a_follow_up_is_as_old_as_its_file(school: School) -> None:
    first = with_leftovers(school)
    second = read(save(first, {8: {"nik": nik(1)}}, minute=29 * 24 * 60), minute=29 * 24 * 60)
    assert forget_old_rosters(now=NOW + 29 * 24 * 60 * MINUTE).files == 0

    forget_old_rosters(now=NOW + 31 * 24 * 60 * MINUTE)

    second.refresh_from_db()
    assert (second.status, second.file_sealed, RosterRepair.objects.count(), RosterRow.objects.count()) == (
        "cancelled",
        None,
        0,
        0,
    )


def test_the_same_list_uploaded_again_is_not_the_follow_up(school: School) -> None:
    data = roster(girl(0), girl(1, NIK=""))
    first = imported(school, data)
    second = save(first, {8: {"nik": nik(1)}})

    again = intake.upload_roster(school=school, data=data, filename="x.xlsx", by=None, now=NOW, ring_worker=False)

    assert again.pk not in (first.pk, second.pk)


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

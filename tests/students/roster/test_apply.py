"""An approved roster becomes persons and enrolments: all of it or nothing, once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from schools.models import AuditEntry, School
from students import privacy
from students.models import ClassGroup, Enrolment, Person, RosterUpload
from students.roster import apply, intake
from students.roster.apply import apply_upload
from tests.factories import NOW, TODAY, ClassGroupFactory, PersonFactory, RegionFactory, SchoolFactory, UserFactory
from tests.students.roster.uploads import MINUTE, approved, girl, imported, reviewed, roster, sections
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory()


def everything() -> list[tuple[Any, ...]]:
    """Persons with their live enrolment, sealed numbers aside."""
    return list(
        Person.objects.order_by("name").values_list(
            "name", "sex", "birth_date", "phone", "address", "school__npsn", "nik_digest", "enrolments__class_group__name",
            "enrolments__nisn", "enrolments__ends_on",
        )
    )  # fmt: skip


def nik_of(person: Person) -> str:
    return privacy.unseal(bytes(person.nik_sealed or b""), row_id=person.pk)


def test_a_new_student_is_a_person_an_enrolment_and_a_class(school: School) -> None:
    RegionFactory()

    upload = imported(school, roster(girl(0)))

    person = Person.objects.get()
    enrolment = Enrolment.objects.get()
    assert (person.name, person.sex, person.birth_date, person.phone) == ("SITI A", "P", date(2009, 8, 22), "+6281234567890")
    assert (person.school, person.office, person.domicile_id, person.city_id) == (school, school.office, "31.74.08", "31.74")
    assert nik_of(person) == "3174036208099101"
    assert (enrolment.person, enrolment.nisn, enrolment.school_year, enrolment.starts_on) == (person, "0090000000", 2026, TODAY)
    assert (str(enrolment.class_group), enrolment.class_group and enrolment.class_group.grade) == ("XI MERDEKA 3", 11)
    assert (upload.status, upload.applied_at) == (RosterUpload.Status.APPLIED, NOW)


def test_applying_twice_is_applying_once(school: School) -> None:
    upload = imported(school, roster(girl(0), girl(1)))
    before = everything()

    apply_upload(upload=upload, now=NOW + MINUTE)

    assert everything() == before
    assert upload.applied_at == NOW


def test_the_same_file_ten_times_is_the_same_as_once(school: School) -> None:
    data = roster(girl(0), girl(1), girl(2, NIK="", NISN=""))
    imported(school, data)
    before = everything(), Enrolment.pgh_event_model.objects.count(), Person.pgh_event_model.objects.count()  # type: ignore[attr-defined]

    for repeat in range(1, 10):
        upload = imported(school, data, now=NOW + repeat * MINUTE)
        assert (upload.counts["unchanged"], upload.counts["new"]) == (3, 0)

    after = everything(), Enrolment.pgh_event_model.objects.count(), Person.pgh_event_model.objects.count()  # type: ignore[attr-defined]
    assert after == before


def test_nothing_is_written_before_a_yes(school: School) -> None:
    upload = reviewed(school, roster(girl(0)))

    assert (upload.status, Person.objects.count(), Enrolment.objects.count(), ClassGroup.objects.count()) == ("review", 0, 0, 0)
    apply_upload(upload=upload, now=NOW)
    assert Person.objects.count() == 0


def test_only_rows_that_differ_are_written(school: School) -> None:
    imported(school, roster(*(girl(number) for number in range(20))))
    written = Person.pgh_event_model.objects.count(), Enrolment.pgh_event_model.objects.count()  # type: ignore[attr-defined]

    imported(school, roster(girl(0, HP="081200000000"), *(girl(number) for number in range(1, 20))), now=NOW + MINUTE)

    more = Person.pgh_event_model.objects.count(), Enrolment.pgh_event_model.objects.count()  # type: ignore[attr-defined]
    assert (more[0] - written[0], more[1] - written[1]) == (1, 0)


def test_a_new_school_year_moves_classes_on_and_asks_about_who_is_missing(school: School) -> None:
    imported(school, roster(girl(0), girl(1)))
    next_year = NOW + timedelta(days=300)

    upload = imported(school, roster(girl(0, Rombel_Saat_Ini="XII MERDEKA 3")), now=next_year)

    moved_on = Person.objects.get(name="SITI A")
    ended, live = Enrolment.objects.filter(person=moved_on).order_by("school_year")
    assert (ended.end_reason, ended.ends_on, live.school_year, str(live.class_group)) == (
        "new_year", next_year.date(), 2027, "XII MERDEKA 3",
    )  # fmt: skip
    assert sections(upload) == [(0, "missing"), (7, "changed")]
    assert Enrolment.objects.live().filter(person__name="SITI B").exists()


def test_who_is_said_to_have_left_has_left(school: School) -> None:
    imported(school, roster(girl(0), girl(1)))

    imported(school, roster(girl(0)), now=NOW + MINUTE, decisions={"missing": "left"})

    left = Enrolment.objects.get(person__name="SITI B")
    assert (left.ends_on, left.end_reason, left.person.school) == (TODAY, "left", None)


def test_a_move_waits_for_a_yes_and_then_ends_the_enrolment_elsewhere(school: School) -> None:
    elsewhere = SchoolFactory()
    imported(elsewhere, roster(girl(0)))

    imported(school, roster(girl(0)), now=NOW + MINUTE)
    assert Person.objects.get().school == elsewhere

    imported(school, roster(girl(0)), now=NOW + 2 * MINUTE, decisions={"moved": "accept"})
    assert Person.objects.get().school == school
    assert list(Enrolment.objects.order_by("ends_on").values_list("school", "end_reason")) == [
        (elsewhere.pk, "moved"), (school.pk, ""),
    ]  # fmt: skip


def test_somebody_who_had_left_comes_back_as_the_same_person(school: School) -> None:
    imported(school, roster(girl(0), girl(1)))
    imported(school, roster(girl(0)), now=NOW + MINUTE, decisions={"missing": "left"})

    imported(school, roster(girl(0), girl(1)), now=NOW + 2 * MINUTE)

    assert Person.objects.count() == 2
    assert Enrolment.objects.live().count() == 2


def test_a_student_without_a_usable_nik_enters_and_gets_it_when_it_is_repaired(school: School) -> None:
    imported(school, roster(girl(0, NIK="31740362080991")))
    person = Person.objects.get()
    assert (person.has_nik, person.nik_problem) == (False, "nik_length")

    imported(school, roster(girl(0)), now=NOW + MINUTE)

    person = Person.objects.get()
    assert (nik_of(person), person.nik_digest and bytes(person.nik_digest), person.nik_problem) == (
        "3174036208099101", privacy.digest("3174036208099101"), "",
    )  # fmt: skip


def test_twins_are_kept_both(school: School) -> None:
    imported(school, roster(girl(0, Nama="SITI CONTOH")))

    imported(school, roster(girl(1, Nama="SITI CONTOHA")), now=NOW + MINUTE, decisions={"similar": "keep_both"})

    assert sorted(Person.objects.values_list("name", flat=True)) == ["SITI CONTOH", "SITI CONTOHA"]
    assert sorted(map(nik_of, Person.objects.all())) == ["3174036208099101", "3174036208099102"]


def test_the_same_person_with_another_number_takes_the_number_of_the_file(school: School) -> None:
    imported(school, roster(girl(0, Nama="SITI CONTOH")))

    imported(school, roster(girl(1, Nama="SITI CONTOH")), now=NOW + MINUTE, decisions={"similar": "same_person"})

    assert nik_of(Person.objects.get()) == "3174036208099102"


def test_a_similar_row_without_a_decision_stays_out(school: School) -> None:
    imported(school, roster(girl(0, Nama="SITI CONTOH")))

    imported(school, roster(girl(1, Nama="SITI CONTOHA")), now=NOW + MINUTE)

    assert Person.objects.count() == 1


def test_a_review_that_was_overtaken_is_compared_anew(school: School) -> None:
    """Both administrators saw "new"; a student without a NIK would otherwise be made twice, unseen by any constraint."""
    late = approved(school, roster(girl(0, NIK="", NISN="")))
    imported(school, roster(girl(0, NIK="", NISN="", HP="081200000000")), now=NOW + MINUTE)

    late = apply_upload(upload=late, now=NOW + 2 * MINUTE)
    assert (late.status, late.approved_at, Person.objects.count()) == (RosterUpload.Status.WAITING, None, 1)

    late = intake.read_upload(upload=late, now=NOW + 3 * MINUTE)
    assert (late.status, late.counts["overtaken"], sections(late)) == ("review", True, [(7, "changed")])


def test_without_that_comparison_the_student_would_be_made_twice(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    late = approved(school, roster(girl(0, NIK="", NISN="")))
    imported(school, roster(girl(0, NIK="", NISN="", HP="081200000000")), now=NOW + MINUTE)
    monkeypatch.setattr(apply, "_is_stale", lambda _upload: False)

    apply_upload(upload=late, now=NOW + 2 * MINUTE)

    assert Person.objects.count() == 2


def test_a_pupil_who_was_enrolled_elsewhere_meanwhile_is_not_taken_back(school: School) -> None:
    elsewhere = SchoolFactory()
    imported(school, roster(girl(0)))
    late = approved(school, roster(girl(0, HP="081200000000")), now=NOW + MINUTE)
    imported(elsewhere, roster(girl(0)), now=NOW + 2 * MINUTE, decisions={"moved": "accept"})

    late = apply_upload(upload=late, now=NOW + 3 * MINUTE)

    assert (late.status, Person.objects.get().school) == (RosterUpload.Status.WAITING, elsewhere)


def test_a_number_that_somebody_got_meanwhile_sends_the_roster_back(school: School) -> None:
    late = approved(school, roster(girl(0)))
    PersonFactory(nik="3174036208099101", office=school.office)

    late = apply_upload(upload=late, now=NOW + MINUTE)

    assert (late.status, Person.objects.count(), Enrolment.objects.count()) == (RosterUpload.Status.WAITING, 1, 0)


def test_a_failure_half_way_leaves_nothing(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = approved(school, roster(girl(0)))
    monkeypatch.setattr(apply, "LEFT", "SELECT 1/0")

    with pytest.raises(Exception, match="division by zero"):
        apply_upload(upload=upload, now=NOW)

    upload.refresh_from_db()
    assert (upload.status, Person.objects.count(), Enrolment.objects.count(), ClassGroup.objects.count()) == ("approved", 0, 0, 0)


def test_the_yes_is_in_the_audit_trail_with_counts_alone(school: School) -> None:
    user = UserFactory(school_admin=school)
    upload = reviewed(school, roster(girl(0)))

    intake.approve_upload(upload=upload, by=user, now=NOW, is_right_school=True, ring_worker=False)

    entry = AuditEntry.objects.get(action="imported")
    assert (entry.by, entry.subject_id, entry.detail["new"]) == (user, upload.pk, 1)
    assert {type(value) for value in entry.detail.values()} <= {int, bool}


def test_every_write_of_an_import_is_in_the_history(school: School) -> None:
    imported(school, roster(girl(0), girl(1)))

    assert Person.pgh_event_model.objects.filter(pgh_label="insert").count() == 2  # type: ignore[attr-defined]
    assert Enrolment.pgh_event_model.objects.filter(pgh_label="insert").count() == 2  # type: ignore[attr-defined]


def test_a_class_that_is_there_keeps_its_homeroom_teacher(school: School) -> None:
    group = ClassGroupFactory(school=school, name="XI MERDEKA 3", homeroom_name="Ibu Wali")

    imported(school, roster(girl(0)))

    assert [(found.pk, found.homeroom_name) for found in ClassGroup.objects.all()] == [(group.pk, "Ibu Wali")]


def test_the_database_itself_refuses_one_nik_for_two_persons(school: School) -> None:
    imported(school, roster(girl(0)))

    copied = (
        "INSERT INTO students_person (id, name, search_name, sex, birth_place, nik_sealed, nik_digest, nik_problem, address,"
        " phone, places_needed, office_id, created_at, updated_at) SELECT gen_random_uuid(), name, search_name, sex, '',"
        " nik_sealed, nik_digest, '', '', '', 1, office_id, created_at, updated_at FROM students_person"
    )

    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="one_nik_is_one_person"):
        cursor.execute(copied)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_make_one_person_of_one_nik() -> None:
    """At two schools, in the same moment, with the same girl: one enters, the other is asked again."""
    uploads = [approved(SchoolFactory(), roster(girl(0))) for _ in range(2)]
    ended: list[str] = []

    together(*[lambda number: ended.append(apply_upload(upload=uploads[number], now=NOW + MINUTE).status)] * 2)

    assert sorted(ended) == ["applied", "waiting"]
    assert (Person.objects.count(), Enrolment.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_apply_an_upload_once(school: School) -> None:
    upload = approved(school, roster(*(girl(number) for number in range(30))))
    ended: list[str] = []

    together(*[lambda number: ended.append(apply_upload(upload=upload, now=NOW + number * MINUTE).status)] * 2)

    assert ended == ["applied", "applied"]
    assert (Person.objects.count(), Enrolment.objects.count()) == (30, 30)

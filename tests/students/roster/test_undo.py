"""An import is taken back whole while nothing depends on it, or not at all, with the reason."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.models import AuditEntry, School
from students import privacy
from students.models import ClassGroup, Enrolment, Person, RosterUpload
from students.roster import apply, intake
from students.roster.apply import apply_upload
from students.roster.undo import undo_upload
from tests.factories import NOW, AppointmentFactory, SchoolFactory, UserFactory
from tests.students.roster.uploads import MINUTE, approved, girl, imported, roster
from tests.together import together

pytestmark = pytest.mark.django_db
# What the second file says of a pupil of the first: nothing new, another value, a repaired number, nothing at all …
FATES = ("same", "phone", "name", "class", "nisn", "repaired", "gone")


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory()


def everything() -> tuple[list[Any], ...]:
    """All that an import may write, the numbers opened."""
    persons: list[dict[str, Any]] = []
    for person in Person.objects.order_by("id"):
        values = {field.attname: getattr(person, field.attname) for field in Person._meta.concrete_fields}
        del values["updated_at"], values["nik_sealed"]
        nik = privacy.unseal(bytes(person.nik_sealed), row_id=person.pk) if person.nik_sealed else ""
        persons.append(values | {"nik": nik, "nik_digest": person.nik_digest and bytes(person.nik_digest)})
    return (
        persons,
        list(Enrolment.objects.order_by("id").values()),
        list(ClassGroup.objects.order_by("id").values()),
    )


def second(number: int, fate: str) -> dict[str, Any]:
    said: dict[str, dict[str, Any]] = {
        "phone": {"HP": "081200000000"},
        "name": {"Nama": f"SITI BARU {number}"},
        "class": {"Rombel_Saat_Ini": "XI LAIN 9"},
        "nisn": {"NISN": f"00999900{number:02d}"},
    }
    return girl(number, **said.get(fate, {}))


@settings(max_examples=12, deadline=None)
@given(
    fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=6),
    moved=st.integers(0, 2),
    new=st.integers(0, 2),
    is_next_year=st.booleans(),
)
def test_after_an_undo_everything_stands_as_before(fates: list[str], moved: int, new: int, is_next_year: bool) -> None:
    school, elsewhere = SchoolFactory(), SchoolFactory()
    later = NOW + (400 * 24 * 60 if is_next_year else 2) * MINUTE
    Enrolment.objects.all().delete()
    Person.objects.all().delete()
    ClassGroup.objects.all().delete()
    first = [girl(number, **({"NIK": ""} if fate == "repaired" else {})) for number, fate in enumerate(fates)]
    imported(school, roster(*first))
    if moved:
        imported(elsewhere, roster(*(girl(10 + number) for number in range(moved))))
    before = everything()
    rows = [second(number, fate) for number, fate in enumerate(fates) if fate != "gone"]
    rows += [girl(10 + number) for number in range(moved)] + [girl(20 + number) for number in range(new)]
    rows += [girl(25, Nama="SENDIRI")]

    upload = imported(school, roster(*rows), now=later, decisions={"missing": "left", "moved": "accept", "similar": "keep_both"})
    assert (upload.status, everything() == before) == ("applied", False)
    undo_upload(upload=upload, by=None, now=later + MINUTE)

    assert everything() == before


def test_a_number_that_was_replaced_comes_back(school: School) -> None:
    imported(school, roster(girl(0, Nama="SITI CONTOH")))
    before = everything()
    upload = imported(school, roster(girl(1, Nama="SITI CONTOH")), now=NOW + MINUTE, decisions={"similar": "same_person"})
    assert everything() != before

    undo_upload(upload=upload, by=None, now=NOW + 2 * MINUTE)

    assert everything() == before


def test_undoing_twice_is_undoing_once_and_stands_in_the_audit_trail(school: School) -> None:
    user = UserFactory(school_admin=school)
    upload = imported(school, roster(girl(0)))

    for moment in (MINUTE, 2 * MINUTE):
        undone = undo_upload(upload=upload, by=user, now=NOW + moment)

    assert (undone.status, undone.undone_at, undone.undone_by) == ("undone", NOW + MINUTE, user)
    assert [(entry.by, entry.subject_id) for entry in AuditEntry.objects.filter(action="corrected")] == [(user, upload.pk)]


def test_what_somebody_depends_on_is_not_undone(school: School) -> None:
    upload = imported(school, roster(girl(0), girl(1)))
    AppointmentFactory(person=Person.objects.get(name="SITI A"))
    before = everything()

    with pytest.raises(ValidationError, match="1") as refusal:
        undo_upload(upload=upload, by=None, now=NOW + MINUTE)

    assert (refusal.value.code, everything()) == ("already_used", before)


def test_a_pupil_whom_another_school_has_taken_since_is_not_undone(school: School) -> None:
    upload = imported(school, roster(girl(0)))
    imported(SchoolFactory(), roster(girl(0)), now=NOW + MINUTE, decisions={"moved": "accept"})
    before = everything()

    with pytest.raises(ValidationError) as refusal:
        undo_upload(upload=upload, by=None, now=NOW + 2 * MINUTE)

    assert (refusal.value.code, everything()) == ("already_used", before)


def test_a_value_that_was_changed_since_is_not_taken_away(school: School) -> None:
    imported(school, roster(girl(0)))
    upload = imported(school, roster(girl(0, HP="081200000000")), now=NOW + MINUTE)
    Person.objects.update(phone="+6281299999999")

    with pytest.raises(ValidationError) as refusal:
        undo_upload(upload=upload, by=None, now=NOW + 2 * MINUTE)

    assert (refusal.value.code, Person.objects.get().phone) == ("already_used", "+6281299999999")


def test_a_new_person_whose_values_were_mended_since_is_not_removed(school: School) -> None:
    upload = imported(school, roster(girl(0)))
    Person.objects.update(places_needed=2)

    with pytest.raises(ValidationError) as refusal:
        undo_upload(upload=upload, by=None, now=NOW + MINUTE)

    assert (refusal.value.code, Person.objects.count()) == ("already_used", 1)


def test_a_class_whose_teacher_was_noted_since_is_not_taken_away(school: School) -> None:
    upload = imported(school, roster(girl(0)))
    ClassGroup.objects.update(homeroom_name="Ibu Wali")

    with pytest.raises(ValidationError) as refusal:
        undo_upload(upload=upload, by=None, now=NOW + MINUTE)

    assert (refusal.value.code, Person.objects.count()) == ("already_used", 1)


def test_the_newest_import_is_undone_first(school: School) -> None:
    first = imported(school, roster(girl(0)))
    newest = imported(school, roster(girl(0), girl(1)), now=NOW + MINUTE)

    with pytest.raises(ValidationError) as refusal:
        undo_upload(upload=first, by=None, now=NOW + 2 * MINUTE)
    assert refusal.value.code == "not_the_newest"

    for upload in (newest, first):
        undo_upload(upload=upload, by=None, now=NOW + 3 * MINUTE)
    assert everything() == ([], [], [])


def test_what_was_not_imported_is_not_undone(school: School) -> None:
    with pytest.raises(ValidationError) as refusal:
        undo_upload(upload=approved(school, roster(girl(0))), by=None, now=NOW)

    assert refusal.value.code == "not_applied"


def test_an_import_whose_rows_are_forgotten_is_not_undone(school: School) -> None:
    upload = imported(school, roster(girl(0)))
    upload.rows.all().delete()

    with pytest.raises(ValidationError) as refusal:
        undo_upload(upload=upload, by=None, now=NOW + MINUTE)

    assert (refusal.value.code, Person.objects.count()) == ("already_used", 1)


def test_a_review_that_compared_with_what_was_undone_is_compared_anew(school: School) -> None:
    elsewhere = SchoolFactory()
    upload = imported(school, roster(girl(0)))
    here = approved(school, roster(girl(0, HP="081200000000")), now=NOW + MINUTE)
    there = approved(elsewhere, roster(girl(0)), now=NOW + MINUTE, decisions={"moved": "accept"})
    undo_upload(upload=upload, by=None, now=NOW + 2 * MINUTE)

    assert [apply_upload(upload=late, now=NOW + 3 * MINUTE).status for late in (here, there)] == ["waiting", "waiting"]
    assert intake.read_upload(upload=there, now=NOW + 4 * MINUTE).counts["new"] == 1


def test_the_page_offers_the_undo_and_a_double_click_is_one(client: Client, school: School) -> None:
    client.force_login(UserFactory(school_admin=school))
    upload = imported(school, roster(girl(0)))
    undo = reverse("students:upload_undo", args=[upload.pk])
    page = reverse("students:upload_detail", args=[upload.pk])
    assert undo in client.get(page).content.decode()

    for _click in range(2):
        assert client.post(undo)["Location"] == page

    assert (Person.objects.count(), RosterUpload.objects.get().status) == (0, "undone")
    assert "Impor ini telah diurungkan" in client.get(page).content.decode()


def test_the_page_says_why_an_import_is_not_undone(client: Client, school: School) -> None:
    client.force_login(UserFactory(school_admin=school))
    upload = imported(school, roster(girl(0)))
    AppointmentFactory(person=Person.objects.get())

    answer = client.post(reverse("students:upload_undo", args=[upload.pk]), follow=True).content.decode()

    assert "Impor ini tidak dapat diurungkan" in answer
    assert Person.objects.count() == 1


def test_nobody_undoes_the_import_of_another_school(client: Client, school: School) -> None:
    upload = imported(school, roster(girl(0)))
    client.force_login(UserFactory(school_admin=SchoolFactory()))

    assert client.post(reverse("students:upload_undo", args=[upload.pk])).status_code == 404
    assert Person.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_undo_at_once_undo_once() -> None:
    school = SchoolFactory()
    upload = imported(school, roster(*(girl(number) for number in range(20))))

    together(*[lambda _n: undo_upload(upload=upload, by=None, now=NOW + MINUTE)] * 2)

    assert everything() == ([], [], [])
    assert AuditEntry.objects.filter(action="corrected").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_person_undone_while_another_school_takes_them_sends_that_roster_back(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = imported(SchoolFactory(), roster(girl(0)))
    elsewhere = SchoolFactory()
    late = approved(elsewhere, roster(girl(0)), now=NOW + MINUTE, decisions={"moved": "accept"})
    undo_upload(upload=upload, by=None, now=NOW + 2 * MINUTE)
    monkeypatch.setattr(apply, "_is_stale", lambda _upload: False)

    assert apply_upload(upload=late, now=NOW + 3 * MINUTE).status == "waiting"
    assert Enrolment.objects.count() == 0

"""What an import left is mended afterwards: a follow-up holds that alone, settles it, and is undone first."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from schools.models import School
from students import privacy
from students.models import Person, RosterRepair, RosterRow, RosterUpload
from students.roster import follow_up, intake
from students.roster.apply import apply_upload
from students.roster.retention import forget_old_rosters
from students.roster.undo import undo_upload
from tests.factories import NOW, SchoolFactory
from tests.students.roster.repairing import NIK_OF_NOBODY, import_it, nik, read, save, school
from tests.students.roster.uploads import MINUTE, girl, imported, roster, sections

__all__ = ["school"]


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

"""A new school year: who moves on, who has finished, who is asked about, and of whom a file says nothing."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from schools.models import School
from students.models import Enrolment, Person, RosterRow, RosterUpload
from students.roster import intake, new_year
from students.roster.apply import apply_upload
from students.roster.new_year import Pupil, settle
from students.roster.review import Review, review
from students.roster.undo import undo_upload
from tests.factories import SchoolFactory, UserFactory
from tests.students.roster.uploads import MINUTE, girl, imported, reviewed, roster

YEAR = 2026
LAST_YEAR, JULY = datetime(2025, 9, 1, 3, tzinfo=UTC), datetime(2026, 7, 20, 3, tzinfo=UTC)


def cohort(grade: int | None, count: int, *, begin: int = 0, in_file: int = 0, year: int = YEAR - 1) -> list[Pupil]:
    return [Pupil(begin + number, grade, year, number < in_file) for number in range(count)]


def fates(pupils: Sequence[Pupil], **grades: int) -> Counter[str]:
    """`X=30`: so many lines of grade X in the file."""
    known = {"X": 10, "XI": 11, "XII": 12, "XIII": 13}
    lines = [known[name] for name, count in grades.items() for _ in range(count)]
    return Counter(settle(pupils, grades=lines, school_year=YEAR).values())


def test_last_years_last_grade_has_finished_when_this_years_is_in_the_file() -> None:
    assert fates(cohort(12, 148), X=140, XI=150, XII=145) == {"graduated": 148}


def test_in_a_school_of_four_years_the_thirteenth_finishes_and_the_twelfth_is_asked_about() -> None:
    school = cohort(13, 20) + cohort(12, 30, begin=100, in_file=25)

    assert fates(school, XI=30, XII=30, XIII=25) == {"graduated": 20, "missing": 5}


def test_who_is_missing_from_a_grade_that_moved_on_is_asked_about() -> None:
    assert fates(cohort(11, 40, in_file=37), X=40, XI=40, XII=37) == {"missing": 3}


def test_a_file_of_the_newcomers_alone_ends_nobody_and_asks_about_nobody() -> None:
    school = cohort(10, 150) + cohort(11, 150, begin=200) + cohort(12, 148, begin=400)

    assert fates(school, X=144) == {"left_alone": 448}


def test_a_file_of_the_last_grade_alone_says_nothing_of_the_grade_below() -> None:
    school = cohort(10, 150) + cohort(11, 150, begin=200, in_file=148) + cohort(12, 148, begin=400)

    assert fates(school, XII=148) == {"left_alone": 150, "missing": 2, "graduated": 148}


def test_a_few_stray_lines_of_a_grade_do_not_speak_for_it() -> None:
    school = cohort(11, 150, in_file=3) + cohort(12, 148, begin=400)

    assert fates(school, X=144, XII=3) == {"left_alone": 147 + 148}


def test_with_a_part_of_the_last_grade_its_end_is_asked_about_and_not_assumed() -> None:
    school = cohort(11, 150, in_file=36) + cohort(12, 148, begin=400)

    assert fates(school, XII=36) == {"missing": 114 + 148}


def test_an_old_list_uploaded_in_the_new_year_does_not_end_those_who_are_not_in_it() -> None:
    assert fates(cohort(12, 148, in_file=140), XII=140) == {"missing": 8}


def test_who_was_kept_from_last_years_last_grade_is_asked_about_from_then_on() -> None:
    school = cohort(12, 3) + cohort(12, 140, begin=100, in_file=140, year=YEAR)

    assert fates(school, X=140, XI=140, XII=140) == {"missing": 3}


def test_within_a_school_year_everybody_missing_is_asked_about_as_ever() -> None:
    assert fates(cohort(12, 9, year=YEAR), X=100) == {"missing": 9}


def test_whose_grade_is_not_known_is_asked_about() -> None:
    assert fates(cohort(None, 2), X=100) == {"missing": 2}


@given(
    pupils=st.lists(st.tuples(st.sampled_from([None, 10, 11, 12, 13]), st.integers(YEAR - 3, YEAR), st.booleans()), max_size=60),
    grades=st.lists(st.sampled_from([None, 10, 11, 12, 13]), max_size=60),
)
def test_everybody_missing_has_exactly_one_fate_and_nobody_in_the_file_has_any(
    pupils: list[tuple[int | None, int, bool]], grades: list[int | None]
) -> None:
    school = [Pupil(number, *facts) for number, facts in enumerate(pupils)]

    found = settle(school, grades=grades, school_year=YEAR)

    assert set(found) == {pupil.key for pupil in school if not pupil.is_in_file}
    assert set(found.values()) <= {new_year.GRADUATED, new_year.ASKED, new_year.LEFT_ALONE}
    finished = [pupil for pupil in school if found.get(pupil.key) == new_year.GRADUATED]
    assert all(pupil.school_year < YEAR and (pupil.grade or 0) >= 12 for pupil in finished)
    assert 12 in grades or 13 in grades or not finished


# With the database. Numbers: 0–2 were in XI last year, 10–12 in XII; 20 is new in X.


def eleven(*numbers: int, name: str = "XI MERDEKA 3", **changed: Any) -> list[dict[str, Any]]:
    return [girl(number, Rombel_Saat_Ini=name, **changed) for number in numbers]


@pytest.fixture
def school(db: None) -> School:
    made = SchoolFactory()
    imported(made, roster(*eleven(0, 1, 2), *eleven(10, 11, 12, name="XII MERDEKA 1")), now=LAST_YEAR)
    return made


def this_year(*numbers: int) -> bytes:
    return roster(*eleven(*numbers, name="XII MERDEKA 3"), *eleven(20, name="X MERDEKA 1"))


def live(school: School) -> list[tuple[str, int]]:
    found = Enrolment.objects.live().filter(school=school).order_by("class_group__grade", "class_group__name")
    return [(enrolment.class_group.name, enrolment.school_year) for enrolment in found if enrolment.class_group]


def ended(school: School) -> Counter[str]:
    return Counter(Enrolment.objects.filter(school=school).exclude(ends_on=None).values_list("end_reason", flat=True))


def seen(upload: RosterUpload) -> Review:
    return review(upload, born_by=JULY.date())


def test_the_first_upload_of_a_year_moves_classes_on_and_ends_who_has_finished(school: School) -> None:
    imported(school, this_year(0, 1, 2), now=JULY)

    assert live(school) == [("X MERDEKA 1", 2026), *[("XII MERDEKA 3", 2026)] * 3]
    assert ended(school) == {"new_year": 3, "graduated": 3}


def test_who_is_missing_and_nobody_answers_for_stays_in_last_years_class_and_is_asked_about_again(school: School) -> None:
    imported(school, this_year(0, 1), now=JULY)

    assert live(school) == [("X MERDEKA 1", 2026), ("XI MERDEKA 3", 2025), *[("XII MERDEKA 3", 2026)] * 2]
    assert reviewed(school, this_year(1, 0), now=JULY + MINUTE).counts["missing"] == 1


def test_graduates_are_decided_in_the_review_and_each_can_be_decided_otherwise(school: School) -> None:
    upload = reviewed(school, this_year(0, 1, 2), now=JULY)
    stays, leaves, _finishes = upload.rows.filter(section="graduated").order_by("name")
    assert set(upload.rows.filter(section="graduated").values_list("decision", flat=True)) == {"graduated"}

    intake.decide(upload=upload, decisions=[(stays.pk, ""), (leaves.pk, "left")])
    intake.approve_upload(upload=upload, by=None, now=JULY, is_right_school=True, ring_worker=False)
    apply_upload(upload=upload, now=JULY)

    assert ended(school) == {"new_year": 3, "graduated": 1, "left": 1}
    assert Enrolment.objects.live().get(person=stays.person_id).school_year == 2025


def test_who_was_kept_is_not_taken_for_a_graduate_by_the_next_upload(school: School) -> None:
    upload = reviewed(school, this_year(0, 1, 2), now=JULY)
    intake.decide(upload=upload, decisions=[(row.pk, "") for row in upload.rows.filter(section="graduated")])
    intake.approve_upload(upload=upload, by=None, now=JULY, is_right_school=True, ring_worker=False)
    apply_upload(upload=upload, now=JULY)

    again = reviewed(school, this_year(2, 1, 0), now=JULY + MINUTE)

    assert (again.counts["missing"], again.counts["graduated"]) == (3, 0)


def test_a_part_of_the_school_leaves_the_rest_alone_and_says_so(school: School) -> None:
    upload = reviewed(school, roster(*eleven(20, 21, name="X MERDEKA 1")), now=JULY)

    alone = seen(upload).left_alone

    assert alone is not None
    assert (alone.held, alone.grades, alone.count) == ("X", "XI, XII", 6)
    assert Counter(upload.rows.values_list("section", flat=True)) == {"new": 2}


def test_classes_that_move_on_are_told_by_class_and_only_other_changes_one_by_one(school: School) -> None:
    rows = [*eleven(0, 1, name="XII MERDEKA 3"), *eleven(2, name="XII MERDEKA 3", HP="081200000000")]

    found = seen(reviewed(school, roster(*rows), now=JULY))

    assert [(move.old, move.new, move.count) for move in found.moves] == [("XI MERDEKA 3", "XII MERDEKA 3", 2)]
    assert [(section.key, section.count, len(section.rows)) for section in found.sections if section.key == "changed"] == [
        ("changed", 1, 1)
    ]


def test_an_undo_gives_classes_and_graduates_back(school: School) -> None:
    before = sorted(Enrolment.objects.values_list("id", "school_year", "class_group", "ends_on", "end_reason"))
    schools_before = sorted(Person.objects.values_list("id", "school"))

    undo_upload(upload=imported(school, this_year(0, 1, 2), now=JULY), by=None, now=JULY + MINUTE)

    assert sorted(Enrolment.objects.values_list("id", "school_year", "class_group", "ends_on", "end_reason")) == before
    assert sorted(Person.objects.values_list("id", "school")) == schools_before


def test_a_graduate_without_a_recording_still_needs_one_and_stays_with_the_office(school: School) -> None:
    upload = imported(school, this_year(0, 1, 2), now=JULY)
    finished = list(upload.rows.filter(section="graduated").values_list("person", flat=True))
    planner = UserFactory(planner=school.office)

    assert Person.objects.visible_to(planner).needing_recording().filter(pk__in=finished, school=None).count() == 3
    assert not Person.objects.visible_to(UserFactory(school_admin=school)).filter(pk__in=finished).exists()


def test_the_review_says_it_in_sentences(school: School, client: Client) -> None:
    upload = reviewed(school, this_year(0, 1, 2), now=JULY)
    client.force_login(UserFactory(school_admin=school))

    page = client.get(reverse("students:upload_detail", args=[upload.pk])).content.decode()

    assert "XI MERDEKA 3 → XII MERDEKA 3: 3 siswa" in page
    assert "tidak ada di berkas" in page
    assert page.count('<option value="graduated" selected>') == 3
    assert RosterRow.objects.filter(upload=upload, section="graduated").count() == 3

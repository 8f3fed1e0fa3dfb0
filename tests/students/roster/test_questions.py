"""A school explains its headings: asked once, remembered, changed, and never silently for another school."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from schools.models import School, User
from students.models import HeadingAnswer, Person, RosterUpload
from students.roster import intake, questions, tasks
from students.roster.retention import forget_old_rosters
from tests.factories import NOW, SchoolFactory
from tests.students.roster.asked import ANSWERS, HALF_KNOWN, answered, headings_of, posted, table
from tests.students.roster.clerks import LIST, clerk, doorbell, school, site, text, url
from tests.students.roster.test_asking import DAPODIK, OWN, ROWS
from tests.students.roster.uploads import MINUTE, girl, reviewed, roster, waiting
from tests.together import together

__all__ = ["clerk", "doorbell", "school", "site"]

pytestmark = pytest.mark.django_db


def test_an_unclear_file_waits_for_an_answer_and_nothing_is_stored(school: School) -> None:
    upload = reviewed(school, table())

    assert (upload.status, upload.rows.count(), Person.objects.count()) == ("questions", 0, 0)
    assert b"SITI" not in bytes(upload.questions_sealed or b"")


def test_the_page_asks_every_heading_with_examples_and_the_guess_chosen(site: Client, school: School) -> None:
    upload = reviewed(school, table())

    response = site.get(url("detail", upload), follow=True)

    page = text(response)
    assert [shown for shown in OWN if f">{shown}</label>" in page] == OWN
    assert re.findall(r'<option value="(\w+)" selected>', page) == ["name", "birth_date", "sex", "nik", "class_name"]
    assert "Isi berkas: SITI AMINAH · BUDI SANTOSO · CITRA DEWI" in page
    assert "3174••••••••••••" in page
    assert re.findall(r"\d{6,}", re.sub(r'"[^"]*"', "", page)) == []


def test_the_page_asks_only_what_is_unsure(site: Client, school: School) -> None:
    upload = reviewed(school, table(HALF_KNOWN))

    page = text(site.get(url("columns", upload)))

    assert re.findall(r'<select name="column-([\w-]+)"', page) == ["lahir", "identitas"]
    assert "2 kolom belum jelas" in page
    assert '<option value="name">' not in page  # another column is the name already


def test_answers_are_remembered_and_next_months_file_asks_nothing(site: Client, school: School, clerk: User) -> None:
    upload = reviewed(school, table())

    response = site.post(url("columns", upload), posted(ANSWERS))
    tasks.work(upload.pk)
    upload.refresh_from_db()

    assert (response.status_code, upload.status, upload.counts["ready"]) == (302, "review", 3)
    assert {(found.heading, found.field, found.answered_by) for found in HeadingAnswer.objects.filter(school=school)} == {
        (heading, field, clerk)
        for heading, field in headings_of(ANSWERS).items()
        if heading != "l p"  # says so itself
    }
    assert reviewed(school, table(rows=ROWS[:2])).status == "review"
    assert reviewed(SchoolFactory(), table()).status == "questions"


def test_an_answered_file_has_the_rows_of_the_same_file_with_dapodik_headings(school: School) -> None:
    own = answered(reviewed(school, table()), ANSWERS)
    plain = reviewed(SchoolFactory(), table(DAPODIK))

    def rows(upload: RosterUpload) -> list[tuple[Any, ...]]:
        kept = ("row_number", "section", "name", "sex", "birth_date", "nik_digest", "grade", "class_name", "phone", "problems")
        return list(upload.rows.order_by("row_number").values_list(*kept))

    assert len(rows(own)) == 3
    assert rows(own) == rows(plain)


def test_a_column_that_is_none_of_these_is_not_asked_about_again(school: School) -> None:
    rows = [[*row[:5], "Islam"] for row in ROWS]
    asked = {"lahir": "birth_date", "identitas": ""}
    headings = ["Nama", "Lahir", "L/P", "Identitas", "Kelas", "Agama"]

    read = answered(reviewed(school, table(headings, rows)), asked)
    still = questions.asked_about(read)
    again = answered(read, {"agama": ""})

    # Perhaps that one is the number.
    assert still
    assert [question.heading for question in still.questions] == ["agama"]
    assert (again.status, again.counts["without_nik"], again.counts["ready"]) == ("review", 3, 3)


@pytest.mark.parametrize("way", ["answered", "cancelled", "forgotten"])
def test_examples_are_kept_only_until_they_have_served(school: School, way: str) -> None:
    upload = reviewed(school, table())
    assert upload.questions_sealed

    if way == "answered":
        answered(upload, ANSWERS)
    elif way == "cancelled":
        intake.cancel_upload(upload=upload, now=NOW)
    else:
        forget_old_rosters(now=NOW + timedelta(days=4000))

    after = RosterUpload.objects.get()
    assert after.questions_sealed is None
    assert after.status == ("review" if way == "answered" else "cancelled")


def test_two_columns_cannot_be_the_same_and_the_sentence_stands_beside_both(site: Client, school: School) -> None:
    upload = reviewed(school, table())

    response = site.post(url("columns", upload), posted(ANSWERS | {"kontak": "nik"}))

    page = text(response)
    assert response.status_code == 422
    for heading in ("identitas", "kontak"):
        assert f'id="id_column-{heading}_error">NIK hanya boleh satu kolom.' in page
    assert 'id="id_column-pelajar_error"' not in page
    assert HeadingAnswer.objects.count() == 0


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        (["pelajar"], "Nama lengkap"),
        (["lahir"], "Tanggal lahir atau Tempat dan tanggal lahir dalam satu kolom"),
        (["identitas"], "NIK atau NISN"),
        (["l-p", "ruang"], "Jenis kelamin dan Kelas atau Tingkat"),
    ],
)
def test_answers_that_make_no_roster_are_told_in_a_sentence(
    site: Client, school: School, left_out: list[str], sentence: str
) -> None:
    upload = reviewed(school, table())

    response = site.post(url("columns", upload), posted(ANSWERS | dict.fromkeys(left_out, "")))

    assert response.status_code == 422
    assert f"Daftar siswa juga memerlukan kolom untuk: {sentence}." in text(response)


def test_a_post_that_says_nothing_of_a_column_is_no_answer(site: Client, school: School) -> None:
    upload = reviewed(school, table())

    for post in (posted({}), posted(ANSWERS | {"ruang": "nonsense"}), posted({**ANSWERS, "pelajar": ""}) | {"column-x": "nik"}):
        assert site.post(url("columns", upload), post).status_code == 422
    assert HeadingAnswer.objects.count() == 0


def test_a_heading_with_tags_is_shown_as_it_stands(site: Client, school: School) -> None:
    rows = [[f"<b>{row[0]}</b>", *row[1:]] for row in ROWS]
    upload = reviewed(school, table(["<script>alert(1)</script>", *OWN[1:]], rows))

    page = text(site.get(url("columns", upload)))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;</label>" in page
    assert "&lt;b&gt;SITI AMINAH&lt;/b&gt;" in page
    assert "<script>alert" not in page


def test_the_review_says_how_columns_were_read_and_a_wrong_answer_is_changed(site: Client, school: School) -> None:
    wrong = ANSWERS | {"identitas": "nisn", "kontak": "nik"}
    upload = answered(reviewed(school, table()), wrong)

    page = text(site.get(url("detail", upload)))
    assert "Kolom “Identitas” dibaca sebagai: NISN." in page
    assert url("columns", upload) in page

    change = site.get(url("columns", upload))
    assert '<option value="nisn" selected>' in text(change)
    site.post(
        url("columns", upload),
        posted({heading: field for heading, field in ANSWERS.items() if heading != "l-p"}, status="review"),
    )
    tasks.work(upload.pk)

    upload.refresh_from_db()
    assert (upload.status, upload.counts["without_nik"], upload.rows.count()) == ("review", 0, 3)
    assert dict(HeadingAnswer.objects.values_list("heading", "field"))["identitas"] == "nik"


def test_a_file_without_questions_has_no_such_page(site: Client, school: School) -> None:
    upload = reviewed(school, roster(girl(0)))

    for response in (site.get(url("columns", upload)), site.post(url("columns", upload), posted({}, status="review"))):
        assert (response.status_code, response["Location"]) == (302, url("detail", upload))
    assert "Ubah arti kolom" not in text(site.get(url("detail", upload)))


def test_who_leaves_and_comes_back_finds_the_questions_and_the_same_file_is_the_same_upload(site: Client, school: School) -> None:
    data = table()
    upload = reviewed(school, data)

    again = site.post(LIST, {"file": SimpleUploadedFile("daftar.xlsx", data)})

    assert again["Location"] == url("detail", upload)
    assert "Kolom perlu dijelaskan" in text(site.get(LIST))
    assert "Jelaskan arti kolom" in text(site.get(url("detail", upload), follow=True))


def test_the_school_and_the_list_of_what_is_to_be_done_lead_to_the_questions(site: Client, school: School) -> None:
    upload = reviewed(school, table())

    assert url("columns", upload) in text(site.get(reverse("drives:school_profile", args=[school.npsn])))
    assert url("detail", upload) in text(site.get(reverse("drives:home")))


def test_the_questions_can_be_discarded(site: Client, school: School) -> None:
    upload = reviewed(school, table())

    site.post(url("cancel", upload))

    assert "Unggahan ini dibatalkan" in text(site.get(url("detail", upload)))
    assert site.post(url("columns", upload), posted(ANSWERS)).status_code == 302
    assert HeadingAnswer.objects.count() == 0


def test_the_second_answer_to_one_page_changes_nothing_and_says_so(site: Client, school: School) -> None:
    upload = reviewed(school, table())
    answered(upload, ANSWERS)

    page = text(site.post(url("columns", upload), posted(ANSWERS | {"kontak": "phone"}), follow=True))

    assert "Pertanyaan ini sudah dijawab sementara itu." in page
    assert HeadingAnswer.objects.get(heading="kontak").field == "mobile"


def test_an_answer_serves_the_other_files_that_wait(school: School) -> None:
    one, other = reviewed(school, table()), reviewed(school, table(rows=ROWS[:2]))

    answered(one, ANSWERS)
    tasks.work(other.pk)

    other.refresh_from_db()
    assert (other.status, other.rows.count()) == ("review", 2)


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_leave_one_consistent_state() -> None:
    upload = reviewed(SchoolFactory(), table())
    ends: list[str] = []

    def answer(field: str) -> None:
        mine = RosterUpload.objects.get(pk=upload.pk)
        given = headings_of(ANSWERS | {"kontak": field})
        try:
            intake.answer_columns(upload=mine, answers=given, by=None, now=NOW, ring_worker=False)
            ends.append(field)
        except ValidationError as refusal:
            ends.append(str(refusal.code))

    together(lambda _n: answer("mobile"), lambda _n: answer("phone"))

    upload.refresh_from_db()
    [winner] = {"mobile", "phone"}.intersection(ends)
    assert sorted(ends) == sorted([winner, "not_asked"])
    assert (upload.status, HeadingAnswer.objects.get(heading="kontak").field) == ("waiting", winner)
    assert HeadingAnswer.objects.count() == 5


def test_a_slow_worker_does_not_ask_what_was_answered_or_cancelled(school: School) -> None:
    upload = waiting(school, table())
    slow = RosterUpload.objects.get(pk=upload.pk)
    intake.cancel_upload(upload=upload, now=NOW)

    assert intake.read_upload(upload=slow, now=NOW + MINUTE).status == "cancelled"


def test_only_the_newest_answers_of_a_school_are_used(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_REMEMBERED", 2)
    for day, heading in enumerate(["old", "new", "newest"]):
        HeadingAnswer.objects.create(school=school, heading=heading, field="nik", answered_at=NOW + timedelta(days=day))

    assert questions.answers_of(school.pk) == {"newest": "nik", "new": "nik"}

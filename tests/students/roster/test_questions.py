"""A school explains its headings: asked once, remembered, changed, and never silently for another school."""

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from schools.models import Grant, Role, School, User
from students.management.commands.import_roster import Command
from students.models import HeadingAnswer, Person, RosterUpload
from students.roster import intake, questions, tasks
from students.roster.retention import forget_old_rosters
from tests.factories import NOW, SchoolFactory, UserFactory
from tests.students.roster import workbooks
from tests.students.roster.test_asking import DAPODIK, FIELDS, OWN, ROWS
from tests.students.roster.uploads import MINUTE, girl, reviewed, roster, waiting
from tests.together import together

pytestmark = pytest.mark.django_db
LIST = "/rosters/"
HALF_KNOWN = ["Nama", "Lahir", "L/P", "Identitas", "Kelas", "HP"]
# What the posts of the page are called, and the right answers.
ANSWERS = dict(zip(["pelajar", "lahir", "l-p", "identitas", "ruang", "kontak"], FIELDS, strict=True))


@pytest.fixture
def school(db: None) -> School:
    return SchoolFactory(name="SMAN 55 Jakarta", npsn="20102575")


@pytest.fixture
def clerk(school: School) -> User:
    return UserFactory(school_admin=school)


@pytest.fixture
def site(client: Client, clerk: User) -> Client:
    client.force_login(clerk)
    return client


@pytest.fixture(autouse=True)
def doorbell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No worker, but for a journey: the messages that one would get."""
    told: list[str] = []
    if "celery_worker_process" not in request.fixturenames:
        monkeypatch.setattr(tasks.work_on_upload, "delay", lambda *, upload_id: told.append(upload_id))
    return told


def table(headings: Sequence[str] = OWN, rows: Sequence[Sequence[Any]] = ROWS) -> bytes:
    return workbooks.xlsx([headings, *rows])


def url(name: str, upload: RosterUpload) -> str:
    return reverse(f"students:upload_{name}", args=[upload.pk])


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def posted(answers: dict[str, str], *, status: str = "questions") -> dict[str, str]:
    return {"status": status} | {f"column-{heading}": field for heading, field in answers.items()}


def headings_of(answers: dict[str, str]) -> dict[str, str]:
    return {heading.replace("-", " "): field for heading, field in answers.items()}


def answered(upload: RosterUpload, answers: dict[str, str]) -> RosterUpload:
    """Answered and read again."""
    again = intake.answer_columns(upload=upload, answers=headings_of(answers), by=None, now=NOW, ring_worker=False)
    return intake.read_upload(upload=again, now=NOW)


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


# The command.


def run(file: Path, *arguments: str) -> tuple[str, int]:
    output = StringIO()
    try:
        call_command("import_roster", str(file), "--school", "20102575", "--today", "2026-11-21", *arguments, stdout=output)
    except SystemExit as ending:
        return output.getvalue(), int(ending.code or 0)
    return output.getvalue(), 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "daftar.xlsx").write_bytes(table())
    return tmp_path / "daftar.xlsx"


@pytest.mark.parametrize("headings", [OWN, HALF_KNOWN], ids=["unknown", "half known"])
def test_the_command_names_the_questions_and_ends_with_1(school: School, file: Path, headings: list[str]) -> None:
    file.write_bytes(table(headings))

    told, code = run(file, "--json", "--approve")
    printed, _code = run(file)

    refused = json.loads(told)["refused"]
    assert (code, refused["code"], RosterUpload.objects.count()) == (1, "columns_unknown", 0)
    assert {"heading": "Identitas", "guess": "nik"} in refused["questions"]
    assert '--column "Identitas=nik"' in printed
    assert "SITI" not in told + printed


def test_the_command_takes_answers_and_uses_those_of_the_school(school: School, file: Path) -> None:
    given = [f"--column={heading}={field}" for heading, field in zip(OWN, FIELDS, strict=True)]

    assert json.loads(run(file, "--json", *given)[0])["ready"] == 3
    assert HeadingAnswer.objects.count() == 0

    answered(reviewed(school, table()), ANSWERS)
    assert json.loads(run(file, "--json")[0])["refused"] is None


def test_the_command_imports_a_file_that_waits_for_answers_on_the_page(school: School, file: Path) -> None:
    upload = reviewed(school, file.read_bytes())

    told = run(file, "--json", "--approve", *(f"--column={heading}={field}" for heading, field in zip(OWN, FIELDS, strict=True)))

    upload.refresh_from_db()
    assert (json.loads(told[0])["applied"], upload.status, upload.questions_sealed) == (True, "applied", None)
    assert Person.objects.count() == 3


@pytest.mark.parametrize("wrong", ["Identitas", "Identitas=number", "=nik"])
def test_an_answer_that_is_none_is_wrong_usage(file: Path, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        Command().run_from_argv(["manage.py", "import_roster", str(file), "--school", "20102575", "--column", wrong])

    assert ending.value.code == 2
    assert "HEADING=FIELD" in capsys.readouterr().err


# Whose school it is.


@pytest.fixture
def second(school: School, clerk: User) -> School:
    """Another school of the same administrator."""
    other = SchoolFactory(name="SMAN 8 Jakarta", npsn="20102577", office=school.office)
    Grant.objects.create(user=clerk, role=Role.SCHOOL_ADMIN, school=other, starts_on=date(2020, 1, 1))
    return other


def test_who_keeps_several_schools_chooses_one_and_no_other(site: Client, school: School, second: School) -> None:
    SchoolFactory(name="SMAN 3 Jakarta", npsn="20102500", office=school.office)
    page = text(site.get(LIST, {"school": second.npsn}))

    assert re.findall(r'<option value="(\d{8})"( selected)?', page) == [("20102575", ""), ("20102577", " selected")]
    for said, told in [("", "Pilih sekolahnya dahulu."), ("20102500", "id_school")]:
        refused = site.post(LIST, {"school": said, "file": SimpleUploadedFile("a.xlsx", roster(girl(0)))})
        assert (refused.status_code, told in text(refused)) == (422, True)
    site.post(LIST, {"school": second.npsn, "file": SimpleUploadedFile("a.xlsx", roster(girl(0)))})
    assert RosterUpload.objects.get().school == second


def test_one_school_stays_without_a_question(site: Client) -> None:
    assert 'name="school"' not in text(site.get(LIST))


def test_a_planner_who_also_keeps_a_school_names_the_school(client: Client, school: School) -> None:
    planner = UserFactory(planner=school.office, school_admin=SchoolFactory())
    client.force_login(planner)

    client.post(LIST, {"school": school.npsn, "file": SimpleUploadedFile("a.xlsx", roster(girl(0)))})

    assert RosterUpload.objects.get().school == school


def test_an_official_does_not_upload_for_the_schools_that_are_only_seen(client: Client, school: School) -> None:
    seen = SchoolFactory(office=school.office)
    client.force_login(UserFactory(official=school.office, school_admin=school))

    client.post(LIST, {"school": seen.npsn, "file": SimpleUploadedFile("a.xlsx", roster(girl(0)))})

    assert RosterUpload.objects.get().school == school


def test_consents_of_who_keeps_several_schools_begin_with_the_choice_of_one(site: Client, school: School, second: School) -> None:
    assert "Pilih sekolah dahulu" in text(site.get(reverse("students:consent_list")))
    assert second.name in text(site.get(reverse("students:consent_list"), {"school": second.npsn}))


# In the browser.


@pytest.fixture
def browser(page: Page, client: Client, live_server: LiveServer, transactional_db: None) -> Callable[[str], Page]:
    """Signed in as the administrator of a school, at an address."""
    call_command("load_reference", verbosity=0)
    client.force_login(UserFactory(school_admin=School.objects.get(npsn="20102575"), name="Endang Susilowati"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])

    def go(path: str) -> Page:
        page.goto(f"{live_server.url}{path}")
        return page

    return go


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_a_school_explains_its_own_table_once(
    browser: Callable[[str], Page], celery_worker_process: "subprocess.Popen[bytes]"
) -> None:
    def upload(rows: Sequence[Sequence[Any]]) -> Page:
        page = browser(LIST)
        page.locator("#id_file").set_input_files(
            {"name": "pelajar.xlsx", "mimeType": "application/octet-stream", "buffer": table(rows=rows)}
        )
        page.get_by_role("button", name="Unggah dan periksa").click()
        return page

    page = upload(ROWS)
    expect(page.get_by_role("heading", name="6 kolom belum jelas")).to_be_visible()
    page.get_by_label("Kontak").select_option(label="NIK")
    page.get_by_role("button", name="Simpan dan baca berkas").click()
    expect(page.get_by_text("NIK hanya boleh satu kolom.").first).to_be_visible()
    page.get_by_label("Kontak").select_option(label="Nomor ponsel")
    page.get_by_role("button", name="Simpan dan baca berkas").click()
    expect(page.get_by_text("3 siswa akan diimpor atau diubah.")).to_be_visible()
    expect(page.get_by_text("Kolom “Identitas” dibaca sebagai: NIK.")).to_be_visible()

    page = upload(ROWS[:2])
    expect(page.get_by_text("2 siswa akan diimpor atau diubah.")).to_be_visible()

"""The pages of a roster: who sees them, what they refuse kindly, and that nothing happens twice."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from schools.models import AuditEntry, Role, School, User
from students.models import Person, RosterUpload
from students.roster import tasks
from students.roster.limits import MAX_FILE_BYTES
from tests.factories import OfficeFactory, SchoolFactory, UserFactory
from tests.students.roster.clerks import LIST, clerk, doorbell, file, school, site, text, url
from tests.students.roster.uploads import girl, imported, reviewed, roster, waiting

__all__ = ["clerk", "doorbell", "school", "site"]

pytestmark = pytest.mark.django_db
LIST_QUERIES = 8
REVIEW_QUERIES = 16


def test_an_upload_leads_to_a_page_of_its_own(site: Client, clerk: User) -> None:
    response = site.post(LIST, {"file": file(roster(girl(0)))})

    upload = RosterUpload.objects.get()
    assert (response.status_code, response["Location"]) == (302, url("detail", upload))
    assert (upload.uploaded_by, upload.school.npsn, upload.status) == (clerk, "20102575", "waiting")


def test_a_double_submit_is_one_upload(site: Client) -> None:
    data = roster(girl(0))

    first, second = (site.post(LIST, {"file": file(data)}) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert RosterUpload.objects.count() == 1


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        (None, "Pilih berkasnya dahulu."),
        (b"", "Berkas ini kosong. Pilih berkas unduhan Dapodik."),
        (bytes(MAX_FILE_BYTES + 1), "Berkas terlalu besar."),
    ],
)
def test_a_bad_file_is_told_beside_the_field(site: Client, posted: bytes | None, sentence: str) -> None:
    response = site.post(LIST, {} if posted is None else {"file": file(posted)})

    assert response.status_code == 422
    assert sentence in text(response)
    assert RosterUpload.objects.count() == 0


def test_a_name_with_hidden_characters_is_cleaned(site: Client) -> None:
    site.post(LIST, {"file": file(roster(girl(0)), name="daf\u202etar\x00.xlsx")})

    assert RosterUpload.objects.get().filename == "daftar.xlsx"


@pytest.mark.parametrize("said", ["20102575", "SMAN 55 Jakarta (20102575)", "sman 55", " 20102575 "])
def test_a_planner_names_the_school_by_number_or_name(client: Client, school: School, said: str) -> None:
    SchoolFactory(name="SMAN 5 Jakarta", npsn="20102505")
    client.force_login(UserFactory(planner=school.office))

    client.post(LIST, {"school": said, "file": file(roster(girl(0)))})

    assert RosterUpload.objects.get().school == school


@pytest.mark.parametrize("said", ["", "99999999", "sekolah", "\x00", "SMAN 8 Jakarta (20109999)"])
def test_a_school_that_is_not_the_planners_is_told_beside_the_field(client: Client, school: School, said: str) -> None:
    SchoolFactory(name="SMAN 8 Jakarta", npsn="20109999", office=OfficeFactory(name="Sudin lain"))
    client.force_login(UserFactory(planner=school.office))

    response = client.post(LIST, {"school": said, "file": file(roster(girl(0)))})

    assert (response.status_code, RosterUpload.objects.count()) == (422, 0)
    assert "id_school" in text(response)


def test_a_planner_chooses_from_the_schools_of_the_office(client: Client, school: School) -> None:
    SchoolFactory(name="SMAN 8 Jakarta", office=OfficeFactory(name="Sudin lain"))
    client.force_login(UserFactory(planner=school.office))

    page = text(client.get(LIST, {"school": "20102575"}))

    assert re.findall(r'<option value="([^"]+)">', page) == ["SMAN 55 Jakarta (20102575)"]
    assert 'list="schools"' in page
    assert 'value="SMAN 55 Jakarta (20102575)"' in page


@pytest.mark.parametrize("name", ["detail", "job", "errors", "decide", "approve", "cancel"])
def test_an_upload_of_another_school_does_not_exist(site: Client, name: str) -> None:
    foreign = reviewed(SchoolFactory(), roster(girl(0)))

    ask = site.post if name in ("decide", "approve", "cancel") else site.get

    assert ask(url(name, foreign)).status_code == 404
    assert ask(url(name, foreign).replace(str(foreign.pk), str(uuid4()))).status_code == 404


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OFFICIAL, Role.LEAD_OPERATOR, Role.SYSTEM_ADMIN])
def test_who_has_no_rosters_finds_no_page(client: Client, school: School, role: str) -> None:
    client.force_login(UserFactory(**{role: school.office}))

    assert client.get(LIST).status_code == 404
    assert client.get(url("detail", reviewed(school, roster(girl(0))))).status_code == 404


def test_the_progress_fragment_is_the_one_in_the_page(site: Client, school: School) -> None:
    upload = waiting(school, roster(girl(0)), now=timezone.now())

    page, fragment = site.get(url("detail", upload)), site.get(url("job", upload))

    def without_token(response: Any) -> str:
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode()).strip()

    assert without_token(fragment) in without_token(page)
    assert "Langkah 1 dari 2" in text(fragment)


def test_without_a_worker_the_page_says_that_the_job_waits(site: Client, school: School) -> None:
    upload = waiting(school, roster(girl(0)), now=timezone.now() - timedelta(minutes=1))

    assert "Pekerjaan ini masih menunggu" in text(site.get(url("detail", upload)))


def test_when_the_work_has_ended_the_browser_is_sent_to_the_page(site: Client, school: School) -> None:
    upload = reviewed(school, roster(girl(0)))

    assert site.get(url("job", upload))["HX-Redirect"] == url("detail", upload)


def test_the_review_says_the_counts_before_anything_is_written(site: Client, school: School) -> None:
    upload = reviewed(school, roster(girl(0), girl(1, NIK="123"), girl(2, NIK="123", Rombel_Saat_Ini="")))

    page = text(site.get(url("detail", upload)))

    assert "2 siswa akan diimpor atau diubah." in page
    assert "1 di antaranya tanpa NIK. 1 baris ditahan, 0 menunggu keputusan." in page
    assert "NIK terlalu pendek atau terlalu panjang · 2 baris" in page
    assert Person.objects.count() == 0


def test_what_is_decided_on_the_page_counts_when_approving(site: Client, school: School) -> None:
    imported(school, roster(girl(0), girl(1)))
    upload = reviewed(school, roster(girl(0)), now=timezone.now())
    row = upload.rows.get(section="missing")

    site.post(url("approve", upload), {f"row-{row.pk}": "left", "row-": "left", "row-x": "left", "all-new": "left"})

    row.refresh_from_db()
    upload.refresh_from_db()
    assert (row.decision, upload.status) == ("left", "approved")


def test_one_answer_serves_all_that_are_not_decided(site: Client, school: School) -> None:
    imported(school, roster(*(girl(number) for number in range(4))))
    upload = reviewed(school, roster(girl(0)), now=timezone.now())
    stays = upload.rows.filter(section="missing").order_by("name").first()
    assert stays is not None

    site.post(url("decide", upload), {"all-missing": "left"})
    site.post(url("decide", upload), {f"row-{stays.pk}": ""})

    assert list(upload.rows.order_by("name").values_list("decision", flat=True)) == ["", "left", "left"]


def test_another_schools_list_needs_a_tick(site: Client, school: School) -> None:
    upload = reviewed(school, roster(girl(0), school="SMAN 8 JAKARTA"))
    assert "Berkas ini menyebut sekolah lain: SMAN 8 JAKARTA" in text(site.get(url("detail", upload)))

    refused = site.post(url("approve", upload), follow=True)
    assert "Centang dahulu, di bagian atas halaman, bahwa daftar ini milik sekolah Anda." in text(refused)

    site.post(url("approve", upload), {"is_right_school": "on"})
    assert RosterUpload.objects.get().status == "approved"


def test_approving_twice_rings_and_imports_once(
    site: Client, school: School, doorbell: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    upload = reviewed(school, roster(girl(0)))

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            assert site.post(url("approve", upload)).status_code == 302
    for told in doorbell * 2:
        tasks.work_on_upload(upload_id=told)

    assert (doorbell, Person.objects.count()) == ([str(upload.pk)], 1)
    assert "Data siswa sudah masuk." in text(site.get(url("detail", upload)))


def test_what_is_imported_is_not_cancelled(site: Client, school: School) -> None:
    upload = imported(school, roster(girl(0)))

    page = site.post(url("cancel", upload), follow=True)

    assert "Daftar ini sedang atau sudah diimpor." in text(page)


def test_a_cancelled_upload_has_a_page(site: Client, school: School) -> None:
    upload = reviewed(school, roster(girl(0)))

    site.post(url("cancel", upload))

    assert "Unggahan ini dibatalkan" in text(site.get(url("detail", upload)))


def test_a_refused_file_says_why(site: Client, school: School) -> None:
    upload = waiting(school, b"halo")
    tasks.work(upload.pk)

    page = text(site.get(url("detail", upload)))

    assert "Berkas ini tidak dapat dipakai" in page
    assert "Di Dapodik pilih Peserta Didik, Unduh, Daftar PD" in page


def test_the_error_file_tells_row_and_remedy_and_its_download_is_audited(
    site: Client, school: School, clerk: User, tmp_path: Path
) -> None:
    upload = reviewed(school, roster(girl(0), girl(1, NIK="31740362080991")))

    response = site.get(url("errors", upload))

    (tmp_path / "perbaikan.xlsx").write_bytes(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    sheet = openpyxl.load_workbook(tmp_path / "perbaikan.xlsx").active
    assert sheet is not None
    heads, row = [[cell.value for cell in found] for found in sheet.iter_rows()]
    told = dict(zip(heads, row, strict=True))
    assert (told["Baris Excel"], told["Nama"], told["Kelas"], told["NIK (16 digit)"]) == (8, "SITI B", "XI MERDEKA 3", None)
    assert "NIK terdiri atas 14 angka; seharusnya 16. Salin 16 digit NIK dari kartu keluarga" in str(told["Masalah"])
    assert AuditEntry.objects.get(action="exported").by == clerk


def test_no_page_shows_a_nik(site: Client, school: School) -> None:
    imported(school, roster(girl(0, Nama="SITI CONTOH"), girl(5)))
    upload = reviewed(
        school, roster(girl(1, Nama="SITI CONTOHA"), girl(5, NIK="3174036208099999"), girl(6, NIK="3")), now=timezone.now()
    )

    for name in ("detail", "job"):
        assert "31740362" not in text(site.get(url(name, upload)))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_times(
    site: Client, school: School, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        waiting(school, roster(girl(number)))

    with django_assert_num_queries(LIST_QUERIES):
        site.get(LIST)


@pytest.mark.parametrize("count", [1, 3])
def test_the_review_asks_the_same_number_of_times(
    site: Client, school: School, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Rows in every section: missing, similar, changed, new and to be repaired."""
    imported(school, roster(*(girl(number) for number in range(9))))
    similar = [girl(10 + number, Nama=f"SITI {'ABC'[number]}X") for number in range(count)]
    changed = [girl(3 + number, HP="081200000000") for number in range(count)]
    new = [girl(20 + number, NIK="", Tanggal_Lahir=f"2009-01-0{number + 1}") for number in range(count)]
    upload = reviewed(school, roster(*similar, *changed, *new), now=timezone.now())

    assert [upload.counts[key] for key in ("similar", "changed", "new", "missing")] == [count, count, count, 9 - 2 * count]
    with django_assert_num_queries(REVIEW_QUERIES):
        site.get(url("detail", upload))

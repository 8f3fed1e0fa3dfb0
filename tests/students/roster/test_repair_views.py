"""Mending rows on the pages: what is shown beside which field, what is refused kindly, and where one goes next."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from schools.models import School, User
from students.models import Person, RosterRepair, RosterRow, RosterUpload
from students.roster import follow_up, tasks
from tests.factories import SchoolFactory
from tests.students.roster import workbooks
from tests.students.roster.clerks import NIK_OF_NOBODY, clerk, doorbell, file, page_of, school, site, text
from tests.students.roster.test_error_file import grid_of
from tests.students.roster.test_error_file import mended as mended_grid
from tests.students.roster.uploads import girl, imported, reviewed, roster

__all__ = ["clerk", "doorbell", "school", "site"]

pytestmark = pytest.mark.django_db
ROW_QUERIES = 11


@pytest.fixture
def upload(school: School) -> RosterUpload:
    """Rows 7 to 9: sound, with a damaged NIK, held for its sex."""
    return reviewed(school, roster(girl(0), girl(1, NIK="31740362080991"), girl(2, JK="?")), now=timezone.now())


def detail(upload: RosterUpload) -> str:
    return reverse("students:upload_detail", args=[upload.pk])


def answers(upload: RosterUpload, number: int, **changed: str) -> dict[str, str]:
    """The form as the page shows it, with some fields changed."""
    row = upload.rows.get(row_number=number)
    shown = {
        "name": row.name,
        "sex": row.sex,
        "birth_date": row.birth_date.isoformat() if row.birth_date else "",
        "nisn": row.nisn,
        "class_name": row.class_name,
        "phone": f"0{row.phone[3:]}" if row.phone else "",
        "nik": "",
    }
    return shown | changed


def test_a_row_shows_what_was_understood_and_what_is_wrong_and_no_number(site: Client, upload: RosterUpload) -> None:
    page = text(site.get(page_of(upload, 8)))

    assert 'value="SITI B"' in page
    assert 'value="2009-08-22"' in page
    assert "NIK terdiri atas 14 angka; seharusnya 16." in page
    assert "31740362" not in page


def test_the_review_leads_to_each_row(site: Client, upload: RosterUpload) -> None:
    page = text(site.get(detail(upload)))

    assert page.count(f'href="{page_of(upload, 8)}"') == 1
    assert page.count(f'href="{page_of(upload, 9)}"') == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"nik": "3174"}, "NIK terdiri atas 4 angka; seharusnya 16."),
        ({"nik": "3,17403E+15"}, "NIK memuat karakter selain angka"),
        ({"nik": "9974036208099101"}, "Dua angka pertama NIK bukan kode provinsi"),
        ({"nik": "3174036208090000"}, "Empat angka terakhir NIK adalah 0000"),
        ({"name": "123"}, "Nama kosong."),
        ({"name": ""}, "Nama kosong."),
        ({"birth_date": "2009-13-45"}, "Tanggal lahir tidak dapat dibaca."),
        ({"birth_date": "1850-01-01"}, "Tanggal lahir tidak dapat dibaca."),
        ({"nisn": "12"}, "NISN terdiri atas 10 digit."),
        ({"phone": "12"}, "0812 3456 7890"),
        ({}, "Belum ada yang diubah."),
        ({"sex": ""}, "Pilih L untuk laki-laki atau P untuk perempuan."),
    ],
)
def test_what_is_typed_is_refused_beside_its_field_and_nothing_is_lost(
    site: Client, upload: RosterUpload, changed: dict[str, str], sentence: str
) -> None:
    kept = {"class_name": "XI BARU 9"} if changed else {}

    response = site.post(page_of(upload, 8), answers(upload, 8, **kept, **changed))

    page = text(response)
    assert (response.status_code, RosterRepair.objects.count()) == (422, 0)
    assert sentence in page
    assert not kept or 'value="XI BARU 9"' in page


def test_a_saved_row_leads_to_the_next_one_and_the_last_to_the_reading(
    site: Client, upload: RosterUpload, django_capture_on_commit_callbacks: Any, doorbell: list[str]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = site.post(page_of(upload, 8), answers(upload, 8, nik=NIK_OF_NOBODY, next="1"))
    assert (first["Location"], doorbell) == (page_of(upload, 9), [])
    assert "1 perbaikan belum diperiksa" in text(site.get(detail(upload)))

    with django_capture_on_commit_callbacks(execute=True):
        second = site.post(page_of(upload, 9), answers(upload, 9, sex="P"))
    assert (second["Location"], doorbell) == (detail(upload), [str(upload.pk)])

    tasks.work(upload.pk)
    page = text(site.get(detail(upload)))
    assert "2 baris diperbaiki di sini" in page
    assert "0 baris ditahan" in page or "baris ditahan" not in page
    assert NIK_OF_NOBODY not in page


def test_check_again_reads_what_is_noted(site: Client, upload: RosterUpload) -> None:
    site.post(page_of(upload, 8), answers(upload, 8, nik=NIK_OF_NOBODY, next="1"))

    refused = site.post(reverse("students:upload_approve", args=[upload.pk]), follow=True)
    assert "Ada perbaikan yang belum diperiksa." in text(refused)
    site.post(reverse("students:upload_read_again", args=[upload.pk]))
    tasks.work(upload.pk)

    assert upload.rows.get(row_number=8).nik_problem == ""


def test_what_was_written_and_not_checked_is_shown_again_but_for_the_number(site: Client, upload: RosterUpload) -> None:
    site.post(page_of(upload, 8), answers(upload, 8, name="SITI BENAR", nik=NIK_OF_NOBODY, next="1"))

    page = text(site.get(page_of(upload, 8)))

    assert 'value="SITI BENAR"' in page
    assert "belum diperiksa" in page
    assert NIK_OF_NOBODY not in page


def test_a_repair_is_taken_back_on_the_page(site: Client, upload: RosterUpload) -> None:
    site.post(page_of(upload, 9), {"left_out": "on"})
    tasks.work(upload.pk)
    assert not upload.rows.filter(row_number=9).exists()

    repair = RosterRepair.objects.get()
    site.post(reverse("students:upload_repair_take_back", args=[upload.pk, repair.pk]))
    tasks.work(upload.pk)

    assert upload.rows.get(row_number=9).section == "held"


def test_while_it_is_read_a_repair_is_refused_and_nothing_is_lost(site: Client, upload: RosterUpload) -> None:
    RosterUpload.objects.filter(pk=upload.pk).update(status="reading")

    response = site.post(page_of(upload, 8), answers(upload, 8, name="SITI BENAR"))

    assert response.status_code == 422
    assert "Daftarnya sedang diproses." in text(response)
    assert 'value="SITI BENAR"' in text(response)


def leftovers(school: School) -> RosterUpload:
    return imported(school, roster(girl(0), girl(1, NIK=""), girl(2, JK="?")), now=timezone.now())


def test_what_an_import_has_left_is_said_on_its_page_and_on_the_list(site: Client, school: School) -> None:
    upload = leftovers(school)

    assert "2 baris menunggu perbaikan atau keputusan" in text(site.get(detail(upload)))
    listed = text(site.get("/rosters/"))
    assert f'href="{detail(upload)}#left"' in listed
    assert "2 baris menunggu perbaikan" in listed


def test_a_row_of_an_import_is_mended_in_a_follow_up(site: Client, school: School, clerk: User) -> None:
    upload = leftovers(school)

    response = site.post(page_of(upload, 9), answers(upload, 9, sex="P"))

    second = RosterUpload.objects.get(follows=upload)
    assert (response["Location"], second.uploaded_by) == (detail(second), clerk)
    tasks.work(second.pk)
    page = text(site.get(detail(second)))
    assert "Hanya baris sisa dari impor berkas ini sebelumnya." in page
    site.post(reverse("students:upload_approve", args=[second.pk]))
    tasks.work(second.pk)
    assert Person.objects.count() == 3
    assert "Sisa impor ini sudah dilanjutkan di unggahan lain." in text(site.get(detail(upload)))
    assert "1 baris menunggu perbaikan" in text(site.get(detail(second)))


def test_one_button_goes_on_with_what_is_left(site: Client, school: School) -> None:
    upload = leftovers(school)

    for _ in range(2):
        site.post(reverse("students:upload_continue", args=[upload.pk]))

    second = RosterUpload.objects.get(follows=upload)
    tasks.work(second.pk)
    assert page_of(second, 8) in text(site.get(detail(second)))


def test_a_forgotten_file_is_told(site: Client, school: School) -> None:
    upload = leftovers(school)
    RosterUpload.objects.filter(pk=upload.pk).update(file_sealed=None)

    assert "Unggah daftarnya lagi untuk memperbaiki baris ini." in text(site.get(detail(upload)))
    refused = site.post(page_of(upload, 9), answers(upload, 9, sex="P"))
    assert (refused.status_code, RosterUpload.objects.count()) == (422, 1)


def test_an_error_file_leads_to_the_list_it_repaired(site: Client, school: School, upload: RosterUpload) -> None:
    data = workbooks.xlsx(mended_grid(grid_of(upload), nik=(8, NIK_OF_NOBODY)))

    came = site.post("/rosters/", {"file": file(data, "perbaikan.xlsx")})["Location"]
    tasks.work(RosterUpload.objects.get(filename="perbaikan.xlsx").pk)
    page = site.get(came, follow=True)

    assert page.redirect_chain == [(detail(upload), 302)]
    assert "1 baris dari berkas perbaikan diambil alih." in text(page)


def test_an_unchanged_error_file_says_so(site: Client, school: School, upload: RosterUpload) -> None:
    came = site.post("/rosters/", {"file": file(workbooks.xlsx(grid_of(upload)), "perbaikan.xlsx")})["Location"]
    tasks.work(RosterUpload.objects.get(filename="perbaikan.xlsx").pk)

    assert "Tidak ada yang diubah di berkas perbaikan ini." in text(site.get(came))


@pytest.mark.parametrize("name", ["upload_row", "upload_read_again", "upload_continue", "upload_repair_take_back"])
def test_a_row_of_another_school_does_not_exist(site: Client, school: School, upload: RosterUpload, name: str) -> None:
    foreign = reviewed(SchoolFactory(), roster(girl(5, NIK="")))
    found: Any = {("", 7): {"name": "A"}}
    follow_up.save_repairs(upload=foreign, found=found, by=None, now=timezone.now(), read_again=False, ring_worker=False)
    inner = {"upload_row": [foreign.rows.get().pk], "upload_repair_take_back": [RosterRepair.objects.get().pk]}.get(name, [])

    assert site.post(reverse(f"students:{name}", args=[foreign.pk, *inner])).status_code == 404
    if inner:
        assert site.post(reverse(f"students:{name}", args=[upload.pk, *inner])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_row_asks_the_same_number_of_times(
    site: Client, school: School, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    upload = reviewed(school, roster(*(girl(number, NIK="") for number in range(count))), now=timezone.now())

    with django_assert_num_queries(ROW_QUERIES):
        site.get(page_of(upload, 7))
    assert RosterRow.objects.count() == count

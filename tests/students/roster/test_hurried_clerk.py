"""What a clerk in a hurry does: fills in the wrong thing, goes back, has two windows, comes back after the session has ended."""

import io
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from schools.models import School, User
from students.models import Person, RosterRepair, RosterUpload
from students.roster import error_file, intake, tasks
from tests.students.roster.clerks import NIK_OF_NOBODY, clerk, doorbell, file, page_of, school, site, text
from tests.students.roster.uploads import girl, imported, reviewed, roster

__all__ = ["clerk", "doorbell", "school", "site"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(school: School) -> RosterUpload:
    """Rows 7 to 9: sound, without a NIK, held for its sex."""
    return reviewed(school, roster(girl(0), girl(1, NIK=""), girl(2, JK="?")), now=timezone.now())


def detail(upload: RosterUpload) -> str:
    return reverse("students:upload_detail", args=[upload.pk])


def workbook(upload: RosterUpload) -> openpyxl.Workbook:
    return openpyxl.load_workbook(error_file.build(RosterUpload.objects.select_related("office").get(pk=upload.pk)))


def bring_back(site: Client, book: openpyxl.Workbook) -> Any:
    """Uploaded where the lists are, and worked on; the page on which the clerk then is."""
    stream = io.BytesIO()
    book.save(stream)
    came = site.post("/rosters/", {"file": file(stream.getvalue(), "perbaikan.xlsx")})["Location"]
    tasks.work(RosterUpload.objects.get(filename="perbaikan.xlsx").pk)
    for waiting in RosterUpload.objects.filter(status="waiting"):
        tasks.work(waiting.pk)
    return site.get(came, follow=True)


WRONG = [
    ("NIK (16 digit)", "31740362O8099999", "NIK memuat karakter selain angka"),
    ("NIK (16 digit)", "317403620809999", "NIK terdiri atas 15 angka; seharusnya 16."),
    ("NIK (16 digit)", 3174036208099990, "NIK ini tersimpan sebagai bilangan, sehingga angka terakhirnya hilang."),
    ("NIK (16 digit)", 3.174036208099e15, "NIK ini tersimpan sebagai bilangan, sehingga angka terakhirnya hilang."),
    ("NIK (16 digit)", "lihat KK", "NIK memuat karakter selain angka"),
    ("Tanggal Lahir", "22 Agus 20009", "Tanggal lahir tidak dapat dibaca"),
    ("Tanggal Lahir", "31-02-2010", "Tanggal lahir tidak dapat dibaca"),
]


@pytest.mark.parametrize(("heading", "written", "sentence"), WRONG)
def test_what_is_wrong_in_the_error_file_is_told_of_its_row_and_never_stored(
    site: Client, upload: RosterUpload, heading: str, written: Any, sentence: str
) -> None:
    book = workbook(upload)
    sheet: Any = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == heading)
    sheet.cell(2, column).value = written

    page = bring_back(site, book)

    assert "Periksa daftar" in text(page)
    assert sentence in text(site.get(page_of(upload, 8)))
    assert upload.rows.get(row_number=8).nik_sealed is None


def test_another_name_of_the_sheet_more_columns_and_another_order_of_sheets_do_not_matter(
    site: Client, upload: RosterUpload
) -> None:
    book = workbook(upload)
    sheet: Any = book.worksheets[0]
    sheet.cell(2, 6).value = NIK_OF_NOBODY
    sheet.title = "sudah diisi bu endang"
    sheet.insert_cols(4)
    sheet.cell(1, 4).value = "Catatan"
    sheet.cell(2, 4).value = "KK baru"
    book.move_sheet(sheet, 1)

    page = bring_back(site, book)

    assert "1 baris dari berkas perbaikan diambil alih." in text(page)
    assert upload.rows.get(row_number=8).nik_problem == ""


def test_a_name_of_any_length_is_shown_whole(site: Client, school: School) -> None:
    name = "SITI " + "NURHALIZAHRAHMAWATI" * 5
    upload = reviewed(school, roster(girl(0, Nama=name, NIK="")), now=timezone.now())

    assert name in text(site.get(detail(upload)))
    assert name in text(site.get(page_of(upload, 7)))


def test_going_back_after_approving_changes_nothing_and_says_so(site: Client, school: School, upload: RosterUpload) -> None:
    old_page = page_of(upload, 9)
    site.post(reverse("students:upload_approve", args=[upload.pk]))

    for name in ("upload_decide", "upload_cancel", "upload_read_again"):
        again = site.post(reverse(f"students:{name}", args=[upload.pk]), follow=True)
        assert again.status_code == 200
        assert 'role="alert"' in text(again)
    refused = site.post(old_page, {"name": "SITI C", "sex": "P", "birth_date": "2009-08-22"})

    assert (refused.status_code, RosterRepair.objects.count()) == (422, 0)
    assert "SITI C" in text(refused)
    tasks.work(upload.pk)
    assert Person.objects.count() == 2


def test_a_row_that_was_thrown_away_in_another_window_leads_to_what_became_of_its_list(
    site: Client, upload: RosterUpload
) -> None:
    old_page = page_of(upload, 8)
    site.post(reverse("students:upload_cancel", args=[upload.pk]))

    for answer in (site.get(old_page, follow=True), site.post(old_page, {"nik": NIK_OF_NOBODY}, follow=True)):
        assert answer.status_code == 200
        assert "Unggahan ini dibatalkan" in text(answer)
        assert "Baris ini tidak ada lagi" in text(answer)


def test_a_session_that_ends_on_the_page_of_a_row_leads_back_to_that_row(
    client: Client, clerk: User, upload: RosterUpload
) -> None:
    page = page_of(upload, 8)

    led = client.post(page, {"nik": NIK_OF_NOBODY}, headers={"referer": f"http://testserver{page}"})
    assert led["Location"].endswith(urlencode({"next": page}))
    client.force_login(clerk)

    assert "Perbaiki baris 8" in text(client.get(page))
    assert RosterRepair.objects.count() == 0


def test_a_follow_up_in_which_nothing_is_mended_offers_no_approval(site: Client, school: School) -> None:
    upload = imported(school, roster(girl(0), girl(1, NIK="")), now=timezone.now())
    site.post(reverse("students:upload_continue", args=[upload.pk]))
    second = RosterUpload.objects.get(follows=upload)
    tasks.work(second.pk)

    page = text(site.get(detail(second)))

    assert "Belum ada yang diperbaiki." in page
    assert "Setujui dan impor</button>" not in page


def test_what_was_confirmed_of_a_file_is_not_asked_again_of_its_rest(site: Client, school: School) -> None:
    upload = imported(school, roster(girl(0), girl(1, NIK=""), school="SMAN 8 JAKARTA"), now=timezone.now())
    assert upload.counts["other_school"]

    site.post(reverse("students:upload_continue", args=[upload.pk]))
    second = RosterUpload.objects.get(follows=upload)
    tasks.work(second.pk)

    assert "menyebut sekolah lain" not in text(site.get(detail(second)))
    assert intake.decide(upload=second, decisions=[]) == 0

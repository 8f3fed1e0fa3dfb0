"""A school administrator with a browser, a real worker, and the file as Dapodik gave it."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from schools.models import School, User
from students.models import ClassGroup, Enrolment, Person, RosterUpload
from tests.factories import UserFactory
from tests.students.roster.conftest import FILES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
SMAN_55 = next(FILES.glob("daftar_pd-SMAN 55*.xlsx"))
EDGE_CASES = next(FILES.glob("daftar_pd-SMA CONTOH*.xlsx"))


@pytest.fixture
def school(transactional_db: None) -> School:
    call_command("load_reference", verbosity=0)
    return School.objects.get(npsn="20102575")


@pytest.fixture
def site(page: Page, client: Client, live_server: LiveServer, school: School) -> Page:
    """Signed in as the school's administrator, on the page for uploads."""
    clerk: User = UserFactory(school_admin=school, name="Endang Susilowati")
    client.force_login(clerk)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/rosters/")
    return page


def upload(site: Page, file: Path) -> None:
    site.locator("#id_file").set_input_files(str(file))
    site.get_by_role("button", name="Unggah dan periksa").click()


def test_the_dapodik_file_is_uploaded_reviewed_and_imported(
    site: Page, celery_worker_process: "subprocess.Popen[bytes]", school: School
) -> None:
    upload(site, SMAN_55)
    expect(site.get_by_role("heading", name="Periksa daftar")).to_be_visible()
    expect(site.get_by_text("452 siswa akan diimpor atau diubah.")).to_be_visible()
    assert Person.objects.count() == 0

    site.get_by_role("button", name="Setujui dan impor").click()
    expect(site.get_by_role("heading", name="Daftar siswa sudah diimpor")).to_be_visible()

    assert (Person.objects.filter(school=school).count(), Enrolment.objects.live().count()) == (452, 452)
    assert ClassGroup.objects.count() == 15
    assert RosterUpload.objects.get().approved_by == User.objects.get()


def test_a_file_that_names_another_school_is_imported_only_after_a_tick(
    site: Page, celery_worker_process: "subprocess.Popen[bytes]"
) -> None:
    site.set_viewport_size({"width": 390, "height": 844})
    upload(site, EDGE_CASES)
    approve = site.get_by_role("button", name="Setujui dan impor")
    expect(approve).to_be_visible()

    approve.click()
    expect(site.get_by_text("Centang dahulu, di bagian atas halaman, bahwa daftar ini milik sekolah Anda.")).to_be_visible()
    site.get_by_label("Daftar ini memang milik SMAN 55 Jakarta.").check()
    approve.click()

    expect(site.get_by_text("Data siswa sudah masuk.")).to_be_visible()
    assert Person.objects.count() == 24


def test_a_note_is_refused_with_the_way_to_the_right_file(
    site: Page, celery_worker_process: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    note = tmp_path / "catatan.txt"
    note.write_text("halo")

    upload(site, note)

    expect(site.get_by_role("heading", name="Berkas ini tidak dapat dipakai")).to_be_visible()
    expect(site.get_by_text("Di Dapodik pilih Peserta Didik, Unduh, Daftar PD")).to_be_visible()
    site.get_by_role("link", name="Pilih berkas lain").click()
    expect(site.get_by_role("heading", name="Unggah daftar", exact=True)).to_be_visible()

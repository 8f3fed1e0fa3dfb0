"""In a browser: a school explains its own table, once."""

import subprocess
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from schools.models import School
from tests.factories import UserFactory
from tests.students.roster.asked import table
from tests.students.roster.clerks import LIST, doorbell, school
from tests.students.roster.test_asking import ROWS

__all__ = ["doorbell", "school"]

pytestmark = pytest.mark.django_db


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

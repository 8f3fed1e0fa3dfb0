"""The file with a dozen kinds of damage, mended by a clerk who follows only what the screen says, at a desk and on a phone."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from schools.models import School, User
from students.models import Person
from tests.factories import UserFactory
from tests.students.roster.asked import table
from tests.students.roster.conftest import FILES
from tests.students.roster.uploads import girl, reviewed, roster, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

EDGE_CASES: Final = next(FILES.glob("daftar_pd-SMA CONTOH*.xlsx"))
WINDOWS: Final = [pytest.param(1280, "light", id="1280 light"), pytest.param(390, "dark", id="390 dark")]
# What the family cards of these five say, by the row of the file.
NIKS: Final = {10: "3174045504099004", 18: "3174025012099012", 20: "3174045402109014", 29: "3174041611109023"}
SEX: Final = (22, "P")
WORK: Final = 120_000
TOO_SMALL: Final = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary, textarea")]
    .filter(each => each.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !each.closest("p, .jb-skip"))
    .map(each => [each.closest("label.btn") ?? each, each])
    .filter(([box]) => { const {width, height} = box.getBoundingClientRect(); return width && (width < 24 || height < 24) })
    .map(([, each]) => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def school(transactional_db: None) -> School:
    call_command("load_reference", verbosity=0)
    return School.objects.get(npsn="20102575")


@pytest.fixture
def clerk(school: School) -> User:
    user: User = UserFactory(school_admin=school, name="Endang Susilowati")
    return user


@pytest.fixture
def site(
    page: Page, client: Client, live_server: LiveServer, clerk: User, celery_worker_process: "subprocess.Popen[bytes]"
) -> Page:
    """Signed in as the school's administrator, on the page for uploads."""
    client.force_login(clerk)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/rosters/")
    return page


def window(site: Page, clerk: User, *, width: int, scheme: str) -> None:
    User.objects.filter(pk=clerk.pk).update(colour_scheme=scheme)
    site.set_viewport_size({"width": width, "height": 844})
    site.reload()


def looks_right(page: Page, _name: str) -> None:
    """Nothing runs out at the side, everything is large enough for a thumb, and axe finds nothing serious; all sections open."""
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(TOO_SMALL) == []
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")] == []


def upload(site: Page, file: Path) -> None:
    site.locator("#id_file").set_input_files(str(file))
    site.get_by_role("button", name="Unggah dan periksa").click()


def review_of(site: Page) -> Page:
    expect(site.get_by_role("heading", name="Periksa daftar")).to_be_visible(timeout=WORK)
    return site


def line(site: Page, number: int) -> Locator:
    """The line of the page that leads to this row of the file."""
    return site.get_by_role("row").filter(has=site.get_by_role("link", name=f"Perbaiki baris {number}", exact=True))


def approve(site: Page) -> None:
    site.get_by_role("button", name="Setujui dan impor").click()
    expect(site.get_by_role("heading", name="Daftar siswa sudah diimpor")).to_be_visible(timeout=WORK)


def say_that_it_is_ours(site: Page) -> None:
    site.get_by_label("Daftar ini memang milik SMAN 55 Jakarta.").check()


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_every_problem_is_mended_on_the_page_of_its_row(site: Page, clerk: User, width: int, scheme: str) -> None:
    window(site, clerk, width=width, scheme=scheme)
    looks_right(site, "01-list")
    upload(site, EDGE_CASES)
    looks_right(review_of(site), "02-review")
    every_problem_is_explained(site)

    line(site, 10).get_by_role("link").click()
    expect(site.get_by_role("heading", name="Perbaiki baris 10")).to_be_visible()
    looks_right(site, "03-row")
    a_wrong_number_is_refused_beside_its_field(site)
    for number in (10, 18, 20, 29):
        expect(site.get_by_role("heading", name=f"Perbaiki baris {number}")).to_be_visible()
        site.get_by_label("NIK", exact=True).fill(NIKS[number])
        site.get_by_role("button", name="Simpan").first.click()
    review_of(site)
    expect(site.get_by_text("4 baris diperbaiki di sini")).to_be_visible()
    looks_right(site, "05-review-mended")

    line(site, SEX[0]).get_by_role("link").click()
    expect(site.get_by_text("Jenis kelamin dalam NIK berbeda dengan jenis kelamin dalam berkas.")).to_be_visible()
    looks_right(site, "06-row-warning")
    site.get_by_label("Jenis kelamin").select_option(SEX[1])
    site.get_by_role("button", name="Simpan dan periksa semua").click()
    review_of(site)
    expect(site.get_by_text("5 baris diperbaiki di sini")).to_be_visible()
    site.get_by_role("button", name="Setujui dan impor").click()
    expect(site.get_by_role("alert")).to_contain_text("Centang dahulu, di bagian atas halaman")
    say_that_it_is_ours(site)
    approve(site)
    looks_right(site, "07-all-in")
    assert (Person.objects.count(), Person.objects.exclude(nik_digest=None).count()) == (24, 24)


def every_problem_is_explained(site: Page) -> None:
    """The row as Excel counts it, whose it is, and what to do."""
    expect(site.get_by_text("4 siswa masuk tanpa NIK sampai diperbaiki.")).to_be_visible()
    for number, name in ((10, "JAMALIA KUSWANDARI"), (18, "LALITA PADMASARI"), (20, "VIOLET ZULAIKA"), (29, "ROSMAN SALAHUDIN")):
        expect(line(site, number)).to_contain_text(name)
        expect(line(site, number)).to_contain_text("Tanpa NIK")


def a_wrong_number_is_refused_beside_its_field(site: Page) -> None:
    """By keyboard alone: the summary has the focus, its link leads to the field, and what was typed still stands there."""
    nik = site.get_by_label("NIK", exact=True)
    nik.focus()
    site.keyboard.type(NIKS[10][:15])
    site.keyboard.press("Enter")
    expect(site.get_by_role("alert")).to_be_focused()
    expect(site.get_by_role("alert")).to_contain_text("NIK terdiri atas 15 angka; seharusnya 16.")
    looks_right(site, "04-row-error")
    site.keyboard.press("Tab")
    site.keyboard.press("Enter")
    expect(nik).to_be_focused()
    expect(nik).to_have_value(NIKS[10][:15])


def filled_in(site: Page, folder: Path, cells: Mapping[str, Mapping[int, Any]]) -> Path:
    """The error file as a clerk fills it in: heading → Excel row of the list → what is written into its coloured cell."""
    with site.expect_download() as taken:
        site.get_by_role("link", name="Unduh berkas perbaikan").click()
    file = folder / taken.value.suggested_filename
    taken.value.save_as(file)
    book = openpyxl.load_workbook(file)
    sheet: Any = book.worksheets[0]
    headings = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        for heading, written in cells.items():
            cell = row[headings[heading] - 1]
            if row[0].value in written:
                assert cell.fill.fill_type == "solid"  # a clerk fills in what is coloured
                cell.value = written[row[0].value]
    book.save(file)
    return file


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_the_error_file_then_the_work_list_until_nothing_is_left(
    site: Page, clerk: User, tmp_path: Path, width: int, scheme: str
) -> None:
    window(site, clerk, width=width, scheme=scheme)
    upload(site, EDGE_CASES)
    file = filled_in(review_of(site), tmp_path, {"NIK (16 digit)": {10: NIKS[10], 18: NIKS[18]}, "JK (L/P)": {SEX[0]: SEX[1]}})

    site.get_by_role("link", name="Unggah daftar").first.click()
    upload(site, file)
    review_of(site)
    expect(site.get_by_text("3 baris dari berkas perbaikan diambil alih.")).to_be_visible()
    looks_right(site, "11-review-after-file")
    say_that_it_is_ours(site)
    approve(site)
    looks_right(site, "12-applied-left")
    expect(site.get_by_text("2 baris menunggu perbaikan atau keputusan")).to_be_visible()
    assert (Person.objects.count(), Person.objects.exclude(nik_digest=None).count()) == (24, 22)

    site.get_by_role("link", name="Unggah daftar").first.click()
    looks_right(site, "13-list-left")
    site.get_by_role("link", name="2 baris menunggu perbaikan").click()
    site.get_by_role("button", name="Perbaiki baris ini").click()
    looks_right(review_of(site), "14-follow-up")
    line(site, 20).get_by_role("link").click()
    for number in (20, 29):
        site.get_by_label("NIK", exact=True).fill(NIKS[number])
        site.get_by_role("button", name="Simpan").first.click()
    review_of(site)
    expect(site.get_by_text("2 baris diperbaiki di sini")).to_be_visible()
    looks_right(site, "15-follow-up-mended")
    approve(site)
    looks_right(site, "16-nothing-left")
    assert (Person.objects.count(), Person.objects.exclude(nik_digest=None).count()) == (24, 24)

    site.get_by_role("button", name="Urungkan impor ini").click()
    looks_right(site, "17-undone")
    assert (Person.objects.count(), Person.objects.exclude(nik_digest=None).count()) == (24, 22)
    site.get_by_role("link", name="Unggah daftar").first.click()
    expect(site.get_by_role("link", name="2 baris menunggu perbaikan")).to_be_visible()
    looks_right(site, "18-list-after-undo")


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_the_pages_beside_the_way_can_be_read_and_used_too(
    site: Page, clerk: User, school: School, width: int, scheme: str
) -> None:
    """While it waits, when it is refused, and when a heading says nothing."""
    window(site, clerk, width=width, scheme=scheme)
    page = site.url
    waits = waiting(school, EDGE_CASES.read_bytes(), now=timezone.now())
    site.goto(f"{page}{waits.pk}/")
    expect(site.get_by_role("heading", name="Berkas Anda sedang diproses")).to_be_visible()
    looks_right(site, "21-progress")

    refused = reviewed(school, b"halo", now=timezone.now())
    site.goto(f"{page}{refused.pk}/")
    expect(site.get_by_role("heading", name="Berkas ini tidak dapat dipakai")).to_be_visible()
    looks_right(site, "22-refused")

    asked = reviewed(school, table(), now=timezone.now())
    site.goto(f"{page}{asked.pk}/")
    expect(site.get_by_role("heading", name="Jelaskan arti kolom")).to_be_visible()
    looks_right(site, "23-columns")
    for choice in site.get_by_role("combobox").all():
        choice.select_option("name")
    site.get_by_role("button", name="Simpan dan baca berkas").click()
    expect(site.get_by_role("alert")).to_be_focused()
    looks_right(site, "24-columns-error")

    endless = girl(0, Nama="SITI " + "NURHALIZAHRAHMAWATI" * 5, NIK="")
    long_name = reviewed(school, roster(endless, girl(1)), now=timezone.now())
    site.goto(f"{page}{long_name.pk}/")
    looks_right(review_of(site), "25-long-name")
    line(site, 7).get_by_role("link").click()
    expect(site.get_by_role("heading", name="Perbaiki baris 7")).to_be_visible()
    looks_right(site, "26-long-name-row")

"""The whole job in a real browser, with a real worker: from a school's own file to the dashboard of an official."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from drives.coverage.rollup import roll_up_touched
from drives.models import Appointment, Drive, Notice, Timeslot, Visit
from schools.models import Closure, Office, School
from students.models import Person
from tests.browser import PATIENCE
from tests.factories import KitFactory, UserFactory
from tests.students.roster.conftest import FILES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

JAKARTA = ZoneInfo("Asia/Jakarta")
ROSTER = next(FILES.glob("daftar_pd-SMAN 55*.xlsx"))
PASSWORD = "kata-sandi-perjalanan"
RECORDED_BEFORE = 3


@dataclass(frozen=True)
class City:
    """Reference data, six kits, and one person for each role."""

    school: School
    office: Office
    days: tuple[date, date, date]
    clock: time_machine.Traveller


@pytest.fixture
def city(transactional_db: None) -> Iterator[City]:
    """The morning before three special working days: whatever the weekday, the story is the same."""
    first = timezone.localdate() + timedelta(days=2)
    with time_machine.travel(datetime.combine(first - timedelta(days=1), time(9, 30), JAKARTA), tick=True) as clock:
        call_command("load_reference", verbosity=0)
        school = School.objects.select_related("office").get(npsn="20102575")
        School.objects.filter(pk=school.pk).update(email="sman55@sekolah.example")
        days = (first, first + timedelta(days=1), first + timedelta(days=2))
        Closure.objects.create(
            office=school.office, starts_on=first, ends_on=days[2], effect=Closure.Effect.OPEN, reason="Layanan khusus"
        )
        for number in range(1, 7):
            KitFactory(office=school.office, name=f"Alat {number}")
        for name, scope in (
            ("planner", school.office),
            ("operator", school.office),
            ("official", school.office),
            ("school_admin", school),
        ):
            user = UserFactory(username=name, name=name.title(), **{name: scope})
            user.set_password(PASSWORD)
            user.save()
        yield City(school, school.office, days, clock)


class Desk:
    """One person's own browser window."""

    def __init__(self, browser: Browser, live_server: LiveServer, username: str) -> None:
        self.context: BrowserContext = browser.new_context(locale="id-ID", timezone_id="Asia/Jakarta", accept_downloads=True)
        self.context.set_default_timeout(PATIENCE)
        self.url = live_server.url
        self.page: Page = self.context.new_page()
        self.page.goto(self.url)
        self.page.get_by_label("Nama pengguna").fill(username)
        self.page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Masuk", exact=True).click()
        expect(self.page).not_to_have_url(re.compile("sign-in"))

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page


def test_from_the_schools_own_file_to_the_dashboard(
    city: City, browser: Browser, live_server: LiveServer, celery_worker_process: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    clerk = Desk(browser, live_server, "school_admin")
    the_school_uploads_its_roster_and_approves(clerk)

    planner = Desk(browser, live_server, "planner")
    the_planner_sees_what_is_missing_and_plans_five_kits(planner, city)
    the_list_goes_out_for_the_check_and_its_result_comes_in(planner, city, tmp_path)
    everybody_gets_a_place_and_the_schedule_is_published(planner, city)

    city.clock.move_to(datetime.combine(city.days[0], time(8, 5), JAKARTA), tick=True)
    the_operator_checks_in_and_records(Desk(browser, live_server, "operator"), city)
    the_student_sees_the_own_time(browser, live_server)
    the_dashboard_shows_it(Desk(browser, live_server, "official"), city)
    for context in browser.contexts:
        context.close()


def the_school_uploads_its_roster_and_approves(clerk: Desk) -> None:
    page = clerk.open("/rosters/")
    page.locator("#id_file").set_input_files(str(ROSTER))
    page.get_by_role("button", name="Unggah dan periksa").click()
    expect(page.get_by_text("452 siswa akan diimpor atau diubah.")).to_be_visible()
    assert Person.objects.count() == 0

    page.get_by_role("button", name="Setujui dan impor").click()
    expect(page.get_by_role("heading", name="Daftar siswa sudah diimpor")).to_be_visible()
    assert Person.objects.filter(school__npsn="20102575").count() == 452


def the_planner_sees_what_is_missing_and_plans_five_kits(planner: Desk, city: City) -> None:
    page = planner.open("/drives/new/?school=20102575")
    for day in city.days:
        page.locator(f"label:has(#day-{day.isoformat()})").click()
        expect(page.locator(f"#day-{day.isoformat()}")).to_be_checked()
    page.locator("label:has(input[name=kits][value='4'])").click()
    expect(page.get_by_text("366 tempat untuk 452 siswa.")).to_be_visible()
    expect(page.get_by_text("Kurang 86").first).to_be_visible()

    page.locator("label:has(input[name=kits][value='5'])").click()
    expect(page.get_by_text("456 tempat untuk 452 siswa.")).to_be_visible()
    page.get_by_role("button", name="Lanjut ke papan slot").click()
    expect(page.get_by_role("heading", name=re.compile("Papan slot SMAN 55 Jakarta"))).to_be_visible()
    assert sum(Timeslot.objects.values_list("places", flat=True)) == 456


def the_list_goes_out_for_the_check_and_its_result_comes_in(planner: Desk, city: City, folder: Path) -> None:
    """Three of them turn out to be recorded already: they get no place."""
    page = planner.open(f"/schools/{city.school.pk}/check-list/")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Buat berkas").click()
    file = folder / "hasil.xlsx"
    taken.value.save_as(file)
    _answer_of_siak(file)

    page = planner.open("/statuses/upload/")
    page.locator("#id_file").set_input_files(str(file))
    page.get_by_role("button", name="Baca dan tinjau").click()
    page.get_by_role("button", name=re.compile("^Setujui")).click()
    page.wait_for_load_state("networkidle")
    assert Person.objects.exclude(recorded_on=None).count() == RECORDED_BEFORE


def _answer_of_siak(file: Path) -> None:
    """What staff type into the empty columns: three are recorded, the others are not."""
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "NIK" for cell in row))
    columns = {str(cell.value): cell.column for cell in head if cell.value}
    first = int(head[0].row or 0) + 1
    for number, row in enumerate(range(first, sheet.max_row + 1)):
        if sheet.cell(row, columns["NIK"]).value:
            sheet.cell(row, columns["Status"]).value = "SUDAH REKAM" if number < RECORDED_BEFORE else "BELUM REKAM"
    book.save(file)


def everybody_gets_a_place_and_the_schedule_is_published(planner: Desk, city: City) -> None:
    drive = Drive.objects.get()
    page = planner.open(f"/drives/{drive.pk}/")
    page.get_by_role("link", name="Jadwalkan semua siswa").click()
    page.get_by_role("button", name=re.compile("^Tempatkan 449 siswa")).click()
    expect(page.get_by_text("449 dari 449 siswa terjadwal.")).to_be_visible()
    assert Appointment.objects.live().count() == 449
    assert not Appointment.objects.live().exclude(person__recorded_on=None).exists()

    page = planner.open(f"/drives/{drive.pk}/operators/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Simpan").click()

    page = planner.open(f"/drives/{drive.pk}/publish/")
    page.get_by_role("button", name="Terbitkan sekarang").click()
    page.wait_for_load_state("networkidle")
    drive.refresh_from_db()
    assert drive.status == Drive.Status.PUBLISHED
    assert Notice.objects.filter(drive=drive, kind="published", recipient="sman55@sekolah.example").count() == 1


def the_operator_checks_in_and_records(operator: Desk, city: City) -> None:
    """One by the slip's typed code, one by what a scanner reads; the second is undone and recorded again."""
    first, second = Visit.objects.filter(person__appointments__timeslot__drive_day__day=city.days[0]).order_by("code")[:2]
    page = operator.open("/today/")
    _find(page, first.code, first)
    _tap(page, "Hadir")
    _find(page, first.code, first)
    _tap(page, "Direkam")
    expect(page.get_by_text(f"{first.person.name}: Direkam.")).to_be_visible()

    _find(page, f"https://jemput-bola.example/s/{second.token}/", second)
    _tap(page, "Direkam")
    with page.expect_response(re.compile("/undo/")):
        page.get_by_role("button", name=re.compile("^Urungkan")).click()
    _find(page, second.code, second)
    _tap(page, "Direkam")
    expect(page.get_by_text(f"{second.person.name}: Direkam.")).to_be_visible()

    assert list(Visit.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", flat=True)) == ["recorded", "recorded"]
    assert Person.objects.filter(recorded_on=city.days[0]).count() == 2


def _tap(page: Page, outcome: str) -> None:
    """One tap; then the field is empty for the next person."""
    page.get_by_role("button", name=outcome, exact=True).click()
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.wait_for_load_state("networkidle")


def _find(page: Page, text: str, visit: Visit) -> None:
    page.get_by_role("searchbox").fill(text)
    with page.expect_response(re.compile("/search/")):
        page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".jb-result__w", has_text=visit.person.name)).to_be_visible()


def the_student_sees_the_own_time(browser: Browser, live_server: LiveServer) -> None:
    visit = Visit.objects.filter(state="expected", person__appointments__ending="").select_related("person").order_by("code")[0]
    born = visit.person.birth_date
    assert born is not None
    slot = Appointment.objects.live().get(person=visit.person).timeslot
    page = browser.new_context(locale="id-ID").new_page()
    page.goto(f"{live_server.url}/s/{visit.token}/")
    expect(page.get_by_text(visit.person.name)).to_have_count(0)

    for field, value in zip(page.locator("form input:not([type=hidden])").all(), (born.day, born.month, born.year), strict=True):
        field.fill(str(value))
    page.get_by_role("button").click()
    expect(page.get_by_text(f"{slot.starts_at.astimezone(JAKARTA):%H.%M}").first).to_be_visible()
    expect(page.get_by_text(re.compile("GRATIS", re.IGNORECASE)).first).to_be_visible()


def the_dashboard_shows_it(official: Desk, city: City) -> None:
    """Two recorded today and three known from SIAK; the official sees counts and no person."""
    roll_up_touched(today=city.days[0])
    enrolled = {str(name) for name in Person.objects.values_list("name", flat=True)}
    recorded = RECORDED_BEFORE + 2
    left = f"Tinggal {452 - recorded} dari 452 orang"
    page = official.open("/coverage/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(left)
    expect(page.locator(".jb-kpi", has_text="Sudah rekam").locator(".jb-kpi__n")).to_have_text(str(recorded))
    content = page.content()

    content += official.open("/coverage/schools/20102575/").content()
    assert not [name for name in enrolled if name in content]

"""The season of Jakarta Selatan: planned by a worker, changed by hand, planned again, accepted and published in one step."""

import re
import subprocess
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from drives.models import (
    Drive,
    Notice,
    Season,
    SeasonCard,
    SeasonProposal,
    SeasonPublication,
    SeasonPublicationTurn,
)
from schools.models import Closure, Office, School, User
from students.models import ClassGroup
from tests.browser import PATIENCE
from tests.drives.planning.pupils import make_class
from tests.factories import KitFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

SCHOOLS = 64
PASSWORD = "kata-sandi-perjalanan"
SEARCH = 120_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def office(transactional_db: None) -> Office:
    """Jakarta Selatan with its real schools and places, people in the first 64 of them, and six kits."""
    call_command("load_reference", verbosity=0)
    office = Office.objects.get(level=Office.Level.SUDIN, region="31.74")
    for number in range(1, 7):
        KitFactory(office=office, name=f"Alat {number}")
    today = timezone.localdate()
    aged = [today.replace(day=1, year=today.year - 17) - timedelta(days=30), today.replace(day=1, year=today.year - 16)]
    schools = School.objects.filter(office=office, latitude__isnull=False).order_by("npsn")[:SCHOOLS]
    for number, school in enumerate(schools):
        make_class(school, "XI 1", [aged[0]] * (10 + number % 7 * 5) + [aged[1]] * (8 + number % 5 * 6))
    ClassGroup.objects.update(homeroom_name="Sri Wahyuni", homeroom_email="wali@sekolah.example")
    return office


@pytest.fixture
def planner(office: Office) -> User:
    user = UserFactory(username="perencana", name="Ratna Wulandari", planner=office)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, planner: User) -> Page:
    return signed_in(browser, live_server, DESK)


def signed_in(browser: Browser, live_server: LiveServer, size: dict[str, int]) -> Page:
    context: BrowserContext = browser.new_context(
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        viewport={"width": size["width"], "height": size["height"]},
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(live_server.url)
    page.get_by_label("Nama pengguna").fill("perencana")
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page).not_to_have_url(re.compile("sign-in"))
    return page


def looked_at(page: Page) -> None:
    """axe finds nothing serious, and nothing has to be pushed sideways."""
    page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_season_is_planned_changed_by_hand_planned_again_and_published(
    office: Office,
    desk: Page,
    browser: Browser,
    live_server: LiveServer,
    celery_worker_process: "subprocess.Popen[bytes]",
) -> None:
    season = the_wishes_are_weighed_before_they_are_saved(desk, live_server)
    a_worker_searches_and_the_whole_proposal_is_accepted(desk, season)
    held = a_school_is_dragged_to_a_free_day(desk, live_server, season)
    moved = another_is_moved_by_the_form(desk, live_server, season)
    the_next_proposal_leaves_both_where_they_are(desk, live_server, season, held, moved)
    drafts_are_made_of_the_first_turns(desk, live_server, season)
    the_whole_season_is_looked_at_before_it_leaves(desk, live_server, season)
    phone = a_phone_reads_the_list(browser, live_server, season)
    a_phone_reads_the_preview(phone, live_server)
    it_is_published_with_one_yes(desk, season)
    a_phone_reads_what_was_published(phone, live_server)
    for context in browser.contexts:
        context.close()


def the_wishes_are_weighed_before_they_are_saved(page: Page, live_server: LiveServer) -> Season:
    page.goto(f"{live_server.url}/season/")
    page.get_by_role("link", name="Musim baru").click()
    page.get_by_label("Nama").fill("Semester genap")
    page.get_by_label("Hari terakhir").fill((timezone.localdate() + timedelta(days=75)).isoformat())
    page.get_by_label("Alat rekam", exact=True).fill("6")
    with page.expect_response(re.compile("/season/note/")):
        page.get_by_label("Alat rekam", exact=True).blur()
    expect(page.locator("#note")).to_contain_text(re.compile(r"hari-alat ≈ [\d.]+ tempat untuk [\d.]+ siswa"))
    looked_at(page)
    page.get_by_role("button", name="Buat musim").click()
    expect(page.get_by_role("heading", name="Belum ada sekolah yang mendapat giliran")).to_be_visible()
    return Season.objects.get()


def a_worker_searches_and_the_whole_proposal_is_accepted(page: Page, season: Season) -> None:
    page.get_by_role("link", name="Susun otomatis").click()
    looked_at(page)
    page.get_by_label("Lama pencarian paling banyak").select_option("10")
    page.get_by_role("button", name="Susun", exact=True).click()
    expect(page.get_by_role("heading", name="Usulan", exact=True)).to_be_visible()
    assert SeasonCard.objects.count() == 0
    expect(page.locator("#search")).to_have_count(0, timeout=SEARCH)
    expect(page.locator(".jb-lead")).to_contain_text(re.compile("rencana terbaik|lebih baik yang mungkin"))
    looked_at(page)
    page.get_by_role("button", name="Terima semua").click()
    expect(page.get_by_text(f"{SCHOOLS} sekolah berubah.")).to_be_visible()
    looked_at(page)
    proposal = SeasonProposal.objects.get()
    assert (proposal.status, proposal.method, SeasonCard.objects.count()) == ("accepted", "solver", SCHOOLS)
    assert proposal.gap is not None


def a_school_is_dragged_to_a_free_day(page: Page, live_server: LiveServer, season: Season) -> SeasonCard:
    """The last turn of all, to the last field of its month that is free on all kits."""
    card = max(SeasonCard.objects.select_related("school"), key=lambda each: (each.days[0], str(each.pk)))
    page.goto(f"{live_server.url}/season/{season.pk}/?month={card.days[0]:%Y-%m}&view=month")
    turn = page.locator(f'[data-turn*="{card.school_id}"]').first
    free = page.locator("td.is-free").last
    page.set_viewport_size({"width": 1280, "height": 3200})
    day = date.fromisoformat(str(free.get_attribute("data-days")))
    drag(page, turn, free)
    expect(page.get_by_text(f"{card.school.name} sekarang mendapat giliran")).to_be_visible()
    page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})
    card.refresh_from_db()
    assert (card.days[0], card.is_pinned) == (day, True)
    return card


def drag(page: Page, turn: Locator, field: Locator) -> None:
    here, there = turn.bounding_box(), field.bounding_box()
    assert here
    assert there
    page.mouse.move(here["x"] + 30, here["y"] + 12)
    page.mouse.down()
    page.mouse.move(here["x"] + 50, here["y"] + 24, steps=4)
    expect(page.locator("body.is-holding")).to_have_count(1)
    page.mouse.move(there["x"] + there["width"] / 2, there["y"] + there["height"] / 2, steps=8)
    page.mouse.up()


def another_is_moved_by_the_form(page: Page, live_server: LiveServer, season: Season) -> SeasonCard:
    """First to a Sunday, which is refused by name; then to the season's last possible working day."""
    card = min(SeasonCard.objects.filter(is_pinned=False).select_related("school"), key=lambda each: (each.days[0], str(each.pk)))
    before = card.days
    page.goto(f"{live_server.url}/season/{season.pk}/?month={card.days[0]:%Y-%m}&view=list")
    page.get_by_role("link", name=f"Pindahkan {card.school.name}", exact=True).click()
    looked_at(page)
    sunday = season.ends_on - timedelta(days=(season.ends_on.weekday() + 1) % 7)
    page.get_by_label("Hari pertama").fill(sunday.isoformat())
    page.get_by_role("button", name="Pindahkan", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Minggu")
    card.refresh_from_db()
    assert card.days == before

    page.get_by_label("Hari pertama").fill((sunday - timedelta(days=9)).isoformat())
    page.get_by_role("button", name="Pindahkan", exact=True).click()
    expect(page.get_by_text(f"{card.school.name} sekarang mendapat giliran")).to_be_visible()
    card.refresh_from_db()
    assert card.days[0] == sunday - timedelta(days=9)
    return card


def the_next_proposal_leaves_both_where_they_are(
    page: Page, live_server: LiveServer, season: Season, *by_hand: SeasonCard
) -> None:
    page.goto(f"{live_server.url}/season/{season.pk}/arrange/")
    page.get_by_label("Lama pencarian paling banyak").select_option("10")
    page.get_by_role("button", name="Susun", exact=True).click()
    expect(page.locator("#search")).to_have_count(0, timeout=SEARCH)
    ticks = page.get_by_role("checkbox")
    if ticks.count():
        ticks.first.check()
        page.get_by_role("button", name="Terima yang dicentang").click()
        expect(page.locator("main")).to_contain_text(re.compile("1 sekolah berubah|bertabrakan"))
    for card in by_hand:
        days = card.days
        card.refresh_from_db()
        assert card.days == days
    proposal = SeasonProposal.objects.order_by("-asked_at").first()
    if proposal and proposal.is_open:
        page.goto(f"{live_server.url}/season/proposals/{proposal.pk}/")
        page.get_by_role("button", name="Batalkan usulan").click()
        expect(page.get_by_text("Usulan dibatalkan.")).to_be_visible()


def drafts_are_made_of_the_first_turns(page: Page, live_server: LiveServer, season: Season) -> None:
    first = min(SeasonCard.objects.all(), key=lambda each: each.days[0])
    page.goto(f"{live_server.url}/season/{season.pk}/publish/?month={first.days[0]:%Y-%m}")
    boxes = page.get_by_role("checkbox")
    for number in range(boxes.count()):
        boxes.nth(number).set_checked(number < 3)
    looked_at(page)
    wanted = min(3, boxes.count())
    page.get_by_role("button", name="Pratinjau").click()
    expect(page.get_by_text(f"{wanted} rancangan untuk")).to_be_visible()
    page.get_by_role("button", name="Buat rancangan").click()
    expect(page.get_by_role("heading", name="Kegiatan dibuat")).to_be_visible()
    looked_at(page)
    assert Drive.objects.filter(status="draft", season_card__season=season).count() == wanted


def the_whole_season_is_looked_at_before_it_leaves(page: Page, live_server: LiveServer, season: Season) -> None:
    """All turns, drafts or not; one school has been closed since, and says so."""
    late = max(SeasonCard.objects.select_related("school"), key=lambda each: (each.days[0], str(each.pk)))
    Closure.objects.create(school=late.school, starts_on=season.starts_on, ends_on=season.ends_on, reason="Ujian akhir")
    page.goto(f"{live_server.url}/season/{season.pk}/")
    page.get_by_role("link", name="Terbitkan…").click()
    page.get_by_role("link", name=re.compile("^Seluruh musim")).click()
    looked_at(page)
    for week in page.locator("details.jb-fold > summary").all():
        week.click()
    expect(page.get_by_role("checkbox")).to_have_count(SCHOOLS)
    looked_at(page)
    page.get_by_role("button", name="Pratinjau").click()
    expect(page.get_by_role("heading", name="Pratinjau penerbitan")).to_be_visible()
    expect(page.locator("#job")).to_contain_text(re.compile(r"\d+ dari 64 sekolah selesai"))
    looked_at(page)
    expect(page.locator("#job")).to_have_count(0, timeout=SEARCH)
    expect(page.get_by_role("button", name=f"Terbitkan {SCHOOLS - 1} kegiatan")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Ujian akhir")
    looked_at(page)
    assert Drive.objects.filter(status="published").count() == Notice.objects.count() == 0


def it_is_published_with_one_yes(page: Page, season: Season) -> None:
    page.get_by_role("button", name=f"Terbitkan {SCHOOLS - 1} kegiatan").click()
    expect(page.locator("#job")).to_have_count(0, timeout=SEARCH)
    expect(page.get_by_role("heading", name="Penerbitan musim")).to_be_visible()
    looked_at(page)
    drives = Drive.objects.filter(season_card__season=season, status="published")
    assert (drives.count(), drives.filter(revision=1).count()) == (SCHOOLS - 1, SCHOOLS - 1)
    emails = Notice.objects.filter(channel="email", withdrawn_at=None).count()
    turns = SeasonPublicationTurn.objects.filter(state="published")
    assert emails == sum(each.school_emails + each.class_emails for each in turns) > 0


def a_phone_reads_the_preview(page: Page, live_server: LiveServer) -> None:
    publication = SeasonPublication.objects.get()
    page.goto(f"{live_server.url}/season/{publication.season_id}/publications/new/")
    looked_at(page)
    page.goto(f"{live_server.url}/season/publications/{publication.pk}/")
    expect(page.get_by_role("button", name=f"Terbitkan {SCHOOLS - 1} kegiatan")).to_be_visible()
    looked_at(page)


def a_phone_reads_what_was_published(page: Page, live_server: LiveServer) -> None:
    publication = SeasonPublication.objects.get()
    page.goto(f"{live_server.url}/season/publications/{publication.pk}/")
    expect(page.get_by_role("button", name="Tarik kembali yang belum terkirim")).to_be_visible()
    looked_at(page)
    page.locator(".jb-review a").first.click()
    looked_at(page)


def a_phone_reads_the_list(browser: Browser, live_server: LiveServer, season: Season) -> Page:
    page = signed_in(browser, live_server, PHONE)
    for path in ("", "edit/", "arrange/", "publish/"):
        page.goto(f"{live_server.url}/season/{season.pk}/{path}")
        looked_at(page)
    page.goto(f"{live_server.url}/season/{season.pk}/")
    expect(page.locator("table.jb-season").first).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Pindahkan")).first.click()
    expect(page.get_by_role("heading", name="Pindah…")).to_be_visible()
    looked_at(page)
    return page

"""A season with dates to keep: an election, a deadline, exams at one school, and days agreed with another."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from drives.models import Season, SeasonDeadline
from drives.season import actions
from schools.models import Office, School
from tests.drives.planning.pupils import FRIDAY
from tests.drives.season.seasons import LAST, cards, make_city, make_season, planned
from tests.drives.season.test_agreements import agree
from tests.factories import OfficeFactory, UserFactory
from tests.journeys.test_season import DESK, PASSWORD, PHONE, looked_at, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

THURSDAY, NEXT_MONDAY = date(2027, 1, 14), date(2027, 1, 18)


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY, tick=True):
        yield


@pytest.fixture
def schools(transactional_db: None) -> list[School]:
    return make_city((60, 10), (40, 20), (30, 5), (8, 30))


@pytest.fixture
def office(schools: list[School]) -> Office:
    office = OfficeFactory()
    user = UserFactory(username="perencana", planner=office)
    user.set_password(PASSWORD)
    user.save()
    return office


def test_dates_to_keep_are_set_seen_and_planned_for(
    office: Office, schools: list[School], browser: Browser, live_server: LiveServer
) -> None:
    season = make_season(kits=2, two_schools=False, office=office)
    planned(season)
    desk = signed_in(browser, live_server, DESK)

    the_season_gets_a_deadline_and_an_election(desk, live_server, season)
    a_school_has_exams(desk, live_server, season, schools[3])
    another_has_agreed_on_a_day(desk, live_server, season, schools[1])
    arranged_anew_the_exams_are_kept(desk, live_server, season, schools[3])
    a_phone_reads_it(browser, live_server, season, schools[1])
    for context in browser.contexts:
        context.close()


def the_season_gets_a_deadline_and_an_election(desk: Page, server: LiveServer, season: Season) -> None:
    desk.goto(f"{server.url}/season/{season.pk}/edit/")
    desk.get_by_label("Tenggat").fill("2027-02-20")
    desk.get_by_label("Tanggal acuan").fill("2027-06-02")
    desk.get_by_role("button", name="Simpan").click()
    expect(desk.get_by_role("alert")).to_contain_text("Tenggat berada di luar musim.")
    looked_at(desk)
    desk.get_by_label("Tenggat").fill(LAST.isoformat())
    desk.get_by_role("button", name="Simpan").click()
    expect(desk.get_by_text("Aturan musim disimpan")).to_be_visible()
    season.refresh_from_db()
    assert (season.deadline_on, season.reference_on) == (LAST, date(2027, 6, 2))


def a_school_has_exams(desk: Page, server: LiveServer, season: Season, school: School) -> None:
    actions.move_card(card=cards(season)[school.name], days=[date(2027, 1, 20)], kits=2, by=None, now=FRIDAY)
    actions.unpin_card(card=cards(season)[school.name], by=None, now=FRIDAY)
    desk.goto(f"{server.url}/season/{season.pk}/schools/{school.pk}/")
    panel = desk.get_by_role("region", name="Tenggat sekolah ini")
    panel.get_by_label("Hari terakhir").fill(NEXT_MONDAY.isoformat())
    panel.get_by_label("Alasan").fill("Ujian praktik")
    panel.get_by_role("button", name="Simpan tenggat").click()
    expect(panel).to_contain_text("Harus dikunjungi paling lambat Senin, 18 Januari 2027: Ujian praktik.")
    looked_at(desk)
    desk.goto(f"{server.url}/season/{season.pk}/")
    expect(desk.get_by_role("region", name="1 giliran tidak dapat tetap seperti sekarang")).to_contain_text(school.name)
    expect(desk.get_by_text("Lewat tenggat sekolah").first).to_be_visible()
    looked_at(desk)


def another_has_agreed_on_a_day(desk: Page, server: LiveServer, season: Season, school: School) -> None:
    agree(school, THURSDAY)
    desk.goto(f"{server.url}/season/{season.pk}/schools/{school.pk}/")
    expect(desk.get_by_role("heading", name=school.name)).to_be_visible()
    expect(desk.get_by_text("Disepakati dengan sekolah").first).to_be_visible()
    expect(desk.get_by_role("button", name="Lepas sematan")).to_have_count(0)
    looked_at(desk)
    desk.locator("#id_day").fill("2027-01-11")
    desk.get_by_role("button", name="Pindahkan").click()
    expect(desk.get_by_text("sudah menyepakati Kamis, 14 Januari 2027")).to_be_visible()
    assert cards(season)[school.name].days[:1] == [THURSDAY]


def arranged_anew_the_exams_are_kept(desk: Page, server: LiveServer, season: Season, school: School) -> None:
    desk.goto(f"{server.url}/season/{season.pk}/arrange/")
    desk.get_by_role("button", name="Susun", exact=True).click()
    expect(desk.get_by_text("Harus dikunjungi paling lambat").first).to_be_visible()
    looked_at(desk)
    desk.get_by_role("button", name="Terima semua").click()
    expect(desk.get_by_role("heading", name=season.name)).to_be_visible()
    expect(desk.get_by_text("tidak dapat tetap")).to_have_count(0)
    assert cards(season)[school.name].days[-1] <= SeasonDeadline.objects.get(school=school).day


def a_phone_reads_it(browser: Browser, server: LiveServer, season: Season, school: School) -> None:
    phone = signed_in(browser, server, PHONE)
    phone.goto(f"{server.url}/season/{season.pk}/")
    expect(phone.get_by_text("Disepakati dengan sekolah").first).to_be_visible()
    looked_at(phone)
    phone.goto(f"{server.url}/season/{season.pk}/schools/{school.pk}/")
    expect(phone.get_by_role("region", name="Tenggat sekolah ini")).to_be_visible()
    looked_at(phone)

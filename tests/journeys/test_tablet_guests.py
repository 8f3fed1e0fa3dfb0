"""Guests on a tablet: full days, who is too young, the parents' consent, and a NIK looked up while the network is there."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from drives.models import OperatorDuty, Timeslot, Visit, VisitEvent
from schools.models import Office
from tests.factories import PersonFactory
from tests.journeys.hall import Hall, hall_of, with_room
from tests.journeys.tablet import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

NIK = "3174084106099001"


@pytest.fixture
def hall(transactional_db: None, request: pytest.FixtureRequest) -> Hall:
    """Five scheduled. `full`: in as many places; `lead`: whoever works with the tablet leads on that day; `consent`: the
    office asks the parents."""
    hall, traits = with_room(hall_of(5)), getattr(request, "param", ())
    if "full" in traits:
        Timeslot.objects.update(places=5)
    if "lead" in traits:
        OperatorDuty.objects.update(is_lead=True)
    if "consent" in traits:
        Office.objects.update(consent_required=True)
    return hall


def guest(console: Page, name: str, *, born: str = "1990-04-12", kind: str = "") -> None:
    console.get_by_role("button", name="Tamu tanpa jadwal").click()
    console.get_by_label("Nama", exact=True).fill(name)
    console.get_by_label("Tanggal lahir").fill(born)
    if kind:
        console.get_by_text(kind, exact=True).click()


def note(console: Page) -> None:
    console.get_by_role("button", name="Catat tamu").click()


@pytest.mark.parametrize("hall", [("full",)], indirect=True)
def test_on_a_full_day_a_guest_is_taken_where_a_lead_decided_and_the_reason_stays(console: Page, window: BrowserContext) -> None:
    window.set_offline(True)
    guest(console, "Sri Wahyuni")
    expect(console.get_by_text("Penuh sampai akhir hari ini.")).to_be_visible()
    note(console)
    expect(console.get_by_text("Tuliskan nama ketua operator yang memutuskan.")).to_be_visible()
    console.get_by_label("Ketua operator yang memutuskan").fill("Budi Santoso")
    note(console)
    expect(console.get_by_text("Tuliskan mengapa tamu ini diterima.")).to_be_visible()
    console.get_by_label("Alasan menerima tamu lagi").fill("datang dari pulau")
    note(console)

    expect(console.locator(".jb-result__w")).to_have_text("Sri Wahyuni")
    window.set_offline(False)
    wait_until(lambda: VisitEvent.objects.filter(kind="arrived").exists(), what="the guest did not arrive")
    assert VisitEvent.objects.get(kind="arrived").note == "Ketua operator Budi Santoso: datang dari pulau"


@pytest.mark.parametrize("hall", [("full", "lead")], indirect=True)
def test_a_lead_is_asked_for_the_reason_alone(console: Page) -> None:
    guest(console, "Sri Wahyuni")
    expect(console.get_by_label("Ketua operator yang memutuskan")).to_be_hidden()
    console.get_by_label("Alasan menerima tamu lagi").fill("guru di sini")
    note(console)

    wait_until(lambda: VisitEvent.objects.filter(kind="arrived").exists(), what="the guest did not arrive")
    assert VisitEvent.objects.get(kind="arrived").note == "guru di sini"


@pytest.mark.parametrize("hall", [("full",)], indirect=True)
def test_on_a_full_day_other_services_take_no_place(console: Page) -> None:
    guest(console, "Sri Wahyuni")
    console.get_by_text("Penggantian", exact=False).first.click()
    expect(console.get_by_text("Penuh sampai akhir hari ini.")).to_be_hidden()
    note(console)

    expect(console.locator(".jb-result__w")).to_have_text("Sri Wahyuni")


def test_a_guest_who_is_too_young_is_named_so_before_and_after(console: Page, hall: Hall) -> None:
    young = timezone.localdate() - timedelta(days=15 * 365)
    guest(console, "Adik Kecil", born=young.isoformat())
    console.get_by_label("Tanggal lahir").press("Tab")
    expect(console.get_by_text("Belum cukup umur untuk direkam hari ini: baru mulai")).to_be_visible()
    note(console)

    expect(console.locator(".jb-result--stop")).to_contain_text("Belum cukup umur")
    expect(console.get_by_role("button", name="Direkam", exact=True)).to_have_count(0)
    wait_until(lambda: Visit.objects.filter(person__name="Adik Kecil", state="present").exists(), what="not sent")


@pytest.mark.parametrize("hall", [("consent",)], indirect=True)
def test_a_student_from_elsewhere_without_the_parents_paper_is_said_to_lack_it(console: Page, hall: Hall) -> None:
    guest(console, "Dewi Lestari", born="2009-06-01", kind="Siswa sekolah lain")
    note(console)

    expect(console.locator(".jb-result--wait")).to_contain_text("Tanpa persetujuan orang tua")


@pytest.mark.parametrize(
    ("recorded_on", "name", "sentence"),
    [
        (None, "Dewi Lestari", "Dikenal, dan perlu direkam."),
        (date(2025, 3, 1), "Dewi Lestari", "Dikenal, dan sudah direkam."),
        (date(2025, 3, 1), "Orang Lain", "Belum dikenal."),
    ],
)
def test_a_nik_tells_whether_a_recording_is_needed_and_no_more(
    console: Page, hall: Hall, recorded_on: date | None, name: str, sentence: str
) -> None:
    PersonFactory(
        name="Dewi Lestari", nik=NIK, birth_date=date(2009, 6, 1), office=hall.drive_day.office, recorded_on=recorded_on
    )
    guest(console, name, born="2009-06-01")
    console.get_by_label("NIK").fill(NIK)
    console.get_by_role("button", name="Cari NIK").click()

    expect(console.locator("[data-looked-up]")).to_contain_text(sentence)
    assert "Dewi" not in console.locator("[data-looked-up]").inner_text()


def test_without_network_a_nik_is_noted_and_looked_up_later(console: Page, window: BrowserContext) -> None:
    window.set_offline(True)
    guest(console, "Dewi Lestari", born="2009-06-01")
    console.get_by_label("NIK").fill(NIK)
    console.get_by_role("button", name="Cari NIK").click()

    expect(console.locator("[data-looked-up]")).to_contain_text("Luring")
    note(console)
    expect(console.locator(".jb-result__w")).to_have_text("Dewi Lestari")

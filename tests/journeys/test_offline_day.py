"""A day in a hall with bad Wi-Fi, in a real browser with a profile on the disk, against real web processes: whatever is
killed or cut, nothing that was noted is lost, nothing counts twice, and the tablet says rightly what it has not sent."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from drives.models import Appointment, Device, Visit, VisitEvent
from tests.journeys.bad_network import FATES, BadNetwork
from tests.journeys.hall import NAMES, Hall, find, hall_of, tap, with_room
from tests.journeys.tablet import PIN, Server, Tablet, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


@pytest.fixture(scope="session")
def collected_static() -> None:
    """Files under the names that change with their content, as a deployment has them."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True, timeout=180)


@pytest.fixture
def server(transactional_db: None, collected_static: None, tmp_path: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Server(port=port, log=tmp_path / "server.log")
    try:
        made.start()
        yield made
    finally:
        made.kill()


@pytest.fixture
def network(server: Server) -> Iterator[BadNetwork]:
    made = BadNetwork(server=server.port, seed=55)
    yield made
    made.close()


@pytest.fixture
def tablet(browser: Browser, chromium_path: Path, network: BadNetwork, tmp_path: Path) -> Iterator[Tablet]:
    made = Tablet(chromium=chromium_path, driver=browser.browser_type, profile=tmp_path / "profile", url=network.url)
    try:
        made.start()
        yield made
    finally:
        made.kill()


class Shift:
    """What the operator did, kept beside the tablet: so many events, so many refused for ever."""

    def __init__(self, tablet: Tablet, hall: Hall) -> None:
        self.tablet, self.hall = tablet, hall
        self.made = self.hopeless = 0
        self.expected: dict[object, str] = {}

    def say(self, visit: Visit, outcome: str, state: str, reason: str = "") -> None:
        tap(self.tablet.page, outcome, reason)
        self.made += 1
        self.expected[visit.pk] = state
        self.check()

    def undo(self) -> None:
        self.tablet.page.get_by_role("button", name="Urungkan").click()
        expect(self.tablet.page.locator(".jb-result__w")).to_be_visible()
        self.made += 1
        self.check()

    def serve(self, number: int) -> None:
        """Each third arrives first, each seventh fails, each twenty-fifth is noted, taken back and noted again.

        A shift lasts hours and this one two minutes: "the network is back" is said after each person, so that the tablet
        tries to send as often as it would in a whole day, instead of waiting between two failures.
        """
        visit, page = self.hall.visits[number], self.tablet.page
        page.evaluate("dispatchEvent(new Event('online'))")
        find(page, visit.code, visit.person.name)
        if number % 3 == 0:
            self.say(visit, "Hadir", "present")
            find(page, visit.code, visit.person.name)
        if number % 7 == 0:
            self.say(visit, "Gagal…", "failed", "Biometrik")
            return
        self.say(visit, "Direkam", "recorded")
        if number % 25 == 0:
            self.undo()
            self.say(visit, "Direkam", "recorded")

    def check(self) -> None:
        """The badge says what lies there, all that was made lies somewhere, and nothing is called sent that did not come."""
        badge = -1
        for _attempt in range(500):
            unsent, badge = self.tablet.stored("unsent"), self.tablet.unsent
            if badge == unsent:
                break
            self.tablet.page.wait_for_timeout(40)
        assert badge == unsent
        assert self.tablet.last_number() == self.made
        assert VisitEvent.objects.count() >= self.made - unsent - self.tablet.stored("held")


def goes_away(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    network.mode = "away"


def grows_bad(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    network.mode = "bad"


def becomes_a_portal(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    network.mode = "portal"


def becomes_an_eager_portal(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    network.mode = "eager portal"


def the_browser_is_killed(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    """It opens again whatever the network is, and holds what it held."""
    before = shift.tablet.stored("unsent")
    shift.tablet.kill()
    shift.tablet.start()
    shift.tablet.open(shift.hall.drive_day.pk)
    assert shift.tablet.stored("unsent") <= before
    assert before == 0 or network.mode in ("bad", "good") or shift.tablet.stored("unsent") == before
    shift.check()


def the_server_is_restarted(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    server.kill()
    Thread(target=server.start, daemon=True).start()


def the_tablet_loses_its_wifi(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    shift.tablet.page.context.set_offline(True)


def the_tablet_finds_its_wifi(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    shift.tablet.page.context.set_offline(False)


def a_new_version_is_there(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    """Offered, and nothing changes until the operator says so; then the page is a new one and the outbox the old one."""
    page = shift.tablet.page
    newer = "0123456789"
    network.mode, network.renamed = "good", (version.encode(), newer.encode())
    page.evaluate("navigator.serviceWorker.getRegistration('/today/').then((registration) => registration.update())")
    expect(page.locator("[data-new-version]")).to_be_visible()
    network.mode = "away"
    assert page.locator("html").get_attribute("data-version") == version
    shift.serve(300)
    before = shift.tablet.stored("unsent")
    assert before > 0

    page.get_by_role("button", name="Perbarui").click()
    expect(page.get_by_label("PIN")).to_be_visible()
    assert page.locator("html").get_attribute("data-version") == newer
    shift.tablet.unlock()
    assert shift.tablet.stored("unsent") == before
    shift.check()
    network.mode = "bad"


def somebody_is_struck_off(shift: Shift, network: BadNetwork, server: Server, version: str) -> None:
    """By the school, while the tablet is away and still lists the person: the server knows nobody of that code any more."""
    visit = shift.hall.visits[101]
    Appointment.objects.filter(person=visit.person_id).delete()
    Visit.objects.filter(pk=visit.pk).delete()
    shift.hopeless = 1


CHANGES: dict[int, Callable[[Shift, BadNetwork, Server, str], None]] = {
    30: grows_bad,
    90: goes_away,
    101: somebody_is_struck_off,
    105: the_browser_is_killed,
    120: becomes_a_portal,
    150: becomes_an_eager_portal,
    170: grows_bad,
    185: the_server_is_restarted,
    215: a_new_version_is_there,
    225: the_tablet_loses_its_wifi,
    232: the_tablet_finds_its_wifi,
    240: the_tablet_loses_its_wifi,
    243: the_tablet_finds_its_wifi,
    260: the_browser_is_killed,
}


def everything_arrives(shift: Shift) -> None:
    """Each fact once, in a row of numbers without a gap; the one that nobody can take is kept and shown."""
    page, tablet = shift.tablet.page, shift.tablet
    page.get_by_role("button", name=re.compile("Belum terkirim")).click()
    page.get_by_role("button", name="Kirim sekarang").click()
    wait_until(lambda: tablet.stored("unsent") == 0, what="not everything was sent")
    expect(page.locator("[data-unsent] span")).to_have_text("Belum terkirim: 0")
    held = page.locator("[data-held-list] li")
    expect(held).to_have_count(shift.hopeless)
    expect(held.first).to_contain_text("Ditolak server")

    (device,) = Device.objects.all()
    events = VisitEvent.objects.filter(device=device)
    assert events.count() == VisitEvent.objects.count() == shift.made - shift.hopeless
    assert device.received_numbers == [1, shift.made]
    states = dict(Visit.objects.filter(pk__in=shift.expected).values_list("pk", "state"))
    assert states == {pk: state for pk, state in shift.expected.items() if pk in states}
    assert len(states) == 300
    assert not Visit.objects.filter(has_conflict=True).exists()


def test_three_hundred_people_in_a_hall_where_everything_fails(tablet: Tablet, server: Server, network: BadNetwork) -> None:
    hall = hall_of(301)
    tablet.sign_in(hall.operator)
    tablet.prepare(hall.drive_day.pk, kit="Alat 3")
    shift = Shift(tablet, hall)
    tablet.open(hall.drive_day.pk)
    version = tablet.page.locator("html").get_attribute("data-version")
    assert version

    for number in range(300):
        if number in CHANGES:
            CHANGES[number](shift, network, server, version)
        shift.serve(number)

    network.mode = "good"
    everything_arrives(shift)
    assert min(network.fates[fate] for fate in FATES) >= 5, network.fates
    assert min(network.fates[mode] for mode in ("portal", "eager portal", "away")) >= 5, network.fates


CANARY = "Kanari Terbaca"
GUEST, GUEST_NIK = "Sri Wahyuningsih", "3174095204909001"


def test_nothing_on_the_disk_names_a_person_or_opens_anything(tablet: Tablet, network: BadNetwork) -> None:
    hall = with_room(hall_of(40))
    tablet.sign_in(hall.operator)
    page = tablet.page
    secrets: list[str] = []
    page.on("response", lambda answer: secrets.append(answer.json()["secret"]) if answer.request.method == "POST" else None)
    tablet.prepare(hall.drive_day.pk, kit="Alat 3")
    (secret,) = secrets
    page = tablet.open(hall.drive_day.pk)
    for visit in hall.visits[:5]:
        find(page, visit.person.name, visit.person.name)
        tap(page, "Direkam")
    find(page, f"https://jemput-bola.example/s/{hall.visits[5].token}/", hall.visits[5].person.name)
    wait_until(lambda: tablet.stored("unsent") == 0, what="not everything was sent")
    network.mode = "away"
    a_guest_is_noted(tablet)

    tablet.kill()
    people = [visit.person.name for visit in hall.visits] + [word for name in NAMES for word in name.split() if len(word) > 6]
    hidden = [*people, GUEST, GUEST_NIK, secret, PIN, hall.operator.name, *(visit.token for visit in hall.visits)]
    assert readable(tablet.profile, hidden) == []

    network.mode = "good"
    # The same search finds what does lie there in clear: one entry in each kind of storage.
    tablet.start()
    tablet.page.goto(f"{tablet.url}/today/{hall.drive_day.pk}/")
    tablet.page.evaluate(
        """async (canary) => {
          localStorage.setItem("canary", canary);
          const page = [...document.scripts].find((one) => one.type === "module").src;
          const { openStore } = await import(page.replace(/shell[^/]*$/, "store.js"));
          await (await openStore()).put("meta", canary + " 1", "canary");
          await (await caches.open("canary")).put("/canary", new Response(canary + " 2"));
        }""",
        CANARY,
    )
    wait_until(
        lambda: len(readable(tablet.profile, [CANARY, f"{CANARY} 1", f"{CANARY} 2"])) == 3, what="nothing is found in clear"
    )
    tablet.kill()
    assert readable(tablet.profile, [CANARY, f"{CANARY} 1", f"{CANARY} 2"]) == [CANARY, f"{CANARY} 1", f"{CANARY} 2"]


def a_guest_is_noted(tablet: Tablet) -> None:
    page = tablet.page
    page.get_by_role("button", name="Tamu tanpa jadwal").click()
    page.get_by_label("Nama", exact=True).fill(GUEST)
    page.get_by_label("Tanggal lahir").fill("1990-04-12")
    page.get_by_label("NIK", exact=True).fill(GUEST_NIK)
    page.get_by_role("button", name="Catat tamu").click()
    expect(page.locator(".jb-result__w")).to_have_text(GUEST)
    wait_until(lambda: tablet.stored("unsent") == 2, what="the guest was not stored")


def readable(profile: Path, texts: list[str]) -> list[str]:
    """Which of the texts stand anywhere below the profile, whatever their case, in one byte or two for a letter."""
    found = set()
    for path in profile.rglob("*"):
        # A browser that lives takes files away at any moment.
        with suppress(FileNotFoundError):
            content = path.read_bytes().lower() if path.is_file() and not path.is_symlink() else b""
            found |= {text for text in texts if text.lower().encode() in content or text.lower().encode("utf-16-le") in content}
    return [text for text in texts if text in found]

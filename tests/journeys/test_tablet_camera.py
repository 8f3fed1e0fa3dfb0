"""The camera inside a tablet's console, without network: a film of one of our slips before Chromium's pretended camera."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from drives.documents.sheets import slip_address
from tests.browser import ARGUMENTS, PATIENCE
from tests.frames.camera import Shot, photograph
from tests.frames.files import write_video
from tests.journeys.hall import hall_of, tap
from tests.journeys.tablet import PIN, make_ready, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


def test_a_slip_before_the_camera_opens_its_person_without_network(
    live_server: LiveServer, chromium_path: Path, tmp_path: Path, browser: Browser
) -> None:
    hall = hall_of(3)
    visit = hall.visits[1]
    film = tmp_path / "slip.y4m"
    shots = (Shot(slip_address(visit), module=4.0, roll=number * 1.5 - 3, noise=0.02, seed=number) for number in range(4))
    write_video(film, (photograph(shot) for shot in shots), rate=4)
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    filmed = browser.browser_type.launch(executable_path=str(chromium_path), args=[*ARGUMENTS, *camera])
    try:
        context = filmed.new_context(locale="id-ID", viewport={"width": 820, "height": 1180})
        context.set_default_timeout(PATIENCE)
        sign_in(context, hall.operator, url=live_server.url)
        page = context.new_page()
        make_ready(page, f"{live_server.url}/today/{hall.drive_day.pk}/tablet/", kit="Alat 3")
        page.get_by_role("link", name="Buka konsol").click()
        page.get_by_label("PIN").fill(PIN)
        page.get_by_role("button", name="Buka", exact=True).click()

        context.set_offline(True)
        page.get_by_role("button", name="Pindai", exact=True).click()
        expect(page.locator(".jb-result__w", has_text=visit.person.name)).to_be_visible()

        assert page.evaluate("document.querySelector('video').srcObject") is None
        tap(page, "Direkam")
        expect(page.locator("[data-unsent]")).to_contain_text("Belum terkirim: 1")
    finally:
        filmed.close()

"""A tablet in the hall: a Chromium of its own with a profile on the disk, which can be killed; and the server it talks to."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from schools.models import User
from tests.browser import ARGUMENTS, PATIENCE
from tests.worker import worker_environment

PIN = "73920464"


def wait_until(is_true: Callable[[], bool], *, seconds: float = PATIENCE / 1000, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def sign_in(context: BrowserContext, user: User, *, url: str) -> None:
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}])


def make_ready(page: Page, address: str, *, name: str = "Tablet 3", kit: str = "") -> None:
    page.goto(address)
    page.get_by_label("Nama tablet").fill(name)
    if kit:
        page.get_by_label("Meja").select_option(label=kit)
    page.get_by_label("PIN", exact=True).fill(PIN)
    page.get_by_label("Ulangi PIN").fill(PIN)
    page.get_by_role("button", name="Siapkan tablet ini").click()


class Server:
    """The web processes as a deployment runs them, over the test's database."""

    def __init__(self, *, port: int, log: Path) -> None:
        self.port, self.log = port, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = worker_environment(self.log.parent) | {"PORT": str(self.port), "WEB_WORKERS": "1", "LOG_LEVEL": "WARNING"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._answers, what="the server did not start")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sw.js", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=20)


class Tablet:
    def __init__(self, *, chromium: Path, driver: BrowserType, profile: Path, url: str, width: int = 820) -> None:
        self.chromium, self.driver, self.profile, self.url, self.width = chromium, driver, profile, url, width
        self._process: subprocess.Popen[bytes] | None = None
        self.page: Page

    def start(self) -> Page:
        found = self.profile / "DevToolsActivePort"
        found.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                *(str(self.chromium), *ARGUMENTS, "--headless=new", "--remote-debugging-port=0", "--lang=id-ID"),
                *(f"--user-data-dir={self.profile}", f"--window-size={self.width},1180", "--hide-scrollbars", "about:blank"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(found.exists, what="the browser did not start")
        wait_until(lambda: len(found.read_text().splitlines()) == 2, what="the browser names no port")
        browser = self.driver.connect_over_cdp(f"http://127.0.0.1:{found.read_text().splitlines()[0]}")
        context = browser.contexts[0]
        context.set_default_timeout(PATIENCE)
        self.page = context.pages[0]
        self.page.on("dialog", lambda dialog: dialog.accept())
        return self.page

    def kill(self) -> None:
        """As when the system takes the memory back: no goodbye, nothing is written any more."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=20)

    def sign_in(self, user: User) -> None:
        sign_in(self.page.context, user, url=self.url)

    def prepare(self, drive_day: object, *, name: str = "Tablet 3", kit: str = "") -> None:
        make_ready(self.page, f"{self.url}/today/{drive_day}/tablet/", name=name, kit=kit)
        expect(self.page.get_by_role("link", name="Buka konsol")).to_be_visible()

    def open(self, drive_day: object) -> Page:
        self.page.goto(f"{self.url}/today/{drive_day}/")
        return self.unlock()

    def unlock(self, pin: str = PIN) -> Page:
        self.page.get_by_label("PIN").fill(pin)
        self.page.get_by_role("button", name="Buka", exact=True).click()
        expect(self.page.get_by_role("searchbox")).to_be_visible()
        return self.page

    @property
    def unsent(self) -> int:
        text = self.page.locator("[data-unsent] span").inner_text()
        found = re.search(r"\d+", text)
        assert found, text
        return int(found[0])

    def stored(self, status: str) -> int:
        """How many events stand in the database of the browser, whatever the screen says."""
        count: int = self.page.evaluate(
            """(status) => new Promise((resolve) => {
              const asked = indexedDB.open("jemput-bola-tablet");
              asked.onsuccess = () => {
                const count = asked.result.transaction("outbox").objectStore("outbox").index("status").count(status);
                count.onsuccess = () => { asked.result.close(); resolve(count.result); };
              };
            })""",
            status,
        )
        return count

    def last_number(self) -> int:
        """How far the tablet has counted."""
        count: int = self.page.evaluate(
            """() => new Promise((resolve) => {
              const asked = indexedDB.open("jemput-bola-tablet");
              asked.onsuccess = () => {
                const read = asked.result.transaction("meta").objectStore("meta").get("sequence");
                read.onsuccess = () => { asked.result.close(); resolve(read.result || 0); };
              };
            })"""
        )
        return count

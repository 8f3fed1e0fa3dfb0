"""A real Chromium for the journeys."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

# Milliseconds until something that does not come is missed. What comes is never waited for longer than it takes, and a machine
# that does other things too may take long.
PATIENCE = 60_000
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """An installed Chromium; as root on a machine with apt it is installed, once."""
    found = _installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(command, env=environment, timeout=600, check=False)
        found = _installed()
    if found is not None:
        return found
    if os.environ.get("CI"):
        pytest.fail("No Chromium on this machine, and none could be installed: journeys cannot run.")
    pytest.skip("No Chromium on this machine: this journey could not be done.")


def _installed() -> Path | None:
    return next((Path(path) for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    # Playwright's loop runs in this thread; Django would refuse the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(chromium_path), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window, Indonesian, at the width of a desk."""
    context = browser.new_context(locale="id-ID", timezone_id="Asia/Jakarta", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()

"""The reader of slips: its size and files, and which pages may run it."""

import hashlib
import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from config.static import ModuleStaticFilesStorage
from tests.drives.onsite.conftest import Hall

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]

STATIC = Path(settings.BASE_DIR) / "static"
READER = STATIC / "vendor" / "barcode-detector"
MOST_BYTES = 330 * 1024


def test_the_reader_with_its_webassembly_stays_in_its_budget() -> None:
    files = [READER / "ponyfill.js", READER / "zxing_reader.wasm", STATIC / "js/tablet/scan.js"]

    assert sum(len(brotli.compress(file.read_bytes())) for file in files) <= MOST_BYTES


def test_the_webassembly_is_the_one_that_its_script_was_made_for() -> None:
    digest = hashlib.sha256((READER / "zxing_reader.wasm").read_bytes()).hexdigest()

    assert digest in (READER / "ponyfill.js").read_text()


def test_collected_the_reader_is_found_under_names_that_change_with_its_content(tmp_path: Path) -> None:
    storage = ModuleStaticFilesStorage(location=tmp_path, base_url="/static/")
    names = [path.relative_to(STATIC).as_posix() for path in [*READER.iterdir(), *(STATIC / "js/tablet").glob("*.js")]]
    names += ["vendor/idb/index.js"]
    for name in names:
        storage.save(name, ContentFile((STATIC / name).read_bytes()))
    problems = [
        done for _, _, done in storage.post_process({name: (storage, name) for name in names}) if isinstance(done, Exception)
    ]

    scan = next((tmp_path / "js/tablet").glob("scan.*.js")).read_text()

    for kind in ("js", "wasm"):
        named = re.search(rf'"\.\./\.\./(vendor/barcode-detector/\w+\.[0-9a-f]{{12}}\.{kind})"', scan)
        assert named, kind
        assert (tmp_path / named[1]).is_file()
    assert problems == []


def test_the_console_may_run_webassembly_and_use_the_camera(hall: Hall, tablet: Client) -> None:
    page = tablet.get(f"/today/{hall.today.pk}/")
    found = tablet.post(f"/today/{hall.today.pk}/search/", {"q": "Siapa"})

    for answer in (page, found):
        assert "script-src 'self' 'wasm-unsafe-eval'" in answer["Content-Security-Policy"]
        assert "camera=(self)" in answer["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/today/{day}/walk-in/", "/drives/{drive}/live/", "/coverage/"])
def test_a_page_without_a_camera_may_not_run_webassembly(hall: Hall, tablet: Client, path: str) -> None:
    answer = tablet.get(path.format(day=hall.today.pk, drive=hall.drive.pk))

    assert "wasm" not in answer["Content-Security-Policy"]


def test_the_console_names_what_it_loads_when_it_scans_and_a_sentence_for_each_trouble(hall: Hall, tablet: Client) -> None:
    page = tablet.get(f"/today/{hall.today.pk}/").content.decode()

    assert re.search(r'data-scan="/static/js/tablet/scan[^"]*\.js" data-wedge="/static/js/tablet/wedge[^"]*\.js"', page)
    told = set(re.findall(r'data-onsite-trouble="(\w+)"', page))
    named = set(re.findall(r'"(denied|none|busy|ended|unreadable)"', (STATIC / "js/tablet/scan.js").read_text()))
    assert told == named == {"denied", "none", "busy", "ended", "unreadable"}

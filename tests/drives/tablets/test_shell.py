"""The program that a tablet keeps: open to everybody, small, complete, and new when any part of it is."""

import gzip
import json
import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from drives.tablets import prepare_texts, shell_texts, shell_views
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

STATIC = Path(settings.BASE_DIR) / "static"
MODULES = STATIC / "js" / "tablet"
MOST_BYTES = 100 * 1024
IMPORTED = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
SAID = re.compile(r"""(?:say\(|Refusal\()(?:[^"()?]*\?)?\s*"(\w+)"(?:\s*:\s*"(\w+)")?""")


def worker(client: Client) -> str:
    return client.get("/sw.js").content.decode()


def constant(script: str, name: str) -> object:
    found = re.search(rf"^const {name} = (.*);$", script, re.MULTILINE)
    assert found, name
    return json.loads(found[1])


def test_the_page_is_the_same_for_a_stranger_and_for_an_operator(client: Client) -> None:
    stranger = client.get("/today/shell/")
    client.force_login(UserFactory(name="Rina Operator"))
    operator = client.get("/today/shell/")

    assert stranger.status_code == 200
    assert stranger.content == operator.content
    assert b"csrf" not in stranger.content.lower()
    assert b"Rina" not in operator.content


def test_the_page_is_asked_for_anew_and_may_run_the_reader_of_slips(client: Client) -> None:
    answer = client.get("/today/shell/")

    assert answer["Cache-Control"] == "no-cache"
    assert "script-src 'self' 'wasm-unsafe-eval'" in answer["Content-Security-Policy"]


def test_no_other_page_may_compile_anything(client: Client) -> None:
    assert "wasm" not in client.get("/sign-in/")["Content-Security-Policy"]


def test_the_worker_may_serve_the_drive_day_and_nothing_else(client: Client) -> None:
    answer = client.get("/sw.js")

    assert (answer["Content-Type"], answer["Service-Worker-Allowed"]) == ("text/javascript; charset=utf-8", "/today/")
    assert answer["Cache-Control"] == "no-cache"


def test_the_worker_keeps_every_file_that_the_page_and_its_modules_name(client: Client) -> None:
    kept = set(constant(worker(client), "FILES"))  # type: ignore[call-overload]
    page = client.get("/today/shell/").content.decode()

    named = {path.split("#")[0] for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page)}
    for module in MODULES.glob("*.js"):
        if module.name in shell_views.NOT_OF_THE_SHELL:
            continue
        for path in IMPORTED.findall(module.read_text()):
            named.add("/static/" + (module.parent / path).resolve().relative_to(STATIC).as_posix())

    reader = {f"/static/{name}" for name in shell_views.SCANNER_FILES}
    assert named - kept - reader == set()
    assert all(finders.find(path.removeprefix("/static/")) for path in kept)


def test_the_program_is_small(client: Client) -> None:
    page = len(gzip.compress(client.get("/today/shell/").content))
    files = sum(len(brotli.compress((STATIC / name).read_bytes())) for name in shell_views.shell_files())

    assert page + files <= MOST_BYTES


def test_the_scanner_is_small_and_stays_out_of_the_program() -> None:
    size = sum(len(brotli.compress((STATIC / name).read_bytes())) for name in shell_views.SCANNER_FILES)

    assert size <= 330 * 1024
    assert not set(shell_views.SCANNER_FILES) & set(shell_views.shell_files())


def test_a_changed_file_is_a_new_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = shell_views._digest_of_everything()
    changed = tmp_path / "tablet.css"
    changed.write_text("/* another */")
    found = finders.find

    monkeypatch.setattr(finders, "find", lambda name: str(changed) if name == "css/tablet.css" else found(name))

    assert shell_views._digest_of_everything() != before


def test_the_page_and_the_worker_name_the_same_version(client: Client) -> None:
    version = constant(worker(client), "VERSION")

    assert f'data-version="{version}"' in client.get("/today/shell/").content.decode()


def test_every_sentence_that_a_module_says_stands_in_the_catalogue_and_none_is_idle() -> None:
    known = {*shell_texts.SENTENCES, *prepare_texts.SENTENCES}
    source = "\n".join(module.read_text() for module in MODULES.glob("*.js"))
    said = {name for pair in SAID.findall(source) for name in pair if name}
    quoted = set(re.findall(r'"(\w+)"', source))

    assert said - known == set()
    quoted |= {f"camera_{code}" for code in re.findall(r'"(\w+)"', (MODULES / "camera.js").read_text())}
    assert known - quoted == set()


def test_modules_stay_small_and_speak_no_language_of_their_own() -> None:
    for module in MODULES.glob("*.js"):
        text = module.read_text()
        assert len(text.splitlines()) <= 300, module.name
        # What is thrown is for whoever reads the console of the browser.
        code = re.sub(r"//.*|new Error\(.*", "", text)
        assert re.findall(r"""["'`][A-Z][a-z]+ [a-z]+ [a-z]+""", code) == [], module.name

"""Slips before a camera and before scanners that type: our own scripts in a real Chromium."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from drives.documents.sheets import slip_address
from tests.browser import ARGUMENTS, PATIENCE
from tests.frames.camera import HEIGHT, WIDTH, Shot, photograph
from tests.frames.files import write_video
from tests.frames.hall import KINDS, STEPS, Scene, scenes
from tests.journeys.hall import hall_of

pytestmark = pytest.mark.journey

STATIC = Path(settings.BASE_DIR) / "static"
TYPES = {".js": "text/javascript", ".wasm": "application/wasm"}
POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
LEAST_READ = 114  # of 120: 95 percent
ADDRESS = "https://jemput-bola.example/s/Zq-3xY_aMwK0zQyWmA7b9c/"
READ = """async ([name, source]) => {
  const { openReader } = await import("/static/js/tablet/scan.js");
  window.readers ||= {};
  const reader = window.readers[source] ||= await openReader({ forced: source });
  const grey = new Uint8Array(await (await fetch(name)).arrayBuffer());
  const image = new ImageData(%d, %d);
  grey.forEach((value, at) => image.data.set([value, value, value, 255], at * 4));
  return reader.read(await createImageBitmap(image), image.width, image.height);
}""" % (WIDTH, HEIGHT)  # noqa: UP031  # braces of JavaScript stand in it


class Bench:
    """A page of its own, with our static files, frames, and the policy of pages that scan; all that it asked for is noted."""

    def __init__(self, page: Page) -> None:
        self.page, self.frames, self.asked = page, dict[str, bytes](), list[str]()
        page.route("**/*", self._answer)
        page.goto("http://localhost/")

    def _answer(self, route: Route) -> None:
        self.asked.append(route.request.url)
        path = route.request.url.removeprefix("http://localhost")
        if path == "/":
            body = (
                "<!doctype html><title>x</title><input type=search><input id=other><button>Direkam</button><video muted></video>"
            )
            route.fulfill(body=body, content_type="text/html", headers={"Content-Security-Policy": POLICY})
        elif path in self.frames:
            route.fulfill(body=self.frames[path], content_type="application/octet-stream")
        elif path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        else:
            route.abort()

    def read(self, scene: Scene, *, source: str) -> str:
        name = f"/frames/{scene.kind}-{scene.step}".replace(" ", "-")
        self.frames[name] = scene.frame().tobytes()
        text: str = self.page.evaluate(READ, [name, source])
        del self.frames[name]
        return text


@pytest.fixture
def bench(page: Page) -> Bench:
    return Bench(page)


def test_nineteen_of_twenty_generated_frames_are_read_and_none_wrongly(bench: Bench) -> None:
    has_native = bench.page.evaluate(
        "async () => 'BarcodeDetector' in window && (await BarcodeDetector.getSupportedFormats()).includes('qr_code')"
    )
    sources = ["wasm", *(["native"] if has_native else [])]
    read: dict[str, Counter[str]] = {source: Counter() for source in sources}
    unread: dict[str, list[str]] = {source: [] for source in sources}

    for scene in scenes():
        for source in sources:
            text = bench.read(scene, source=source)
            assert text in ("", scene.text), f"{scene.kind} {scene.step} was read wrongly"
            read[source][scene.kind] += bool(text)
            if not text:
                unread[source].append(f"{scene.kind} {scene.step}")

    for source in sources:
        told = ", ".join(f"{kind} {read[source][kind]}/{STEPS}" for kind in KINDS)
        print(f"\n{source}: {read[source].total()} of {len(scenes())}: {told}; not read: {', '.join(unread[source])}")  # noqa: T201
        assert read[source].total() >= LEAST_READ
    assert all(url.startswith("http://localhost/") for url in bench.asked)
    assert sum(url.endswith(".wasm") for url in bench.asked) == 1


def test_the_browsers_own_reader_is_taken_where_it_reads_qr(bench: Bench) -> None:
    bench.page.evaluate(
        """() => { window.BarcodeDetector = class {
          static async getSupportedFormats() { return ["qr_code"]; }
          async detect() { return [{ rawValue: "from the browser" }]; }
        }; }"""
    )

    assert bench.read(scenes()[0], source="") == "from the browser"
    assert not [url for url in bench.asked if "barcode-detector" in url]


def test_where_the_browsers_own_reader_fails_ours_goes_on(bench: Bench) -> None:
    bench.page.evaluate(
        """() => { window.BarcodeDetector = class {
          static async getSupportedFormats() { return ["qr_code"]; }
          async detect() { throw new DOMException("Barcode detection service unavailable.", "NotSupportedError"); }
        }; }"""
    )
    scene = scenes()[0]

    assert bench.read(scene, source="") == scene.text


@pytest.mark.parametrize(
    ("name", "code"),
    [("NotAllowedError", "denied"), ("NotFoundError", "none"), ("OverconstrainedError", "none"), ("NotReadableError", "busy")],
)
def test_a_camera_that_does_not_open_is_told_by_its_reason(bench: Bench, name: str, code: str) -> None:
    told = bench.page.evaluate(
        """async (name) => {
          navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", name); };
          const { startScan } = await import("/static/js/tablet/scan.js");
          let told = "";
          const video = document.querySelector("video");
          const scanner = await startScan({ video, onFound: () => {}, onTrouble: (code) => { told = code; } });
          return [scanner, told];
        }""",
        name,
    )

    assert told == [None, code]


HEARD = """() => import("/static/js/tablet/wedge.js").then(({ listenForScanners }) => {
  window.heard = []; window.pressed = 0;
  document.querySelector("button").addEventListener("click", () => { window.pressed += 1; });
  listenForScanners({ field: document.querySelector("[type=search]"), onText: (text, kind) => window.heard.push([kind, text]) });
})"""
# As the events come from a browser, with the times that we say: a busy machine types no slower.
TYPED = """([strokes, gap]) => {
  const target = document.activeElement || document.body;
  let now = performance.now() + 10_000 * (window.turns = (window.turns || 0) + 1);
  for (const [key, code, shift, repeat] of strokes) {
    now += gap;
    const how = { key, code, shiftKey: shift, repeat: Boolean(repeat), bubbles: true, cancelable: true };
    const event = new KeyboardEvent("keydown", how);
    Object.defineProperty(event, "timeStamp", { value: now });
    const goesOn = target.dispatchEvent(event);
    if (goesOn && key.length === 1 && "value" in target && target.tagName === "INPUT") target.value += key;
    if (goesOn && key === "Enter" && target.tagName === "BUTTON") target.click();
  }
}"""
SPECIAL = {":": ("Semicolon", True), "/": ("Slash", False), ".": ("Period", False), "-": ("Minus", False), "_": ("Minus", True)}
Stroke = list[Any]


def strokes(text: str, *, believed: Callable[[str], str] = str, end: str = "Enter") -> list[Stroke]:
    """The keys of a scanner set to the American keyboard; `believed` is what the tablet's own keyboard makes of each."""
    found: list[Stroke] = []
    for letter in text:
        code, shift = SPECIAL.get(letter) or (
            (f"Digit{letter}", False) if letter.isdigit() else (f"Key{letter.upper()}", letter.isupper())
        )
        found.append([believed(letter), code, shift])
    return [*found, [end, end, False]]


def type_in(bench: Bench, typed: list[Stroke], *, into: str = "", gap: int = 12) -> list[list[str]]:
    bench.page.evaluate(HEARD)
    if into:
        bench.page.focus(into)
    bench.page.evaluate(TYPED, [typed, gap])
    heard: list[list[str]] = bench.page.evaluate("window.heard")
    return heard


def test_a_scanner_is_heard_while_a_button_has_the_focus_and_its_enter_presses_nothing(bench: Bench) -> None:
    assert type_in(bench, strokes(ADDRESS), into="button") == [["address", ADDRESS]]
    assert bench.page.evaluate("window.pressed") == 0


def test_a_scan_that_ends_with_tab_is_heard(bench: Bench) -> None:
    assert type_in(bench, strokes("8RHXET", end="Tab")) == [["code", "8RHXET"]]


def test_a_scan_into_the_search_is_taken_and_leaves_what_stood_there(bench: Bench) -> None:
    bench.page.fill("[type=search]", "Budi")

    assert type_in(bench, strokes(ADDRESS), into="[type=search]") == [["address", ADDRESS]]
    assert bench.page.input_value("[type=search]") == "Budi"


@pytest.mark.parametrize(
    ("typed", "gap"),
    [("Muhammad", 90), ("8RHXET", 80), ("Muhammad", 15)],
    ids=["a name", "a code by a person", "a name as fast as a scanner"],
)
def test_what_a_person_types_in_the_search_is_not_taken(bench: Bench, typed: str, gap: int) -> None:
    assert type_in(bench, strokes(typed), into="[type=search]", gap=gap) == []
    assert bench.page.input_value("[type=search]") == typed


def test_a_number_scanned_into_another_field_stays_there(bench: Bench) -> None:
    number = "3175" * 4

    assert type_in(bench, strokes(number), into="#other") == []
    assert bench.page.input_value("#other") == number


def test_a_key_held_down_is_no_scanner(bench: Bench) -> None:
    held = [["a", "KeyA", False, True]] * 12

    assert type_in(bench, [*held, ["Enter", "Enter", False]], gap=30) == []


AZERTY = {
    **dict(zip("aqzw", "qawz", strict=True)),
    "m": ",",
    ":": "M",
    "/": "!",
    ".": ":",
    "-": ")",
    "_": "°",
}
AZERTY |= {letter.upper(): other.upper() for letter, other in AZERTY.items() if letter.isalpha() and letter != "m"} | {"M": "?"}
AZERTY |= dict(zip("1234567890", "&é\"'(-è_çà", strict=True))
QWERTZ = {"y": "z", "z": "y", "Y": "Z", "Z": "Y", ":": "Ö", "/": "-", "-": "ß", "_": "?"}


@pytest.mark.parametrize("keyboard", [AZERTY, QWERTZ], ids=["azerty", "qwertz"])
def test_a_scanner_for_another_keyboard_is_understood_by_the_place_of_its_keys(bench: Bench, keyboard: dict[str, str]) -> None:
    typed = strokes(ADDRESS, believed=lambda letter: keyboard.get(letter, letter))

    assert type_in(bench, typed, into="[type=search]") == [["address", ADDRESS]]


@pytest.mark.parametrize("keyboard", [AZERTY, QWERTZ], ids=["azerty", "qwertz"])
def test_an_address_spoilt_by_another_keyboard_is_mended_from_its_letters(bench: Bench, keyboard: dict[str, str]) -> None:
    spoilt = "".join(keyboard.get(letter, letter) for letter in ADDRESS)

    found = bench.page.evaluate('async (text) => (await import("/static/js/tablet/wedge.js")).understand(text)', spoilt)

    assert found == {"kind": "address", "text": ADDRESS}


def test_with_capitals_locked_a_scan_is_still_what_the_slip_says(bench: Bench) -> None:
    typed = strokes(ADDRESS, believed=str.swapcase)

    assert type_in(bench, typed) == [["address", ADDRESS]]


@pytest.mark.django_db(transaction=True)
def test_a_slip_before_the_camera_opens_its_person(
    live_server: LiveServer, chromium_path: Path, tmp_path: Path, browser: Browser
) -> None:
    hall = hall_of(3)
    visit = hall.visits[1]
    film = tmp_path / "slip.y4m"
    shots = (Shot(slip_address(visit), module=4.0, roll=number * 1.5 - 6, noise=0.02, seed=number) for number in range(8))
    write_video(film, (photograph(shot) for shot in shots), rate=8)
    client = Client()
    client.force_login(hall.operator)
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    filmed = browser.browser_type.launch(executable_path=str(chromium_path), args=[*ARGUMENTS, *camera])
    try:
        context = filmed.new_context(locale="id-ID", viewport={"width": 820, "height": 1180})
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        hosts: list[str] = []
        page.on("request", lambda request: hosts.append(request.url))
        page.goto(f"{live_server.url}/today/{hall.drive_day.pk}/?server")

        assert not [url for url in hosts if "barcode-detector" in url]
        page.get_by_role("button", name="Pindai", exact=True).click()
        expect(page.locator(".jb-result__w", has_text=visit.person.name)).to_be_visible()

        assert page.evaluate("document.querySelector('video').srcObject") is None
        assert all(url.startswith((live_server.url, "data:", "blob:")) for url in hosts)
    finally:
        filmed.close()


def test_the_frames_are_the_same_each_time() -> None:
    chosen = scenes()[::37]

    assert len(scenes()) == 120
    assert [(scene.frame() == scene.frame()).all() for scene in chosen] == [True] * len(chosen)
    assert len({json.dumps(scene.frame()[::40, ::40].tolist()) for scene in chosen}) == len(chosen)

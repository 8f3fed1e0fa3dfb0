"""What a tablet keeps of the program: one page, its files, and the service worker that serves them without network."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from drives.onsite.policy import SCANS
from drives.tablets import shell_texts

MODULES: Final = "js/tablet"
SHELL_FILES: Final = (
    "img/favicon.svg",
    "img/icons.svg",
    "vendor/bootstrap/bootstrap.min.css",
    "css/jemput-bola.css",
    "css/tablet.css",
    "vendor/idb/index.js",
)
# Only the page that prepares a tablet needs it, and that page needs the network.
NOT_OF_THE_SHELL: Final = ("prepare.js",)
SCANNER: Final = "vendor/barcode-detector"
SCANNER_FILES: Final = (f"{SCANNER}/ponyfill.js", f"{SCANNER}/zxing_reader.wasm")


@login_not_required
@require_GET
@csp_update(SCANS)
def shell(request: HttpRequest) -> HttpResponse:
    return _unstored(TemplateResponse(request, "drives/tablets/shell.html", shell_context(version=app_version())))


@login_not_required
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Asked for anew each time: it is by its bytes that a browser knows a new version."""
    context = {
        "version": json.dumps(app_version()),
        "shell": json.dumps(reverse("drives:tablet_shell")),
        "files": json.dumps([static(name) for name in shell_files()]),
        "scanner": json.dumps([static(name) for name in SCANNER_FILES]),
    }
    answer = TemplateResponse(request, "drives/tablets/sw.js", context, content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = "/today/"
    return _unstored(answer)


def shell_files() -> list[str]:
    """Every file that the console needs offline, by its name among the static files."""
    folder = Path(settings.BASE_DIR) / "static" / MODULES
    modules = sorted(path.name for path in folder.glob("*.js") if path.name not in NOT_OF_THE_SHELL)
    return [*SHELL_FILES, *(f"{MODULES}/{name}" for name in modules)]


def shell_context(*, version: str) -> dict[str, object]:
    return {
        "version": version,
        "texts": shell_texts.texts(),
        "kinds": shell_texts.guest_kinds(),
        "services": shell_texts.services(),
        "relations": shell_texts.relations(),
        "incidents": shell_texts.incidents(),
        "icons": shell_texts.ICONS,
    }


@cache
def _built_version() -> str:
    return _digest_of_everything()


def app_version() -> str:
    """Ten characters of what the files, the page in Indonesian and the worker amount to."""
    return _digest_of_everything() if settings.DEBUG else _built_version()


def _digest_of_everything() -> str:
    digest = hashlib.sha256()
    for name in (*shell_files(), *SCANNER_FILES):
        found = finders.find(name)
        digest.update(name.encode() + (Path(found).read_bytes() if found else b""))
    with translation.override("id"):
        digest.update(render_to_string("drives/tablets/shell.html", shell_context(version="")).encode())
    digest.update(render_to_string("drives/tablets/sw.js").encode())
    return digest.hexdigest()[:10]


def _unstored(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-cache"
    return answer

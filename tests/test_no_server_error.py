"""Whatever is sent to an address, the answer is no server error: every address, hostile queries and bodies."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from tests.schools.permissions_world import World, world
from tests.schools.test_permissions import CLOSED, TABLE, Row, address_of

__all__ = ["world"]

HOSTILE = [
    "",
    "abc",
    "-1",
    "0",
    "99999999999999999999999",
    "1e400",
    "NaN",
    "9999-99-99",
    "0001-01-01",
    "9999-12-31",
    "0199f5d2-0000-7000-8000-000000000000",
    "not-a-uuid",
    "\x00",
    "a\x00b",
    "' OR 1=1; --",
    "%s%(x)s{0}{{ x }}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "🎉👩‍👩‍👧‍👦\u202e\u0301",
    "x" * 20_000,
    "[]",
    '{"a": [1]}',
    "javascript:alert(1)",
    "//evil.example/",
]
QUERY = [
    "account",
    "after",
    "appointment",
    "before",
    "board",
    "class",
    "day",
    "demo",
    "district",
    "draft",
    "draft_id",
    "drive",
    "from",
    "grade",
    "import",
    "kind",
    "kit",
    "language",
    "level",
    "month",
    "next",
    "of",
    "ownership",
    "page",
    "person",
    "q",
    "reason",
    "region",
    "role",
    "school",
    "slot",
    "some",
    "sort",
    "state",
    "status",
    "step",
    "then",
    "to",
    "view",
    "visit",
    "year",
]
"""Names that a page may read from its query."""
SIGN_OUT = reverse("schools:sign_out")


class Fields(HTMLParser):
    """The fields of a page's forms, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.actions: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append({})
            self.actions.append(given.get("hx-post") or given.get("action") or "")
        if not self.forms:
            return
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and ("selected" in given or not self.forms[-1].get(self._select)):
            self.forms[-1][self._select] = given.get("value") or ""
        if tag in ("input", "textarea", "button") and name:
            choice = given.get("type") in ("radio", "checkbox")
            if not choice or "checked" in given or name not in self.forms[-1]:
                self.forms[-1][name] = given.get("value") or ""
        if tag == "input" and given.get("type") == "file" and name:
            self.forms[-1][name] = None


def test_fields_are_read_as_a_browser_would() -> None:
    page = Fields()
    page.feed('<form action="/x/"><input name="a" value="1"><select name="s"><option value="2" selected></select></form>')

    assert (page.actions, page.forms) == (["/x/"], [{"a": "1", "s": "2"}])


def forms_of(answer: HttpResponseBase, url: str) -> list[tuple[str, dict[str, Any]]]:
    """Where two forms of the page lead, with their fields; an address that only takes forms is one without fields.

    The form to sign out stands on every page, and is tried where it leads to.
    """
    page = Fields()
    page.feed(getattr(answer, "content", b"").decode("utf-8", "replace"))
    own = [(action or url, fields) for action, fields in zip(page.actions, page.forms, strict=True) if action != SIGN_OUT]
    return [*own[:2], (url, dict.fromkeys(QUERY, ""))]


def bodies(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Nothing, one hostile value in every field, and a file that is none where a file belongs."""
    filled = {name: value for name, value in fields.items() if value is not None}
    files = {name: SimpleUploadedFile("\x00é.xlsx", b"PK\x03\x04garbage") for name in fields if name not in filled}
    spoilt = [dict.fromkeys(fields, value) for value in HOSTILE[::3]]
    one_by_one = [filled | {name: "a\x00b"} for name in list(filled)[:12]]
    return [{}, *spoilt, *one_by_one, filled | files]


def error_of(client: Client, method: str, url: str, data: Any = None, **headers: str) -> str:
    """What a visitor would see as a server error, in one line; nothing of the request is kept."""
    with transaction.atomic():
        answer = getattr(client, method)(url, data, headers=headers)
        transaction.set_rollback(True)
    return f"{method} {url} {str(data)[:120]} {answer.exc_info or answer.status_code}" if answer.status_code >= 500 else ""


@pytest.mark.django_db
@pytest.mark.parametrize("row", [TABLE[name] for name in sorted(TABLE.keys() & CLOSED)], ids=lambda row: row.url_name)
def test_nothing_that_is_sent_makes_a_server_error(row: Row, world: World) -> None:
    url = address_of(row, world)
    client = Client(raise_request_exception=False)
    client.force_login(world.insiders[min(row.roles)])

    errors = [error_of(client, method, url) for method in ("head", "options", "put", "delete")]
    errors += [error_of(client, "get", url, dict.fromkeys(QUERY, value)) for value in HOSTILE[1:]]
    for action, fields in forms_of(client.get(url), url):
        errors += [error_of(client, "post", action, body) for body in bodies(fields)]
    errors.append(error_of(client, "post", url, {}, **{"HX-Request": "true"}))

    assert list(filter(None, errors)) == []

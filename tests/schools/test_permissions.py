"""`docs/permissions.md` is the truth about roles; here every address is opened as every role, and compared with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from schools.models import Role, User
from tests.schools.permissions_world import World, world

__all__ = ["world"]

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "permissions.md"
ALLOWED = {"yes": True, "–": False}
CELL = re.compile(r"\s*\|\s*")


@dataclass(frozen=True)
class Row:
    url_name: str
    what: str
    subject: str
    roles: frozenset[str]

    def __str__(self) -> str:
        cells = ("yes" if role in self.roles else "–" for role in Role.values)
        return f"| `{self.url_name}` | {self.what} | {self.subject} | {' | '.join(cells)} |"


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its two first lines."""
    section = DOCUMENT.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [CELL.split(line.strip("| ")) for line in lines[2:]]


def table() -> dict[str, Row]:
    found: dict[str, Row] = {}
    for name, what, subject, *cells in rows_of("The table"):
        roles = frozenset(role for role, cell in zip(Role.values, cells, strict=True) if ALLOWED[cell])
        found[name.strip("`")] = Row(name.strip("`"), what, subject, roles)
    return found


def public_names() -> set[str]:
    return {name.strip("`") for name, _why in rows_of("Open without signing in")}


def addresses(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named address of the project."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield f"{space}{pattern.name}", pattern


ADDRESSES = dict(addresses())
CLOSED = {name for name, pattern in ADDRESSES.items() if getattr(pattern.callback, "login_required", True)}
TABLE = table()


def stem(parameter: str, row: Row) -> str:
    """`drive_id` → `drive`; `pk` is what the row says."""
    named = {"pk": row.subject, "npsn": "school"}.get(parameter)
    return named or re.sub(r"_(id|pk)$", "", parameter)


def address_of(row: Row, world: World) -> str:
    parameters = {}
    for parameter in ADDRESSES[row.url_name].pattern.converters:
        thing: Any = world.objects[stem(parameter, row)]
        parameters[parameter] = thing.npsn if parameter == "npsn" else thing.pk
    return reverse(row.url_name, kwargs=parameters)


def status_for(user: User, url: str) -> int:
    """What this person gets, by GET or, where that is no way in, by an empty POST; nothing of it is kept."""
    client = Client()
    client.force_login(user)
    with transaction.atomic():
        status = client.get(url).status_code
        if status == 405:
            status = client.post(url).status_code
        transaction.set_rollback(True)
    return status


def proposed(name: str) -> str:
    """The row that an address without one seems to want."""
    pattern = ADDRESSES[name]
    roles = frozenset(str(role) for role in getattr(pattern.callback, "required_roles", Role.values))
    blank = Row(name, "…", "–", roles)
    subject = ", ".join(stem(parameter, blank) for parameter in pattern.pattern.converters)
    return str(Row(name, "…", subject or "–", roles))


def test_every_address_has_its_row() -> None:
    missing = sorted(CLOSED - TABLE.keys())

    assert missing == [], "Add to docs/permissions.md:\n" + "\n".join(proposed(name) for name in missing)


def test_every_row_has_its_address() -> None:
    assert sorted(TABLE.keys() - CLOSED) == []


def test_what_is_open_to_strangers_is_an_exact_list() -> None:
    assert ADDRESSES.keys() - CLOSED == public_names()


def test_a_stranger_is_sent_to_sign_in_from_every_other_address(client: Client) -> None:
    parameters = {"SlugConverter": "20109999", "UUIDConverter": "0199f5d2-0000-7000-8000-000000000000", "IntConverter": 1}
    answers = {}
    for name in sorted(CLOSED):
        converters = ADDRESSES[name].pattern.converters
        url = reverse(name, kwargs={each: parameters.get(type(kind).__name__, "x") for each, kind in converters.items()})
        answers[name] = client.get(url).headers.get("Location", "").split("?")[0]

    assert answers == dict.fromkeys(sorted(CLOSED), reverse("schools:sign_in"))


@pytest.mark.django_db
@pytest.mark.parametrize("row", [TABLE[name] for name in sorted(TABLE.keys() & CLOSED)], ids=lambda row: row.url_name)
def test_who_may(row: Row, world: World) -> None:
    url = address_of(row, world)

    answers = {role: status_for(user, url) for role, user in world.insiders.items()}
    allowed = {role for role, status in answers.items() if status != 404}

    assert allowed == row.roles
    assert max(answers.values()) < 500


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row", [TABLE[name] for name in sorted(TABLE.keys() & CLOSED) if TABLE[name].subject != "–"], ids=lambda row: row.url_name
)
def test_people_of_another_office_or_school_find_nothing(row: Row, world: World) -> None:
    url = address_of(row, world)

    answers = {role: status_for(user, url) for role, user in world.outsiders.items()}

    assert answers == dict.fromkeys(Role.values, 404)

"""The menu: what each role sees, and where one is."""

import pytest
from django.utils.translation import gettext_lazy as _

from schools.models import Grant, Role, User
from schools.navigation import ENTRIES, Entry, entries_for, items

HERE = _("Today")


def holding(*roles: Role) -> User:
    user = User(username="somebody")
    user._grants = [Grant(user=user, role=role) for role in roles]
    return user


def labels(entries: list[Entry]) -> list[str]:
    return [entry.url_name for entry in entries]


def test_every_role_has_a_menu() -> None:
    assert set(ENTRIES) == set(Role)


def test_an_operator_sees_today_and_nothing_else() -> None:
    assert labels(entries_for(holding(Role.OPERATOR))) == ["drives:today"]


def test_an_official_sees_coverage_and_no_list_of_persons() -> None:
    assert labels(entries_for(holding(Role.OFFICIAL))) == ["drives:coverage", "drives:wall"]


def test_two_roles_see_each_page_once() -> None:
    assert labels(entries_for(holding(Role.OFFICIAL, Role.SYSTEM_ADMIN, Role.PLANNER))) == [
        "drives:home",
        "drives:school_list",
        "drives:student_list",
        "drives:status_list",
        "drives:drive_list",
        "drives:season_list",
        "drives:notice_list",
        "drives:coverage",
        "drives:wall",
        "schools:user_list",
        "drives:kit_list",
        "schools:office_list",
    ]


def test_nobody_without_a_role_has_a_menu() -> None:
    assert entries_for(holding()) == []


@pytest.mark.parametrize(
    ("path", "marks"),
    [
        ("/", ["page", "", ""]),
        ("/drives/", ["", "page", ""]),
        ("/drives/12/board/", ["", "true", ""]),
        ("/drives/kits/", ["", "", "page"]),
        ("/profile/", ["", "", ""]),
    ],
)
def test_the_menu_marks_the_page_or_the_nearest_above_it(monkeypatch: pytest.MonkeyPatch, path: str, marks: list[str]) -> None:
    urls = {"drives:home": "/", "drives:drive_list": "/drives/", "drives:kit_list": "/drives/kits/"}
    monkeypatch.setattr("schools.navigation.reverse", urls.__getitem__)

    menu = items([Entry(HERE, name) for name in urls], path)

    assert [item.current for item in menu] == marks


@pytest.mark.parametrize("role", Role)
def test_every_entry_of_every_role_leads_somewhere(role: Role) -> None:
    menu = items(entries_for(holding(role)), "/profile/")

    assert [item.url for item in menu if not item.url.startswith("/")] == []
    assert len(menu) == len(ENTRIES[role])

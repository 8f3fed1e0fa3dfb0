"""The menu of each role, and who is looking at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.models import Role, User


@dataclass(frozen=True)
class Entry:
    label: Promise
    url_name: str


@dataclass(frozen=True)
class Item:
    """One link of the menu. `current` is "page" on the page itself, "true" on a page below it."""

    label: Promise
    url: str
    current: str


NEEDS_ACTION = Entry(_("Needs action"), "drives:home")
SCHOOLS = Entry(_("Schools"), "drives:school_list")
STUDENTS = Entry(_("Students"), "drives:student_list")
UPLOADS = Entry(_("Upload a roster"), "students:upload_list")
STATUSES = Entry(_("SIAK status"), "drives:status_list")
DRIVES = Entry(_("Drives"), "drives:drive_list")
SEASON = Entry(_("Season"), "drives:season_list")
SCHEDULE = Entry(_("Schedule"), "drives:drive_list")
REQUESTS = Entry(_("Requests"), "drives:request_list")
TODAY = Entry(_("Today"), "drives:today")
WALL = Entry(_("All drives today"), "drives:wall")
TABLETS = Entry(_("Tablets"), "drives:tablet_list")
NOTICES = Entry(_("Notices"), "drives:notice_list")
COVERAGE = Entry(_("Coverage"), "drives:coverage")
USERS = Entry(_("Users"), "schools:user_list")
KITS = Entry(_("Recording kits"), "drives:kit_list")
OFFICES = Entry(_("Offices"), "schools:office_list")

ENTRIES: Final[dict[Role, tuple[Entry, ...]]] = {
    Role.PLANNER: (NEEDS_ACTION, SCHOOLS, STUDENTS, STATUSES, DRIVES, SEASON, NOTICES, COVERAGE),
    Role.SCHOOL_ADMIN: (NEEDS_ACTION, SCHOOLS, STUDENTS, UPLOADS, SCHEDULE, REQUESTS),
    Role.LEAD_OPERATOR: (TODAY, WALL, DRIVES, TABLETS),
    Role.OPERATOR: (TODAY,),
    Role.OFFICIAL: (COVERAGE, WALL),
    Role.SYSTEM_ADMIN: (USERS, KITS, SCHOOLS, OFFICES),
}


def entries_for(user: User) -> list[Entry]:
    """What the roles of this person see, each address once, in the order of ENTRIES."""
    by_address: dict[str, Entry] = {}
    for role, entries in ENTRIES.items():
        if user.has_role(role):
            for entry in entries:
                by_address.setdefault(entry.url_name, entry)
    return list(by_address.values())


def items(entries: Sequence[Entry], path: str) -> list[Item]:
    """Links for a page at `path`; of nested addresses the longest is the current one."""
    urls = [reverse(entry.url_name) for entry in entries]
    here = max((url for url in urls if _is_above(url, path)), key=len, default=None)
    return [Item(entry.label, url, _current(url, here, path)) for entry, url in zip(entries, urls, strict=True)]


def _is_above(url: str, path: str) -> bool:
    return url == path or (len(url) > 1 and path.startswith(url))


def _current(url: str, here: str | None, path: str) -> str:
    if url != here:
        return ""
    return "page" if url == path else "true"


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor for `base.html` and `site.html`; nothing is read from the database for strangers."""
    user = getattr(request, "user", None)
    home = {"home_url": reverse("drives:home")}
    if not isinstance(user, User):
        return home
    return home | {
        "navigation": items(entries_for(user), request.path),
        "place_name": user.home_name(),
        "profile_url": reverse("schools:profile"),
        "sign_out_url": reverse("schools:sign_out"),
    }

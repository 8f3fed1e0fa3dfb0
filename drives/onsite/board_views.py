"""The boards, of one drive and of all of today: they ask again every 15 seconds, and get 304 when nothing changed."""

from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from drives.models import DriveDay
from drives.onsite.board import board_of, day_to_watch
from drives.onsite.rules import local_day
from drives.onsite.scope import ON_SITE, drive_to_watch
from drives.onsite.wall import Wall, wall_of
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, Role, User

WATCHERS = (Role.PLANNER, Role.LEAD_OPERATOR, Role.OPERATOR)
OF_OFFICE = (Role.PLANNER, Role.LEAD_OPERATOR)
# Counts alone stand there, so that officials see them, too.
OF_WALL = (*OF_OFFICE, Role.OFFICIAL)


@require_GET
@requires(*WATCHERS)
def live(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    now, user = timezone.now(), signed_in(request)
    drive_day = _watched(request, drive_id)
    board = board_of(drive_day, now=now)
    works_here = user.has_role(*ON_SITE) and DriveDay.objects.visible_to(user).filter(pk=drive_day.pk).exists()
    context = {
        "drive_day": drive_day,
        "board": board,
        "stamp": _stamp(now, drive_day.office.zone),
        "etag": _etag(board.fingerprint),
        "console_url": reverse("drives:today") if works_here else "",
        "wall_url": reverse("drives:wall") if user.has_role(*OF_OFFICE) else "",
        "reports": drive_day.day == now.astimezone(drive_day.office.zone).date() or user.has_role(*OF_OFFICE),
    }
    return TemplateResponse(request, "drives/onsite/live.html", context)


@require_GET
@requires(*WATCHERS)
@cache_control(private=True, no_cache=True)
def live_figures(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """The figures alone, for the page's script."""
    now, drive_day = timezone.now(), _watched(request, drive_id)
    board = board_of(drive_day, now=now)
    context = {"drive_day": drive_day, "board": board}
    return _poll(request, "drives/onsite/_live.html", context, fingerprint=board.fingerprint, now=now, zone=drive_day.office.zone)


@require_GET
@requires(*OF_WALL)
def wall(request: HttpRequest) -> HttpResponse:
    """All drives of today at the person's offices, the one with the most trouble first."""
    now, user = timezone.now(), signed_in(request)
    shown, zone = wall_of(user.office_ids(OF_WALL), now=now), _zone_of(user)
    context = _wall(user, shown, day=local_day(now, zone)) | {
        "stamp": _stamp(now, zone),
        "etag": _etag(_fingerprint(shown, day=local_day(now, zone))),
        "lists_drives": user.has_role(*OF_OFFICE),
    }
    return TemplateResponse(request, "drives/onsite/wall.html", context)


@require_GET
@requires(*OF_WALL)
@cache_control(private=True, no_cache=True)
def wall_figures(request: HttpRequest) -> HttpResponse:
    """The tiles alone, for the page's script."""
    now, user = timezone.now(), signed_in(request)
    shown, zone = wall_of(user.office_ids(OF_WALL), now=now), _zone_of(user)
    day = local_day(now, zone)
    fingerprint = _fingerprint(shown, day=day)
    return _poll(request, "drives/onsite/_wall.html", _wall(user, shown, day=day), fingerprint=fingerprint, now=now, zone=zone)


def _wall(user: User, shown: Wall, *, day: date) -> dict[str, Any]:
    """`opens` are the offices whose boards this person may open."""
    return {"wall": shown, "today": day, "opens": user.office_ids(PERSON_ROLES)}


def _fingerprint(shown: Wall, *, day: date) -> str:
    """The day stands on the wall, too: two days without drives are not the same."""
    return f"{shown.fingerprint}-{day:%Y%m%d}"


def _poll(
    request: HttpRequest, template: str, context: dict[str, Any], *, fingerprint: str, now: datetime, zone: tzinfo
) -> HttpResponse:
    """The fragment, or 304; either way with the moment of the answer by the server's clock, for a wall's may be wrong."""
    etag = _etag(fingerprint)
    asked = request.headers.get("If-None-Match", "").removeprefix("W/")
    response = HttpResponse(status=304) if asked == etag else TemplateResponse(request, template, context)
    response["ETag"] = etag
    response["X-Answered-At"] = _stamp(now, zone)
    return response


def _watched(request: HttpRequest, drive_id: UUID) -> DriveDay:
    drive_day = day_to_watch(drive_to_watch(signed_in(request), drive_id), now=timezone.now())
    if drive_day is None:
        raise Http404
    return drive_day


def _zone_of(user: User) -> tzinfo:
    office = user.home_office()
    return office.zone if office else timezone.get_current_timezone()


def _stamp(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%H.%M.%S")


def _etag(fingerprint: str) -> str:
    return f'"{fingerprint}"'

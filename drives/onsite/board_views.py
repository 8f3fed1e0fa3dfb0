"""The board on a wall or a phone: asks again every 15 seconds, answers 304 when nothing changed."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from drives.models import DriveDay
from drives.onsite.board import Board, board_of, day_to_watch
from drives.onsite.scope import ON_SITE, drive_to_watch
from schools.access import requires, signed_in
from schools.models import Role

WATCHERS = (Role.PLANNER, Role.LEAD_OPERATOR, Role.OPERATOR)


@require_GET
@requires(*WATCHERS)
def live(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    now = timezone.now()
    drive_day = _watched(request, drive_id)
    board = board_of(drive_day, now=now)
    stamp = now.astimezone(drive_day.office.zone).strftime("%H.%M.%S")
    user = signed_in(request)
    works_here = user.has_role(*ON_SITE) and DriveDay.objects.visible_to(user).filter(pk=drive_day.pk).exists()
    context = {
        "drive_day": drive_day,
        "board": board,
        "stamp": stamp,
        "etag": _etag(board),
        "console_url": reverse("drives:today") if works_here else "",
    }
    return TemplateResponse(request, "drives/onsite/live.html", context)


@require_GET
@requires(*WATCHERS)
@cache_control(private=True, no_cache=True)
def live_figures(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """The figures alone, for the page's script."""
    drive_day = _watched(request, drive_id)
    board = board_of(drive_day, now=timezone.now())
    etag = _etag(board)
    asked = request.headers.get("If-None-Match", "").removeprefix("W/")
    if asked == etag:
        response = HttpResponse(status=304)
    else:
        response = TemplateResponse(request, "drives/onsite/_live.html", {"drive_day": drive_day, "board": board})
    response["ETag"] = etag
    return response


def _watched(request: HttpRequest, drive_id: UUID) -> DriveDay:
    drive_day = day_to_watch(drive_to_watch(signed_in(request), drive_id), now=timezone.now())
    if drive_day is None:
        raise Http404
    return drive_day


def _etag(board: Board) -> str:
    return f'"{board.fingerprint}"'

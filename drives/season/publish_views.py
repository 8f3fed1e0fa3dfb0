"""From turns to drives: which ones, what will be made of each, and what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from drives.models import Season
from drives.planning.named import uuid_of
from drives.season import actions, board
from drives.season.board_page import month_key
from drives.season.board_views import month_of
from drives.season.faces import cards_of, face_of
from drives.season.views import seasons_of
from schools.access import requires, signed_in
from schools.models import Role

# So many drives are made at once: each gives everybody a timeslot, and a page should answer within seconds.
MOST_AT_ONCE: Final = 25


@dataclass(frozen=True, slots=True)
class MonthLink:
    day: date
    is_current: bool

    @property
    def key(self) -> str:
        return month_key(self.day)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def season_publish(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """The month's turns with a box each; with a choice in the address, what will be made of them; the POST makes it."""
    season = get_object_or_404(seasons_of(signed_in(request)), pk=season_id)
    now = timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    chosen = {found for text in asked.getlist("of") if (found := uuid_of(text))}
    if request.method == "POST" and 0 < len(chosen) <= MOST_AT_ONCE:
        made = actions.publish_cards(season=season, schools=chosen, by=signed_in(request), now=now)
        context = {"season": season, "made": made, "done_count": sum(each.is_done for each in made)}
        return TemplateResponse(request, "drives/season/season_published.html", context)
    return _page(request, season, chosen, wanted=month_of(asked.get("month", "")), now=now)


def _page(request: HttpRequest, season: Season, chosen: set[UUID], *, wanted: date | None, now: datetime) -> HttpResponse:
    cards = cards_of(season)
    months = board.months_of(season.starts_on, season.ends_on)
    month = wanted if wanted in months else months[0]
    shown = [card for card in cards if card.days[0].replace(day=1) == month]
    faces = [face_of(season, card, now=now) for card in shown]
    picked = [face_of(season, card, now=now) for card in cards if card.school_id in chosen and not card.is_locked]
    context = {
        "season": season,
        "months": [MonthLink(each, each == month) for each in months],
        "month": month,
        "month_key": month_key(month),
        "faces": [face for face in faces if not face.is_locked],
        "locked_count": sum(face.is_locked for face in faces),
        "picked": picked,
        "picked_people": sum(face.card.people for face in picked),
        "too_many": len(picked) > MOST_AT_ONCE,
        "most_at_once": MOST_AT_ONCE,
        "chosen": chosen,
        "nothing_chosen": request.method == "POST" and not picked,
    }
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "drives/season/season_publish.html", context, status=status)

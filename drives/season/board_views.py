"""The board of a season, a school's own page on it, and what is done there: moving, pinning, taking out, undoing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from drives.models import Season, SeasonAbsence, SeasonCard
from drives.planning.labels import span_of
from drives.planning.named import try_to, uuid_of
from drives.season import actions, board
from drives.season.agreed import agreed_days
from drives.season.board_page import LIST, MONTH, board_page
from drives.season.faces import school_url
from drives.season.facts import schools_of
from drives.season.forms import DeadlineForm, MoveForm
from drives.season.holding import Held
from drives.season.views import seasons_of
from drives.season.wording import sentences
from schools.access import requires, signed_in
from schools.models import Role, School, User
from schools.templatetags.house import day as day_name
from schools.templatetags.house import figure

VIEWS: Final = (MONTH, LIST)


def _season(request: HttpRequest, season_id: UUID) -> Season:
    return get_object_or_404(seasons_of(signed_in(request)), pk=season_id)


def _named(request: HttpRequest, season_id: UUID, school_id: UUID) -> tuple[Season, School]:
    season = _season(request, season_id)
    return season, get_object_or_404(schools_of(season).select_related("district"), pk=school_id)


def _card(season: Season, school: School) -> SeasonCard | None:
    return SeasonCard.objects.filter(season=season, school=school).select_related("school__district", "drive").first()


@require_safe
@requires(Role.PLANNER)
def season_board(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """A month of the season. Without a choice, a desk sees rows of kits and a phone the list."""
    seasons = seasons_of(signed_in(request)).annotate(has_absent=Exists(SeasonAbsence.objects.filter(season=OuterRef("pk"))))
    season: Any = get_object_or_404(seasons, pk=season_id)
    view = request.GET.get("view", "")
    page = board_page(
        season,
        wanted=month_of(request.GET.get("month", "")),
        view=view if view in VIEWS else "",
        by=signed_in(request),
        now=timezone.now(),
        has_absent=season.has_absent,
    )
    return TemplateResponse(request, "drives/season/season_board.html", {"season": season, "page": page})


# One school


@dataclass(frozen=True, slots=True)
class DayOption:
    """A day to move to; `against` says why it cannot be."""

    day: date
    against: str


@require_safe
@requires(Role.PLANNER)
def season_school(request: HttpRequest, season_id: UUID, school_id: UUID) -> HttpResponse:
    """Why a school has its turn when it has it, and the way to another one."""
    now = timezone.now()
    season, school = _named(request, season_id, school_id)
    card = _card(season, school)
    initial = {"day": card.days[0], "kits": card.kits, "part": card.part} if card else {"kits": 1, "part": "day"}
    is_locked = bool(card and card.is_locked)
    deadline = season.deadlines.filter(school=school).first()
    against = {} if is_locked else _against(season, school, card, season.starts_on, season.ends_on, now=now)
    context = {
        "season": season,
        "school": school,
        "card": card,
        "span": span_of(card.days[0], card.days[-1]) if card else "",
        "short": max(0, card.people - card.places) if card else 0,
        "why": sentences(card.why) if card else [],
        "is_absent": season.absences.filter(school=school).exists(),
        "against": [DayOption(day, reason) for day, reason in sorted(against.items())],
        "form": MoveForm(initial=initial),
        "agreed": agreed_days(season, school.pk, now=now),
        "deadline": deadline,
        "deadline_form": DeadlineForm(initial={"last_day": deadline.day, "reason": deadline.reason} if deadline else None),
    }
    return TemplateResponse(request, "drives/season/season_school.html", context)


def _against(
    season: Season, school: School, card: SeasonCard | None, first: date, last: date, *, now: datetime
) -> dict[date, str]:
    """Weekdays, and special working days, on which the turn, as it is, cannot begin; where there is none, that of one kit."""
    span = (date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1))
    held = Held(season, school.pk, now=now)
    days = [each for each in span if each.weekday() < 5 or each in held.asked.rules.index]
    return held.against(days, kits=card.kits if card else 1, part=card.part if card else "day")


@require_safe
@requires(Role.PLANNER)
def season_school_days(request: HttpRequest, season_id: UUID, school_id: UUID) -> HttpResponse:
    """Days on which the school's turn cannot begin, each with the reason by name; asked for while a turn is held."""
    season, school = _named(request, season_id, school_id)
    month = month_of(request.GET.get("month", ""))
    first, last = (month, board.month_end(month)) if month else (season.starts_on, season.ends_on)
    first, last = max(first, season.starts_on), min(last, season.ends_on)
    against = _against(season, school, _card(season, school), first, last, now=timezone.now())
    return JsonResponse({"days": {day.isoformat(): reason for day, reason in against.items()}})


@require_POST
@requires(Role.PLANNER)
def season_school_move(request: HttpRequest, season_id: UUID, school_id: UUID) -> HttpResponse:
    """To another day, with other kits or for another part of it; also the first turn of a school that has none."""
    user, now = signed_in(request), timezone.now()
    season, school = _named(request, season_id, school_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a day, a number of kits and a part of the day."))
        return redirect(school_url(season, school.pk))
    asked = form.cleaned_data
    card = try_to(request, lambda: _lay(season, school, asked["day"], asked["kits"], asked["part"], by=user, now=now))
    if card is None:
        return redirect(_board_url(request, season, asked["day"]) if "month" in request.POST else school_url(season, school.pk))
    sentence = _("%(school)s has its turn on %(days)s now, kits: %(kits)s.")
    what = {"school": school.name, "days": span_of(card.days[0], card.days[-1]), "kits": figure(card.kits)}
    messages.success(request, sentence % what)
    return redirect(_board_url(request, season, card.days[0]))


def _lay(season: Season, school: School, first_day: date, kits: int, part: str, *, by: User, now: datetime) -> SeasonCard:
    """From that day on, as many days as it takes."""
    days = Held(season, school.pk, now=now).from_day(first_day, kits=kits, part=part)
    if card := _card(season, school):
        return actions.move_card(card=card, days=days, kits=kits, part=part, by=by, now=now)
    return actions.place_school(season=season, school=school, days=days, kits=kits, part=part, by=by, now=now)


@require_POST
@requires(Role.PLANNER)
def season_school_deadline(request: HttpRequest, season_id: UUID, school_id: UUID) -> HttpResponse:
    """The last day that suits the school; an empty day takes it away."""
    user, now = signed_in(request), timezone.now()
    season, school = _named(request, season_id, school_id)
    form = DeadlineForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the last day as a date, or leave it empty."))
    elif form.cleaned_data["last_day"] is None:
        actions.clear_deadline(season=season, school=school)
        messages.success(request, _("%(school)s has no deadline of its own any more.") % {"school": school.name})
    else:
        _set_deadline(request, season, school, form.cleaned_data, by=user, now=now)
    return redirect(school_url(season, school.pk))


def _set_deadline(
    request: HttpRequest, season: Season, school: School, asked: dict[str, Any], *, by: User, now: datetime
) -> None:
    day, reason = asked["last_day"], asked["reason"]
    if not try_to(request, lambda: actions.set_deadline(season=season, school=school, day=day, reason=reason, by=by, now=now)):
        return
    if against := actions.against_deadline(season=season, school=school, now=now):
        messages.warning(request, against)
    else:
        sentence = _("%(school)s is to be visited by %(day)s. Arrange anew where its turn is later.")
        messages.success(request, sentence % {"school": school.name, "day": day_name(day)})


@require_POST
@requires(Role.PLANNER)
def season_school_pin(request: HttpRequest, season_id: UUID, school_id: UUID) -> HttpResponse:
    return _with_card(request, season_id, school_id, actions.pin_card, _("%(school)s is pinned: no arranging moves it."))


@require_POST
@requires(Role.PLANNER)
def season_school_unpin(request: HttpRequest, season_id: UUID, school_id: UUID) -> HttpResponse:
    return _with_card(request, season_id, school_id, actions.unpin_card, _("%(school)s may be moved again by arranging."))


def _with_card(request: HttpRequest, season_id: UUID, school_id: UUID, act: Callable[..., object], said: str) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    season, school = _named(request, season_id, school_id)
    card = get_object_or_404(SeasonCard.objects.filter(season=season).select_related("season"), school=school)
    if try_to(request, lambda: act(card=card, by=user, now=now)):
        messages.success(request, said % {"school": school.name})
    return redirect(school_url(season, school.pk))


@require_POST
@requires(Role.PLANNER)
def season_school_remove(request: HttpRequest, season_id: UUID, school_id: UUID) -> HttpResponse:
    season, school = _named(request, season_id, school_id)
    _take_part(request, season, school, actions.leave_out, _("%(school)s is taken out of the season until you put it back."))
    return redirect("drives:season_board", season.pk)


@require_POST
@requires(Role.PLANNER)
def season_school_return(request: HttpRequest, season_id: UUID, school_id: UUID) -> HttpResponse:
    season, school = _named(request, season_id, school_id)
    _take_part(request, season, school, actions.put_back, _("%(school)s takes part again. Place it, or arrange anew."))
    return redirect(school_url(season, school.pk))


def _take_part(request: HttpRequest, season: Season, school: School, act: Callable[..., None], said: str) -> None:
    user, now = signed_in(request), timezone.now()
    if done(request, lambda: act(season=season, school=school, by=user, now=now)):
        messages.success(request, said % {"school": school.name})


@require_POST
@requires(Role.PLANNER)
def season_undo(request: HttpRequest, season_id: UUID) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    season = _season(request, season_id)
    step = uuid_of(request.POST.get("step", ""))
    if step and try_to(request, lambda: actions.undo(season=season, step_id=step, by=user, now=now)):
        messages.success(request, _("The last step is undone."))
    return redirect(_board_url(request, season, None))


# Shared


def _board_url(request: HttpRequest, season: Season, day: date | None) -> str:
    """The board as it was seen, at the week of the day."""
    wanted = request.POST.get("month", "")
    query = {"month": f"{day:%Y-%m}" if day and not month_of(wanted) else wanted, "view": request.POST.get("view", "")}
    if day and month_of(wanted) and day.strftime("%Y-%m") != wanted:
        query["month"] = f"{day:%Y-%m}"
    query = {name: value for name, value in query.items() if value and (name != "view" or value in VIEWS)}
    if not month_of(query.get("month", "")):
        query.pop("month", None)
    anchor = f"#week-{date.fromordinal(day.toordinal() - day.weekday()).isoformat()}" if day else ""
    return f"{reverse('drives:season_board', args=[season.pk])}{'?' + urlencode(query) if query else ''}{anchor}"


def done(request: HttpRequest, act: Callable[[], None]) -> bool:
    """Whether the action did it; else its refusal was said."""
    try:
        act()
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return False
    return True


def month_of(text: str) -> date | None:
    """`2027-02`"""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None

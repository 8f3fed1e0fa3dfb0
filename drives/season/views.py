"""Seasons as a list, and the questions from which a season is made."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from drives.models import Drive, Season
from drives.planning.labels import State, span_of
from drives.season import actions, forms
from drives.season.facts import Question, question
from drives.season.figures import offer
from schools.access import requires, signed_in
from schools.models import Office, Role, User
from schools.templatetags.house import day
from students.typed import typed

HOLIDAYS_NAMED: Final = 12
LONGEST: Final = 400


# The list


@dataclass(frozen=True, slots=True)
class Row:
    season: Season
    state: State
    span: str
    cards: int
    drives: int
    has_proposal: bool


@require_safe
@requires(Role.PLANNER)
def season_list(request: HttpRequest) -> HttpResponse:
    """Seasons of the planner's offices, the newest first."""
    today = timezone.localdate()
    seasons = Season.objects.visible_to(signed_in(request)).select_related("office")
    counted = seasons.annotate(
        card_count=Count("cards", distinct=True),
        drive_count=Count(
            "cards", filter=Q(cards__drive__isnull=False) & ~Q(cards__drive__status=Drive.Status.CANCELLED), distinct=True
        ),
        ready_count=Count("proposals", filter=Q(proposals__status="ready"), distinct=True),
    )
    rows = [_row(season, today=today) for season in counted.order_by("-starts_on", "name", "pk")[:100]]
    return TemplateResponse(request, "drives/season/season_list.html", {"rows": rows})


def _row(season: Any, *, today: date) -> Row:
    return Row(
        season,
        _state(season, today=today),
        span_of(season.starts_on, season.ends_on),
        season.card_count,
        season.drive_count,
        bool(season.ready_count),
    )


def _state(season: Season, *, today: date) -> State:
    if season.ends_on < today:
        return State(_("Past"), "neutral", "history")
    if season.starts_on <= today:
        return State(_("Under way"), "info")
    return State(_("To come"), "ok", "calendar")


# The questions


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def season_add(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    office = _office(user)
    if office is None:
        return TemplateResponse(request, "drives/season/season_without_office.html")
    first = forms.first_season(office, today=now.astimezone(office.zone).date())
    if request.method != "POST":
        written = typed(request, action=request.path)
        return _page(request, forms.SeasonForm(written, instance=first), office=office, now=now)
    form = forms.SeasonForm(request.POST, instance=first)
    if form.is_valid():
        try:
            season = actions.create_season(office=office, by=user, now=now, **form.wishes())
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The season is made. Arrange it now, or place schools one by one."))
            return redirect("drives:season_board", season.pk)
    return _page(request, form, office=office, now=now, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def season_edit(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """The same questions later on; turns stay where they are until a new proposal is accepted."""
    user, now = signed_in(request), timezone.now()
    season = get_object_or_404(seasons_of(user), pk=season_id)
    name = season.name
    if request.method != "POST":
        form = forms.SeasonForm(typed(request, action=request.path), instance=season)
        return _page(request, form, office=season.office, now=now, season=season, name=name)
    form = forms.SeasonForm(request.POST, instance=season)
    if form.is_valid():
        try:
            actions.update_season(season=_again(season), by=user, now=now, **form.wishes())
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The season's rules are saved. The turns stay as they are until you arrange anew."))
            return redirect("drives:season_board", season.pk)
    return _page(request, form, office=season.office, now=now, season=season, name=name, status=422)


def _again(season: Season) -> Season:
    """As it is stored: the form's instance carries answers that may be refused."""
    return Season.objects.select_related("office").get(pk=season.pk)


def seasons_of(user: User) -> QuerySet[Season]:
    return Season.objects.visible_to(user).select_related("office__region")


def _office(user: User) -> Office | None:
    """The Sudin for which this person plans."""
    offices = Office.objects.filter(pk__in=user.office_ids([Role.PLANNER]), level=Office.Level.SUDIN)
    return offices.order_by("region_id", "pk").first()


def _page(
    request: HttpRequest,
    form: forms.SeasonForm,
    *,
    office: Office,
    now: datetime,
    season: Season | None = None,
    name: str = "",
    status: int = 200,
) -> HttpResponse:
    context = _note(form, now=now) | {
        "form": form,
        "season": season,
        "season_name": name,
        "office": office,
        "is_refused": status == 422,
    }
    return TemplateResponse(request, "drives/season/season_form.html", context, status=status)


# What follows from the answers


@require_safe
@requires(Role.PLANNER)
def season_note(request: HttpRequest) -> HttpResponse:
    """The panel beside the questions, as they stand at this moment."""
    user, now = signed_in(request), timezone.now()
    office = _office(user)
    if office is None:
        return TemplateResponse(request, "drives/season/_note.html", {"found": None})
    first = forms.first_season(office, today=now.astimezone(office.zone).date())
    return TemplateResponse(request, "drives/season/_note.html", _note(forms.SeasonForm(request.GET, instance=first), now=now))


def _note(form: forms.SeasonForm, *, now: datetime) -> dict[str, Any]:
    """Days, places and people of the answers; nothing while one of them cannot be reckoned with."""
    if form.is_bound:
        form.is_valid()
    asked = question_of(form.instance, now=now) if not (form.is_bound and form.errors) else None
    found = offer(asked) if asked else None
    return {
        "found": found,
        "off": _named_days(asked) if asked else [],
        "without_position": asked.without_position if asked else (),
    }


def question_of(season: Season, *, now: datetime) -> Question | None:
    """What the wishes amount to; None for wishes that nobody can reckon with."""
    wished = (season.minutes_per_person or 0) > 0 and (season.slack_percent or 0) < 100 and (season.most_kits or 0) > 0
    if not wished or season.ends_on < season.starts_on or (season.ends_on - season.starts_on).days > LONGEST:
        return None
    try:
        return question(season=season, now=now)
    except ValidationError:
        return None


def _named_days(asked: Question) -> list[str]:
    """Holidays and closed days by name; weekends are no news."""
    named = [(each, name) for each, name in sorted(asked.off.items()) if each.weekday() < 5]
    return [f"{day(each)}: {name}" for each, name in named[:HOLIDAYS_NAMED]]

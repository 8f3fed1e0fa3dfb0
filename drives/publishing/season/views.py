"""Publishing a season: choosing turns, the look at what would happen, the one yes, and what became of it."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from uuid6 import uuid7

from drives.models import SeasonPublication
from drives.planning.assignment import LeftOver
from drives.planning.board import left_over_sentence
from drives.planning.named import uuid_of
from drives.publishing.season import asking
from drives.publishing.season.choices import choices_of
from drives.publishing.season.lines import line_of
from drives.publishing.season.page import job_of, page_of
from drives.season.folding import by_week
from drives.season.views import seasons_of
from schools.access import requires, signed_in
from schools.models import Role
from students.models import Enrolment, Person

# So many names are written out of those left over for one reason.
MOST_NAMED: Final = 200
# A month of a city stands open; a whole season is folded by week.
MOST_UNFOLDED: Final = 40


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def publication_add(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """The turns of a month, a week (`?of=2027-01-11`), all, or the drafts, with a box each; the POST has them looked at."""
    user, now = signed_in(request), timezone.now()
    season = get_object_or_404(seasons_of(user), pk=season_id)
    standing = season.publications.unfinished().first()
    if standing:
        return redirect("drives:publication_detail", standing.pk)
    refused = ""
    if request.method == "POST":
        chosen = {found for text in request.POST.getlist("school") if (found := uuid_of(text))}
        try:
            publication = asking.ask(
                season=season, schools=chosen, by=user, now=now, publication_id=uuid_of(request.POST.get("publication", ""))
            )
        except ValidationError as refusal:
            refused = refusal.messages[0]
        else:
            return redirect("drives:publication_detail", publication.pk)
    asked = request.POST if request.method == "POST" else request.GET
    choices, parts, weeks = choices_of(season, wanted=asked.get("of", "")[:10], now=now)
    context = {
        "season": season,
        "choices": choices,
        "folded": by_week(choices, lambda each: each.card.days[0]) if len(choices) > MOST_UNFOLDED else [],
        "parts": parts,
        "weeks": weeks,
        "of": asked.get("of", "")[:10],
        "publication_id": uuid7(),
        "refused": refused,
        "has_turns": season.cards.exists(),
        "earlier": list(season.publications.order_by("-asked_at", "pk")[:5]),
    }
    template = "drives/publishing/publication_add.html"
    return TemplateResponse(request, template, context, status=422 if refused else 200)


def _publication(request: HttpRequest, publication_id: UUID) -> SeasonPublication:
    publications = SeasonPublication.objects.visible_to(signed_in(request)).select_related("season__office")
    return get_object_or_404(publications, pk=publication_id)


@require_safe
@requires(Role.PLANNER)
def publication_detail(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """The preview, and afterwards the result; while the work goes on, how far it is."""
    publication = _publication(request, publication_id)
    context = {
        "season": publication.season,
        "publication": publication,
        "page": page_of(publication),
        "job": job_of(publication, now=timezone.now()),
    }
    return TemplateResponse(request, "drives/publishing/publication_detail.html", context)


@require_safe
@requires(Role.PLANNER)
def publication_job(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """The progress alone. Once the work has ended the page is asked for as a whole."""
    publication = _publication(request, publication_id)
    context = {"job": job_of(publication, now=timezone.now()), "publication": publication}
    response = TemplateResponse(request, "drives/publishing/_publication_job.html", context)
    if not publication.is_under_way:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@requires(Role.PLANNER)
def publication_school(request: HttpRequest, publication_id: UUID, school_id: UUID) -> HttpResponse:
    """One school of it: who is left over and why, by name, and what is sent."""
    publication = _publication(request, publication_id)
    turns = publication.turns.select_related("school__district", "drive")
    turn = get_object_or_404(turns, school=school_id)
    visible = Person.objects.visible_to(signed_in(request))
    groups = []
    for reason, ids in sorted(turn.left_over.items()):
        people = visible.filter(pk__in=ids).order_by("birth_date", "search_name", "pk")
        named = list(people[:MOST_NAMED])
        live = Enrolment.objects.live().filter(person__in=named, school=turn.school_id, class_group__isnull=False)
        classes = dict(live.values_list("person", "class_group__name"))
        groups.append((left_over_sentence(LeftOver(reason), len(ids)), [(each.name, classes.get(each.pk, "")) for each in named]))
    context = {"season": publication.season, "publication": publication, "line": line_of(turn), "groups": groups}
    return TemplateResponse(request, "drives/publishing/publication_school.html", context)


@require_POST
@requires(Role.PLANNER)
def publication_confirm(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """The one yes: all that is ready is published."""
    return _done(request, publication_id, asking.confirm)


@require_POST
@requires(Role.PLANNER)
def publication_resume(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    return _done(request, publication_id, asking.resume)


@require_POST
@requires(Role.PLANNER)
def publication_withdraw(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """Drafts again, where nothing has left yet."""
    return _done(request, publication_id, asking.withdraw)


@require_POST
@requires(Role.PLANNER)
def publication_stop(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    return _done(request, publication_id, asking.stop, said=_("It stops after the school at hand. The others stay as they are."))


def _done(request: HttpRequest, publication_id: UUID, act: Callable[..., object], *, said: str = "") -> HttpResponse:
    publication = _publication(request, publication_id)
    try:
        act(publication=publication, by=signed_in(request), now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        if said:
            messages.info(request, said)
    return redirect("drives:publication_detail", publication.pk)

"""Arranging automatically: what counts how much, the search, and its answer as a difference to accept or to drop."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from drives.models import Season, SeasonProposal, SeasonProposalCard
from drives.planning.labels import span_of
from drives.planning.named import try_to, uuid_of
from drives.season import actions
from drives.season.faces import school_url
from drives.season.folding import FEW, by_week
from drives.season.forms import WeightsForm
from drives.season.views import seasons_of
from drives.season.wording import sentence, sentences
from schools.access import requires, signed_in
from schools.models import Role
from schools.templatetags.house import figure, percent
from students.typed import typed

# So long a job may wait before the page says that no worker has come.
WORKER_COMES_WITHIN: Final = timedelta(seconds=8)
Change = SeasonProposalCard.Change
Decision = SeasonProposalCard.Decision
ORDER: Final = (Change.NEW, Change.MOVED, Change.REMOVED, Change.SAME)


# Asking


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def season_arrange(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """What counts how much, in plain words, to be changed before asking; then the first plan at once, and a search."""
    user, now = signed_in(request), timezone.now()
    season = get_object_or_404(seasons_of(user), pk=season_id)
    if standing := season.proposals.open().order_by("-asked_at", "pk").first():
        return redirect("drives:season_proposal", standing.pk)
    if request.method != "POST":
        return _arrange_page(request, season, WeightsForm(typed(request, action=request.path), instance=season))
    form = WeightsForm(request.POST, instance=Season.objects.get(pk=season.pk))
    if form.is_valid():
        try:
            stored = seasons_of(user).get(pk=season.pk)
            stored = actions.update_season(season=stored, by=user, now=now, **form.weights())
            proposal = actions.ask_for_proposal(season=stored, by=user, now=now, seconds=form.cleaned_data["seconds"])
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return redirect("drives:season_proposal", proposal.pk)
    return _arrange_page(request, season, form, status=422)


def _arrange_page(request: HttpRequest, season: Season, form: WeightsForm, *, status: int = 200) -> HttpResponse:
    context = {
        "season": season,
        "form": form,
        "pinned_count": season.cards.filter(is_pinned=True, drive=None).count(),
        "locked_count": season.cards.locked().count(),
        "card_count": season.cards.count(),
        "is_refused": status == 422,
    }
    return TemplateResponse(request, "drives/season/season_arrange.html", context, status=status)


# The proposal


@dataclass(frozen=True, slots=True)
class Difference:
    """One school of the proposal: from where to where, and why."""

    card: SeasonProposalCard
    name: str
    district: str
    url: str
    before: str
    after: str
    why: tuple[str, ...]
    short: int


@dataclass(frozen=True, slots=True)
class Section:
    change: str
    title: str
    lines: tuple[Difference, ...]
    chosen: Collection[UUID] = ()

    @property
    def is_a_change(self) -> bool:
        return self.change != Change.SAME

    @property
    def weeks(self) -> list[tuple[str, tuple[Difference, ...], bool]]:
        """Title, schools and whether one of them was ticked; empty while all lines may stand below each other."""
        if len(self.lines) <= FEW:
            return []
        weeks = by_week(self.lines, lambda line: (line.card.days or line.card.before_days)[0])
        return [(title, lines, any(line.card.school_id in self.chosen for line in lines)) for title, lines in weeks]


@dataclass(frozen=True, slots=True)
class LeftOut:
    sentence: str
    names: tuple[str, ...]
    people: int


def _proposal(request: HttpRequest, proposal_id: UUID) -> SeasonProposal:
    proposals = SeasonProposal.objects.visible_to(signed_in(request)).select_related("season__office")
    return get_object_or_404(proposals, pk=proposal_id)


@require_safe
@requires(Role.PLANNER)
def season_proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    proposal = _proposal(request, proposal_id)
    return _page(request, proposal)


def _page(
    request: HttpRequest,
    proposal: SeasonProposal,
    *,
    conflicts: tuple[str, ...] = (),
    chosen: Collection[UUID] = (),
    status: int = 200,
) -> HttpResponse:
    cards = list(proposal.cards.select_related("school__district"))
    context = {
        "season": proposal.season,
        "proposal": proposal,
        "job": job_of(proposal, now=timezone.now()),
        "sections": _sections(proposal, cards, chosen),
        "counts": _counts(cards),
        "summary": _summary(cards),
        "left_out": _left_out(proposal),
        "quality": quality(proposal),
        "can_decide": proposal.is_open,
        "conflicts": conflicts,
        "chosen": set(chosen),
        "changes": sum(card.change != Change.SAME and not card.decision for card in cards),
    }
    return TemplateResponse(request, "drives/season/season_proposal.html", context, status=status)


def _counts(cards: list[SeasonProposalCard]) -> dict[str, int]:
    found = Counter(card.change for card in cards)
    return {change.value: found[change.value] for change in ORDER}


def _summary(cards: list[SeasonProposalCard]) -> str:
    placed = [card for card in cards if card.change != Change.REMOVED]
    people = sum(min(card.people, card.places) for card in placed)
    sentence = ngettext(
        "%(people)s people at %(count)s school get a turn, %(seventeen)s of them are 17.",
        "%(people)s people at %(count)s schools get a turn, %(seventeen)s of them are 17.",
        len(placed),
    )
    return sentence % {
        "people": figure(people),
        "count": figure(len(placed)),
        "seventeen": figure(sum(card.seventeen for card in placed)),
    }


def _sections(proposal: SeasonProposal, cards: list[SeasonProposalCard], chosen: Collection[UUID]) -> list[Section]:
    by_change: defaultdict[str, list[SeasonProposalCard]] = defaultdict(list)
    for card in sorted(cards, key=lambda card: ((card.days or card.before_days)[:1], card.school.search_name)):
        by_change[card.change].append(card)
    titles = {
        Change.NEW: _("New turns"),
        Change.MOVED: _("Moved"),
        Change.REMOVED: _("Lose their turn"),
        Change.SAME: _("Unchanged"),
    }
    return [
        Section(change.value, titles[change], tuple(_difference(proposal, card) for card in by_change[change.value]), chosen)
        for change in ORDER
        if by_change[change.value]
    ]


def _difference(proposal: SeasonProposal, card: SeasonProposalCard) -> Difference:
    return Difference(
        card,
        card.school.name,
        card.school.district.name,
        school_url(proposal.season, card.school_id),
        turn_name(card.before_days, card.before_kits, card.before_part),
        turn_name(card.days, card.kits, card.part),
        tuple(sentences(card.why)),
        max(0, card.people - card.places) if card.days else 0,
    )


def turn_name(days: list[Any], kits: int, part: str) -> str:
    """`Sel 24 Nov – Kam 26 Nov, 5 alat`"""
    if not days:
        return ""
    said = ngettext("%(days)s, %(count)s kit", "%(days)s, %(count)s kits", kits)
    named = said % {"days": span_of(days[0], days[-1]), "count": figure(kits)}
    if part == "morning":
        return _("%(turn)s, the morning") % {"turn": named}
    if part == "afternoon":
        return _("%(turn)s, the afternoon") % {"turn": named}
    return named


def _left_out(proposal: SeasonProposal) -> list[LeftOut]:
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in proposal.unplaced:
        groups[sentence(fact)].append(fact)
    return [
        LeftOut(said, tuple(str(fact.get("name", "")) for fact in facts), sum(int(fact.get("people", 0)) for fact in facts))
        for said, facts in groups.items()
        if said
    ]


def quality(proposal: SeasonProposal) -> str:
    """How good the plan is proven to be, in words."""
    if proposal.gap is None:
        return _("A first plan, made at once. How much better one could be is not proven yet.")
    if proposal.gap <= 0.00005:
        return _("The best plan there is: no better one is possible.")
    return _("At most %(percent)s percent better is possible.") % {"percent": percent(max(proposal.gap * 100, 0.1))}


# The search under way


@require_safe
@requires(Role.PLANNER)
def season_proposal_job(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """The progress alone. Once the search has ended the page is asked for as a whole."""
    proposal = _proposal(request, proposal_id)
    response = TemplateResponse(
        request, "drives/season/_search.html", {"job": job_of(proposal, now=timezone.now()), "proposal": proposal}
    )
    if proposal.status not in SeasonProposal.WORK:
        response["HX-Refresh"] = "true"
    return response


def job_of(proposal: SeasonProposal, *, now: datetime) -> dict[str, Any] | None:
    """What `_search.html` shows; nothing once the search is over."""
    if proposal.status not in SeasonProposal.WORK:
        return None
    is_running = proposal.status == SeasonProposal.Status.SOLVING
    spent = (now - proposal.claimed_at).total_seconds() if is_running and proposal.claimed_at else 0.0
    return {
        "state": "running" if is_running else "waiting",
        "sentence": _sentence(proposal, now=now),
        "done": int(min(spent, proposal.seconds_limit)),
        "total": proposal.seconds_limit if is_running else 0,
        "limit": proposal.seconds_limit,
        "gap": percent(proposal.gap * 100) if proposal.gap is not None else "",
        "is_stopping": proposal.stop_asked_at is not None,
        "url": reverse("drives:season_proposal_job", args=[proposal.pk]),
    }


def _sentence(proposal: SeasonProposal, *, now: datetime) -> str:
    if proposal.stop_asked_at:
        return _("Stopping; the best plan so far is being written down.")
    if proposal.status == SeasonProposal.Status.WAITING:
        late = now - proposal.asked_at > WORKER_COMES_WITHIN
        if late:
            return _("No background worker has taken the search yet. The first plan stands below and can be accepted.")
        return _("The first plan stands below. The search for a better one begins in a moment.")
    if proposal.phase == SeasonProposal.Phase.READING:
        return _("Reading schools, days and kits.")
    if proposal.phase == SeasonProposal.Phase.COMPARING:
        return _("Comparing with the plan in force, so that as few schools as possible move.")
    return _("Searching for a better plan.")


@require_POST
@requires(Role.PLANNER)
def season_proposal_stop(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """End the search with the best plan so far."""
    proposal, user, now = _proposal(request, proposal_id), signed_in(request), timezone.now()
    try_to(request, lambda: actions.stop_search(proposal=proposal, by=user, now=now))
    return redirect("drives:season_proposal", proposal.pk)


# The decision


@require_POST
@requires(Role.PLANNER)
def season_proposal_accept(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """As a whole, or the ticked schools alone; what cannot stand beside the rest is named and nothing changes."""
    proposal, user, now = _proposal(request, proposal_id), signed_in(request), timezone.now()
    chosen = None
    if "some" in request.POST:
        chosen = [found for text in request.POST.getlist("of") if (found := uuid_of(text))]
        if not chosen:
            messages.error(request, _("Tick the schools whose change you accept."))
            return redirect("drives:season_proposal", proposal.pk)
    before = proposal.cards.filter(decision=Decision.ACCEPT).count()
    try:
        held = actions.accept(proposal=proposal, schools=chosen, by=user, now=now)
    except ValidationError as refusal:
        return _page(request, proposal, conflicts=tuple(refusal.messages), chosen=chosen or [], status=422)
    count = held.cards.filter(decision=Decision.ACCEPT).count() - before
    said = ngettext("%(count)s school was changed.", "%(count)s schools were changed.", count)
    messages.success(request, said % {"count": figure(count)})
    return redirect("drives:season_proposal", held.pk) if held.is_open else redirect("drives:season_board", held.season_id)


@require_POST
@requires(Role.PLANNER)
def season_proposal_drop(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    proposal, user, now = _proposal(request, proposal_id), signed_in(request), timezone.now()
    if try_to(request, lambda: actions.drop(proposal=proposal, by=user, now=now)):
        messages.success(request, _("The proposal is dropped. The plan in force is as it was."))
    return redirect("drives:season_board", proposal.season_id)

"""Whom another school has enrolled, for the school that lost them and for its office; nothing of the other school is shown."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from drives.models import Departure
from drives.notices import departures
from schools.access import requires, signed_in
from schools.models import Role
from schools.templatetags.house import figure

SHOWN = 200


@require_GET
@requires(Role.SCHOOL_ADMIN, Role.PLANNER)
def departure_list(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    standing = Departure.objects.visible_to(user).standing()
    found = standing.select_related("enrolment__person", "enrolment__class_group", "school", "seen_by", "objected_by")
    shown = list(found.order_by("-told_at", "-pk")[:SHOWN])
    own = user.school_ids()
    context = {
        "departures": shown,
        "unseen_ids": [each.pk for each in shown if each.seen_at is None and each.school_id in own],
        "own_schools": own,
        "settles": user.office_ids([Role.PLANNER]),
    }
    return TemplateResponse(request, "drives/desk/departure_list.html", context)


@require_POST
@requires(Role.SCHOOL_ADMIN)
def departure_seen(request: HttpRequest) -> HttpResponse:
    """ "Understood", for those that stood on the page: fields `departure`."""
    user = signed_in(request)
    chosen = [found for text in request.POST.getlist("departure") if (found := _uuid(text))]
    own = Departure.objects.filter(school__in=user.school_ids(), pk__in=chosen)
    count = departures.mark_seen(departures=own, by=user, now=timezone.now())
    sentence = ngettext("%(count)s line was noted.", "%(count)s lines were noted.", count)
    messages.success(request, sentence % {"count": figure(count)})
    return redirect("drives:departure_list")


@require_POST
@requires(Role.SCHOOL_ADMIN)
def departure_object(request: HttpRequest, departure_id: UUID) -> HttpResponse:
    """ "This was a mistake": the sentence reaches the office's planner."""
    user = signed_in(request)
    departure = get_object_or_404(Departure.objects.filter(school__in=user.school_ids()), pk=departure_id)
    try:
        departures.object_to(departure=departure, sentence=request.POST.get("sentence", ""), by=user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("Your office has been told. It looks into the matter."))
    return redirect("drives:departure_list")


@require_POST
@requires(Role.PLANNER)
def departure_settle(request: HttpRequest, departure_id: UUID) -> HttpResponse:
    user = signed_in(request)
    own = Departure.objects.filter(office__in=user.office_ids([Role.PLANNER]))
    departures.settle(departure=get_object_or_404(own, pk=departure_id), by=user, now=timezone.now())
    messages.success(request, _("The objection is settled."))
    return redirect("drives:departure_list")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

"""The feeds themselves, open to whoever has the address; and the page on which addresses are made and revoked."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from drives.feeds import actions
from drives.feeds.events import events_of
from drives.models import Feed, Kit
from drives.notices import ics
from drives.planning.facts import spoken_order
from schools.access import requires, signed_in
from schools.directory.scope import offices_planned_by, schools_kept_by
from schools.models import Office, Role, School, User

CALENDAR = "text/calendar; charset=utf-8"
KEEPERS = (Role.PLANNER, Role.SCHOOL_ADMIN)
Subject = Office | School | Kit


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """In Indonesian whoever asks. 304 as long as nothing has changed; 404 for an address that was revoked or never was."""
    found = Feed.objects.in_force().select_related("office", "school__office", "kit").filter(token=token[:60]).first()
    if found is None:
        raise Http404
    with translation.override("id"):
        name = _("e-KTP recording – %(of)s") % {"of": found}
        body = ics.feed(name, events_of(found, today=timezone.localdate()))
    etag = quote_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    headers = {"Content-Disposition": 'inline; filename="jemput-bola.ics"', "Cache-Control": "private, no-cache", "ETag": etag}
    response = HttpResponse(body, content_type=CALENDAR, headers=headers | {"X-Robots-Tag": "noindex"})
    answer = get_conditional_response(request, etag=etag, response=response)
    assert isinstance(answer, HttpResponse)
    return answer


@dataclass(frozen=True, slots=True)
class Row:
    """What has or could have a calendar, and its address."""

    name: str
    kind: str
    subject_id: UUID
    feed: Feed | None
    url: str
    webcal: str


@require_safe
@requires(*KEEPERS)
def feed_list(request: HttpRequest) -> HttpResponse:
    """A planner's offices and kits, and the schools that have an address or are asked for; a school its own."""
    user = signed_in(request)
    offices = list(offices_planned_by(user).order_by("region_id", "pk"))
    kits = sorted(
        Kit.objects.filter(office__in=offices).in_service(), key=lambda kit: (str(kit.office_id), spoken_order(kit.name))
    )
    standing = {_subject_id(each): each for each in Feed.objects.visible_to(user).in_force()}
    schools = _schools(user, {feed.school_id for feed in standing.values() if feed.school_id}, request.GET.get("school", ""))
    context = {
        "offices": _rows(request, offices, Feed.Kind.OFFICE, standing),
        "schools": _rows(request, schools, Feed.Kind.SCHOOL, standing),
        "kits": _rows(request, kits, Feed.Kind.KIT, standing),
        "is_planner": bool(offices),
    }
    return TemplateResponse(request, "drives/feeds/feed_list.html", context)


def _subject_id(feed: Feed) -> UUID:
    return feed.kit_id or feed.school_id or feed.office_id


def _schools(user: User, with_address: set[UUID], asked: str) -> list[School]:
    kept = schools_kept_by(user, *KEEPERS)
    shown = kept.filter(pk__in=with_address | user.school_ids()) | kept.filter(npsn=asked)
    return list(shown.distinct().order_by("search_name", "pk"))


def _rows(request: HttpRequest, subjects: Iterable[Subject], kind: Feed.Kind, standing: dict[UUID, Feed]) -> list[Row]:
    return [_row(request, subject, kind, standing.get(subject.pk)) for subject in subjects]


def _row(request: HttpRequest, subject: Subject, kind: Feed.Kind, found: Feed | None) -> Row:
    url = request.build_absolute_uri(reverse("drives:feed", args=[found.token])) if found else ""
    return Row(subject.name, kind.value, subject.pk, found, url, f"webcal://{url.partition('://')[2]}" if url else "")


@require_POST
@requires(*KEEPERS)
def feed_make(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    subject = _subject(user, request.POST.get("kind", ""), request.POST.get("subject", ""))
    if subject is None:
        messages.error(request, _("Choose what the calendar is to be of."))
        return _back(None)
    actions.make_feed(of=subject, by=user, now=timezone.now())
    messages.success(request, _("The address is made. Whoever has it can read the calendar."))
    return _back(subject if isinstance(subject, School) else None)


def _subject(user: User, kind: str, subject_id: str) -> Subject | None:
    """None for what is nothing at all; 404 for what is out of scope."""
    try:
        key = UUID(subject_id)
    except ValueError:
        return None
    offices = offices_planned_by(user)
    if kind == Feed.Kind.OFFICE:
        return get_object_or_404(offices, pk=key)
    if kind == Feed.Kind.KIT:
        return get_object_or_404(Kit.objects.filter(office__in=offices), pk=key)
    if kind == Feed.Kind.SCHOOL:
        return get_object_or_404(schools_kept_by(user, *KEEPERS), pk=key)
    return None


@require_POST
@requires(*KEEPERS)
def feed_renew(request: HttpRequest, feed_id: UUID) -> HttpResponse:
    user, found = signed_in(request), _feed(request, feed_id)
    try:
        actions.renew_feed(feed=found, by=user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The address is new, and the old one no longer opens. Tell it to those who subscribe."))
    return _back(found.school)


@require_POST
@requires(*KEEPERS)
def feed_revoke(request: HttpRequest, feed_id: UUID) -> HttpResponse:
    user, found = signed_in(request), _feed(request, feed_id)
    try:
        actions.revoke_feed(feed=found, by=user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The address is revoked. Calendars that subscribe to it get nothing any more."))
    return _back(found.school)


def _feed(request: HttpRequest, feed_id: UUID) -> Feed:
    feeds = Feed.objects.visible_to(signed_in(request)).select_related("office", "school", "kit")
    return get_object_or_404(feeds, pk=feed_id)


def _back(school: School | None) -> HttpResponse:
    query = f"?school={school.npsn}" if school else ""
    return redirect(f"{reverse('drives:feed_list')}{query}")

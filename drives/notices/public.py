"""The student's own page: no account, a birth date first, a few tries; nothing personal before that."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from axes.helpers import get_client_ip_address  # type: ignore[import-untyped]
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from drives.models import Visit
from drives.notices import actions, attempts
from drives.notices.forms import BirthDateForm, SlotRequestForm
from drives.notices.own_slot import calendar_of, fingerprint, own_slot, unanswered_request, visit_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

SESSION_KEY = "own_slots"
# A phone is shared: after this the birth date is asked again.
OPEN_FOR = timedelta(minutes=30)
CALENDAR = "text/calendar; charset=utf-8"


def kept_private(view: View[P]) -> View[P]:
    """Stored by no cache, found by no search engine, its address told to nobody."""

    @wraps(view)
    def private(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        # Not "no-referrer": then browsers send `Origin: null` with the form, which the CSRF check refuses.
        response["Referrer-Policy"] = "same-origin"
        return response

    return private


def _visit_or_404(token: str) -> Visit:
    """A wrong, a revoked and an unpublished link are the same page."""
    visit = visit_of(token)
    if visit is None:
        raise Http404
    return visit


@login_not_required
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def own_slot_page(request: HttpRequest, token: str) -> HttpResponse:
    visit, now = _visit_or_404(token), timezone.now()
    if request.method == "POST":
        return _compare(request, visit, now)
    if not _is_open(request, visit, now):
        return _ask(request, BirthDateForm())
    return _show(request, visit, SlotRequestForm(), now)


def _compare(request: HttpRequest, visit: Visit, now: datetime) -> HttpResponse:
    form = BirthDateForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=422)
    address = get_client_ip_address(request) or ""
    if not attempts.count_one(token=visit.token, address=address):
        response = TemplateResponse(request, "drives/notices/own_slot_wait.html", status=429)
        response["Retry-After"] = str(attempts.QUARTER)
        return response
    said, known = form.cleaned_data["birth_date"].isoformat(), visit.person.birth_date
    if known is None or not constant_time_compare(said, known.isoformat()):
        form.add_error(None, _("This birth date does not belong to this link. Check it, or ask your homeroom teacher."))
        return _ask(request, form, status=422)
    attempts.forgive(token=visit.token, address=address)
    opened = request.session.get(SESSION_KEY, {})
    request.session[SESSION_KEY] = opened | {fingerprint(visit.token): now.timestamp()}
    return redirect("drives:own_slot", visit.token)


def _is_open(request: HttpRequest, visit: Visit, now: datetime) -> bool:
    since = request.session.get(SESSION_KEY, {}).get(fingerprint(visit.token), 0)
    return bool(now.timestamp() - since < OPEN_FOR.total_seconds())


def _ask(request: HttpRequest, form: BirthDateForm, *, status: int = 200) -> HttpResponse:
    return TemplateResponse(request, "drives/notices/own_slot_ask.html", {"form": form}, status=status)


def _show(request: HttpRequest, visit: Visit, form: SlotRequestForm, now: datetime, *, status: int = 200) -> HttpResponse:
    slot = own_slot(visit, now=now)
    is_of_this_drive = slot.starts_at is not None and slot.code == visit.code
    may_ask = is_of_this_drive and not slot.has_passed and visit.drive.status == "published"
    context = {
        "slot": slot,
        "token": visit.token,
        "asked": unanswered_request(visit),
        "form": form if may_ask else None,
    }
    return TemplateResponse(request, "drives/notices/own_slot.html", context, status=status)


@login_not_required
@kept_private
@require_http_methods(["GET", "HEAD"])
def own_slot_calendar(request: HttpRequest, token: str) -> HttpResponse:
    visit, now = _visit_or_404(token), timezone.now()
    if not _is_open(request, visit, now):
        return redirect("drives:own_slot", token)
    slot = own_slot(visit, now=now)
    if slot.starts_at is None:
        raise Http404
    headers = {"Content-Disposition": 'attachment; filename="perekaman-e-ktp.ics"'}
    return HttpResponse(calendar_of(visit, slot, now=now), content_type=CALENDAR, headers=headers)


@login_not_required
@kept_private
@require_POST
def own_slot_request(request: HttpRequest, token: str) -> HttpResponse:
    """Asks the school for another time; nothing moves by itself."""
    visit, now = _visit_or_404(token), timezone.now()
    if not _is_open(request, visit, now):
        return redirect("drives:own_slot", token)
    form = SlotRequestForm(request.POST)
    if not form.is_valid():
        return _show(request, visit, form, now, status=422)
    try:
        actions.ask_for_another_time(visit=visit, note=form.cleaned_data["note"], now=now)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _show(request, visit, form, now, status=422)
    return redirect("drives:own_slot", token)

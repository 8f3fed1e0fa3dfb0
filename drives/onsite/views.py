"""The operator's console: find a person, one tap, undo."""

from datetime import datetime
from typing import Any
from uuid import UUID

from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from drives.models import DayClose, Kit, Visit, VisitEvent
from drives.onsite import console as shown
from drives.onsite.actions import record_event, undo
from drives.onsite.calling import just_called, note_call
from drives.onsite.fold import SETTLED
from drives.onsite.forms import LookUpForm, OutcomeForm, UndoForm, WalkInForm
from drives.onsite.labels import ABSENT_BECAUSE, FAILED_BECAUSE, IKD_FAILED_BECAUSE, chip_of
from drives.onsite.likeness import similar
from drives.onsite.lookups import look_up
from drives.onsite.policy import SCANS
from drives.onsite.room import Room, room_at
from drives.onsite.rules import OF_IKD, UNDO_SECONDS, Kind
from drives.onsite.scope import ON_SITE, TABLET_DAYS_AHEAD, Console, duties_on, next_duty, open_console, own_duties
from drives.onsite.walk_ins import add_walk_in, full_sentence
from schools.access import requires, signed_in
from schools.models import Office, User
from schools.zones import show_in_zone_of


@require_GET
@requires(*ON_SITE)
def today(request: HttpRequest) -> HttpResponse:
    """One drive day of today: straight to its console. Several: choose. None: when the next one is."""
    user = signed_in(request)
    office = user.home_office()
    if office:
        show_in_zone_of(office)
    day = timezone.localdate()
    duties = list(duties_on(user, day)[:50])
    assigned = own_duties(user, day)
    own = [drive_day for drive_day in duties if drive_day.pk in assigned] or duties
    if len(own) == 1:
        return redirect("drives:console", own[0].pk)
    later = None if duties else next_duty(user, day)
    may_prepare = bool(later and later.day <= day + TABLET_DAYS_AHEAD)
    context = {"duties": duties, "today": day, "next_duty": later, "may_prepare": may_prepare}
    return TemplateResponse(request, "drives/onsite/today.html", context)


@require_GET
@requires(*ON_SITE)
@csp_update(SCANS)  # type: ignore[arg-type]  # its types know no arguments of a view
def console(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    now = timezone.now()
    opened = open_console(signed_in(request), drive_day_id, now=now)
    visit_id = _uuid(request.GET.get("visit", ""))
    context: dict[str, Any] = {}
    if visit_id:
        visit = _visit(opened, visit_id)
        context = _card_context(request, opened, visit, now=now)
    if _is_htmx(request) and visit_id:
        return TemplateResponse(request, "drives/onsite/_result.html", context)
    return _console_page(request, opened, now=now, **context)


@require_POST
@requires(*ON_SITE)
@csp_update(SCANS)  # type: ignore[arg-type]  # its types know no arguments of a view
def search(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """POST, because what is typed (a name, a token) does not belong in an address or a log."""
    now = timezone.now()
    opened = open_console(signed_in(request), drive_day_id, now=now)
    text = request.POST.get("q", "")[:200].strip()
    found = shown.find(opened.drive_day, text) if text else []
    context: dict[str, Any] = {"console": opened, "query": text}
    if len(found) == 1:
        context |= _card_context(request, opened, found[0], now=now)
    else:
        context["matches"] = shown.lines_for(opened.drive_day, found[: shown.MOST_RESULTS])
        context["has_more"] = len(found) > shown.MOST_RESULTS
        context["stray"] = shown.stray_slip(opened.drive_day, text) if not found else None
        if text and not found and not context["stray"]:
            context["near"] = shown.lines_for(opened.drive_day, similar(opened.drive_day, text))
    if _is_htmx(request):
        return TemplateResponse(request, "drives/onsite/_result.html", context)
    return _console_page(request, opened, now=now, **context)


@require_POST
@requires(*ON_SITE)
def call_next(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """Whose turn it is, called to the station at which this browser stands."""
    now = timezone.now()
    opened = open_console(signed_in(request), drive_day_id, now=now)
    kit = _kit(request, opened)
    user = signed_in(request)
    visit = _just_called(opened, user) or shown.call_next(opened.drive_day, kit=kit)
    context: dict[str, Any] = {"console": opened, "nobody_waits": visit is None}
    if visit:
        note_call(visit, by=user.pk)
        context = _card_context(request, opened, visit, now=now) | {"is_called": True, "station": kit.name if kit else ""}
    if _is_htmx(request):
        context |= {"waiting": shown.waiting_line(opened.drive_day, now=now), "figures": shown.figures_of(opened.drive_day)}
        return TemplateResponse(request, "drives/onsite/_called.html", context)
    return _console_page(request, opened, now=now, **context)


def _just_called(opened: Console, user: User) -> Visit | None:
    """A double tap calls one person, not two."""
    visit_id = just_called(user.pk)
    if visit_id is None:
        return None
    return shown.visits_with_rules(opened.drive_day).filter(pk=visit_id, state=Visit.State.PRESENT).first()


@require_POST
@requires(*ON_SITE)
def choose_kit(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """The station at which this browser stands, remembered for as long as the session."""
    opened = open_console(signed_in(request), drive_day_id, now=timezone.now())
    chosen = _uuid(request.POST.get("kit", ""))
    if chosen and not any(kit.pk == chosen for kit in shown.kits_of(opened.drive_day)):
        raise Http404
    request.session[_kit_key(opened)] = str(chosen) if chosen else ""
    return redirect("drives:console", drive_day_id)


@require_POST
@requires(*ON_SITE)
def outcome(request: HttpRequest, drive_day_id: UUID, visit_id: UUID) -> HttpResponse:
    now = timezone.now()
    opened = open_console(signed_in(request), drive_day_id, now=now)
    visit = _visit(opened, visit_id)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _refused(request, opened, visit, _("This form is incomplete. Open the person again."), now=now)
    kind, reason = form.kind_and_reason()
    event_id = form.cleaned_data["event_id"]
    try:
        visit = record_event(
            event_id=event_id,
            visit=visit,
            kind=kind,
            reason=reason,
            # Nobody is absent at a station, and a phone is activated beside it.
            kit=_kit(request, opened) if kind != Kind.ABSENT and kind not in OF_IKD else None,
            by=signed_in(request),
            now=now,
            happened_at=opened.moment_of_past(),
        )
    except ValidationError as error:
        return _refused(request, opened, visit, " ".join(error.messages), now=now)
    stays = kind == Kind.ARRIVED or _goes_on(request, opened, visit, now=now)
    if not _is_htmx(request):
        return redirect(_address(opened, visit if stays else None))
    return _said(request, opened, visit, event_id=event_id, kind=kind, now=now, keeps_card=stays)


@require_POST
@requires(*ON_SITE)
def undo_outcome(request: HttpRequest, drive_day_id: UUID, visit_id: UUID) -> HttpResponse:
    now = timezone.now()
    opened = open_console(signed_in(request), drive_day_id, now=now)
    visit = _visit(opened, visit_id)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _refused(request, opened, visit, _("This form is incomplete. Open the person again."), now=now)
    data = form.cleaned_data
    try:
        visit = undo(
            event_id=data["event_id"],
            target=data["target"],
            visit=visit,
            by=signed_in(request),
            now=now,
            happened_at=opened.moment_of_past(),
        )
    except ValidationError as error:
        return _refused(request, opened, visit, " ".join(error.messages), now=now)
    if not _is_htmx(request):
        return redirect(_address(opened, visit))
    return _said(request, opened, visit, event_id=None, kind="", now=now, keeps_card=True)


@require_http_methods(["GET", "POST"])
@requires(*ON_SITE)
def walk_in(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """A guest at the door, in one short form."""
    now = timezone.now()
    opened = open_console(signed_in(request), drive_day_id, now=now)
    form = _guest_form(request, opened)
    if request.method == "POST" and form.is_valid():
        try:
            guest = add_walk_in(
                event_id=form.cleaned_data["event_id"],
                drive_day=opened.drive_day,
                guest=form.guest(),
                by=signed_in(request),
                now=now,
                kit=_kit(request, opened),
                is_lead=opened.is_lead,
                overrule=form.cleaned_data.get("overrule", ""),
                happened_at=opened.moment_of_past(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if guest.is_known:
                known = _("The NIK is known; recording is needed.")
                messages.info(request, known if guest.needs_recording else _("The NIK is known; no recording is needed."))
            return redirect(_address(opened, guest.visit))
    return _walk_in_page(request, opened, form, now=now)


@require_POST
@requires(*ON_SITE)
def walk_in_check(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """Is this guest known, and to be recorded? Asked before anything is saved; the NIK stands in no address."""
    now = timezone.now()
    opened = open_console(signed_in(request), drive_day_id, now=now)
    asked = LookUpForm(request.POST)
    context: dict[str, Any] = {}
    if asked.is_valid():
        try:
            context["known"] = look_up(drive_day=opened.drive_day, **asked.cleaned_data, by=signed_in(request), now=now)
        except ValidationError as error:
            context["problem"] = " ".join(error.messages)
    else:
        context["problem"] = _("To look up a NIK the name, the birth date and the NIK are needed.")
    if _is_htmx(request):
        return TemplateResponse(request, "drives/onsite/_known.html", context)
    return _walk_in_page(request, opened, _guest_form(request, opened, is_sent=False), now=now, **context)


def _guest_form(request: HttpRequest, opened: Console, *, is_sent: bool = True) -> WalkInForm:
    """As it was sent; not `is_sent`, as it was filled in so far."""
    initial: dict[str, Any] = {"kind": request.GET.get("kind", Visit.Kind.TEACHER)}
    if not is_sent:
        initial = {name: value for name, value in request.POST.items() if name in WalkInForm.base_fields}
    return WalkInForm(
        request.POST if request.method == "POST" and is_sent else None,
        initial=initial,
        asks_consent=Office.objects.filter(consent_required=True).exists(),
        offers_ikd=opened.drive_day.drive.ikd_minimum_age is not None,
        may_overrule=opened.is_lead,
    )


def _walk_in_page(request: HttpRequest, opened: Console, form: WalkInForm, *, now: datetime, **more: Any) -> TemplateResponse:
    room = Room() if opened.moment_of_past() else room_at(opened.drive_day, now=now)
    context = {
        "console": opened,
        "form": form,
        "choices": [form["kind"], form["service"]],
        "consent": form["consent_from"] if "consent_from" in form.fields else None,
        "full": full_sentence(room) if room.is_full else "",
        "overrule": form["overrule"] if room.is_full and opened.is_lead else None,
    }
    return TemplateResponse(request, "drives/onsite/walk_in.html", context | more, status=422 if form.errors else 200)


def _console_page(request: HttpRequest, opened: Console, *, now: datetime, **more: Any) -> TemplateResponse:
    drive_day = opened.drive_day
    figures = shown.figures_of(drive_day)
    kits = shown.kits_of(drive_day)
    context = {
        "console": opened,
        "figures": figures,
        "waiting_minutes": figures.waiting_minutes(now),
        "waiting": shown.waiting_line(drive_day, now=now),
        "slot": shown.slot_list(drive_day, now=now, slot_id=_uuid(request.GET.get("slot", ""))),
        "kits": kits,
        "kit": _kit_among(request, opened, kits),
        "undoable": shown.undoable_of(drive_day.drive, by=signed_in(request), now=now),
        "is_closed": DayClose.objects.filter(drive_day=drive_day).exists(),
        "conflict_count": Visit.objects.filter(drive=drive_day.drive_id).to_decide().count() if opened.is_lead else 0,
    }
    return TemplateResponse(request, "drives/onsite/console.html", context | more)


def _card_context(request: HttpRequest, opened: Console, visit: Visit, *, now: datetime) -> dict[str, Any]:
    return {
        "console": opened,
        "card": shown.show(visit, drive_day=opened.drive_day, kit=_kit(request, opened), now=now),
        "form": OutcomeForm(),
        "failed_because": FAILED_BECAUSE,
        "absent_because": ABSENT_BECAUSE,
        "ikd_failed_because": IKD_FAILED_BECAUSE,
        "said_last": _said_by_another(request, visit, now=now),
    }


def _said_by_another(request: HttpRequest, visit: Visit, *, now: datetime) -> shown.Undoable | None:
    """What somebody else on site said of this person a moment ago; one's own words stand in the bar below."""
    found = shown.undoable_on(visit, now=now)
    return found if found and found.event.operator_id != signed_in(request).pk else None


def _goes_on(request: HttpRequest, opened: Console, visit: Visit, *, now: datetime) -> bool:
    """After the first outcome the second one is asked about, where the drive offers it."""
    if opened.drive_day.drive.ikd_minimum_age is None or visit.state not in SETTLED:
        return False
    return shown.show(_visit(opened, visit.pk), drive_day=opened.drive_day, kit=None, now=now).activates


def _said(
    request: HttpRequest, opened: Console, visit: Visit, *, event_id: UUID | None, kind: str, now: datetime, keeps_card: bool
) -> TemplateResponse:
    """The answer to a tap: what changed on the page, and nothing else."""
    figures, due = shown.figures_of(opened.drive_day), shown.due_on(opened.drive_day, visit)
    context = {
        "console": opened,
        "figures": figures,
        "waiting_minutes": figures.waiting_minutes(now),
        "waiting": shown.waiting_line(opened.drive_day, now=now),
        "line": shown.Line(visit, chip_of(visit), "", is_extra=bool(due and due.places > 1)),
        "count": shown.slot_count(due, day=opened.drive_day.day) if due else None,
        "undoable": None,
    }
    if event_id:
        event = VisitEvent(pk=event_id, kind=kind, visit=visit, received_at=now)
        context["undoable"] = shown.Undoable(event, UNDO_SECONDS)
    if keeps_card:
        # Read anew: whether the person needs recording is kept by triggers.
        context |= _card_context(request, opened, _visit(opened, visit.pk), now=now)
    return TemplateResponse(request, "drives/onsite/_said.html", context)


def _refused(request: HttpRequest, opened: Console, visit: Visit, sentence: str, *, now: datetime) -> HttpResponse:
    if not _is_htmx(request):
        messages.error(request, sentence)
        return redirect(_address(opened, visit))
    visit = _visit(opened, visit.pk)
    context = _card_context(request, opened, visit, now=now) | {"problem": sentence}
    return TemplateResponse(request, "drives/onsite/_result.html", context, status=422)


def _visit(opened: Console, visit_id: UUID) -> Visit:
    visit = shown.visits_with_rules(opened.drive_day).filter(pk=visit_id).first()
    if visit is None:
        raise Http404
    return visit


def _address(opened: Console, visit: Visit | None) -> str:
    page = reverse("drives:console", args=[opened.drive_day.pk])
    return f"{page}?visit={visit.pk}" if visit else page


def _kit_key(opened: Console) -> str:
    return f"kit:{opened.drive_day.pk}"


def _kit(request: HttpRequest, opened: Console) -> Kit | None:
    return _kit_among(request, opened, shown.kits_of(opened.drive_day))


def _kit_among(request: HttpRequest, opened: Console, kits: list[Kit]) -> Kit | None:
    """The chosen one; where there is only one, that one."""
    if len(kits) == 1:
        return kits[0]
    chosen = _uuid(request.session.get(_kit_key(opened), ""))
    return next((kit for kit in kits if kit.pk == chosen), None)


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

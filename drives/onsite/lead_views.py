"""What a lead operator does: decide, correct with a reason, close the day."""

from datetime import datetime, tzinfo
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from drives.models import Correction, DayClose, DriveDay, Kit, Visit, VisitEvent
from drives.onsite.actions import correct
from drives.onsite.day_close import close_day, kit_counts_of, kits_on_duty, tally_of, unfinished_of
from drives.onsite.fold import State
from drives.onsite.forms import CorrectionForm, DayCloseForm
from drives.onsite.labels import REASONS, STATES, chip_of, doubts_of, event_label
from drives.onsite.moments import heard_at
from drives.onsite.paper import HERE_ALONE
from drives.onsite.rules import Kind
from drives.onsite.scope import ON_SITE, Console, open_console
from schools.access import requires, signed_in

IN_TALLY: Final = STATES | {State.PRESENT: HERE_ALONE}


@require_http_methods(["GET", "POST"])
@requires(*ON_SITE)
def correct_visit(request: HttpRequest, drive_day_id: UUID, visit_id: UUID) -> HttpResponse:
    now = timezone.now()
    opened = _as_lead(request, drive_day_id)
    visits = Visit.objects.filter(drive=opened.drive_day.drive_id).select_related("person", "drive__office")
    visit = visits.filter(pk=visit_id).first()
    if visit is None:
        raise Http404
    events = list(visit.events.select_related("operator", "kit").order_by("received_at", "pk"))
    kits = kits_on_duty(opened.drive_day)
    form = CorrectionForm(request.POST if request.method == "POST" else None, visit=visit, kits=kits, kit=_kit_of(events, kits))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            correct(
                event_id=data["event_id"],
                visit=visit,
                kind=data["kind"],
                note=data["note"],
                by=signed_in(request),
                now=now,
                kit=form.chosen_kit(),
                happened_at=_moment_of(visit, opened),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)s: corrected.") % {"name": visit.person.name})
            return redirect("drives:conflict_list" if visit.has_conflict or visit.doubts else "drives:console", drive_day_id)
    context = {
        "console": opened,
        "visit": visit,
        "chip": chip_of(visit),
        "doubts": doubts_of(visit),
        "form": form,
        "story": [_told(event, opened.drive_day.office.zone) for event in events],
    }
    return TemplateResponse(request, "drives/onsite/visit_correct.html", context, status=422 if form.errors else 200)


@require_GET
@requires(*ON_SITE)
def conflict_list(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """Visits of which two sources say different things, or a tablet told what cannot be right; a lead decides."""
    opened = _as_lead(request, drive_day_id)
    events = VisitEvent.objects.select_related("operator", "kit").order_by("received_at", "pk")
    conflicts = Visit.objects.filter(drive=opened.drive_day.drive_id).to_decide()
    visits = conflicts.select_related("person").prefetch_related(Prefetch("events", events)).order_by("person__search_name", "pk")
    zone = opened.drive_day.office.zone
    rows = [
        (visit, chip_of(visit), doubts_of(visit), [_told(event, zone) for event in visit.events.all()]) for visit in visits[:200]
    ]
    return TemplateResponse(request, "drives/onsite/conflict_list.html", {"console": opened, "rows": rows})


@require_http_methods(["GET", "POST"])
@requires(*ON_SITE)
def close(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """The evening's count: ours against each kit's own."""
    now = timezone.now()
    opened = _as_lead(request, drive_day_id)
    drive_day = opened.drive_day
    closed = DayClose.objects.filter(drive_day=drive_day).select_related("closed_by").first()
    counted = kit_counts_of(drive_day)
    form = DayCloseForm(
        request.POST if request.method == "POST" else None,
        kits=kits_on_duty(drive_day),
        initial={"signed_by_name": signed_in(request).name},
    )
    if request.method == "POST" and closed is None and form.is_valid():
        try:
            close_day(
                drive_day=drive_day,
                reports=form.reports(),
                signed_by_name=form.cleaned_data["signed_by_name"],
                unassigned_reason=form.cleaned_data["unassigned_reason"],
                knows_what_is_open=form.cleaned_data["knows_what_is_open"],
                by=signed_in(request),
                now=now,
            )
        except ValidationError as error:
            for problem in error.error_list:
                form.add_error(form.field_of(problem), problem)
        else:
            messages.success(request, _("The day is closed."))
            return redirect("drives:day_close", drive_day_id)
    tally = closed.tally if closed else tally_of(drive_day)
    unfinished = None if closed else unfinished_of(drive_day, now=now)
    context = {
        "console": opened,
        "closed": closed,
        "tally": [(label, tally[state]) for state, label in IN_TALLY.items() if tally.get(state)],
        "unfinished": unfinished,
        "unseen_count": unfinished.unseen if unfinished else tally.get("unseen", 0),
        "elsewhen": [tally.get("settled_before", 0), tally.get("unscheduled", 0)],
        "left_open": [tally.get("open_incidents", 0), tally.get("unsent", 0)] if closed else [],
        "ikd": [tally.get(Kind.IKD_ACTIVATED, 0), tally.get(Kind.IKD_FAILED, 0)],
        "walk_in_count": tally.get("walk_ins", 0),
        "walk_ins_recorded": tally.get("walk_ins_recorded", 0),
        "conflict_count": unfinished.conflicts if unfinished else tally.get("conflicts", 0),
        "rows": [(*row, counted.get(row[0].pk, 0)) for row in form.rows()],
        "unassigned_count": counted.get(None, 0),
        "form": form,
        "corrections": _corrections_of(drive_day) if closed else [],
    }
    return TemplateResponse(request, "drives/onsite/day_close.html", context, status=422 if form.errors else 200)


def _kit_of(events: list[VisitEvent], kits: list[Kit]) -> Kit | None:
    """Where the person sat last, as far as it was said."""
    return next((event.kit for event in reversed(events) if event.kit in kits), None)


def _moment_of(visit: Visit, opened: Console) -> datetime | None:
    """A decision is about what stands, and so of its day, from whichever day's console it is made; None for now."""
    if visit.state_on is None:
        return opened.moment_of_past()
    return None if visit.state_on == opened.today else visit.state_at


def _as_lead(request: HttpRequest, drive_day_id: UUID) -> Console:
    opened = open_console(signed_in(request), drive_day_id, now=timezone.now())
    if not opened.is_lead:
        raise Http404
    return opened


def _corrections_of(drive_day: DriveDay) -> list[tuple[Correction, dict[str, object]]]:
    """What came after the close, with what was said, by whom and why."""
    events = ("event__visit__person", "event__operator", "event__kit")
    found = Correction.objects.filter(drive_day=drive_day).select_related(*events)
    return [(one, _told(one.event, drive_day.office.zone)) for one in found.order_by("noted_on", "event__received_at", "pk")]


def _told(event: VisitEvent, zone: tzinfo) -> dict[str, object]:
    """One line of a visit's story."""
    return {
        "label": event_label(event.kind),
        "reason": REASONS.get(event.reason, ""),
        "at": heard_at(event, zone),
        "by": event.operator,
        "kit": event.kit,
        "note": event.note,
    }

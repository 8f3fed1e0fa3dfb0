"""The last look before a schedule goes out, and the way to call it off."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from drives.models import Drive
from drives.notices.actions import statement
from drives.planning.board import board_of
from drives.publishing import actions
from schools.access import requires, signed_in
from schools.models import Role


def _planned(request: HttpRequest, drive_id: UUID) -> Drive:
    drives = Drive.objects.plannable_by(signed_in(request)).select_related("school", "office")
    return get_object_or_404(drives, pk=drive_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_publish(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """What is sent to whom, before anything is; for a published schedule, what a change would send."""
    drive, now = _planned(request, drive_id), timezone.now()
    if not drive.is_open_to_change:
        return redirect("drives:slot_board", drive.pk)
    if request.method == "POST":
        return _publish(request, drive)
    context = {
        "drive": drive,
        "board": board_of(drive, wanted=None, by=None, now=now),
        "statement": statement(drive, now=now),
        "is_draft": drive.status == Drive.Status.DRAFT,
        "has_changes": actions.has_unannounced_changes(drive),
    }
    return TemplateResponse(request, "drives/publishing/drive_publish.html", context)


def _publish(request: HttpRequest, drive: Drive) -> HttpResponse:
    by, now = signed_in(request), timezone.now()
    if drive.status == Drive.Status.DRAFT:
        done = _try(request, lambda: actions.publish(drive=drive, by=by, now=now))
        sentence = _("The schedule is published. The school sees it now, and its notices are on their way.")
    else:
        done = _try(request, lambda: actions.announce_changes(drive=drive, by=by, now=now))
        sentence = _("The changed schedule is on its way to the school and the homeroom teachers.")
    if done:
        messages.success(request, sentence)
    return redirect("drives:slot_board", drive.pk)


@require_POST
@requires(Role.PLANNER)
def drive_withdraw(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    drive, by, now = _planned(request, drive_id), signed_in(request), timezone.now()
    if _try(request, lambda: actions.withdraw(drive=drive, by=by, now=now)):
        messages.success(request, _("The schedule is a draft again. Only planners see it."))
    return redirect("drives:slot_board", drive.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_cancel(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """Asks for the reason, which the school reads."""
    drive, by, now = _planned(request, drive_id), signed_in(request), timezone.now()
    if not drive.is_open_to_change:
        return redirect("drives:slot_board", drive.pk)
    reason, refused = request.POST.get("reason", "").replace("\x00", "")[:200], ""
    if request.method == "POST":
        try:
            actions.cancel(drive=drive, reason=reason, by=by, now=now)
        except ValidationError as refusal:
            refused = refusal.messages[0]
        else:
            messages.success(request, _("The drive is cancelled. Its kits and places are free."))
            return redirect("drives:slot_board", drive.pk)
    context = {
        "drive": drive,
        "board": board_of(drive, wanted=None, by=None, now=now),
        "reason": reason,
        "refused": refused,
        "is_draft": drive.status == Drive.Status.DRAFT,
    }
    return TemplateResponse(request, "drives/publishing/drive_cancel.html", context, status=422 if refused else 200)


def _try(request: HttpRequest, act: Callable[[], object]) -> object:
    """What the action gives, or nothing after its refusal was said."""
    try:
        return act()
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return None

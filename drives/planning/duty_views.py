"""Which operators are on duty at a drive."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from drives.models import Drive, DriveDay
from drives.planning import actions
from drives.planning.named import uuid_of
from schools.access import requires, signed_in
from schools.models import Role


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_operators(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """Who is on duty on which day: a table of names and days, with a box in each cell."""
    user, now = signed_in(request), timezone.now()
    drive = get_object_or_404(Drive.objects.plannable_by(user).select_related("school", "office__parent"), pk=drive_id)
    days = list(drive.days.prefetch_related("operator_duties").order_by("day"))
    if request.method == "POST":
        wanted = {each.pk: {found for text in request.POST.getlist(f"on_{each.pk}") if (found := uuid_of(text))} for each in days}
        try:
            actions.set_operators(drive=drive, on_duty=wanted, by=user, now=now)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, _("The operators on duty are saved."))
            return redirect("drives:slot_board", drive.pk)
    context = {"drive": drive, "days": days, "operators": _operators(drive, days, now=now)}
    return TemplateResponse(request, "drives/planning/drive_operators.html", context)


@dataclass(frozen=True, slots=True)
class OperatorLine:
    user_id: UUID
    name: str
    is_lead: bool
    cells: tuple[tuple[DriveDay, bool], ...]


def _operators(drive: Drive, days: list[DriveDay], *, now: datetime) -> list[OperatorLine]:
    on_duty = {(day.pk, duty.user_id) for day in days for duty in day.operator_duties.all()}
    lines: dict[UUID, OperatorLine] = {}
    for grant in actions.operators_of(drive.office, day=now):
        is_lead = grant.role == Role.LEAD_OPERATOR or (grant.user_id in lines and lines[grant.user_id].is_lead)
        cells = tuple((day, (day.pk, grant.user_id) in on_duty) for day in days)
        lines[grant.user_id] = OperatorLine(grant.user_id, grant.user.name, is_lead, cells)
    return list(lines.values())

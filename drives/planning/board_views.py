"""The slot board, and what is done with it as a whole: assigning, undoing, another kit; all of it without a script."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from drives.models import Drive, PlanningStep
from drives.planning import actions
from drives.planning.board import ClassLine, board_of, class_line, class_lines, left_over_sentence
from drives.planning.confirming import confirm
from drives.planning.doubts import places_in_doubt
from drives.planning.facts import class_names
from drives.planning.late import hops_back
from drives.planning.named import READERS, board_url, date_of, planned_drive, seen_drive, try_to, uuid_of
from drives.planning.outages import broken_at
from drives.planning.printed import Stale, stale_prints
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, Role, User
from schools.templatetags.house import figure
from students.models import Person


@require_safe
@requires(*READERS)
def slot_board(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """For planners the board with all its handles; a school and a lead operator read the schedule."""
    user, now = signed_in(request), timezone.now()
    drive = seen_drive(request, drive_id)
    can_plan = drive.office_id in user.office_ids([Role.PLANNER])
    board = board_of(drive, wanted=date_of(request.GET.get("day", "")), by=user if can_plan else None, now=now)
    context = {
        "drive": drive,
        "board": board,
        "can_plan": can_plan,
        "can_change": can_plan and drive.is_open_to_change,
        "is_draft": drive.status == Drive.Status.DRAFT,
        "is_school": not user.has_role(*PERSON_ROLES),
        "lines": [] if user.has_role(*PERSON_ROLES) else class_lines(drive),
        "broken": broken_at(drive, now=now) if can_plan and drive.is_open_to_change else [],
        "stale": stale_prints(drive) if can_plan else Stale(),
        "in_doubt": places_in_doubt(drive, now=now) if can_plan and drive.school and drive.is_open_to_change else [],
    }
    return TemplateResponse(request, "drives/planning/slot_board.html", context)


# Assigning


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_assign(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """Who would come when, if the chosen classes (or all who wait) were given places now; and the giving."""
    user, now = signed_in(request), timezone.now()
    drive = planned_drive(request, drive_id)
    asked = request.POST if request.method == "POST" else request.GET
    classes = [each for each in asked.getlist("class") if each == "" or uuid_of(each)] or None
    if request.method == "POST":
        return _assign(request, drive, classes, by=user, now=now)
    if not drive.is_open_to_change:
        return redirect(board_url(drive))
    placement = actions.preview_assignment(drive=drive, now=now, classes=classes)
    context = {
        "drive": drive,
        "placement": placement,
        "count": len(placement.new),
        "lines": _preview_lines(drive, placement),
        "left_over": _left_over_lines(placement),
        "classes": classes or [],
        "chosen_count": len(placement.candidates),
    }
    return TemplateResponse(request, "drives/planning/drive_assign.html", context)


def _assign(request: HttpRequest, drive: Drive, classes: list[str] | None, *, by: User, now: datetime) -> HttpResponse:
    seen = request.POST.get("board", "")
    placement = try_to(request, lambda: actions.assign_everybody(drive=drive, by=by, now=now, classes=classes, seen_board=seen))
    if placement is None:
        query = urlencode({"class": classes or []}, doseq=True)
        return redirect(f"{reverse('drives:drive_assign', args=[drive.pk])}?{query}")
    placed = len(placement.new)
    if placed:
        sentence = ngettext("%(count)s student has a place now.", "%(count)s students have a place now.", placed)
        messages.success(request, sentence % {"count": figure(placed)})
    else:
        messages.info(request, _("Nobody was left to place. The board is as it was."))
    return redirect(board_url(drive))


def _left_over_lines(placement: actions.Placement) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each reason as a sentence, with the names and classes of whom it concerns, the eldest first."""
    found: defaultdict[Any, list[UUID]] = defaultdict(list)
    for person, reason in placement.assignment.left_over:
        if isinstance(person, UUID) and person in placement.candidates:
            found[reason].append(person)
    people = [person for concerned in found.values() for person in concerned]
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
    groups = class_names({placement.candidates[person].class_id for person in people}) if people else {}
    return [
        (
            left_over_sentence(reason, len(concerned)),
            [(names[each], groups.get(placement.candidates[each].class_id, "")) for each in concerned],
        )
        for reason, concerned in sorted(found.items())
    ]


def _preview_lines(drive: Drive, placement: actions.Placement) -> list[ClassLine]:
    zone = drive.office.zone
    by_class = actions.classes_of(placement)
    names = class_names(by_class)
    lines = []
    for class_id, places in by_class.items():
        slots = sorted(((placement.timeslots[slot], count) for slot, count in places.items()), key=lambda pair: pair[0].starts_at)
        shown = [(slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone), count) for slot, count in slots]
        lines.append(class_line(names.get(class_id, _("Without a class")), shown))
    return sorted(lines, key=lambda line: (line.slots[0][0], line.name))


@require_POST
@requires(Role.PLANNER)
def drive_undo(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    drive = planned_drive(request, drive_id)
    step = uuid_of(request.POST.get("step", ""))
    user, now = signed_in(request), timezone.now()
    standing = PlanningStep.objects.filter(drive=drive, by=user, pk=step, undone_at=None).first() if step else None
    on = board_url(drive, date_of(request.POST.get("day", "")))
    if standing and (page := confirm(request, drive, hops_back(standing), back_url=on, minds_publication=False)):
        return page
    if step and try_to(request, lambda: actions.undo(drive=drive, step_id=step, by=user, now=now)):
        messages.success(request, _("The last step is undone."))
    return redirect(on)


@require_POST
@requires(Role.PLANNER)
def drive_kit(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """A free kit takes the duty of one that is out of service: fields `duty` and `kit`."""
    drive, user, now = planned_drive(request, drive_id), signed_in(request), timezone.now()
    duty, kit = uuid_of(request.POST.get("duty", "")), uuid_of(request.POST.get("kit", ""))
    if duty is None or kit is None:
        messages.error(request, _("Choose the kit that takes over."))
    elif try_to(request, lambda: actions.replace_kit(drive=drive, duty_id=duty, kit_id=kit, by=user, now=now)):
        messages.success(request, _("Another kit takes over. Places and hours stay as they are."))
    return redirect(board_url(drive))

"""The slot board, and what is done on it: assigning, moving, freeing, undoing. Each is a page or a POST without a script."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from drives.models import Appointment, Drive, Timeslot
from drives.planning import actions
from drives.planning.actions.refusals import hours_name
from drives.planning.board import ClassLine, board_of, class_line, class_lines, left_over_sentence
from drives.planning.doubts import doubtful, places_in_doubt
from drives.planning.facts import class_names, people_to_record
from drives.planning.late import late_for
from drives.planning.outages import broken_at
from drives.planning.plan import leap_rule_of, minimum_age
from drives.planning.printed import Stale, stale_prints
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, Role, User
from schools.templatetags.house import day, figure
from students.models import Person

READERS: Final = (*PERSON_ROLES, Role.SCHOOL_ADMIN)
MOST_WAITING: Final = 200
T = TypeVar("T")


def _drive(request: HttpRequest, drive_id: UUID) -> Drive:
    """One that this reader may see; what operators see of their days is the console's."""
    user = signed_in(request)
    seen = Q(office__in=user.office_ids(PERSON_ROLES)) | Q(school__in=user.school_ids())
    drives = Drive.objects.visible_to(user).filter(seen).select_related("school__district", "office")
    return get_object_or_404(drives, pk=drive_id)


def _planned(request: HttpRequest, drive_id: UUID) -> Drive:
    drives = Drive.objects.plannable_by(signed_in(request)).select_related("school__district", "office")
    return get_object_or_404(drives, pk=drive_id)


def _slot(drive: Drive, slot_id: UUID) -> Timeslot:
    return get_object_or_404(Timeslot.objects.filter(drive=drive).select_related("drive_day"), pk=slot_id)


def _board_url(drive: Drive, on: date | None = None) -> str:
    url = reverse("drives:slot_board", args=[drive.pk])
    return f"{url}?day={on.isoformat()}" if on else url


def _day_of(slot: Timeslot, drive: Drive) -> date:
    return slot.starts_at.astimezone(drive.office.zone).date()


@require_safe
@requires(*READERS)
def slot_board(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """For planners the board with all its handles; a school and a lead operator read the schedule."""
    user, now = signed_in(request), timezone.now()
    drive = _drive(request, drive_id)
    can_plan = drive.office_id in user.office_ids([Role.PLANNER])
    board = board_of(drive, wanted=_date(request.GET.get("day", "")), by=user if can_plan else None, now=now)
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
    drive = _planned(request, drive_id)
    asked = request.POST if request.method == "POST" else request.GET
    classes = [each for each in asked.getlist("class") if each == "" or _uuid(each)] or None
    if request.method == "POST":
        return _assign(request, drive, classes, by=user, now=now)
    if not drive.is_open_to_change:
        return redirect(_board_url(drive))
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
    placement = _try(request, lambda: actions.assign_everybody(drive=drive, by=by, now=now, classes=classes, seen_board=seen))
    if placement is None:
        query = urlencode({"class": classes or []}, doseq=True)
        return redirect(f"{reverse('drives:drive_assign', args=[drive.pk])}?{query}")
    placed = len(placement.new)
    if placed:
        sentence = ngettext("%(count)s student has a place now.", "%(count)s students have a place now.", placed)
        messages.success(request, sentence % {"count": figure(placed)})
    else:
        messages.info(request, _("Nobody was left to place. The board is as it was."))
    return redirect(_board_url(drive))


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
    drive = _planned(request, drive_id)
    step = _uuid(request.POST.get("step", ""))
    user, now = signed_in(request), timezone.now()
    if step and _try(request, lambda: actions.undo(drive=drive, step_id=step, by=user, now=now)):
        messages.success(request, _("The last step is undone."))
    return redirect(_board_url(drive, _date(request.POST.get("day", ""))))


@require_POST
@requires(Role.PLANNER)
def drive_kit(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """A free kit takes the duty of one that is out of service: fields `duty` and `kit`."""
    drive, user, now = _planned(request, drive_id), signed_in(request), timezone.now()
    duty, kit = _uuid(request.POST.get("duty", "")), _uuid(request.POST.get("kit", ""))
    if duty is None or kit is None:
        messages.error(request, _("Choose the kit that takes over."))
    elif _try(request, lambda: actions.replace_kit(drive=drive, duty_id=duty, kit_id=kit, by=user, now=now)):
        messages.success(request, _("Another kit takes over. Places and hours stay as they are."))
    return redirect(_board_url(drive))


# One timeslot


@dataclass(frozen=True, slots=True)
class Target:
    """A timeslot to move to, with its room."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    room: int
    taken: int


@require_safe
@requires(*READERS)
def timeslot_detail(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    """Who comes in this timeslot; for planners also the way to another one, or out."""
    now = timezone.now()
    drive = _drive(request, drive_id)
    slot = _slot(drive, slot_id)
    can_change = drive.office_id in signed_in(request).office_ids([Role.PLANNER]) and drive.is_open_to_change
    appointments = _seated(slot)
    targets = _targets(drive, slot, now=now) if can_change else []
    zone = drive.office.zone
    context = {
        "drive": drive,
        "slot": slot,
        "starts_at": slot.starts_at.astimezone(zone),
        "ends_at": slot.ends_at.astimezone(zone),
        "appointments": appointments,
        "live_count": sum(not each.ending for each in appointments),
        "chosen_class": request.GET.get("class", ""),
        "can_change": can_change,
        "targets": targets,
        "swap_with": [each for each in targets if each.taken] if slot.starts_at > now else [],
        "waiting": _waiting_here(drive, slot, now=now) if can_change and slot.starts_at > now else [],
        "back_url": _board_url(drive, _day_of(slot, drive)),
    }
    return TemplateResponse(request, "drives/planning/timeslot_detail.html", context)


def _seated(slot: Timeslot) -> list[Appointment]:
    found = Appointment.objects.standing().filter(timeslot=slot).select_related("person", "class_group")
    return list(found.order_by("class_group__name", "person__search_name", "pk"))


def _targets(drive: Drive, slot: Timeslot, *, now: datetime) -> list[Target]:
    zone = drive.office.zone
    others = Timeslot.objects.filter(drive=drive, starts_at__gt=now).exclude(pk=slot.pk).order_by("starts_at", "pk")
    return [
        Target(each.pk, each.starts_at.astimezone(zone), each.ends_at.astimezone(zone), each.places_left, each.places_taken)
        for each in others
    ]


def _waiting_here(drive: Drive, slot: Timeslot, *, now: datetime) -> list[Person]:
    """Who waits and is old enough that day; none where the timeslot is full."""
    if slot.is_full or drive.school is None:
        return []
    people = people_to_record(school=drive.school, grades=drive.grades, now=now, drive=drive)
    eligible = people.eligible(
        _day_of(slot, drive), minimum_age=minimum_age(drive.minimum_age_months), leap_rule=leap_rule_of(drive)
    )
    found: QuerySet[Person] = Person.objects.filter(pk__in=[each.id for each in eligible])
    return list(found.order_by("search_name", "pk")[:MOST_WAITING])


@require_POST
@requires(Role.PLANNER)
def timeslot_move(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    """People of this timeslot (chosen one by one, or a class as a whole) to another one."""
    drive = _planned(request, drive_id)
    slot = _slot(drive, slot_id)
    wanted = _uuid(request.POST.get("to", ""))
    to = Timeslot.objects.filter(drive=drive, pk=wanted).first() if wanted else None
    if to is None:
        messages.error(request, _("Choose the timeslot to move to."))
        return redirect(_detail_url(drive, slot))
    chosen, user, now = _chosen(request, slot), signed_in(request), timezone.now()
    if page := _confirm_if_late(request, drive, slot, chosen, to=to):
        return page
    moved = _try(request, lambda: actions.move_many(drive=drive, appointments=chosen, to=to, by=user, now=now))
    if moved is None:
        return redirect(_back(request, drive, slot))
    zone = drive.office.zone
    sentence = ngettext(
        "%(count)s student comes on %(day)s, %(hours)s now.", "%(count)s students come on %(day)s, %(hours)s now.", len(moved)
    )
    hours = hours_name(to.starts_at.astimezone(zone), to.ends_at.astimezone(zone))
    messages.success(request, sentence % {"count": figure(len(moved)), "day": day(_day_of(to, drive)), "hours": hours})
    return redirect(_board_url(drive, _date(request.POST.get("day", "")) or _day_of(slot, drive)))


@require_POST
@requires(Role.PLANNER)
def timeslot_free(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    drive = _planned(request, drive_id)
    slot = _slot(drive, slot_id)
    chosen, user, now = _chosen(request, slot), signed_in(request), timezone.now()
    if page := _confirm_if_late(request, drive, slot, chosen):
        return page
    freed = _try(request, lambda: actions.free_places(drive=drive, appointments=chosen, by=user, now=now))
    if freed is None:
        return redirect(_detail_url(drive, slot))
    sentence = ngettext("%(count)s place is free again.", "%(count)s places are free again.", freed)
    messages.success(request, sentence % {"count": figure(freed)})
    return redirect(_board_url(drive, _day_of(slot, drive)))


@require_POST
@requires(Role.PLANNER)
def timeslot_place(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    """People who wait, into this very timeslot."""
    drive = _planned(request, drive_id)
    slot = _slot(drive, slot_id)
    people = [found for text in request.POST.getlist("person") if (found := _uuid(text))]
    user, now = signed_in(request), timezone.now()
    placed = _try(request, lambda: actions.place_people(drive=drive, people=people, to=slot, by=user, now=now))
    if placed is not None:
        sentence = ngettext("%(count)s student has a place now.", "%(count)s students have a place now.", len(people))
        messages.success(request, sentence % {"count": figure(len(people))})
    return redirect(_detail_url(drive, slot))


def _confirm_if_late(
    request: HttpRequest, drive: Drive, slot: Timeslot, chosen: Sequence[UUID], *, to: Timeslot | None = None
) -> HttpResponse | None:
    """The page that asks once more where people know their time already; None where nobody does, or the answer was yes."""
    if "confirmed" in request.POST:
        return None
    if to is None and chosen and doubtful(now=timezone.now()).filter(pk__in=chosen).count() == len(set(chosen)):
        return None  # Who has left the school, or lacks the consent, was asked about already.
    late = late_for(drive, chosen)
    if not late.is_late or not late.people:
        return None
    zone = drive.office.zone
    answers = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    context = {
        "drive": drive,
        "slot": slot,
        "late": late,
        "answers": answers,
        "action": request.path,
        "starts_at": slot.starts_at.astimezone(zone),
        "ends_at": slot.ends_at.astimezone(zone),
        "to_starts_at": to.starts_at.astimezone(zone) if to else None,
        "back_url": _back(request, drive, slot),
    }
    return TemplateResponse(request, "drives/planning/timeslot_confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def timeslot_swap(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    """People of this timeslot and of another one (`with`) side by side, to take each other's hour."""
    user, now = signed_in(request), timezone.now()
    drive = _planned(request, drive_id)
    slot = _slot(drive, slot_id)
    asked = request.POST if request.method == "POST" else request.GET
    wanted = _uuid(asked.get("with", ""))
    other = Timeslot.objects.filter(drive=drive, pk=wanted).exclude(pk=slot.pk).first() if wanted else None
    if other is None or not drive.is_open_to_change:
        messages.error(request, _("Choose the timeslot to swap with."))
        return redirect(_detail_url(drive, slot))
    here, there = _ids(asked.getlist("appointment")), _ids(asked.getlist("there"))
    if request.method == "POST":
        if page := _confirm_if_late(request, drive, slot, [*here, *there], to=other):
            return page
        swapped = _try(request, lambda: actions.swap_places(drive=drive, here=here, there=there, by=user, now=now))
        if swapped is not None:
            messages.success(request, _("They have taken each other's hour."))
            return redirect(_board_url(drive, _day_of(slot, drive)))
    zone = drive.office.zone
    context = {
        "drive": drive,
        "slot": slot,
        "other": other,
        "sides": [
            ("appointment", slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone), _seated(slot), set(here)),
            ("there", other.starts_at.astimezone(zone), other.ends_at.astimezone(zone), _seated(other), set(there)),
        ],
    }
    return TemplateResponse(request, "drives/planning/timeslot_swap.html", context)


@require_POST
@requires(Role.PLANNER)
def timeslot_pin(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    """Pin those who are chosen (`pin=1`), or let them go."""
    drive = _planned(request, drive_id)
    slot = _slot(drive, slot_id)
    chosen, user, now = _chosen(request, slot), signed_in(request), timezone.now()
    is_pinned = request.POST.get("pin") == "1"
    done = _try(request, lambda: actions.set_pins(drive=drive, appointments=chosen, is_pinned=is_pinned, by=user, now=now))
    if done is not None:
        messages.success(request, _("They are pinned.") if is_pinned else _("They are no longer pinned."))
    return redirect(_detail_url(drive, slot))


def _ids(texts: list[str]) -> list[UUID]:
    return [found for text in texts if (found := _uuid(text))]


def _chosen(request: HttpRequest, slot: Timeslot) -> list[UUID]:
    """Appointments named one by one, else those of a class in this timeslot ("none" is who has no class)."""
    named = [found for text in request.POST.getlist("appointment") if (found := _uuid(text))]
    if named or "class" not in request.POST:
        return named
    group = _uuid(request.POST.get("class", ""))
    return list(Appointment.objects.live().filter(timeslot=slot, class_group=group).values_list("pk", flat=True))


def _detail_url(drive: Drive, slot: Timeslot) -> str:
    return reverse("drives:timeslot_detail", args=[drive.pk, slot.pk])


def _back(request: HttpRequest, drive: Drive, slot: Timeslot) -> str:
    """To where the wish came from: the board when a class was dragged, else the timeslot's own page."""
    on = _date(request.POST.get("day", ""))
    return _board_url(drive, on) if on else _detail_url(drive, slot)


def _try(request: HttpRequest, act: Callable[[], T]) -> T | None:
    """What the action gives, or None after its refusal was said."""
    try:
        return act()
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

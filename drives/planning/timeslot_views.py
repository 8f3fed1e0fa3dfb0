"""One timeslot of the board: who comes then, and the ways to another hour, or out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from drives.models import Appointment, Drive, Timeslot
from drives.planning import actions
from drives.planning.actions.refusals import hours_name
from drives.planning.confirming import confirm
from drives.planning.doubts import doubtful
from drives.planning.facts import people_to_record
from drives.planning.late import hops_in, hops_of
from drives.planning.named import (
    READERS,
    back_url,
    board_url,
    date_of,
    day_of,
    detail_url,
    planned_drive,
    seen_drive,
    slot_of,
    try_to,
    uuid_of,
    uuids_of,
)
from drives.planning.plan import leap_rule_of, minimum_age
from schools.access import requires, signed_in
from schools.models import Role
from schools.templatetags.house import day, figure
from students.models import Person

MOST_WAITING: Final = 200


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
    drive = seen_drive(request, drive_id)
    slot = slot_of(drive, slot_id)
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
        "back_url": board_url(drive, day_of(slot, drive)),
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
        day_of(slot, drive), minimum_age=minimum_age(drive.minimum_age_months), leap_rule=leap_rule_of(drive)
    )
    found: QuerySet[Person] = Person.objects.filter(pk__in=[each.id for each in eligible])
    return list(found.order_by("search_name", "pk")[:MOST_WAITING])


@require_POST
@requires(Role.PLANNER)
def timeslot_move(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    """People of this timeslot (chosen one by one, or a class as a whole) to another one."""
    drive = planned_drive(request, drive_id)
    slot = slot_of(drive, slot_id)
    wanted = uuid_of(request.POST.get("to", ""))
    to = Timeslot.objects.filter(drive=drive, pk=wanted).first() if wanted else None
    if to is None:
        messages.error(request, _("Choose the timeslot to move to."))
        return redirect(detail_url(drive, slot))
    chosen, user, now = _chosen(request, slot), signed_in(request), timezone.now()
    if page := confirm(request, drive, hops_of(drive, chosen, to=to), back_url=back_url(request, drive, slot)):
        return page
    moved = try_to(request, lambda: actions.move_many(drive=drive, appointments=chosen, to=to, by=user, now=now))
    if moved is None:
        return redirect(back_url(request, drive, slot))
    zone = drive.office.zone
    sentence = ngettext(
        "%(count)s student comes on %(day)s, %(hours)s now.", "%(count)s students come on %(day)s, %(hours)s now.", len(moved)
    )
    hours = hours_name(to.starts_at.astimezone(zone), to.ends_at.astimezone(zone))
    messages.success(request, sentence % {"count": figure(len(moved)), "day": day(day_of(to, drive)), "hours": hours})
    return redirect(board_url(drive, date_of(request.POST.get("day", "")) or day_of(slot, drive)))


@require_POST
@requires(Role.PLANNER)
def timeslot_free(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    drive = planned_drive(request, drive_id)
    slot = slot_of(drive, slot_id)
    chosen, user, now = _chosen(request, slot), signed_in(request), timezone.now()
    if not _is_asked_already(chosen, now=now) and (
        page := confirm(request, drive, hops_of(drive, chosen, to=None), back_url=back_url(request, drive, slot))
    ):
        return page
    freed = try_to(request, lambda: actions.free_places(drive=drive, appointments=chosen, by=user, now=now))
    if freed is None:
        return redirect(detail_url(drive, slot))
    sentence = ngettext("%(count)s place is free again.", "%(count)s places are free again.", freed)
    messages.success(request, sentence % {"count": figure(freed)})
    return redirect(board_url(drive, day_of(slot, drive)))


@require_POST
@requires(Role.PLANNER)
def timeslot_place(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    """People who wait, into this very timeslot."""
    drive = planned_drive(request, drive_id)
    slot = slot_of(drive, slot_id)
    people = uuids_of(request.POST.getlist("person"))
    user, now = signed_in(request), timezone.now()
    hops = hops_in(drive, people, to=slot)
    if page := confirm(request, drive, hops, back_url=detail_url(drive, slot), minds_publication=False):
        return page
    placed = try_to(request, lambda: actions.place_people(drive=drive, people=people, to=slot, by=user, now=now))
    if placed is not None:
        sentence = ngettext("%(count)s student has a place now.", "%(count)s students have a place now.", len(people))
        messages.success(request, sentence % {"count": figure(len(people))})
    return redirect(detail_url(drive, slot))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def timeslot_swap(request: HttpRequest, drive_id: UUID, slot_id: UUID) -> HttpResponse:
    """People of this timeslot and of another one (`with`) side by side, to take each other's hour."""
    user, now = signed_in(request), timezone.now()
    drive = planned_drive(request, drive_id)
    slot = slot_of(drive, slot_id)
    asked = request.POST if request.method == "POST" else request.GET
    wanted = uuid_of(asked.get("with", ""))
    other = Timeslot.objects.filter(drive=drive, pk=wanted).exclude(pk=slot.pk).first() if wanted else None
    if other is None or not drive.is_open_to_change:
        messages.error(request, _("Choose the timeslot to swap with."))
        return redirect(detail_url(drive, slot))
    here, there = uuids_of(asked.getlist("appointment")), uuids_of(asked.getlist("there"))
    if request.method == "POST":
        hops = [*hops_of(drive, here, to=other), *hops_of(drive, there, to=slot)]
        if page := confirm(request, drive, hops, back_url=detail_url(drive, slot)):
            return page
        swapped = try_to(request, lambda: actions.swap_places(drive=drive, here=here, there=there, by=user, now=now))
        if swapped is not None:
            messages.success(request, _("They have taken each other's hour."))
            return redirect(board_url(drive, day_of(slot, drive)))
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
    drive = planned_drive(request, drive_id)
    slot = slot_of(drive, slot_id)
    chosen, user, now = _chosen(request, slot), signed_in(request), timezone.now()
    is_pinned = request.POST.get("pin") == "1"
    done = try_to(request, lambda: actions.set_pins(drive=drive, appointments=chosen, is_pinned=is_pinned, by=user, now=now))
    if done is not None:
        messages.success(request, _("They are pinned.") if is_pinned else _("They are no longer pinned."))
    return redirect(detail_url(drive, slot))


def _chosen(request: HttpRequest, slot: Timeslot) -> list[UUID]:
    """Appointments named one by one, else those of a class in this timeslot ("none" is who has no class)."""
    named = uuids_of(request.POST.getlist("appointment"))
    if named or "class" not in request.POST:
        return named
    group = uuid_of(request.POST.get("class", ""))
    return list(Appointment.objects.live().filter(timeslot=slot, class_group=group).values_list("pk", flat=True))


def _is_asked_already(chosen: Sequence[UUID], *, now: datetime) -> bool:
    """Who has left the school, or lacks the consent, was asked about on the board."""
    return bool(chosen) and doubtful(now=now).filter(pk__in=chosen).count() == len(set(chosen))

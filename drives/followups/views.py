"""Susulan: the choice after a day is closed, the list of who waits, the draft of a make-up drive."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from drives.followups.actions import offer, prepare_make_up, waiting_for_make_up
from drives.followups.forms import MakeUpForm
from drives.followups.labels import WAYS
from drives.followups.people import candidates, missed_days, room_in, slots_ahead, still_waiting
from drives.models import Appointment, DayClose, Drive, DriveDay, FollowUp
from drives.onsite.console import classes_of
from drives.onsite.labels import chip_of
from drives.onsite.scope import is_lead_of
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, Role, School, User
from schools.zones import show_in_zone_of

OF_OFFICE = (Role.PLANNER, Role.LEAD_OPERATOR)
MOST_ROWS = 500


@require_GET
@requires(*OF_OFFICE)
def follow_up_day(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """Who missed this day, and the way that each has; chosen for all or one by one."""
    return _day_page(request, _day(signed_in(request), drive_day_id))


@require_POST
@requires(*OF_OFFICE)
def follow_up_offer(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """`all` gives everybody without a way this one; else each `way_<visit>` counts."""
    drive_day = _day(signed_in(request), drive_day_id)
    chosen: dict[str, list[UUID]] = defaultdict(list)
    for one in candidates(drive_day):
        way = request.POST.get("all") or request.POST.get(f"way_{one.visit.pk.hex}", "")
        if way and (not request.POST.get("all") or not one.way):
            chosen[way].append(one.visit.pk)
    if not chosen:
        return _day_page(request, drive_day, problem=_("Nobody is chosen. Choose at least one person."))
    problems = []
    for way, visits in sorted(chosen.items()):
        try:
            offered = offer(drive_day=drive_day, visits=visits, way=way, by=signed_in(request), now=timezone.now())
        except ValidationError as error:
            problems.append(" ".join(error.messages))
            continue
        if offered.without_room:
            names = ", ".join(one.visit.person.name for one in offered.without_room)
            problems.append(_("No room on the later days for: %(names)s. Choose another way for them.") % {"names": names})
    if problems:
        return _day_page(request, drive_day, problem=" ".join(problems))
    count = sum(len(visits) for visits in chosen.values())
    messages.success(request, ngettext("%(count)s choice is kept.", "%(count)s choices are kept.", count) % {"count": count})
    return redirect("drives:follow_up_day", drive_day_id)


@require_GET
@requires(*OF_OFFICE, Role.SCHOOL_ADMIN)
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """Everybody who waits for another chance: of the office's schools, or of the own one."""
    user, today = signed_in(request), timezone.localdate()
    rows = still_waiting(FollowUp.objects.visible_to(user)).select_related(
        "visit__person", "drive_day__drive__school", "school", "drive"
    )
    found = list(rows.order_by("school__search_name", "way", "visit__person__search_name", "pk")[: MOST_ROWS + 1])
    people = [one.visit.person_id for one in found]
    classes, places = classes_of(people), _places_ahead(people, now=timezone.now())
    schools: dict[School | None, list[dict[str, Any]]] = defaultdict(list)
    for one in found[:MOST_ROWS]:
        schools[one.school].append(
            {
                "follow_up": one,
                "class_name": classes.get(one.visit.person_id, ""),
                "chip": chip_of(one.visit),
                "way": WAYS[one.way],
                "place": places.get(one.visit.person_id),
            }
        )
    plans = user.office_ids([Role.PLANNER])
    context = {
        "schools": [
            {
                "school": school,
                "rows": rows_of,
                "make_up_count": sum(
                    row["follow_up"].way == FollowUp.Way.MAKE_UP and row["follow_up"].drive_id is None for row in rows_of
                ),
                "may_plan": school is not None and school.office_id in plans,
            }
            for school, rows_of in schools.items()
        ],
        "days": missed_days(user.office_ids(PERSON_ROLES), today=today) if user.has_role(*OF_OFFICE) else [],
        "has_more": len(found) > MOST_ROWS,
        "count": len(found[:MOST_ROWS]),
    }
    return TemplateResponse(request, "drives/followups/follow_up_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.PLANNER)
def make_up_add(request: HttpRequest, npsn: str) -> HttpResponse:
    """A draft of the school, with everybody in it who waits for a make-up drive."""
    user = signed_in(request)
    school = get_object_or_404(
        School.objects.filter(office__in=user.office_ids([Role.PLANNER])).select_related("office"), npsn=npsn
    )
    form = MakeUpForm(request.POST if request.method == "POST" else None, office=school.office)
    if request.method == "POST" and form.is_valid():
        try:
            made = prepare_make_up(
                school=school, plan=form.plan(), drive_id=form.cleaned_data["drive_id"], by=user, now=timezone.now()
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _tell(request, made.placed, made.left)
            return redirect("drives:slot_board", made.drive.pk)
    waiting = waiting_for_make_up(school)
    context = {"form": form, "school": school, "waiting": waiting, "count": len(waiting)}
    return TemplateResponse(request, "drives/followups/make_up.html", context, status=422 if form.errors else 200)


def _tell(request: HttpRequest, placed: int, left: int) -> None:
    sentence = ngettext("A draft with %(count)s person.", "A draft with %(count)s people.", placed) % {"count": placed}
    messages.success(request, sentence)
    if left:
        more = ngettext(
            "%(count)s person found no place and still waits. Add a kit or time, and place them here.",
            "%(count)s people found no place and still wait. Add a kit or time, and place them here.",
            left,
        )
        messages.warning(request, more % {"count": left})


def _day_page(request: HttpRequest, drive_day: DriveDay, *, problem: str = "") -> TemplateResponse:
    slots = slots_ahead(drive_day, now=timezone.now())
    is_closed = DayClose.objects.filter(drive_day=drive_day).exists()
    found = candidates(drive_day) if is_closed else []
    user = signed_in(request)
    context = {
        "drive_day": drive_day,
        "is_closed": is_closed,
        "people": found,
        "open_count": sum(not one.way for one in found),
        "room": room_in(slots),
        "next_day": slots[0].starts_at.astimezone(drive_day.office.zone).date() if slots else None,
        "ways": [(way, WAYS[way]) for way in WAYS if way != FollowUp.Way.NEXT_DAY or slots],
        "all_ways": list(WAYS.items()),
        "problem": problem,
        "may_close": is_lead_of(user, drive_day),
        "may_tell": drive_day.office_id in user.office_ids([Role.PLANNER]),
        "chosen_count": sum(bool(one.way) for one in found),
        "told_count": sum(one.follow_up is not None and one.follow_up.told_at is not None for one in found),
    }
    return TemplateResponse(request, "drives/followups/follow_up_day.html", context, status=422 if problem else 200)


def _places_ahead(people: list[UUID], *, now: datetime) -> dict[UUID, date]:
    """The day of the next place of each, if there is one."""
    live = Appointment.objects.live().filter(person__in=people, timeslot__starts_at__gt=now)
    return dict(live.order_by("-timeslot__starts_at").values_list("person", "timeslot__drive_day__day"))


def _day(user: User, drive_day_id: UUID) -> DriveDay:
    days = DriveDay.objects.visible_to(user).filter(office__in=user.office_ids(PERSON_ROLES))
    found = days.exclude(drive__status=Drive.Status.DRAFT).select_related("drive__school", "drive__office", "office")
    drive_day = found.filter(pk=drive_day_id).first()
    if drive_day is None:
        raise Http404
    show_in_zone_of(drive_day.office)
    return drive_day

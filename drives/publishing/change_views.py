"""Changing a schedule that people know: the questions, what would follow, and the change itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from drives.models import Drive, Kit
from drives.planning.actions import Move, SlotChange
from drives.planning.board import left_over_sentence
from drives.planning.eligibility import CARD_AGE, turns
from drives.planning.facts import class_names, spoken_order
from drives.planning.plan import leap_rule_of
from drives.planning.reseating import Lost
from drives.planning.wishes import ScheduleWish, wish_of
from drives.publishing import changes
from drives.publishing.changes import Preview
from drives.publishing.forms import ChangeForm
from schools.access import requires, signed_in
from schools.models import Role
from schools.templatetags.house import clock, day_plain, day_short, figure
from students.models import Person


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_change(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """The questions; with `preview` in the address what would follow, of which nothing is written; POST changes."""
    user, now = signed_in(request), timezone.now()
    drive = get_object_or_404(Drive.objects.plannable_by(user).select_related("school", "office"), pk=drive_id)
    if drive.status != Drive.Status.PUBLISHED or drive.school is None:
        return redirect("drives:drive_edit" if drive.status == Drive.Status.DRAFT else "drives:slot_board", drive.pk)
    asked = request.POST if request.method == "POST" else request.GET
    current = wish_of(drive)
    form = _form(drive, current, asked)
    wish = form.wish()
    if wish is None:
        return _questions(request, drive, form, is_refused="preview" in asked or request.method == "POST")
    if request.method == "POST":
        return _change(request, drive, form, wish, now=now)
    if "preview" not in asked:
        return _questions(request, drive, form)
    return _preview(request, drive, form, wish, now=now)


def _form(drive: Drive, current: ScheduleWish, asked: QueryDict) -> ChangeForm:
    on_duty = {kit.kit_id for day in current.days for kit in day.kits}
    kits = Kit.objects.filter(office=drive.office_id)
    shown = [kit for kit in kits if kit.is_in_service or kit.pk in on_duty]
    shown.sort(key=lambda kit: (spoken_order(kit.name), str(kit.pk)))
    return ChangeForm(asked, drive=drive, current=current, kits=shown)


def _questions(request: HttpRequest, drive: Drive, form: ChangeForm, *, is_refused: bool = False) -> HttpResponse:
    context = {"drive": drive, "form": form, "days": list(form.day_fields()), "is_refused": is_refused}
    template = "drives/publishing/drive_change.html"
    return TemplateResponse(request, template, context, status=422 if is_refused else 200)


def _preview(
    request: HttpRequest, drive: Drive, form: ChangeForm, wish: ScheduleWish, *, now: datetime, overtaken: bool = False
) -> HttpResponse:
    try:
        found = changes.preview_change(drive=drive, wish=wish, by=signed_in(request), now=now)
    except ValidationError as refusal:
        form.refuse(refusal)
        return _questions(request, drive, form, is_refused=True)
    if not found.relaid.is_change:
        messages.info(request, _("The schedule is so already. Nothing has changed."))
        return redirect("drives:slot_board", drive.pk)
    context = _preview_context(drive, found) | {"drive": drive, "answers": form.answers(), "overtaken": overtaken}
    context["back_query"] = _query(form)
    return TemplateResponse(request, "drives/publishing/drive_change_preview.html", context, status=409 if overtaken else 200)


def _query(form: ChangeForm) -> str:
    query = QueryDict(mutable=True)
    for name, value in form.answers():
        if name not in ("preview", "csrfmiddlewaretoken", "seen"):
            query.appendlist(name, value)
    return query.urlencode()


def _change(request: HttpRequest, drive: Drive, form: ChangeForm, wish: ScheduleWish, *, now: datetime) -> HttpResponse:
    user = signed_in(request)
    try:
        done = changes.change(drive=drive, wish=wish, by=user, now=now, seen=request.POST.get("seen", ""))
    except ValidationError as refusal:
        if getattr(refusal, "code", "") == "changed_meanwhile":
            return _preview(request, drive, form, wish, now=now, overtaken=True)
        form.refuse(refusal)
        return _questions(request, drive, form, is_refused=True)
    if done.is_change:
        messages.success(request, _("The schedule is changed, and its notices are on their way."))
    if done.lost:
        sentence = ngettext(
            "%(count)s student has lost the place and waits again.",
            "%(count)s students have lost their places and wait again.",
            len(done.lost),
        )
        messages.warning(request, sentence % {"count": figure(len(done.lost))})
    return redirect("drives:slot_board", drive.pk)


# The preview's lines


@dataclass(frozen=True, slots=True)
class DayLines:
    """One day: its timeslots before and after. Unchanged ones are only counted."""

    day: date
    before: int
    after: int
    lines: tuple["SlotLine", ...]
    unchanged: int

    @property
    def is_gone(self) -> bool:
        return bool(self.lines) and not self.unchanged and not any(line.after for line in self.lines)


@dataclass(frozen=True, slots=True)
class SlotLine:
    name: str
    before: str
    after: str
    tone: str


@dataclass(frozen=True, slots=True)
class MoveLine:
    class_name: str
    count: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LostLine:
    number: int
    name: str
    class_name: str
    age: str


def _preview_context(drive: Drive, found: Preview) -> dict[str, Any]:
    relaid = found.relaid
    reasons = Counter(each.reason for each in relaid.lost)
    return {
        "found": found,
        "seen": relaid.seen,
        "kept_count": relaid.kept,
        "moved_count": len(relaid.moves),
        "lost_count": len(relaid.lost),
        "days": _days(drive, relaid.slots),
        "moves": _moves(drive, relaid.moves),
        "lost": _lost(drive, relaid.lost),
        "reasons": [left_over_sentence(reason, count) for reason, count in sorted(reasons.items())],
    }


def _days(drive: Drive, slots: Sequence[SlotChange]) -> list[DayLines]:
    zone = drive.office.zone
    found = []
    for on, of_day in groupby(slots, key=lambda each: each.starts_at.astimezone(zone).date()):
        all_of_day = list(of_day)
        lines = [_slot(drive, each) for each in all_of_day if each.before != each.after]
        found.append(
            DayLines(
                on,
                sum(each.before[1] for each in all_of_day if each.before),
                sum(each.after[1] for each in all_of_day if each.after),
                tuple(lines),
                len(all_of_day) - len(lines),
            )
        )
    return found


def _slot(drive: Drive, each: SlotChange) -> SlotLine:
    zone = drive.office.zone

    def said(side: tuple[datetime, int, int] | None) -> str:
        if side is None:
            return ""
        return _("%(taken)s/%(places)s, until %(end)s") % {
            "taken": figure(side[2]),
            "places": figure(side[1]),
            "end": clock(side[0].astimezone(zone)),
        }

    tone = "stop" if each.after is None else "ok" if each.before is None else "info"
    return SlotLine(clock(each.starts_at.astimezone(zone)), said(each.before), said(each.after), tone)


def _moves(drive: Drive, moves: Sequence[Move]) -> list[MoveLine]:
    zone = drive.office.zone
    names = class_names({each.class_id for each in moves})
    counted = Counter((each.class_id, each.before, each.after) for each in moves)
    lines = [
        MoveLine(
            names.get(group, _("Without a class")),
            count,
            f"{day_short(before.astimezone(zone))}, {clock(before.astimezone(zone))}",
            f"{day_short(after.astimezone(zone))}, {clock(after.astimezone(zone))}",
        )
        for (group, before, after), count in sorted(counted.items(), key=lambda item: (item[0][1], item[0][2], str(item[0][0])))
    ]
    return sorted(lines, key=lambda line: spoken_order(line.class_name))


def _lost(drive: Drive, lost: Sequence[Lost]) -> list[LostLine]:
    """In the order in which they lose their places, by name: the planner tells the school whom to expect no more."""
    people = Person.objects.filter(pk__in=[each.person.id for each in lost])
    names: dict[object, str] = dict(people.values_list("pk", "name"))
    groups = class_names({each.person.class_id for each in lost})
    first = drive.days.order_by("day").values_list("day", flat=True).first()
    lines = []
    for number, each in enumerate(lost, 1):
        seventeen = turns(each.person.birth_date, CARD_AGE, leap_rule_of(drive))
        is_17 = first is not None and seventeen <= first
        age = _("already 17") if is_17 else _("turns 17 on %(day)s") % {"day": day_plain(seventeen)}
        name, group = names[each.person.id], groups.get(each.person.class_id, _("Without a class"))
        lines.append(LostLine(number, name, group, age))
    return lines

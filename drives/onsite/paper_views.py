"""Typing in what was written on paper: the same order, a row for each person, everything by keyboard."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from drives.models import Appointment, Kit, Visit
from drives.onsite import paper
from drives.onsite.card import slot_label
from drives.onsite.day_close import kits_on_duty
from drives.onsite.labels import Chip, chip_of
from drives.onsite.rules import Kind
from drives.onsite.scope import ON_SITE, Console, open_console
from schools.access import requires, signed_in
from schools.templatetags.house import clock


@dataclass(slots=True)
class Row:
    """A line of the sheet with what stands in its fields; `visit` is None where no slip was ever made."""

    number: int
    appointment: Appointment
    visit: Visit | None
    chip: Chip | None
    code: str = ""
    time: str = ""
    kit: str = ""
    problem: str = ""
    said_by: str = ""

    @property
    def key(self) -> str:
        return self.visit.pk.hex if self.visit else ""


@require_GET
@requires(*ON_SITE)
def paper_index(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """The day's sheets, with how many of each have an outcome."""
    opened = open_console(signed_in(request), drive_day_id, now=timezone.now())
    drive_day = opened.drive_day
    has_outcome = paper.done_on(drive_day)
    context = {
        "console": opened,
        "slots": [
            (
                slot_label(sheet.slot),
                reverse("drives:paper_slot", args=[drive_day.pk, sheet.slot.pk]),
                done,
                len(sheet.appointments),
            )
            for sheet, done in paper.counts_of(paper.sheets_by_slot(drive_day), has_outcome)
            if sheet.slot
        ],
        "classes": [
            (sheet.group.name, reverse("drives:paper_class", args=[drive_day.pk, sheet.group.pk]), done, len(sheet.appointments))
            for sheet, done in paper.counts_of(paper.sheets_by_class(drive_day), has_outcome)
            if sheet.group
        ],
    }
    return TemplateResponse(request, "drives/onsite/paper_index.html", context)


@require_http_methods(["GET", "POST"])
@requires(*ON_SITE)
def paper_slot(request: HttpRequest, drive_day_id: UUID, slot_id: UUID) -> HttpResponse:
    opened = open_console(signed_in(request), drive_day_id, now=timezone.now())
    return _sheet(request, opened, paper.sheets_by_slot(opened.drive_day, slot_id=slot_id))


@require_http_methods(["GET", "POST"])
@requires(*ON_SITE)
def paper_class(request: HttpRequest, drive_day_id: UUID, class_id: UUID) -> HttpResponse:
    opened = open_console(signed_in(request), drive_day_id, now=timezone.now())
    return _sheet(request, opened, paper.sheets_by_class(opened.drive_day, class_id=class_id))


def _sheet(request: HttpRequest, opened: Console, found: list[paper.Sheet]) -> HttpResponse:
    if not found:
        raise Http404
    (sheet,) = found
    now, kits = timezone.now(), kits_on_duty(opened.drive_day)
    rows = _rows(opened, sheet)
    writer, writer_problem = "", ""
    if request.method == "POST":
        _fill(rows, request.POST)
        writer = request.POST.get("writer", "")[: paper.MOST_IN_NAME]
        entries = _read(rows, opened, kits, request.POST.get("kit", ""), now=now)
        if not any(row.problem for row in rows):
            try:
                entered = paper.enter_sheet(
                    drive_day=opened.drive_day,
                    entries=entries,
                    writer=writer,
                    by=signed_in(request),
                    now=now,
                    is_lead=opened.is_lead,
                )
            except ValidationError as error:
                writer_problem = " ".join(error.messages)
            else:
                for row in rows:
                    row.problem = entered.refused.get(row.visit.pk, "") if row.visit else ""
                if not entered.refused:
                    messages.success(request, _told(entered))
                    return redirect(request.path)
    problems = [row for row in rows if row.problem]
    context = {
        "console": opened,
        "title": slot_label(sheet.slot) if sheet.slot else str(sheet.group),
        "rows": rows,
        "problems": problems,
        "kits": [(str(kit.pk), kit.name) for kit in kits],
        "kit": request.POST.get("kit", ""),
        "writer": writer,
        "writer_problem": writer_problem,
        "people": paper.people_on_duty(opened.drive_day),
        "plain": paper.PLAIN,
        "failed": paper.FAILED,
        "absent": paper.ABSENT,
    }
    status = 422 if problems or writer_problem else 200
    return TemplateResponse(request, "drives/onsite/paper_sheet.html", context, status=status)


def _rows(opened: Console, sheet: paper.Sheet) -> list[Row]:
    people = [one.person_id for one in sheet.appointments]
    visits = {visit.person_id: visit for visit in Visit.objects.filter(drive=opened.drive_day.drive_id, person__in=people)}
    said = paper.said_on_paper(opened.drive_day, [visit.pk for visit in visits.values()])
    rows = []
    for number, one in enumerate(sheet.appointments, start=1):
        visit = visits.get(one.person_id)
        row = Row(number, one, visit, chip_of(visit) if visit else None)
        if visit and (word := said.get(visit.pk)):
            row.code, row.said_by = word.code, word.by
            row.time = clock(word.at.astimezone(opened.drive_day.office.zone))
            row.kit = str(word.kit_id or "")
        rows.append(row)
    return rows


def _fill(rows: list[Row], posted: QueryDict) -> None:
    """As it was typed, right or wrong."""
    for row in rows:
        row.code = posted.get(f"code_{row.key}", "")[:12]
        row.time = posted.get(f"time_{row.key}", "")[:12]
        row.kit = posted.get(f"kit_{row.key}", "")[:36]


def _read(rows: list[Row], opened: Console, kits: list[Kit], usual_kit: str, *, now: datetime) -> list[paper.Entry]:
    """The rows that say something; what cannot be understood is written beside its row."""
    hours = paper.hours_of(opened.drive_day)
    by_text = {str(kit.pk): kit.pk for kit in kits}
    entries = []
    for row in rows:
        if row.visit is None or not (row.code.strip() or row.time.strip()):
            continue
        try:
            if not row.code.strip():
                raise ValidationError(_("Write the code of the outcome."))
            code = paper.read_code(row.code)
            at = _moment(row, code, opened, hours, now=now)
        except ValidationError as error:
            row.problem = " ".join(error.messages)
            continue
        kit = None if code.kind in (Kind.ABSENT, Kind.ARRIVED) else by_text.get(row.kit or usual_kit)
        entries.append(paper.Entry(row.visit.pk, code.kind, code.reason, at, kit))
    return entries


def _moment(row: Row, code: paper.Code, opened: Console, hours: tuple[datetime, datetime] | None, *, now: datetime) -> datetime:
    """Who never came has no time of an own: then the end of the timeslot, once that is over."""
    if row.time.strip():
        return paper.read_time(row.time, drive_day=opened.drive_day, hours=hours, now=now)
    slot = row.appointment.timeslot
    if code.kind != Kind.ABSENT:
        raise ValidationError(_("Write the time as in 09.12."))
    if slot.ends_at > now:
        raise ValidationError(_("The timeslot is not over yet. Write the time at which this was noted."))
    return slot.ends_at


def _told(entered: paper.Entered) -> str:
    saved = ngettext("%(count)s row saved.", "%(count)s rows saved.", entered.saved) % {"count": entered.saved}
    same = ngettext("%(count)s row stood there already.", "%(count)s rows stood there already.", entered.same)
    other = ngettext(
        "%(count)s row contradicts what was noted elsewhere; both are kept, a lead operator decides.",
        "%(count)s rows contradict what was noted elsewhere; both are kept, a lead operator decides.",
        len(entered.contradicting),
    )
    said = [saved]
    if entered.same:
        said.append(same % {"count": entered.same})
    if entered.contradicting:
        said.append(other % {"count": len(entered.contradicting)})
    return " ".join(said)

"""Typing in the guests of a sheet, with the times that stand there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Field
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from uuid6 import uuid7

from drives.models import Kit, Visit
from drives.onsite import paper, paper_guests
from drives.onsite.batches import uuid_of
from drives.onsite.day_close import kits_on_duty
from drives.onsite.forms import BirthDateField
from drives.onsite.labels import KINDS, SERVICES, chip_of
from drives.onsite.scope import ON_SITE, Console, open_console
from drives.onsite.walk_ins import Guest
from schools.access import requires, signed_in

# As many as the printed sheet has lines for.
LINES: Final = 10
# So many at once; the others unfold.
SHOWN: Final = 3
_BIRTH_DATE: Final[Field] = BirthDateField(required=False)
_TYPED: Final = {"name": 120, "kind": 16, "service": 16, "birth": 12, "here": 12, "code": 12, "time": 12, "kit": 36}


@dataclass(slots=True)
class Line:
    """A line with what stands in its fields, right or wrong."""

    number: int
    visit_id: UUID
    typed: dict[str, str]
    problem: str = ""

    @property
    def key(self) -> str:
        return self.visit_id.hex

    @property
    def is_empty(self) -> bool:
        return not any(self.typed[name].strip() for name in ("name", "birth", "here", "code", "time"))


@require_http_methods(["GET", "POST"])
@requires(*ON_SITE)
def paper_guest_list(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """All lines are kept, or, where one cannot be, none."""
    now, user = timezone.now(), signed_in(request)
    opened = open_console(user, drive_day_id, now=now)
    kits = kits_on_duty(opened.drive_day)
    lines, writer, writer_problem = _lines(request.POST), request.POST.get("writer", "")[: paper.MOST_IN_NAME], ""
    if request.method == "POST":
        read = _read(lines, opened, kits, request.POST.get("kit", ""), now=now)
        if not any(line.problem for line in lines):
            try:
                entered = paper_guests.enter_guests(
                    drive_day=opened.drive_day, lines=read, writer=writer, by=user, now=now, is_lead=opened.is_lead
                )
            except ValidationError as error:
                writer_problem = " ".join(error.messages)
            else:
                if not entered.refused:
                    messages.success(request, _told(entered))
                    return redirect(request.path)
                for line in lines:
                    line.problem = entered.refused.get(line.visit_id, "")
    problems = [line for line in lines if line.problem]
    zone = opened.drive_day.office.zone
    told = paper_guests.told_on_paper(opened.drive_day)
    offers_ikd = opened.drive_day.drive.ikd_minimum_age is not None
    context = {
        "console": opened,
        "lines": lines,
        "more_open": any(not line.is_empty for line in lines[SHOWN:]),
        "problems": problems,
        "told": [(one.visit, one.here_at.astimezone(zone), chip_of(one.visit), SERVICES[one.visit.service]) for one in told],
        "kinds": [(kind, label) for kind, label in KINDS.items() if kind != Visit.Kind.STUDENT],
        "services": [(one, label) for one, label in SERVICES.items() if offers_ikd or one != Visit.Service.IKD],
        "kits": [(str(kit.pk), kit.name) for kit in kits],
        "kit": request.POST.get("kit", ""),
        "writer": writer,
        "writer_problem": writer_problem,
        "people": paper.people_on_duty(opened.drive_day),
        "plain": [code for code in paper.PLAIN if code.text != "H"],
        "failed": paper.FAILED,
    }
    status = 422 if problems or writer_problem else 200
    return TemplateResponse(request, "drives/onsite/paper_guest_list.html", context, status=status)


def _lines(posted: QueryDict) -> list[Line]:
    """As they were sent; each has an id that was made with the page."""
    lines = []
    for number in range(1, LINES + 1):
        typed = {name: posted.get(f"{name}_{number}", "")[:most] for name, most in _TYPED.items()}
        lines.append(Line(number, uuid_of(posted.get(f"id_{number}")) or uuid7(), typed))
    return lines


def _read(lines: list[Line], opened: Console, kits: list[Kit], usual_kit: str, *, now: datetime) -> list[paper_guests.GuestLine]:
    """The lines that say something; what cannot be understood is written beside its line."""
    hours = paper.hours_of(opened.drive_day)
    by_text = {str(kit.pk): kit.pk for kit in kits}
    read = []
    for line in lines:
        if line.is_empty:
            continue
        kit_id = by_text.get(line.typed["kit"] or usual_kit)
        try:
            read.append(_guest_line(line, opened, hours, kit_id, now=now))
        except ValidationError as error:
            line.problem = " ".join(error.messages)
    return read


def _guest_line(
    line: Line, opened: Console, hours: tuple[datetime, datetime] | None, kit_id: UUID | None, *, now: datetime
) -> paper_guests.GuestLine:
    typed, drive_day = line.typed, opened.drive_day
    guest = Guest(
        name=typed["name"].replace("\x00", ""),
        kind=typed["kind"],
        service=typed["service"],
        birth_date=_BIRTH_DATE.clean(typed["birth"]),
    )
    if not typed["here"].strip():
        raise ValidationError(_("Write when the guest came, as in 09.12."))
    here_at = paper.read_time(typed["here"], drive_day=drive_day, hours=hours, now=now)
    outcome = None
    if typed["code"].strip():
        if not typed["time"].strip():
            raise ValidationError(_("Write the time of the outcome, as in 09.12."))
        at = paper.read_time(typed["time"], drive_day=drive_day, hours=hours, now=now)
        code = paper.read_code(typed["code"])
        outcome = paper_guests.outcome_of(code, service=guest.service, at=at, here_at=here_at, kit_id=kit_id)
    elif typed["time"].strip():
        raise ValidationError(_("Write the code of the outcome."))
    return paper_guests.GuestLine(line.visit_id, guest, here_at, outcome)


def _told(entered: paper.Entered) -> str:
    saved = ngettext("%(count)s guest saved.", "%(count)s guests saved.", entered.saved) % {"count": entered.saved}
    same = ngettext("%(count)s guest stood there already.", "%(count)s guests stood there already.", entered.same)
    return f"{saved} {same % {'count': entered.same}}" if entered.same else saved

"""Drives as a list, and the questions from which a drive is made."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from uuid6 import uuid7

from drives.models import Drive, DriveDay, Kit, KitDuty, Timeslot
from drives.planning import actions, forms
from drives.planning.calendar import DayState, DayVerdict
from drives.planning.consequences import Consequences, Way, consequences
from drives.planning.days import Days
from drives.planning.facts import days_of, spoken_order
from drives.planning.labels import State, span_of, state_of
from drives.planning.learnt import learnt_by
from drives.planning.plan import plan_of
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, Office, Region, Role, School, User
from schools.templatetags.house import figure

PAGE_SIZE: Final = 25
DAYS_SHOWN: Final = 10
MOST_KITS_SHOWN: Final = 8
READERS: Final = (*PERSON_ROLES, Role.SCHOOL_ADMIN)


# The list


@dataclass(frozen=True, slots=True)
class Row:
    drive: Drive
    state: State
    span: str
    places: int
    taken: int
    kit_count: int


@require_safe
@requires(*READERS)
def drive_list(request: HttpRequest) -> HttpResponse:
    """Planners and leads see all drives of their offices, a school its own published ones."""
    user, now = signed_in(request), timezone.now()
    drives = Drive.objects.visible_to(user)
    wishes = forms.DriveFilter(request.GET, districts=_districts(drives))
    today = timezone.localdate()
    page = Paginator(_filtered(drives, wishes, today=today), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(drive, now=now) for drive in page.object_list],
        "filter": wishes,
        "is_filtered": any(wishes.wish(name) for name in wishes.fields),
        "is_school": not user.has_role(*PERSON_ROLES),
        "can_plan": user.has_role(Role.PLANNER),
    }
    return TemplateResponse(request, "drives/planning/drive_list.html", context)


def _districts(drives: QuerySet[Drive]) -> list[Region]:
    return list(Region.objects.filter(pk__in=drives.order_by().values("school__district")).order_by("parent", "name", "pk"))


def _filtered(drives: QuerySet[Drive], wishes: forms.DriveFilter, *, today: date) -> QuerySet[Any]:
    found: QuerySet[Any] = Drive.objects.filter(pk__in=drives.values("pk")).with_days()
    if words := wishes.wish("q"):
        found = found.filter(school__in=School.objects.all().matching(words))
    if state := wishes.wish("state"):
        found = found.filter(status=state)
    if district := wishes.wish("district"):
        found = found.filter(school__district=district)
    found = _with_figures(found.select_related("school__district", "office"))
    if wishes.wish("time") == "past":
        return found.filter(last_day__lt=today).order_by("-first_day", "pk")
    if wishes.wish("time") == "all":
        return found.order_by("-first_day", "pk")
    coming: QuerySet[Any] = found.filter(last_day__gte=today).order_by("first_day", "pk")
    return coming


def _with_figures(drives: QuerySet[Any]) -> QuerySet[Any]:
    """Annotates `place_count`, `taken_count` and `kit_count`, each from one row a drive."""
    slots = Timeslot.objects.filter(drive=OuterRef("pk")).order_by().values("drive")
    duties = KitDuty.objects.filter(drive_day__drive=OuterRef("pk"), released_at=None).order_by().values("drive_day__drive")
    annotated: QuerySet[Any] = drives.annotate(
        place_count=Subquery(slots.annotate(sum=Sum("places")).values("sum")),
        taken_count=Subquery(slots.annotate(sum=Sum("places_taken")).values("sum")),
        kit_count=Subquery(duties.annotate(count=Count("kit", distinct=True)).values("count")),
    )
    return annotated


def _row(drive: Any, *, now: datetime) -> Row:
    today = now.astimezone(drive.office.zone).date()
    return Row(
        drive,
        state_of(drive, first_day=drive.first_day, last_day=drive.last_day, today=today),
        span_of(drive.first_day, drive.last_day),
        drive.place_count or 0,
        drive.taken_count or 0,
        drive.kit_count or 0,
    )


# The questions


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_add(request: HttpRequest) -> HttpResponse:
    """Answers live in the address, so that the page works without a script; saving alone is a POST."""
    form = _new_form(request, request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        return _plan_page(request, form, draft_id=uuid7())
    draft_id = _uuid(request.POST.get("draft_id", "")) or uuid7()
    drive = _save(request, form, draft_id=draft_id)
    if drive is None:
        return _plan_page(request, form, draft_id=draft_id, status=422)
    messages.success(request, _("The draft is saved. Nothing has been sent."))
    return _saved(request, drive)


def _saved(request: HttpRequest, drive: Drive) -> HttpResponse:
    return redirect("drives:drive_list") if request.GET.get("then") == "list" else redirect("drives:slot_board", drive.pk)


def _save(request: HttpRequest, form: forms.PlanForm, *, draft_id: UUID) -> Drive | None:
    plan = form.plan()
    if not form.is_valid() or plan is None or form.chosen_school is None:
        return None
    try:
        return actions.create_drive(
            school=form.chosen_school, plan=plan, by=signed_in(request), now=timezone.now(), drive_id=draft_id
        )
    except ValidationError as refusal:
        form.refuse(refusal)
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_edit(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """The same questions for a draft; a published schedule is changed with a preview."""
    user = signed_in(request)
    drive = get_object_or_404(Drive.objects.plannable_by(user).select_related("school", "office"), pk=drive_id)
    if drive.status != Drive.Status.DRAFT or drive.school is None:
        messages.info(request, _("Only a draft can be planned anew. Move people on the board instead."))
        return redirect("drives:slot_board", drive.pk)
    form = _edit_form(request, drive, request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and (plan := form.plan()) and form.is_valid():
        try:
            changed = actions.update_draft(drive=drive, plan=plan, by=user, now=timezone.now())
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            _say_what_was_lost(request, changed.lost_count)
            return _saved(request, drive)
    return _plan_page(request, form, drive=drive, status=422 if request.method == "POST" else 200)


def _say_what_was_lost(request: HttpRequest, lost: int) -> None:
    if not lost:
        messages.success(request, _("The draft is saved. Nothing has been sent."))
        return
    sentence = ngettext(
        "The draft is saved. %(count)s student lost the place, because the timeslot is gone, and waits again.",
        "The draft is saved. %(count)s students lost their places, because the timeslots are gone, and wait again.",
        lost,
    )
    messages.warning(request, sentence % {"count": figure(lost)})


@require_safe
@requires(Role.PLANNER)
def drive_consequences(request: HttpRequest) -> HttpResponse:
    """The panel beside the questions, and what else on the page follows from the answers."""
    drive_id = _uuid(request.GET.get("drive", ""))
    if drive_id:
        drives = Drive.objects.plannable_by(signed_in(request)).select_related("school", "office")
        drive = get_object_or_404(drives, pk=drive_id)
        return _fragment(request, _edit_form(request, drive, request.GET), drive=drive)
    return _fragment(request, _new_form(request, request.GET))


def _schools(user: User) -> QuerySet[School]:
    return School.objects.filter(office__in=user.office_ids([Role.PLANNER])).select_related("office", "district", "village")


def _planned_office(user: User) -> Office | None:
    offices = Office.objects.filter(pk__in=user.office_ids([Role.PLANNER]), level=Office.Level.SUDIN)
    return offices.order_by("region_id", "pk").first()


def _new_form(request: HttpRequest, data: QueryDict) -> forms.PlanForm:
    """First answers come from the office; `?school=NPSN` fills the school."""
    user = signed_in(request)
    schools = _schools(user)
    answers = data
    if "minutes" not in data:
        named = schools.filter(npsn=data.get("school", "")).first()
        office = named.office if named else _planned_office(user)
        answers = forms.query_of(forms.first_answers(office) | {"school": forms.school_text(named) if named else ""})
    offices = user.office_ids([Role.PLANNER])
    return forms.PlanForm(answers, schools=schools, kits=_kits(Kit.objects.filter(office__in=offices)))


def _edit_form(request: HttpRequest, drive: Drive, data: QueryDict) -> forms.PlanForm:
    answers = data
    if "minutes" not in data and drive.school:
        answers = forms.query_of(forms.answers_of(plan_of(drive), drive.school))
    kits = _kits(Kit.objects.filter(office=drive.office_id))
    return forms.PlanForm(answers, schools=_schools(signed_in(request)), kits=kits, drive=drive)


def _kits(kits: QuerySet[Kit]) -> list[Kit]:
    return sorted(kits.filter(is_in_service=True), key=lambda kit: (spoken_order(kit.name), str(kit.pk)))


# The page


@dataclass(frozen=True, slots=True)
class DayChoice:
    day: date
    is_chosen: bool
    is_closed: bool
    name: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """A way to suffice with the address that it leads to, or a button that saves."""

    way: Way
    url: str
    saves: bool


def _fragment(request: HttpRequest, form: forms.PlanForm, *, drive: Drive | None = None) -> HttpResponse:
    context = _context(request, form, drive=drive)
    return TemplateResponse(request, "drives/planning/_plan_answer.html", context)


def _plan_page(
    request: HttpRequest, form: forms.PlanForm, *, drive: Drive | None = None, draft_id: UUID | None = None, status: int = 200
) -> HttpResponse:
    user = signed_in(request)
    context = _context(request, form, drive=drive) | {
        "draft_id": draft_id,
        "school_names": [] if drive else [forms.school_text(each) for each in _schools(user).order_by("search_name", "pk")],
        "is_refused": status == 422,
    }
    return TemplateResponse(request, "drives/planning/drive_plan.html", context, status=status)


def _context(request: HttpRequest, form: forms.PlanForm, *, drive: Drive | None) -> dict[str, Any]:
    now = timezone.now()
    plan, school = form.plan(), form.chosen_school
    found = consequences(school=school, plan=plan, now=now, drive=drive) if school and plan else None
    return {
        "form": form,
        "drive": drive,
        "school": school,
        "found": found,
        "ways": _ways_out(form, found, drive) if found else [],
        "day_choices": _day_choices(form, school, now=now),
        "kit_choices": _kit_choices(form),
        "chosen_kits": form.data.get("kits", ""),
        "kit_count": len(plan.kit_ids) or plan.kits if plan else 0,
        "page_url": _page_url(drive),
        **_learnt(form, school, drive, plan.minutes if plan else None),
    }


def _learnt(form: forms.PlanForm, school: School | None, drive: Drive | None, asked: int | Decimal | None) -> dict[str, Any]:
    """What this office's teams really took, offered beside the default where it differs."""
    if school is None:
        return {"learnt": None, "learnt_url": ""}
    learnt = learnt_by(school.office)
    if learnt.minutes is None or learnt.minutes == asked:
        return {"learnt": learnt, "learnt_url": ""}
    query = _answers(form)
    query["minutes"] = forms.minutes_text(learnt.minutes)
    return {"learnt": learnt, "learnt_url": f"{_page_url(drive)}?{query.urlencode()}"}


def _answers(form: forms.PlanForm) -> QueryDict:
    """As they stand in the address, without what only the page needs."""
    query = form.data.copy() if isinstance(form.data, QueryDict) else QueryDict(mutable=True)
    for name in ("csrfmiddlewaretoken", "draft_id", "drive"):
        query.pop(name, None)
    return query


def _page_url(drive: Drive | None) -> str:
    return reverse("drives:drive_edit", args=[drive.pk]) if drive else reverse("drives:drive_add")


def _ways_out(form: forms.PlanForm, found: Consequences, drive: Drive | None) -> list[WayOut]:
    """Each way as an address: the answers as they are, with those of the way."""
    ways = []
    for way in found.ways:
        query = _answers(form)
        if way.kits:
            query["kits"] = str(way.kits)
            query.pop("kit", None)
        if way.days:
            query.setlist("days", [each.isoformat() for each in way.days])
        leads = bool(way.kits or way.days)
        ways.append(WayOut(way, f"{_page_url(drive)}?{query.urlencode()}" if leads else "", way.kits is None and not way.days))
    return ways


def _day_choices(form: forms.PlanForm, school: School | None, *, now: datetime) -> list[DayChoice]:
    """The next working days, from the day asked for; chosen ones stay wherever they are."""
    today = timezone.localdate() if school is None else now.astimezone(school.office.zone).date()
    answers = form.cleaned_data if form.is_bound and hasattr(form, "cleaned_data") else {}
    chosen: tuple[date, ...] = answers.get("days") or ()
    asked: date | None = answers.get("first")
    first = max(today, asked) if asked else today + timedelta(days=1)
    grades = [str(grade) for grade in answers.get("grades") or forms.GRADES]
    verdicts = _verdicts(school, first, chosen, asked=asked, grades=grades, today=today)
    return [
        DayChoice(each.day, each.day in chosen, each.state is DayState.REFUSED, str(each.name))
        for each in sorted(verdicts.values(), key=lambda verdict: verdict.day)
    ]


def _verdicts(
    school: School | None, first: date, chosen: tuple[date, ...], *, asked: date | None, grades: list[str], today: date
) -> dict[date, DayVerdict]:
    calendar = days_of(school, since=min([today, *chosen])) if school else Days()
    found = {each.day: each for each in calendar.candidates(first, DAYS_SHOWN, grades=grades, today=today)}
    for day in {*chosen, *([asked] if asked and asked >= today else [])}:
        found[day] = calendar.verdict(day, grades=grades, today=today)
    return found


def _kit_choices(form: forms.PlanForm) -> list[int]:
    field: Any = form.fields["kit"]
    asked = str(form.data.get("kits", ""))
    most = min(len(field.choices), MOST_KITS_SHOWN)
    return sorted({*range(1, most + 1), *([int(asked)] if asked.isdigit() and 0 < int(asked) <= 50 else [])})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# Operators


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_operators(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """Who is on duty on which day: a table of names and days, with a box in each cell."""
    user, now = signed_in(request), timezone.now()
    drive = get_object_or_404(Drive.objects.plannable_by(user).select_related("school", "office__parent"), pk=drive_id)
    days = list(drive.days.prefetch_related("operator_duties").order_by("day"))
    if request.method == "POST":
        wanted = {each.pk: {found for text in request.POST.getlist(f"on_{each.pk}") if (found := _uuid(text))} for each in days}
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

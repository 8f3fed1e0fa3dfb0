"""The questions from which a drive is made, with what would follow from the answers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from uuid6 import uuid7

from drives.models import Drive, Kit
from drives.planning import actions, forms
from drives.planning.calendar import DayState, DayVerdict
from drives.planning.consequences import Consequences, Way, consequences
from drives.planning.days import Days
from drives.planning.facts import days_of, spoken_order
from drives.planning.learnt import learnt_by
from drives.planning.named import uuid_of
from drives.planning.plan import plan_of
from schools.access import requires, signed_in
from schools.models import Office, Role, School, User
from schools.templatetags.house import figure

DAYS_SHOWN: Final = 10
MOST_KITS_SHOWN: Final = 8


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER)
def drive_add(request: HttpRequest) -> HttpResponse:
    """Answers live in the address, so that the page works without a script; saving alone is a POST."""
    form = _new_form(request, request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        return _plan_page(request, form, draft_id=uuid7())
    draft_id = uuid_of(request.POST.get("draft_id", "")) or uuid7()
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
    drive_id = uuid_of(request.GET.get("drive", ""))
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
        named = schools.filter(npsn=data.get("school", "").replace("\x00", "")).first()
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

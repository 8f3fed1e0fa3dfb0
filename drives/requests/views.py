"""The talk about a drive, as the school and the office see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from drives.models import DriveRequest
from drives.planning.calendar import DayState
from drives.planning.eligibility import LeapRule
from drives.planning.facts import days_of, people_to_record
from drives.planning.forms import first_answers, query_of, school_text
from drives.planning.plan import minimum_age
from drives.requests import actions
from drives.requests.forms import AcceptForm, AnswerForm, AskForm, ProposalForm
from schools.access import requires, signed_in
from schools.models import Role, School, User
from students.typed import typed

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PAGE_SIZE = 25
BOTH = (Role.SCHOOL_ADMIN, Role.PLANNER)
State = DriveRequest.State
TONES = {State.ASKED: "wait", State.PROPOSED: "wait", State.ACCEPTED: "ok", State.DECLINED: "stop", State.WITHDRAWN: "neutral"}


@require_safe
@requires(*BOTH)
def request_list(request: HttpRequest) -> HttpResponse:
    """All requests that this person may see; those under discussion first."""
    user = signed_in(request)
    found = DriveRequest.objects.visible_to(user).select_related("school")
    page = Paginator(found.order_by("-changed_at", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(each, State(each.state), TONES[State(each.state)]) for each in page],
        "is_school": not user.has_role(Role.PLANNER),
        "asks_for": _schools_to_ask_for(user),
    }
    return TemplateResponse(request, "drives/requests/request_list.html", context)


def _schools_to_ask_for(user: User) -> list[School]:
    """One's own schools that have no request under discussion."""
    open_ones = DriveRequest.objects.under_discussion().values("school")
    return list(School.objects.filter(pk__in=user.school_ids()).exclude(pk__in=open_ones).order_by("search_name", "pk"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.SCHOOL_ADMIN)
def request_add(request: HttpRequest, school_id: UUID) -> HttpResponse:
    user = signed_in(request)
    school = get_object_or_404(School.objects.filter(pk__in=user.school_ids()).select_related("office"), pk=school_id)
    is_posted = request.method == "POST"
    form = AskForm(request.POST if is_posted else typed(request, action=request.path))
    if is_posted and form.is_valid():
        try:
            made = actions.ask(
                school=school,
                days=form.cleaned_data["days"],
                impossible_days=form.cleaned_data["impossible_days"],
                text=form.cleaned_data["text"],
                by=user,
                now=timezone.now(),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your request has reached the office. Its answer stands here."))
            return redirect("drives:drive_request", made.pk)
    context = {"form": form, "school": school, "people": _people(school, timezone.now())}
    return TemplateResponse(request, "drives/requests/request_form.html", context, status=422 if is_posted else 200)


@require_safe
@requires(*BOTH)
def drive_request(request: HttpRequest, drive_request_id: UUID) -> HttpResponse:
    found = _request(request, drive_request_id)
    return _page(request, found, written=_written(request, found))


def _written(request: HttpRequest, found: DriveRequest) -> dict[str, AnswerForm]:
    """The answer that was sent after the session had ended, in its form again."""
    for answer in _ways(signed_in(request), found):
        if said := typed(request, action=reverse(f"drives:request_{answer}", args=[found.pk])):
            return {answer: _form(answer, found, said)}
    return {}


@dataclass(frozen=True, slots=True)
class Answer:
    """A way to answer: whose it is, its form, what is done, and what is said afterwards."""

    role: Role
    form: Callable[..., AnswerForm]
    act: Callable[..., DriveRequest]
    said: "_StrPromise"


ANSWERS = {
    "accept": Answer(Role.PLANNER, AcceptForm, actions.accept, gettext_lazy("The request is accepted. Plan the drive now.")),
    "propose": Answer(Role.PLANNER, ProposalForm, actions.propose, gettext_lazy("The school is told your proposal.")),
    "decline": Answer(Role.PLANNER, AnswerForm, actions.decline, gettext_lazy("The school is told why.")),
    "agree": Answer(Role.SCHOOL_ADMIN, AnswerForm, actions.agree, gettext_lazy("Agreed. The office plans the drive now.")),
    "ask": Answer(Role.SCHOOL_ADMIN, AskForm, actions.ask_again, gettext_lazy("The office is told your new days.")),
    "withdraw": Answer(Role.SCHOOL_ADMIN, AnswerForm, actions.withdraw, gettext_lazy("The request is withdrawn.")),
}


@require_POST
@requires(*BOTH)
def request_answer(request: HttpRequest, drive_request_id: UUID, answer: str) -> HttpResponse:
    user = signed_in(request)
    found = _request(request, drive_request_id)
    way = ANSWERS[answer]
    whose = user.office_ids([Role.PLANNER]) if way.role == Role.PLANNER else user.school_ids()
    if found.office_id not in whose and found.school_id not in whose:
        raise Http404
    form = _form(answer, found, request.POST)
    if form.is_valid():
        said = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        try:
            way.act(request=found, **said, seen=form.cleaned_data["seen"] or 0, by=user, now=timezone.now())
        except ValidationError as refusal:
            form.refuse(refusal)
            found.refresh_from_db()
            if answer not in _ways(user, found):
                messages.error(request, refusal.messages[0])
                return redirect("drives:drive_request", found.pk)
        else:
            messages.success(request, way.said)
            return redirect("drives:drive_request", found.pk)
    return _page(request, found, forms={answer: form})


def _form(answer: str, found: DriveRequest, data: Any = None) -> AnswerForm:
    kind = ANSWERS[answer].form
    given: dict[str, Any] = {"request": found} if kind is AcceptForm else {}
    initial: dict[str, Any] = {"seen": actions.last_number(found)}
    if kind is AskForm:
        initial |= {"days": found.days if found.state == State.ASKED else [], "impossible_days": found.impossible_days}
    made: AnswerForm = kind(data, initial=initial, prefix=None, auto_id=f"id_{answer}_%s", **given)
    return made


def _request(request: HttpRequest, drive_request_id: UUID) -> DriveRequest:
    requests = DriveRequest.objects.visible_to(signed_in(request)).select_related("school__office", "school__district")
    return get_object_or_404(requests, pk=drive_request_id)


def _page(
    request: HttpRequest,
    found: DriveRequest,
    *,
    forms: dict[str, AnswerForm] | None = None,
    written: dict[str, AnswerForm] | None = None,
) -> HttpResponse:
    """`forms`: the answer just refused; `written`: one that was not sent yet."""
    user, filled = signed_in(request), forms or written or {}
    drive = actions.planned_drive(found)
    can = _ways(user, found)
    context = {
        "request_": found,
        "school": found.school,
        "state": State(found.state),
        "tone": TONES[State(found.state)],
        "steps": list(found.steps.select_related("by").order_by("number")),
        "days": _days(found),
        "people": _people(found.school, timezone.now()),
        "forms": {answer: filled.get(answer) or _form(answer, found) for answer in can},
        "opened": next(iter(filled), ""),
        "drive": drive,
        "plan_url": _plan_url(found) if found.state == State.ACCEPTED and not drive and user.has_role(Role.PLANNER) else "",
        "is_school": found.school_id in user.school_ids(),
    }
    return TemplateResponse(request, "drives/requests/request_detail.html", context, status=422 if forms else 200)


def _ways(user: User, found: DriveRequest) -> list[str]:
    """What this person may answer as things stand."""
    ways: list[str] = []
    if found.office_id in user.office_ids([Role.PLANNER]):
        ways += ["accept"] if found.state == State.ASKED else []
        ways += ["propose", "decline"] if found.state in (State.ASKED, State.PROPOSED) else []
    if found.school_id in user.school_ids():
        ways += ["agree"] if found.state == State.PROPOSED else []
        ways += ["ask", "withdraw"] if found.state in (State.ASKED, State.PROPOSED) else []
    return ways


@dataclass(frozen=True, slots=True)
class DayLine:
    day: date
    name: str
    tone: str


def _days(found: DriveRequest) -> list[DayLine]:
    """The days on the table with what stands against each."""
    today = timezone.now().astimezone(found.school.office.zone).date()
    calendar = days_of(found.school, since=min(found.days))
    tones = {DayState.OK: "ok", DayState.WARNING: "wait", DayState.REFUSED: "stop"}
    verdicts = [calendar.verdict(day, grades=(), today=today) for day in found.days]
    return [DayLine(each.day, str(each.name), tones[each.state]) for each in verdicts]


def _people(school: School, now: datetime) -> int:
    """Who could be recorded at the school today, by the office's rules; the reason why somebody asks."""
    people = people_to_record(school=school, grades=(), now=now)
    today = now.astimezone(school.office.zone).date()
    office = school.office
    age, rule = minimum_age(office.minimum_age_months), LeapRule(office.leap_rule)
    return len(people.eligible(today, minimum_age=age, leap_rule=rule))


def _plan_url(found: DriveRequest) -> str:
    """The planner's questions with the school and the agreed days filled in."""
    answers = first_answers(found.school.office) | {"school": school_text(found.school), "days": found.days}
    return f"{reverse('drives:drive_add')}?{query_of(answers).urlencode()}"

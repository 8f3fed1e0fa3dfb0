"""The coverage page, a school's own, and both as a spreadsheet."""

from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from drives.coverage import queries
from drives.coverage.areas import MARK
from drives.coverage.board import Board, build
from drives.coverage.exports import workbook
from drives.coverage.forms import CoverageFilter
from drives.coverage.queries import Scope, State
from schools.access import requires
from schools.models import PERSON_ROLES, AuditEntry, Region, Role, School, record_access
from schools.models.user import User

LATE = _("Behind")
READERS = (Role.PLANNER, Role.LEAD_OPERATOR, Role.OFFICIAL)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@requires(*READERS)
def coverage(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    scope = queries.scope_of(_user(request), READERS, person_roles=PERSON_ROLES)
    form, state, region = _asked(request, scope, today)
    if not form.is_valid() or region is None or state.day is None:
        return _without_figures(request, form, state, region)
    board = build(scope, region, state=state, kind=form.cleaned_data["kind"])
    context = _context(board, form, today)
    if scope.sees_persons and region == scope.home and not board.kind:
        context["graduates_url"] = _graduates_url(board)
    return TemplateResponse(request, "drives/coverage/coverage.html", context)


@require_GET
@requires(*READERS)
def coverage_export(request: HttpRequest) -> HttpResponse:
    scope = queries.scope_of(_user(request), READERS, person_roles=PERSON_ROLES)
    form, state, region = _asked(request, scope, timezone.localdate())
    if not form.is_valid() or region is None or state.day is None:
        return _without_figures(request, form, state, region)
    return _download(request, build(scope, region, state=state, kind=form.cleaned_data["kind"]), region.code)


@require_GET
@requires(*READERS, Role.SCHOOL_ADMIN)
def coverage_school(request: HttpRequest, npsn: str) -> HttpResponse:
    today = timezone.localdate()
    school = get_object_or_404(_schools(request), npsn=npsn)
    scope = _scope_at(request, school)
    form, state, region = _asked(request, scope, today, school=school)
    if not form.is_valid() or region is None or state.day is None:
        return _without_figures(request, form, state, region, school=school)
    board = build(scope, region, state=state, npsn=npsn)
    context = _context(board, form, today) | {"school": school, "own_school": not _user(request).has_role(*READERS)}
    if school.office_id in _user(request).office_ids(PERSON_ROLES):
        context["graduates_url"] = _graduates_url(board, school)
    if scope.sees_persons and state.day == state.last:
        context["classes"] = queries.classes(school, born_by=queries.born_by(school.office, state.day))
    return TemplateResponse(request, "drives/coverage/coverage_school.html", context)


@require_GET
@requires(*READERS, Role.SCHOOL_ADMIN)
def coverage_school_export(request: HttpRequest, npsn: str) -> HttpResponse:
    school = get_object_or_404(_schools(request), npsn=npsn)
    scope = _scope_at(request, school)
    form, state, region = _asked(request, scope, timezone.localdate(), school=school)
    if not form.is_valid() or region is None or state.day is None:
        return _without_figures(request, form, state, region, school=school)
    return _download(request, build(scope, region, state=state, npsn=npsn), npsn, school=school)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _schools(request: HttpRequest) -> QuerySet[School]:
    """Schools of the offices in which this person reads coverage, and the person's own."""
    user = _user(request)
    visible = School.objects.visible_to(user).select_related("office", "district__parent__parent")
    return visible.filter(Q(office__in=user.office_ids(READERS)) | Q(pk__in=user.school_ids()))


def _scope_at(request: HttpRequest, school: School) -> Scope:
    """An office's reader comes from above; a school administrator sees the own school as an office does."""
    user = _user(request)
    if school.pk in user.school_ids():
        return queries.scope_of_school(school)
    return queries.scope_of(user, READERS, person_roles=PERSON_ROLES)


def _asked(
    request: HttpRequest, scope: Scope, today: date, *, school: School | None = None
) -> tuple[CoverageFilter, State, Region | None]:
    """What the address asks for: a checked form, the state of the day's figures, and a region that is in scope (or 404)."""
    asked = request.GET.copy()
    code = school.district_id if school else asked.get("region", "") or (scope.home.code if scope.home else "")
    region = scope.region(code)
    npsn = school.npsn if school else ""
    state = queries.state(scope.offices, today=today, day=_readable(asked.get("day", "")), within=code, npsn=npsn)
    if state.day and not asked.get("day"):
        asked["day"] = state.day.isoformat()
    form = CoverageFilter(asked, today=today, first=state.first, last=state.last)
    if form.is_valid() and code and region is None:
        raise Http404
    if form.is_valid() and state.first is None:
        state = replace(state, day=None)
    return form, state, region


def _readable(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _context(board: Board, form: CoverageFilter, today: date) -> dict[str, object]:
    return {"board": board, "filter": form, "today": today, "mark": MARK, "chosen": _chosen(board), "late": LATE}


def _chosen(board: Board) -> str:
    """The choices that a link to another place keeps."""
    kept = {"day": board.day.isoformat() if board.day != board.state.last else "", "kind": board.kind}
    return urlencode({name: value for name, value in kept.items() if value})


def _graduates_url(board: Board, school: School | None = None) -> str:
    """The list of whom the last day counts; who has no school any more is the office's alone."""
    asked = {"view": "graduated"} | ({"school": school.npsn} if school else {})
    return f"{reverse('drives:student_list')}?{urlencode(asked)}" if board.day == board.state.last else ""


def _without_figures(
    request: HttpRequest, form: CoverageFilter, state: State, region: Region | None, *, school: School | None = None
) -> HttpResponse:
    """A question that has no answer (400), or a place that has no figures yet."""
    can_upload = _user(request).has_role(Role.PLANNER, Role.SCHOOL_ADMIN)
    roster_url = reverse("students:upload_list") if can_upload else ""
    context = {"filter": form, "state": state, "region": region, "school": school, "roster_url": roster_url}
    return TemplateResponse(request, "drives/coverage/coverage_empty.html", context, status=200 if form.is_valid() else 400)


def _download(request: HttpRequest, board: Board, name: str, *, school: School | None = None) -> HttpResponse:
    """Exactly what the page shows, noted in the audit trail."""
    record_access(
        action=AuditEntry.Action.EXPORTED,
        subject="drives.DailyCoverage",
        by=_user(request),
        at=timezone.now(),
        office_id=board.office.pk if board.office else None,
        school_id=school.pk if school else None,
        detail={"place": name, "day": board.day.isoformat(), "kind": board.kind},
    )
    response = HttpResponse(workbook(board, school=school), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="cakupan-{name}-{board.day}.xlsx"'
    return response

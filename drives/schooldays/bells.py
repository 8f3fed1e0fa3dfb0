"""A school's lesson hours, as one small table of the week."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from drives.planning.capacity import Session
from drives.schooldays import actions
from drives.schooldays.forms import BellTimesForm, monday_everywhere, usual_week, week_answers
from drives.schooldays.week import week_of
from schools.access import requires, signed_in
from schools.directory.scope import schools_kept_by
from schools.models import Role, School
from students.typed import typed


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER, Role.SCHOOL_ADMIN)
def bell_times(request: HttpRequest, npsn: str) -> HttpResponse:
    """Empty fields of a day mean no lessons; an empty week that the school tells none. `copy` fills in and saves nothing."""
    schools = schools_kept_by(signed_in(request), Role.PLANNER, Role.SCHOOL_ADMIN)
    school = get_object_or_404(schools.select_related("office"), npsn=npsn)
    told = week_of(school)
    if request.method != "POST":
        written = typed(request, action=request.path)
        return _page(request, school, written or (week_answers(told) if told else usual_week()), is_told=bool(told))
    if "copy" in request.POST:
        return _page(request, school, monday_everywhere(request.POST), is_told=bool(told), is_copied=True)
    form = BellTimesForm(request.POST)
    if not form.is_valid():
        return _page(request, school, request.POST, is_told=bool(told), status=422)
    week = form.week()
    if actions.save_bell_times(school=school, week=week):
        messages.success(request, _saved(week))
    else:
        messages.info(request, _("Nothing was changed."))
    return redirect("drives:school_profile", school.npsn)


def _saved(week: Mapping[int, Sequence[Session]]) -> str:
    if not week:
        return _("Lesson hours are removed. Planning knows of no breaks at this school now.")
    return _("Lesson hours are saved. New drives keep to them; drives that are planned already stay as they are.")


def _page(
    request: HttpRequest,
    school: School,
    answers: Mapping[str, Any],
    *,
    is_told: bool,
    is_copied: bool = False,
    status: int = 200,
) -> HttpResponse:
    form = BellTimesForm(answers)
    context = {"school": school, "form": form, "is_told": is_told, "is_copied": is_copied, "is_refused": status == 422}
    return TemplateResponse(request, "drives/schooldays/bell_times.html", context, status=status)

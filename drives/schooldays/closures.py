"""Days on which a school or an office is closed, or works on a holiday."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from drives.models import DriveDay
from drives.planning.facts import class_names_of
from drives.schooldays.forms import ClosureForm
from drives.schooldays.told import tell_affected
from schools.access import requires, signed_in
from schools.directory.actions import note_closure
from schools.directory.scope import closures_kept_by, offices_planned_by, schools_kept_by
from schools.models import Closure, Office, Role, School


@require_safe
@requires(Role.PLANNER, Role.SCHOOL_ADMIN)
def closure_list(request: HttpRequest, npsn: str) -> HttpResponse:
    school = _school(request, npsn)
    form = _school_form(request, school, Closure(school=school))
    return TemplateResponse(request, "drives/schooldays/closure_list.html", _of_school(request, school, form))


@require_POST
@requires(Role.PLANNER, Role.SCHOOL_ADMIN)
def closure_add(request: HttpRequest, npsn: str) -> HttpResponse:
    school = _school(request, npsn)
    form = _school_form(request, school, Closure(school=school))
    if form.is_valid():
        return _noted(request, form.instance, "drives:closure_list", npsn)
    return TemplateResponse(request, "drives/schooldays/closure_list.html", _of_school(request, school, form), status=422)


@require_safe
@requires(Role.PLANNER)
def office_closure_list(request: HttpRequest, office_id: UUID) -> HttpResponse:
    office = _office(request, office_id)
    form = _office_form(request, Closure(office=office))
    return TemplateResponse(request, "drives/schooldays/office_closure_list.html", _of_office(request, office, form))


@require_POST
@requires(Role.PLANNER)
def office_closure_add(request: HttpRequest, office_id: UUID) -> HttpResponse:
    office = _office(request, office_id)
    form = _office_form(request, Closure(office=office))
    if form.is_valid():
        return _noted(request, form.instance, "drives:office_closure_list", office_id)
    return TemplateResponse(request, "drives/schooldays/office_closure_list.html", _of_office(request, office, form), status=422)


@require_POST
@requires(Role.PLANNER, Role.SCHOOL_ADMIN)
def closure_strike(request: HttpRequest, closure_id: UUID) -> HttpResponse:
    """What was struck stays in the history of writes."""
    closure = get_object_or_404(closures_kept_by(signed_in(request)).select_related("school"), pk=closure_id)
    closure.delete()
    messages.success(request, _("Struck. These days can be used again."))
    if closure.school:
        return redirect("drives:closure_list", closure.school.npsn)
    return redirect("drives:office_closure_list", closure.office_id)


def _noted(request: HttpRequest, closure: Closure, url_name: str, place: object) -> HttpResponse:
    note_closure(closure=closure)
    messages.success(request, _("Noted. Planning takes it into account from now on."))
    if closure.effect == Closure.Effect.CLOSED:
        tell_affected(request, _drive_days(closure), today=timezone.localdate())
    return redirect(url_name, place)


def _drive_days(closure: Closure) -> QuerySet[DriveDay]:
    days = DriveDay.objects.filter(day__range=(closure.starts_on, closure.ends_on))
    return days.filter(drive__school=closure.school) if closure.school_id else days.filter(drive__school__office=closure.office)


def _school(request: HttpRequest, npsn: str) -> School:
    kept = schools_kept_by(signed_in(request), Role.PLANNER, Role.SCHOOL_ADMIN)
    return get_object_or_404(kept.select_related("office"), npsn=npsn)


def _office(request: HttpRequest, office_id: UUID) -> Office:
    return get_object_or_404(offices_planned_by(signed_in(request)), pk=office_id)


def _school_form(request: HttpRequest, school: School, closure: Closure) -> ClosureForm:
    plans_here = school.office_id in signed_in(request).office_ids([Role.PLANNER])
    return _form(request, closure, may_open=plans_here, of_school=True)


def _office_form(request: HttpRequest, closure: Closure) -> ClosureForm:
    return _form(request, closure, may_open=True, of_school=False)


def _form(request: HttpRequest, closure: Closure, *, may_open: bool, of_school: bool) -> ClosureForm:
    data = request.POST if request.method == "POST" else None
    names = class_names_of(closure.school) if of_school and closure.school else []
    return ClosureForm(
        data, instance=closure, today=timezone.localdate(), may_open=may_open, of_school=of_school, class_names=names
    )


def _of_school(request: HttpRequest, school: School, form: ClosureForm) -> dict[str, object]:
    today = timezone.localdate()
    return {
        "school": school,
        "form": form,
        "closures": _coming(school.closures.all(), today),
        "kept": set(closures_kept_by(signed_in(request)).filter(school=school).values_list("pk", flat=True)),
        "office_closures": _coming(Closure.objects.filter(office=school.office_id), today),
        "plans_office": offices_planned_by(signed_in(request)).filter(pk=school.office_id).exists(),
    }


def _of_office(request: HttpRequest, office: Office, form: ClosureForm) -> dict[str, object]:
    closures = _coming(office.closures.all(), timezone.localdate())
    others = offices_planned_by(signed_in(request)).exclude(pk=office.pk).order_by("region_id", "pk")
    return {"office": office, "form": form, "closures": closures, "kept": {each.pk for each in closures}, "others": others}


def _coming(closures: QuerySet[Closure], today: date) -> list[Closure]:
    return list(closures.filter(ends_on__gte=today).order_by("starts_on", "ends_on", "pk"))

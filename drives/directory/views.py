from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Func, QuerySet, TextField, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from drives.directory.figures import Figures, figures_of
from drives.directory.forms import SchoolFilter, in_state
from drives.directory.progress import Progress, classes_of, progress_of
from drives.directory.steps import Step, steps
from drives.schooldays.week import lesson_rows
from schools.access import requires, signed_in
from schools.directory.scope import schools_kept_by
from schools.models import PERSON_ROLES, Closure, Office, Region, Role, School, User
from students.homeroom import HomeroomForm
from students.models import ClassGroup

PAGE_SIZE: Final = 50
LISTERS: Final = (*PERSON_ROLES, Role.SYSTEM_ADMIN)
EDITORS: Final = (Role.PLANNER, Role.SYSTEM_ADMIN, Role.SCHOOL_ADMIN)


@dataclass(frozen=True)
class Row:
    school: School
    figures: Figures


@dataclass(frozen=True)
class Task:
    """A step with what can be done there by who looks."""

    step: Step
    url: str = ""
    verb: str = ""


@require_safe
@requires(*LISTERS, Role.SCHOOL_ADMIN)
def school_list(request: HttpRequest) -> HttpResponse:
    """Figures stand there for who sees the persons, hence not for an administrator of the system; one own school is opened."""
    user, today = signed_in(request), timezone.localdate()
    schools = schools_kept_by(user, *LISTERS, Role.SCHOOL_ADMIN)
    own = user.home_school()
    if own and not user.has_role(*LISTERS) and schools.count() == 1:
        return redirect("drives:school_profile", own.npsn)
    wishes = SchoolFilter(request.GET, districts=_districts(schools))
    shown = _filtered(schools, wishes, today=today)
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    has_figures = user.has_role(*PERSON_ROLES, Role.SCHOOL_ADMIN)
    figures = figures_of(page.object_list, user=user, today=today) if has_figures else {}
    context = {
        "page": page,
        "rows": [Row(school, figures.get(school.pk, Figures())) for school in page.object_list],
        "has_figures": has_figures,
        "can_add": user.has_role(Role.PLANNER, Role.SYSTEM_ADMIN),
        "closures_office": _planned_office(user),
        "filter": wishes,
        "is_filtered": any(wishes.wish(name) for name in wishes.fields),
    }
    return TemplateResponse(request, "drives/directory/school_list.html", context)


def _districts(schools: QuerySet[School]) -> QuerySet[Region]:
    return Region.objects.filter(pk__in=schools.values("district")).order_by("parent", "name")


def _planned_office(user: User) -> Office | None:
    """Whose closed days the planner keeps; the first of several leads to the others."""
    offices = Office.objects.filter(pk__in=user.office_ids([Role.PLANNER]), level=Office.Level.SUDIN)
    return offices.order_by("region_id", "pk").first()


def _filtered(schools: QuerySet[School], wishes: SchoolFilter, *, today: date) -> QuerySet[School]:
    found: QuerySet[School] = School.objects.filter(pk__in=schools.values("pk")).matching(wishes.wish("q"))
    if district := wishes.wish("district"):
        found = found.filter(district=district)
    if kind := wishes.wish("kind"):
        found = found.filter(kind=kind)
    found = in_state(found, wishes.wish("state"), today=today)
    return found.select_related("district").order_by(_in_number_order(), "pk")


def _in_number_order() -> Func:
    """SMAN 8 before SMAN 55: every number in the name counts as five digits."""
    padded = Func(F("search_name"), Value(r"(\d+)"), Value(r"00000\1"), Value("g"), function="regexp_replace")
    return Func(padded, Value(r"0*(\d{5})"), Value(r"\1"), Value("g"), function="regexp_replace", output_field=TextField())


@require_safe
@requires(*LISTERS, Role.SCHOOL_ADMIN)
def school_profile(request: HttpRequest, npsn: str) -> HttpResponse:
    user, today = signed_in(request), timezone.localdate()
    found = schools_kept_by(user, *LISTERS, Role.SCHOOL_ADMIN).select_related("district", "village", "office")
    school = get_object_or_404(found, npsn=npsn)
    context = {
        "school": school,
        "can_edit": schools_kept_by(user, *EDITORS).filter(pk=school.pk).exists(),
        "closures": _coming_closures(school, today),
        "lesson_rows": lesson_rows(school),
        "keeps_closures": schools_kept_by(user, Role.PLANNER, Role.SCHOOL_ADMIN).filter(pk=school.pk).exists(),
        "may_list": user.has_role(*LISTERS),
    }
    if schools_kept_by(user, *PERSON_ROLES, Role.SCHOOL_ADMIN).filter(pk=school.pk).exists():
        context |= _people(school, user, today)
    return TemplateResponse(request, "drives/directory/school_profile.html", context)


def _coming_closures(school: School, today: date) -> list[Closure]:
    closures = Closure.objects.for_school(school).on_or_after(today)
    return list(closures.order_by("starts_on", "ends_on", "pk")[:8])


def _people(school: School, user: User, today: date) -> dict[str, Any]:
    """For who may see the school's students."""
    progress = progress_of(school, user=user, today=today)
    return {
        "tasks": [_task(step, school, progress, user) for step in steps(progress.facts, today=today)],
        "facts": progress.facts,
        "classes": list(classes_of(school, user=user)),
        "keeps_classes": schools_kept_by(user, Role.PLANNER, Role.SCHOOL_ADMIN).filter(pk=school.pk).exists(),
    }


def _task(step: Step, school: School, progress: Progress, user: User) -> Task:
    """The way to the step's work, for who may do it."""
    uploads = user.has_role(Role.PLANNER, Role.SCHOOL_ADMIN)
    query = f"?school={school.npsn}"
    if step.code == "upload" and uploads and progress.facts.upload == "questions":
        return _leading(step, reverse("students:upload_columns", args=[progress.upload_id]), "", _("Explain"))
    if step.code == "upload" and uploads:
        return _leading(step, reverse("students:upload_list"), query, _("Upload"))
    if step.code == "review" and uploads and progress.upload_id and step.tone == "wait":
        return _leading(step, reverse("students:upload_detail", args=[progress.upload_id]), "", _("Review"))
    if step.code == "check" and user.has_role(Role.PLANNER):
        return _leading(step, reverse("drives:check_list", args=[school.pk]), "", _("Check"))
    if step.code == "plan" and user.has_role(Role.PLANNER):
        return _leading(step, reverse("drives:drive_add"), query, _("Plan a drive"))
    if step.code == "print" and progress.drive_id:
        return _leading(step, reverse("drives:print_index", args=[progress.drive_id]), "", _("Print"))
    if step.code == "drive" and progress.drive_id:
        return _leading(step, reverse("drives:slot_board", args=[progress.drive_id]), "", _("Open"))
    return Task(step)


def _leading(step: Step, url: str, query: str, verb: str) -> Task:
    return Task(step, f"{url}{query}", verb)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Role.PLANNER, Role.SCHOOL_ADMIN)
def class_edit(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Who leads the class, and how to reach them: this is where reminders go."""
    kept = schools_kept_by(signed_in(request), Role.PLANNER, Role.SCHOOL_ADMIN)
    group = get_object_or_404(ClassGroup.objects.filter(school__in=kept).select_related("school"), pk=class_id)
    form = HomeroomForm(request.POST if request.method == "POST" else None, instance=group)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("drives:school_profile", group.school.npsn)
    context = {"form": form, "group": group}
    return TemplateResponse(request, "drives/directory/class_edit.html", context, status=422 if form.errors else 200)

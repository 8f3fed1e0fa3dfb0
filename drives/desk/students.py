"""The list of students and a student's page: a whole story, composed of what the rooms know."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from drives.desk import people
from drives.desk.forms import PersonForm
from drives.models import Drive
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, AuditEntry, Office, Role, School, record_access
from students import privacy
from students.models import ClassGroup, Person

VIEWERS = (*PERSON_ROLES, Role.SCHOOL_ADMIN)


@require_GET
@requires(*VIEWERS)
def student_list(request: HttpRequest) -> HttpResponse:
    """`?q=`, `?school=` (NPSN), `?class=`, `?view=`, and `?after=` for the next page."""
    today = timezone.localdate()
    chosen = _filtered(request, today=today)
    after = request.GET.get("after", "")
    page = list(people.with_story(_page(chosen, after=after)))
    more = len(page) > people.PAGE_SIZE
    lines = [people.line(person, today=today) for person in page[: people.PAGE_SIZE]]
    context = {
        "lines": lines,
        "total": chosen.count(),
        "next_after": _cursor(lines[-1].person) if more else "",
        "after": after,
        "views": people.SAVED_VIEWS,
        "school": _school(request),
        "classes": _classes(request),
        "chosen_view": request.GET.get("view", ""),
        "chosen_class": request.GET.get("class", ""),
        "q": request.GET.get("q", ""),
        "is_filtered": any(request.GET.get(key) for key in ("q", "view", "class", "school")),
        "many_schools": bool(signed_in(request).office_ids(PERSON_ROLES)),
    }
    return TemplateResponse(request, "drives/desk/student_list.html", context)


def _filtered(request: HttpRequest, *, today: date) -> QuerySet[Person]:
    found = Person.objects.visible_to(signed_in(request))
    school = _school(request)
    if school:
        found = found.filter(school=school)
    elif signed_in(request).school_ids():
        found = found.filter(school__in=signed_in(request).school_ids())
    if text := request.GET.get("q", "").strip():
        found = found.filter(pk__in=Person.objects.visible_to(signed_in(request)).matching(text[:80]).values("pk"))
    if group := request.GET.get("class", ""):
        found = found.filter(enrolments__ends_on=None, enrolments__class_group__name=group[:40])
    return people.in_view(found, request.GET.get("view", ""), office=_office(request), today=today)


def _page(found: QuerySet[Person], *, after: str) -> QuerySet[Person]:
    """One row more than a page, from the cursor on: reading never slows down with the page number."""
    name, _separator, key = after.rpartition("~")
    try:
        last = UUID(key)
    except ValueError:
        return found.order_by("search_name", "id")[: people.PAGE_SIZE + 1]
    rest = found.filter(Q(search_name__gt=name) | Q(search_name=name, pk__gt=last))
    return rest.order_by("search_name", "id")[: people.PAGE_SIZE + 1]


def _cursor(person: Person) -> str:
    return f"{person.search_name}~{person.pk}"


def _school(request: HttpRequest) -> School | None:
    npsn = request.GET.get("school", "")
    return (
        School.objects.visible_to(signed_in(request)).filter(npsn=npsn[:8]).first() if npsn else signed_in(request).home_school()
    )


def _office(request: HttpRequest) -> Office | None:
    school = _school(request)
    return school.office if school else signed_in(request).home_office()


def _classes(request: HttpRequest) -> list[str]:
    school = _school(request)
    if school is None:
        return []
    latest = ClassGroup.objects.filter(school=school).order_by("-school_year").values("school_year")[:1]
    groups = ClassGroup.objects.filter(school=school, school_year=latest)
    return list(groups.order_by("grade", "name").values_list("name", flat=True))


@require_GET
@requires(*VIEWERS)
def student_detail(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Every look at a person's page is noted."""
    person = _person(request, person_id)
    _note(request, AuditEntry.Action.VIEWED, person)
    return TemplateResponse(request, "drives/desk/student_detail.html", _detail(request, person, PersonForm(instance=person)))


@require_POST
@requires(*VIEWERS)
@transaction.atomic
def student_edit(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Phone and places needed; names and numbers come with the roster."""
    person = _person(request, person_id)
    form = PersonForm(request.POST, instance=person)
    if not form.is_valid():
        return TemplateResponse(request, "drives/desk/student_detail.html", _detail(request, person, form), status=422)
    Person.objects.filter(pk=person.pk).update(**form.cleaned_data, updated_at=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("drives:student_detail", person_id=person.pk)


@require_POST
@requires(*VIEWERS)
def student_reveal(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """The whole NIK, in this one answer, with a line in the audit trail; never in an address or a cache."""
    person = _person(request, person_id)
    if not person.has_nik:
        return redirect("drives:student_detail", person_id=person.pk)
    _note(request, AuditEntry.Action.REVEALED, person)
    context = _detail(request, person, PersonForm(instance=person)) | {"nik": _nik(person)}
    response = TemplateResponse(request, "drives/desk/student_detail.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _person(request: HttpRequest, person_id: UUID) -> Person:
    return get_object_or_404(
        people.with_story(Person.objects.visible_to(signed_in(request))).select_related("city", "domicile"), pk=person_id
    )


def _nik(person: Person) -> str:
    return privacy.unseal(bytes(person.nik_sealed or b""), row_id=person.pk)


def _note(request: HttpRequest, action: AuditEntry.Action, person: Person) -> None:
    record_access(
        action=action,
        subject=person,
        by=signed_in(request),
        at=timezone.now(),
        office_id=person.office_id,
        school_id=person.school_id,
    )


def _detail(request: HttpRequest, person: Person, form: PersonForm) -> dict[str, Any]:
    line = people.line(person, today=timezone.localdate())
    return {
        "person": person,
        "line": line,
        "standing": line.standing,
        "form": form,
        "enrolments": person.enrolments.select_related("school", "class_group").order_by("-starts_on", "-id"),
        "appointments": person.appointments.filter(drive__in=_seen_drives(request))
        .select_related("timeslot", "drive__school")
        .order_by("-created_at")[:10],
        "statuses": getattr(person, "known_statuses", []),
        "visits": [visit for visit in getattr(person, "known_visits", []) if visit.state != "expected"],
        "can_enter_status": signed_in(request).has_role(Role.PLANNER),
        "masked_nik": privacy.mask(_nik(person)) if person.has_nik else "",
    }


def _seen_drives(request: HttpRequest) -> QuerySet[Drive]:
    return Drive.objects.visible_to(signed_in(request))

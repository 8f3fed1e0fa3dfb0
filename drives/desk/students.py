"""The list of students and a student's page: a whole story, composed of what the rooms know."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from drives.desk import people
from drives.desk.forms import PersonForm
from drives.desk.timeline import timeline
from drives.models import Drive, FollowUp
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, AuditEntry, Role, School, User, record_access
from students import privacy
from students.models import ClassGroup, Person

# More digits in a row than an NISN has.
LONG_NUMBER: Final = re.compile(r"\d{11}")
VIEWERS = (*PERSON_ROLES, Role.SCHOOL_ADMIN)


@dataclass(frozen=True)
class Asked:
    """What the address of the list asks for; a school out of sight does not exist."""

    school: School | None
    text: str
    group: str
    view: str
    after: str

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.group)


@require_GET
@requires(*VIEWERS)
def student_list(request: HttpRequest) -> HttpResponse:
    """`?q=`, `?school=` (NPSN), `?class=`, `?view=`, and `?after=` (the last person seen) for the next page."""
    if LONG_NUMBER.search(request.GET.get("q", "")):
        # A NIK has no place in an address, a history or a log: the page comes back without it.
        messages.error(request, _("A NIK is not searched here. Type the name or the NISN."))
        return redirect("drives:student_list")
    user, today = signed_in(request), timezone.localdate()
    asked = _asked(request)
    chosen = _chosen(user, asked, today=today)
    page = list(people.with_story(_page(user, chosen, after=asked.after)))
    lines = [people.line(person, today=today) for person in page[: people.PAGE_SIZE]]
    context = {
        "lines": lines,
        "total": chosen.count(),
        "next_after": lines[-1].person.pk if len(page) > people.PAGE_SIZE else "",
        "after": asked.after,
        "views": [view for view in people.SAVED_VIEWS if view.key not in people.OF_OFFICES or user.office_ids(PERSON_ROLES)],
        "school": asked.school,
        "classes": _classes(asked.school),
        "chosen_view": asked.view,
        "chosen_class": asked.group,
        "q": asked.text,
        "is_filtered": asked.is_filtered or "school" in request.GET,
        "many_schools": asked.school is None,
    }
    return TemplateResponse(request, "drives/desk/student_list.html", context)


def _asked(request: HttpRequest) -> Asked:
    def text(key: str, length: int) -> str:
        return request.GET.get(key, "").strip()[:length]

    user, npsn = signed_in(request), text("school", 8)
    school = get_object_or_404(School.objects.visible_to(user).select_related("office"), npsn=npsn) if npsn else _only(user)
    return Asked(school, text("q", 80), text("class", 60), text("view", 20), text("after", 36))


def _only(user: User) -> School | None:
    """The school of who belongs to one school and to no office."""
    return user.home_school() if len(user.school_ids()) == 1 and not user.office_ids(PERSON_ROLES) else None


def _chosen(user: User, asked: Asked, *, today: date) -> QuerySet[Person]:
    found = Person.objects.visible_to(user)
    if asked.school and asked.view in people.OF_OFFICES:
        found = found.filter(Exists(people.graduations().filter(school=asked.school)))
    elif asked.school:
        found = found.filter(school=asked.school)
    if asked.text:
        found = found.filter(pk__in=Person.objects.visible_to(user).matching(asked.text).values("pk"))
    if asked.group:
        found = found.filter(enrolments__ends_on=None, enrolments__class_group__name=asked.group)
    office = asked.school.office if asked.school else user.home_office()
    return people.in_view(found, asked.view, office=office, today=today)


def _page(user: User, chosen: QuerySet[Person], *, after: str) -> QuerySet[Person]:
    """One row more than a page, from the cursor on: reading never slows down with the page number."""
    ordered = chosen.order_by("search_name", "id")
    try:
        last = Person.objects.visible_to(user).only("search_name").get(pk=UUID(after)) if after else None
    except (ValueError, Person.DoesNotExist):
        last = None
    if last:
        ordered = ordered.filter(Q(search_name__gt=last.search_name) | Q(search_name=last.search_name, pk__gt=last.pk))
    return ordered[: people.PAGE_SIZE + 1]


def _classes(school: School | None) -> list[str]:
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
    user = signed_in(request)
    line = people.line(person, today=timezone.localdate())
    seen = Drive.objects.visible_to(user)
    return {
        "person": person,
        "line": line,
        "standing": line.standing,
        "form": form,
        "moments": timeline(
            visits=person.visits.filter(drive__in=seen).select_related("drive__school"),
            appointments=person.appointments.filter(drive__in=seen).select_related("timeslot", "drive__school"),
            statuses=person.statuses.all(),
            enrolments=person.enrolments.select_related("school", "class_group"),
            follow_ups=FollowUp.objects.filter(visit__person=person, visit__drive__in=seen).select_related(
                "drive_day__drive__school"
            ),
            zone=person.office.zone,
        ),
        "consent": person.consents.newest_first().first() if person.office.consent_required else "",
        "keeps_consent": person.office_id in user.office_ids([Role.PLANNER]) or person.school_id in user.school_ids(),
        "can_enter_status": person.office_id in user.office_ids([Role.PLANNER]),
        "masked_nik": privacy.mask(_nik(person)) if person.has_nik else "",
    }

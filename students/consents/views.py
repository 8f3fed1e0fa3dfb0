"""Parents' consent: of a class from its paper forms, of one pupil, its withdrawal, and the words to print."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from schools.access import requires, signed_in
from schools.directory.scope import schools_kept_by
from schools.models import AuditEntry, Role, School, record_access
from schools.templatetags.house import figure
from students.consents import actions, rows
from students.consents.forms import NO_NAME, ClassConsentForm, GiveForm, PupilForm, WithdrawForm
from students.consents.wording import CURRENT
from students.homeroom import HomeroomForm
from students.models import ClassGroup, Consent, Person
from students.typed import typed

KEEPERS = (Role.SCHOOL_ADMIN, Role.PLANNER)


@require_http_methods(["GET", "POST"])
@requires(*KEEPERS)
def consent_list(request: HttpRequest) -> HttpResponse:
    """`?school=` (NPSN) with its classes, and `?class=` with its pupils; a post notes what is ticked."""
    school = _school(request)
    if school is None:
        return TemplateResponse(request, "students/consents/consent_list.html", {"school": None})
    key = request.GET.get("class", "").strip()[:60]
    lines = rows.class_lines(school)
    current = next((line for line in lines if line.key == key), None)
    context: dict[str, Any] = {"school": school, "lines": lines, "current": current, "wording": CURRENT, "pupils": []}
    if current is None:
        if request.method == "POST" or key:
            raise Http404
        return TemplateResponse(request, "students/consents/consent_list.html", context)
    answers = request.POST if request.method == "POST" else typed(request, action=request.path)
    form = ClassConsentForm(answers, initial={"declared_on": timezone.localdate()})
    group = rows.class_group(school, key)
    context |= {"group": group, "homeroom": _homeroom(request, group) if group else None}
    pupils = [_pupil(answers, person) for person in rows.pupils_of(school, key)]
    if request.method == "POST" and _note(request, form, pupils):
        return redirect(rows.class_url(school, key))
    is_refused = request.method == "POST"
    context |= {"form": form, "pupils": pupils, "open_count": sum(pupil.form is not None for pupil in pupils)}
    return TemplateResponse(request, "students/consents/consent_list.html", context, status=422 if is_refused else 200)


@require_POST
@requires(*KEEPERS)
def homeroom_note(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Who leads the class, completed beside its consents."""
    kept = schools_kept_by(signed_in(request), *KEEPERS)
    group = get_object_or_404(ClassGroup.objects.filter(school__in=kept).select_related("school__office"), pk=class_id)
    homeroom = HomeroomForm(request.POST, instance=group)
    if not homeroom.is_valid():
        context = {
            "group": group,
            "homeroom": homeroom,
            "school": group.school,
            "back_url": rows.class_url(group.school, group.name),
        }
        return TemplateResponse(request, "students/consents/homeroom_note.html", context, status=422)
    homeroom.save()
    messages.success(request, _("Saved."))
    return redirect(rows.class_url(group.school, group.name))


def _school(request: HttpRequest) -> School | None:
    """The one asked for, or the only own one; who keeps several and names none has none yet."""
    kept = schools_kept_by(signed_in(request), *KEEPERS).select_related("office")
    if npsn := request.GET.get("school", "").strip()[:8]:
        return get_object_or_404(kept, npsn=npsn)
    own = signed_in(request).school_ids()
    return kept.filter(pk__in=own).first() if len(own) == 1 else None


def _homeroom(request: HttpRequest, group: ClassGroup) -> HomeroomForm:
    return HomeroomForm(typed(request, action=reverse("students:homeroom_note", args=[group.pk])), instance=group)


def _pupil(answers: Any, person: Person) -> rows.PupilLine:
    newest = rows.newest_of(person)
    if rows.is_current(newest):
        return rows.PupilLine(person, newest, None)
    return rows.PupilLine(person, newest, PupilForm(answers, prefix=person.pk.hex, name=person.name))


def _note(request: HttpRequest, form: ClassConsentForm, pupils: list[rows.PupilLine]) -> bool:
    """Whether all that was ticked could be noted; what could not stands in the forms."""
    forms = {pupil.person: pupil.form for pupil in pupils if pupil.form}
    is_read = all([form.is_valid(), *[each.is_valid() for each in forms.values()]])
    chosen = {person: each for person, each in forms.items() if each.is_valid() and each.cleaned_data["is_given"]}
    if not form.cleaned_data.get("is_on_paper"):
        for each in chosen.values():
            if not each.cleaned_data["given_by"]:
                each.add_error("given_by", NO_NAME)
                is_read = False
    if not is_read:
        return False
    if not chosen and not _is_repeated(request, pupils):
        form.add_error(None, _("Nobody is chosen. Choose at least one student."))
        return False
    common = form.cleaned_data
    try:
        made = chosen and actions.give(
            persons=list(chosen),
            given_by={person.pk: each.cleaned_data["given_by"] for person, each in chosen.items()},
            relation={person.pk: each.cleaned_data["relation"] or common["relation"] for person, each in chosen.items()},
            wording_version=common["wording_version"],
            channel=common["channel"],
            declared_on=common["declared_on"],
            by=signed_in(request),
            now=timezone.now(),
        )
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    _say(request, len(made or []))
    return True


def _is_repeated(request: HttpRequest, pupils: list[rows.PupilLine]) -> bool:
    """The same answers sent again: those who are ticked have their consent by now."""
    return any(f"{pupil.person.pk.hex}-is_given" in request.POST for pupil in pupils if pupil.form is None)


def _say(request: HttpRequest, count: int) -> None:
    if not count:
        messages.info(request, _("These consents stand already. Nothing was changed."))
        return
    sentence = ngettext("%(count)s consent was noted.", "%(count)s consents were noted.", count)
    messages.success(request, sentence % {"count": figure(count)})


@require_GET
@requires(*KEEPERS)
def consent_wording(request: HttpRequest) -> HttpResponse:
    """The form for parents, one page to print."""
    school = _school(request)
    return TemplateResponse(request, "students/consents/consent_wording.html", {"wording": CURRENT, "school": school})


@require_GET
@requires(*KEEPERS)
def consent_detail(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One pupil: what stands, what was, and the form for what comes next. Every look is noted."""
    person = _person(request, person_id)
    record_access(
        action=AuditEntry.Action.VIEWED,
        subject=person,
        by=signed_in(request),
        at=timezone.now(),
        office_id=person.office_id,
        school_id=person.school_id,
        detail={"page": "consent"},
    )
    return _detail(request, person, _next_form(request, person))


@require_POST
@requires(*KEEPERS)
def consent_give(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = _person(request, person_id)
    form = GiveForm(request.POST)
    if not form.is_valid():
        return _detail(request, person, form)
    try:
        answers = form.cleaned_data | {"is_at_the_door": person.school_id is None}
        made = actions.give(persons=[person], by=signed_in(request), now=timezone.now(), **answers)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _detail(request, person, form)
    _say(request, len(made))
    return redirect("students:consent_detail", person_id=person.pk)


@require_POST
@requires(*KEEPERS)
def consent_withdraw(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = _person(request, person_id)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _detail(request, person, form)
    try:
        line = actions.withdraw(person=person, by=signed_in(request), now=timezone.now(), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _detail(request, person, form)
    if line:
        messages.success(request, _("The withdrawal was noted. It counts from now on."))
    else:
        messages.info(request, _("No consent stands. Nothing was changed."))
    return redirect("students:consent_detail", person_id=person.pk)


def _persons(request: HttpRequest) -> QuerySet[Person]:
    user = signed_in(request)
    at_own_school = Q(school__in=schools_kept_by(user, *KEEPERS))
    # A guest's consent was noted at the door; its withdrawal reaches the office.
    at_no_school = Q(school=None, office__in=user.office_ids([Role.PLANNER]))
    kept = Person.objects.visible_to(user).filter(at_own_school | at_no_school)
    return rows.with_history(kept.select_related("school__office"))


def _person(request: HttpRequest, person_id: UUID) -> Person:
    return get_object_or_404(_persons(request), pk=person_id)


def _next_form(request: HttpRequest, person: Person) -> GiveForm | WithdrawForm:
    newest = rows.newest_of(person)
    initial = {"declared_on": timezone.localdate()}
    if newest and newest.is_given:
        return WithdrawForm(typed(request, action=reverse("students:consent_withdraw", args=[person.pk])), initial=initial)
    return GiveForm(typed(request, action=reverse("students:consent_give", args=[person.pk])), initial=initial)


def _detail(request: HttpRequest, person: Person, form: GiveForm | WithdrawForm) -> HttpResponse:
    newest: Consent | None = rows.newest_of(person)
    context = {
        "person": person,
        "newest": newest,
        "history": rows.history_of(person),
        "form": form,
        "is_withdrawal": isinstance(form, WithdrawForm),
        "classes_url": f"{reverse('students:consent_list')}?{urlencode({'school': person.school.npsn if person.school else ''})}",
    }
    return TemplateResponse(
        request, "students/consents/consent_detail.html", context, status=422 if request.method == "POST" else 200
    )

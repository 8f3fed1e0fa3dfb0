"""The check before the drive: lists out, result lists in, decisions; planners only."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from drives.models import Appointment, CheckList, Drive, DukcapilStatus, StatusImport
from drives.statuses import actions
from drives.statuses.check_list import persons_to_check, take_check_list
from drives.statuses.forms import ResultListForm, StatusForm
from drives.statuses.problems import TITLES
from drives.statuses.review import causes
from schools.access import requires
from schools.models import Office, Role, School, User
from schools.templatetags.house import figure
from students.models import Person

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_SIZE = 25
MOST_DECISIONS = 200


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def planning_office(user: User) -> Office:
    """The office for which this planner brings a list: the highest of those in which the role is held."""
    office = Office.objects.filter(pk__in=user.office_ids([Role.PLANNER])).order_by("level", "name", "pk").first()
    if office is None:
        raise Http404
    return office


@requires(Role.PLANNER)
@require_GET
def status_list(request: HttpRequest) -> TemplateResponse:
    user, now = signed_in(request), timezone.now()
    imports = StatusImport.objects.visible_to(user).defer("rows").select_related("uploaded_by", "approved_by")
    page = Paginator(imports.order_by("-created_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return TemplateResponse(
        request, "drives/statuses/status_list.html", {"page": page, "decisions": _decisions(user), "now": now}
    )


def _decisions(user: User, status_import: StatusImport | None = None) -> list[Appointment]:
    """Places of recorded persons in published drives, soonest first, with all that a line shows."""
    found = actions.to_decide(now=timezone.now()) & Appointment.objects.visible_to(user)
    if status_import:
        found = found.filter(actions.named_in(status_import))
    shown = found.select_related("person", "drive__school", "timeslot", "class_group")
    return list(shown.order_by("timeslot__starts_at", "person__search_name", "pk")[:MOST_DECISIONS])


@requires(Role.PLANNER)
@require_http_methods(["GET", "POST"])
def status_upload(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    office = planning_office(user)
    today = now.astimezone(office.zone).date()
    form = ResultListForm(request.POST or None, request.FILES or None, today=today)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = actions.read_result_list(
                data=file.read(),
                filename=file.name,
                dated_on=form.cleaned_data["dated_on"],
                office=office,
                by=user,
                now=now,
            )
        except ValidationError as refusal:
            form.add_error("file", refusal)
        else:
            return redirect("drives:status_import", made.pk)
    status = 422 if form.errors else 200
    return TemplateResponse(request, "drives/statuses/status_upload.html", {"form": form, "office": office}, status=status)


@requires(Role.PLANNER)
@require_GET
def status_import(request: HttpRequest, pk: UUID) -> TemplateResponse:
    user = signed_in(request)
    found = get_object_or_404(StatusImport.objects.visible_to(user).select_related("uploaded_by", "approved_by", "office"), pk=pk)
    rows = actions.rows_of(found)
    labels = dict(DukcapilStatus.Status.choices)
    by_status = sorted(found.counts.get("by_status", {}).items(), key=lambda item: (-item[1], item[0]))
    is_review = found.status == StatusImport.Status.REVIEW
    context = {
        "import": found,
        "is_review": is_review,
        "counts": found.counts,
        "causes": causes(rows, TITLES),
        "by_status": [(code, labels.get(code, code), count) for code, count in by_status],
        "draft_count": _draft_count(user, {row.person for row in rows if row.is_new}) if is_review else 0,
        "decisions": [] if is_review else _decisions(user, found),
    }
    return TemplateResponse(request, "drives/statuses/status_import.html", context)


def _draft_count(user: User, persons: set[str]) -> int:
    """Places in drafts that an approval may give free: those of persons in the list."""
    in_drafts = Appointment.objects.visible_to(user).live().filter(drive__status=Drive.Status.DRAFT)
    return sum(str(person) in persons for person in in_drafts.values_list("person", flat=True))


@requires(Role.PLANNER)
@require_POST
def status_import_approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    found = get_object_or_404(StatusImport.objects.visible_to(user), pk=pk)
    try:
        outcome = actions.approve_import(status_import=found, by=user, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        sentence = ngettext("%(count)s status was imported.", "%(count)s statuses were imported.", outcome.added_count)
        messages.success(request, sentence % {"count": figure(outcome.added_count)})
    return redirect("drives:status_import", pk)


@requires(Role.PLANNER)
@require_POST
def status_import_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(StatusImport.objects.visible_to(signed_in(request)), pk=pk)
    try:
        actions.cancel_import(status_import=found)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("drives:status_import", pk)
    messages.success(request, _("The list was discarded. Nothing was changed."))
    return redirect("drives:status_list")


@requires(Role.PLANNER)
@require_POST
def status_appointments_cancel(request: HttpRequest) -> HttpResponse:
    """The places that were ticked, given free; who no longer needs a decision is left alone."""
    user = signed_in(request)
    plannable = Drive.objects.plannable_by(user)
    try:
        chosen = [UUID(value) for value in request.POST.getlist("appointment")]
    except ValueError:
        raise Http404 from None
    appointments = Appointment.objects.visible_to(user).filter(pk__in=chosen, drive__in=plannable)
    count = actions.cancel_recorded(appointments=appointments, now=timezone.now())
    if count:
        sentence = ngettext("%(count)s place was given free.", "%(count)s places were given free.", count)
        messages.success(request, sentence % {"count": figure(count)})
    else:
        messages.info(request, _("No place was chosen, so nothing was changed."))
    came_from = _uuid(request.POST.get("import", ""))
    if came_from and StatusImport.objects.visible_to(user).filter(pk=came_from).exists():
        return redirect("drives:status_import", came_from)
    return redirect("drives:status_list")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@requires(Role.PLANNER)
@require_http_methods(["GET", "POST"])
def status_enter(request: HttpRequest, person_pk: UUID) -> HttpResponse:
    """One status typed by hand."""
    user, now = signed_in(request), timezone.now()
    person = get_object_or_404(Person.objects.visible_to(user).select_related("office", "school"), pk=person_pk)
    form = StatusForm(request.POST or None, today=now.astimezone(person.office.zone).date())
    if request.method == "POST" and form.is_valid():
        actions.enter_status(person=person, by=user, now=now, **form.cleaned_data)
        messages.success(request, _("The status was saved."))
        return redirect("drives:status_enter", person.pk)
    known = DukcapilStatus.objects.visible_to(user).filter(person=person).select_related("entered_by")
    context = {"form": form, "person": person, "known": known.order_by("-dated_on", "-pk")[:PAGE_SIZE]}
    return TemplateResponse(request, "drives/statuses/status_enter.html", context, status=422 if form.errors else 200)


@requires(Role.PLANNER)
@require_http_methods(["GET", "POST"])
def check_list(request: HttpRequest, school_pk: UUID) -> HttpResponse:
    """The page says what the file holds and what is written down; the POST makes it. `?drive=` narrows it to its grades."""
    user, now = signed_in(request), timezone.now()
    school = get_object_or_404(School.objects.filter(office__in=user.office_ids([Role.PLANNER])), pk=school_pk)
    drive = None
    if "drive" in request.GET:
        wanted = _uuid(request.GET["drive"]) or school.pk  # what is no id is no drive's id
        drive = get_object_or_404(Drive.objects.plannable_by(user), pk=wanted, school=school)
    if request.method == "POST":
        try:
            _taken, content = take_check_list(school=school, drive=drive, by=user, now=now)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect(request.get_full_path())
        name = f"daftar-periksa-{school.npsn}-{now.astimezone(school.office.zone):%Y-%m-%d}.xlsx"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(content, content_type=EXCEL, headers=headers)
    people = persons_to_check(school=school, drive=drive)
    with_nik = people.filter(nik_sealed__isnull=False).count()
    context = {
        "school": school,
        "drive": drive,
        "count": with_nik,
        "without_nik": people.count() - with_nik,
        "taken": CheckList.objects.filter(school=school).select_related("taken_by").order_by("-taken_at", "-pk")[:10],
    }
    return TemplateResponse(request, "drives/statuses/check_list.html", context)

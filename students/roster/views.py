"""Upload, watch, review, decide, approve; every step has a page to leave and come back to."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from schools.access import requires, signed_in
from schools.models import AuditEntry, record_access
from schools.templatetags.house import figure
from students.models import RosterUpload
from students.roster import error_file, intake, questions, worklist
from students.roster.forms import UPLOADERS, ColumnsForm, UploadForm, choice_text
from students.roster.mending import mending_of
from students.roster.pages import Place
from students.roster.review import Review, review
from students.roster.undo import can_be_undone, undo_upload
from students.typed import typed

# After this a waiting page says that no worker has come yet.
PATIENCE = timedelta(seconds=10)
Status = RosterUpload.Status


@require_http_methods(["GET", "POST"])
@requires(*UPLOADERS)
def upload_list(request: HttpRequest) -> HttpResponse:
    """The form, and what was uploaded before."""
    is_posted = request.method == "POST"
    form = UploadForm(
        request.POST if is_posted else typed(request, action=request.path),
        request.FILES if is_posted else None,
        user=signed_in(request),
        asked_for=request.GET.get("school", ""),
    )
    if is_posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = intake.upload_roster(
                school=form.chosen_school, data=file.read(), filename=file.name, by=signed_in(request), now=timezone.now()
            )
        except ValidationError as refusal:
            form.add_error("file", refusal)
        else:
            return redirect("students:upload_detail", upload_id=upload.pk)
    uploads = RosterUpload.objects.visible_to(signed_in(request)).select_related("school", "uploaded_by")
    newest = list(uploads.defer("file_sealed", "questions_sealed").order_by("-created_at", "-id")[:30])
    left = worklist.counts({upload.school_id for upload in newest})
    context = {
        "form": form,
        "uploads": [(upload, left.get(upload.pk, 0)) for upload in newest],
        "schools": [] if not form.names_school else [choice_text(school) for school in form.ordered_schools],
    }
    return TemplateResponse(request, "students/upload_list.html", context, status=422 if is_posted else 200)


@require_GET
@requires(*UPLOADERS)
def upload_detail(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """While it is worked on: progress. Then the review, and after approval what has changed."""
    upload = _upload(request, upload_id)
    context: dict[str, Any] = {"upload": upload, "school": upload.school}
    if upload.status in intake.WORK:
        return TemplateResponse(request, "students/upload_progress.html", context | {"job": _job(upload)})
    if upload.status == Status.QUESTIONS:
        return redirect("students:upload_columns", upload_id=upload.pk)
    if upload.status == Status.REPAIRED and upload.repairs_to_id:
        messages.info(request, _taken_over(upload))
        return redirect("students:upload_detail", upload_id=upload.repairs_to_id)
    if upload.status in (Status.REVIEW, Status.APPLIED):
        today = timezone.localdate()
        place = Place.asked_for(request.GET)
        context |= {"review": review(upload, born_by=_seventeen_years_before(today), place=place), "today": today}
        context["is_open"] = upload.status == Status.REVIEW
        found: Review = context["review"]
        # A follow-up begins with what is left alone; a yes to that would say nothing.
        context["nothing_to_approve"] = bool(
            context["is_open"] and upload.follows_id and not found.import_count and not found.can_decide
        )
        if context["is_open"] and (said := _typed_decisions(request, upload)):
            found.answer({name: str(value) for name, value in said.items()})
            context["is_right_school"] = said.get("is_right_school") == "on"
        context["can_be_undone"] = can_be_undone(upload)
        context["mending"] = mending_of(upload)
        context["explanations"] = questions.explanations(upload)
        return TemplateResponse(request, "students/upload_review.html", context)
    return TemplateResponse(request, "students/upload_refused.html", context)


@require_GET
@requires(*UPLOADERS)
def upload_job(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The progress alone, asked for every two seconds; once it has ended, the browser goes to the page."""
    upload = _upload(request, upload_id)
    if upload.status not in intake.WORK:
        response = HttpResponse(status=200)
        response["HX-Redirect"] = reverse("students:upload_detail", args=[upload.pk])
        return response
    return TemplateResponse(request, "_job.html", {"job": _job(upload)})


@require_http_methods(["GET", "POST"])
@requires(*UPLOADERS)
def upload_columns(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """What the columns of this file mean: asked while it waits for that, and to be changed during the review."""
    upload = _upload(request, upload_id)
    asked = questions.asked_about(upload)
    is_posted = request.method == "POST"
    if asked is None or (is_posted and request.POST.get("status") != upload.status):
        if is_posted:
            messages.info(request, _("These questions have been answered meanwhile."))
        return redirect("students:upload_detail", upload_id=upload.pk)
    form = ColumnsForm(request.POST if is_posted else typed(request, action=request.path), asked=asked)
    if is_posted and form.is_valid():
        try:
            intake.answer_columns(upload=upload, answers=form.answers, by=signed_in(request), now=timezone.now())
        except ValidationError as refusal:
            messages.info(request, refusal.messages[0])
        return redirect("students:upload_detail", upload_id=upload.pk)
    context = {"upload": upload, "school": upload.school, "form": form, "is_change": upload.status == Status.REVIEW}
    return TemplateResponse(request, "students/upload_columns.html", context, status=422 if is_posted else 200)


@require_POST
@requires(*UPLOADERS)
def upload_decide(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """What is chosen on the page is noted, also by turning over one of its lists (`go`)."""
    upload = _upload(request, upload_id)
    turned = request.POST.get("go", "")
    try:
        count = _note_decisions(request, upload)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        if count or not turned:
            sentence = ngettext("%(count)s decision noted.", "%(count)s decisions noted.", count)
            messages.success(request, sentence % {"count": figure(count)})
    place = Place.asked_for(QueryDict(turned) if turned else request.GET)
    return redirect(reverse("students:upload_detail", args=[upload.pk]) + place.query)


@require_POST
@requires(*UPLOADERS)
def upload_approve(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """What was just decided on the page counts too."""
    upload = _upload(request, upload_id)
    try:
        if upload.status == Status.REVIEW:
            _note_decisions(request, upload)
        intake.approve_upload(
            upload=upload,
            by=signed_in(request),
            now=timezone.now(),
            is_right_school=request.POST.get("is_right_school") == "on",
        )
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("students:upload_detail", upload_id=upload.pk)


@require_POST
@requires(*UPLOADERS)
def upload_cancel(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    upload = _upload(request, upload_id)
    try:
        intake.cancel_upload(upload=upload, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("students:upload_detail", upload_id=upload.pk)
    messages.success(request, _("The upload was cancelled. Nothing was changed."))
    return redirect("students:upload_list")


@require_POST
@requires(*UPLOADERS)
def upload_undo(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    upload = _upload(request, upload_id)
    try:
        undo_upload(upload=upload, by=signed_in(request), now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The import was undone. Everything stands as before it."))
    return redirect("students:upload_detail", upload_id=upload.pk)


@require_GET
@requires(*UPLOADERS)
def upload_errors(request: HttpRequest, upload_id: UUID) -> FileResponse:
    """Rows with problems as an Excel file: row number, name, class, column, what is wrong. Without any NIK."""
    upload = _upload(request, upload_id)
    record_access(
        action=AuditEntry.Action.EXPORTED,
        subject=upload,
        by=signed_in(request),
        at=timezone.now(),
        office_id=upload.office_id,
        school_id=upload.school_id,
    )
    return FileResponse(error_file.build(upload), as_attachment=True, filename=f"perbaikan-{upload.school.npsn}.xlsx")


def _typed_decisions(request: HttpRequest, upload: RosterUpload) -> QueryDict | None:
    """What was chosen on this page before the session ended."""
    for name in ("students:upload_decide", "students:upload_approve"):
        if said := typed(request, action=reverse(name, args=[upload.pk])):
            return said
    return None


def _upload(request: HttpRequest, upload_id: UUID) -> RosterUpload:
    uploads = RosterUpload.objects.visible_to(signed_in(request)).defer("file_sealed")
    return get_object_or_404(uploads.select_related("school", "office", "uploaded_by", "approved_by"), pk=upload_id)


def _taken_over(upload: RosterUpload) -> str:
    """What came of an error file."""
    count, strange = upload.counts.get("repaired", 0), upload.counts.get("strange", 0)
    told = _("From the error file %(count)s rows were taken over.") if count else _("This error file was taken over before.")
    ignored = _("%(count)s rows have no row code and were passed over; add new students in Dapodik.") if strange else ""
    return f"{told % {'count': count}} {ignored and ignored % {'count': strange}}".strip()


def _job(upload: RosterUpload) -> dict[str, Any]:
    """What `_job.html` shows: which step, and whether a worker has come."""
    is_reading = upload.status in (Status.WAITING, Status.READING)
    since = upload.approved_at if upload.approved_at and not is_reading else upload.created_at
    is_orphaned = upload.claimed_at is not None and timezone.now() - upload.claimed_at > intake.LEASE
    waits = upload.status in (Status.WAITING, Status.APPROVED) or is_orphaned
    if waits and timezone.now() - since > PATIENCE:
        sentence = _("The job waits: the background worker has not taken it yet. Nothing is lost.")
    elif is_reading:
        sentence = _("Step 1 of 2: the file is read and compared with what is known.")
    else:
        sentence = _("Step 2 of 2: the students are being imported.")
    return {
        "title": _("Reading the roster of %(school)s") % {"school": upload.school}
        if is_reading
        else _("Importing the roster of %(school)s") % {"school": upload.school},
        "state": "waiting" if waits else "running",
        "sentence": sentence,
        "done": upload.rows_done,
        "total": upload.rows_total if not is_reading else 0,
        "url": reverse("students:upload_job", args=[upload.pk]),
        "cancel_url": reverse("students:upload_cancel", args=[upload.pk]) if is_reading else "",
    }


def _note_decisions(request: HttpRequest, upload: RosterUpload) -> int:
    """Fields `row-<id>` of single rows, and `all-<section>` for the rest of a section."""
    decisions = [
        (UUID(key.removeprefix("row-")), request.POST.get(key, ""))
        for key in request.POST
        if key.startswith("row-") and _is_uuid(key[4:])
    ]
    for_all = {key.removeprefix("all-"): str(value) for key, value in request.POST.items() if key.startswith("all-") and value}
    return intake.decide(upload=upload, decisions=decisions, for_all=for_all)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _seventeen_years_before(day: date) -> date:
    """Born on or before it, one has turned 17; 29 February counts from 1 March."""
    try:
        return day.replace(year=day.year - 17)
    except ValueError:
        return date(day.year - 17, 2, 28)

"""Mending lines of a roster: each has a page of its own; saved repairs are checked by reading the file again."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from schools.access import requires, signed_in
from schools.models import Role
from students.models import RosterRepair, RosterRow, RosterUpload
from students.roster import follow_up, intake, repairs
from students.roster.causes import field_of
from students.roster.overlay import address
from students.roster.repair_forms import RepairForm
from students.typed import typed

UPLOADERS = (Role.SCHOOL_ADMIN, Role.PLANNER)
Status = RosterUpload.Status


@require_http_methods(["GET", "POST"])
@requires(*UPLOADERS)
def upload_row(request: HttpRequest, upload_id: UUID, row_id: UUID) -> HttpResponse:
    """One line, to be mended: now checked by itself, then with all the others when the file is read again."""
    upload = _upload(request, upload_id)
    row = upload.rows.filter(row_number__gt=0, pk=row_id).defer("nik_sealed").first()
    if row is None:
        if RosterRow.objects.filter(pk=row_id).exists():
            raise Http404
        # Left out, or thrown away with its list, in another window.
        messages.info(request, _("This row is not there any more. What was written about it just now was not stored."))
        return redirect("students:upload_detail", upload_id=upload.pk)
    is_posted = request.method == "POST"
    if not is_posted and upload.status not in (Status.REVIEW, Status.APPLIED):
        return redirect("students:upload_detail", upload_id=upload.pk)
    written = upload.repairs.filter(sheet=row.sheet, row_number=row.row_number, is_read=False).first()
    today = timezone.now().astimezone(upload.office.zone).date()
    form = RepairForm(
        request.POST if is_posted else typed(request, action=request.path),
        row=row,
        today=today,
        regions=intake.regions(),
        written=repairs.opened(written) if written else None,
    )
    following = _next(upload, row)
    if is_posted and form.is_valid():
        goes_on = "next" in request.POST and following is not None
        try:
            saved = follow_up.save_repairs(
                upload=upload,
                found={address(row.sheet, row.row_number): form.cells},
                by=signed_in(request),
                now=timezone.now(),
                read_again=not goes_on,
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            if goes_on and following:
                messages.success(request, _("Row %(row)s is noted. It is checked with the others.") % {"row": row.row_number})
                return redirect("students:upload_row", upload_id=upload.pk, row_id=following.pk)
            return redirect("students:upload_detail", upload_id=saved.upload.pk)
    context = {
        "upload": upload,
        "school": upload.school,
        "row": row,
        "form": form,
        "elsewhere": [problem["message"] for problem in row.problems if not field_of(problem["code"])],
        "next_url": reverse("students:upload_row", args=[upload.pk, following.pk]) if following else "",
        "is_open": upload.status == Status.REVIEW,
        "is_written": written is not None,
    }
    return TemplateResponse(request, "students/upload_row.html", context, status=422 if is_posted else 200)


@require_POST
@requires(*UPLOADERS)
def upload_read_again(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    upload = _upload(request, upload_id)
    try:
        follow_up.read_again(upload=upload)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("students:upload_detail", upload_id=upload.pk)


@require_POST
@requires(*UPLOADERS)
def upload_continue(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """What an import has left becomes an upload of its own, to be mended and approved."""
    upload = _upload(request, upload_id)
    try:
        upload = follow_up.continue_import(upload=upload, by=signed_in(request), now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("students:upload_detail", upload_id=upload.pk)


@require_POST
@requires(*UPLOADERS)
def upload_repair_take_back(request: HttpRequest, upload_id: UUID, repair_id: UUID) -> HttpResponse:
    """The line counts again as it stands in the file."""
    upload = _upload(request, upload_id)
    repair = get_object_or_404(
        RosterRepair.objects.select_related("upload").defer("upload__file_sealed"), upload=upload, pk=repair_id
    )
    try:
        follow_up.take_repair_back(repair=repair)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("students:upload_detail", upload_id=upload.pk)


def _upload(request: HttpRequest, upload_id: UUID) -> RosterUpload:
    uploads = RosterUpload.objects.visible_to(signed_in(request)).defer("file_sealed")
    return get_object_or_404(uploads.select_related("school", "office"), pk=upload_id)


def _next(upload: RosterUpload, row: RosterRow) -> RosterRow | None:
    """The next line with an error that nobody has written about; only in the review, where lines are mended in a row."""
    if upload.status != Status.REVIEW:
        return None
    noted = set(upload.repairs.filter(is_read=False).values_list("sheet", "row_number"))
    rest: QuerySet[RosterRow] = upload.rows.filter(problems__contains=[{"level": "error"}]).only("upload", "sheet", "row_number")
    for found in rest.order_by("sheet", "row_number", "id"):
        if (found.sheet, found.row_number) > (row.sheet, row.row_number) and (found.sheet, found.row_number) not in noted:
            return found
    return None

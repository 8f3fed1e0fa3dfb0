"""PDFs of a drive: each role prints what its work needs, and every print is kept in the audit trail."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from drives.documents import sheets
from drives.documents.typesetting import typeset
from drives.models import Appointment, Correction, DayClose, Drive, DriveDay
from drives.planning.printed import Stale, note_attendance, note_class_sheets, note_letter, note_slips, stale_prints
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, AuditEntry, Role, User, record_access

OF_OFFICE = (Role.PLANNER, Role.LEAD_OPERATOR)
OF_SCHOOL = (*OF_OFFICE, Role.SCHOOL_ADMIN)
ON_SITE = (*OF_OFFICE, Role.OPERATOR)
# In the language of the paper, whatever language the user reads.
FILENAMES = {
    "slips": "slip",
    "classes": "lembar-kelas",
    "letter": "surat-pemberitahuan",
    "attendance": "daftar-hadir",
    "minutes": "berita-acara",
}


@require_GET
@requires(*OF_SCHOOL)
def print_index(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """What there is to print, by class and by day, with how many each has."""
    user = signed_in(request)
    drive = _drive(user, drive_id)
    standing = _appointments(user, drive).filter(ending__in=["", Appointment.Ending.KEPT])
    by_class = standing.values("class_group", "class_group__name").annotate(count=Count("pk")).order_by("class_group__name")
    is_office = drive.office_id in user.office_ids(PERSON_ROLES)
    context = {
        "drive": drive,
        "classes": list(by_class),
        "count": sum(row["count"] for row in by_class),
        "days": DriveDay.objects.filter(drive=drive).order_by("day") if is_office else [],
        "stale": stale_prints(drive),
        "has_letter": drive.school is not None,
    }
    return TemplateResponse(request, "drives/documents/print_index.html", context)


@require_GET
@requires(*OF_SCHOOL)
def print_slips(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """All slips, those of a class or day, or (`?changed=1`) those that say something else than what was printed."""
    drive, appointments = _chosen(request, drive_id, changed=lambda stale, one: one.person_id in stale.slips)
    response = _pdf(request, drive, "slips", sheets.slips, appointments)
    note_slips(drive=drive, appointments=appointments, by=signed_in(request), now=timezone.now())
    return response


@require_GET
@requires(*OF_SCHOOL)
def class_sheet(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    """All class sheets, that of a class, or (`?changed=1`) those that have changed since they were printed."""
    drive, appointments = _chosen(request, drive_id, changed=lambda stale, one: one.class_group_id in stale.classes)
    response = _pdf(request, drive, "classes", sheets.classes, appointments)
    if not request.GET.get("day"):
        note_class_sheets(drive=drive, appointments=appointments, by=signed_in(request), now=timezone.now())
    return response


@require_GET
@requires(*OF_SCHOOL)
def print_letter(request: HttpRequest, drive_id: UUID) -> HttpResponse:
    user = signed_in(request)
    drive = _drive(user, drive_id)
    if drive.school is None:
        raise Http404
    today = timezone.now().astimezone(drive.office.zone).date()
    with translation.override("id"):
        data = sheets.letter(drive, sheets.scheduled(_appointments(user, drive)), today=today)
    response = _answer(request, drive, "letter", data, count=0)
    note_letter(drive=drive, by=user, now=timezone.now())
    return response


@require_GET
@requires(*ON_SITE)
def print_attendance(request: HttpRequest, drive_id: UUID, drive_day_id: UUID) -> HttpResponse:
    """An operator's own day, or any day of the office; by timeslot, or (`?by=class`) by class."""
    days = DriveDay.objects.visible_to(signed_in(request)).exclude(drive__status=Drive.Status.DRAFT)
    drive_day = days.filter(pk=drive_day_id, drive=drive_id).select_related("drive__office__region", "drive__school").first()
    if drive_day is None:
        raise Http404
    appointments = sheets.scheduled(Appointment.objects.filter(timeslot__drive_day=drive_day))
    with translation.override("id"):
        data = sheets.attendance(drive_day, appointments, by_class=request.GET.get("by") == "class")
    response = _answer(request, drive_day.drive, "attendance", data, count=len(appointments))
    note_attendance(drive_day=drive_day, appointments=appointments, by=signed_in(request), now=timezone.now())
    return response


@require_GET
@requires(*OF_OFFICE)
def print_minutes(request: HttpRequest, drive_id: UUID, drive_day_id: UUID) -> HttpResponse:
    """The record of a day that has been closed (berita acara), to be signed by both sides."""
    days = DriveDay.objects.visible_to(signed_in(request)).filter(pk=drive_day_id, drive=drive_id)
    found = DayClose.objects.filter(drive_day__in=days).select_related(
        "closed_by", "drive_day__drive__office__region", "drive_day__drive__school"
    )
    close = found.first()
    if close is None:
        raise Http404
    with translation.override("id"):
        data = sheets.minutes(close, correction_count=Correction.objects.filter(drive_day=close.drive_day_id).count())
    return _answer(request, close.drive_day.drive, "minutes", data, count=0)


def _drive(user: User, drive_id: UUID) -> Drive:
    """A drive of the office, or one at the user's own school; operators have the attendance sheet alone."""
    of_office = Drive.objects.visible_to(user).filter(office__in=user.office_ids(OF_OFFICE))
    of_school = Drive.objects.visible_to(user).filter(school__in=user.school_ids())
    drive = (of_office | of_school).filter(pk=drive_id).select_related("school", "office__region").first()
    if drive is None:
        raise Http404
    return drive


def _appointments(user: User, drive: Drive) -> QuerySet[Appointment]:
    return Appointment.objects.visible_to(user).filter(drive=drive)


def _chosen(
    request: HttpRequest, drive_id: UUID, *, changed: Callable[[Stale, Appointment], bool]
) -> tuple[Drive, list[Appointment]]:
    """All appointments, or those of `?class=`, `?day=` and `?changed=`; nothing that can be printed does not exist."""
    user = signed_in(request)
    drive = _drive(user, drive_id)
    appointments = _appointments(user, drive)
    for name, lookup in (("class", "class_group"), ("day", "timeslot__drive_day")):
        if wanted := request.GET.get(name):
            appointments = appointments.filter(**{lookup: _uuid(wanted)})
    found = sheets.scheduled(appointments)
    if request.GET.get("changed"):
        stale = stale_prints(drive)
        found = [one for one in found if changed(stale, one)]
    if not found:
        raise Http404
    return drive, found


def _pdf(request: HttpRequest, drive: Drive, document: str, made_by: Any, appointments: list[Appointment]) -> HttpResponse:
    """In Indonesian, whatever language the user reads: it is for the school."""
    with translation.override("id"):
        data = made_by(drive, appointments)
    return _answer(request, drive, document, data, count=len(appointments))


def _answer(request: HttpRequest, drive: Drive, document: str, data: Mapping[str, Any], *, count: int) -> HttpResponse:
    record_access(
        action=AuditEntry.Action.EXPORTED,
        subject=drive,
        by=signed_in(request),
        at=timezone.now(),
        office_id=drive.office_id,
        school_id=drive.school_id,
        detail={"document": document, "persons": count},
    )
    response = HttpResponse(typeset(document, data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{FILENAMES[document]}-{slugify(str(drive))}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None

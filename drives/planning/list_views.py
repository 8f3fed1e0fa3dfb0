"""Drives as a list."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from drives.models import Drive, KitDuty, Timeslot
from drives.planning import forms
from drives.planning.labels import State, span_of, state_of
from drives.planning.named import READERS
from schools.access import requires, signed_in
from schools.models import PERSON_ROLES, Region, Role, School

PAGE_SIZE: Final = 25


@dataclass(frozen=True, slots=True)
class Row:
    drive: Drive
    state: State
    span: str
    places: int
    taken: int
    kit_count: int


@require_safe
@requires(*READERS)
def drive_list(request: HttpRequest) -> HttpResponse:
    """Planners and leads see all drives of their offices, a school its own published ones."""
    user, now = signed_in(request), timezone.now()
    drives = Drive.objects.visible_to(user)
    wishes = forms.DriveFilter(request.GET, districts=_districts(drives))
    today = timezone.localdate()
    page = Paginator(_filtered(drives, wishes, today=today), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(drive, now=now) for drive in page.object_list],
        "filter": wishes,
        "is_filtered": any(wishes.wish(name) for name in wishes.fields),
        "is_school": not user.has_role(*PERSON_ROLES),
        "can_plan": user.has_role(Role.PLANNER),
    }
    return TemplateResponse(request, "drives/planning/drive_list.html", context)


def _districts(drives: QuerySet[Drive]) -> list[Region]:
    return list(Region.objects.filter(pk__in=drives.order_by().values("school__district")).order_by("parent", "name", "pk"))


def _filtered(drives: QuerySet[Drive], wishes: forms.DriveFilter, *, today: date) -> QuerySet[Any]:
    found: QuerySet[Any] = Drive.objects.filter(pk__in=drives.values("pk")).with_days()
    if words := wishes.wish("q"):
        found = found.filter(school__in=School.objects.all().matching(words))
    if state := wishes.wish("state"):
        found = found.filter(status=state)
    if district := wishes.wish("district"):
        found = found.filter(school__district=district)
    found = _with_figures(found.select_related("school__district", "office"))
    if wishes.wish("time") == "past":
        return found.filter(last_day__lt=today).order_by("-first_day", "pk")
    if wishes.wish("time") == "all":
        return found.order_by("-first_day", "pk")
    coming: QuerySet[Any] = found.filter(last_day__gte=today).order_by("first_day", "pk")
    return coming


def _with_figures(drives: QuerySet[Any]) -> QuerySet[Any]:
    """Annotates `place_count`, `taken_count` and `kit_count`, each from one row a drive."""
    slots = Timeslot.objects.filter(drive=OuterRef("pk")).order_by().values("drive")
    duties = KitDuty.objects.filter(drive_day__drive=OuterRef("pk"), released_at=None).order_by().values("drive_day__drive")
    annotated: QuerySet[Any] = drives.annotate(
        place_count=Subquery(slots.annotate(sum=Sum("places")).values("sum")),
        taken_count=Subquery(slots.annotate(sum=Sum("places_taken")).values("sum")),
        kit_count=Subquery(duties.annotate(count=Count("kit", distinct=True)).values("count")),
    )
    return annotated


def _row(drive: Any, *, now: datetime) -> Row:
    today = now.astimezone(drive.office.zone).date()
    return Row(
        drive,
        state_of(drive, first_day=drive.first_day, last_day=drive.last_day, today=today),
        span_of(drive.first_day, drive.last_day),
        drive.place_count or 0,
        drive.taken_count or 0,
        drive.kit_count or 0,
    )

"""What waits for somebody because a school has asked for a drive."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.desk.line import Todo
from drives.models import Drive, DriveDay, DriveRequest

State = DriveRequest.State


def of_office(offices: set[Any], *, now: datetime) -> Iterator[Todo]:
    """Requests to be answered, and those agreed on for which nobody has planned a drive yet; one query."""
    made = DriveDay.objects.filter(drive__school=OuterRef("school"), drive__created_at__gte=OuterRef("asked_at"))
    planned = Exists(made.exclude(drive__status=Drive.Status.CANCELLED))
    agreed_on = Q(state=State.ACCEPTED, days__0__gte=now.date()) & ~Q(planned)
    waiting = DriveRequest.objects.filter(Q(state=State.ASKED) | agreed_on, office__in=offices).select_related("school")
    found = list(waiting.order_by("changed_at", "pk"))
    if asked := [each for each in found if each.state == State.ASKED]:
        title = ngettext("school asks for a drive", "schools ask for a drive", len(asked))
        yield Todo(len(asked), title, _names(asked), _("Answer"), _url(asked), urgency=1)
    if agreed := [each for each in found if each.state == State.ACCEPTED]:
        title = ngettext("agreed drive is not planned yet", "agreed drives are not planned yet", len(agreed))
        yield Todo(len(agreed), title, _names(agreed), _("Plan"), _url(agreed), urgency=1)


def of_school(schools: set[Any]) -> Iterator[Todo]:
    """The office proposes other days; the school has to say yes or no."""
    for each in DriveRequest.objects.filter(school__in=schools, state=State.PROPOSED).order_by("changed_at", "pk"):
        url = reverse("drives:drive_request", args=[each.pk])
        detail = _("Agree, or ask for other days.")
        yield Todo(1, _("proposal of the office for a drive"), detail, _("Answer"), url, urgency=0)


def _names(requests: list[DriveRequest]) -> str:
    shown = ", ".join(each.school.name for each in requests[:3])
    return f"{shown}, …" if len(requests) > 3 else shown


def _url(requests: list[DriveRequest]) -> str:
    """One request opens at once; of several the list."""
    return reverse("drives:drive_request", args=[requests[0].pk]) if len(requests) == 1 else reverse("drives:request_list")

"""What a request of the slot board names: the drive, a timeslot, people, a day; and the way back to the board."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from drives.models import Drive, Timeslot
from schools.access import signed_in
from schools.models import PERSON_ROLES, Role

READERS: Final = (*PERSON_ROLES, Role.SCHOOL_ADMIN)
T = TypeVar("T")


def seen_drive(request: HttpRequest, drive_id: UUID) -> Drive:
    """One that this reader may see; what operators see of their days is the console's."""
    user = signed_in(request)
    seen = Q(office__in=user.office_ids(PERSON_ROLES)) | Q(school__in=user.school_ids())
    drives = Drive.objects.visible_to(user).filter(seen).select_related("school__district", "office")
    return get_object_or_404(drives, pk=drive_id)


def planned_drive(request: HttpRequest, drive_id: UUID) -> Drive:
    drives = Drive.objects.plannable_by(signed_in(request)).select_related("school__district", "office")
    return get_object_or_404(drives, pk=drive_id)


def slot_of(drive: Drive, slot_id: UUID) -> Timeslot:
    return get_object_or_404(Timeslot.objects.filter(drive=drive).select_related("drive_day"), pk=slot_id)


def board_url(drive: Drive, on: date | None = None) -> str:
    url = reverse("drives:slot_board", args=[drive.pk])
    return f"{url}?day={on.isoformat()}" if on else url


def detail_url(drive: Drive, slot: Timeslot) -> str:
    return reverse("drives:timeslot_detail", args=[drive.pk, slot.pk])


def day_of(slot: Timeslot, drive: Drive) -> date:
    return slot.starts_at.astimezone(drive.office.zone).date()


def back_url(request: HttpRequest, drive: Drive, slot: Timeslot) -> str:
    """To where the wish came from: the board when a class was dragged, else the timeslot's own page."""
    on = date_of(request.POST.get("day", ""))
    return board_url(drive, on) if on else detail_url(drive, slot)


def try_to(request: HttpRequest, act: Callable[[], T]) -> T | None:
    """What the action gives, or None after its refusal was said."""
    try:
        return act()
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return None


def date_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def uuids_of(texts: Iterable[str]) -> list[UUID]:
    return [found for text in texts if (found := uuid_of(text))]

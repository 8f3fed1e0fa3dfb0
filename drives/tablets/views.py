"""Pages: make this tablet ready; which tablets there are, and revoking one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from drives.models import Device, Preparation, Visit
from drives.onsite.batches import is_storable, json_of, uuid_of
from drives.onsite.console import kits_of
from drives.onsite.scope import ON_SITE, Console
from drives.tablets import prepare_texts
from drives.tablets.actions import Prepared, prepare, revoke
from drives.tablets.credential import device_of
from drives.tablets.numbers import lacking
from drives.tablets.scope import day_to_prepare
from drives.tablets.shell_views import app_version
from schools.access import requires, signed_in
from schools.models import Role

KEEPERS: Final = (Role.PLANNER, Role.LEAD_OPERATOR)
MOST_BYTES_TOLD: Final = 4 * 1024
MOST_SHOWN: Final = 200
# A tablet asks every 15 seconds; after this long it is off, or without a network.
UNHEARD_AFTER: Final = timedelta(minutes=5)


@require_http_methods(["GET", "POST"])
@requires(*ON_SITE)
def tablet_prepare(request: HttpRequest, drive_day_id: UUID) -> HttpResponse:
    """The page, and the one answer that holds a new tablet's secret."""
    now = timezone.now()
    opened = day_to_prepare(signed_in(request), drive_day_id, now=now)
    if request.method == "POST":
        return _prepared(request, opened, now=now)
    context = {
        "console": opened,
        "kits": kits_of(opened.drive_day),
        "people_count": Visit.objects.filter(drive=opened.drive_day.drive_id).count(),
        "tablets": Preparation.objects.filter(drive_day=opened.drive_day).select_related("device", "user").order_by("letter"),
    }
    return TemplateResponse(request, "drives/tablets/prepare.html", context | prepare_texts.page())


def _prepared(request: HttpRequest, opened: Console, *, now: datetime) -> HttpResponse:
    told = json_of(request, most=MOST_BYTES_TOLD) or {}
    name, kit_id = told.get("name") or "", uuid_of(told.get("kit"))
    kit = next((kit for kit in kits_of(opened.drive_day) if kit.pk == kit_id), None)
    try:
        if not isinstance(name, str) or not is_storable(name) or (told.get("kit") and kit is None):
            raise ValidationError(_("Load this page anew and try again."), code="malformed")
        found = prepare(drive_day=opened.drive_day, by=signed_in(request), now=now, kit=kit, name=name, device=device_of(request))
    except ValidationError as refusal:
        code = getattr(refusal, "code", "") or "refused"
        field = {"name_too_long": "name", "kit_unknown": "kit"}.get(code)
        return JsonResponse({"code": code, "message": " ".join(refusal.messages), "field": field}, status=422)
    response = JsonResponse(_told_once(found) | {"leads": opened.is_lead})
    response["Cache-Control"] = "private, no-store"
    return response


def _told_once(found: Prepared) -> dict[str, Any]:
    day = found.preparation.drive_day_id
    return {
        "device": str(found.device.pk),
        "secret": found.secret,
        "name": found.device.name,
        "letter": found.preparation.letter,
        "drive_day": str(day),
        "user": found.preparation.user.name,
        "preparation": str(found.preparation.pk),
        "pack_url": reverse("drives:tablet_pack", args=[day]),
        "events_url": reverse("drives:api_events"),
        "ping_url": reverse("drives:tablet_ping"),
        "lookup_url": reverse("drives:tablet_walk_in_lookup"),
    }


@dataclass(frozen=True, slots=True)
class Line:
    """A tablet, the day that it was last made ready for, and what it lacks. `lost` are numbers that never came though the
    tablet has counted past them, beside those that wait on it."""

    device: Device
    preparation: Preparation | None
    lost: int
    is_silent: bool
    is_old: bool


@require_GET
@requires(*KEEPERS)
def tablet_list(request: HttpRequest) -> HttpResponse:
    """The office's tablets: those that hold something first, then by when they were heard."""
    now = timezone.now()
    devices = list(
        Device.objects.visible_to(signed_in(request)).select_related("revoked_by").order_by("-seen_at", "pk")[:MOST_SHOWN]
    )
    prepared = Preparation.objects.filter(device__in=devices).order_by("device", "-prepared_at", "pk").distinct("device")
    by_device = {one.device_id: one for one in prepared.select_related("drive_day__drive__school", "user", "kit")}
    lines = [_line(device, by_device.get(device.pk), now=now) for device in devices]
    lines.sort(key=lambda line: (line.device.revoked_at is not None, not _holds(line)))
    context = {"lines": lines, "has_more": len(devices) == MOST_SHOWN, "version": app_version()}
    return TemplateResponse(request, "drives/tablets/tablet_list.html", context)


def _line(device: Device, preparation: Preparation | None, *, now: datetime) -> Line:
    heard_at = device.seen_at or device.registered_at
    never_came = lacking(device.received_numbers, until=device.last_sequence)
    return Line(
        device=device,
        preparation=preparation,
        lost=max(0, never_came - device.unsent_count - device.held_count),
        is_silent=now - heard_at > UNHEARD_AFTER,
        is_old=bool(device.app_version) and device.app_version != app_version(),
    )


def _holds(line: Line) -> bool:
    return bool(line.device.unsent_count or line.device.held_count or line.lost)


@require_http_methods(["GET", "POST"])
@requires(*KEEPERS)
def tablet_revoke(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """Asked once more, since it cannot be taken back."""
    user = signed_in(request)
    device = get_object_or_404(Device.objects.visible_to(user), pk=device_id)
    if request.method == "POST":
        try:
            revoke(device=device, by=user, now=timezone.now())
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, _("%(name)s is revoked. What it still holds it may send.") % {"name": device.name})
        return redirect("drives:tablet_list")
    return TemplateResponse(request, "drives/tablets/tablet_revoke.html", {"device": device})

"""A tablet calls whose turn it is. Two stations never call the same person while the network is there."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from drives.models import Device, Visit
from drives.onsite.batches import is_storable, json_of, uuid_of
from drives.onsite.calling import call_first, called_among
from drives.onsite.console import kits_of
from drives.tablets.api import MOST_BYTES_TOLD, for_tablets
from drives.tablets.scope import preparation_to_read


@require_POST
@for_tablets()
def call(request: HttpRequest, device: Device) -> HttpResponse:
    """One person, by the code of the slip, to the station of a kit; `station` in the answer is where the person is called."""
    told = json_of(request, most=MOST_BYTES_TOLD) or {}
    code, kit_id = told.get("code"), uuid_of(told.get("kit"))
    if not isinstance(code, str) or not code or not is_storable(code):
        return JsonResponse({"code": "call_malformed", "message": _("This is no call of a tablet.")}, status=422)
    if device.revoked_at:
        return _nobody()
    try:
        day_id = uuid_of(told.get("drive_day")) or UUID(int=0)
        _preparation, opened = preparation_to_read(device, day_id, now=timezone.now())
    except Http404:
        return _nobody()
    visit = Visit.objects.filter(drive=opened.drive_day.drive_id, code=code[:10]).first()
    if visit is None:
        return _nobody()
    station = next((kit.name for kit in kits_of(opened.drive_day) if kit.pk == kit_id), "")
    is_first = call_first([visit], station=station) is not None
    stands = station if is_first else called_among([visit]).get(visit.pk, station)
    return JsonResponse({"called": is_first or stands == station, "station": stands})


def _nobody() -> JsonResponse:
    return JsonResponse({"code": "not_found", "message": _("There is no such list, or it may not be read any more.")}, status=404)

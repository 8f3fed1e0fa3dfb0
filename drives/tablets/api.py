"""What a tablet asks and tells, as JSON and by its own credential: no session, no cookie, no CSRF token."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from drives.models import Device
from drives.onsite import api as by_session
from drives.onsite.batches import batch_of, is_storable, json_of, malformed_batch, skew_of, uuid_of
from drives.onsite.lookups import QUARTER_SECONDS, Known, look_up
from drives.tablets import throttle
from drives.tablets.actions import Report, note_report
from drives.tablets.credential import device_of, speaks_as_tablet
from drives.tablets.events import MOST_UNSENT, Sender, birth_date_in, receipt_of, take
from drives.tablets.news import news_of
from drives.tablets.pack import Pack, pack_of, remembered_etag
from drives.tablets.scope import preparation_to_read, prepared_for
from drives.tablets.shell_views import app_version

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Device, P], HttpResponse]
MOST_BYTES_TOLD: Final = 8 * 1024
MOST_LISTS: Final = 50
LANGUAGE: Final = "id"


def for_tablets(*, lock: bool = False) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """The view is for who sends a tablet's credential, also a revoked one's; anybody else is told 401."""

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @login_not_required
        @csrf_exempt
        @cache_control(private=True, no_store=True)
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            with translation.override(LANGUAGE):
                device = device_of(request, lock=lock)
                return view(request, device, *args, **kwargs) if device else _refused("tablet_unknown", 401)

        return guarded

    return decorate


@login_not_required
@csrf_exempt
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Facts in batches, from a tablet by its credential or from a browser in which somebody is signed in."""
    if speaks_as_tablet(request):
        return _events_of_tablet(request)
    if not request.user.is_authenticated:
        return _refused("sign_in_first", 401)
    return csrf_protect(by_session.events)(request)


@for_tablets(lock=True)
def _events_of_tablet(request: HttpRequest, device: Device) -> HttpResponse:
    """Also a revoked tablet, and one whose operator may do nothing any more, brings what it holds."""
    now = timezone.now()
    if not throttle.is_within("events", device.pk.hex, most=throttle.MOST_BATCHES, seconds=throttle.MINUTE):
        return _too_often(throttle.MINUTE)
    batch = batch_of(request)
    if batch is None:
        return JsonResponse(malformed_batch(), status=400)
    prepared = prepared_for(device)
    if not prepared:
        return _refused("not_prepared", 404)
    answer = take(sender=Sender(device, prepared), events=batch["events"], skew=skew_of(batch, now=now), now=now)
    return JsonResponse(receipt_of(device, answer, now=now))


@require_GET
@for_tablets()
def pack(request: HttpRequest, device: Device, drive_day_id: UUID) -> HttpResponse:
    """The list of a drive day, as long as this tablet's operator works there; 304 when nothing has changed."""
    if device.revoked_at:
        return _refused("revoked", 410)
    try:
        _preparation, opened = preparation_to_read(device, drive_day_id, now=timezone.now())
    except Http404:
        return _refused("not_found", 404)
    found = pack_of(opened.drive_day, today=opened.today)
    if found.etag in {tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")}:
        response = HttpResponse(status=304)
    else:
        response = _compressed(request, found)
    response["ETag"] = found.etag
    return response


def _compressed(request: HttpRequest, found: Pack) -> HttpResponse:
    """By brotli for who reads it, which every browser does on a secure address; for others gzip does it on the way out."""
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("Accept-Encoding", "").split(",")}
    if "br" not in accepted:
        return HttpResponse(found.body, content_type="application/json")
    response = HttpResponse(found.as_brotli(), content_type="application/json", headers={"Content-Encoding": "br"})
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@require_POST
@for_tablets(lock=True)
def ping(request: HttpRequest, device: Device) -> HttpResponse:
    """How much waits on the tablet; answered with what it should know: the time, whether it is revoked, whether its list is
    still the newest."""
    now = timezone.now()
    told = json_of(request, most=MOST_BYTES_TOLD)
    report = _report_in(told) if told is not None else None
    if told is None or report is None:
        return _refused("ping_malformed", 400)
    note_report(device=device, report=report, now=now)
    answer: dict[str, Any] = {"now": now.isoformat(), "revoked": device.revoked_at is not None, "version": app_version()}
    drive_day_id = uuid_of(told.get("drive_day"))
    if drive_day_id and not device.revoked_at:
        answer |= _news_of(device, drive_day_id)
    return JsonResponse(answer)


def _news_of(device: Device, drive_day_id: UUID) -> dict[str, Any]:
    try:
        _preparation, opened = preparation_to_read(device, drive_day_id, now=timezone.now())
    except Http404:
        return {"readable": False}
    return {
        "readable": True,
        "etag": remembered_etag(opened.drive_day, today=opened.today),
        **news_of(opened.drive_day),
    }


def _report_in(told: dict[str, Any]) -> Report | None:
    counts = [told.get(name, 0) for name in ("unsent", "held")]
    last, version = told.get("last_sequence", 0), told.get("version", "")
    if not all(_is_count(count, most=MOST_UNSENT) for count in counts) or not _is_count(last, most=2**63 - 1):
        return None
    if not isinstance(version, str) or not is_storable(version):
        return None
    lists = told.get("lists")
    if lists is not None and not (isinstance(lists, list) and len(lists) <= MOST_LISTS):
        return None
    kept = None if lists is None else {found for text in lists if (found := uuid_of(text))}
    return Report(
        unsent=counts[0],
        held=counts[1],
        last_sequence=last,
        version=version,
        lists=kept,
        waiting=_waiting_in(told.get("waiting")),
    )


def _waiting_in(told: object) -> dict[UUID, tuple[int, int]] | None:
    """`{drive day: [unsent, held]}`; None for anything else."""
    if not isinstance(told, dict) or len(told) > MOST_LISTS:
        return None
    found: dict[UUID, tuple[int, int]] = {}
    for text, counts in told.items():
        day, is_pair = uuid_of(text), isinstance(counts, list) and len(counts) == 2
        if day is None or not is_pair or not all(_is_count(count, most=MOST_UNSENT) for count in counts):
            return None
        found[day] = (counts[0], counts[1])
    return found


def _is_count(value: object, *, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


@require_POST
@for_tablets()
def walk_in_lookup(request: HttpRequest, device: Device) -> HttpResponse:
    """Exact NIK, name and birth date: known, and in need of a recording? In the body, so that no log holds any of it."""
    now = timezone.now()
    if device.revoked_at:
        return _refused("revoked", 410)
    told = json_of(request, most=MOST_BYTES_TOLD)
    texts = {name: told.get(name) for name in ("nik", "name")} if told else {}
    if not told or not all(isinstance(text, str) and text.strip() and is_storable(text) for text in texts.values()):
        return _refused("lookup_malformed", 422)
    try:
        birth_date = birth_date_in(told)
        preparation, console = preparation_to_read(device, uuid_of(told.get("drive_day")) or UUID(int=0), now=now)
    except (ValidationError, Http404) as refusal:
        return _refused("not_found", 404) if isinstance(refusal, Http404) else _refused("lookup_malformed", 422)
    if birth_date is None:
        return _refused("lookup_malformed", 422)
    nik, name = str(texts["nik"])[:40], str(texts["name"])[:120]
    try:
        found = look_up(drive_day=console.drive_day, nik=nik, name=name, birth_date=birth_date, by=preparation.user, now=now)
    except ValidationError as refusal:
        if getattr(refusal, "code", None) == "too_many_look_ups":
            return _too_often(QUARTER_SECONDS)
        # What is no NIK at all is unknown like any other.
        found = Known()
    return JsonResponse({"known": found.is_known, "needs_recording": found.needs_recording})


def _too_often(seconds: int) -> JsonResponse:
    response = _refused("too_often", 429)
    response["Retry-After"] = str(seconds)
    return response


def _refused(code: str, status: int) -> JsonResponse:
    sentences = {
        "tablet_unknown": _("This tablet is not known. Set it up anew."),
        "sign_in_first": _("Sign in first."),
        "not_prepared": _("This tablet is not made ready for any day."),
        "revoked": _("This tablet was revoked. What it still holds it may send."),
        "not_found": _("There is no such list, or it may not be read any more."),
        "ping_malformed": _("This is no report of a tablet."),
        "lookup_malformed": _("NIK, name and birth date are needed, all three."),
        "too_often": _("Too many requests. Wait a moment."),
    }
    return JsonResponse({"code": code, "message": sentences[code]}, status=status)

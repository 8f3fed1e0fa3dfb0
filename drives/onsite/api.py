"""`POST /api/v1/events` from a browser in which somebody is signed in. Only what the receipt names as accepted counts as sent."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from drives.models import Visit
from drives.onsite.actions import record_events
from drives.onsite.batches import batch_of, event_of, malformed_batch, read_items, skew_of, uuid_of
from drives.onsite.rules import CORRECTION
from drives.onsite.scope import ON_SITE, leads, visits_of
from schools.access import requires, signed_in
from schools.models import User


@require_POST
@requires(*ON_SITE)
def events(request: HttpRequest) -> JsonResponse:
    """`{"source", "sent_at", "events": [{"id", "visit", "kind", "sequence", "at", "reason", "target", "kit", "note"}]}`.

    `visit` is the token of the slip, or the visit's id. Answers `{"received_at", "accepted": [id], "refused": [{"id",
    "code", "message"}]}`: a refused event stays with the client, to be looked at; anything but this answer means "not sent".
    """
    now, user = timezone.now(), signed_in(request)
    batch = batch_of(request)
    if batch is None or not _is_source(batch.get("source")):
        return JsonResponse(malformed_batch(), status=400)
    reading = read_items(batch["events"])
    visits: dict[str, Visit] = {}
    for found in _asked(user, {item.text("visit") for item in reading.items}):
        visits[found.token] = visits[str(found.pk)] = found
    source = f"{user.pk.hex[-12:]}:{batch['source']}"
    told = []
    for item in reading.items:
        visit = visits.get(item.text("visit")) or visits.get(item.text("visit").lower())
        told.append(event_of(item, source=source, visit_id=visit.pk if visit else None))
    receipt = record_events(
        events=told,
        visits=visits.values(),
        by=user,
        now=now,
        is_lead=any(event.reason == CORRECTION for event in told) and leads(user, {each.office_id for each in visits.values()}),
        skew=skew_of(batch, now=now),
    )
    refused = [{"id": str(one.id), "code": one.code, "message": one.message} for one in receipt.refused]
    accepted = [str(event_id) for event_id in receipt.accepted]
    return JsonResponse({"received_at": now.isoformat(), "accepted": accepted, "refused": reading.refused + refused})


def _is_source(source: Any) -> bool:
    return isinstance(source, str) and 0 < len(source) <= 40 and source.isprintable()


def _asked(user: User, named: set[str]) -> Iterable[Visit]:
    """The visits that the batch names, of those that the sender may speak of; two queries for any number."""
    ids = {found for text in named if (found := uuid_of(text))}
    tokens = {text for text in named if text.isprintable() and len(text) <= 32}
    own = visits_of(user)
    return own.filter(pk__in=ids) | own.filter(token__in=tokens)

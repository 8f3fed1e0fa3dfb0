"""`POST /api/v1/events`: facts in batches. Only what the receipt names as accepted counts as sent."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from drives.onsite.actions import MOST_EVENTS_IN_A_BATCH, record_events
from drives.onsite.ledger import NewEvent
from drives.onsite.scope import ON_SITE, leads, visits_of
from schools.access import requires, signed_in

MOST_BYTES = 512 * 1024
# A clock that differs less than this is left alone: the network takes time, too.
SMALL_SKEW = timedelta(minutes=2)
# Beyond this a clock is not wrong but nonsense; then the day of receipt counts.
GREATEST_SKEW = timedelta(days=366)


class MalformedError(Exception):
    """Not an event at all; its text says what is missing, for the client's list of things to look at."""


@require_POST
@requires(*ON_SITE)
def events(request: HttpRequest) -> JsonResponse:
    """`{"source", "sent_at", "events": [{"id", "visit", "kind", "sequence", "at", "reason", "target", "kit", "note"}]}`.

    `visit` is the token of the slip, or the visit's id. Answers `{"received_at", "accepted": [id], "refused": [{"id",
    "code", "message"}]}`: a refused event stays with the client, to be looked at; anything but this answer means "not sent".
    """
    now, user = timezone.now(), signed_in(request)
    batch = _batch(request)
    if batch is None:
        sentence = _("A batch is one JSON object with a source and at most %(most)s events.") % {"most": MOST_EVENTS_IN_A_BATCH}
        return JsonResponse({"code": "batch_malformed", "message": sentence}, status=400)
    visits = {}
    for visit in _asked(user_visits=visits_of(user), batch=batch):
        visits[visit.token] = visits[str(visit.pk)] = visit
    source = f"{user.pk.hex[-12:]}:{batch['source']}"
    sound, refused = [], []
    for raw in batch["events"]:
        try:
            sound.append(_event(raw, source=source, visits=visits))
        except MalformedError as problem:
            known_id = raw.get("id") if isinstance(raw, dict) else None
            refused.append(
                {"id": known_id if isinstance(known_id, str) else None, "code": "event_malformed", "message": str(problem)}
            )
    receipt = record_events(
        events=sound, visits=visits.values(), by=user, now=now, is_lead=leads(user), skew=_skew(batch, now=now)
    )
    refused += [{"id": str(one.id), "code": one.code, "message": one.message} for one in receipt.refused]
    accepted = [str(event_id) for event_id in receipt.accepted]
    return JsonResponse({"received_at": now.isoformat(), "accepted": accepted, "refused": refused})


def _batch(request: HttpRequest) -> dict[str, Any] | None:
    if len(request.body) > MOST_BYTES:
        return None
    try:
        batch = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(batch, dict) or not isinstance(batch.get("events"), list):
        return None
    source = batch.get("source")
    is_source = isinstance(source, str) and 0 < len(source) <= 40 and source.isprintable()
    return batch if is_source and len(batch["events"]) <= MOST_EVENTS_IN_A_BATCH else None


def _asked(*, user_visits: Any, batch: dict[str, Any]) -> Any:
    """The visits that the batch names, of those that the sender may speak of; two queries for any number."""
    named = {raw["visit"] for raw in batch["events"] if isinstance(raw, dict) and isinstance(raw.get("visit"), str)}
    ids = {found for text in named if (found := _uuid(text))}
    tokens = {text for text in named if text.isprintable() and len(text) <= 32}
    return user_visits.filter(pk__in=ids) | user_visits.filter(token__in=tokens)


def _event(raw: object, *, source: str, visits: Mapping[str, Any]) -> NewEvent:
    if not isinstance(raw, dict):
        raise MalformedError(_("An event is a JSON object."))
    event_id, happened_at = _uuid(raw.get("id")), _moment(raw.get("at"))
    if event_id is None or happened_at is None:
        raise MalformedError(_("An event needs an id (UUID) and a time with its zone."))
    texts = {name: raw.get(name, "") for name in ("kind", "reason", "note", "visit")}
    if not all(isinstance(text, str) and _is_storable(text) for text in texts.values()):
        raise MalformedError(_("Kind, reason, note and visit are texts."))
    sequence = raw.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool):
        raise MalformedError(_("An event needs its sequence number."))
    visit = visits.get(texts["visit"]) or visits.get(texts["visit"].lower())
    return NewEvent(
        id=event_id,
        # An unknown visit is refused by name, like everything that is not ours.
        visit_id=visit.pk if visit else event_id,
        kind=texts["kind"],
        source=source,
        sequence=sequence,
        device_at=happened_at,
        reason=texts["reason"],
        target=_uuid(raw.get("target")),
        kit_id=_uuid(raw.get("kit")),
        note=texts["note"],
    )


def _is_storable(text: str) -> bool:
    """JSON may carry a NUL or half a character ("\\ud800"), which no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _skew(batch: dict[str, Any], *, now: datetime) -> timedelta:
    """How far the client's clock is behind, from the moment at which it says that it sends."""
    sent_at = _moment(batch.get("sent_at"))
    skew = now - sent_at if sent_at else timedelta(0)
    return skew if SMALL_SKEW < abs(skew) < GREATEST_SKEW else timedelta(0)


def _moment(value: object) -> datetime | None:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None

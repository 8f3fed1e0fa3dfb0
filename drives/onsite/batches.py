"""Facts as JSON: how a batch and an event are read, whoever sends them. Nothing here fails on what a client may write."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from drives.onsite.actions import MOST_EVENTS_IN_A_BATCH
from drives.onsite.ledger import NewEvent

MOST_BYTES: Final = 512 * 1024
# A clock that differs less than this is left alone: the network takes time, too.
SMALL_SKEW: Final = timedelta(minutes=2)
# Beyond this a clock is not wrong but nonsense; then the day of receipt counts.
GREATEST_SKEW: Final = timedelta(days=366)
MOST_SKEW_MS: Final = 60 * 366 * 86_400_000
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


class MalformedError(Exception):
    """Not an event at all; its text says what is missing, for the client's list of things to look at."""


@dataclass(frozen=True, slots=True)
class Item:
    """What every line of a batch begins with, whatever it tells; `raw` is the whole of it."""

    id: UUID
    kind: str
    sequence: int
    at: datetime
    raw: Mapping[str, Any]
    # How far the client's clock was behind when it noted this, if it knew; a clock may be mended before anything is sent.
    skew: timedelta | None = None

    def text(self, name: str) -> str:
        """A text of the item that is known to be storable; "" where there is none."""
        value = self.raw.get(name, "")
        return value if isinstance(value, str) else ""


@dataclass(slots=True)
class Reading:
    """The lines that can be read, and the refusals of those that cannot."""

    items: list[Item] = field(default_factory=list)
    refused: list[dict[str, str | None]] = field(default_factory=list)


def batch_of(request: HttpRequest) -> dict[str, Any] | None:
    """The JSON object with its list of events, or None for what is none."""
    batch = json_of(request, most=MOST_BYTES)
    if batch is None or not isinstance(batch.get("events"), list) or len(batch["events"]) > MOST_EVENTS_IN_A_BATCH:
        return None
    return batch


def json_of(request: HttpRequest, *, most: int) -> dict[str, Any] | None:
    """One JSON object of at most so many bytes, or None."""
    length = request.headers.get("Content-Length", "0")
    if not length.isascii() or not length.isdigit() or int(length) > most or len(request.body) > most:
        return None
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def malformed_batch() -> dict[str, str]:
    sentence = _("A batch is one JSON object with a source and at most %(most)s events.") % {"most": MOST_EVENTS_IN_A_BATCH}
    return {"code": "batch_malformed", "message": sentence}


def read_items(events: Sequence[object]) -> Reading:
    reading = Reading()
    for raw in events:
        try:
            reading.items.append(read_item(raw))
        except MalformedError as problem:
            told = raw.get("id") if isinstance(raw, dict) else None
            known_id = told if isinstance(told, str) and is_storable(told) else None
            reading.refused.append({"id": known_id, "code": "event_malformed", "message": str(problem)})
    return reading


def read_item(raw: object) -> Item:
    """Raises MalformedError."""
    if not isinstance(raw, dict):
        raise MalformedError(_("An event is a JSON object."))
    event_id, happened_at = uuid_of(raw.get("id")), moment_of(raw.get("at"))
    if event_id is None or happened_at is None:
        raise MalformedError(_("An event needs an id (UUID) and a time with its zone."))
    texts = [raw.get(name, "") for name in ("kind", "reason", "note", "visit", "code", "queue", "saw")]
    if not all(isinstance(text, str) and is_storable(text) for text in texts):
        raise MalformedError(_("Kind, reason, note and visit are texts."))
    sequence = raw.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool):
        raise MalformedError(_("An event needs its sequence number."))
    return Item(event_id, raw.get("kind", ""), sequence, happened_at, raw, _own_skew(raw.get("skew_ms")))


def event_of(item: Item, *, source: str, visit_id: UUID | None, operator_id: UUID | None = None) -> NewEvent:
    return NewEvent(
        id=item.id,
        # An unknown visit is refused by name, like everything that is not ours.
        visit_id=visit_id or item.id,
        kind=item.kind,
        source=source,
        sequence=item.sequence,
        device_at=item.at,
        reason=item.text("reason"),
        target=uuid_of(item.raw.get("target")),
        kit_id=uuid_of(item.raw.get("kit")),
        note=item.text("note"),
        queue_number=item.text("queue"),
        saw=item.text("saw"),
        operator_id=operator_id,
        skew=item.skew,
    )


def skew_of(batch: Mapping[str, Any], *, now: datetime) -> timedelta:
    """How far the client's clock is behind, from the moment at which it says that it sends."""
    sent_at = moment_of(batch.get("sent_at"))
    skew = now - sent_at if sent_at else timedelta(0)
    return skew if SMALL_SKEW < abs(skew) < GREATEST_SKEW else timedelta(0)


def _own_skew(told: object) -> timedelta | None:
    """As `skew_of`, of one event; also decades, since a tablet whose battery was empty begins in 1970."""
    if not isinstance(told, int) or isinstance(told, bool) or abs(told) > MOST_SKEW_MS:
        return None
    skew = timedelta(milliseconds=told)
    return skew if abs(skew) > SMALL_SKEW else timedelta(0)


def is_storable(text: str) -> bool:
    """JSON may carry a NUL or half a character ("\\ud800"), which no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def moment_of(value: object) -> datetime | None:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def uuid_of(value: object) -> UUID | None:
    return UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else None

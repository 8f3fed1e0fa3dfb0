"""Events as an iCalendar file (RFC 5545). Knows no Django."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import icalendar

PRODUCER = "-//Jemput Bola//ID"
ALARM_BEFORE = timedelta(hours=12)
MOST_DAYS = 366
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Event:
    """From `starts_at` until `ends_at`, moments with their zone; or whole days, both dates, the last one included.

    `days` repeats it on so many days in a row. `sequence` never falls: a programme takes the higher one as the newer.
    """

    uid: str
    stamped_at: datetime
    starts_at: datetime | date
    ends_at: datetime | date
    summary: str
    location: str
    description: str
    sequence: int = 0
    is_cancelled: bool = False
    is_busy: bool = True
    days: int = 1


def calendar(event: Event) -> str:
    """A file of one event with a reminder; moments in UTC, so that no zone table is needed."""
    assert isinstance(event.starts_at, datetime)
    assert isinstance(event.ends_at, datetime)
    made = _calendar()
    entry = _entry(event)
    entry["DTSTART"] = icalendar.vDDDTypes(event.starts_at.astimezone(UTC))
    entry["DTEND"] = icalendar.vDDDTypes(event.ends_at.astimezone(UTC))
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -ALARM_BEFORE)
    alarm.add("description", _plain(event.summary))
    entry.add_component(alarm)
    made.add_component(entry)
    return _text(made)


def feed(name: str, events: Iterable[Event]) -> str:
    """A calendar to subscribe to; the zones of its events are described in it. The same events give the same text."""
    made = _calendar()
    made.add("x-wr-calname", Text(_line(name)))
    # The same wish twice: of the standard (RFC 7986), and as Outlook reads it.
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    for event in events:
        made.add_component(_entry(event))
    made.add_missing_timezones()
    return _text(made)


def _calendar() -> icalendar.Calendar:
    made = icalendar.Calendar()
    made.add("prodid", PRODUCER)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    return made


def _entry(event: Event) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", _line(event.uid))
    entry.add("dtstamp", event.stamped_at.astimezone(UTC))
    whole_days = not isinstance(event.ends_at, datetime)
    entry.add("dtstart", event.starts_at)
    entry.add("dtend", event.ends_at + timedelta(days=1) if whole_days else event.ends_at)
    entry.add("summary", _plain(event.summary))
    entry.add("location", _plain(event.location))
    entry.add("description", _plain(event.description))
    entry.add("sequence", event.sequence)
    entry.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    entry.add("transp", "OPAQUE" if event.is_busy and not event.is_cancelled else "TRANSPARENT")
    if event.days > 1:
        entry.add("rrule", {"freq": "DAILY", "count": min(event.days, MOST_DAYS)})
    return entry


class Text(icalendar.vText):
    """Escaped by RFC 5545, 3.3.11, and nothing else: the library takes a backslash before an N for the end of a line."""

    def to_ical(self) -> bytes:
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()


def _plain(value: str) -> Text:
    """Lines stay; what no calendar can hold goes."""
    return Text("\n".join(CONTROL.sub("", line) for line in value.splitlines()))


def _line(value: str) -> str:
    return " ".join(CONTROL.sub("", value).split())


def _text(made: icalendar.Calendar) -> str:
    text: str = made.to_ical().decode()
    return text

"""What stands in a feed: drive days, where a kit must be, and on what days a school is closed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Drive, DriveDay, Feed, KitDuty, Timeslot
from drives.notices.ics import Event
from drives.planning.facts import spoken_order
from schools.models import Closure, School
from schools.templatetags.house import figure

# How long what is over stays, and how much of it at most.
KEPT: Final = timedelta(days=60)
MOST: Final = 2000
DOMAIN: Final = "jemput-bola"


def events_of(feed: Feed, *, today: date) -> list[Event]:
    """In the order of their beginning; the same rows give the same events."""
    if feed.kind == Feed.Kind.KIT:
        return list(_where_the_kit_is(feed, since=today - KEPT))
    days = DriveDay.objects.filter(day__gte=today - KEPT)
    if feed.school is None:
        return list(_drive_days(days.filter(office=feed.office_id)))
    own = _drive_days(days.filter(drive__school=feed.school))
    return [*own, *_closures(feed.school, feed, since=today - KEPT)]


def _told() -> Q:
    """Published once. What was withdrawn since is told as cancelled until it is published anew."""
    return Q(drive__revision__gt=0)


def _drive_days(days: QuerySet[DriveDay]) -> Iterator[Event]:
    rows = list(
        days.filter(_told())
        .select_related("drive__school__district", "drive__office", "office")
        .annotate(first=Min("sessions__starts_at"), last=Max("sessions__ends_at"))
        .order_by("day", "pk")[:MOST]
    )
    kits = _kits(rows)
    slots = Timeslot.objects.filter(drive_day__in=[row.pk for row in rows]).order_by()
    places = dict(slots.values_list("drive_day").annotate(sum=Sum("places")))
    for row in rows:
        if row.first is None or row.last is None:
            continue
        names = kits[row.pk]
        lines = [
            ngettext("%(count)s kit: %(names)s.", "%(count)s kits: %(names)s.", len(names))
            % {"count": figure(len(names)), "names": ", ".join(names)}
            if names
            else "",
            _("%(count)s places.") % {"count": figure(places.get(row.pk, 0))},
            _reason(row.drive),
        ]
        zone = row.office.zone
        yield _event(
            f"{row.pk}@{DOMAIN}",
            row.drive,
            row.first.astimezone(zone),
            row.last.astimezone(zone),
            [line for line in lines if line],
        )


def _kits(rows: Sequence[DriveDay]) -> defaultdict[object, list[str]]:
    duties = KitDuty.objects.filter(drive_day__in=[row.pk for row in rows], released_at=None)
    found: defaultdict[object, list[str]] = defaultdict(list)
    for day, name in set(duties.values_list("drive_day", "kit__name")):
        found[day].append(name)
    for names in found.values():
        names.sort(key=spoken_order)
    return found


def _where_the_kit_is(feed: Feed, *, since: date) -> Iterator[Event]:
    duties = (
        KitDuty.objects.filter(kit=feed.kit_id, drive_day__day__gte=since, drive_day__drive__revision__gt=0)
        .select_related("drive_day__drive__school__district", "drive_day__office")
        .order_by("starts_at", "pk")[:MOST]
    )
    nth: defaultdict[object, int] = defaultdict(int)
    for duty in duties:
        nth[duty.drive_day_id] += 1
        uid = f"{feed.kit_id}-{duty.drive_day_id}-{nth[duty.drive_day_id]}@{DOMAIN}"
        zone, drive = duty.drive_day.office.zone, duty.drive_day.drive
        lines = [_reason(drive)] if _reason(drive) else []
        yield _event(
            uid,
            drive,
            duty.starts_at.astimezone(zone),
            duty.ends_at.astimezone(zone),
            lines,
            is_released=duty.released_at is not None,
        )


def _event(
    uid: str, drive: Drive, starts_at: datetime, ends_at: datetime, lines: list[str], *, is_released: bool = False
) -> Event:
    is_off = is_released or drive.status in (Drive.Status.CANCELLED, Drive.Status.DRAFT)
    summary = _("e-KTP recording: %(place)s") % {"place": drive}
    return Event(
        uid=uid,
        stamped_at=drive.cancelled_at or drive.published_at or drive.created_at,
        starts_at=starts_at,
        ends_at=ends_at,
        summary=_("OFF – %(summary)s") % {"summary": summary} if is_off else summary,
        location=_location(drive),
        description="\n".join(lines),
        sequence=2 * drive.revision + is_off,
        is_cancelled=is_off,
    )


def _reason(drive: Drive) -> str:
    if drive.status == Drive.Status.CANCELLED:
        return _("Cancelled: %(reason)s") % {"reason": drive.cancel_reason}
    return _("The schedule is being made anew.") if drive.status == Drive.Status.DRAFT else ""


def _location(drive: Drive) -> str:
    school = drive.school
    if school is None:
        return drive.venue
    return ", ".join(part for part in (drive.venue, school.name, school.address, school.district.name) if part)


def _closures(school: School, feed: Feed, *, since: date) -> Iterator[Event]:
    for row in Closure.objects.for_school(school).on_or_after(since).order_by("starts_on", "pk")[:MOST]:
        opened = row.effect == Closure.Effect.OPEN
        name = _("Special working day: %(reason)s") if opened else _("Closed: %(reason)s")
        starts_at: date = row.starts_on
        ends_at: date = row.ends_on
        days = 1
        if row.starts_at and row.ends_at:
            days = (row.ends_on - row.starts_on).days + 1
            starts_at, ends_at = _moment(school, row.starts_on, row.starts_at), _moment(school, row.starts_on, row.ends_at)
        yield Event(
            uid=f"{row.pk}@{DOMAIN}",
            stamped_at=feed.made_at,
            starts_at=starts_at,
            ends_at=ends_at,
            summary=name % {"reason": row.reason},
            location=school.name,
            description=", ".join([*map(str, row.grades), *row.class_names]),
            is_busy=False,
            days=days,
        )


def _moment(school: School, day: date, at: time) -> datetime:
    return datetime.combine(day, at, school.office.zone)

"""The live board: counts alone, no person."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.db.models import (
    Avg,
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    Value,
    When,
)
from django.db.models.functions import Length

from drives.models import (
    Appointment,
    DayClose,
    Drive,
    DriveDay,
    DriveSession,
    Incident,
    KitDuty,
    Preparation,
    Timeslot,
    Visit,
    VisitEvent,
)
from drives.models.visit import is_unseen_on
from drives.onsite.console import Figures, figures_of
from drives.onsite.fold import PRECEDENCE, State
from drives.onsite.incidents import label_of
from drives.onsite.labels import REASONS, STATES
from drives.onsite.moments import HEARD_AT
from drives.onsite.pace import Break, an_hour_before, breaks_of, finish_of, pace_of
from drives.onsite.rules import Kind, local_day

SILENT_AFTER: Final = timedelta(minutes=10)
# A tablet asks every 15 seconds; after five minutes it is off, or without a network.
UNHEARD_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class KitLine:
    """A kit on duty: how many it recorded, when last, and whether it has been silent for ten minutes of its duty.

    In a break and from a broken kit nothing is expected.
    """

    name: str
    recorded: int
    last_at: datetime | None
    is_silent: bool
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """An incident that is still open."""

    label: str
    note: str
    since: datetime
    kit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TabletLine:
    """What a tablet holds that has not come; `unheard_since` when it has been silent, so that the count may be old."""

    name: str
    unsent: int
    held: int
    unheard_since: datetime | None

    @property
    def is_trouble(self) -> bool:
        return bool(self.unsent or self.held)


@dataclass(frozen=True, slots=True)
class Board:
    """`left` are those due today for whom nothing is settled; `pace` is recordings an hour, None before the second
    and after the close.

    `waiting_minutes` is the longest wait of who waits now, `mean_minutes` their mean. `outcomes` are of those due today, and
    so add up to the target; `failures` are everybody's.
    """

    day: date
    figures: Figures
    waiting_minutes: int
    mean_minutes: int
    left: int
    pace: int | None
    finish_at: datetime | None
    ends_at: datetime | None
    failures: tuple[tuple[str, int], ...]
    outcomes: tuple[tuple[str, int], ...]
    kits: tuple[KitLine, ...]
    troubles: tuple[Trouble, ...]
    tablets: tuple[TabletLine, ...]
    drive_recorded: int
    drive_target: int
    day_count: int
    conflicts: int
    is_closed: bool

    @property
    def fingerprint(self) -> str:
        return sha256(repr(self).encode()).hexdigest()[:20]

    @property
    def unsent(self) -> int:
        return sum(tablet.unsent for tablet in self.tablets)


def day_to_watch(drive: Drive, *, now: datetime) -> DriveDay | None:
    """Today's, else the next, else the last."""
    today = local_day(now, drive.office.zone)
    days = list(DriveDay.objects.filter(drive=drive).select_related("drive__school", "office").order_by("day"))
    return next((one for one in days if one.day >= today), days[-1] if days else None)


def board_of(drive_day: DriveDay, *, now: datetime) -> Board:
    """Today's figures as of `now`; seventeen queries, whatever the number of persons."""
    figures = figures_of(drive_day)
    of_day = Visit.objects.filter(drive=drive_day.drive_id, state_on=drive_day.day)
    reasons = dict(of_day.filter(state=State.FAILED).values_list("reason").annotate(count=Count("pk")).order_by("-count"))
    due = _due(drive_day)
    left = due.get(State.EXPECTED, 0) + due.get(State.PRESENT, 0)
    troubles = troubles_of([drive_day.pk]).get(drive_day.pk, [])
    is_closed = DayClose.objects.filter(drive_day=drive_day).exists()
    broken = {trouble.kit_id for trouble in troubles if trouble.kit_id}
    hours = hours_of(drive_day)
    breaks = breaks_of(hours)
    since = None if is_closed else next((starts_at for starts_at, ends_at in hours if starts_at <= now < ends_at), None)
    pace = None if is_closed else _pace(drive_day, breaks=breaks, now=now)
    ends_at = Timeslot.objects.filter(drive_day=drive_day).aggregate(last=Max("ends_at"))["last"]
    drive_target, drive_recorded = _whole_drive(drive_day.drive_id)
    return Board(
        day=drive_day.day,
        figures=figures,
        waiting_minutes=figures.waiting_minutes(now),
        mean_minutes=_mean_minutes(drive_day, now=now),
        left=left,
        pace=pace,
        finish_at=finish_of(left, pace, now=now, breaks=breaks),
        ends_at=ends_at,
        failures=tuple((str(REASONS.get(reason, reason)), count) for reason, count in reasons.items()),
        outcomes=tuple((str(label), due[state]) for state, label in STATES.items() if due.get(state)),
        kits=tuple(_kits(drive_day, broken=broken, since=since, now=now)),
        troubles=tuple(troubles),
        tablets=tuple(tablets_of([drive_day.pk], now=now).get(drive_day.pk, ())),
        drive_recorded=drive_recorded,
        drive_target=drive_target,
        day_count=DriveDay.objects.filter(drive=drive_day.drive_id).count(),
        conflicts=Visit.objects.filter(drive=drive_day.drive_id, has_conflict=True).count(),
        is_closed=is_closed,
    )


def troubles_of(drive_days: Collection[UUID]) -> dict[UUID, list[Trouble]]:
    """The open incidents of each of these days, the oldest first; one query."""
    found: dict[UUID, list[Trouble]] = defaultdict(list)
    opened = Incident.objects.still_open().filter(drive_day__in=drive_days).select_related("kit")
    for incident in opened.order_by("opened_at", "pk"):
        found[incident.drive_day_id].append(Trouble(label_of(incident), incident.note, incident.opened_at, incident.kit_id))
    return found


def tablets_of(drive_days: Collection[UUID], *, now: datetime) -> dict[UUID, list[TabletLine]]:
    """The tablets prepared for each of these days, as they last said of themselves; one query."""
    found: dict[UUID, list[TabletLine]] = defaultdict(list)
    prepared = Preparation.objects.filter(drive_day__in=drive_days).select_related("device")
    for preparation in prepared.order_by("letter", "pk"):
        device = preparation.device
        heard_at = device.seen_at or preparation.prepared_at
        unsent, held = device.waiting_for(preparation.drive_day_id)
        line = TabletLine(
            name=device.name,
            unsent=unsent,
            held=held,
            unheard_since=heard_at if now - heard_at > UNHEARD_AFTER else None,
        )
        # One whose list is wiped and that holds nothing has done its work.
        if line.is_trouble or preparation.wiped_at is None:
            found[preparation.drive_day_id].append(line)
    return found


def waiting_time(now: datetime, *, of: Q) -> Avg:
    """The mean wait of these visits of a query, as an aggregate."""
    wait = ExpressionWrapper(Value(now, output_field=DateTimeField()) - F("arrived_at"), output_field=DurationField())
    return Avg(wait, filter=of)


def _mean_minutes(drive_day: DriveDay, *, now: datetime) -> int:
    here = Q(state=State.PRESENT, state_on=drive_day.day, arrived_at__lte=now)
    visits = Visit.objects.filter(drive=drive_day.drive_id)
    return minutes_of(visits.aggregate(wait=waiting_time(now, of=here))["wait"])


def minutes_of(wait: timedelta | None) -> int:
    return int(wait.total_seconds() // 60) if wait else 0


def _due(drive_day: DriveDay) -> dict[str, int]:
    """Those due today, by the state that they reached on this day or were settled with before."""
    due = Appointment.objects.due().filter(timeslot__drive_day=drive_day)
    visits = Visit.objects.filter(drive=drive_day.drive_id, person__in=due.values("person"))
    unseen = When(is_unseen_on(drive_day.day), then=Value(State.EXPECTED.value))
    by_state = visits.annotate(reached=Case(unseen, default=F("state"), output_field=CharField())).values_list("reached")
    return dict(by_state.annotate(count=Count("pk")).order_by())


def hours_of(drive_day: DriveDay) -> list[tuple[datetime, datetime]]:
    return list(DriveSession.objects.filter(drive_day=drive_day).order_by("starts_at").values_list("starts_at", "ends_at"))


def _pace(drive_day: DriveDay, *, breaks: Sequence[Break], now: datetime) -> int | None:
    """Recordings an hour, over the last hour of work or since the first one."""
    since = an_hour_before(now, breaks=breaks)
    recorded = Visit.objects.filter(drive=drive_day.drive_id, state=State.RECORDED, state_on=drive_day.day, state_at__lte=now)
    found = recorded.aggregate(first=Min("state_at"), recent=Count("pk", filter=Q(state_at__gt=since)), count=Count("pk"))
    if not found["recent"] or found["count"] < 2:
        return None
    return pace_of(found["recent"], first=found["first"], now=now, breaks=breaks)


def _kits(drive_day: DriveDay, *, broken: Collection[UUID], since: datetime | None, now: datetime) -> list[KitLine]:
    """`since` is the start of the session under way, if there is one: from then on a kit is expected to be heard of."""
    duties = (
        KitDuty.objects.filter(drive_day=drive_day, released_at=None)
        .select_related("kit")
        .order_by(Length("kit__name"), "kit__name", "pk")
    )
    recorded = Visit.objects.filter(drive=drive_day.drive_id, state=State.RECORDED, state_on=drive_day.day, kit__isnull=False)
    counts = dict(recorded.values_list("kit").annotate(count=Count("pk")))
    said = VisitEvent.objects.filter(drive=drive_day.drive_id, day=drive_day.day, kit__isnull=False, kind__in=PRECEDENCE)
    last = dict(said.exclude(kind=Kind.ABSENT).values_list("kit").annotate(last=Max(HEARD_AT)))
    return [
        KitLine(
            name=duty.kit.name,
            recorded=counts.get(duty.kit_id, 0),
            last_at=last.get(duty.kit_id),
            is_silent=since is not None
            and duty.kit_id not in broken
            and duty.starts_at < now < duty.ends_at
            and now - max(last.get(duty.kit_id) or since, duty.starts_at, since) > SILENT_AFTER,
            is_broken=duty.kit_id in broken,
        )
        for duty in duties
    ]


def _whole_drive(drive_id: UUID) -> tuple[int, int]:
    due = Appointment.objects.due().filter(drive=drive_id)
    target = due.values("person").distinct().count()
    recorded = Visit.objects.filter(drive=drive_id, state=State.RECORDED, person__in=due.values("person")).count()
    return target, recorded

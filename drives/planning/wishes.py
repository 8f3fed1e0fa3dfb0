"""What a planner wishes of a schedule that people know: each day's sessions, and which kits are there from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from uuid import UUID

from drives.models import Drive, DriveDay
from drives.planning.capacity import KitStretch, Session


@dataclass(frozen=True, slots=True, order=True)
class KitHours:
    """A kit at the drive from `start` to `end` of one day."""

    kit_id: UUID
    start: time
    end: time

    @property
    def stretch(self) -> KitStretch:
        return KitStretch(self.start, self.end)


@dataclass(frozen=True, slots=True)
class DayWish:
    day: date
    sessions: tuple[Session, ...]
    kits: tuple[KitHours, ...]

    @property
    def stretches(self) -> tuple[KitStretch, ...]:
        return tuple(kit.stretch for kit in self.kits)

    @property
    def span(self) -> tuple[time, time]:
        return min(each.start for each in self.sessions), max(each.end for each in self.sessions)


@dataclass(frozen=True, slots=True)
class ScheduleWish:
    """All that a change may touch; as it stands it comes from `wish_of`."""

    days: tuple[DayWish, ...]
    slot_minutes: int
    minutes: Decimal
    slack_percent: int

    @property
    def slack(self) -> Decimal:
        return Decimal(self.slack_percent) / 100

    def on(self, day: date) -> DayWish | None:
        return next((each for each in self.days if each.day == day), None)

    def is_cut_like(self, other: "ScheduleWish") -> bool:
        """Whether both cut the same sessions into the same timeslots with as many places for the same kits."""
        return (self.slot_minutes, self.minutes, self.slack_percent) == (other.slot_minutes, other.minutes, other.slack_percent)


def wish_of(drive: Drive) -> ScheduleWish:
    """The schedule as it stands."""
    zone = drive.office.zone
    days = drive.days.prefetch_related("sessions", "kit_duties").order_by("day")
    return ScheduleWish(
        tuple(_day(each, zone) for each in days), drive.slot_minutes, Decimal(drive.minutes_per_person), drive.slack_percent
    )


def _day(drive_day: DriveDay, zone: tzinfo) -> DayWish:
    duties = [each for each in drive_day.kit_duties.all() if each.released_at is None]
    return DayWish(
        drive_day.day,
        tuple(sorted(Session(_time(each.starts_at, zone), _time(each.ends_at, zone)) for each in drive_day.sessions.all())),
        tuple(sorted(KitHours(each.kit_id, _time(each.starts_at, zone), _time(each.ends_at, zone)) for each in duties)),
    )


def _time(moment: datetime, zone: tzinfo) -> time:
    return moment.astimezone(zone).time()


def kit_ids(days: Sequence[DayWish]) -> set[UUID]:
    return {kit.kit_id for day in days for kit in day.kits}

"""What a change of a published schedule starts from, and what it does."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from drives.models import Drive, Timeslot
from drives.planning.actions.assigning import board_state
from drives.planning.days import Days
from drives.planning.facts import days_of
from drives.planning.reseating import Lost
from drives.planning.wishes import DayWish, ScheduleWish, wish_of
from schools.models import User


@dataclass(frozen=True, slots=True)
class SlotChange:
    """A timeslot before and after; None where it was not, or is no more. People and places."""

    starts_at: datetime
    before: tuple[datetime, int, int] | None
    after: tuple[datetime, int, int] | None


@dataclass(frozen=True, slots=True)
class Move:
    person_id: UUID
    class_id: UUID | None
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Relaid:
    """What a change does, or would do. `seen` names what it was computed from."""

    seen: str
    slots: tuple[SlotChange, ...] = ()
    kept: int = 0
    moves: tuple[Move, ...] = ()
    lost: tuple[Lost, ...] = ()
    is_change: bool = True


class Change:
    """A published schedule as it is, and as it is wished. Of a drive that is held."""

    def __init__(self, drive: Drive, wish: ScheduleWish, *, by: User | None, now: datetime) -> None:
        self.drive, self.by, self.now = drive, by, now
        self.zone = drive.office.zone
        self.current = wish_of(drive)
        self.wish = wish
        self.rows = {each.day: each for each in drive.days.order_by("day")}
        self.old = list(Timeslot.objects.filter(drive=drive).select_related("session").order_by("starts_at"))
        self.begun = {each.starts_at.astimezone(self.zone).date() for each in self.old if each.starts_at <= now}
        self.seen = f"{board_state(drive)}-{drive.revision}"

    @property
    def is_as_wished(self) -> bool:
        return self.current.is_cut_like(self.wish) and set(self.current.days) == set(self.wish.days)

    @property
    def changed(self) -> list[DayWish]:
        """The days that the change touches and that stand afterwards."""
        if not self.current.is_cut_like(self.wish):
            return [day for day in self.wish.days if day.day >= self.today]
        return [day for day in self.wish.days if self.current.on(day.day) != day]

    @property
    def gone(self) -> list[date]:
        return [day for day in self.rows if self.wish.on(day) is None]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def calendar(self) -> Days:
        assert self.drive.school is not None
        return days_of(self.drive.school, since=min([self.today, *(each.day for each in self.wish.days)]))

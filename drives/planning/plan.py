"""What a planner wishes for a drive, as plain values, and what of it can be held on each day."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError

from drives.models import Drive
from drives.planning.capacity import Session, without_setup
from drives.planning.days import Days
from drives.planning.eligibility import LeapRule, MinimumAge

NOTHING_TOLD: Final = Days()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answers to the planner's questions. `kit_ids` names particular kits; else any `kits` that are free will do.

    Empty `grades` mean all of them.
    """

    days: tuple[date, ...]
    sessions: tuple[Session, ...]
    kits: int
    kit_ids: frozenset[UUID] = frozenset()
    minutes: int | Decimal = 10
    slack_percent: int = 15
    slot_minutes: int = 30
    setup_minutes: int = 0
    packup_minutes: int = 0
    grades: tuple[int, ...] = ()
    minimum_age_months: int = 192

    @property
    def slack(self) -> Decimal:
        return Decimal(self.slack_percent) / 100

    def sessions_on(self, day: date, *, days: Days = NOTHING_TOLD) -> list[Session]:
        """The sessions as they can be held that day: in lesson time, without breaks; Fridays and Ramadan are short.

        Setting up and packing up take their minutes off the two ends of what is left.
        """
        held = days.sessions_on(day, self.sessions, slot_minutes=self.slot_minutes)
        try:
            return without_setup(held, setup_minutes=self.setup_minutes, packup_minutes=self.packup_minutes)
        except ValidationError:
            return []

    def hours_on(self, day: date, zone: tzinfo, *, days: Days = NOTHING_TOLD) -> tuple[datetime, datetime] | None:
        """From setting up to the end of packing up: how long the kits are away."""
        if not self.sessions_on(day, days=days):
            return None
        sessions = days.sessions_on(day, self.sessions, slot_minutes=self.slot_minutes)
        return moment(day, sessions[0].start, zone), moment(day, max(session.end for session in sessions), zone)


def moment(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone)


def minimum_age(months: int) -> MinimumAge:
    return MinimumAge(months // 12, months % 12)


def leap_rule_of(drive: Drive) -> LeapRule:
    return LeapRule(drive.leap_rule)


def plan_of(drive: Drive) -> Plan:
    """The plan that a drive was made from. Kits are those of its longest day, and sessions where no wish was kept."""
    zone = drive.office.zone
    days = list(drive.days.prefetch_related("sessions", "kit_duties").order_by("day"))
    hours = [
        tuple(
            sorted(
                Session(each.starts_at.astimezone(zone).time(), each.ends_at.astimezone(zone).time())
                for each in day.sessions.all()
            )
        )
        for day in days
    ]
    duties = [{duty.kit_id for duty in day.kit_duties.all() if duty.released_at is None} for day in days]
    return Plan(
        days=tuple(day.day for day in days),
        sessions=tuple(Session(start, end) for start, end in drive.wished_sessions) or max(hours, key=_length, default=()),
        kits=max(map(len, duties), default=0),
        kit_ids=frozenset(duties[0]) if duties and all(each == duties[0] for each in duties) else frozenset(),
        minutes=drive.minutes_per_person,
        slack_percent=drive.slack_percent,
        slot_minutes=drive.slot_minutes,
        setup_minutes=drive.setup_minutes if drive.wished_sessions else 0,
        packup_minutes=drive.packup_minutes if drive.wished_sessions else 0,
        grades=tuple(drive.grades),
        minimum_age_months=drive.minimum_age_months,
    )


def _length(sessions: tuple[Session, ...]) -> int:
    return sum(each.end.hour * 60 + each.end.minute - each.start.hour * 60 - each.start.minute for each in sessions)

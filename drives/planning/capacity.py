"""How many people a day of a drive can take: one formula, used everywhere (docs/adr/0001-capacity-formula.md).

In a session, by minute t:  places(t) = floor(kits × t × (1 − slack) / minutes)

A timeslot's places are the difference between its end and its start, so that rounding is carried along and never
lost; each session starts anew. All arithmetic is exact (fractions). Where kits come and go, kits × t becomes the
kit-minutes on duty up to t. `slack` is a share (Decimal("0.15")), `minutes` are per person at one kit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import floor

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_SUGGESTED = 50


@dataclass(frozen=True, slots=True, order=True)
class Session:
    """Uninterrupted time for recording on one day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, order=True)
class KitStretch:
    """One kit on duty from `start` to `end`."""

    start: time
    end: time


# A number of kits all day long, or one stretch for each kit's time on duty.
Kits = int | Sequence[KitStretch]


def minute_of(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def time_of(minute: int) -> time:
    return time(minute // 60, minute % 60)


def check_kits(kits: Kits) -> None:
    """Raises ValidationError: `no_kits`."""
    if (kits if isinstance(kits, int) else len(kits)) < 1:
        raise ValidationError(_("A drive needs at least one kit. Add a kit to continue."), code="no_kits")


def check_sessions(sessions: Sequence[Session]) -> None:
    """Raises ValidationError: `no_sessions`, `session_empty`, `sessions_overlap`."""
    if not sessions:
        raise ValidationError(_("A day needs at least one session. Add a session to continue."), code="no_sessions")
    for session in sessions:
        if session.end <= session.start:
            raise ValidationError(
                _("The session %(start)s–%(end)s has no time in it. Its end must be later than its start."),
                code="session_empty",
                params=_clock(session),
            )
    ordered = sorted(sessions)
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise ValidationError(
                _("The session %(start)s–%(end)s begins before the previous one ends. Sessions must not overlap."),
                code="sessions_overlap",
                params=_clock(after),
            )


def pace(minutes: int | Decimal, slack: Decimal) -> Fraction:
    """Places one kit gives in one minute.

    Raises ValidationError: `no_minutes`, `slack_out_of_range`.
    """
    if minutes <= 0:
        raise ValidationError(_("The minutes per person must be more than zero."), code="no_minutes")
    if not 0 <= slack < 1:
        raise ValidationError(_("The time in reserve must be at least 0 and less than 100 percent."), code="slack_out_of_range")
    return (1 - Fraction(slack)) / Fraction(minutes)


def kit_minutes(session: Session, kits: Kits, until: time) -> int:
    """Minutes that kits are on duty in the session, up to `until`."""
    start, end = minute_of(session.start), min(minute_of(session.end), minute_of(until))
    if isinstance(kits, int):
        return kits * max(0, end - start)
    return sum(max(0, min(end, minute_of(kit.end)) - max(start, minute_of(kit.start))) for kit in kits)


def session_places(session: Session, *, kits: Kits, minutes: int | Decimal, slack: Decimal, until: time | None = None) -> int:
    """Places of the session, or of its part before `until`. Raises what `check_kits`, `check_sessions`, `pace` raise."""
    check_kits(kits)
    check_sessions([session])
    return floor(kit_minutes(session, kits, until or session.end) * pace(minutes, slack))


def timeslot_places(session: Session, *, start: time, end: time, kits: Kits, minutes: int | Decimal, slack: Decimal) -> int:
    """Places of the timeslot `start`–`end` inside the session: what its end has gained over its start."""
    by_end = session_places(session, kits=kits, minutes=minutes, slack=slack, until=end)
    return by_end - session_places(session, kits=kits, minutes=minutes, slack=slack, until=start)


def day_places(sessions: Sequence[Session], *, kits: Kits, minutes: int | Decimal, slack: Decimal) -> int:
    """Places of a day: the sum over its sessions. Raises what `session_places` raises."""
    check_sessions(sessions)
    return sum(session_places(session, kits=kits, minutes=minutes, slack=slack) for session in sessions)


def without_breaks(sessions: Sequence[Session], breaks: Sequence[Session]) -> list[Session]:
    """The sessions less the breaks; what a break parts are two sessions, each of which starts anew."""
    pieces = sorted(sessions)
    for pause in breaks:
        cut = []
        for piece in pieces:
            cut.append(Session(piece.start, min(piece.end, pause.start)))
            cut.append(Session(max(piece.start, pause.end), piece.end))
        pieces = [piece for piece in cut if piece.start < piece.end]
    return pieces


def without_setup(sessions: Sequence[Session], *, setup_minutes: int, packup_minutes: int) -> list[Session]:
    """The day's sessions less the minutes that setting up and packing up take from its two ends.

    Raises ValidationError: `no_time_after_setup`.
    """
    if not sessions:
        return []
    first = time_of(min(1439, minute_of(min(sessions).start) + setup_minutes))
    last = time_of(max(0, minute_of(max(sessions).end) - packup_minutes))
    trimmed = [Session(max(session.start, first), min(session.end, last)) for session in sorted(sessions)]
    left = [session for session in trimmed if session.start < session.end]
    if not left:
        raise ValidationError(
            _("Setting up and packing up take all the time of the day. Lengthen the sessions."), code="no_time_after_setup"
        )
    return left


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What one day of a drive offers: its sessions and the kits on duty."""

    sessions: tuple[Session, ...]
    kits: int | tuple[KitStretch, ...]

    def places(self, *, minutes: int | Decimal, slack: Decimal) -> int:
        return day_places(self.sessions, kits=self.kits, minutes=minutes, slack=slack)

    def with_more_kits(self, count: int) -> "DayPlan":
        """The same day with `count` more kits, on duty from its first minute to its last."""
        if isinstance(self.kits, int):
            return DayPlan(self.sessions, self.kits + count)
        whole_day = KitStretch(min(self.sessions).start, max(session.end for session in self.sessions))
        return DayPlan(self.sessions, (*self.kits, *[whole_day] * count))

    @property
    def kit_count(self) -> int:
        """The most kits on duty at one time."""
        if isinstance(self.kits, int):
            return self.kits
        return max((sum(kit.start <= at.start < kit.end for kit in self.kits) for at in self.kits), default=0)


class SuggestionKind(StrEnum):
    MORE_KITS = "more_kits"
    MORE_DAYS = "more_days"
    SEVENTEEN_FIRST = "seventeen_first"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way out of a shortage: the plan as it would be, and what it leaves.

    `added` more kits or days; then `kits` a day for `days` days give `places`, of which `spare` stay free. For
    `seventeen_first` nothing is added: `scheduled` of those already 17 are scheduled, `spare` places remain for others.
    """

    kind: SuggestionKind
    added: int
    kits: int
    days: int
    places: int
    spare: int
    scheduled: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the plan suffices. One of `short` and `spare` is zero."""

    places: int
    needed: int
    by_day: tuple[int, ...]
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def short(self) -> int:
        return max(0, self.needed - self.places)

    @property
    def spare(self) -> int:
        return max(0, self.places - self.needed)

    @property
    def suffices(self) -> bool:
        return self.places >= self.needed


def verdict(
    days: Sequence[DayPlan],
    *,
    needed: int,
    needed_at_17: int,
    minutes: int | Decimal,
    slack: Decimal,
    extra_days: Sequence[DayPlan] = (),
) -> Verdict:
    """The plan's places against the places needed, with ways out when they fall short.

    `needed` and `needed_at_17` count places (a person with extra time counts two or three). A further day is
    taken from `extra_days` in turn (the next days that can be chosen), and after those is like the last day.
    """
    by_day = tuple(day.places(minutes=minutes, slack=slack) for day in days)
    places = sum(by_day)
    if places >= needed or not days:
        return Verdict(places, needed, by_day)
    kits = max(day.kit_count for day in days)
    found = [
        _more_kits(days, kits=kits, needed=needed, minutes=minutes, slack=slack),
        _more_days(days, places=places, kits=kits, needed=needed, minutes=minutes, slack=slack, extra_days=extra_days),
    ]
    if 0 < needed_at_17 < needed and places:
        scheduled = min(needed_at_17, places)
        found.append(Suggestion(SuggestionKind.SEVENTEEN_FIRST, 0, kits, len(days), places, places - scheduled, scheduled))
    return Verdict(places, needed, by_day, tuple(suggestion for suggestion in found if suggestion))


def _more_kits(days: Sequence[DayPlan], *, kits: int, needed: int, minutes: int | Decimal, slack: Decimal) -> Suggestion | None:
    for added in range(1, MOST_SUGGESTED + 1):
        places = sum(day.with_more_kits(added).places(minutes=minutes, slack=slack) for day in days)
        if places >= needed:
            return Suggestion(SuggestionKind.MORE_KITS, added, kits + added, len(days), places, places - needed)
    return None


def _more_days(
    days: Sequence[DayPlan],
    *,
    places: int,
    kits: int,
    needed: int,
    minutes: int | Decimal,
    slack: Decimal,
    extra_days: Sequence[DayPlan],
) -> Suggestion | None:
    for added in range(1, MOST_SUGGESTED + 1):
        day = extra_days[added - 1] if added <= len(extra_days) else days[-1]
        places += day.places(minutes=minutes, slack=slack)
        if places >= needed:
            return Suggestion(SuggestionKind.MORE_DAYS, added, kits, len(days) + added, places, places - needed)
    return None


def _clock(session: Session) -> dict[str, str]:
    return {"start": f"{session.start:%H.%M}", "end": f"{session.end:%H.%M}"}

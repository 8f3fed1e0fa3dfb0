"""Cutting a day's sessions into timeslots whose places add up to the capacity formula, whatever their length."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from drives.planning.capacity import (
    Kits,
    Session,
    check_kits,
    check_sessions,
    kit_minutes,
    minute_of,
    time_of,
    timeslot_places,
)

SHORTEST, LONGEST = 10, 60


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    start: time
    end: time
    places: int


def generate(sessions: Sequence[Session], *, kits: Kits, minutes: int | Decimal, slack: Decimal, slot_minutes: int) -> list[Slot]:
    """The day's timeslots in order, none across a break, each with at least one place.

    The last slot of a session may be shorter; a rest under ten minutes joins the slot before it. A slot that would
    have no place joins the next one that has some (up to an hour), or vanishes: the sum of places never changes.
    Raises ValidationError: `slot_length_out_of_range`, and what `capacity.day_places` raises.
    """
    if not SHORTEST <= slot_minutes <= LONGEST:
        raise ValidationError(
            _("A timeslot lasts from %(shortest)s to %(longest)s minutes."),
            code="slot_length_out_of_range",
            params={"shortest": SHORTEST, "longest": LONGEST},
        )
    check_kits(kits)
    check_sessions(sessions)
    return [
        slot
        for session in sorted(sessions)
        for slot in _session_slots(session, kits=kits, minutes=minutes, slack=slack, slot_minutes=slot_minutes)
    ]


def _session_slots(session: Session, *, kits: Kits, minutes: int | Decimal, slack: Decimal, slot_minutes: int) -> list[Slot]:
    slots: list[Slot] = []
    waiting: list[time] = []  # starts of slots just before, with kits on duty and still without a place
    for start, end in _cuts(session, slot_minutes):
        places = timeslot_places(session, start=start, end=end, kits=kits, minutes=minutes, slack=slack)
        if places:
            begin = next((early for early in waiting if minute_of(end) - minute_of(early) <= LONGEST), start)
            slots.append(Slot(begin, end, places))
            waiting = []
        elif kit_minutes(session, kits, end) > kit_minutes(session, kits, start):
            waiting.append(start)
        else:
            waiting = []
    return slots


def _cuts(session: Session, slot_minutes: int) -> list[tuple[time, time]]:
    first, last = minute_of(session.start), minute_of(session.end)
    marks = [*range(first, last, slot_minutes), last]
    if len(marks) > 2 and last - marks[-2] < SHORTEST and last - marks[-3] <= LONGEST:
        del marks[-2]
    return [(time_of(start), time_of(end)) for start, end in pairwise(marks)]

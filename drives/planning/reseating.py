"""Who keeps a place, who gets another, and who loses it, when the timeslots of a schedule that people know are changed.

1. Whoever can still be placed is: if places are short, those already 17 first, then in order of birth (as `assignment`
   gives places), so that the youngest lose theirs first.
2. Who is placed keeps the hour at which they were to come, if it remains and has room: those moved there by hand
   first, then the eldest.
3. The others are given places as `assignment` gives them: with their class, in order, nobody too young or in a closure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from drives.planning.assignment import Id, LeftOver, Person, Timeslot, assign
from drives.planning.calendar import Closure
from drives.planning.eligibility import LeapRule, MinimumAge, eligible_from
from drives.planning.seating import NOWHERE, Seating


@dataclass(frozen=True, slots=True)
class Seat:
    """A place as it stands. `slot` names the timeslot among the new ones, or none of them where the hour is gone."""

    person: Person
    slot: Id
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    person: Person
    reason: LeftOver


@dataclass(frozen=True, slots=True)
class Reseating:
    """By person: the timeslots that are kept and the new ones. `lost` begins with who loses the place first."""

    kept: Mapping[Id, Id]
    moved: Mapping[Id, Id]
    lost: Sequence[Lost]


def reseat(
    seats: Iterable[Seat],
    timeslots: Sequence[Timeslot],
    *,
    closures: Sequence[Closure] = (),
    minimum_age: MinimumAge,
    leap_rule: LeapRule = LeapRule.NEXT_DAY,
) -> Reseating:
    """Seat everybody of `seats` in `timeslots`, whose `room` counts nobody of them."""
    ordered = sorted(seats, key=_eldest_first)
    people = [seat.person for seat in ordered]
    kept = _keep(ordered, _rooms(timeslots))
    if len(kept) == len(ordered):
        return Reseating(kept, {}, ())
    rules = _Rules(closures, minimum_age, leap_rule)
    # Whoever was given by hand an hour that no rule would give stays there.
    at = {slot.id: slot for slot in timeslots}
    stuck = {
        person.id: kept[person.id] for person in people if person.id in kept and not rules.allow(person, at[kept[person.id]])
    }
    room = _rooms(timeslots)
    _keep([seat for seat in ordered if seat.person.id in stuck], room)
    left = _with_room(timeslots, room)
    whole = assign(people, left, stuck, closures=closures, minimum_age=minimum_age, leap_rule=leap_rule, rounds=0)
    reasons = dict(whole.left_over)
    free = [seat for seat in ordered if seat.person.id not in reasons and seat.person.id not in stuck]
    kept = stuck | _keep(free, room)
    staying = [person for person in people if person.id not in reasons]
    left = _with_room(timeslots, room)
    around = assign(staying, left, kept, closures=closures, minimum_age=minimum_age, leap_rule=leap_rule)
    placed = rules.make_room(staying, timeslots, dict(around.placed), stuck)
    reasons |= {person.id: LeftOver.NO_ROOM for person in staying if person.id not in placed}
    before = {seat.person.id: seat.slot for seat in ordered}
    return Reseating(
        kept={person: slot for person, slot in placed.items() if before[person] == slot},
        moved={person: slot for person, slot in placed.items() if before[person] != slot},
        lost=[Lost(person, reasons[person.id]) for person in reversed(people) if person.id in reasons],
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    closures: Sequence[Closure]
    minimum_age: MinimumAge
    leap_rule: LeapRule

    def make_room(
        self, people: Sequence[Person], timeslots: Sequence[Timeslot], placed: dict[Id, Id], stuck: Mapping[Id, Id]
    ) -> dict[Id, Id]:
        """The same with those for whom others must move from hours that they could have kept; as few as need be."""
        if len(placed) == len(people):
            return placed
        slots = sorted(timeslots, key=lambda slot: (slot.day, slot.start, str(slot.id)))
        number = {slot.id: index for index, slot in enumerate(slots)}
        allowed = [1 << number[stuck[person.id]] if person.id in stuck else self._allowed(person, slots) for person in people]
        seating = Seating(room=[slot.room for slot in slots], allowed=allowed, width=[person.places for person in people])
        for index, person in enumerate(people):
            if person.id in placed:
                seating.seat(index, number[placed[person.id]])
        for index, person in enumerate(people):
            if person.id not in placed:
                seating.make_room(index)
        return {person.id: slots[seating.at[index]].id for index, person in enumerate(people) if seating.at[index] != NOWHERE}

    def _allowed(self, person: Person, slots: Sequence[Timeslot]) -> int:
        return sum(1 << index for index, slot in enumerate(slots) if self.allow(person, slot))

    def allow(self, person: Person, slot: Timeslot) -> bool:
        if eligible_from(person.birth_date, self.minimum_age, self.leap_rule) > slot.day:
            return False
        return not any(
            closure.concerns(person.grade, person.class_id) and closure.overlaps(slot.day, slot.start, slot.end)
            for closure in self.closures
        )


def _rooms(timeslots: Sequence[Timeslot]) -> dict[Id, int]:
    return {slot.id: slot.room for slot in timeslots}


def _with_room(timeslots: Sequence[Timeslot], room: Mapping[Id, int]) -> list[Timeslot]:
    return [replace(slot, room=room[slot.id]) for slot in timeslots]


def _eldest_first(seat: Seat) -> tuple[date, str]:
    return seat.person.birth_date, str(seat.person.id)


def _keep(seats: Sequence[Seat], room: dict[Id, int]) -> dict[Id, Id]:
    """Who stays at the hour they know, taken off `room`."""
    by_slot: defaultdict[Id, list[Seat]] = defaultdict(list)
    for seat in seats:
        if seat.slot in room:
            by_slot[seat.slot].append(seat)
    kept: dict[Id, Id] = {}
    for slot, there in by_slot.items():
        for seat in sorted(there, key=lambda each: not each.is_pinned):
            if room[slot] >= seat.person.places:
                room[slot] -= seat.person.places
                kept[seat.person.id] = slot
    return kept

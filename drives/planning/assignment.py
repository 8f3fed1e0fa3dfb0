"""Who comes when: people into the timeslots of one drive.

Lexicographic, and stated on the planner's screen:

1. Everybody is placed if places suffice. If not, those already 17 on the drive's first day go first, then whoever
   turns 17 next: in order of birth, the eldest first. Nobody is placed on a day on which they are too young.
2. People who need extra time get two or three places of one timeslot; closed grades, classes, periods are skipped.
3. Classes stay whole: the smallest cost of disturbance, `disturbance.Cost.total`, which is
   100 for every further day that a class comes on (a class that comes on three days costs 200),
    10 for every gap within a class's day (a timeslot, of that day's timeslots in order, without anybody of the class
       between two with somebody; a break between sessions is no gap), and
     1 for every piece (a class in a timeslot), so that one class fills a timeslot before a second shares it.
4. Classes with more 17-year-olds come earlier.

Appointments in `fixed` stay where they are and count in the cost: running again with an earlier outcome as `fixed`
changes nothing, and newcomers join their class where they can. The answer depends on the input's content only, not
on its order. People who are placed are chosen with augmenting paths (`seating`), which for people of one place is
exact; where they sit comes from two stages of packing (`packing`), then repair and polish.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from uuid import UUID

from drives.planning.calendar import Closure
from drives.planning.disturbance import Cost, class_cost, day_numbers, total_of
from drives.planning.eligibility import CARD_AGE, DEFAULT_MINIMUM_AGE, LeapRule, MinimumAge, eligible_from, turns
from drives.planning.packing import Packing
from drives.planning.seating import NOWHERE, Seating, bits
from drives.planning.spread import Load

Id = UUID | str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who needs recording. `closed` are timeslots that do not suit this person; `places` is 1, 2 or 3."""

    id: Id
    class_id: Id
    grade: str
    birth_date: date
    places: int = 1
    closed: frozenset[Id] = frozenset()


@dataclass(frozen=True, slots=True)
class Timeslot:
    """`room` is what is left once all standing appointments, those in `fixed` included, have taken their places."""

    id: Id
    day: date
    start: time
    end: time
    room: int


class LeftOver(StrEnum):
    """Why somebody has no timeslot."""

    TOO_YOUNG = "too_young"  # on every day of the drive
    CLOSED = "closed"  # every timeslot on which the person would be old enough is closed to them
    NO_ROOM = "no_room"  # others, who are older, have the places
    NO_ROOM_TOGETHER = "no_room_together"  # places are free, but not two or three in one timeslot


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a planner is told beside the result. Counts are people; `last_born` is the youngest who got a place when
    places were short."""

    people: int
    already_17: int
    already_17_placed: int
    kept: int
    newly_placed: int
    left_over: Mapping[LeftOver, int]
    last_born: date | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """`placed` holds the fixed appointments too. `classes_split` are the classes that come on more than one day."""

    placed: Mapping[Id, Id]
    left_over: Sequence[tuple[Id, LeftOver]]
    classes_split: Sequence[Id]
    cost: Cost
    explain: Explanation


def assign(
    people: Iterable[Person],
    timeslots: Iterable[Timeslot],
    fixed: Mapping[Id, Id] | None = None,
    *,
    closures: Sequence[Closure] = (),
    minimum_age: MinimumAge = DEFAULT_MINIMUM_AGE,
    leap_rule: LeapRule = LeapRule.NEXT_DAY,
    rounds: int = 8,
) -> Assignment:
    """Place people in timeslots as the module says. More `rounds` search longer for whole classes; 0 answers at once."""
    board = _Board(people, timeslots, fixed or {}, closures=closures, minimum_age=minimum_age, leap_rule=leap_rule)
    chosen = board.choose()
    seating = board.arrange(chosen, rounds=rounds)
    return board.outcome(seating)


def cost_of(people: Iterable[Person], timeslots: Iterable[Timeslot], placed: Mapping[Id, Id]) -> Cost:
    """The cost of any placement, as `assign` counts it."""
    slots = sorted(timeslots, key=_slot_key)
    index = {slot.id: number for number, slot in enumerate(slots)}
    day_of = day_numbers([slot.day for slot in slots])
    used: defaultdict[Id, set[int]] = defaultdict(set)
    for person in people:
        if person.id in placed:
            used[person.class_id].add(index[placed[person.id]])
    return total_of(class_cost(slots_used, day_of) for slots_used in used.values())


def _slot_key(slot: Timeslot) -> tuple[date, time, str]:
    return slot.day, slot.start, str(slot.id)


@dataclass(slots=True)
class _ClassRoom:
    """A class on the board: its people by index, those with a fixed timeslot apart."""

    id: Id
    grade: str
    free: list[int] = field(default_factory=list)
    fixed: list[int] = field(default_factory=list)


class _Board:
    """The problem in indexes: people in order of class and id, timeslots in order of time."""

    def __init__(
        self,
        people: Iterable[Person],
        timeslots: Iterable[Timeslot],
        fixed: Mapping[Id, Id],
        *,
        closures: Sequence[Closure],
        minimum_age: MinimumAge,
        leap_rule: LeapRule,
    ) -> None:
        self.slots = sorted(timeslots, key=_slot_key)
        self.people = sorted(people, key=lambda person: (str(person.class_id), str(person.id)))
        self.day_of = day_numbers([slot.day for slot in self.slots])
        self.slots_on: list[list[int]] = [[] for _ in set(self.day_of)]
        for slot, day in enumerate(self.day_of):
            self.slots_on[day].append(slot)
        self._number = {slot.id: index for index, slot in enumerate(self.slots)}
        self.fixed = {index: self._number[fixed[person.id]] for index, person in enumerate(self.people) if person.id in fixed}
        self._first_day = self.slots[0].day if self.slots else None
        self._minimum_age, self._leap_rule = minimum_age, leap_rule
        self._closed = self._closed_masks(closures)
        self._of_age = self._of_age_masks()
        self.allowed = [self._allowed(person) for person in self.people]
        self.width = [person.places for person in self.people]
        self.classes = self._classes()
        self._senior = [self._is_17(person) for person in self.people]

    # Who may sit where

    def _closed_masks(self, closures: Sequence[Closure]) -> dict[tuple[str, Id], int]:
        kinds = {(person.grade, person.class_id) for person in self.people}
        return {
            (grade, class_id): sum(
                1 << index
                for index, slot in enumerate(self.slots)
                if any(
                    closure.concerns(grade, class_id) and closure.overlaps(slot.day, slot.start, slot.end) for closure in closures
                )
            )
            for grade, class_id in kinds
        }

    def _of_age_masks(self) -> dict[date, int]:
        """By birth date, the timeslots on whose day a person is old enough."""
        from_day = {
            self.slots[slots[0]].day: sum(1 << slot for on_day in self.slots_on[number:] for slot in on_day)
            for number, slots in enumerate(self.slots_on)
        }
        masks = {}
        for birth_date in {person.birth_date for person in self.people}:
            first = eligible_from(birth_date, self._minimum_age, self._leap_rule)
            masks[birth_date] = next((mask for day, mask in from_day.items() if first <= day), 0)
        return masks

    def _allowed(self, person: Person) -> int:
        closed = self._closed[person.grade, person.class_id]
        for slot in person.closed:
            closed |= 1 << self._number[slot] if slot in self._number else 0
        return self._of_age[person.birth_date] & ~closed

    def _is_17(self, person: Person) -> bool:
        return self._first_day is not None and turns(person.birth_date, CARD_AGE, self._leap_rule) <= self._first_day

    def _classes(self) -> dict[Id, _ClassRoom]:
        found: dict[Id, _ClassRoom] = {}
        for index, person in enumerate(self.people):
            room = found.setdefault(person.class_id, _ClassRoom(person.class_id, person.grade))
            (room.fixed if index in self.fixed else room.free).append(index)
        return found

    def _seating(self) -> Seating:
        return Seating(room=[slot.room for slot in self.slots], allowed=self.allowed, width=self.width)

    # 1. Who is placed

    def choose(self) -> Seating:
        """A seating that shows who can be placed; where they sit is not yet anybody's wish."""
        waiting = sorted(
            (index for index in range(len(self.people)) if index not in self.fixed and self.allowed[index]),
            key=lambda index: (self.people[index].birth_date, str(self.people[index].id)),
        )
        roomy_first = sorted(waiting, key=lambda index: -self.width[index])
        seating = self._seating()
        refused = [index for index in roomy_first if not seating.make_room(index)]
        if not refused or roomy_first == waiting:
            return seating
        seating = self._seating()
        for index in waiting:
            seating.make_room(index)
        return seating

    # 2. and 3. Where they sit

    def arrange(self, chosen: Seating, *, rounds: int) -> Seating:
        """The chosen people class by class. Should somebody not find a place this way, the first seating holds."""
        everybody = [index for index, slot in enumerate(chosen.at) if slot != NOWHERE]
        seating = self._seating()
        used = _Used(self)
        packed = [room for room in self.classes.values() if len(room.fixed) <= len(room.free)]
        self._join(seating, used, [index for room in self.classes.values() if room not in packed for index in room.free], chosen)
        self._pack(seating, used, packed, chosen, rounds=rounds)
        self._join(seating, used, everybody, chosen)
        for index in everybody:
            if seating.at[index] == NOWHERE and not seating.make_room(index):
                return chosen
        return seating

    def _join(self, seating: Seating, used: "_Used", people: Iterable[int], chosen: Seating) -> None:
        """Seat those who have no seat yet where it disturbs their class least; people of several places first."""
        for index in sorted(people, key=lambda each: -self.width[each]):
            if chosen.at[index] == NOWHERE or seating.at[index] != NOWHERE:
                continue
            if choices := seating.open_to(index):
                class_id = self.people[index].class_id
                slot = min(choices, key=lambda each: (used.price(class_id, each), each))
                seating.seat(index, slot)
                used.add(class_id, slot)

    def _pack(self, seating: Seating, used: "_Used", classes: list[_ClassRoom], chosen: Seating, *, rounds: int) -> None:
        members = [[index for index in room.free if chosen.at[index] != NOWHERE] for room in classes]
        loads = [self._load(room, who) for room, who in zip(classes, members, strict=True)]
        days = [[seating.room[slot] for slot in slots] for slots in self.slots_on]
        pieces: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for piece in Packing(loads, days).solve(rounds=rounds):
            pieces[piece.load].append((self.slots_on[piece.day][piece.slot], piece.places))
        for load, quota in sorted(pieces.items()):
            self._fill(seating, used, members[load], dict(sorted(quota)))

    def _load(self, room: _ClassRoom, members: list[int]) -> Load:
        open_on, blocked, stands = [], [], []
        standing = {self.fixed[index] for index in room.fixed}
        for slots in self.slots_on:
            of_day = sum(1 << slot for slot in slots)
            open_on.append(sum(self.width[index] for index in members if self.allowed[index] & of_day))
            closed = self._closed[room.grade, room.id]
            blocked.append(sum(1 << number for number, slot in enumerate(slots) if closed >> slot & 1))
            stands.append(sum(1 << number for number, slot in enumerate(slots) if slot in standing))
        return Load(
            size=sum(self.width[index] for index in members),
            open_on=tuple(open_on),
            blocked=tuple(blocked),
            stands=tuple(stands),
            seniors=sum(self._senior[index] for index in members),
        )

    def _fill(self, seating: Seating, used: "_Used", members: list[int], quota: dict[int, int]) -> None:
        """The class's people into its pieces: extra time first, then who has the fewest choices, then by age over the
        days and in order of id within a day."""
        by_day: defaultdict[int, list[int]] = defaultdict(list)
        left = Counter[int]()
        for slot, places in quota.items():
            left[self.day_of[slot]] += places
        days = {day: sum(1 << slot for slot in quota if self.day_of[slot] == day) for day in left}
        options = {index: [day for day, mask in days.items() if self.allowed[index] & mask] for index in members}
        for index in sorted(
            members, key=lambda each: (-self.width[each], len(options[each]), self.people[each].birth_date, each)
        ):
            day = next((day for day in options[index] if left[day] >= self.width[index]), None)
            if day is not None:
                left[day] -= self.width[index]
                by_day[day].append(index)
        for day, who in by_day.items():
            for index in sorted(who, key=lambda each: (-self.width[each], self.allowed[each].bit_count(), each)):
                choices = [slot for slot in bits(self.allowed[index] & days[day]) if quota[slot] >= self.width[index]]
                if choices:
                    slot = max(choices, key=lambda each: (quota[each], -each)) if self.width[index] > 1 else choices[0]
                    quota[slot] -= self.width[index]
                    seating.seat(index, slot)
                    used.add(self.people[index].class_id, slot)

    # The answer

    def outcome(self, seating: Seating) -> Assignment:
        at = {index: slot for index, slot in enumerate(seating.at) if slot != NOWHERE} | self.fixed
        placed = {self.people[index].id: self.slots[slot].id for index, slot in sorted(at.items())}
        unplaced = sorted(set(range(len(self.people))) - set(at), key=lambda each: (self.people[each].birth_date, each))
        left_over = [(self.people[index].id, self._reason(index, seating.room)) for index in unplaced]
        used = _Used(self, at)
        costs = {class_id: class_cost(slots, self.day_of) for class_id, slots in used.slots.items()}
        new = [index for index in at if index not in self.fixed]
        short = any(reason in (LeftOver.NO_ROOM, LeftOver.NO_ROOM_TOGETHER) for _, reason in left_over)
        return Assignment(
            placed=placed,
            left_over=left_over,
            classes_split=sorted((class_id for class_id, cost in costs.items() if cost.day_splits), key=str),
            cost=total_of(costs.values()),
            explain=Explanation(
                people=len(self.people),
                already_17=sum(self._senior),
                already_17_placed=sum(self._senior[index] for index in at),
                kept=len(self.fixed),
                newly_placed=len(new),
                left_over=Counter(reason for _, reason in left_over),
                last_born=max((self.people[index].birth_date for index in new), default=None) if short else None,
            ),
        )

    def _reason(self, index: int, room: Sequence[int]) -> LeftOver:
        if self.allowed[index]:
            scattered = sum(room[slot] for slot in bits(self.allowed[index]))
            return LeftOver.NO_ROOM_TOGETHER if scattered >= self.width[index] else LeftOver.NO_ROOM
        return LeftOver.CLOSED if self._of_age[self.people[index].birth_date] else LeftOver.TOO_YOUNG


class _Used:
    """Which timeslots each class uses, and what one more would cost."""

    def __init__(self, board: _Board, at: Mapping[int, int] | None = None) -> None:
        self._day_of = board.day_of
        self.slots: defaultdict[Id, set[int]] = defaultdict(set)
        for index, slot in (board.fixed if at is None else at).items():
            self.add(board.people[index].class_id, slot)

    def add(self, class_id: Id, slot: int) -> None:
        self.slots[class_id].add(slot)

    def price(self, class_id: Id, slot: int) -> int:
        used = self.slots[class_id]
        if slot in used:
            return 0
        return class_cost(used | {slot}, self._day_of).total - class_cost(used, self._day_of).total

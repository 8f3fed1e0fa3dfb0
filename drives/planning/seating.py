"""Who sits where, and making room: augmenting paths between people and timeslots.

People who take one place form a transversal matroid over the timeslots: seating them one by one in order of priority,
each time along an augmenting path, seats as many as can be seated, and among all such sets the one that priority
prefers (Edmonds 1971). Whoever was seated stays seated; only the timeslot may change. People who take two or three
places never move; room for them is made by moving others. People and timeslots are indexes, sets of timeslots bits.
"""

from collections.abc import Sequence

NOWHERE = -1


class Seating:
    def __init__(self, *, room: Sequence[int], allowed: Sequence[int], width: Sequence[int]) -> None:
        self.room = list(room)
        self.allowed = allowed
        self.width = width
        self.at = [NOWHERE] * len(allowed)
        self._open = sum(1 << slot for slot, places in enumerate(room) if places > 0)
        # Timeslots that are full for good: whoever sits there can only sit there.
        self._dead = 0
        # Who may be moved, by timeslot and then by where they may sit.
        self._movable: list[dict[int, list[int]]] = [{} for _ in room]

    def seat(self, person: int, slot: int) -> None:
        self.at[person] = slot
        self.room[slot] -= self.width[person]
        if not self.room[slot]:
            self._open &= ~(1 << slot)
        if self.width[person] == 1:
            self._movable[slot].setdefault(self.allowed[person], []).append(person)

    def unseat(self, person: int) -> None:
        slot = self.at[person]
        self.at[person] = NOWHERE
        self.room[slot] += self.width[person]
        self._open |= 1 << slot
        self._dead = 0
        if self.width[person] == 1:
            self._movable[slot][self.allowed[person]].remove(person)

    def fits(self, person: int, slot: int) -> bool:
        return bool(self.allowed[person] >> slot & 1) and self.room[slot] >= self.width[person]

    def open_to(self, person: int) -> list[int]:
        """The timeslots with room for the person as things stand, earliest first."""
        if self.width[person] == 1:
            return list(bits(self.allowed[person] & self._open))
        return [slot for slot in bits(self.allowed[person] & self._open) if self.room[slot] >= self.width[person]]

    def make_room(self, person: int) -> bool:
        """Seat the person, moving others to other timeslots of theirs where need be. False: there is no way."""
        if self.width[person] == 1:
            return self._augment(person, barred=0)
        return self._clear_a_timeslot(person)

    def _augment(self, person: int, *, barred: int) -> bool:
        reached = self.allowed[person] & ~self._dead & ~barred
        if found := reached & self._open:
            self.seat(person, lowest(found))
            return True
        came_from = dict.fromkeys(bits(reached), NOWHERE)
        queue = list(came_from)
        for slot in queue:
            for mask, movable in self._movable[slot].items():
                if not movable or not (new := mask & ~reached & ~barred):
                    continue
                reached |= new
                for further in bits(new):
                    came_from[further] = slot
                    queue.append(further)
                if found := new & self._open:
                    return self._shift(person, lowest(found), came_from)
        if not barred:
            self._dead |= reached
        return False

    def _shift(self, person: int, free: int, came_from: dict[int, int]) -> bool:
        """Move one person along each step of the path that ends at the free timeslot, then seat the person."""
        dead = self._dead
        while (before := came_from[free]) != NOWHERE:
            mover = next(who[-1] for mask, who in self._movable[before].items() if who and mask >> free & 1)
            self.unseat(mover)
            self.seat(mover, free)
            free = before
        self.seat(person, free)
        self._dead = dead
        return True

    def _clear_a_timeslot(self, person: int) -> bool:
        slots = list(bits(self.allowed[person] & ~self._dead))
        for slot in sorted(slots, key=lambda each: (-self.room[each], each)):
            if self.room[slot] + sum(map(len, self._movable[slot].values())) < self.width[person]:
                continue
            before, dead = list(self.at), self._dead
            if self._clear(slot, self.width[person]):
                self._dead = dead
                self.seat(person, slot)
                return True
            self._restore(before)
            self._dead = dead
        return False

    def _clear(self, slot: int, places: int) -> bool:
        stuck: set[int] = set()
        while self.room[slot] < places:
            movers = [(mask, who[-1]) for mask, who in self._movable[slot].items() if who and mask not in stuck]
            if not movers:
                return False
            mask, mover = movers[0]
            self.unseat(mover)
            if not self._augment(mover, barred=1 << slot):
                stuck.add(mask)
                self.seat(mover, slot)
        return True

    def _restore(self, before: list[int]) -> None:
        moved = [person for person, slot in enumerate(before) if slot != self.at[person]]
        for person in moved:
            if self.at[person] != NOWHERE:
                self.unseat(person)
        for person in moved:
            if before[person] != NOWHERE:
                self.seat(person, before[person])


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set, lowest first."""
    found = []
    while mask:
        found.append((mask & -mask).bit_length() - 1)
        mask &= mask - 1
    return found


def lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1

"""`python -m tests.benchmarks.references.assignment`: what CP-SAT finds for the generated schools, kept in assignment.json.

It needs `ortools`, which nothing else does and which is no dependency (`pip install ortools`, 9.15 here), and an hour: run
it again only when `generated_schools` or the cost of an assignment changes, after deleting assignment.json. What the file
holds already is kept, so a run that was broken off goes on where it stopped. The city comes first.

The model is the cost of `drives.planning.assignment` word for word, over groups of people who are alike (class, places,
open timeslots), with a bound that any plan obeys. The search begins at the product's first answer of that day, so that the
reference is never worse than that.
"""

import importlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from drives.planning.assignment import Person, Timeslot, assign
from drives.planning.eligibility import DEFAULT_MINIMUM_AGE, LeapRule, eligible_from
from drives.planning.layout import DAY_SPLIT, GAP, PIECE
from tests.benchmarks.generated_schools import GeneratedSchool, generated_city, generated_school

# Of the solver's own clock, which counts work and not time: a busy machine makes the reference later, not worse. 8 of its
# seconds are 20 or more of a processor's, 1 is 2 or more. A proof that nothing is better ends the search early; what is not
# proven in the first pass is searched again, longer.
SCHOOLS, PASSES = 200, (2.0, 8.0)
CITY, CITY_SECONDS = 1, 1.0
WORKERS = 2
UNPLACED = 100_000
FILE = Path(__file__).with_suffix(".json")

Kind = tuple[str, int, tuple[int, ...]]


@dataclass(frozen=True)
class Reference:
    """The best plan found in `seconds`: people left over and cost. No plan that leaves as few over costs under `bound`."""

    left_over: int
    cost: int
    bound: int
    seconds: float

    @property
    def is_proven(self) -> bool:
        return self.cost <= self.bound

    def or_better(self, other: "Reference | None") -> "Reference":
        """The better plan of two searches, the longer search's time, and the higher bound if as many are left over."""
        if other is None:
            return self
        best = min(self, other, key=lambda each: (each.left_over, each.cost))
        bounds = (each.bound for each in (self, other) if each.left_over == best.left_over)
        return Reference(best.left_over, best.cost, max(bounds), max(self.seconds, other.seconds))


@dataclass
class References:
    """What is kept, by the school's number."""

    schools: dict[int, Reference] = field(default_factory=dict)
    city: dict[int, Reference] = field(default_factory=dict)

    @classmethod
    def kept(cls) -> "References":
        if not FILE.exists():
            return cls()
        found = json.loads(FILE.read_text())
        return cls(*({int(number): Reference(**each) for number, each in found[part].items()} for part in ("schools", "city")))

    def keep(self) -> None:
        parts = {"schools": (self.schools, SCHOOLS, PASSES[-1]), "city": (self.city, len(generated_city(CITY)), CITY_SECONDS)}
        lines = [f' "told": {json.dumps({part: _told(*each) for part, each in parts.items()})}']
        for part, (found, *_) in parts.items():
            rows = [f'  "{number}": {json.dumps(asdict(each))}' for number, each in sorted(found.items())]
            lines.append(f' "{part}": {{\n' + ",\n".join(rows) + "\n }")
        FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _told(found: Mapping[int, Reference], wanted: int, seconds: float) -> str:
    proven = sum(each.is_proven for each in found.values())
    less = sum(not each.is_proven and each.seconds < seconds for each in found.values())
    return f"{len(found)} of {wanted} searched, {proven} proven best; of the others {less} with less than {seconds:g} s"


class Model:
    """A school's drive for CP-SAT."""

    def __init__(self, cp_model: Any, school: GeneratedSchool) -> None:
        self.school = school
        self.slots = sorted(school.timeslots, key=lambda slot: (slot.day, slot.start))
        self.model = cp_model.CpModel()
        kind_of = {person.id: self._kind(person) for person in school.people}
        self.kinds: Mapping[Kind, int] = Counter(kind_of.values())
        first = assign(school.people, school.timeslots, closures=school.closures, rounds=0)
        number_of = {slot.id: number for number, slot in enumerate(self.slots)}
        self._hints = Counter((kind_of[person], number_of[slot]) for person, slot in first.placed.items())
        # If all who have an open timeslot have a place, every better plan gives them one too.
        self._is_short = len(first.placed) < sum(count for (_class_id, _places, open_to), count in self.kinds.items() if open_to)
        self._hinted = {(class_id, slot) for (class_id, _places, _open_to), slot in self._hints}
        self.here: defaultdict[tuple[str, int], list[Any]] = defaultdict(list)
        self.left: defaultdict[str, list[Any]] = defaultdict(list)
        self._people()
        self.classes = sorted(self.left)
        costs = [cost for class_id in self.classes for cost in self._disturbance(class_id)]
        self.left_over = [left for class_id in self.classes for left in self.left[class_id]]
        if not self._is_short:
            self.model.add(sum(costs) >= sum(self._least(class_id) for class_id in self.classes))
        self.model.minimize(UNPLACED * sum(self.left_over) + sum(costs))

    def _kind(self, person: Person) -> Kind:
        of_age = eligible_from(person.birth_date, DEFAULT_MINIMUM_AGE, LeapRule.NEXT_DAY)
        open_to = (
            number
            for number, slot in enumerate(self.slots)
            if slot.day >= of_age and slot.room >= person.places and not self._is_closed(person, slot)
        )
        return str(person.class_id), person.places, tuple(open_to)

    def _is_closed(self, person: Person, slot: Timeslot) -> bool:
        return any(
            closure.concerns(person.grade, person.class_id) and closure.overlaps(slot.day, slot.start, slot.end)
            for closure in self.school.closures
        )

    def _people(self) -> None:
        """So many of each kind in each timeslot, or left over; no timeslot beyond its room."""
        seats: defaultdict[int, list[Any]] = defaultdict(list)
        for number, ((class_id, places, open_to), count) in enumerate(sorted(self.kinds.items())):
            kind = (class_id, places, open_to)
            inside = []
            for slot in open_to:
                here = self._whole(min(count, self.slots[slot].room // places), f"n{number}_{slot}", self._hints[kind, slot])
                seats[slot].append(places * here)
                self.here[class_id, slot].append(here)
                inside.append(here)
            waiting = count - sum(self._hints[kind, slot] for slot in open_to)
            left = self._whole(count if self._is_short else waiting, f"left{number}", waiting)
            self.left[class_id].append(left)
            self.model.add(sum(inside) + left == count)
        for slot, taken in seats.items():
            self.model.add(sum(taken) <= self.slots[slot].room)

    def _disturbance(self, class_id: str) -> Iterator[Any]:
        """Days, gaps and pieces of a class; its first day and the first piece of each day are taken off again."""
        for day in sorted({slot.day for slot in self.slots}):
            numbers = [number for number, slot in enumerate(self.slots) if slot.day == day]
            comes = self._yes(f"day{class_id}_{day}", any((class_id, number) in self._hinted for number in numbers))
            pieces, beginnings = [], []
            before: Any = 0
            was_used = False
            for number in numbers:
                is_used = (class_id, number) in self._hinted
                used = self._yes(f"used{class_id}_{number}", is_used)
                begins = self._yes(f"begins{class_id}_{number}", is_used and not was_used)
                self.model.add(sum(self.here[class_id, number]) <= self.slots[number].room * used)
                self.model.add(begins >= used - before)
                self.model.add(comes >= used)
                pieces.append(used)
                beginnings.append(begins)
                before, was_used = used, is_used
            self.model.add(comes <= sum(beginnings))
            yield PIECE * sum(pieces) + GAP * sum(beginnings) + (DAY_SPLIT - GAP) * comes

    def _least(self, class_id: str) -> int:
        """What a class of which everybody comes costs if it has every timeslot to itself; 100 for a first day with it."""
        kinds = ((kind, count) for kind, count in self.kinds.items() if kind[0] == class_id and kind[2])
        needed = sum(count * places for (_class_id, places, _open_to), count in kinds)
        rooms: defaultdict[date, list[int]] = defaultdict(list)
        for slot in self.slots:
            rooms[slot.day].append(slot.room)
        if not needed:
            return 0
        days = _fewest(needed, [sum(each) for each in rooms.values()])
        on_one_day = [_fewest(needed, each) for each in rooms.values() if sum(each) >= needed]
        return DAY_SPLIT * days + PIECE * (min(on_one_day) if days == 1 else _fewest(needed, [slot.room for slot in self.slots]))

    def _whole(self, most: int, name: str, hint: int) -> Any:
        made = self.model.new_int_var(0, most, name)
        self.model.add_hint(made, hint)
        return made

    def _yes(self, name: str, hint: bool) -> Any:
        made = self.model.new_bool_var(name)
        self.model.add_hint(made, hint)
        return made


def _fewest(needed: int, rooms: Sequence[int]) -> int:
    count = 0
    for room in sorted(rooms, reverse=True):
        if needed <= 0:
            break
        needed -= room
        count += 1
    return count


def solve(school: GeneratedSchool, *, seconds: float) -> Reference:
    cp_model: Any = importlib.import_module("ortools.sat.python.cp_model")
    built = Model(cp_model, school)
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = seconds
    solver.parameters.max_time_in_seconds = 30 * seconds
    solver.parameters.num_workers = WORKERS
    solver.parameters.random_seed = 1
    solver.solve(built.model)
    coming = {class_id for (class_id, _slot), here in built.here.items() if any(solver.value(each) for each in here)}
    unplaced = sum(solver.value(left) for left in built.left_over)
    taken_off = DAY_SPLIT * len(coming) + UNPLACED * unplaced
    return Reference(
        left_over=unplaced,
        cost=round(solver.objective_value) - taken_off,
        bound=max(0, round(solver.best_objective_bound) - taken_off),
        seconds=seconds,
    )


def main() -> None:
    kept = References.kept()
    schools = {seed: generated_school(seed) for seed in range(SCHOOLS)}
    work = [("city", kept.city, dict(enumerate(generated_city(CITY))), CITY_SECONDS)]
    work += [("school", kept.schools, schools, seconds) for seconds in PASSES]
    for name, found, asked, seconds in work:
        for number, school in asked.items():
            before = found.get(number)
            if before and (before.is_proven or before.seconds >= seconds):
                continue
            found[number] = solve(school, seconds=seconds).or_better(before)
            sys.stderr.write(f"{name} {number}: {found[number]}\n")
            kept.keep()


if __name__ == "__main__":
    main()

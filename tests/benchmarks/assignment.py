"""People into timeslots: how long the first and the full answer take, and what they cost beside CP-SAT. Goals 5 and 6.

CP-SAT's plans are data (`references/assignment.py` made them), so only our own side runs, and the bare limit: to fill the
timeslots class by class without a choice. Of each school the best round counts.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drives.planning.assignment import Assignment, Id, assign
from tests.benchmarks.generated_schools import GeneratedSchool, generated_city, generated_school
from tests.benchmarks.references.assignment import CITY, SCHOOLS, Reference, References
from tests.benchmarks.timing import Limit, Limited

PEOPLE = 452
SAME_SIZE = range(1000, 1020)  # seeds beyond those of the schools that have a reference
ROUNDS = 5


@dataclass(frozen=True)
class Compared:
    """Ours beside CP-SAT, school by school."""

    ours: Sequence[Assignment]
    theirs: Sequence[Reference]

    @property
    def ratios(self) -> list[float]:
        return [ours.cost.total / theirs.cost for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def in_all(self) -> float:
        return sum(ours.cost.total for ours in self.ours) / sum(theirs.cost for theirs in self.theirs)

    @property
    def worse_off(self) -> int:
        """Schools where more people are left over than CP-SAT leaves."""
        return sum(len(ours.left_over) > theirs.left_over for ours, theirs in zip(self.ours, self.theirs, strict=True))

    def notes(self) -> dict[str, str]:
        same, better = (sum(1 for ratio in self.ratios if ratio == 1), sum(1 for ratio in self.ratios if ratio < 1))
        proven = sum(theirs.is_proven for theirs in self.theirs)
        seconds = sorted({theirs.seconds for theirs in self.theirs if not theirs.is_proven})
        return {
            "school by school, cost": f"{same} the same, {better} better, {len(self.ours) - same - better} worse",
            "mean of the ratios": f"{statistics.mean(self.ratios):.4f}",
            "CP-SAT's plan is proven best for": f"{proven} of {len(self.theirs)}",
            "CP-SAT's seconds of work where it is not": ", ".join(f"{each:g}" for each in seconds),
        }


def measure(say: Callable[[str], None]) -> list[Limited]:
    kept = References.kept()
    say(f"timeslots for schools of {PEOPLE} people")
    speed = _speed([generated_school(seed, size=PEOPLE) for seed in SAME_SIZE])
    say(f"timeslots for {len(kept.schools)} schools with a reference")
    quality = _quality(kept)
    say("timeslots for a city")
    return [speed, quality, _city(generated_city(CITY), kept)]


def full_answer(school: GeneratedSchool) -> Assignment:
    return assign(school.people, school.timeslots, closures=school.closures)


def first_answer(school: GeneratedSchool) -> Assignment:
    return assign(school.people, school.timeslots, closures=school.closures, rounds=0)


def class_by_class(school: GeneratedSchool) -> dict[Id, Id]:
    """No choice at all: each class after the other into the next places, whoever may not come then included."""
    places = [slot.id for slot in school.timeslots for _ in range(slot.room)]
    return dict(zip((person.id for person in sorted(school.people, key=lambda each: str(each.class_id))), places, strict=False))


def _speed(schools: Sequence[GeneratedSchool]) -> Limited:
    bare, _ = _timed(class_by_class, schools)
    first, first_work = _timed(first_answer, schools)
    full, full_work = _timed(full_answer, schools)
    limits = [
        Limit(f"ms to the first answer, the slowest of {len(schools)} schools", max(first) * 1e3, 50),
        Limit("s to the full answer, the slowest", max(full), 1),
    ]
    notes = {
        "first answer, ms of wall time, of processor time (median; slowest)": _ms(first, first_work),
        "full answer, ms of wall time, of processor time (median; slowest)": _ms(full, full_work),
        "first, full beside filling class by class": f"{sum(first) / sum(bare):.0f} ×, {sum(full) / sum(bare):.0f} ×",
    }
    return Limited(f"Timeslots for schools of {PEOPLE} people", limits, notes)


def _ms(*seconds: Sequence[float]) -> str:
    return ", ".join(f"{statistics.median(each) * 1e3:.1f}; {max(each) * 1e3:.1f}" for each in seconds)


def _quality(kept: References) -> Limited:
    schools = {seed: generated_school(seed) for seed in kept.schools}
    found = Compared([full_answer(school) for school in schools.values()], list(kept.schools.values()))
    limits = [
        Limit("× the cost of CP-SAT, the worst school", max(found.ratios), 1.05),
        Limit("schools with more people left over than by CP-SAT", found.worse_off, 0),
        Limit(f"of {SCHOOLS} schools without a reference", SCHOOLS - len(schools), 0),
    ]
    return Limited(f"Timeslots for {len(schools)} schools of 20 to 700 people", limits, found.notes())


def _city(city: Sequence[GeneratedSchool], kept: References) -> Limited:
    bare, _ = _timed(class_by_class, city)
    took, worked = _timed(full_answer, city)
    found = Compared([full_answer(school) for school in city], [kept.city[number] for number in range(len(city))])
    limits = [
        Limit("s for all of them", sum(took), 3),
        Limit("× the cost of CP-SAT", found.in_all, 1.01),
        Limit("schools with more people left over than by CP-SAT", found.worse_off, 0),
    ]
    notes = {
        "processor's seconds": f"{sum(worked):.2f}",
        "beside filling class by class": f"{sum(took) / sum(bare):.0f} ×",
        **found.notes(),
    }
    return Limited(f"Timeslots for {sum(len(school.people) for school in city)} people in {len(city)} schools", limits, notes)


def _timed(way: Callable[[GeneratedSchool], object], schools: Sequence[GeneratedSchool]) -> tuple[list[float], list[float]]:
    """Seconds of wall and of processor time for each school."""
    wall, processor = [], []
    for school in schools:
        runs = []
        for _ in range(ROUNDS):
            began, worked = time.perf_counter(), time.process_time()
            way(school)
            runs.append((time.perf_counter() - began, time.process_time() - worked))
        wall.append(min(run[0] for run in runs))
        processor.append(min(run[1] for run in runs))
    return wall, processor


if __name__ == "__main__":
    import sys

    from tests.benchmarks.timing import table

    sys.stdout.write(table(measure(lambda words: None)) + "\n")

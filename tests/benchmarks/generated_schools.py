"""Schools whose drives are to be filled, made from a seed: the same everywhere, so that references can be kept as data."""

import random
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from drives.planning.assignment import Person, Timeslot
from drives.planning.calendar import Closure
from drives.planning.capacity import Session
from drives.planning.slots import generate

FIRST_DAY = date(2027, 2, 1)
SLACK = Decimal("0.15")
MINUTES = 10
SESSIONS = (Session(time(8), time(11)), Session(time(12, 30), time(15, 30)))


@dataclass(frozen=True)
class GeneratedSchool:
    """A drive of one school in which there are places for everybody."""

    name: str
    people: tuple[Person, ...]
    timeslots: tuple[Timeslot, ...]
    closures: tuple[Closure, ...]


def generated_school(seed: int, *, size: int | None = None) -> GeneratedSchool:
    """20 to 700 people in classes of 8 to 36, some with extra time, some too young at first, at times a grade away."""
    chance = random.Random(f"school {seed}")
    people = _people(chance, size or int(min(700, max(20, chance.lognormvariate(4.9, 0.7)))))
    slot_minutes = chance.choice((20, 30, 30, 30, 45, 60))
    reserve = chance.choice((0.02, 0.05, 0.08, 0.15))
    needed = sum(person.places for person in people)
    kits = max(1, min(6, round(needed / 30 / chance.choice((1, 2, 3, 3, 4)))))
    slots: list[Timeslot] = []
    days = 0
    while sum(slot.room for slot in slots) < needed * (1 + reserve) + 4:
        slots += _day(days, kits=kits, slot_minutes=slot_minutes)
        days += 1
    closures: tuple[Closure, ...] = ()
    if days > 2 and chance.random() < 0.3:
        slots += _day(days, kits=kits, slot_minutes=slot_minutes)
        away = FIRST_DAY + timedelta(days=chance.randrange(days))
        closures = (Closure(away, away, "PKL", grades=frozenset({chance.choice(("11", "12"))})),)
    return GeneratedSchool(f"school {seed}", tuple(people), tuple(slots), closures)


def generated_city(seed: int, *, schools: int = 60, people: int = 12_000) -> list[GeneratedSchool]:
    """A city's schools, `people` in all."""
    chance = random.Random(f"city {seed}")
    shares = [chance.lognormvariate(0, 0.6) for _ in range(schools)]
    sizes = [max(20, round(share * people / sum(shares))) for share in shares]
    sizes[0] += people - sum(sizes)
    return [generated_school(seed * 1000 + number, size=size) for number, size in enumerate(sizes)]


def _people(chance: random.Random, size: int) -> list[Person]:
    people: list[Person] = []
    while len(people) < size:
        number = len({person.class_id for person in people}) + 1
        grade = chance.choice(("10", "11", "11", "11", "12", "12"))
        for _ in range(min(chance.randint(8, 36), size - len(people))):
            places = chance.choice((2, 3)) if chance.random() < 0.02 else 1
            # From a little too young on the first days to nineteen.
            born = FIRST_DAY - timedelta(days=chance.randint(16 * 365 + 4 - (3 if grade == "10" else -30), 19 * 365))
            people.append(Person(f"{len(people):04d}", f"{number:02d}", grade, born, places))
    return people


def _day(number: int, *, kits: int, slot_minutes: int) -> list[Timeslot]:
    day = FIRST_DAY + timedelta(days=number)
    cut = generate(SESSIONS, slot_minutes=slot_minutes, kits=kits, minutes=MINUTES, slack=SLACK)
    return [Timeslot(f"{number:02d}-{slot.start:%H%M}", day, slot.start, slot.end, slot.places) for slot in cut]

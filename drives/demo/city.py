"""Which schools take part, with how many pupils: 12,000 people of 16 and 17 in sixty schools of Jakarta Selatan."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from drives.demo.people import ClassPlan
from schools.models import School

SMAN_55: Final = "20102575"
LABSCHOOL: Final = "20107313"
STUDENTS: Final = 12_000
RECORDED_SHARE: Final = 0.35
OTHER_SCHOOLS: Final = 57
# Where recording has come far, and where it has not: districts differ, so that the map has something to say.
EAGERNESS: Final = {
    "31.74.01": 1.0,
    "31.74.02": 1.5,
    "31.74.03": 0.95,
    "31.74.04": 0.8,
    "31.74.05": 1.1,
    "31.74.06": 0.95,
    "31.74.07": 1.45,
    "31.74.08": 1.2,
    "31.74.09": 0.55,
    "31.74.10": 0.75,
}


@dataclass(frozen=True)
class Part:
    """A school's part in the demonstration."""

    school: School
    classes: Sequence[ClassPlan]

    @property
    def cohort(self) -> int:
        """Pupils who are 16 or 17 (those who turn 16 tomorrow count)."""
        return sum(plan.seventeen + plan.sixteen + plan.tomorrow for plan in self.classes)


def sman_55() -> list[ClassPlan]:
    """452 pupils in 15 classes, of whom 228 have turned 17; ten turn 16 on the third day."""
    twelfth = [ClassPlan(f"XII MIPA {n}", seventeen, 0) for n, seventeen in ((1, 32), (2, 33), (3, 32))]
    eleventh = [ClassPlan(f"XI MERDEKA {n}", 15 if n < 9 else 11, 15 if n < 9 else 16) for n in range(1, 10)]
    tenth = [
        ClassPlan("X MERDEKA 1", 0, 33, tomorrow=3),
        ClassPlan("X MERDEKA 2", 0, 34, tomorrow=4),
        ClassPlan("X MERDEKA 3", 0, 11, tomorrow=3),
    ]
    return [*twelfth, *eleventh, *tenth]


def labschool() -> list[ClassPlan]:
    """70 pupils of class 12, who come on day one, and 88 of class 11, whose day is the second."""
    return [
        *(ClassPlan(f"XII {n}", 18 if n < 3 else 17, 0) for n in range(1, 5)),
        *(ClassPlan(f"XI {n}", 7, 15) for n in range(1, 5)),
        ClassPlan("X 1", 0, 14, younger=8),
    ]


def parts(*, students: int = STUDENTS) -> list[Part]:
    """The two cases first, then other schools of all ten districts until the number is full."""
    by_npsn = {
        school.npsn: school for school in School.objects.filter(office__region="31.74").select_related("office", "district")
    }
    chosen = [Part(by_npsn.pop(SMAN_55), sman_55()), Part(by_npsn.pop(LABSCHOOL), labschool())]
    left = max(0, students - sum(part.cohort for part in chosen))
    others = _others(list(by_npsn.values()))[: max(1, min(OTHER_SCHOOLS, left // 60))] if left else []
    dice = random.Random("jemput-bola sizes")  # noqa: S311 - sizes of invented schools
    weights = [dice.uniform(0.6, 1.4) for _school in others]
    for place, school in enumerate(others):
        size = left if place == len(others) - 1 else round(left * weights[place] / sum(weights[place:]))
        chosen.append(Part(school, _classes(school, size)))
        left -= size
    return chosen


def _others(schools: list[School]) -> list[School]:
    """SMA, SMK and SLB of each district in turn."""
    by_district: dict[str, list[School]] = {}
    for school in sorted(
        schools, key=lambda school: (school.kind == School.Kind.SLB, school.ownership != School.Ownership.STATE, school.npsn)
    ):
        by_district.setdefault(school.district_id, []).append(school)
    order = []
    for place in range(max(map(len, by_district.values()))):
        order += [by_district[district][place] for district in sorted(by_district) if place < len(by_district[district])]
    return order


def _classes(school: School, size: int) -> list[ClassPlan]:
    """Classes of about thirty: XII nearly all 17, XI half and half, X the youngest, some not yet 16."""
    tracks = {"SMK": ("RPL", "TKJ", "AKL"), "SLB": ("A",)}.get(school.kind, ("MERDEKA",))
    count = max(3, round(size / 30))
    plans = []
    for number in range(count):
        grade = ("XII", "XI", "XI", "X")[number % 4]
        people = size // count + (1 if number < size % count else 0)
        seventeen = {"XII": people, "XI": people * 2 // 5, "X": 0}[grade]
        younger = max(1, people // 6) if grade == "X" else 0
        name = f"{grade} {tracks[number % len(tracks)]} {number // 4 + 1}"
        plans.append(ClassPlan(name, seventeen, people - seventeen, younger=younger))
    # Two classes of one name would be one class.
    names: dict[str, int] = {}
    unique = []
    for plan in plans:
        names[plan.name] = names.get(plan.name, 0) + 1
        suffix = "" if names[plan.name] == 1 else f" {'ABCDEFGH'[names[plan.name] - 1]}"
        unique.append(ClassPlan(plan.name + suffix, plan.seventeen, plan.sixteen, plan.tomorrow, plan.younger))
    return unique

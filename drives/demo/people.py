"""Invented pupils: the same seed gives the same people. NIK serials 9000–9999 are never issued in practice."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

from drives.planning.eligibility import turns
from students.nik import SYNTHETIC_SERIALS, Sex, synthetic

NAMES: Final = Path(__file__).parent / "data" / "indonesian_names.csv"
# Where pupils of Jakarta Selatan live: (district code, district, city's part of the roster, a village).
HOMES: Final = (
    ("31.74.01", "Tebet", "Menteng Dalam"),
    ("31.74.02", "Setiabudi", "Setia Budi"),
    ("31.74.03", "Mampang Prapatan", "Pela Mampang"),
    ("31.74.04", "Pasar Minggu", "Ragunan"),
    ("31.74.05", "Kebayoran Lama", "Pondok Pinang"),
    ("31.74.06", "Cilandak", "Lebak Bulus"),
    ("31.74.07", "Kebayoran Baru", "Gandaria Utara"),
    ("31.74.08", "Pancoran", "Duren Tiga"),
    ("31.74.09", "Jagakarsa", "Ciganjur"),
    ("31.74.10", "Pesanggrahan", "Bintaro"),
)
DEPOK: Final = (("32.76.06", "Beji", "Kukusan"), ("32.76.04", "Limo", "Grogol"), ("32.76.09", "Cinere", "Cinere"))


@dataclass(frozen=True)
class Pupil:
    """One line of a roster to be."""

    name: str
    sex: Sex
    birth_date: date
    nik: str
    nisn: str
    class_name: str
    district: str
    village: str
    phone: str


@dataclass(frozen=True)
class ClassPlan:
    """A class with how many of its pupils have turned 17, are 16, turn 16 tomorrow, or are younger."""

    name: str
    seventeen: int
    sixteen: int
    tomorrow: int = 0
    younger: int = 0


class Crowd:
    """Makes people; remembers the serials already given on a birth date, so that no NIK comes twice."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._serials: dict[tuple[str, date, Sex], Iterator[int]] = {}
        self._numbers = count(1)

    def pupils(self, npsn: str, classes: Sequence[ClassPlan], *, depok_share: float = 0.06) -> list[Pupil]:
        """The pupils of a school, class by class, in the order of names."""
        dice = random.Random(f"jemput-bola {npsn}")  # noqa: S311 - invented people, not secrets
        made = []
        for plan in classes:
            births = [
                *(self._born(dice, 17, 18) for _ in range(plan.seventeen)),
                *(self._born(dice, 16, 17) for _ in range(plan.sixteen)),
                *(turns(self.today + timedelta(days=1), -16) for _ in range(plan.tomorrow)),
                *(self._born(dice, 15, 16, margin=30) for _ in range(plan.younger)),
            ]
            group = [self._pupil(dice, plan.name, birth, depok_share) for birth in births]
            made += sorted(group, key=lambda pupil: pupil.name)
        return made

    def _born(self, dice: random.Random, at_least: int, below: int, *, margin: int = 2) -> date:
        """Of an age today, and for `margin` days yet: the demonstration runs on tomorrow."""
        earliest = turns(self.today, -below) + timedelta(days=margin)
        latest = turns(self.today, -at_least) - (timedelta(days=1) if at_least == 17 else timedelta())
        return earliest + timedelta(days=dice.randrange((latest - earliest).days + 1))

    def _pupil(self, dice: random.Random, class_name: str, birth: date, depok_share: float) -> Pupil:
        sex: Sex = dice.choice(("L", "P"))
        district, district_name, village = dice.choice(DEPOK if dice.random() < depok_share else HOMES)
        number = next(self._numbers)
        return Pupil(
            name=_name(dice, sex),
            sex=sex,
            birth_date=birth,
            nik=synthetic(district=district, birth_date=birth, sex=sex, serial=self._serial(district, birth, sex)),
            nisn=f"{birth.year % 1000:03d}{number:07d}",
            class_name=class_name,
            district=district_name,
            village=village,
            phone=f"08990{number:07d}",
        )

    def _serial(self, district: str, birth: date, sex: Sex) -> int:
        return next(self._serials.setdefault((district, birth, sex), _serials(district, birth)))


def _serials(district: str, birth: date) -> Iterator[int]:
    """All synthetic serials in an order that looks like chance: many NIKs that end in 0 look damaged, and rightly so."""
    start = birth.toordinal() * 7 + int(district[-2:]) * 13
    return (SYNTHETIC_SERIALS[(start + step * 37) % len(SYNTHETIC_SERIALS)] for step in range(len(SYNTHETIC_SERIALS)))


def _name(dice: random.Random, sex: Sex) -> str:
    """Two to four words, as names are."""
    first, last = _names()[sex]
    words = [dice.choice(first)]
    if dice.random() < 0.55:
        words.append(dice.choice(first))
    words.append(dice.choice(last))
    if dice.random() < 0.12:
        words.append(dice.choice(last))
    return " ".join(dict.fromkeys(word.upper() for word in words))


@cache
def _names() -> dict[str, tuple[list[str], list[str]]]:
    with NAMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        sex: (
            [row["nama"] for row in rows if row["jenis"] == "depan" and row["jk"] == sex],
            [row["nama"] for row in rows if row["jenis"] == "belakang" and row["jk"] == sex],
        )
        for sex in ("L", "P")
    }

"""Who of last year is not in this year's file, and why: pure, over plain values.

A pupil who is missing has one of three fates. Of the last grade, and this year's last grade is in the file: finished.
Of a grade whose pupils the file does not hold at all: left alone, since the file is only a part of the school. Everybody
else is asked about and never assumed to have left.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

# The grade that ends school, unless the school has a thirteenth (four years of SMK).
LAST_GRADE: Final = 12
LONGER_GRADE: Final = 13
# "Nearly none": fewer of a grade's pupils than one in ten, and the file says nothing about that grade.
HARDLY_ANY: Final = 10
# Fewer of this year's last grade than half, or more of last year's last grade than half, and its end is not assumed.
HALF: Final = 2

GRADUATED, ASKED, LEFT_ALONE = "graduated", "missing", "left_alone"


@dataclass(frozen=True, slots=True)
class Pupil:
    """An enrolment at the school as it is now; `key` is the person's, `grade` None where the class is not known."""

    key: Any
    grade: int | None
    school_year: int
    is_in_file: bool


def settle(pupils: Collection[Pupil], *, grades: Iterable[int | None], school_year: int) -> dict[Any, str]:
    """The fate of everybody who is missing, by key; nobody who is in the file is among them.

    `grades`: of each line in the file. Pupils already enrolled this year are asked about as in any month.
    """
    found = _Settler(pupils, Counter(grade for grade in grades if grade), school_year)
    return {pupil.key: found.fate(pupil) for pupil in pupils if not pupil.is_in_file}


def by_grade(grades: Iterable[int | None]) -> dict[str, int]:
    """How many of each grade, in order; keys are text, as JSON has them."""
    found = Counter(grade for grade in grades if grade)
    return {str(grade): found[grade] for grade in sorted(found)}


def mostly(grades: Iterable[int | None]) -> list[int]:
    """The grades that a file is about: a line or two of another do not count."""
    found = Counter(grade for grade in grades if grade)
    return sorted(grade for grade, count in found.items() if count * HARDLY_ANY >= max(found.values()))


class _Settler:
    def __init__(self, pupils: Collection[Pupil], lines: Counter[int], school_year: int) -> None:
        self.school_year, self.lines = school_year, lines
        self.old: defaultdict[int, list[Pupil]] = defaultdict(list)
        self.current: Counter[int] = Counter()
        for pupil in pupils:
            if pupil.grade and pupil.school_year < school_year:
                self.old[pupil.grade].append(pupil)
            elif pupil.grade:
                self.current[pupil.grade] += 1
        is_longer = any(grades.get(LONGER_GRADE) for grades in (self.old, self.current, lines))
        self.last = LONGER_GRADE if is_longer else LAST_GRADE

    def fate(self, pupil: Pupil) -> str:
        if pupil.school_year >= self.school_year or pupil.grade is None:
            return ASKED
        if pupil.grade >= self.last:
            return self._fate_of_the_last()
        return ASKED if self._tells_of(pupil.grade) else LEFT_ALONE

    def _fate_of_the_last(self) -> str:
        """Once this year's last grade is enrolled, who is still there from last year was kept by a person: ask."""
        if not self.holds(self.last):
            return LEFT_ALONE
        old = self.old[self.last]
        is_mostly_gone = sum(pupil.is_in_file for pupil in old) * HALF <= len(old)
        is_full = self.lines[self.last] * HALF >= self._expected(self.last)
        return GRADUATED if is_mostly_gone and is_full and not self.current[self.last] else ASKED

    def _tells_of(self, grade: int) -> bool:
        """The pupils of last year's grade are in the file, or the grade into which they move is."""
        old = self.old[grade]
        is_there = sum(pupil.is_in_file for pupil in old) * HARDLY_ANY >= len(old)
        return is_there or self.holds(grade + 1)

    def holds(self, grade: int) -> bool:
        return self.lines[grade] > 0 and self.lines[grade] * HARDLY_ANY >= self._expected(grade)

    def _expected(self, grade: int) -> int:
        """Whoever moves into the grade or is in it already; of a grade into which nobody is known to move, its size last year."""
        return len(self.old[grade - 1]) + self.current[grade] or len(self.old[grade])

"""A school's lesson hours in a few lines: weekdays with the same hours stand together."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby, pairwise

from django.utils.dates import WEEKDAYS

from drives.planning.capacity import Session
from schools.models import School
from schools.templatetags.house import clock


@dataclass(frozen=True, slots=True)
class LessonRow:
    """`Senin–Kamis`, `06.30–15.00`, `09.15–09.30, 12.00–12.45`."""

    days: str
    hours: str
    breaks: str


def week_of(school: School) -> dict[int, list[Session]]:
    """Uninterrupted lessons by weekday, as the school has told them."""
    week: defaultdict[int, list[Session]] = defaultdict(list)
    for row in school.bell_times.order_by("weekday", "starts_at"):
        week[row.weekday].append(Session(row.starts_at, row.ends_at))
    return dict(week)


def lesson_rows(school: School) -> list[LessonRow]:
    week = week_of(school)
    told = list(enumerate(sorted(week)))
    runs = groupby(told, key=lambda each: (each[1] - each[0], tuple(week[each[1]])))
    return [_row([weekday for _place, weekday in run], list(lessons)) for (_offset, lessons), run in runs]


def _row(run: list[int], lessons: list[Session]) -> LessonRow:
    first, last = str(WEEKDAYS[run[0]]), str(WEEKDAYS[run[-1]])
    pauses = [f"{clock(before.end)}–{clock(after.start)}" for before, after in pairwise(lessons)]
    hours = f"{clock(lessons[0].start)}–{clock(lessons[-1].end)}"
    return LessonRow(first if len(run) == 1 else f"{first}–{last}", hours, ", ".join(pauses))

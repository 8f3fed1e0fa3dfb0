"""The step into the new school year as a review tells it: by class, instead of three hundred lines of "changed"."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.db.models.fields.json import KT

from students.models import RosterRow, RosterUpload
from students.models.roster import CHANGE_LABELS
from students.roster.values import ROMAN

# What says more of a pupil than the year and the class.
ELSE = [name for name in (*CHANGE_LABELS, "nik") if name != "class"]


@dataclass(frozen=True)
class ClassMove:
    """So many pupils of last year's class `old` in this year's class `new`; empty where there is no class."""

    old: str
    new: str
    count: int


@dataclass(frozen=True)
class LeftAlone:
    """Of last year's pupils in these grades the file says nothing, since it holds others; nothing happens to them."""

    held: str
    grades: str
    count: int


def moved_on() -> Q:
    """Rows that say nothing but that a pupil is in another class, or in the same, of a new school year."""
    return Q(section=RosterRow.Section.CHANGED, changes__has_key="year") & ~Q(changes__has_any_keys=ELSE)


def class_moves(upload: RosterUpload) -> Sequence[ClassMove]:
    """The classes that move on, in the order of this year's grade, then by name."""
    rows = upload.rows.filter(moved_on()).values("grade", old=KT("changes__class__0"), new=F("class_name"))
    counted = rows.annotate(count=Count("pk")).order_by("grade", "old", "new")
    return [ClassMove(row["new"] if row["old"] is None else row["old"], row["new"], row["count"]) for row in counted]


def left_alone(upload: RosterUpload) -> LeftAlone | None:
    grades: dict[str, int] = upload.counts.get("left_alone_by_grade") or {}
    if not grades:
        return None
    held = [ROMAN.get(grade, str(grade)) for grade in upload.counts.get("grades", [])]
    names = [ROMAN.get(int(grade), grade) for grade in grades]
    return LeftAlone(", ".join(held) or "–", ", ".join(names), sum(grades.values()))

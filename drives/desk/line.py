"""One line of what waits for a person."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, Model, QuerySet, Window

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Todo:
    """A count, what it counts, where and why, one verb. `urgency` sorts: 0 now, 1 soon, 2 when there is time."""

    count: int
    title: str
    detail: str
    verb: str
    url: str
    urgency: int = 2
    chip: str = ""

    @property
    def tone(self) -> str:
        return {0: "stop", 1: "wait"}.get(self.urgency, "neutral")


def counted(rows: QuerySet[Row]) -> QuerySet[Any]:
    """Each row knows how many there are: the first one and their number come in one query."""
    counted: QuerySet[Any] = rows.annotate(count=Window(Count("pk")))
    return counted

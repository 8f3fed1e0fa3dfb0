"""Long lists of a review, a hundred lines at a time. An address names one list and the row with which its page begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from students.models import RosterRow

SHOWN: Final = 100
ORDER: Final = ("row_number", "search_name", "id")
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """The list that is turned over, and the row with which it begins; all others show their beginning."""

    key: str = ""
    start: UUID | None = None

    @classmethod
    def asked_for(cls, query: QueryDict) -> "Place":
        """`?list=nik_length&from=<row>`; what cannot be read is the beginning."""
        try:
            return cls(query.get("list", "")[:40], UUID(str(query["from"])))
        except (KeyError, ValueError):
            return cls()

    @property
    def query(self) -> str:
        """As it stands in an address, with the place on the page; "" for the beginning."""
        return f"?{urlencode({'list': self.key, 'from': str(self.start)})}#list-{self.key}" if self.start else ""

    def start_of(self, key: str) -> UUID | None:
        return self.start if key == self.key else None


@dataclass(frozen=True)
class Page(Generic[T]):
    """`first` is the number of its first line among all `total`, from 1."""

    key: str
    lines: Sequence[T]
    first: int
    total: int
    previous: Place | None = None
    next: Place | None = None
    # It was asked for, so it is open.
    is_turned: bool = False

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    @property
    def is_all(self) -> bool:
        return self.previous is None and self.next is None


def page_of_rows(rows: QuerySet[RosterRow], key: str, *, total: int, place: Place) -> Page[RosterRow]:
    """Rows in the order of the file, those of no file by name."""
    start = place.start_of(key)
    cursor = rows.filter(pk=start).values_list(*ORDER).first() if start else None
    if cursor is None:
        return _page(key, list(rows.order_by(*ORDER)[: SHOWN + 1]), 1, total, None, is_turned=place.key == key)
    before = rows.filter(_before(cursor))
    first = before.count() + 1
    back = list(before.order_by(*(f"-{name}" for name in ORDER)).values_list("pk", flat=True)[:SHOWN])
    found = list(rows.exclude(_before(cursor)).order_by(*ORDER)[: SHOWN + 1])
    return _page(key, found, first, total, back[-1] if back else None, is_turned=True)


def page_of_list(key: str, ids: Sequence[UUID], *, place: Place) -> Page[UUID]:
    """The same of ids that are at hand already."""
    start = place.start_of(key)
    at = ids.index(start) if start in ids else 0
    return Page(
        key,
        ids[at : at + SHOWN],
        at + 1,
        len(ids),
        Place(key, ids[max(0, at - SHOWN)]) if at else None,
        Place(key, ids[at + SHOWN]) if at + SHOWN < len(ids) else None,
        is_turned=place.key == key,
    )


def _page(key: str, found: list[RosterRow], first: int, total: int, back: UUID | None, *, is_turned: bool) -> Page[RosterRow]:
    after = Place(key, found[SHOWN].pk) if len(found) > SHOWN else None
    return Page(key, found[:SHOWN], first, total, Place(key, back) if back else None, after, is_turned=is_turned)


def _before(cursor: tuple[Any, ...]) -> Q:
    number, name, pk = cursor
    return (
        Q(row_number__lt=number) | Q(row_number=number, search_name__lt=name) | Q(row_number=number, search_name=name, pk__lt=pk)
    )

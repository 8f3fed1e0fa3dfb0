"""What an official may see of one day: every table of places, from schools up to cities, hidden so that none tells on another.

A place that is hidden in its parent's table is hidden on its own page, and so is all below it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from drives.coverage.suppression import Figures, Hidden, hide, total


@dataclass(frozen=True, slots=True)
class Place:
    """A school's figures of one day; `code` is its NPSN, `district` the code of its district."""

    code: str
    district: str
    kind: str
    figures: Figures


@dataclass(slots=True)
class Veil:
    """Tables by the code of the place they belong to; a table's keys are codes of its rows."""

    tables: dict[str, Hidden[str]] = field(default_factory=dict)
    # Whether a choice of one kind of school gives nothing away either.
    shows_kinds: bool = True
    hides_all: bool = False

    def hides(self, code: str, *, within: str) -> bool:
        """Whether the row's recorded, left and percent are hidden in the table of `within`."""
        return self.hides_place(within) or code in self._table(within).rows

    def hides_eligible(self, code: str, *, within: str) -> bool:
        return self.hides_place(within) or code in self._table(within).eligible

    def hides_place(self, code: str) -> bool:
        """Whether a region's own figures are hidden: in its parent's table, or in one above."""
        if self.hides_all:
            return True
        chain = [*(code[:length] for length in (2, 5) if length < len(code)), code]
        return any(child in self._table(parent).rows for parent, child in pairwise(chain))

    def _table(self, code: str) -> Hidden[str]:
        return self.tables.get(code, Hidden())


NO_VEIL: Final = Veil()


def veil(places: Iterable[Place]) -> Veil:
    """For everything that one reader may look at on one day; `places` must be all of it."""
    by_district: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_district[place.district].append(place)
    made = Veil(shows_kinds=_shows_kinds(by_district))
    level = {district: _school_table(schools, by_kind=made.shows_kinds) for district, schools in by_district.items()}
    figures = {district: total(place.figures for place in schools) for district, schools in by_district.items()}
    for length in (5, 2):
        made.tables |= level
        forced = {code for code, table in level.items() if table.gives_away}
        groups: dict[str, dict[str, Figures]] = defaultdict(dict)
        for code, own in figures.items():
            groups[code[:length]][code] = own
        level = {code: _region_table(rows, forced) for code, rows in groups.items()}
        figures = {code: total(rows.values()) for code, rows in groups.items()}
    made.tables |= level
    made.hides_all = any(table.gives_away for table in level.values()) or any(own.has_small for own in figures.values())
    return made


def _region_table(rows: dict[str, Figures], forced: set[str]) -> Hidden[str]:
    """A table of one row is its parent's figures again: nothing to take along, and nothing that a total would tell."""
    if len(rows) == 1:
        gives_away = bool(forced & set(rows)) or any(row.has_small for row in rows.values())
        return Hidden(gives_away=gives_away)
    return hide(rows, forced=forced & set(rows))


def _school_table(schools: list[Place], *, by_kind: bool) -> Hidden[str]:
    rows = {place.code: place.figures for place in schools}
    return hide(rows, groups=_kinds(schools) if by_kind else None)


def _kinds(schools: list[Place]) -> list[list[str]]:
    """The schools of each kind, then all of them."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for place in schools:
        kinds[place.kind].append(place.code)
    return [*kinds.values(), [place.code for place in schools]]


def _shows_kinds(by_district: dict[str, list[Place]]) -> bool:
    """Only where no district has a small number of any kind, and each kind can be made safe by itself."""
    for schools in by_district.values():
        sums: dict[str, Figures] = defaultdict(Figures)
        for place in schools:
            sums[place.kind] += place.figures
        if any(figures.has_small for figures in sums.values()) or _school_table(schools, by_kind=True).gives_away:
            return False
    return True

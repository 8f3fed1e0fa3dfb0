"""The plan of a season as a month of weeks: rows are kits, columns are days.

A planner asks two things of it: where is each team on Tuesday, and where is room for one more school? Both are read off rows
of kits; rows of schools would show neither, and would be 269. A school with three kits for two days is one field of three rows
and two columns; kits that are free on a day are one field that says how many. Pure: no database, no clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

HALVES = (0, 1)
WHOLE_DAY = "day"
HALVES_OF = {WHOLE_DAY: HALVES, "morning": (0,), "afternoon": (1,)}
WEEK = timedelta(days=7)

Occupants = tuple[UUID | None, UUID | None]
EMPTY: Occupants = (None, None)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the board needs to know of a school's turn."""

    id: UUID
    days: tuple[date, ...]
    kits: int
    part: str = WHOLE_DAY

    @property
    def halves(self) -> tuple[int, ...]:
        return HALVES_OF[self.part]


class CellKind(StrEnum):
    TAKEN = "taken"
    FREE = "free"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of the table. `turns` are one, or one before and one after noon; `name` says why a closed day is closed.

    `days` are those that the field covers; `free_half` is the half of the day that is still to be had.
    """

    kind: CellKind
    days: tuple[date, ...]
    rows: int
    turns: tuple[UUID, ...] = ()
    free_half: str = ""
    name: str = ""

    @property
    def columns(self) -> int:
        return len(self.days)

    @property
    def day(self) -> date:
        return self.days[0]


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """`rows` as they stand in a table: a cell that an earlier one covers is not repeated."""

    monday: date
    days: tuple[date, ...]
    rows: tuple[Row, ...]
    turn_count: int


@dataclass(slots=True)
class Lanes:
    """Who has which row when; rows are kits, and beyond them rows for turns that no kit is left for."""

    kits: int
    count: int = 0
    _taken: dict[tuple[date, int, int], UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.count = self.kits

    def lay(self, turn: UUID, day: date, halves: Iterable[int], rows: Iterable[int]) -> None:
        self._taken |= {(day, half, row): turn for half in halves for row in rows}

    def lay_turns(self, turns: Iterable[Turn], stands: Mapping[UUID, Mapping[date, Sequence[int]]]) -> None:
        """`stands`: by turn and day the rows of its kits. Kits that a turn lacks are rows of their own."""
        for turn in turns:
            for day in turn.days:
                rows = list(stands.get(turn.id, {}).get(day, ()))[: turn.kits]
                row = self.kits
                while len(rows) < turn.kits:
                    if not any((day, half, row) in self._taken for half in turn.halves):
                        rows.append(row)
                    row += 1
                self.lay(turn.id, day, turn.halves, rows)
                self.count = max(self.count, max(rows) + 1)

    def at(self, day: date, row: int) -> Occupants:
        return self._taken.get((day, 0, row)), self._taken.get((day, 1, row))

    @property
    def days(self) -> set[date]:
        return {day for day, _half, _row in self._taken}


def weeks_of(lanes: Lanes, *, first: date, last: date, working_days: Iterable[date], closed: Mapping[date, str]) -> list[Week]:
    """The weeks that touch `first`–`last`; `closed` names every other day of them that is to be shown.

    A day stands in the table if somebody works on it, if it has a name (a holiday), or if a turn lies on it.
    """
    open_days = {*working_days, *lanes.days}
    weeks = []
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        span = (monday + timedelta(days=number) for number in range(7))
        days = tuple(day for day in span if first <= day <= last and (day in open_days or day in closed))
        if days:
            weeks.append(_week(monday, days, lanes, open_days, closed))
        monday += WEEK
    return weeks


def _week(monday: date, days: tuple[date, ...], lanes: Lanes, open_days: set[date], closed: Mapping[date, str]) -> Week:
    cells = _merged(days, lanes, open_days, closed)
    rows = tuple(Row(lane + 1, tuple(cells[lane])) for lane in range(lanes.count))
    found = {turn for lane in range(lanes.count) for day in days for turn in lanes.at(day, lane) if turn}
    return Week(monday, days, rows, len(found))


def _merged(
    days: tuple[date, ...], lanes: Lanes, open_days: set[date], closed: Mapping[date, str]
) -> defaultdict[int, list[Cell]]:
    """The cells by the row in which they begin, from left to right."""
    found: defaultdict[int, list[Cell]] = defaultdict(list)
    stretches = {day: _stretches(day, lanes) if day in open_days else {(0, lanes.count): EMPTY} for day in days}
    spent: set[tuple[date, int]] = set()
    for at, day in enumerate(days):
        for (top, rows), who in stretches[day].items():
            if (day, top) in spent:
                continue
            if day not in open_days:
                found[top].append(Cell(CellKind.CLOSED, (day,), rows, name=closed.get(day, "")))
                continue
            along = tuple(_along(days[at:], stretches, (top, rows), who)) if who != EMPTY else (day,)
            spent |= {(each, top) for each in along}
            found[top].append(_cell(along, rows, who))
    return found


def _stretches(day: date, lanes: Lanes) -> dict[tuple[int, int], Occupants]:
    """(first row, rows) → who has them, for rows below each other with the same occupants."""
    found: dict[tuple[int, int], Occupants] = {}
    top = 0
    while top < lanes.count:
        who, rows = lanes.at(day, top), 1
        while top + rows not in (lanes.kits, lanes.count) and lanes.at(day, top + rows) == who:
            rows += 1
        found[top, rows] = who
        top += rows
    return found


def _along(
    days: Sequence[date], stretches: Mapping[date, Mapping[tuple[int, int], Occupants]], rows: tuple[int, int], who: Occupants
) -> Iterator[date]:
    for day in days:
        if stretches[day].get(rows) != who:
            return
        yield day


def _cell(days: tuple[date, ...], rows: int, who: Occupants) -> Cell:
    if who == EMPTY:
        return Cell(CellKind.FREE, days, rows)
    morning, afternoon = who
    turns = tuple(dict.fromkeys(turn for turn in who if turn))
    free_half = "morning" if morning is None else "afternoon" if afternoon is None else ""
    return Cell(CellKind.TAKEN, days, rows, turns, free_half)


def months_of(first: date, last: date) -> list[date]:
    """The first days of the months that `first`–`last` touches."""
    months = []
    month = first.replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months


def week_start(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_end(day: date) -> date:
    return week_start(day) + timedelta(days=6)


def month_end(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)

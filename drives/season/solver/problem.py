"""The question that a season asks, and the plan that answers it, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final
from uuid import UUID

from drives.planning.eligibility import DEFAULT_MINIMUM_AGE, LeapRule, MinimumAge

Position = tuple[float, float]


class Part(StrEnum):
    """What of a day a school has the kits for. Two near schools may share a day, one before and one after noon."""

    DAY = "day"
    MORNING = "morning"
    AFTERNOON = "afternoon"

    @property
    def halves(self) -> tuple[int, ...]:
        return _HALVES[self]

    @property
    def other(self) -> "Part":
        """The half that is left of a day."""
        return _OTHER[self]


_HALVES: Final = {Part.DAY: (0, 1), Part.MORNING: (0,), Part.AFTERNOON: (1,)}
_OTHER: Final = {Part.MORNING: Part.AFTERNOON, Part.AFTERNOON: Part.MORNING, Part.DAY: Part.DAY}


@dataclass(frozen=True, slots=True)
class Need:
    """A school with somebody to record.

    `births` holds one birth date for each place needed, the eldest first; `closed` the days on which it cannot take part;
    `position` latitude and longitude in degrees, None where unknown. `hours` names the row of `Rules.places` that holds.
    `deadline` is the last day that suits the school: no later turn is made for it.
    """

    id: UUID
    name: str
    district: str
    births: tuple[date, ...]
    position: Position | None = None
    closed: frozenset[date] = frozenset()
    hours: str = ""
    deadline: date | None = None

    def is_open_on(self, day: date) -> bool:
        return day not in self.closed and (self.deadline is None or day <= self.deadline)


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much, in waiting days of one person who is 17.

    A person who has turned 17 waits a day for every day between that birthday (or the season's first day) and the
    recording; a younger one counts `younger` of it from the season's first day. With a reference date who is 17 then waits
    in full from the season's first day, and everybody else counts as younger throughout. A kilometre of a van costs
    `kilometre`; the worst-off district's mean wait is counted `fairness` times for every person of the season.
    None may be negative. What it costs to leave a school out: `waits.missed`.
    """

    younger: float = 0.1
    kilometre: float = 0.5
    fairness: float = 0.05


# (day, part) → places by number of kits, from no kit on.
Places = Mapping[tuple[date, Part], tuple[int, ...]]


@dataclass(frozen=True)
class Rules:
    """`days` are the office's working days in order; `kits` those free on each of them, before and after noon.

    `places` has a row for each of `Need.hours`; a school whose row or day is missing has no place then. `longest` is
    the most days of a turn; schools at most `near_km` apart may share a day.

    By `deadline` every school should have had its turn; who is recorded later is late, at a price (`waits.LATE`).
    `reference` is the day as of which people count as 17, whenever their turn is; None: as of every single day.
    """

    days: tuple[date, ...]
    kits: Mapping[date, tuple[int, int]]
    places: Mapping[str, Places]
    base: Position | None = None
    most_kits: int = 6
    longest: int = 8
    kits_a_van: int = 2
    two_schools: bool = True
    near_km: float = 5.0
    weights: Weights = Weights()
    minimum_age: MinimumAge = DEFAULT_MINIMUM_AGE
    leap_rule: LeapRule = LeapRule.NEXT_DAY
    deadline: date | None = None
    reference: date | None = None

    @cached_property
    def index(self) -> dict[date, int]:
        return {day: number for number, day in enumerate(self.days)}


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """A school's turn: so many kits on these days."""

    days: tuple[date, ...]
    kits: int
    part: Part = Part.DAY


@dataclass(frozen=True)
class Problem:
    """`fixed` stay as they are (pinned by hand; their kits are not in `Rules.kits`' count of free ones twice: they are
    taken off here). `previous` is the plan in force, which a new one changes as little as it can."""

    needs: tuple[Need, ...]
    rules: Rules
    fixed: Mapping[UUID, Placement] = field(default_factory=dict)
    previous: Mapping[UUID, Placement] = field(default_factory=dict)


class Unplaced(StrEnum):
    """Why a school has no turn."""

    NOBODY = "nobody"  # there is nobody to record
    NO_DAY = "no_day"  # the season has no working day
    NO_HOURS = "no_hours"  # its hours give no place on any day on which it is open
    TOO_YOUNG = "too_young"  # nobody is old enough on any of the days
    CLOSED = "closed"  # the school is closed on every one of them
    DEADLINE = "deadline"  # it could have one, but none that ends by its deadline
    NO_KIT = "no_kit"  # no kit is free on a day on which the school is open
    TOO_LARGE = "too_large"  # the longest drive with the most kits that are free does not suffice
    NO_ROOM = "no_room"  # other schools, where more people wait, have the kits


@dataclass(frozen=True)
class Plan:
    """`objective`, `bound` in waiting days; `gap` is what may at most be gained, as a share of the objective (None: unproven).

    `partners` names, for a school that shares a day half and half, the other one.
    """

    placements: Mapping[UUID, Placement]
    unplaced: Mapping[UUID, Unplaced]
    objective: float
    bound: float | None = None
    seconds: float = 0.0
    partners: Mapping[UUID, UUID] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        if self.bound is None:
            return None
        return max(0.0, self.objective - self.bound) / self.objective if self.objective > 0 else 0.0

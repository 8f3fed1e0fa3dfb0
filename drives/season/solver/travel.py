"""How far the vans drive: from the office to a school, on to a near one, and back."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from drives.season.solver.problem import Need, Part, Placement, Position, Rules

EARTH_KM: Final = 6371.0

Floats = npt.NDArray[np.float64]


def distance(one: Position, other: Position) -> float:
    """Kilometres along the earth's surface."""
    return float(_distances(np.radians([one]), np.radians([other]))[0, 0])


def _distances(here: Floats, there: Floats) -> Floats:
    """[i, j] in kilometres, by the haversine formula; positions in radians."""
    latitude, longitude = (np.subtract.outer(here[:, axis], there[:, axis]) for axis in (0, 1))
    cosines = np.multiply.outer(np.cos(here[:, 0]), np.cos(there[:, 0]))
    half = np.sin(latitude / 2) ** 2 + cosines * np.sin(longitude / 2) ** 2
    found: Floats = 2 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    return found


class Travel:
    """`home[n]`: kilometres from the office; `apart[n, m]`: between two schools, infinite where a place is unknown.

    A school whose place nobody has entered is reckoned as far from the office as the others are in the mean. Without the
    office's own place nothing is known of travel, and it costs nothing.
    """

    def __init__(self, needs: Sequence[Need], rules: Rules) -> None:
        self.rules = rules
        self.known = rules.base is not None
        places = np.radians([need.position or (np.nan, np.nan) for need in needs]).reshape(-1, 2)
        apart = _distances(places, places)
        self.apart = np.where(np.isnan(apart), np.inf, apart)
        self.home = np.zeros(len(needs))
        if rules.base is not None and len(needs):
            away = _distances(np.radians([rules.base]), places)[0]
            mean = float(np.nanmean(away)) if not np.isnan(away).all() else 0.0
            self.home = np.where(np.isnan(away), mean, away)

    def vans(self, kits: int) -> int:
        return ceil(kits / max(1, self.rules.kits_a_van))

    def alone(self, number: int, kits: int) -> float:
        """Of all vans on one day."""
        return self.vans(kits) * 2 * float(self.home[number])

    def shared(self, one: int, other: int, kits: int) -> float:
        """Of all vans on one day, which two schools share; whose turn comes first makes no difference."""
        if not self.known:
            return 0.0
        return self.vans(kits) * float(self.home[one] + self.apart[one, other] + self.home[other])

    def are_near(self, one: int, other: int) -> bool:
        return bool(self.apart[one, other] <= self.rules.near_km)


def partners_of(turns: Mapping[UUID, Placement], numbers: Mapping[UUID, int], travel: Travel) -> dict[UUID, UUID]:
    """Both ways: which schools share a day half and half with the same kits, the nearest with each other first."""
    half = sorted(school for school, turn in turns.items() if turn.part is not Part.DAY and school in numbers)
    morning = [school for school in half if turns[school].part is Part.MORNING]
    afternoon = [school for school in half if turns[school].part is Part.AFTERNOON]
    near = [
        (travel.apart[numbers[one], numbers[other]], one, other)
        for one in morning
        for other in afternoon
        if (turns[one].days, turns[one].kits) == (turns[other].days, turns[other].kits)
        and travel.are_near(numbers[one], numbers[other])
    ]
    found: dict[UUID, UUID] = {}
    for _apart, one, other in sorted(near):
        if one not in found and other not in found:
            found |= {one: other, other: one}
    return found

"""What waiting costs a school's people, on each day and when they are not recorded at all.

Costs are waiting days of one person who is 17 (`problem.Weights`).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from drives.planning.eligibility import CARD_AGE, eligible_from, turns
from drives.season.solver.problem import Need, Rules

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

# Who is recorded after the deadline waits, it is reckoned, half a season more: far longer than others gain by it, and always
# less than whoever is left out.
LATE: Final = 0.5

# Who is left out waits until the season's end and, it is reckoned, five times that again.
MISSED: Final = 5.0


def missed(turned: Whole, *, length: float, younger: float) -> Floats:
    """The waiting days of people who are not recorded in the season; `turned`: days from its first day to the 17th birthday.

    Never less than a whole season above the wait of the last day, so that leaving people out pays only where it spares others
    more. For those already 17 six seasons, for the youngest a little over one: with too few places it is they who are left.
    """
    at_end = np.maximum(0.0, length - turned) + younger * np.minimum(length, turned)
    found: Floats = at_end + np.maximum(MISSED * at_end, length)
    return found


def _turned(need: Need, rules: Rules, *, length: float) -> Whole:
    """Days from the season's first until each of the people counts as 17; with a reference date at once, or never in it."""
    birthdays = [turns(born, CARD_AGE, rules.leap_rule) for born in need.births]
    if rules.reference is not None:
        return np.array([0 if birthday <= rules.reference else int(length) for birthday in birthdays])
    return np.array([max(0, (birthday - rules.days[0]).days) for birthday in birthdays])


class Waits:
    """Of one school, `table[day, n]`: the waiting days of its first n people, were they all recorded on that day.

    `none`: of all, were they not recorded. `of_age`: days from the season's first until the eldest may be recorded.
    """

    def __init__(self, need: Need, rules: Rules, offset: Floats) -> None:
        people = len(need.births)
        self.table = np.zeros((len(offset), people + 1))
        self.none, self.of_age = 0.0, 0
        if not people or not len(offset):
            return
        first, younger, length = rules.days[0], rules.weights.younger, float(offset[-1]) + 1
        turned = _turned(need, rules, length=length)
        of_age = np.array([(eligible_from(born, rules.minimum_age, rules.leap_rule) - first).days for born in need.births])
        left_out = missed(turned, length=length, younger=younger)
        days = offset[:, None]
        waiting = np.maximum(0.0, days - turned) + younger * np.minimum(days, turned)
        if rules.deadline is not None:
            waiting += np.where(days > (rules.deadline - first).days, LATE * length, 0.0)
        self.table[:, 1:] = np.cumsum(np.where(days >= of_age, waiting, left_out), axis=1)
        self.none, self.of_age = float(left_out.sum()), int(of_age[0])

    def of(self, days: Sequence[int], places: Sequence[int]) -> float:
        """The eldest on the first day; of people for whom no day has a place, as of none."""
        people = self.table.shape[1] - 1
        done, total = 0, 0.0
        for day, room in zip(days, places, strict=True):
            upto = min(people, done + room)
            total += float(self.table[day, upto] - self.table[day, done])
            done = upto
        return total + self.none * (people - done) / people if done < people else total

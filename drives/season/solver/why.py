"""Why a school has its turn when it has it: plain facts, from which sentences are made elsewhere."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from drives.planning.eligibility import CARD_AGE, turns
from drives.season.solver.alone import may_begin
from drives.season.solver.ground import Ground
from drives.season.solver.options import Options
from drives.season.solver.problem import Part, Placement, Plan, Problem, Unplaced
from drives.season.solver.waits import Whole


class Earlier(StrEnum):
    """What stood against beginning on an earlier day, the other schools' turns being what they are."""

    CLOSED = "closed"  # the school is closed
    NO_HOURS = "no_hours"  # its hours give no place on that day
    TOO_YOUNG = "too_young"  # nobody is old enough by then
    BUSY = "busy"  # the kits that are left do not suffice for any turn that begins then
    DEARER = "dearer"  # a turn was possible, but costs more waiting days or kilometres together


@dataclass(frozen=True, slots=True)
class Why:
    """`seventeen`: places of those already 17 on the reference date, or the season's first day; `rank`: 1 for the school with
    most of them, `among` so many schools. `earlier` names the working days before the turn. `apart`: kilometres to the partner.
    """

    people: int
    seventeen: int
    rank: int
    among: int
    is_pinned: bool = False
    earlier: Mapping[Earlier, tuple[date, ...]] = field(default_factory=dict)
    partner: UUID | None = None
    apart: float | None = None
    unplaced: Unplaced | None = None


def explain(problem: Problem, plan: Plan) -> dict[UUID, Why]:
    """For every school of the problem."""
    return _Reasons(problem, plan).all()


class _Reasons:
    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.options = Options(problem)
        self.ground: Ground = self.options.ground
        self.seventeen = [self._seventeen(number) for number in range(len(self.ground.needs))]
        self.left = self._left()

    def all(self) -> dict[UUID, Why]:
        return {need.id: self._of(number) for number, need in enumerate(self.ground.needs)}

    def _of(self, number: int) -> Why:
        school = self.ground.needs[number].id
        turn, partner = self.plan.placements.get(school), self.plan.partners.get(school)
        return Why(
            people=self.ground.people[number],
            seventeen=self.seventeen[number],
            rank=1 + sum(other > self.seventeen[number] for other in self.seventeen),
            among=len(self.seventeen),
            is_pinned=school in self.problem.fixed,
            earlier=self._earlier(number, turn) if turn and school not in self.problem.fixed else {},
            partner=partner,
            apart=float(self.ground.travel.apart[number, self.ground.numbers[partner]]) if partner else None,
            unplaced=self.plan.unplaced.get(school),
        )

    def _seventeen(self, number: int) -> int:
        rules = self.ground.rules
        births = self.ground.needs[number].births if rules.days else ()
        return sum(turns(born, CARD_AGE, rules.leap_rule) <= (rules.reference or rules.days[0]) for born in births)

    def _left(self) -> Whole:
        """[day, half]: kits that nobody uses."""
        left = self.ground.free.copy()
        for school, turn in self.plan.placements.items():
            if school not in self.problem.fixed:
                left[_halves(self.ground, turn)] -= turn.kits
        return left

    def _earlier(self, number: int, turn: Placement) -> dict[Earlier, tuple[date, ...]]:
        ground = self.ground
        left = self.left.copy()
        left[_halves(ground, turn)] += turn.kits
        own = [each for each in self.options.by_school.get(number, ()) if len(each.schools) == 1]
        fitting = {
            each.days[0]
            for each in own
            if all(left[half // 2, half % 2] >= each.kits for half in each.halves if half < left.size)
        }
        room, is_old_enough = ground.room(number, Part.DAY).max(axis=0), may_begin(ground, number)
        found: defaultdict[Earlier, list[date]] = defaultdict(list)
        for day in range(min(ground.days_of(turn), default=0)):
            if not ground.open[number][day]:
                code = Earlier.CLOSED
            elif not room[day]:
                code = Earlier.NO_HOURS
            elif not is_old_enough[day]:
                code = Earlier.TOO_YOUNG
            else:
                code = Earlier.DEARER if day in fitting else Earlier.BUSY
            found[code].append(ground.rules.days[day])
        return {code: tuple(days) for code, days in found.items()}


def _halves(ground: Ground, turn: Placement) -> tuple[list[int], list[int]]:
    """The half days of a turn, as an index of [day, half]."""
    pairs = [(day, half) for day in ground.days_of(turn) for half in turn.part.halves]
    return [day for day, _half in pairs], [half for _day, half in pairs]

"""Why a school has its turn when it has it, and why another has none: facts beside a plan; `wording` says them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from uuid import UUID

from drives.season.facts import Question
from drives.season.solver.problem import Part, Placement, Plan, Unplaced
from drives.season.solver.travel import distance
from drives.season.solver.why import Earlier, explain
from drives.season.waiting import Waiting

Fact = dict[str, Any]
NOT_EARLIER: Final = {
    Earlier.DEARER: "dearer_before",
    Earlier.BUSY: "no_run_before",
    Earlier.TOO_YOUNG: "too_young_before",
    Earlier.NO_HOURS: "no_hours_before",
}
Use = Counter[tuple[date, int]]
# Of the schools with a turn, so many have more people of 17 for each kit's half day: this one comes first for their sake.
FEW_BEFORE: Final = 0.5


class Reasons:
    """Facts about every school of one plan. `is_thorough`: also whether an earlier turn was possible; that takes as long as
    a first plan."""

    def __init__(self, question: Question, plan: Plan, *, is_thorough: bool = False) -> None:
        self.question, self.plan = question, plan
        self.explained = explain(question.problem, plan) if is_thorough else {}
        self.rules = question.rules
        self.use = used(plan.placements.values())
        self.worth = {
            school: self._seventeen(school, turn) / max(1, turn.kits * len(turn.days) * len(turn.part.halves))
            for school, turn in plan.placements.items()
            if school in question.waiting
        }

    def of(self, school: UUID) -> list[Fact]:
        turn, waiting = self.plan.placements[school], self.question.waiting[school]
        found = [
            self._agreed(school),
            self._pinned(school),
            self._deadline(school, turn),
            self._who(school, waiting, turn),
            self._not_earlier(school, turn),
            self._shares(school, turn),
            self._holds(school, waiting, turn),
            self._way(waiting),
            self._kept(school, turn),
        ]
        return [fact for fact in found if fact]

    def unplaced(self) -> list[Fact]:
        """Schools without a turn, those with most people first."""
        found = [self._none(school, why) for school, why in self.plan.unplaced.items() if school in self.question.waiting]
        return sorted(found, key=lambda fact: (-fact["people"], fact["name"], fact["school"]))

    def _seventeen(self, school: UUID, turn: Placement) -> int:
        return self.question.seventeen(school, turn)

    def _pinned(self, school: UUID) -> Fact | None:
        is_pinned = school in self.question.problem.fixed and school not in self.question.agreed
        return {"code": "pinned"} if is_pinned else None

    def _agreed(self, school: UUID) -> Fact | None:
        return {"code": "agreed"} if school in self.question.agreed else None

    def _deadline(self, school: UUID, turn: Placement) -> Fact | None:
        """The school's own, which it keeps; or the season's, which it misses."""
        own, common = self.question.deadlines.get(school), self.rules.deadline
        if own:
            code = "by_deadline" if turn.days[-1] <= own.day else "after_own_deadline"
            return {"code": code, "day": own.day.isoformat(), "reason": own.reason}
        if common is not None and turn.days[-1] > common:
            return {"code": "after_deadline", "day": common.isoformat()}
        return None

    def _who(self, school: UUID, waiting: Waiting, turn: Placement) -> Fact:
        seventeen = self._seventeen(school, turn)
        if not seventeen:
            return {"code": "nobody_seventeen"} | self._as_of()
        before = sum(worth > self.worth[school] for worth in self.worth.values())
        is_early = self.rules.days and turn.days[0] <= self.rules.days[len(self.rules.days) // 2]
        if is_early and before < FEW_BEFORE * len(self.worth):
            return {"code": "seventeen_first", "school": waiting.name, "count": seventeen} | self._as_of()
        return {"code": "seventeen", "count": seventeen, "people": len(waiting.people)} | self._as_of()

    def _as_of(self) -> Fact:
        return {"reference": self.rules.reference.isoformat()} if self.rules.reference else {}

    def _not_earlier(self, school: UUID, turn: Placement) -> Fact | None:
        """What stood against the working days just before the turn."""
        index = self.rules.index
        if turn.days[0] not in index:
            return None
        before = self.rules.days[: index[turn.days[0]]]
        if not before:
            return {"code": "first_day"}
        closed = self.question.closed.get(school, {})
        if before[-1] in closed:
            days = _run(before, lambda day: day in closed)
            return {"code": "closed_before", "reason": closed[before[-1]], **_span(days)}
        if self._left(before[-1], turn) < turn.kits:
            days = _run(before, lambda day: day not in closed and self._left(day, turn) < turn.kits)
            are_all = all(self._left(day, turn) == 0 for day in days)
            return {"code": "kits_used" if are_all else "kits_few", "kits": turn.kits, **_span(days)}
        return self._possible_earlier(school, before[-1])

    def _possible_earlier(self, school: UUID, day: date) -> Fact | None:
        """The day before is open and has kits: too few for a whole turn, or they are worth more elsewhere."""
        earlier = self.explained[school].earlier if school in self.explained else {}
        code = next((code for code, days in earlier.items() if day in days), None)
        return {"code": NOT_EARLIER[code], **_span([day])} if code in NOT_EARLIER else None

    def _left(self, day: date, turn: Placement) -> int:
        """Kits that nobody uses in the halves of the day that this turn would need."""
        return max(0, min(self.rules.kits[day][half] - self.use[day, half] for half in turn.part.halves))

    def _shares(self, school: UUID, turn: Placement) -> Fact | None:
        if turn.part is Part.DAY:
            return None
        here = self.question.waiting[school].position
        near = [
            (distance(here, there) if here and (there := self.question.waiting[other].position) else 0.0, other)
            for other, its in self.plan.placements.items()
            if other != school and its.part not in (Part.DAY, turn.part) and set(its.days) & set(turn.days)
            if other in self.question.waiting
        ]
        if not near:
            return None
        apart, other = min(near)
        return {"code": "shares_day", "school": self.question.waiting[other].name, "km": round(apart, 1), "part": str(turn.part)}

    def _holds(self, school: UUID, waiting: Waiting, turn: Placement) -> Fact:
        places = self.question.places_of(school, turn)
        fact = {"kits": turn.kits, "days": len(turn.days), "places": places, "needed": waiting.places}
        return {"code": "holds" if places >= waiting.places else "too_few_places", **fact}

    def _way(self, waiting: Waiting) -> Fact | None:
        return None if waiting.position else {"code": "without_position"}

    def _kept(self, school: UUID, turn: Placement) -> Fact | None:
        return {"code": "kept"} if self.question.problem.previous.get(school) == turn else None

    def _none(self, school: UUID, why: Unplaced) -> Fact:
        waiting = self.question.waiting[school]
        fact: Fact = {"school": str(school), "name": waiting.name, "people": len(waiting.people), "code": str(why)}
        if why is Unplaced.CLOSED:
            fact["reason"] = next(iter(self.question.closed.get(school, {}).values()), "")
        if (deadline := self.question.deadlines.get(school)) and why in (Unplaced.DEADLINE, Unplaced.NO_ROOM):
            fact |= {"day": deadline.day.isoformat(), "reason": deadline.reason}
        if why is Unplaced.TOO_LARGE:
            fact |= {"needed": waiting.places, "kits": self.rules.most_kits, "days": self.rules.longest}
        return fact


def used(turns: Iterable[Placement]) -> Use:
    """Kits in use by day and half."""
    use: Use = Counter()
    for turn in turns:
        for day in turn.days:
            for half in turn.part.halves:
                use[day, half] += turn.kits
    return use


def _run(days: Iterable[date], holds: Any) -> list[date]:
    """The days at the end for which it holds, without a gap."""
    found: list[date] = []
    for day in reversed(list(days)):
        if not holds(day):
            break
        found.append(day)
    return found[::-1]


def _span(days: list[date]) -> Fact:
    return {"first": days[0].isoformat(), "last": days[-1].isoformat()}

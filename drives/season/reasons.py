"""Why a school has its turn when it has it, and why another has none: facts beside a plan, and the sentences that say them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.season.facts import Question
from drives.season.solver.problem import Part, Placement, Plan, Unplaced
from drives.season.solver.travel import distance
from drives.season.solver.why import Earlier, explain
from drives.season.waiting import Waiting
from schools.templatetags.house import day as day_name
from schools.templatetags.house import figure

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


# Sentences


def sentences(facts: Iterable[Mapping[str, Any]]) -> list[str]:
    return [said for fact in facts if (said := sentence(fact))]


def sentence(fact: Mapping[str, Any]) -> str:
    """One fact, for people. An unknown code (of an older version) says nothing."""
    say = SAY.get(str(fact.get("code")))
    return say(fact) if say else ""


def days_name(first: date, last: date) -> str:
    """`2 Februari`, `2–6 Februari`, `28 Januari–3 Februari`; with the year where it changes."""
    if first == last:
        return date_format(first, "j F")
    if first.year != last.year:
        return f"{date_format(first, 'j F Y')}–{date_format(last, 'j F Y')}"
    start = f"{first.day}" if first.month == last.month else date_format(first, "j F")
    return f"{start}–{date_format(last, 'j F')}"


def _days(fact: Mapping[str, Any]) -> str:
    return days_name(date.fromisoformat(fact["first"]), date.fromisoformat(fact["last"]))


def _km(fact: Mapping[str, Any]) -> str:
    return f"{fact['km']:.1f}".replace(".", ",")


def _day(fact: Mapping[str, Any], name: str = "day") -> str:
    return day_name(date.fromisoformat(fact[name]))


def _by_deadline(fact: Mapping[str, Any]) -> str:
    if fact["reason"]:
        return _("It is to be visited by %(day)s: %(reason)s.") % {"day": _day(fact), "reason": fact["reason"]}
    return _("It is to be visited by %(day)s.") % {"day": _day(fact)}


def _no_room(fact: Mapping[str, Any]) -> str:
    if "day" in fact:
        return _(
            "Until its deadline, %(day)s, other schools have all kits. Choose a later deadline, add a kit, or pin the school to"
            " a day before it."
        ) % {"day": _day(fact)}
    return _("Other schools, where more people have waited longer, have all kits. Add a kit, or choose a longer period.")


def _seventeen(fact: Mapping[str, Any]) -> str:
    if "reference" in fact:
        what = _figures(fact) | {"day": _day(fact, "reference")}
        return _("Of %(people)s students, %(count)s are 17 on %(day)s, the reference date.") % what
    return _("Of %(people)s students, %(count)s are 17 on the first day.") % _figures(fact)


def _nobody_seventeen(fact: Mapping[str, Any]) -> str:
    if "reference" in fact:
        day = _day(fact, "reference")
        return _("Nobody here is 17 on %(day)s, the reference date; schools with students of 17 come first.") % {"day": day}
    return _("Nobody here is 17 by then; schools with students of 17 come first.")


def _seventeen_first(fact: Mapping[str, Any]) -> str:
    if "reference" in fact:
        return ngettext(
            "%(school)s first: %(count)s student is 17 on %(day)s, the reference date.",
            "%(school)s first: %(count)s students are 17 on %(day)s, the reference date.",
            fact["count"],
        ) % {"school": fact["school"], "count": figure(fact["count"]), "day": _day(fact, "reference")}
    return ngettext(
        "%(school)s first: %(count)s student is already 17.",
        "%(school)s first: %(count)s students are already 17.",
        fact["count"],
    ) % {"school": fact["school"], "count": figure(fact["count"])}


def _holds(fact: Mapping[str, Any]) -> str:
    return _("Kits: %(kits)s. Days: %(days)s. Places: %(places)s, needed: %(needed)s; everybody fits.") % _figures(fact)


def _too_few(fact: Mapping[str, Any]) -> str:
    return _(
        "Kits: %(kits)s. Days: %(days)s. Places: %(places)s, needed: %(needed)s; not everybody fits. Add a kit or a day."
    ) % _figures(fact)


def _figures(fact: Mapping[str, Any]) -> dict[str, str]:
    return {name: figure(value) for name, value in fact.items() if isinstance(value, int)}


def _shares(fact: Mapping[str, Any]) -> str:
    what = {"school": fact["school"], "km": _km(fact)}
    if fact.get("part") == Part.MORNING:
        return _("Shares the day with %(school)s, %(km)s km away: the morning here, the afternoon there.") % what
    return _("Shares the day with %(school)s, %(km)s km away: the afternoon here, the morning there.") % what


SAY: Final[Mapping[str, Any]] = {
    "agreed": lambda fact: _("Agreed with the school."),
    "by_deadline": _by_deadline,
    "after_own_deadline": lambda fact: (
        _("It ends after the school's deadline, %(day)s. Move it, or change the deadline.") % {"day": _day(fact)}
    ),
    "after_deadline": lambda fact: (
        _("It ends after the season's deadline, %(day)s: before it the kits spare others a longer wait.") % {"day": _day(fact)}
    ),
    "deadline": lambda fact: (
        _(
            "No turn for everybody ends by its deadline, %(day)s. Choose a later deadline, or allow more kits or days at one"
            " school."
        )
        % {"day": _day(fact)}
    ),
    "pinned": lambda fact: _("It was pinned by a planner and stays."),
    "by_hand": lambda fact: _("A planner put it here by hand."),
    "kept": lambda fact: _("It stays as in the plan in force."),
    "seventeen_first": _seventeen_first,
    "seventeen": _seventeen,
    "nobody_seventeen": _nobody_seventeen,
    "first_day": lambda fact: _("It is the first working day of the season."),
    "closed_before": lambda fact: (
        _("Not earlier, because the school is closed %(days)s: %(reason)s.") % {"days": _days(fact), "reason": fact["reason"]}
    ),
    "kits_used": lambda fact: _("Not earlier, because all kits are in use %(days)s.") % {"days": _days(fact)},
    "kits_few": lambda fact: (
        _("Not earlier, because fewer than %(kits)s kits are free %(days)s.")
        % {"kits": figure(fact["kits"]), "days": _days(fact)}
    ),
    "dearer_before": lambda fact: _("Earlier was possible, but all schools together would wait longer or vans drive further."),
    "no_run_before": lambda fact: _("Not earlier, because the kits that were left do not suffice for the whole school."),
    "too_young_before": lambda fact: _("Not earlier, because nobody at the school is old enough until then."),
    "no_hours_before": lambda fact: _("Not earlier, because the school's lesson hours leave no time before."),
    "shares_day": _shares,
    "holds": _holds,
    "too_few_places": _too_few,
    "without_position": lambda fact: _(
        "The school has no coordinates, so an average way is reckoned. Enter them on the school's page."
    ),
    "nobody": lambda fact: _("Nobody at this school is waiting to be recorded."),
    "no_day": lambda fact: _("No working day is left in the season. Choose a later last day."),
    "closed": lambda fact: (
        _("The school is closed on every working day of the season (%(reason)s). Choose a longer period, or ask it for a day.")
        % {"reason": fact.get("reason", "")}
    ),
    "no_kit": lambda fact: _(
        "No kit is free on the days on which the school is open. Put more kits in service, or choose a longer period."
    ),
    "too_large": lambda fact: (
        _("It needs %(needed)s places; %(kits)s kits in %(days)s days hold fewer. Allow more kits or more days at one school.")
        % _figures(fact)
    ),
    "no_hours": lambda fact: _("The school's lesson hours leave no time on any day. Ask the school for other hours."),
    "too_young": lambda fact: _("Nobody at the school is old enough during the season. Choose a later last day."),
    "no_room": _no_room,
}

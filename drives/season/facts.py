"""From the database to the question that the solver answers: schools that wait, days, kits, and the plan in force.

Everything is read in bulk, with the same number of queries for one school and for three hundred.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, OuterRef, Q, QuerySet, Subquery

from drives.models import Drive, Season, SeasonCard, SeasonDeadline, SeasonProposalCard
from drives.planning.capacity import Session, day_places
from drives.planning.eligibility import LeapRule
from drives.planning.facts import OPEN
from drives.planning.plan import minimum_age
from drives.season.agreed import agreed_turns, said_about
from drives.season.calendar import Calendar
from drives.season.kits_free import kits_free
from drives.season.solver.problem import Need, Part, Placement, Places, Position, Problem, Rules, Weights
from drives.season.waiting import Waiting, position_of, waiting_at
from schools.models import Office, School


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day that suits one school, and why."""

    day: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Locked:
    """A school that has a drive: no question any more, but shown."""

    school_id: UUID
    name: str
    drive_id: UUID
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Question:
    """What the solver is asked, and what a board or a sentence needs to know beside it.

    `off` names what is against a day for everybody (a holiday, no working day), `closed` what is against it at one school.
    `agreed`: by school the days on which it and the office have agreed; its turn is among the fixed ones.
    """

    problem: Problem
    waiting: Mapping[UUID, Waiting]
    locked: tuple[Locked, ...] = ()
    off: Mapping[date, str] = field(default_factory=dict)
    closed: Mapping[UUID, Mapping[date, str]] = field(default_factory=dict)
    without_position: tuple[str, ...] = ()
    deadlines: Mapping[UUID, Deadline] = field(default_factory=dict)
    agreed: Mapping[UUID, tuple[date, ...]] = field(default_factory=dict)

    @property
    def rules(self) -> Rules:
        return self.problem.rules

    def places_of(self, school: UUID, turn: Placement) -> int:
        table = self.rules.places[self._hours.get(school, "")]
        return sum(places_at(table, day, turn.part, turn.kits) for day in turn.days)

    def figures_of(self, school: UUID, turn: Placement) -> dict[str, int]:
        """Who waits by the turn's last day, who of them is 17 on its first (or on the reference date), and how many places it
        offers."""
        waiting, rules = self.waiting.get(school), self.rules
        return {
            "people": waiting.eligible(turn.days[-1], rules.minimum_age, rules.leap_rule) if waiting else 0,
            "seventeen": self.seventeen(school, turn),
            "places": self.places_of(school, turn),
        }

    def seventeen(self, school: UUID, turn: Placement) -> int:
        waiting = self.waiting.get(school)
        return waiting.seventeen(self.rules.reference or turn.days[0], self.rules.leap_rule) if waiting else 0

    @cached_property
    def _hours(self) -> dict[UUID, str]:
        return {need.id: need.hours for need in self.problem.needs}


def places_at(table: Places, day: date, part: Part, kits: int) -> int:
    by_kits = table.get((day, part), ())
    return by_kits[min(kits, len(by_kits) - 1)] if by_kits else 0


def question(*, season: Season, now: datetime, kit_count: int | None = None) -> Question:
    """The season as it stands at this moment. `kit_count`: as if the office had so many kits in service."""
    office = season.office
    today = now.astimezone(office.zone).date()
    cards = list(SeasonCard.objects.filter(season=season).select_related("drive"))
    locked = _locked(season, cards, today=today)
    schools = _schools(season, besides={*(each.school_id for each in locked), *_absent(season)})
    days = Calendar(season, schools, today=today)
    waiting = waiting_at(season, schools, now=now)
    said = said_about(waiting, first=days.first, last=season.ends_on)
    closed = {
        school.id: {**days.closed(school.id, school.grades), **said.impossible.get(school.id, {})} for school in waiting.values()
    }
    deadlines = _deadlines(schools)
    needs = tuple(_need(school, days, closed[school.id], deadlines.get(school.id)) for school in waiting.values())
    rules = _rules(season, days, needs, schools, kit_count=kit_count)
    open_cards = [card for card in cards if card.school_id in waiting and not card.is_locked]
    turns_now = {card.school_id: turn_of(card) for card in open_cards if any(day in rules.index for day in card.days)}
    pinned = {card.school_id: turns_now[card.school_id] for card in open_cards if card.is_pinned and card.school_id in turns_now}
    agreed = agreed_turns(
        said.agreed,
        standing={card.school_id: turn_of(card) for card in open_cards},
        pinned=pinned,
        needed={school: waiting[school].places for school in said.agreed},
        places={need.id: rules.places[need.hours] for need in needs if need.id in said.agreed},
        rules=rules,
    )
    fixed = pinned | agreed
    problem = Problem(
        needs, rules, fixed=fixed, previous={school: turn for school, turn in turns_now.items() if school not in fixed}
    )
    without = tuple(sorted(school.name for school in waiting.values() if school.position is None))
    return Question(problem, waiting, locked, days.off, closed, without, deadlines, said.agreed)


def turn_of(card: SeasonCard | SeasonProposalCard) -> Placement:
    return Placement(tuple(card.days), card.kits, Part(card.part))


def leap_rule_of(office: Office) -> LeapRule:
    return LeapRule(office.leap_rule)


# Schools and people


def _schools(season: Season, *, besides: Collection[UUID]) -> list[School]:
    """Schools of the office and of those below it, each with its deadline, in the order of their names."""
    own = SeasonDeadline.objects.filter(season=season.pk, school=OuterRef("pk"))
    found = schools_of(season).exclude(pk__in=list(besides)).select_related("district", "office")
    found = found.annotate(deadline_on=Subquery(own.values("day")), deadline_reason=Subquery(own.values("reason")))
    return list(found.order_by("search_name", "pk"))


def schools_of(season: Season) -> QuerySet[School]:
    return School.objects.filter(office__in=_offices(season))


def _offices(season: Season) -> QuerySet[Office]:
    return Office.objects.within({season.office_id})


def _deadlines(schools: Iterable[Any]) -> dict[UUID, Deadline]:
    return {school.pk: Deadline(school.deadline_on, school.deadline_reason) for school in schools if school.deadline_on}


def _need(school: Waiting, days: Calendar, closed: Mapping[date, str], deadline: Deadline | None) -> Need:
    births = tuple(born for born, places in school.people for _place in range(places))
    return Need(
        school.id,
        school.name,
        school.district_name,
        births,
        school.position,
        frozenset(closed),
        days.hours_of(school.id),
        deadline.day if deadline else None,
    )


def _absent(season: Season) -> set[UUID]:
    return set(season.absences.values_list("school_id", flat=True))


def _locked(season: Season, cards: Iterable[SeasonCard], *, today: date) -> tuple[Locked, ...]:
    """Schools with an open drive that is not over, and those whose card has become a drive."""
    mine = [card.drive_id for card in cards if card.is_locked]
    drives = Drive.objects.filter(school__office__in=_offices(season))
    coming = Q(status__in=OPEN, last_day__gte=today) | Q(pk__in=mine)
    rows = (
        drives.annotate(first_day=Min("days__day"), last_day=Max("days__day"))
        .filter(coming, first_day__isnull=False)
        .order_by("first_day", "pk")
        .values_list("school_id", "school__name", "pk", "first_day", "last_day")
    )
    return tuple(Locked(*row) for row in rows)


# Kits and places


def _rules(season: Season, days: Calendar, needs: Iterable[Need], schools: Iterable[School], *, kit_count: int | None) -> Rules:
    own = {need.hours: _places(season, days, need.id) for need in needs if need.hours}
    return Rules(
        days.days,
        kits_free(season, days.days, kit_count=kit_count),
        {"": _places(season, days, None)} | own,
        base=_base(season, schools),
        most_kits=season.most_kits,
        longest=season.longest_days,
        kits_a_van=season.kits_a_van,
        two_schools=season.two_schools,
        near_km=season.near_km,
        weights=Weights(season.weight_younger, season.weight_kilometre, season.weight_fairness),
        minimum_age=minimum_age(season.minimum_age_months),
        leap_rule=leap_rule_of(season.office),
        deadline=season.deadline_on,
        reference=season.reference_on,
    )


def _base(season: Season, schools: Iterable[School]) -> Position | None:
    """Where the vans stand; where nobody has said it, the middle of the office's schools."""
    if season.base_latitude is not None and season.base_longitude is not None:
        return season.base_latitude, season.base_longitude
    known = [position for school in schools if (position := position_of(school))]
    if not known:
        return None
    return sum(each[0] for each in known) / len(known), sum(each[1] for each in known) / len(known)


def _places(season: Season, days: Calendar, school: UUID | None) -> Places:
    """Places by number of kits for every day and part; nothing where no time is left."""
    minutes, slack = season.minutes_per_person, season.slack_percent
    found: dict[tuple[date, Part], tuple[int, ...]] = {}
    for day in days.days if school else days.common:
        for part in Part:
            if hours := days.hours(day, part, school):
                found[day, part] = _by_kits(hours, minutes, slack, season.most_kits)
    return found


@lru_cache(maxsize=1024)
def _by_kits(hours: tuple[Session, ...], minutes: int, slack_percent: int, most_kits: int) -> tuple[int, ...]:
    slack = Decimal(slack_percent) / 100
    return (0, *(day_places(hours, kits=kits, minutes=minutes, slack=slack) for kits in range(1, most_kits + 1)))

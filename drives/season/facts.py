"""From the database to the question that the solver answers: schools that wait, days, kits, and the plan in force.

Everything is read in bulk, with the same number of queries for one school and for three hundred.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from drives.models import Appointment, Drive, DriveRequest, Kit, KitDuty, KitOutage, Season, SeasonCard, SeasonProposalCard
from drives.planning.calendar import DayState
from drives.planning.capacity import Session, day_places, without_setup
from drives.planning.days import Days, days_between
from drives.planning.eligibility import CARD_AGE, LeapRule, MinimumAge, eligible_from, turns
from drives.planning.facts import OPEN, days_of_schools
from drives.planning.plan import minimum_age, moment
from drives.season.solver.problem import Need, Part, Placement, Places, Position, Problem, Rules, Weights
from schools.models import Office, School
from students.models import Consent, Enrolment, Person

HALVES: Final = (Part.MORNING, Part.AFTERNOON)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A school with people who wait: their birth dates with the places that each needs, the eldest first."""

    id: UUID
    name: str
    district: str
    district_name: str
    people: tuple[tuple[date, int], ...]
    grades: frozenset[str]
    position: Position | None = None
    without_birth_date: int = 0

    def eligible(self, day: date, age: MinimumAge, leap_rule: LeapRule) -> int:
        return sum(eligible_from(born, age, leap_rule) <= day for born, _places in self.people)

    def seventeen(self, day: date, leap_rule: LeapRule) -> int:
        return sum(turns(born, CARD_AGE, leap_rule) <= day for born, _places in self.people)

    @property
    def places(self) -> int:
        return sum(places for _born, places in self.people)


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
    """

    problem: Problem
    waiting: Mapping[UUID, Waiting]
    locked: tuple[Locked, ...] = ()
    off: Mapping[date, str] = field(default_factory=dict)
    closed: Mapping[UUID, Mapping[date, str]] = field(default_factory=dict)
    without_position: tuple[str, ...] = ()

    @property
    def rules(self) -> Rules:
        return self.problem.rules

    def places_of(self, school: UUID, turn: Placement) -> int:
        table = self.rules.places[self._hours.get(school, "")]
        return sum(places_at(table, day, turn.part, turn.kits) for day in turn.days)

    def figures_of(self, school: UUID, turn: Placement) -> dict[str, int]:
        """Who waits by the turn's last day, who of them is 17 on its first, and how many places it offers."""
        waiting, rules = self.waiting.get(school), self.rules
        return {
            "people": waiting.eligible(turn.days[-1], rules.minimum_age, rules.leap_rule) if waiting else 0,
            "seventeen": waiting.seventeen(turn.days[0], rules.leap_rule) if waiting else 0,
            "places": self.places_of(school, turn),
        }

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
    days = _Calendar(season, schools, today=today)
    waiting = _waiting(season, schools, now=now)
    cannot = _impossible_days(waiting)
    closed = {school.id: days.closed(school) | cannot.get(school.id, {}) for school in waiting.values()}
    needs = tuple(_need(school, days, closed[school.id]) for school in waiting.values())
    rules = _rules(season, days, needs, schools, kit_count=kit_count)
    open_cards = [card for card in cards if card.school_id in waiting and not card.is_locked]
    turns_now = {card.school_id: turn_of(card) for card in open_cards if any(day in rules.index for day in card.days)}
    pinned = {card.school_id for card in open_cards if card.is_pinned}
    problem = Problem(
        needs,
        rules,
        fixed={school: turn for school, turn in turns_now.items() if school in pinned},
        previous={school: turn for school, turn in turns_now.items() if school not in pinned},
    )
    without = tuple(sorted(school.name for school in waiting.values() if school.position is None))
    return Question(problem, waiting, locked, days.off, closed, without)


def working_days(*, season: Season, now: datetime) -> tuple[date, ...]:
    """Days of the season, from tomorrow on, on which the office works."""
    return _Calendar(season, today=now.astimezone(season.office.zone).date()).days


def turn_of(card: SeasonCard | SeasonProposalCard) -> Placement:
    return Placement(tuple(card.days), card.kits, Part(card.part))


def leap_rule_of(office: Office) -> LeapRule:
    return LeapRule(office.leap_rule)


# Schools and people


def _schools(season: Season, *, besides: Collection[UUID]) -> list[School]:
    """Schools of the office in the order of their names."""
    found = School.objects.filter(office=season.office).exclude(pk__in=list(besides)).select_related("district")
    return list(found.order_by("search_name", "pk"))


def _waiting(season: Season, schools: Sequence[School], *, now: datetime) -> dict[UUID, Waiting]:
    """Those of the schools with somebody who may be recorded by the season's last day."""
    people: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    grades: defaultdict[UUID, set[str]] = defaultdict(set)
    unknown: defaultdict[UUID, int] = defaultdict(int)
    age, leap_rule = minimum_age(season.minimum_age_months), leap_rule_of(season.office)
    rows = _to_record(season, now=now).values_list(
        "school_id", "class_group__grade", "person__birth_date", "person__places_needed"
    )
    for school_id, grade, born, places in rows:
        if born is None:
            unknown[school_id] += 1
        elif eligible_from(born, age, leap_rule) <= season.ends_on:
            people[school_id].append((born, places))
            grades[school_id].add(str(grade or ""))
    return {
        school.pk: Waiting(
            school.pk,
            school.name,
            school.district_id,
            school.district.name,
            tuple(sorted(people[school.pk])),
            frozenset(grades[school.pk]),
            position_of(school),
            unknown[school.pk],
        )
        for school in schools
        if school.pk in people
    }


def _to_record(season: Season, *, now: datetime) -> QuerySet[Enrolment]:
    """As `planning.facts.people_to_record` for one school: needing recording, and without a place in a drive to come."""
    needing = Person.objects.needing_recording().filter(anonymised_at=None)
    elsewhere = Appointment.objects.live().filter(person=OuterRef("person"), drive__status__in=OPEN, timeslot__ends_at__gt=now)
    enrolled = Enrolment.objects.live().filter(~Exists(elsewhere), school__office=season.office, person__in=needing)
    if season.grades:
        enrolled = enrolled.filter(class_group__grade__in=season.grades)
    if season.office.consent_required:
        enrolled = enrolled.annotate(may_come=Consent.objects.standing_for("person")).filter(may_come=True)
    return enrolled


def position_of(school: School) -> Position | None:
    if school.latitude is None or school.longitude is None:
        return None
    return school.latitude, school.longitude


def _impossible_days(schools: Collection[UUID]) -> dict[UUID, dict[date, str]]:
    """Days on which a school said, when it asked for a drive, that it cannot."""
    asked = DriveRequest.objects.exclude(state__in=[DriveRequest.State.DECLINED, DriveRequest.State.WITHDRAWN])
    told = asked.filter(school__in=schools).exclude(impossible_days=[]).order_by("asked_at", "pk")
    reason = str(_("Named as impossible by the school"))
    found: defaultdict[UUID, dict[date, str]] = defaultdict(dict)
    for school, days in told.values_list("school", "impossible_days"):
        found[school] |= dict.fromkeys(days, reason)
    return found


def _need(school: Waiting, days: "_Calendar", closed: Mapping[date, str]) -> Need:
    births = tuple(born for born, places in school.people for _place in range(places))
    return Need(
        school.id, school.name, school.district_name, births, school.position, frozenset(closed), days.hours_of(school.id)
    )


def _absent(season: Season) -> set[UUID]:
    return set(season.absences.values_list("school_id", flat=True))


def _locked(season: Season, cards: Iterable[SeasonCard], *, today: date) -> tuple[Locked, ...]:
    """Schools with an open drive that is not over, and those whose card has become a drive."""
    mine = [card.drive_id for card in cards if card.is_locked]
    drives = Drive.objects.filter(office=season.office, school__isnull=False)
    coming = Q(status__in=OPEN, last_day__gte=today) | Q(pk__in=mine)
    rows = (
        drives.annotate(first_day=Min("days__day"), last_day=Max("days__day"))
        .filter(coming, first_day__isnull=False)
        .order_by("first_day", "pk")
        .values_list("school_id", "school__name", "pk", "first_day", "last_day")
    )
    return tuple(Locked(*row) for row in rows)


# Days and hours


class _Calendar:
    """The office's days in the season and what closes them, for everybody and for each school."""

    def __init__(self, season: Season, schools: Sequence[School] = (), *, today: date) -> None:
        self.season, self.office = season, season.office
        self.first = max(season.starts_on, today + timedelta(days=1))
        for school in schools:
            school.office = self.office
        told = days_of_schools([School(id=season.pk, office=self.office), *schools], since=self.first)
        # What holds for a school that has told nothing, and what each of the others has told; most have told nothing.
        self.anywhere = told.pop(season.pk)
        self.told = {school: days for school, days in told.items() if days != self.anywhere}
        self.off = {day: name for day in self._span() if (name := self._against(day, self.anywhere, ()))}
        self.days = tuple(day for day in self._span() if day not in self.off)

    def _span(self) -> list[date]:
        return days_between(self.first, self.season.ends_on) if self.first <= self.season.ends_on else []

    def _against(self, day: date, days: Days, grades: Collection[str]) -> str:
        """What keeps people of these grades from being recorded on this day."""
        verdict = days.verdict(day, grades=grades, today=self.first)
        if verdict.state is DayState.REFUSED or verdict.code == "weekend":
            return str(verdict.name)
        return "" if self._hours(day, Part.DAY, days) else str(_("No time is left"))

    def closed(self, school: Waiting) -> dict[date, str]:
        """Working days on which nobody of the school can take part, with the reason."""
        days = self.told.get(school.id)
        partly = any(closure.grades for closure in self.anywhere.closures)
        if days is None and not partly:
            return {}
        found = days or self.anywhere
        return {day: name for day in self.days if (name := self._against(day, found, school.grades))}

    def hours_of(self, school: UUID) -> str:
        """The row of `Rules.places` that holds for the school."""
        return str(school) if school in self.told else ""

    def hours(self, day: date, part: Part, school: UUID | None = None) -> tuple[Session, ...]:
        """The sessions of the whole day, or of a half, as they can be held; none where no time is left."""
        return self._hours(day, part, self.told.get(school, self.anywhere) if school else self.anywhere)

    def _hours(self, day: date, part: Part, days: Days) -> tuple[Session, ...]:
        fitted = days.sessions_on(day, sessions_of(self.season, part), slot_minutes=self.office.slot_minutes)
        return tuple(trimmed(fitted, self.season.setup_minutes, self.season.packup_minutes))


def sessions_of(season: Season, part: Part) -> tuple[Session, ...]:
    """The season's hours on a day, or on one half of it, before setting up and packing up."""
    morning = Session(season.morning_from, season.morning_until)
    afternoon = Session(season.afternoon_from, season.afternoon_until)
    return {Part.DAY: (morning, afternoon), Part.MORNING: (morning,), Part.AFTERNOON: (afternoon,)}[part]


def trimmed(sessions: Sequence[Session], setup_minutes: int, packup_minutes: int) -> list[Session]:
    """The sessions less setting up and packing up; none where that takes all the time."""
    try:
        return without_setup(sessions, setup_minutes=setup_minutes, packup_minutes=packup_minutes)
    except ValidationError:
        return []


# Kits and places


def _rules(season: Season, days: _Calendar, needs: Iterable[Need], schools: Iterable[School], *, kit_count: int | None) -> Rules:
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
    )


def _base(season: Season, schools: Iterable[School]) -> Position | None:
    """Where the vans stand; where nobody has said it, the middle of the office's schools."""
    if season.base_latitude is not None and season.base_longitude is not None:
        return season.base_latitude, season.base_longitude
    known = [position for school in schools if (position := position_of(school))]
    if not known:
        return None
    return sum(each[0] for each in known) / len(known), sum(each[1] for each in known) / len(known)


def _places(season: Season, days: _Calendar, school: UUID | None) -> Places:
    """Places by number of kits for every day and part; nothing where no time is left."""
    minutes, slack = season.minutes_per_person, season.slack_percent
    found: dict[tuple[date, Part], tuple[int, ...]] = {}
    for day in days.days:
        for part in Part:
            if hours := days.hours(day, part, school):
                found[day, part] = _by_kits(hours, minutes, slack, season.most_kits)
    return found


@lru_cache(maxsize=1024)
def _by_kits(hours: tuple[Session, ...], minutes: int, slack_percent: int, most_kits: int) -> tuple[int, ...]:
    slack = Decimal(slack_percent) / 100
    return (0, *(day_places(hours, kits=kits, minutes=minutes, slack=slack) for kits in range(1, most_kits + 1)))


def kits_free(season: Season, days: Sequence[date], *, kit_count: int | None = None) -> dict[date, tuple[int, int]]:
    """Kits in service without a duty, before and after noon.

    A kit that is free for one half only and another one for the other half cannot serve a whole day together: such pairs
    count for one half, so that a whole day's kits are always there as whole kits.
    """
    zone = season.office.zone
    in_service = set(Kit.objects.filter(office=season.office).in_service().values_list("pk", flat=True))
    count = kit_count if kit_count is not None else len(in_service)
    allowed = min(count, season.kit_limit) if season.kit_limit else count
    busy: defaultdict[tuple[date, int], set[UUID]] = defaultdict(set)
    if days:
        since, until = moment(days[0], time.min, zone), moment(days[-1] + timedelta(days=1), time.min, zone)
        duties = KitDuty.objects.filter(kit__in=in_service, released_at=None, starts_at__lt=until, ends_at__gt=since)
        for kit, starts_at, ends_at in duties.values_list("kit_id", "starts_at", "ends_at"):
            for half in halves_of(season, starts_at, ends_at):
                busy[starts_at.astimezone(zone).date(), half].add(kit)
        for outage in KitOutage.objects.on(days[0], days[-1]).filter(kit__in=in_service):
            for day in filter(outage.covers, days):
                busy[day, 0].add(outage.kit_id)
                busy[day, 1].add(outage.kit_id)
    return {day: _free(allowed, busy[day, 0], busy[day, 1]) for day in days}


def _free(allowed: int, morning: set[UUID], afternoon: set[UUID]) -> tuple[int, int]:
    whole = max(0, allowed - len(morning | afternoon))
    before, after = len(afternoon - morning), len(morning - afternoon)
    fewer = min(before, after)
    return min(allowed, whole + before - fewer), min(allowed, whole + after - fewer)


def halves_of(season: Season, starts_at: datetime, ends_at: datetime) -> list[int]:
    """Which halves of the season's day a duty touches; the time between the two is nobody's."""
    zone = season.office.zone
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    windows = ((season.morning_from, season.morning_until), (season.afternoon_from, season.afternoon_until))
    until = end.time() if end.date() == start.date() else time.max
    return [half for half, (first, last) in enumerate(windows) if start.time() < last and first < until]

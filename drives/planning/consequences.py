"""What a plan would mean, before anything is saved: places against people, day by day, and ways to suffice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Drive
from drives.planning import capacity
from drives.planning.assignment import Person as Candidate
from drives.planning.calendar import DayState, DayVerdict
from drives.planning.capacity import DayPlan, Session, SuggestionKind, Verdict
from drives.planning.checks import check_kit_states
from drives.planning.days import Days
from drives.planning.eligibility import LeapRule, MinimumAge
from drives.planning.facts import OPEN, Hours, KitState, People, days_of, holder_of, kits_at, people_to_record, places_of
from drives.planning.plan import Plan, minimum_age
from schools.models import School
from schools.templatetags.house import clock, day_short, figure
from schools.templatetags.house import day as day_name

# How many further days are looked at for "one more day", and shown below the chosen ones.
EXTRA_DAYS: Final = 10
MOST_CLOSED: Final = 4
TONES: Final = {DayState.OK: "ok", DayState.WARNING: "wait", DayState.REFUSED: "stop"}


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day on the panel (or several closed ones): what stands against it, its places by session, who is old enough."""

    when: str
    name: str
    tone: str
    sentence: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A way to suffice. `kits` or `days` are the answers that it changes; neither means: save as it is."""

    title: str
    sentence: str
    kits: int | None = None
    days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Consequences:
    """`needed` and `verdict.places` count places. `refusals` are sentences: with any of them the plan cannot be saved."""

    people: int = 0
    aged_17: int = 0
    without_birth_date: int = 0
    without_consent: int = 0
    too_young: int = 0
    verdict: Verdict | None = None
    refusals: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    days: tuple[DayLine, ...] = ()
    away: tuple[str, ...] = ()
    other_drives: tuple[Drive, ...] = field(default=())

    @property
    def extra_places(self) -> int:
        """Places beyond one for each person: who needs extra time."""
        return self.verdict.needed - self.people if self.verdict else 0


def consequences(*, school: School, plan: Plan, now: datetime, drive: Drive | None = None) -> Consequences:
    """What `create_drive` (with `drive`, `update_draft`) would make of the plan. Reads only, refuses nothing."""
    today = now.astimezone(school.office.zone).date()
    rules = LeapRule(drive.leap_rule if drive else school.office.leap_rule)
    people = people_to_record(school=school, grades=plan.grades, now=now, drive=drive, only_waiting=False)
    return _Reckoning(school, plan, people, rules, today=today, drive=drive).answer()


class _Reckoning:
    def __init__(
        self, school: School, plan: Plan, people: People, leap_rule: LeapRule, *, today: date, drive: Drive | None
    ) -> None:
        self.school, self.plan, self.people, self.leap_rule = school, plan, people, leap_rule
        self.today, self.drive = today, drive
        self.age: MinimumAge = minimum_age(plan.minimum_age_months)
        self.chosen = sorted(set(plan.days))
        self.calendar: Days = days_of(school, since=min([today, *self.chosen]))
        self.grades = [str(grade) for grade in plan.grades] or sorted(people.grades)
        self.kit_count = len(plan.kit_ids) or plan.kits
        self.refusals: list[str] = []

    def answer(self) -> Consequences:
        verdicts = {day: self._verdict_on(day) for day in self.chosen}
        usable = [day for day in self.chosen if verdicts[day].state is not DayState.REFUSED and self._sessions(day)]
        further = self._further_days()
        last = max(usable or self.chosen, default=None)
        eligible = self._eligible(last) if last else list(self.people.candidates)
        aged_17 = self.people.aged_17(min(usable), leap_rule=self.leap_rule) if usable else []
        verdict = self._weigh(usable, further, needed=places_of(eligible), needed_at_17=places_of(aged_17))
        states = self._kits(usable)
        return Consequences(
            people=len(eligible),
            aged_17=len(aged_17),
            without_birth_date=self.people.without_birth_date,
            without_consent=self._without_consent(last),
            too_young=len(self.people.candidates) - len(eligible),
            verdict=verdict,
            refusals=tuple(dict.fromkeys(self.refusals)),
            ways=tuple(self._ways(verdict, usable, further)) if verdict else (),
            days=tuple([self._line(verdicts[day]) for day in self.chosen] + self._closed_nearby()),
            away=tuple(_away(states)),
            other_drives=tuple(self._other_drives()),
        )

    # Days

    def _verdict_on(self, day: date) -> DayVerdict:
        return self.calendar.verdict(day, grades=self.grades, today=self.today)

    def _sessions(self, day: date) -> list[Session]:
        return self.plan.sessions_on(day, days=self.calendar)

    def _eligible(self, day: date) -> list[Candidate]:
        return self.people.eligible(day, minimum_age=self.age, leap_rule=self.leap_rule)

    def _without_consent(self, day: date | None) -> int:
        if day is None:
            return len(self.people.without_consent)
        return len(self.people.lacking_consent(day, minimum_age=self.age, leap_rule=self.leap_rule))

    def _further_days(self) -> list[date]:
        """Days after the chosen ones that could be added, the longest first."""
        first = max([self.today, *self.chosen]) + timedelta(days=1)
        found = self.calendar.candidates(first, EXTRA_DAYS, grades=self.grades, today=self.today)
        free = [each.day for each in found if each.state is DayState.OK and self._sessions(each.day)]
        return sorted(free, key=lambda day: (-_minutes(self._sessions(day)), day))

    def _closed_nearby(self) -> list[DayLine]:
        """The days up to two weeks after the last chosen one that nobody can choose; those with one reason stand together."""
        if not self.chosen:
            return []
        days = [self.chosen[0] + timedelta(days=step) for step in range((self.chosen[-1] - self.chosen[0]).days + 15)]
        verdicts = [self._verdict_on(day) for day in days if day not in self.chosen and day > self.today]
        closed = [each for each in verdicts if each.code in ("holiday", "closed")]
        runs = [list(run) for _name, run in groupby(closed, key=lambda each: str(each.name))]
        return [self._closed_line(run) for run in runs[:MOST_CLOSED]]

    def _closed_line(self, run: list[DayVerdict]) -> DayLine:
        first, last = run[0], run[-1]
        when = day_name(first.day) if len(run) == 1 else f"{day_name(first.day)} – {day_name(last.day)}"
        return DayLine(when, str(first.name), "stop", str(first.sentence), is_chosen=False)

    def _line(self, verdict: DayVerdict) -> DayLine:
        when, name, tone = day_name(verdict.day), str(verdict.name), TONES[verdict.state]
        if verdict.state is DayState.REFUSED:
            return DayLine(when, name, tone, str(verdict.sentence), is_chosen=True)
        if not self._sessions(verdict.day) and self.calendar.sessions_on(
            verdict.day, self.plan.sessions, slot_minutes=self.plan.slot_minutes
        ):
            sentence = _("Setting up and packing up take all the time of the day. Lengthen the sessions.")
            return DayLine(when, _("No time left"), "stop", sentence, is_chosen=True)
        if not self._sessions(verdict.day):
            return DayLine(when, _("No time left"), "stop", _("No session is left: the day is short."), is_chosen=True)
        warning = [str(verdict.sentence)] if verdict.state is DayState.WARNING else []
        sentences = [self._places_on(verdict.day), *warning, *map(str, verdict.notes)]
        return DayLine(when, name, tone, " ".join(sentences), is_chosen=True)

    def _places_on(self, day: date) -> str:
        parts = [
            _("%(count)s places %(start)s–%(end)s")
            % {"count": figure(self._places(session)), "start": clock(session.start), "end": clock(session.end)}
            for session in self._sessions(day)
        ]
        eligible = len(self._eligible(day))
        old_enough = ngettext("%(count)s student is old enough.", "%(count)s students are old enough.", eligible)
        return f"{', '.join(parts)}. {old_enough % {'count': figure(eligible)}}"

    def _places(self, session: Session) -> int:
        if self.kit_count < 1:
            return 0
        return capacity.session_places(session, kits=self.kit_count, minutes=self.plan.minutes, slack=self.plan.slack)

    # Places

    def _weigh(self, usable: list[date], further: list[date], *, needed: int, needed_at_17: int) -> Verdict | None:
        if not usable:
            return None
        try:
            return capacity.verdict(
                [self._day_plan(day) for day in usable],
                needed=needed,
                needed_at_17=needed_at_17,
                minutes=self.plan.minutes,
                slack=self.plan.slack,
                extra_days=[self._day_plan(day) for day in further],
            )
        except ValidationError as refusal:
            self.refusals += refusal.messages
            return None

    def _day_plan(self, day: date) -> DayPlan:
        return DayPlan(tuple(self._sessions(day)), self.kit_count)

    def _ways(self, verdict: Verdict, usable: list[date], further: list[date]) -> list[Way]:
        found = []
        for each in verdict.suggestions:
            counts = {
                "kits": figure(each.kits),
                "days": figure(each.days),
                "places": figure(each.places),
                "spare": figure(each.spare),
                "scheduled": figure(each.scheduled),
            }
            product = _("%(kits)s kits × %(days)s days = %(places)s places, %(spare)s left") % counts
            if each.kind is SuggestionKind.MORE_KITS:
                title = _("Add one kit") if each.added == 1 else _("Add %(count)s kits") % {"count": figure(each.added)}
                found.append(self._more_kits(title, product, each.kits, usable))
            elif each.kind is SuggestionKind.MORE_DAYS and each.added <= len(further):
                title = _("Add one day") if each.added == 1 else _("Add %(count)s days") % {"count": figure(each.added)}
                added = tuple(sorted(further[: each.added]))
                named = ", ".join(day_short(day) for day in added)
                found.append(Way(title, f"{product} ({named})", days=(*usable, *added)))
            elif each.kind is SuggestionKind.SEVENTEEN_FIRST:
                spare = _("%(scheduled)s students are scheduled, %(spare)s places are left for the others") % counts
                found.append(Way(_("Put those who are 17 first"), spare))
        return found

    def _more_kits(self, title: str, product: str, kits: int, usable: list[date]) -> Way:
        """With a button only where so many kits are free on every day."""
        free = [sum(state.is_free for state in on_day) for on_day in self._states(usable).values()]
        if min(free, default=0) >= kits:
            return Way(title, product, kits=kits)
        few = ngettext(
            "Only %(count)s kit is free on all days.", "Only %(count)s kits are free on all days.", min(free, default=0)
        )
        return Way(title, f"{product}. {few % {'count': figure(min(free, default=0))}}", kits=0)

    # Kits

    def _states(self, days: Sequence[date]) -> dict[date, list[KitState]]:
        if not hasattr(self, "_known_states"):
            zone = self.school.office.zone
            hours: dict[date, Hours] = {}
            for day in days:
                if found := self.plan.hours_on(day, zone, days=self.calendar):
                    hours[day] = found
            holder = self.drive.office_id if self.drive else holder_of(self.school).pk
            self._known_states = kits_at(holder, hours, besides=self.drive)
        return self._known_states

    def _kits(self, usable: list[date]) -> dict[date, list[KitState]]:
        states = self._states(usable)
        try:
            check_kit_states(self.plan, states)
        except ValidationError as refusal:
            self.refusals += refusal.messages
        return states

    def _other_drives(self) -> list[Drive]:
        others = Drive.objects.filter(school=self.school, status__in=OPEN, days__day__gte=self.today)
        if self.drive:
            others = others.exclude(pk=self.drive.pk)
        return list(others.select_related("school").distinct().order_by("created_at", "pk")[:5])


def _minutes(sessions: Sequence[Session]) -> int:
    return sum(capacity.minute_of(each.end) - capacity.minute_of(each.start) for each in sessions)


def _away(states: Mapping[date, Sequence[KitState]]) -> list[str]:
    """Where the kits are that cannot come: a kit, a place, its hours, and the days on which it is so."""
    found: defaultdict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    broken: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for day, on_day in states.items():
        for state in on_day:
            if state.outage:
                broken[state.name, state.outage].append(day_short(day))
            for away in state.elsewhere:
                found[state.name, away.place, clock(away.starts_at), clock(away.ends_at)].append(day_short(day))
    out = [
        _("%(kit)s is out of service on %(day)s: %(reason)s.") % {"kit": kit, "day": ", ".join(days), "reason": reason}
        for (kit, reason), days in broken.items()
    ]
    return out + [
        _("%(kit)s is at %(place)s: %(days)s, %(start)s–%(end)s.")
        % {"kit": kit, "place": place, "days": ", ".join(days), "start": start, "end": end}
        for (kit, place, start, end), days in found.items()
    ]

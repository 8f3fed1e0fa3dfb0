"""From the database to the plain values that planning computes with: people, closed days, kits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from drives.models import Appointment, Drive, Kit, KitDuty, Visit
from drives.planning import calendar
from drives.planning.assignment import Person as Candidate
from drives.planning.eligibility import CARD_AGE, LeapRule, MinimumAge, eligible_on, turns
from schools.models import Closure, School
from students.models import ClassGroup, Consent, Enrolment, Person

OPEN = (Drive.Status.DRAFT, Drive.Status.PUBLISHED)
NO_CLASS = ""


# People


@dataclass(frozen=True, slots=True)
class People:
    """Who of a school may be invited. Whoever has no birth date cannot be judged and is only counted.

    `without_consent` could be invited, were it not that the office asks for a parent's consent.
    """

    candidates: tuple[Candidate, ...]
    without_birth_date: int = 0
    without_consent: tuple[Candidate, ...] = ()

    def eligible(self, day: date, *, minimum_age: MinimumAge, leap_rule: LeapRule) -> list[Candidate]:
        return _eligible(self.candidates, day, minimum_age, leap_rule)

    def lacking_consent(self, day: date, *, minimum_age: MinimumAge, leap_rule: LeapRule) -> list[Candidate]:
        """Of whom nothing but the consent is missing on that day."""
        return _eligible(self.without_consent, day, minimum_age, leap_rule)

    def aged_17(self, day: date, *, leap_rule: LeapRule) -> list[Candidate]:
        return [each for each in self.candidates if turns(each.birth_date, CARD_AGE, leap_rule) <= day]

    @property
    def grades(self) -> frozenset[str]:
        return frozenset(each.grade for each in (*self.candidates, *self.without_consent))


def _eligible(people: Iterable[Candidate], day: date, minimum_age: MinimumAge, leap_rule: LeapRule) -> list[Candidate]:
    return [each for each in people if eligible_on(each.birth_date, day, minimum_age, leap_rule)]


def places_of(candidates: Iterable[Candidate]) -> int:
    return sum(each.places for each in candidates)


def people_to_record(
    *, school: School, grades: Sequence[int], now: datetime, drive: Drive | None = None, only_waiting: bool = True
) -> People:
    """Live enrolments that need recording and have no place in another open drive that is still to come.

    With `drive`, also without those already seen there and, `only_waiting`, those who hold or held a place there.
    Where the school's office asks for a parent's consent, who has none stands apart.
    """
    enrolled = _enrolled(school, grades, now=now, besides=drive)
    if drive:
        seen = Visit.objects.filter(drive=drive, person=OuterRef("person")).exclude(state=Visit.State.EXPECTED)
        enrolled = enrolled.filter(~Exists(seen))
    if drive and only_waiting:
        enrolled = enrolled.filter(~Exists(Appointment.objects.standing().filter(drive=drive, person=OuterRef("person"))))
    rows = enrolled.annotate(may_come=MAY_COME).values_list(
        "person_id", "class_group_id", "class_group__grade", "person__birth_date", "person__places_needed", "may_come"
    )
    found: dict[bool, list[Candidate]] = {True: [], False: []}
    for person, group, grade, born, places, may_come in rows:
        if born:
            found[may_come].append(Candidate(person, _class(group), str(grade or ""), born, places))
    without_birth_date = len(rows) - len(found[True]) - len(found[False])
    return People(tuple(found[True]), without_birth_date, without_consent=tuple(found[False]))


# In the same query, so that an office that asks for consent costs none more.
MAY_COME: Final = Case(
    When(school__office__consent_required=False, then=Value(True)),
    default=Consent.objects.standing_for("person"),
    output_field=BooleanField(),
)


def _class(group: UUID | None) -> UUID | str:
    return group or NO_CLASS


def _enrolled(school: School, grades: Sequence[int], *, now: datetime, besides: Drive | None) -> QuerySet[Enrolment]:
    needing = Person.objects.needing_recording().filter(anonymised_at=None)
    elsewhere = Appointment.objects.live().filter(person=OuterRef("person"), drive__status__in=OPEN, timeslot__ends_at__gt=now)
    if besides:
        elsewhere = elsewhere.exclude(drive=besides)
    enrolled = Enrolment.objects.live().filter(~Exists(elsewhere), school=school, person__in=needing)
    return enrolled.filter(class_group__grade__in=grades) if grades else enrolled


def grades_of(school: School) -> list[int]:
    """The grades in which the school has students now."""
    enrolled = Enrolment.objects.live().filter(school=school, class_group__grade__isnull=False)
    return sorted({grade for grade in enrolled.values_list("class_group__grade", flat=True) if grade})


def class_names(class_ids: Iterable[object]) -> dict[object, str]:
    return dict(ClassGroup.objects.filter(pk__in=[each for each in class_ids if each]).values_list("pk", "name"))


# Days


@dataclass(frozen=True, slots=True)
class Days:
    """What stands on the calendar of a school: closures, and days that the office declared working days."""

    closures: tuple[calendar.Closure, ...] = ()
    special_days: frozenset[date] = frozenset()

    def verdict(self, day: date, *, grades: Iterable[str], today: date) -> calendar.DayVerdict:
        return calendar.day_verdict(
            day, closures=self.closures, grades=frozenset(grades), today=today, special_days=self.special_days
        )

    def candidates(self, first: date, count: int, *, grades: Iterable[str], today: date) -> list[calendar.DayVerdict]:
        return calendar.candidate_days(
            first, count, closures=self.closures, grades=frozenset(grades), today=today, special_days=self.special_days
        )


def days_of(school: School, *, since: date) -> Days:
    rows = list(Closure.objects.for_school(school).on_or_after(since).order_by("starts_on", "pk"))
    closed = [row for row in rows if row.effect == Closure.Effect.CLOSED]
    opened = [row for row in rows if row.effect == Closure.Effect.OPEN]
    return Days(
        tuple(calendar.Closure(row.starts_on, row.ends_on, row.reason, frozenset(map(str, row.grades))) for row in closed),
        frozenset(
            date.fromordinal(day) for row in opened for day in range(row.starts_on.toordinal(), row.ends_on.toordinal() + 1)
        ),
    )


# Kits


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a kit is instead, and when."""

    place: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class KitState:
    kit_id: UUID
    name: str
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def is_free(self) -> bool:
        return not self.elsewhere


Hours = tuple[datetime, datetime]


def kits_at(office_id: UUID, hours: Mapping[date, Hours], *, besides: Drive | None = None) -> dict[date, list[KitState]]:
    """The office's kits in service on each day, in the order of their numbers, and where those are that are not free."""
    kits = sorted(Kit.objects.filter(office=office_id).in_service(), key=lambda kit: (spoken_order(kit.name), str(kit.pk)))
    away = _duties(office_id, hours, besides=besides)
    return {day: [KitState(kit.pk, kit.name, tuple(away[day, kit.pk])) for kit in kits] for day in hours}


def _duties(
    office_id: UUID, hours: Mapping[date, Hours], *, besides: Drive | None
) -> defaultdict[tuple[date, UUID], list[Elsewhere]]:
    found: defaultdict[tuple[date, UUID], list[Elsewhere]] = defaultdict(list)
    if not hours:
        return found
    at_any = Q()
    for starts_at, ends_at in hours.values():
        at_any |= Q(starts_at__lt=ends_at, ends_at__gt=starts_at)
    duties = KitDuty.objects.filter(at_any, kit__office=office_id, released_at=None).select_related("drive_day__drive__school")
    if besides:
        duties = duties.exclude(drive_day__drive=besides)
    for duty in duties.order_by("starts_at", "pk"):
        for day, (starts_at, ends_at) in hours.items():
            if duty.starts_at < ends_at and starts_at < duty.ends_at:
                found[day, duty.kit_id].append(Elsewhere(str(duty.drive_day.drive), duty.starts_at, duty.ends_at))
    return found


def spoken_order(name: str) -> tuple[str, int, str]:
    """Alat 2 before Alat 10, XI MERDEKA 9 before XI MERDEKA 10."""
    digits = "".join(letter for letter in name if letter.isdigit())
    return name.rstrip("0123456789 "), int(digits or 0), name

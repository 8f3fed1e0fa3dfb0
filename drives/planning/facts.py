"""From the database to the plain values that planning computes with: people, closed days, kits."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from drives.models import Appointment, Drive, Kit, KitDuty, KitOutage, Visit
from drives.planning import calendar
from drives.planning.assignment import Person as Candidate
from drives.planning.capacity import Session
from drives.planning.days import Days, days_between
from drives.planning.eligibility import CARD_AGE, LeapRule, MinimumAge, eligible_on, turns
from schools.models import BellTime, Closure, FastingMonth, HolidayChange, Office, School
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


def class_names_of(school: School) -> list[str]:
    """Of the classes that the school has students in now, as people read them aloud."""
    enrolled = Enrolment.objects.live().filter(school=school, class_group__isnull=False)
    return sorted(set(enrolled.values_list("class_group__name", flat=True)), key=spoken_order)


def class_names(class_ids: Iterable[object]) -> dict[object, str]:
    return dict(ClassGroup.objects.filter(pk__in=[each for each in class_ids if each]).values_list("pk", "name"))


# Days


def days_of(school: School, *, since: date) -> Days:
    """What stands on the school's calendar from that day on."""
    return days_of_schools([school], since=since)[school.pk]


def days_of_schools(schools: Sequence[School], *, since: date) -> dict[UUID, Days]:
    """The same for many schools (with their offices), in five queries however many they are."""
    ids, offices = [school.pk for school in schools], {school.office_id for school in schools}
    dates: defaultdict[UUID | None, list[Closure]] = defaultdict(list)
    for row in Closure.objects.of_schools(ids, offices).on_or_after(since).order_by("starts_on", "pk"):
        dates[row.school_id or row.office_id].append(row)
    classes = _classes_named(dates)
    lessons: defaultdict[UUID, defaultdict[int, list[Session]]] = defaultdict(lambda: defaultdict(list))
    for bell in BellTime.objects.by_school(ids):
        lessons[bell.school_id][bell.weekday].append(Session(bell.starts_at, bell.ends_at))
    holidays = holidays_of(offices)
    return {
        school.pk: _days(
            school.office,
            [*dates[school.pk], *dates[school.office_id]],
            classes,
            {weekday: tuple(stretches) for weekday, stretches in lessons[school.pk].items()},
            holidays[school.office_id],
        )
        for school in schools
    }


def days_of_offices(offices: Sequence[Office], *, since: date) -> dict[UUID, Days]:
    """What stands on each office's own calendar from that day on, in three queries however many they are."""
    ids = {office.pk for office in offices}
    dates: defaultdict[UUID | None, list[Closure]] = defaultdict(list)
    for row in Closure.objects.filter(office__in=ids).on_or_after(since).order_by("starts_on", "pk"):
        dates[row.office_id].append(row)
    holidays = holidays_of(ids)
    return {office.pk: _days(office, dates[office.pk], {}, {}, holidays[office.pk]) for office in offices}


@dataclass(frozen=True, slots=True)
class OfficeHolidays:
    """Where an office departs from what is foreseen."""

    added: dict[date, str] = field(default_factory=dict)
    struck: set[date] = field(default_factory=set)
    fasting_months: list[tuple[date, date]] = field(default_factory=list)


def holidays_of(offices: Iterable[UUID]) -> defaultdict[UUID, OfficeHolidays]:
    """By office, in two queries."""
    found: defaultdict[UUID, OfficeHolidays] = defaultdict(OfficeHolidays)
    for change in HolidayChange.objects.in_force().filter(office__in=offices):
        if change.effect == HolidayChange.Effect.ADDED:
            found[change.office_id].added[change.day] = change.name
        else:
            found[change.office_id].struck.add(change.day)
    for month in FastingMonth.objects.filter(office__in=offices).order_by("starts_on"):
        found[month.office_id].fasting_months.append(month.days)
    return found


def _classes_named(dates: Mapping[UUID | None, Iterable[Closure]]) -> dict[tuple[UUID | None, str], set[UUID]]:
    """The class groups that closures name, by school and name; no query where none is named."""
    named = {(row.school_id, name) for rows in dates.values() for row in rows for name in row.class_names}
    if not named:
        return {}
    groups = ClassGroup.objects.filter(school__in={school for school, _name in named}, name__in={name for _school, name in named})
    found: defaultdict[tuple[UUID | None, str], set[UUID]] = defaultdict(set)
    for school, name, pk in groups.values_list("school", "name", "pk"):
        found[school, name].add(pk)
    return found


def _days(
    office: Office,
    rows: Sequence[Closure],
    classes: Mapping[tuple[UUID | None, str], set[UUID]],
    lessons: dict[int, tuple[Session, ...]],
    holidays: OfficeHolidays,
) -> Days:
    return Days(
        closures=tuple(_closure(row, classes) for row in rows if row.effect == Closure.Effect.CLOSED),
        special_days=frozenset(
            day for row in rows if row.effect == Closure.Effect.OPEN for day in days_between(row.starts_on, row.ends_on)
        ),
        working_days=frozenset(office.working_days),
        lessons=lessons,
        short_days=calendar.ShortDays(
            office.prayer_starts_at, office.prayer_ends_at, office.friday_last_slot, office.ramadan_ends_at
        ),
        added=holidays.added,
        struck=frozenset(holidays.struck),
        fasting_months=tuple(holidays.fasting_months),
    )


def _closure(row: Closure, classes: Mapping[tuple[UUID | None, str], set[UUID]]) -> calendar.Closure:
    """A class that is gone stays in it by name, lest the closure concern everybody."""
    ids: set[UUID | str] = {pk for name in row.class_names for pk in classes.get((row.school_id, name), ())}
    return calendar.Closure(
        row.starts_on,
        row.ends_on,
        row.reason,
        grades=frozenset(map(str, row.grades)),
        class_ids=frozenset(ids | set(row.class_names)),
        start=row.starts_at,
        end=row.ends_at,
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
    """`outage` is the reason for which the kit is out of service on that day."""

    kit_id: UUID
    name: str
    elsewhere: tuple[Elsewhere, ...] = ()
    outage: str = ""

    @property
    def is_free(self) -> bool:
        return not self.elsewhere and not self.outage


Hours = tuple[datetime, datetime]


def holder_of(school: School) -> Office:
    """The office that holds a drive at the school, with its kits: its own, or the Sudin above a Satpel that has no kit."""
    office = school.office
    if office.level != Office.Level.SATPEL or office.parent is None or Kit.objects.filter(office=office).in_service().exists():
        return office
    return office.parent


def kits_at(office_id: UUID, hours: Mapping[date, Hours], *, besides: Drive | None = None) -> dict[date, list[KitState]]:
    """The office's kits on each day, in the order of their numbers, and where those are that are not free, or why they
    are out of service then."""
    kits = sorted(Kit.objects.filter(office=office_id).in_service(), key=lambda kit: (spoken_order(kit.name), str(kit.pk)))
    away = _duties(office_id, hours, besides=besides)
    broken = outages_on(office_id, hours)
    return {
        day: [KitState(kit.pk, kit.name, tuple(away[day, kit.pk]), broken.get((day, kit.pk), "")) for kit in kits]
        for day in hours
    }


def outages_on(office_id: UUID, days: Collection[date]) -> dict[tuple[date, UUID], str]:
    """By day and kit why it is out of service."""
    if not days:
        return {}
    outages = KitOutage.objects.on(min(days), max(days)).filter(kit__office=office_id).order_by("starts_on", "pk")
    return {(day, each.kit_id): each.reason for each in outages for day in days if each.covers(day)}


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

"""Persons with all that their story needs, in a fixed number of queries."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from drives.desk.story import Facts, Rules, Standing, standing
from drives.models import Appointment, Drive, DukcapilStatus, Visit
from drives.planning.eligibility import CARD_AGE, LeapRule
from schools.models import Office
from students.models import ClassGroup, Enrolment, Person
from students.roster.intake import school_year

PAGE_SIZE: Final = 50


@dataclass(frozen=True)
class SavedView:
    key: str
    label: Promise


SAVED_VIEWS: Final = (
    SavedView("", _("All")),
    SavedView("unscheduled", _("Not scheduled")),
    SavedView("scheduled", _("Scheduled")),
    SavedView("recorded", _("Recorded")),
    SavedView("young", _("Under age")),
    SavedView("seventeen", _("Turned 17 this week")),
    SavedView("no_nik", _("NIK to be repaired")),
    SavedView("last_year", _("Not moved on")),
    SavedView("graduated", _("Graduated, not recorded")),
)
# Who has no school any more is the office's alone.
OF_OFFICES: Final = frozenset({"graduated"})


@dataclass(frozen=True)
class Line:
    """One row of a list: a person, the live enrolment, and where they stand."""

    person: Person
    school_name: str
    class_name: str
    nisn: str
    standing: Standing


def years_before(day: date, months: int, leap_rule: LeapRule = LeapRule.NEXT_DAY) -> date:
    """Who is born on or before this date, and nobody else, is at least so many months old on `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    is_month_end = day.day == monthrange(day.year, day.month)[1]
    if leap_rule is LeapRule.LAST_DAY and is_month_end:
        return date(year, month + 1, last)
    return date(year, month + 1, min(day.day, last))


def in_view(people: QuerySet[Person], key: str, *, office: Office | None, today: date) -> QuerySet[Person]:
    """The persons of a saved view; an unknown key shows all.

    Whoever has a birth date is in exactly one of `unscheduled`, `scheduled`, `recorded` and `young`.
    """
    leap_rule = LeapRule(office.leap_rule) if office else LeapRule.NEXT_DAY
    old_enough = years_before(today, office.minimum_age_months if office else 192, leap_rule)
    has_place = Exists(Appointment.objects.live().filter(person=OuterRef("pk"), drive__status=Drive.Status.PUBLISHED))
    filters = {
        "unscheduled": Q(~has_place, recorded_on=None, birth_date__lte=old_enough),
        "scheduled": Q(has_place, recorded_on=None),
        "recorded": Q(recorded_on__isnull=False),
        "young": Q(~has_place, recorded_on=None, birth_date__gt=old_enough),
        "seventeen": Q(
            recorded_on__isnull=False,
            birth_date__lte=years_before(today, CARD_AGE * 12, leap_rule),
            birth_date__gt=years_before(today - timedelta(days=7), CARD_AGE * 12, leap_rule),
        ),
        "no_nik": Q(nik_digest=None),
        "last_year": _not_moved_on(today),
        "graduated": Q(Exists(graduations()), recorded_on=None, school=None),
    }
    return people.filter(filters[key]) if key in filters else people


def _not_moved_on(today: date) -> Q:
    """Still in last year's class of a school that has begun this year: not in this year's list, and nobody said why."""
    year = school_year(today)
    live = Enrolment.objects.live()
    has_begun = live.filter(school=OuterRef("school"), school_year=year)
    return Q(Exists(live.filter(person=OuterRef("pk"), school_year__lt=year)), Exists(has_begun))


def graduations() -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(person=OuterRef("pk"), end_reason=Enrolment.EndReason.GRADUATED)


def with_story(people: QuerySet[Person]) -> QuerySet[Person]:
    """Prefetches the live enrolment, statuses, live appointments and visits: as many queries for fifty rows as for one."""
    last = graduations().order_by("-ends_on", "-id").values("school__name")[:1]
    return (
        people.select_related("office")
        .annotate(graduated_from=Subquery(last))
        .prefetch_related(
            Prefetch("enrolments", Enrolment.objects.live().select_related("class_group", "school"), to_attr="live_enrolments"),
            Prefetch("statuses", DukcapilStatus.objects.order_by("-dated_on", "-id"), to_attr="known_statuses"),
            Prefetch(
                "appointments",
                Appointment.objects.live()
                .filter(drive__status=Drive.Status.PUBLISHED)
                .select_related("timeslot")
                .order_by("timeslot__starts_at", "id"),
                to_attr="live_appointments",
            ),
            Prefetch(
                "visits", Visit.objects.order_by("-created_at", "-id").select_related("drive__school"), to_attr="known_visits"
            ),
        )
    )


def line(person: Person, *, today: date) -> Line:
    """The row of a person that `with_story` has fetched."""
    enrolment: Enrolment | None = next(iter(_fetched(person, "live_enrolments")), None)
    group: ClassGroup | None = enrolment.class_group if enrolment else None
    return Line(
        person=person,
        school_name=enrolment.school.name if enrolment else _graduated_from(person),
        class_name=group.name if group else "",
        nisn=enrolment.nisn if enrolment else "",
        standing=_standing(person, today=today),
    )


def _standing(person: Person, *, today: date) -> Standing:
    """No drive of a school waits for who has finished school: what comes next is the office."""
    found = standing(facts(person), rules(person.office), today=today)
    if found.code == "unscheduled" and person.school_id is None and _graduated_from(person):
        return replace(found, next=gettext("Make-up sessions are held at the office"))
    return found


def _graduated_from(person: Person) -> str:
    """For who has no school any more: the one that was finished."""
    school: str | None = getattr(person, "graduated_from", None)
    return gettext("Graduated from %(school)s") % {"school": school} if school else ""


def facts(person: Person) -> Facts:
    status: DukcapilStatus | None = next(iter(_fetched(person, "known_statuses")), None)
    appointment: Appointment | None = next(iter(_fetched(person, "live_appointments")), None)
    visit: Visit | None = next((visit for visit in _fetched(person, "known_visits") if visit.state != Visit.State.EXPECTED), None)
    return Facts(
        birth_date=person.birth_date,
        recorded_on=person.recorded_on,
        has_nik=person.has_nik,
        dukcapil_status=status.status if status else "",
        dukcapil_on=status.dated_on if status else None,
        slot_on=appointment.timeslot.starts_at.astimezone(person.office.zone).date() if appointment else None,
        slot_starts_at=appointment.timeslot.starts_at if appointment else None,
        slot_ends_at=appointment.timeslot.ends_at if appointment else None,
        visit_state=visit.state if visit else "",
        visit_reason=visit.reason if visit else "",
        visit_on=visit.state_on if visit else None,
    )


def rules(office: Office) -> Rules:
    return Rules(office.minimum_age_months, office.leap_rule, office.print_offset_days)


def _fetched(person: Person, name: str) -> Sequence:  # type: ignore[type-arg]
    """What `with_story` put there; a person fetched otherwise is a programming mistake."""
    found: Sequence = getattr(person, name)  # type: ignore[type-arg]
    return found

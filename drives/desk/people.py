"""Persons with all that their story needs, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from drives.desk.story import Facts, Rules, Standing, standing
from drives.models import Appointment, DukcapilStatus, Visit
from drives.planning.eligibility import CARD_AGE
from schools.models import Office
from students.models import ClassGroup, Enrolment, Person

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
)


@dataclass(frozen=True)
class Line:
    """One row of a list: a person, the live enrolment, and where they stand."""

    person: Person
    class_name: str
    nisn: str
    standing: Standing


def years_before(day: date, months: int) -> date:
    """Who is born on or before this date is at least so many months old on `day`."""
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def in_view(people: QuerySet[Person], key: str, *, office: Office | None, today: date) -> QuerySet[Person]:
    """The persons of a saved view; an unknown key shows all."""
    old_enough = years_before(today, office.minimum_age_months if office else 192)
    live = Exists(Appointment.objects.live().filter(person=OuterRef("pk"), drive__status__in=["draft", "published"]))
    filters = {
        "unscheduled": Q(~live, recorded_on=None, birth_date__lte=old_enough),
        "scheduled": Q(live, recorded_on=None),
        "recorded": Q(recorded_on__isnull=False),
        "young": Q(recorded_on=None, birth_date__gt=old_enough),
        "seventeen": Q(
            recorded_on__isnull=False,
            birth_date__lte=years_before(today, CARD_AGE * 12),
            birth_date__gt=years_before(date.fromordinal(today.toordinal() - 7), CARD_AGE * 12),
        ),
        "no_nik": Q(nik_digest=None),
    }
    return people.filter(filters[key]) if key in filters else people


def with_story(people: QuerySet[Person]) -> QuerySet[Person]:
    """Prefetches the live enrolment, statuses, live appointment and visits; five queries whatever the number of rows."""
    return people.select_related("office").prefetch_related(
        Prefetch("enrolments", Enrolment.objects.live().select_related("class_group", "school"), to_attr="live_enrolments"),
        Prefetch("statuses", DukcapilStatus.objects.order_by("-dated_on", "-id"), to_attr="known_statuses"),
        Prefetch(
            "appointments",
            Appointment.objects.live().filter(drive__status="published").select_related("timeslot", "drive__school"),
            to_attr="live_appointments",
        ),
        Prefetch("visits", Visit.objects.order_by("-created_at").select_related("drive__school"), to_attr="known_visits"),
    )


def line(person: Person, *, today: date) -> Line:
    """The row of a person that `with_story` has fetched."""
    enrolment: Enrolment | None = next(iter(_fetched(person, "live_enrolments")), None)
    group: ClassGroup | None = enrolment.class_group if enrolment else None
    return Line(
        person=person,
        class_name=group.name if group else "",
        nisn=enrolment.nisn if enrolment else "",
        standing=standing(facts(person), rules(person.office), today=today),
    )


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

"""Who is to be offered another chance, and what has been offered: fixed numbers of queries, never a NIK."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Greatest

from drives.models import Appointment, Drive, DriveDay, FollowUp, Timeslot, Visit
from drives.models.visit import is_open_on
from drives.onsite.console import classes_of
from drives.onsite.labels import Chip, chip_of

State, Way = Visit.State, FollowUp.Way
MISSED: Final = (State.ABSENT, State.FAILED)
LONG_AGO: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Candidate:
    """`appointment` is the live one of this drive, on whichever day; `follow_up` what is offered now."""

    visit: Visit
    chip: Chip
    class_name: str
    appointment: Appointment | None
    follow_up: FollowUp | None

    @property
    def way(self) -> str:
        return self.follow_up.way if self.follow_up else ""


@dataclass(frozen=True, slots=True)
class MissedDay:
    """A closed day with people to whom nothing has been offered."""

    drive_day: DriveDay
    count: int


def candidates(drive_day: DriveDay) -> list[Candidate]:
    """Pupils who were absent or failed on this day, or were due and not seen, and have not been recorded since."""
    missed = missed_among(DriveDay.objects.filter(pk=drive_day.pk))
    offered = FollowUp.objects.waiting().filter(drive_day=drive_day, visit=OuterRef("pk"))
    visits = list(
        _pupils()
        .filter(Q(pk__in=missed.values("pk")) | Exists(offered), drive=drive_day.drive_id)
        .select_related("person", "drive__office")
    )
    live = Appointment.objects.live().filter(drive=drive_day.drive_id, person__in=[visit.person_id for visit in visits])
    appointments = {one.person_id: one for one in live.select_related("timeslot")}
    follow_ups = {one.visit_id: one for one in FollowUp.objects.waiting().filter(visit__in=[visit.pk for visit in visits])}
    classes = classes_of([visit.person_id for visit in visits])
    found = [
        Candidate(
            visit,
            chip_of(visit),
            classes.get(visit.person_id, ""),
            appointments.get(visit.person_id),
            follow_ups.get(visit.pk),
        )
        for visit in visits
    ]
    return sorted(found, key=lambda one: (one.class_name, one.visit.person.search_name, one.visit.pk))


def _pupils() -> QuerySet[Visit]:
    return Visit.objects.filter(
        kind=Visit.Kind.STUDENT, service=Visit.Service.RECORDING, person__recorded_on=None, person__anonymised_at=None
    )


def missed_among(days: QuerySet[DriveDay]) -> QuerySet[Visit]:
    """Pupils who were absent or failed on one of these days, or were due and left it without an outcome, and have not been
    recorded since; with the last such day as `missed_on`.

    That somebody is absent is said of nobody by the clock, but the chance is offered.
    """
    places = Appointment.objects.standing().filter(
        drive=OuterRef("drive"), person=OuterRef("person"), timeslot__drive_day__in=days.values("pk")
    )
    last_due = places.order_by("-timeslot__drive_day__day").values("timeslot__drive_day__day")[:1]
    is_of_one = Exists(days.filter(drive=OuterRef("drive"), day=OuterRef("state_on")))
    was_unseen = is_open_on(F("due_on")) | Q(state=State.PRESENT, state_on=F("due_on"))
    return (
        _pupils()
        .annotate(due_on=Subquery(last_due))
        .annotate(
            missed_on=Greatest(
                Case(When(is_of_one, state__in=MISSED, then=F("state_on"))),
                Case(When(was_unseen, then=F("due_on"))),
            )
        )
        .filter(missed_on__isnull=False)
    )


def undecided(offices: Collection[UUID], *, today: date) -> QuerySet[Visit]:
    """Who missed a day that is closed (`missed_on`), and has been offered nothing and no place."""
    closed = DriveDay.objects.filter(office__in=offices, day__gte=today - LONG_AGO, close__isnull=False)
    offered = FollowUp.objects.waiting().filter(visit__person=OuterRef("person"))
    ahead = Appointment.objects.live().filter(
        person=OuterRef("person"),
        timeslot__drive_day__day__gte=today,
        timeslot__drive_day__day__gt=OuterRef("missed_on"),
        drive__status__in=[Drive.Status.DRAFT, Drive.Status.PUBLISHED],
    )
    return missed_among(closed).filter(~Exists(offered), ~Exists(ahead), office__in=offices)


def missed_days(offices: Collection[UUID], *, today: date) -> list[MissedDay]:
    """The closed days of who is undecided, the oldest first; two queries."""
    counts: dict[tuple[UUID, date], int] = defaultdict(int)
    for visit in undecided(offices, today=today).only("drive"):
        counts[visit.drive_id, getattr(visit, "missed_on")] += 1  # noqa: B009 — annotated
    days = DriveDay.objects.filter(drive__in={drive for drive, _day in counts}).select_related("drive__school")
    found = [MissedDay(day, counts[day.drive_id, day.day]) for day in days if (day.drive_id, day.day) in counts]
    return sorted(found, key=lambda one: (one.drive_day.day, one.drive_day.pk))


def still_waiting(follow_ups: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    """Those whose person has not been recorded; the sweep ends the others a little later."""
    return follow_ups.filter(ended_at=None, visit__person__recorded_on=None)


def slots_ahead(drive_day: DriveDay, *, now: datetime) -> list[Timeslot]:
    """Those of the drive's later days that have not begun and have room, the soonest first."""
    later = Timeslot.objects.filter(drive=drive_day.drive_id, drive_day__day__gt=drive_day.day, starts_at__gt=now)
    return [slot for slot in later.order_by("starts_at", "pk") if slot.places_left > 0]


def room_in(slots: Iterable[Timeslot]) -> int:
    return sum(slot.places_left for slot in slots)

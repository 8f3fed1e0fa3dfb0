"""Places held by who, for all we know, should not come: no longer at the school, or without the consent that is asked for.

Nobody's place is taken away by itself; the planner sees it and decides.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Value, When

from drives.models import Appointment, Drive
from drives.planning.facts import OPEN
from students.models import Consent, Enrolment

LEFT, NO_CONSENT = "left", "no_consent"


@dataclass(frozen=True, slots=True)
class Doubts:
    """How many places of a drive are held by each kind, and from when on."""

    drive_id: UUID
    school_name: str
    starts_at: datetime
    left: int
    without_consent: int


def doubtful(*, now: datetime) -> QuerySet[Appointment]:
    """Live places of open drives that are still to come, with `doubt`: the first of `left` and `no_consent` that holds."""
    coming = Appointment.objects.live().filter(
        drive__status__in=OPEN, drive__school__isnull=False, timeslot__ends_at__gt=now, person__recorded_on=None
    )
    was_here = Enrolment.objects.filter(person=OuterRef("person"), school=OuterRef("drive__school"))
    is_elsewhere = Q(Exists(was_here)) & (Q(person__school=None) | ~Q(person__school=F("drive__school")))
    lacks = Q(person__school=F("drive__school"), drive__school__office__consent_required=True, has_consent=False)
    marked = coming.annotate(has_consent=Consent.objects.standing_for("person")).annotate(
        doubt=Case(
            When(is_elsewhere, then=Value(LEFT)),
            When(lacks, then=Value(NO_CONSENT)),
            default=Value(""),
            output_field=CharField(),
        )
    )
    return marked.exclude(doubt="")


def counts_by_drive(offices: Collection[UUID], *, now: datetime) -> list[Doubts]:
    """Of every drive of these offices that has any, the soonest first; one query."""
    rows = doubtful(now=now).filter(drive__office__in=offices).values("drive", "drive__school__name")
    counted = rows.annotate(
        starts_at=Min("timeslot__starts_at"),
        left=Count("pk", filter=Q(doubt=LEFT)),
        without_consent=Count("pk", filter=Q(doubt=NO_CONSENT)),
    ).order_by("starts_at", "drive")
    return [
        Doubts(row["drive"], row["drive__school__name"], row["starts_at"], row["left"], row["without_consent"]) for row in counted
    ]


def places_in_doubt(drive: Drive, *, now: datetime) -> list[Appointment]:
    """One by one, by time and name, with what a page says of them."""
    found = doubtful(now=now).filter(drive=drive).select_related("person", "timeslot", "class_group")
    return list(found.order_by("timeslot__starts_at", "person__search_name", "pk"))

"""A school is told whom another one has enrolled: once for each enrolment, whoever sweeps, how often, and wherever it dies.

Students may not know of drives, so that the telling is derived: from enrolments that ended as moved.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from drives.models import Departure, Notice
from drives.models.departure import DepartureQuerySet
from drives.notices.actions import hours_of
from schools.models import School, User
from students.models import Enrolment

# What is older is history and told to nobody any more.
TOLD_WITHIN: Final = timedelta(days=60)


def tell_schools(*, now: datetime) -> int:
    """Notes every move that nobody has told yet, and takes back what was undone; answers how many were told."""
    since = now.date() - TOLD_WITHIN
    _withdraw_undone(now=now)
    schools = list(untold(since=since).order_by("school").values_list("school", flat=True).distinct())
    return sum(_tell(school_id, since=since, now=now) for school_id in schools)


def untold(*, since: date) -> QuerySet[Enrolment]:
    told = Departure.objects.filter(enrolment=OuterRef("pk"))
    moved = Enrolment.objects.filter(end_reason=Enrolment.EndReason.MOVED, ends_on__gte=since, person__anonymised_at=None)
    return moved.filter(~Exists(told))


@transaction.atomic
def _tell(school_id: UUID, *, since: date, now: datetime) -> int:
    """What is told and the e-mail about it in one transaction: a worker that dies has told nothing."""
    school = School.objects.select_for_update(no_key=True).select_related("office").get(pk=school_id)
    found = untold(since=since).filter(school=school).order_by("pk")
    made = [Departure(enrolment=each, school=school, office_id=school.office_id, told_at=now) for each in found]
    if not made:
        return 0
    notice = _notice(school, made, now=now) if school.email else None
    for departure in made:
        departure.notice = notice
    Departure.objects.bulk_create(made)
    return len(made)


def _notice(school: School, made: Sequence[Departure], *, now: datetime) -> Notice:
    return Notice.objects.create(
        kind=Notice.Kind.DEPARTED,
        channel=Notice.Channel.EMAIL,
        subject_kind=Notice.Subject.SCHOOL,
        subject_id=made[0].pk,
        recipient=school.email,
        school=school,
        office=school.office,
        created_at=now,
        due_at=hours_of(school.office).next_moment(now),
    )


def _withdraw_undone(*, now: datetime) -> None:
    """The enrolment lives again, or is gone: nothing happened. An e-mail that would tell of nobody is withdrawn."""
    stands = Enrolment.objects.filter(pk=OuterRef("enrolment"), end_reason=Enrolment.EndReason.MOVED)
    Departure.objects.filter(~Exists(stands)).delete()
    waiting = Notice.objects.filter(kind=Notice.Kind.DEPARTED, claimed_at=None, withdrawn_at=None)
    waiting.filter(~Exists(Departure.objects.filter(notice=OuterRef("pk")))).update(withdrawn_at=now)


def mark_seen(*, departures: DepartureQuerySet, by: User, now: datetime) -> int:
    """ "Understood"; by whom and when stays with each. A second time changes nothing."""
    return departures.unseen().update(seen_at=now, seen_by=by)


@transaction.atomic
def object_to(*, departure: Departure, sentence: str, by: User, now: datetime) -> None:
    """The former school says that this was a mistake; the office's planner has to look. The first sentence stands.

    Raises ValidationError: `sentence_missing`, `departure_undone`.
    """
    if not sentence.strip():
        raise ValidationError(_("Write in a sentence why this is a mistake."), code="sentence_missing")
    locked = Departure.objects.standing().select_for_update(of=("self",)).filter(pk=departure.pk).first()
    if locked is None:
        raise ValidationError(_("This move was undone already."), code="departure_undone")
    if locked.objected_at is None:
        locked.objection, locked.objected_at, locked.objected_by = sentence.strip()[:300], now, by
        locked.seen_at, locked.seen_by = locked.seen_at or now, locked.seen_by or by
        locked.save(update_fields=["objection", "objected_at", "objected_by", "seen_at", "seen_by"])


def settle(*, departure: Departure, by: User, now: datetime) -> None:
    """The office has looked into the objection; a second time changes nothing."""
    Departure.objects.objected().filter(pk=departure.pk).update(settled_at=now, settled_by=by)

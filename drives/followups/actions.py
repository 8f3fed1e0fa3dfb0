"""Offering another chance, preparing the make-up drive, and ending what has been done."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.followups.people import Candidate, candidates, slots_ahead, still_waiting
from drives.models import DayClose, Drive, DriveDay, FollowUp, Timeslot
from drives.planning.actions import create_drive, free_places, move_many, place_people
from drives.planning.plan import Plan
from schools.models import School, User

Way = FollowUp.Way


@dataclass(slots=True)
class Offered:
    """How many have this way now, and who found no room on the drive's later days."""

    count: int = 0
    without_room: list[Candidate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MakeUp:
    """The draft, how many of who waits have a place in it, and how many do not."""

    drive: Drive
    placed: int
    left: int


@transaction.atomic
def offer(*, drive_day: DriveDay, visits: Collection[UUID], way: str, by: User, now: datetime) -> Offered:
    """Give these people this way; whoever has it keeps it, another way ends. The next day moves the appointment.

    Raises ValidationError: `way_unknown`, `day_open`, `nobody_chosen`, `no_room`, and what moving an appointment raises.
    """
    if way not in Way.values:
        raise ValidationError(_("Choose the next day, a make-up drive or the office."), code="way_unknown")
    # One decision about a day at a time; a fact that is being stored is waited for.
    drive_day = (
        DriveDay.objects.select_for_update(of=("self",), no_key=True)
        .select_related("drive__office", "drive__school")
        .get(pk=drive_day.pk)
    )
    if not DayClose.objects.filter(drive_day=drive_day).exists():
        raise ValidationError(_("Close the day first; then it is known who needs another chance."), code="day_open")
    chosen = [one for one in candidates(drive_day) if one.visit.pk in set(visits)]
    if not chosen:
        raise ValidationError(_("Nobody is chosen. Choose at least one person."), code="nobody_chosen")
    offered = Offered()
    changing = [one for one in chosen if one.way != way]
    offered.count = len(chosen) - len(changing)
    if way == Way.NEXT_DAY:
        placed = _move_to_later_days(drive_day, changing, by=by, now=now)
        offered.without_room = [one for one in changing if one not in placed]
        changing = placed
        if offered.without_room and not placed and not offered.count:
            raise ValidationError(_("The later days of this drive have no room left. Choose another way."), code="no_room")
    else:
        _free_later_places(drive_day, changing, by=by, now=now)
    _write(drive_day, changing, way=way, by=by, now=now)
    offered.count += len(changing)
    return offered


def _write(drive_day: DriveDay, changing: Sequence[Candidate], *, way: str, by: User, now: datetime) -> None:
    FollowUp.objects.waiting().filter(visit__in=[one.visit.pk for one in changing]).update(ended_at=now)
    for one in changing:
        follow_up = FollowUp(
            visit=one.visit,
            drive_day=drive_day,
            office_id=one.visit.office_id,
            school_id=one.visit.school_id,
            way=way,
            decided_at=now,
            decided_by=by,
        )
        follow_up.full_clean()
        follow_up.save()


def _move_to_later_days(drive_day: DriveDay, people: Sequence[Candidate], *, by: User, now: datetime) -> list[Candidate]:
    """Class by class into the first timeslots with room; answers who has a place on a later day now."""
    slots = slots_ahead(drive_day, now=now)
    left = {slot.pk: slot.places_left for slot in slots}
    targets: dict[UUID, list[Candidate]] = defaultdict(list)
    placed = []
    for one in people:
        if one.appointment is None:
            continue
        if one.appointment.timeslot.starts_at > now:
            placed.append(one)
            continue
        slot = next((slot for slot in slots if left[slot.pk] >= one.appointment.places), None)
        if slot:
            left[slot.pk] -= one.appointment.places
            targets[slot.pk].append(one)
            placed.append(one)
    by_id: dict[UUID, Timeslot] = {slot.pk: slot for slot in slots}
    for slot_id, moving in sorted(targets.items()):
        ids = [one.appointment.pk for one in moving if one.appointment]
        move_many(drive=drive_day.drive, appointments=ids, to=by_id[slot_id], by=by, now=now)
    return placed


def _free_later_places(drive_day: DriveDay, people: Sequence[Candidate], *, by: User, now: datetime) -> None:
    """Who had the next day and gets another way gives the place back."""
    places = [
        one.appointment.pk
        for one in people
        if one.way == Way.NEXT_DAY and one.appointment and one.appointment.timeslot.starts_at > now
    ]
    if places:
        free_places(drive=drive_day.drive, appointments=places, by=by, now=now)


@transaction.atomic
def prepare_make_up(*, school: School, plan: Plan, drive_id: UUID, by: User, now: datetime) -> MakeUp:
    """A draft of the school with everybody who waits for a make-up drive seated in it, class by class.

    The same `drive_id` again (a second press of the button) changes nothing. Raises ValidationError: `nobody_waits`, and what
    `create_drive` raises.
    """
    # One draft at a time; the second one finds nobody who waits.
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    made = Drive.objects.filter(pk=drive_id, school=school).first()
    if made:
        return MakeUp(made, FollowUp.objects.filter(drive=made).count(), 0)
    waiting = waiting_for_make_up(school)
    if not waiting:
        raise ValidationError(_("Nobody of this school waits for a make-up drive."), code="nobody_waits")
    drive = create_drive(school=school, plan=plan, by=by, now=now, drive_id=drive_id)
    placed = 0
    for slot, group in _seat(drive, waiting):
        try:
            with transaction.atomic():
                place_people(drive=drive, people=[one.visit.person_id for one in group], to=slot, by=by, now=now)
        except ValidationError:
            # One of them may not come (no consent, left the school): then each for oneself.
            group = [one for one in group if _place_alone(drive, one, slot, by=by, now=now)]
        FollowUp.objects.filter(pk__in=[one.pk for one in group]).update(drive=drive)
        placed += len(group)
    return MakeUp(drive, placed, len(waiting) - placed)


def waiting_for_make_up(school: School) -> list[FollowUp]:
    """Who waits and is in no draft yet, by class as they were scheduled."""
    rows = still_waiting(FollowUp.objects.filter(school=school, way=Way.MAKE_UP, drive=None)).select_related("visit__person")
    return sorted(rows, key=lambda one: (one.drive_day_id, one.visit.person.search_name, one.pk))


def _seat(drive: Drive, waiting: Sequence[FollowUp]) -> list[tuple[Timeslot, list[FollowUp]]]:
    """Into the timeslots in their order; who needs extra time takes more places."""
    slots = list(Timeslot.objects.filter(drive=drive).order_by("starts_at", "pk"))
    left = {slot.pk: slot.places_left for slot in slots}
    groups: dict[UUID, list[FollowUp]] = defaultdict(list)
    for one in waiting:
        places = one.visit.person.places_needed or 1
        slot = next((slot for slot in slots if left[slot.pk] >= places), None)
        if slot:
            left[slot.pk] -= places
            groups[slot.pk].append(one)
    return [(slot, groups[slot.pk]) for slot in slots if groups[slot.pk]]


def _place_alone(drive: Drive, one: FollowUp, slot: Timeslot, *, by: User, now: datetime) -> bool:
    try:
        with transaction.atomic():
            place_people(drive=drive, people=[one.visit.person_id], to=slot, by=by, now=now)
    except ValidationError:
        return False
    return True


def end_what_is_done(*, now: datetime) -> int:
    """Who was recorded waits no more; whose make-up drive was cancelled waits for another one. Answers how many ended."""
    FollowUp.objects.waiting().filter(drive__status=Drive.Status.CANCELLED).update(drive=None)
    return FollowUp.objects.waiting().filter(visit__person__recorded_on__isnull=False).update(ended_at=now)

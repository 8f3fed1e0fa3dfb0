"""Another chance is told: once for each decision, whoever sweeps, how often, and wherever it dies.

Decisions are made in a room below this one, so that the telling is derived: from follow-ups that nobody has told yet. The
student sees it behind the own link at once; the school and the homeroom teachers get an e-mail, the class a text to paste.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from drives.followups.people import still_waiting
from drives.models import Appointment, Drive, DriveDay, FollowUp, Notice
from drives.notices.actions import hours_of, plan_reminders
from drives.notices.schedule import Stretch, joined
from schools.models import School
from students.models import ClassGroup, Enrolment

Way = FollowUp.Way
# Who decides one by one is not interrupted by an e-mail for each.
QUIET: Final = timedelta(minutes=5)
# What is older is history and told to nobody any more.
TOLD_WITHIN: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Chances:
    """What a class, or a school, is told: when those who have a time come, and how many wait for the rest."""

    stretches: tuple[Stretch, ...]
    make_up: int
    office: int

    @property
    def count(self) -> int:
        return sum(stretch.count for stretch in self.stretches) + self.make_up + self.office


def tell_chances(*, now: datetime) -> int:
    """Writes what nobody has told yet, day by day, once its last choice is some minutes old; answers how many were told."""
    days = untold(now=now).values_list("drive_day").annotate(last=Max("decided_at")).order_by("drive_day")
    told, faults = 0, []
    for day_id in [day_id for day_id, last in days if last <= now - QUIET]:
        try:
            told += _tell(day_id, now=now)
        except Exception as fault:
            # A day that cannot be told holds up no other one; that it could not is said at the end, and tried again.
            faults.append(fault)
    if faults:
        raise faults[0]
    return told


def untold(*, now: datetime) -> QuerySet[FollowUp]:
    return still_waiting(FollowUp.objects.filter(told_at=None, decided_at__gt=now - TOLD_WITHIN))


@transaction.atomic
def _tell(drive_day_id: UUID, *, now: datetime) -> int:
    """What is told and the notices about it in one transaction: a worker that dies has told nothing."""
    # Held like whoever decides holds it: two sweeps follow each other, and the second one finds nothing.
    drive_day = (
        DriveDay.objects.select_for_update(of=("self",), no_key=True)
        .select_related("drive__office", "drive__school")
        .get(pk=drive_day_id)
    )
    new = list(untold(now=now).filter(drive_day=drive_day).select_related("visit").order_by("pk"))
    of_school: dict[UUID, list[FollowUp]] = defaultdict(list)
    for one in new:
        if one.school_id:
            of_school[one.school_id].append(one)
    for school in School.objects.filter(pk__in=of_school).order_by("pk"):
        _write(drive_day, school, of_school[school.pk], now=now)
    if any(one.way == Way.NEXT_DAY for one in new) and drive_day.drive.status == Drive.Status.PUBLISHED:
        # The schedule has a new revision, and no reminder of the one before leaves any more.
        plan_reminders(drive=drive_day.drive, now=now)
    return FollowUp.objects.filter(pk__in=[one.pk for one in new]).update(told_at=now)


def _write(drive_day: DriveDay, school: School, new: Sequence[FollowUp], *, now: datetime) -> None:
    """In place of what an earlier choice still had to say to them."""
    groups = ClassGroup.objects.in_bulk({pk for pk in _classes_of(new, school).values() if pk})
    waiting = Notice.objects.filter(kind=Notice.Kind.CHANCE, drive_day=drive_day, school=school)
    superseded = waiting.filter(Q(class_group=None) | Q(class_group__in=groups), claimed_at=None, withdrawn_at=None)
    superseded.update(withdrawn_at=now)
    due_at = hours_of(drive_day.drive.office).next_moment(now)
    Notice.objects.bulk_create(
        [
            Notice(
                kind=Notice.Kind.CHANCE,
                channel=channel,
                subject_kind=Notice.Subject.CLASS if group else Notice.Subject.SCHOOL,
                subject_id=uuid5(new[0].pk, str(group.pk if group else school.pk)),
                recipient=recipient,
                revision=drive_day.drive.revision,
                drive=drive_day.drive,
                drive_day=drive_day,
                class_group=group,
                school=school,
                office=drive_day.drive.office,
                created_at=now,
                due_at=due_at,
            )
            for group, channel, recipient in _recipients(school, groups)
        ]
    )


def _recipients(school: School, groups: Mapping[UUID, ClassGroup]) -> Iterator[tuple[ClassGroup | None, Notice.Channel, str]]:
    if school.email:
        yield None, Notice.Channel.EMAIL, school.email
    for group in sorted(groups.values(), key=lambda group: (group.name, group.pk)):
        if group.homeroom_email:
            yield group, Notice.Channel.EMAIL, group.homeroom_email
        yield group, Notice.Channel.COPY, group.name


def chances_of(
    drive_day: DriveDay, school: School, *, now: datetime, class_group_id: UUID | None = None
) -> dict[UUID | None, Chances]:
    """By class as they stand now, or of one class; who needs to be told nothing any more is left out.

    That is whose new time is over or taken back, and whose make-up drive tells its own schedule.
    """
    waiting = still_waiting(FollowUp.objects.filter(drive_day=drive_day, school=school)).exclude(
        drive__status__in=[Drive.Status.PUBLISHED, Drive.Status.CLOSED]
    )
    found = list(waiting.select_related("visit"))
    classes = _classes_of(found, school)
    stretches = _new_times(drive_day, [one.visit.person_id for one in found if one.way == Way.NEXT_DAY], classes, now=now)
    ways: dict[UUID | None, list[str]] = defaultdict(list)
    for one in found:
        ways[classes.get(one.visit.person_id)].append(one.way)
    chances = {
        group: Chances(tuple(joined(stretches[group])), said.count(Way.MAKE_UP), said.count(Way.OFFICE))
        for group, said in ways.items()
        if class_group_id in (None, group)
    }
    return {group: chance for group, chance in chances.items() if chance.count}


def together(chances: Sequence[Chances]) -> Chances:
    """Of a whole school; the same timeslot of two classes is one line."""
    counts: dict[tuple[datetime, datetime], int] = defaultdict(int)
    for stretch in (stretch for chance in chances for stretch in chance.stretches):
        counts[stretch.starts_at, stretch.ends_at] += stretch.count
    stretches = tuple(Stretch(*hours, count) for hours, count in sorted(counts.items()))
    return Chances(stretches, sum(chance.make_up for chance in chances), sum(chance.office for chance in chances))


def _classes_of(follow_ups: Sequence[FollowUp], school: School) -> dict[UUID, UUID | None]:
    people = [one.visit.person_id for one in follow_ups]
    return dict(Enrolment.objects.live().filter(school=school, person__in=people).values_list("person", "class_group"))


def _new_times(
    drive_day: DriveDay, people: Sequence[UUID], classes: Mapping[UUID, UUID | None], *, now: datetime
) -> dict[UUID | None, list[Stretch]]:
    """Timeslots that are still to come, in order, for each class with how many of these people."""
    zone = drive_day.drive.office.zone
    live = Appointment.objects.live().filter(drive=drive_day.drive_id, person__in=people, timeslot__starts_at__gt=now)
    counts: dict[tuple[datetime, datetime, UUID | None], int] = defaultdict(int)
    for person, starts_at, ends_at in live.values_list("person", "timeslot__starts_at", "timeslot__ends_at"):
        counts[starts_at.astimezone(zone), ends_at.astimezone(zone), classes.get(person)] += 1
    found: dict[UUID | None, list[Stretch]] = defaultdict(list)
    for (starts_at, ends_at, group), count in sorted(counts.items(), key=lambda item: item[0][:2]):
        found[group].append(Stretch(starts_at, ends_at, count))
    return found

"""Before people come at another hour: who knows the old one already, and what was printed that would be wrong."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from drives.models import Appointment, Drive, Notice, PlanningStep, Printout, Timeslot
from students.models import Enrolment


@dataclass(frozen=True, slots=True)
class Hop:
    """Somebody from one hour to another; None is no place. `grade` is "" where it is not known."""

    person_id: UUID
    class_id: UUID | None
    grade: str
    before: Timeslot | None
    after: Timeslot | None


@dataclass(frozen=True, slots=True)
class Late:
    """What a change comes too late for. Counts of people and e-mails; names on slips, classes and days of printed sheets."""

    people: int
    published_at: datetime | None = None
    emails: int = 0
    slips: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    letter: bool = False

    @property
    def is_printed(self) -> bool:
        return bool(self.slips or self.classes or self.days or self.letter)

    @property
    def is_late(self) -> bool:
        return bool(self.published_at) or self.is_printed


def hops_of(drive: Drive, appointments: Collection[UUID], *, to: Timeslot | None) -> list[Hop]:
    """Of live appointments, to that timeslot or to no place."""
    chosen = Appointment.objects.live().filter(drive=drive, pk__in=list(appointments)).order_by("pk")
    return [_hop(each, before=each.timeslot, after=to) for each in chosen.select_related("class_group", "timeslot")]


def hops_in(drive: Drive, people: Collection[UUID], *, to: Timeslot) -> list[Hop]:
    """Of people who wait, into that timeslot."""
    enrolled = Enrolment.objects.live().filter(person__in=list(people), school=drive.school).select_related("class_group")
    groups = {each.person_id: each.class_group for each in enrolled.order_by("pk")}
    found = [(person, groups.get(person)) for person in sorted(people)]
    return [
        Hop(person, group.pk if group else None, str(group.grade or "") if group else "", None, to) for person, group in found
    ]


def hops_back(step: PlanningStep) -> list[Hop]:
    """What undoing the step would do."""
    rows = Appointment.objects.filter(pk__in=[*step.made_ids, *step.ended_ids]).select_related("class_group", "timeslot")
    made = {each.person_id: each for each in rows if each.pk in set(step.made_ids)}
    ended = {each.person_id: each for each in rows if each.pk in set(step.ended_ids)}
    return [
        _hop(
            made.get(person) or ended[person],
            before=made[person].timeslot if person in made else None,
            after=ended[person].timeslot if person in ended else None,
        )
        for person in sorted({*made, *ended})
    ]


def _hop(each: Appointment, *, before: Timeslot | None, after: Timeslot | None) -> Hop:
    group = each.class_group
    return Hop(each.person_id, each.class_group_id, str(group.grade or "") if group else "", before, after)


def late_for(drive: Drive, hops: Sequence[Hop], *, minds_publication: bool = True) -> Late:
    """Nothing where the schedule is a draft of which nothing is printed. Who had no hour yet knows none, so that for those
    `minds_publication` is off, and prints alone count."""
    groups = {hop.class_id for hop in hops} - {None}
    prints = Printout.objects.filter(drive=drive)
    slips = prints.filter(visit__person__in=[hop.person_id for hop in hops]).order_by("visit__person__search_name", "pk")
    sheets = prints.filter(class_group__in=groups).order_by("class_group__name", "pk")
    days = prints.filter(drive_day__in=_days(hops)).order_by("drive_day__day")
    is_known = minds_publication and drive.status == Drive.Status.PUBLISHED
    sent = Notice.objects.filter(drive=drive, channel=Notice.Channel.EMAIL, sent_at__isnull=False, class_group__in=groups)
    return Late(
        people=len(hops),
        published_at=drive.published_at if is_known else None,
        emails=sent.values("recipient").distinct().count() if is_known else 0,
        slips=tuple(slips.values_list("visit__person__name", flat=True)),
        classes=tuple(sheets.values_list("class_group__name", flat=True)),
        days=tuple(days.values_list("drive_day__day", flat=True)),
        letter=_changes_a_day(hops) and prints.filter(kind=Printout.Kind.LETTER).exists(),
    )


def _days(hops: Iterable[Hop]) -> set[UUID]:
    return {slot.drive_day_id for hop in hops for slot in (hop.before, hop.after) if slot}


def _changes_a_day(hops: Iterable[Hop]) -> bool:
    """Another number of people on some day, which the letter says."""
    return any((hop.before and hop.before.drive_day_id) != (hop.after and hop.after.drive_day_id) for hop in hops)

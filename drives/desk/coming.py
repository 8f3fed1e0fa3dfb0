"""What waits because a drive is coming, under way or not closed yet; and the next drives themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Subquery, Sum, UUIDField, Value
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.desk import people
from drives.desk.line import Todo, counted
from drives.models import Appointment, Drive, DriveDay, KitDuty, Timeslot, Visit
from drives.planning.eligibility import LeapRule
from drives.planning.outages import broken_drives
from drives.schooldays.affected import affected_days
from schools.models import Role, User
from schools.templatetags.house import day, day_short
from students.models import Enrolment


@dataclass(frozen=True)
class NextDrive:
    drive: Drive
    first_day: date
    last_day: date
    kit_count: int
    taken: int
    places: int

    @property
    def span(self) -> str:
        """`Sel–Kam`, beside the date block; a longer drive names its last date."""
        first = date_format(self.first_day, "D")
        if self.first_day == self.last_day:
            return first
        is_within_a_week = self.last_day - self.first_day < timedelta(days=7)
        return f"{first}–{date_format(self.last_day, 'D') if is_within_a_week else day_short(self.last_day)}"


def unscheduled(offices: set[Any], *, today: date) -> Iterator[Todo]:
    """Who is old enough, needs recording and has no place, in each drive that has not ended; two queries."""
    drives = list(
        Drive.objects.filter(office__in=offices, status__in=["draft", "published"], school__isnull=False)
        .not_over(today)
        .with_days()
        .select_related("school")
        .order_by("first_day", "id")[:10]
    )
    counts = _unscheduled_counts(drives)
    for drive in drives:
        count = counts.get(drive.pk, 0)
        if not count:
            continue
        first_day: date = drive.first_day  # type: ignore[attr-defined]
        urgent = first_day - today <= timedelta(days=2)
        starts = _("drive from %(day)s") if first_day >= today else _("drive since %(day)s")
        yield Todo(
            count=count,
            title=ngettext("student has no timeslot yet", "students have no timeslot yet", count),
            detail=f"{drive.school}, {starts % {'day': day(first_day)}}",
            verb=_("Give places"),
            url=reverse("drives:slot_board", args=[drive.pk]),
            urgency=0 if urgent else 1,
            chip=_("Urgent") if urgent else "",
        )


def _unscheduled_counts(drives: Sequence[Drive]) -> dict[UUID, int]:
    """For each drive, in one query; a drive with nobody is left out."""
    if not drives:
        return {}
    first, *others = [_unscheduled_of(drive) for drive in drives]
    return {row["of_drive"]: row["people"] for row in first.union(*others, all=True)}


def _unscheduled_of(drive: Drive) -> QuerySet[Enrolment, dict[str, Any]]:
    old_enough = people.years_before(
        drive.last_day,  # type: ignore[attr-defined]
        drive.minimum_age_months,
        LeapRule(drive.leap_rule),
    )
    enrolled = Enrolment.objects.live().filter(
        school=drive.school_id, person__recorded_on=None, person__birth_date__lte=old_enough
    )
    if drive.grades:
        enrolled = enrolled.filter(class_group__grade__in=drive.grades)
    placed = Appointment.objects.standing().filter(drive=drive, person=OuterRef("person"))
    seen = Visit.objects.exclude(state=Visit.State.EXPECTED).filter(drive=drive, person=OuterRef("person"))
    waiting = enrolled.filter(~Exists(placed), ~Exists(seen)).annotate(of_drive=Value(drive.pk, output_field=UUIDField()))
    return waiting.values("of_drive").annotate(people=Count("pk"))


def days_not_closed(user: User, offices: set[Any], *, today: date) -> Iterator[Todo]:
    """A lead operator closes a day; a planner sees which one stands open."""
    days = DriveDay.objects.filter(office__in=offices, day__lt=today, drive__status="published", close=None).order_by("day", "id")
    oldest = counted(days.select_related("drive__school")).first()
    if oldest:
        count = oldest.count
        leads = oldest.office_id in user.office_ids([Role.LEAD_OPERATOR])
        yield Todo(
            count=count,
            title=ngettext("drive day is not closed", "drive days are not closed", count),
            detail=f"{oldest.drive}, {day(oldest.day)}",
            verb=_("Close") if leads else _("See"),
            url=reverse("drives:day_close", args=[oldest.pk]) if leads else reverse("drives:live", args=[oldest.drive_id]),
            urgency=1,
            chip=_("Late"),
        )


def on_closed_days(offices: set[Any], *, today: date) -> Iterator[Todo]:
    """Published drive days that a closure or a holiday has overtaken since."""
    found = affected_days(DriveDay.objects.filter(office__in=offices), today=today)
    if found:
        first = found[0]
        yield Todo(
            count=len(found),
            title=ngettext("published drive day is on a closed day", "published drive days are on closed days", len(found)),
            detail=f"{first.drive}, {day(first.day)}: {first.reason}",
            verb=_("Decide"),
            url=reverse("drives:affected_list"),
            urgency=0,
        )


def conflicts(user: User, offices: set[Any]) -> Iterator[Todo]:
    visits = Visit.objects.filter(office__in=offices).to_decide().order_by("-state_at", "-id")
    newest = counted(visits.select_related("drive__school")).first()
    if newest:
        count = newest.count
        leads = newest.office_id in user.office_ids([Role.LEAD_OPERATOR])
        yield Todo(
            count=count,
            title=ngettext("outcome contradicts another", "outcomes contradict each other", count),
            detail=str(newest.drive),
            verb=_("Decide") if leads else _("See"),
            url=reverse("drives:live", args=[newest.drive_id]),
            urgency=0,
        )


def broken_kits(offices: set[Any], *, now: datetime) -> Iterator[Todo]:
    """A drive that counts on a kit which is out of service then."""
    for drive, count in broken_drives(offices, now=now)[:5]:
        yield Todo(
            count=count,
            title=ngettext("kit on duty is out of service", "kits on duty are out of service", count),
            detail=str(drive),
            verb=_("Replace"),
            url=f"{reverse('drives:slot_board', args=[drive.pk])}#broken",
            urgency=0,
        )


def schedules(schools: set[Any], *, today: date) -> Iterator[Todo]:
    live = Appointment.objects.live().filter(drive__in=Drive.objects.published().filter(school__in=schools).not_over(today))
    counted = live.values("drive").annotate(people=Count("pk", distinct=True), first=Min("drive__days__day"))
    for row in counted.order_by("first", "drive"):
        count = row["people"]
        yield Todo(
            count=count,
            title=ngettext("student has a timeslot", "students have timeslots", count),
            detail=_("Drive from %(day)s: print the class sheets") % {"day": day(row["first"])},
            verb=_("Print"),
            url=reverse("drives:print_index", args=[row["drive"]]),
        )


def next_drives(user: User, *, today: date) -> list[NextDrive]:
    """The next five drives in sight, with places taken of places; one query."""
    of_drive = Timeslot.objects.filter(drive=OuterRef("pk")).order_by().values("drive")
    on_duty = KitDuty.objects.filter(drive_day__drive=OuterRef("pk"), released_at=None).order_by().values("drive_day__drive")
    drives = (
        Drive.objects.visible_to(user)
        .filter(status__in=["draft", "published"])
        .not_over(today)
        .with_days()
        .select_related("school")
        .annotate(
            taken=Subquery(of_drive.annotate(sum=Sum("places_taken")).values("sum")),
            all_places=Subquery(of_drive.annotate(sum=Sum("places")).values("sum")),
            kits=Subquery(on_duty.annotate(count=Count("kit", distinct=True)).values("count")),
        )
        .order_by("first_day", "id")[:5]
    )
    rows: list[Any] = list(drives)
    return [
        NextDrive(
            drive=row,
            first_day=row.first_day,
            last_day=row.last_day,
            kit_count=row.kits or 0,
            taken=row.taken or 0,
            places=row.all_places or 0,
        )
        for row in rows
    ]

"""Perlu tindakan: what waits for this person, worst first. A row with nothing in it does not exist."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Exists, F, Max, Min, Model, OuterRef, Q, QuerySet, Subquery, Sum, UUIDField, Value, Window
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.desk import chances, people, pupils, talks
from drives.desk.line import Todo
from drives.models import Appointment, CheckList, Drive, DriveDay, Notice, SeasonProposal, StatusImport, Timeslot, Visit
from drives.planning.eligibility import LeapRule
from drives.planning.outages import broken_drives
from drives.schooldays.affected import affected_days
from schools.models import Role, School, User
from schools.templatetags.house import day, day_short, figure
from students.models import ClassGroup, Enrolment, Person, RosterUpload
from students.roster import worklist
from students.roster.intake import school_year

Row = TypeVar("Row", bound=Model)
WAITING_LONG = timedelta(days=2)
LISTS_LAST = timedelta(days=30)


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


def for_planner(user: User, *, now: datetime, today: date) -> list[Todo]:
    """Everything of the planner's offices that somebody should act on."""
    offices = user.office_ids([Role.PLANNER])
    found = [
        *_unscheduled(offices, today=today),
        *_seasons(offices),
        *_days_not_closed(user, offices, today=today),
        *_conflicts(user, offices),
        *chances.of_office(offices, today=today),
        *_uploads(RosterUpload.objects.filter(office__in=offices), now=now, of_school=False),
        *_checks(offices, now=now),
        *_on_closed_days(offices, today=today),
        *_notices(offices),
        *_seventeen(user, today=today),
        *pupils.places_in_doubt(offices, now=now),
        *_broken_kits(offices, now=now),
        *pupils.objections(user),
        *talks.of_office(offices, now=now),
        *pupils.of_last_year(user, today=today, of_school=False),
    ]
    return sorted(found, key=lambda todo: (todo.urgency, -todo.count))


def for_school(user: User, *, now: datetime, today: date) -> list[Todo]:
    """What a school's administrator can do now for a smooth drive."""
    schools = user.school_ids()
    found = [
        *_no_roster(schools),
        *_uploads(RosterUpload.objects.filter(school__in=schools), now=now, of_school=True),
        *_held_rows(schools),
        *_no_nik(schools),
        *_no_homeroom(schools, today=today),
        *_schedules(schools, today=today),
        *pupils.departures(user),
        *chances.of_school(schools),
        *talks.of_school(schools),
        *pupils.without_consent(schools),
        *pupils.of_last_year(user, today=today, of_school=True),
    ]
    return sorted(found, key=lambda todo: (todo.urgency, -todo.count))


def _counted(rows: QuerySet[Row]) -> QuerySet[Any]:
    """Each row knows how many there are: the first one and their number come in one query."""
    counted: QuerySet[Any] = rows.annotate(count=Window(Count("pk")))
    return counted


def _unscheduled(offices: set[Any], *, today: date) -> Iterator[Todo]:
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


def _broken_kits(offices: set[Any], *, now: datetime) -> Iterator[Todo]:
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


def _days_not_closed(user: User, offices: set[Any], *, today: date) -> Iterator[Todo]:
    """A lead operator closes a day; a planner sees which one stands open."""
    days = DriveDay.objects.filter(office__in=offices, day__lt=today, drive__status="published", close=None).order_by("day", "id")
    oldest = _counted(days.select_related("drive__school")).first()
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


def _on_closed_days(offices: set[Any], *, today: date) -> Iterator[Todo]:
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


def _conflicts(user: User, offices: set[Any]) -> Iterator[Todo]:
    visits = Visit.objects.filter(office__in=offices, has_conflict=True).order_by("-state_at", "-id")
    newest = _counted(visits.select_related("drive__school")).first()
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


def _uploads(uploads: QuerySet[RosterUpload], *, now: datetime, of_school: bool) -> Iterator[Todo]:
    for_people = [RosterUpload.Status.QUESTIONS, RosterUpload.Status.REVIEW]
    waiting = uploads.filter(status__in=for_people).select_related("school").order_by("created_at", "id")
    oldest = _counted(waiting).first()
    if oldest is None:
        return
    count = oldest.count
    age = (now - oldest.created_at).days
    late = now - oldest.created_at > WAITING_LONG
    waits = ngettext("Waiting longest: %(school)s, %(count)d day", "Waiting longest: %(school)s, %(count)d days", age)
    yield Todo(
        count=count,
        title=ngettext("upload to review", "uploads to review", count),
        detail=oldest.filename if of_school else waits % {"school": oldest.school, "count": age},
        verb=_("Review"),
        url=reverse("students:upload_detail", args=[oldest.pk]) if count == 1 or of_school else reverse("students:upload_list"),
        urgency=1,
        chip=_("Late") if late else "",
    )


def _checks(offices: set[Any], *, now: datetime) -> Iterator[Todo]:
    """Lists taken for the look-up in SIAK whose result has not come back; an old list would be taken anew."""
    recent = CheckList.objects.filter(office__in=offices, taken_at__gte=now - LISTS_LAST)
    taken = recent.values("school", "school__name").annotate(last=Max("taken_at")).order_by("-last", "school")
    returned = (
        StatusImport.objects.filter(office__in=offices, status="applied").order_by("-approved_at").values("approved_at")[:1]
    )
    waiting = list(taken.annotate(returned=Subquery(returned)).filter(Q(returned=None) | Q(last__gt=F("returned"))))
    if waiting:
        count = len(waiting)
        yield Todo(
            count=count,
            title=ngettext("SIAK result has not been imported", "SIAK results have not been imported", count),
            detail=waiting[0]["school__name"],
            verb=_("Import"),
            url=reverse("drives:status_upload"),
            urgency=1,
        )


def _seasons(offices: set[Any]) -> Iterator[Todo]:
    """Plans of a season that wait for a yes or no."""
    ready = SeasonProposal.objects.filter(office__in=offices, status=SeasonProposal.Status.READY)
    newest = _counted(ready.select_related("season").order_by("-asked_at", "-pk")).first()
    if newest:
        yield Todo(
            count=newest.count,
            title=ngettext("season plan waits for your decision", "season plans wait for your decision", newest.count),
            detail=newest.season.name,
            verb=_("Decide"),
            url=reverse("drives:season_proposal", args=[newest.pk]),
            urgency=1,
        )


def _notices(offices: set[Any]) -> Iterator[Todo]:
    troubled = Notice.objects.filter(office__in=offices, withdrawn_at=None, sent_at=None).filter(
        Q(failed_at__isnull=False) | Q(error="uncertain")
    )
    count = troubled.count()
    if count:
        yield Todo(
            count=count,
            title=ngettext("notice was not sent", "notices were not sent", count),
            detail=_("The log says why, and sends again"),
            verb=_("Repair"),
            url=reverse("drives:notice_list"),
            urgency=1,
        )


def _seventeen(user: User, *, today: date) -> Iterator[Todo]:
    found = people.in_view(Person.objects.visible_to(user), "seventeen", office=user.home_office(), today=today)
    counted = found.aggregate(people=Count("pk"), schools=Count("school", distinct=True))
    count = counted["people"]
    if count:
        detail = ngettext("Recorded already, at %(count)s school", "Recorded already, at %(count)s schools", counted["schools"])
        yield Todo(
            count=count,
            title=ngettext("student turned 17 this week", "students turned 17 this week", count),
            detail=detail % {"count": figure(counted["schools"])},
            verb=_("See"),
            url=reverse("drives:student_list") + "?view=seventeen",
        )


def _no_roster(schools: set[Any]) -> Iterator[Todo]:
    filled = Enrolment.objects.live().filter(school=OuterRef("pk"))
    if School.objects.filter(~Exists(filled), pk__in=schools).exists():
        yield Todo(
            count=0,
            title=_("The students are not in yet"),
            detail=_("Upload the file that Dapodik gives, as it is"),
            verb=_("Upload"),
            url=reverse("students:upload_list"),
            urgency=0,
        )


def _held_rows(schools: set[Any]) -> Iterator[Todo]:
    """What the newest list of each school has left; of several schools the longest list comes first."""
    left = sorted(worklist.counts(schools).items(), key=lambda found: (-found[1], found[0]))
    count = sum(lines for _upload, lines in left)
    for upload_id, _lines in left[:1]:
        yield Todo(
            count=count,
            title=ngettext("row of the roster needs repair", "rows of the roster need repair", count),
            detail=RosterUpload.objects.only("filename").get(pk=upload_id).filename,
            verb=_("Repair"),
            url=reverse("students:upload_detail", args=[upload_id]) + "#left",
            urgency=1,
        )


def _no_nik(schools: set[Any]) -> Iterator[Todo]:
    count = Person.objects.filter(school__in=schools, nik_digest=None).count()
    if count:
        yield Todo(
            count=count,
            title=ngettext("student has no usable NIK", "students have no usable NIK", count),
            detail=_("Compare with the family card and upload again"),
            verb=_("See"),
            url=reverse("drives:student_list") + "?view=no_nik",
            urgency=1,
        )


def _no_homeroom(schools: set[Any], *, today: date) -> Iterator[Todo]:
    groups = ClassGroup.objects.filter(
        Exists(Enrolment.objects.live().filter(class_group=OuterRef("pk"))),
        school__in=schools,
        school_year=school_year(today),
        homeroom_email="",
    ).select_related("school")
    without = list(groups.order_by("school__npsn", "name"))
    count = len(without)
    if count:
        yield Todo(
            count=count,
            title=ngettext("class has no homeroom e-mail", "classes have no homeroom e-mail", count),
            detail=_("Reminders go to the homeroom teachers"),
            verb=_("Complete"),
            url=reverse("drives:school_profile", args=[without[0].school.npsn]),
        )


def _schedules(schools: set[Any], *, today: date) -> Iterator[Todo]:
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
    """The next five drives in sight, with places taken of places."""
    drives = (
        Drive.objects.visible_to(user)
        .filter(status__in=["draft", "published"])
        .not_over(today)
        .with_days()
        .select_related("school")
        .order_by("first_day", "id")[:5]
    )
    chosen = list(drives)
    slots = Timeslot.objects.filter(drive__in=[drive.pk for drive in chosen]).values("drive")
    filled = {row["drive"]: row for row in slots.annotate(taken=Sum("places_taken"), all=Sum("places"))}
    kits = dict(
        DriveDay.objects.filter(drive__in=[drive.pk for drive in chosen])
        .values_list("drive")
        .annotate(kits=Count("kit_duties__kit", filter=Q(kit_duties__released_at=None), distinct=True))
    )
    return [
        NextDrive(
            drive=drive,
            first_day=drive.first_day,  # type: ignore[attr-defined]
            last_day=drive.last_day,  # type: ignore[attr-defined]
            kit_count=kits.get(drive.pk, 0),
            taken=filled.get(drive.pk, {}).get("taken") or 0,
            places=filled.get(drive.pk, {}).get("all") or 0,
        )
        for drive in chosen
    ]

"""Perlu tindakan: what waits for this person, worst first. A row with nothing in it does not exist."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.desk import chances, coming, pupils, talks
from drives.desk.line import Todo, counted
from drives.models import CheckList, Notice, SeasonProposal, StatusImport
from schools.models import Role, School, User
from students.models import ClassGroup, Enrolment, Person, RosterUpload
from students.roster import worklist
from students.roster.intake import school_year

WAITING_LONG = timedelta(days=2)
LISTS_LAST = timedelta(days=30)


def for_planner(user: User, *, now: datetime, today: date) -> list[Todo]:
    """Everything of the planner's offices that somebody should act on."""
    offices = user.office_ids([Role.PLANNER])
    found = [
        *coming.unscheduled(offices, today=today),
        *_seasons(offices),
        *coming.days_not_closed(user, offices, today=today),
        *coming.conflicts(user, offices),
        *chances.of_office(offices, today=today),
        *_uploads(RosterUpload.objects.filter(office__in=offices), now=now, of_school=False),
        *_checks(offices, now=now),
        *coming.on_closed_days(offices, today=today),
        *_notices(offices),
        *pupils.places_in_doubt(offices, now=now),
        *coming.broken_kits(offices, now=now),
        *pupils.objections(user),
        *talks.of_office(offices, now=now),
        *pupils.of_the_year(user, today=today, of_school=False),
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
        *coming.schedules(schools, today=today),
        *pupils.departures(user),
        *chances.of_school(schools),
        *talks.of_school(schools),
        *pupils.without_consent(schools),
        *pupils.of_the_year(user, today=today, of_school=True),
    ]
    return sorted(found, key=lambda todo: (todo.urgency, -todo.count))


def _uploads(uploads: QuerySet[RosterUpload], *, now: datetime, of_school: bool) -> Iterator[Todo]:
    for_people = [RosterUpload.Status.QUESTIONS, RosterUpload.Status.REVIEW]
    waiting = uploads.filter(status__in=for_people).select_related("school").order_by("created_at", "id")
    oldest = counted(waiting).first()
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
    newest = counted(ready.select_related("season").order_by("-asked_at", "-pk")).first()
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

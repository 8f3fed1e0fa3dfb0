"""How far a school is, read from the database."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum

from drives.directory.figures import OPEN, figures_of
from drives.directory.steps import CheckFacts, DriveFacts, Facts
from drives.models import Appointment, CheckList, Drive, DriveDay, DukcapilStatus, Timeslot
from schools.models import Role, School, User
from students.models import ClassGroup, RosterUpload

FORGOTTEN = [RosterUpload.Status.CANCELLED, RosterUpload.Status.UNDONE, RosterUpload.Status.REPAIRED]


@dataclass(frozen=True)
class Progress:
    facts: Facts
    upload_id: UUID | None
    drive_id: UUID | None


def progress_of(school: School, *, user: User, today: date) -> Progress:
    figures = figures_of([school], user=user, today=today)[school.pk]
    upload = _newest_upload(school, user)
    drive = _current_drive(school, user, today)
    facts = Facts(
        students=figures.students,
        needing=figures.needing,
        upload=upload.status if upload else "",
        held=int(upload.counts.get("held", 0)) if upload else 0,
        drive=_drive_facts(drive) if drive else None,
        check=_check_facts(school) if school.office_id in user.office_ids([Role.PLANNER]) else None,
    )
    return Progress(facts, upload.pk if upload else None, drive.pk if drive else None)


def _newest_upload(school: School, user: User) -> RosterUpload | None:
    uploads = RosterUpload.objects.visible_to(user).filter(school=school).exclude(status__in=FORGOTTEN)
    return uploads.only("status", "counts").order_by("-created_at", "-pk").first()


def _current_drive(school: School, user: User, today: date) -> Drive | None:
    """The next one, today's included; else the last one that was published."""
    days = DriveDay.objects.filter(drive__in=Drive.objects.visible_to(user).filter(school=school)).select_related("drive")
    coming = days.filter(drive__status__in=OPEN, day__gte=today).order_by("day", "pk").first()
    over = days.filter(drive__status__in=[Drive.Status.PUBLISHED, Drive.Status.CLOSED]).order_by("-day", "pk")
    found = coming or over.first()
    return found.drive if found else None


def _check_facts(school: School) -> CheckFacts:
    zone = school.office.zone
    taken = CheckList.objects.filter(school=school).aggregate(last=Max("taken_at"))["last"]
    answered = DukcapilStatus.objects.filter(person__school=school).aggregate(last=Max("created_at"))["last"]
    return CheckFacts(
        taken_on=taken.astimezone(zone).date() if taken else None,
        answered_on=answered.astimezone(zone).date() if answered else None,
    )


def _drive_facts(drive: Drive) -> DriveFacts:
    days = sorted(drive.days.values_list("day", flat=True))
    return DriveFacts(
        is_published=drive.status != Drive.Status.DRAFT,
        first_day=days[0],
        last_day=days[-1],
        scheduled=Appointment.objects.standing().filter(drive=drive).count(),
        places=Timeslot.objects.filter(drive=drive).aggregate(all=Sum("places"))["all"] or 0,
    )


def classes_of(school: School, *, user: User) -> QuerySet[ClassGroup]:
    """Of the newest school year, with `student_count` and `needing_count`."""
    newest = ClassGroup.objects.filter(school=OuterRef("school")).order_by("-school_year").values("school_year")[:1]
    live = Q(enrolments__ends_on=None, enrolments__person__anonymised_at=None)
    return (
        ClassGroup.objects.visible_to(user)
        .filter(school=school, school_year=Subquery(newest))
        .annotate(
            student_count=Count("enrolments", filter=live),
            needing_count=Count("enrolments", filter=live & Q(enrolments__person__recorded_on=None)),
        )
        .order_by("grade", "name", "pk")
    )

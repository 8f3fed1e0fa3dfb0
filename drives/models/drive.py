"""A drive, its days and sessions, and who and what is on duty there."""

from datetime import date
from typing import TYPE_CHECKING, Self, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import PERSON_ROLES, Role

if TYPE_CHECKING:
    from schools.models import User


class TsTzRange(models.Func):
    """`[starts_at, ends_at)` as PostgreSQL understands ranges."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


M = TypeVar("M", bound=models.Model)
HALF_OPEN = RangeBoundary(inclusive_lower=True, inclusive_upper=False)


class DriveQuerySet(models.QuerySet["Drive"]):
    def visible_to(self, user: "User") -> Self:
        """Planners and leads their office's; a school its own once published; operators those they are assigned to."""
        published = models.Q(status__in=[Drive.Status.PUBLISHED, Drive.Status.CLOSED, Drive.Status.CANCELLED])
        return self.filter(
            models.Q(office__in=user.office_ids(PERSON_ROLES))
            | (published & models.Q(school__in=user.school_ids()))
            | models.Q(pk__in=OperatorDuty.objects.filter(user=user).values("drive_day__drive"))
        )

    def plannable_by(self, user: "User") -> Self:
        return self.filter(office__in=user.office_ids([Role.PLANNER]))

    def published(self) -> Self:
        return self.filter(status=Drive.Status.PUBLISHED)

    def not_over(self, day: date) -> Self:
        """Drives with a day on or after this one."""
        return self.filter(models.Exists(DriveDay.objects.filter(drive=models.OuterRef("pk"), day__gte=day)))

    def with_days(self) -> Self:
        """Annotates `first_day`, `last_day`, `day_count`."""
        return self.annotate(
            first_day=models.Min("days__day"), last_day=models.Max("days__day"), day_count=models.Count("days", distinct=True)
        )


@tracked()
class Drive(models.Model):
    """Settings stand on the drive itself from the draft on, so that a published drive never changes with its office."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        CLOSED = "closed", _("closed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="drives")
    school = models.ForeignKey(
        "schools.School", models.PROTECT, null=True, blank=True, related_name="drives", verbose_name=_("school")
    )
    venue = models.CharField(_("place"), max_length=120, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    grades = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("grades"))
    # From this age on IKD is offered as a second outcome; empty where it is not offered at all.
    ikd_minimum_age = models.PositiveSmallIntegerField(_("minimum age for IKD"), null=True, blank=True)
    # Else who was recorded at this very drive may activate at once.
    ikd_needs_printable = models.BooleanField(default=True)
    minimum_age_months = models.PositiveSmallIntegerField(
        _("minimum age in months"), validators=[MinValueValidator(180), MaxValueValidator(240)]
    )
    leap_rule = models.CharField(max_length=5, default="03-01")
    print_offset_days = models.PositiveSmallIntegerField(default=0)
    # With tenths, as what a team really took is no whole number.
    minutes_per_person = models.DecimalField(
        _("minutes per person"), max_digits=4, decimal_places=1, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    slack_percent = models.PositiveSmallIntegerField(_("slack in percent"), validators=[MaxValueValidator(90)])
    slot_minutes = models.PositiveSmallIntegerField(
        _("minutes per timeslot"), validators=[MinValueValidator(10), MaxValueValidator(60)]
    )
    # What the planner asked for; each day has of it what its lesson hours allow. Empty for drives made before it was kept.
    wished_sessions = ArrayField(ArrayField(models.TimeField(), size=2), default=list, blank=True)
    # Taken off the first and the last session of each day.
    setup_minutes = models.PositiveSmallIntegerField(_("minutes to set up"), default=0, validators=[MaxValueValidator(180)])
    packup_minutes = models.PositiveSmallIntegerField(_("minutes to pack up"), default=0, validators=[MaxValueValidator(180)])
    documents_to_bring = models.CharField(_("what to bring"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    # Counts up with every publication of a changed schedule; part of a notice's key.
    revision = models.PositiveIntegerField(default=0)

    objects = DriveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cancelled_at=None, cancelled_by=None) | models.Q(cancelled_at__isnull=False),
                name="drive_cancelled_at_with_cancelled_by",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", published_at=None) | ~models.Q(status="draft"),
                name="drive_is_a_draft_until_it_is_published",
            ),
            models.CheckConstraint(
                condition=models.Q(school__isnull=False) | ~models.Q(venue=""), name="drive_takes_place_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return self.school.name if self.school else self.venue

    @property
    def is_open_to_change(self) -> bool:
        return self.status in (self.Status.DRAFT, self.Status.PUBLISHED)


class DriveDayQuerySet(models.QuerySet["DriveDay"]):
    def visible_to(self, user: "User") -> Self:
        """On-site access: leads and planners of the office, operators on their own days only."""
        return self.filter(
            models.Q(office__in=user.office_ids(PERSON_ROLES))
            | models.Q(pk__in=OperatorDuty.objects.filter(user=user).values("drive_day"))
        )

    def under_way(self, day: date) -> Self:
        return self.filter(day=day, drive__status=Drive.Status.PUBLISHED)


@tracked()
class DriveDay(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive = models.ForeignKey(Drive, models.CASCADE, related_name="days")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    # A day of the office's own zone.
    day = models.DateField()

    objects = DriveDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["drive", "day"], name="drive_has_a_day_once")]

    def __str__(self) -> str:
        return f"{self.drive_id} {self.day}"


class Standing(models.Manager[M]):
    """Without what a change of a published schedule has taken away; that is only kept for whoever had a place there."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(withdrawn_at=None)


@tracked()
class DriveSession(models.Model):
    """Uninterrupted work; what lies between two sessions of a day is a break."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive_day = models.ForeignKey(DriveDay, models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = Standing()
    everything = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="session_ends_after_it_begins"),
            ExclusionConstraint(
                name="sessions_of_a_day_do_not_overlap",
                expressions=[
                    ("drive_day", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", HALF_OPEN), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(withdrawn_at=None),
            ),
            # The target of the timeslots' composite foreign key (see the migration `timeslots_stay_in_their_session`).
            models.UniqueConstraint(fields=["id", "starts_at", "ends_at"], name="session_with_its_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at}–{self.ends_at}"


@tracked()
class KitDuty(models.Model):
    """A kit at a drive for a stretch of time; released when the drive is cancelled."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kit = models.ForeignKey("drives.Kit", models.PROTECT, related_name="duties")
    drive_day = models.ForeignKey(DriveDay, models.CASCADE, related_name="kit_duties")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="kit_duty_ends_after_it_begins"),
            ExclusionConstraint(
                name="kit_is_in_one_place_at_a_time",
                expressions=[
                    ("kit", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", HALF_OPEN), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(released_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kit_id} {self.starts_at}"


@tracked()
class OperatorDuty(models.Model):
    """An operator assigned to a drive day; what lets the drive's list be seen at all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("schools.User", models.CASCADE, related_name="duties")
    drive_day = models.ForeignKey(DriveDay, models.CASCADE, related_name="operator_duties")
    is_lead = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "drive_day"], name="operator_is_assigned_to_a_day_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.drive_day_id}"

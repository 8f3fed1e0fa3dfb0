"""The outbox: what is to be told to whom, when. Written in the business transaction; sent at most once per key."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.models import Role

if TYPE_CHECKING:
    from schools.models import User


class NoticeQuerySet(models.QuerySet["Notice"]):
    def due(self, *, now: datetime) -> Self:
        """Notices whose moment has come and that nobody has claimed or withdrawn."""
        return self.filter(due_at__lte=now, claimed_at=None, withdrawn_at=None)

    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(office__in=user.office_ids([Role.PLANNER])) | models.Q(school__in=user.school_ids()))


class Notice(models.Model):
    class Kind(models.TextChoices):
        PUBLISHED = "published", _("schedule published")
        REMINDER_3 = "reminder_3", _("reminder, three days before")
        REMINDER_1 = "reminder_1", _("reminder, one day before")
        MOVED = "moved", _("timeslot changed")
        CANCELLED = "cancelled", _("drive cancelled")
        DEPARTED = "departed", _("students enrolled elsewhere")
        REQUEST = "request", _("request for a drive")
        CHANCE = "chance", _("another chance to be recorded")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        COPY = "copy", _("text to copy")

    class Subject(models.TextChoices):
        APPOINTMENT = "appointment", _("appointment")
        CLASS = "class", _("class")
        SCHOOL = "school", _("school")
        DRIVE_DAY = "drive_day", _("drive day")
        REQUEST = "request", _("request for a drive")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        UNCERTAIN = "uncertain", _("to be decided")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    channel = models.CharField(max_length=8, choices=Channel)
    subject_kind = models.CharField(max_length=12, choices=Subject)
    subject_id = models.UUIDField()
    recipient = models.CharField(max_length=254)
    revision = models.PositiveIntegerField(default=0)
    # None for what is about no drive: students whom another school has enrolled, a school's request.
    drive = models.ForeignKey("drives.Drive", models.CASCADE, null=True, related_name="notices")
    drive_day = models.ForeignKey("drives.DriveDay", models.CASCADE, null=True, related_name="notices")
    class_group = models.ForeignKey("students.ClassGroup", models.SET_NULL, null=True, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(claimed_at=None, withdrawn_at=None),
                name="notice_due",
            ),
            models.Index(fields=["drive", "kind"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id", "channel", "recipient", "revision"],
                name="notice_is_sent_once_per_key",
            ),
            models.CheckConstraint(
                condition=models.Q(drive__isnull=False) | models.Q(kind__in=["departed", "request"]),
                name="notice_is_about_a_drive_a_departure_or_a_request",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(claimed_at__isnull=False), name="notice_is_claimed_before_it_is_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}"

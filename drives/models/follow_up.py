"""Who was absent or failed is offered another chance ("susulan"): the next day, a make-up drive, or the office."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import PERSON_ROLES

if TYPE_CHECKING:
    from schools.models import User


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(office__in=user.office_ids(PERSON_ROLES)) | models.Q(school__in=user.school_ids()))

    def waiting(self) -> Self:
        """Offered, and not yet ended by a recording or by another way."""
        return self.filter(ended_at=None)


@tracked()
class FollowUp(models.Model):
    """One offer at a time for a visit; a later one ends it."""

    class Way(models.TextChoices):
        NEXT_DAY = "next_day", _("the next day of this drive")
        MAKE_UP = "make_up", _("a make-up drive")
        OFFICE = "office", _("the office")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey("drives.Visit", models.CASCADE, related_name="follow_ups")
    drive_day = models.ForeignKey("drives.DriveDay", models.CASCADE, related_name="follow_ups")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    way = models.CharField(max_length=8, choices=Way)
    # The make-up drive, once there is one.
    drive = models.ForeignKey("drives.Drive", models.SET_NULL, null=True, blank=True, related_name="follow_ups")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("schools.User", models.PROTECT, related_name="+")
    # Since when the notices about it wait to leave; None as long as nobody has been told.
    told_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["office", "ended_at"]), models.Index(fields=["school", "ended_at"])]
        constraints = [
            models.UniqueConstraint(fields=["visit"], condition=models.Q(ended_at=None), name="visit_is_followed_up_in_one_way"),
            models.CheckConstraint(
                condition=models.Q(drive=None) | models.Q(way="make_up"), name="only_a_make_up_has_a_drive_of_its_own"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.way}"

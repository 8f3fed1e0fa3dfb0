"""A school asks for a drive; its office accepts, proposes other days or declines, and the school agrees."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import Role

if TYPE_CHECKING:
    from schools.models import User


class DriveRequestQuerySet(models.QuerySet["DriveRequest"]):
    def visible_to(self, user: "User") -> Self:
        """The school that asks, and its office's planners."""
        return self.filter(models.Q(office__in=user.office_ids([Role.PLANNER])) | models.Q(school__in=user.school_ids()))

    def under_discussion(self) -> Self:
        return self.filter(state__in=[DriveRequest.State.ASKED, DriveRequest.State.PROPOSED])


@tracked()
class DriveRequest(models.Model):
    """Where the talk stands; what was said, by whom and when, are its `DriveRequestStep`s."""

    class State(models.TextChoices):
        ASKED = "asked", _("waits for the office")
        PROPOSED = "proposed", _("waits for the school")
        ACCEPTED = "accepted", _("agreed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="drive_requests")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    # The days on the table: the school's wishes, or what the office proposes, or what both agreed on.
    days = ArrayField(models.DateField())
    # Days on which the school says it cannot; its closures come on top.
    impossible_days = ArrayField(models.DateField(), default=list, blank=True)
    asked_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = DriveRequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["office", "state", "changed_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["school"],
                condition=models.Q(state__in=["asked", "proposed"]),
                name="school_has_one_request_under_discussion",
            ),
            models.CheckConstraint(condition=~models.Q(days=[]), name="drive_request_names_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.state}"


class DriveRequestStep(models.Model):
    """One thing that was said; never changed."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("asked for a drive")
        ASKED_AGAIN = "asked_again", _("asked for other days")
        PROPOSED = "proposed", _("proposed other days")
        ACCEPTED = "accepted", _("accepted")
        AGREED = "agreed", _("agreed to the proposal")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrew the request")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(DriveRequest, models.CASCADE, related_name="steps")
    # 1, 2, 3 …: who answers says which step was the last one on the screen, so that nobody answers what has changed.
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=11, choices=Kind)
    days = ArrayField(models.DateField(), default=list, blank=True)
    text = models.CharField(_("message"), max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("schools.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="drive_request_step_has_its_number")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.number} {self.kind}"

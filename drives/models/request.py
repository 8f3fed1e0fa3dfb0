"""A student asks, from the own page, for another time; the school or the planner answers."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import Role

if TYPE_CHECKING:
    from schools.models import User


class SlotRequestQuerySet(models.QuerySet["SlotRequest"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(office__in=user.office_ids([Role.PLANNER])) | models.Q(school__in=user.school_ids()))

    def unanswered(self) -> Self:
        return self.filter(answered_at=None)


@tracked()
class SlotRequest(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey("drives.Visit", models.CASCADE, related_name="slot_requests")
    drive = models.ForeignKey("drives.Drive", models.CASCADE, related_name="slot_requests")
    school = models.ForeignKey("schools.School", models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    note = models.CharField(_("reason"), max_length=200)
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = SlotRequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["drive", "requested_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["visit"], condition=models.Q(answered_at=None), name="visit_has_one_unanswered_request"
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answered_by=None) | models.Q(answered_at__isnull=False),
                name="request_answered_at_with_answered_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.requested_at}"

"""What a planner did last on a slot board, so that it can be undone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7


class PlanningStep(models.Model):
    """One press of a button: the appointments it made and those it ended. Undoing turns both around."""

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", _("people were given places")
        MOVED = "moved", _("people were moved")
        SWAPPED = "swapped", _("places were swapped")
        FREED = "freed", _("places were freed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    drive = models.ForeignKey("drives.Drive", models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    made_ids = ArrayField(models.UUIDField(), default=list)
    ended_ids = ArrayField(models.UUIDField(), default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["drive", "by", "-at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"

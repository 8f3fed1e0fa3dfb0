"""What went wrong in the hall: opened in two taps, seen on the board, closed with what was done."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.history import tracked
from schools.models import PERSON_ROLES

if TYPE_CHECKING:
    from schools.models import User


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(office__in=user.office_ids(PERSON_ROLES))

    def still_open(self) -> Self:
        return self.filter(closed_at=None)


@tracked()
class Incident(models.Model):
    """The id is made by who reports it, so that a tablet offline can report it once."""

    class Kind(models.TextChoices):
        KIT_BROKEN = "kit_broken", _("kit broken")
        NETWORK_DOWN = "network_down", _("network down")
        SERVER_DOWN = "server_down", _("server down")
        CROWD = "crowd", _("crowd")
        OTHER = "other", _("something else")

    id = models.UUIDField(primary_key=True)
    drive_day = models.ForeignKey("drives.DriveDay", models.CASCADE, related_name="incidents")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    kind = models.CharField(_("what happened"), max_length=12, choices=Kind)
    kit = models.ForeignKey("drives.Kit", models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)
    device = models.ForeignKey("drives.Device", models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("schools.User", models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    resolution = models.CharField(_("what was done"), max_length=200, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["drive_day", "closed_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by=None, resolution="")
                | (models.Q(closed_at__isnull=False, closed_by__isnull=False) & ~models.Q(resolution="")),
                name="incident_is_closed_by_somebody_with_what_was_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.opened_at}"

"""A pupil whom another school has enrolled: the school that lost the pupil is told so, and nothing of the other school."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import Role
from students.models import Enrolment

if TYPE_CHECKING:
    from schools.models import User


class DepartureQuerySet(models.QuerySet["Departure"]):
    def visible_to(self, user: "User") -> Self:
        """The former school, and its own office's planners; nobody else."""
        return self.filter(models.Q(office__in=user.office_ids([Role.PLANNER])) | models.Q(school__in=user.school_ids()))

    def standing(self) -> Self:
        """The move was not undone since, and the pupil's data is still kept."""
        moved = Enrolment.EndReason.MOVED
        return self.filter(enrolment__ends_on__isnull=False, enrolment__end_reason=moved, enrolment__person__anonymised_at=None)

    def unseen(self) -> Self:
        return self.filter(seen_at=None)

    def objected(self) -> Self:
        """The former school says that this was a mistake, and the office has not settled it."""
        return self.filter(objected_at__isnull=False, settled_at=None)


@tracked()
class Departure(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # One telling for one enrolment, whoever sweeps and however often. An undone import takes its enrolments away by itself,
    # and the sweep what was told of them: hence no foreign key in the database.
    enrolment = models.OneToOneField("students.Enrolment", models.CASCADE, related_name="departure", db_constraint=False)
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    # The e-mail that tells of it, where the school has an address.
    notice = models.ForeignKey("drives.Notice", models.SET_NULL, null=True, blank=True, related_name="departures")
    told_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    objection = models.CharField(_("why this is a mistake"), max_length=300, blank=True)
    objected_at = models.DateTimeField(null=True, blank=True)
    objected_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = DepartureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["school", "seen_at"]),
            models.Index(
                fields=["office"],
                condition=models.Q(objected_at__isnull=False, settled_at=None),
                name="departure_objected_unsettled",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seen_at=None, seen_by=None) | models.Q(seen_at__isnull=False, seen_by__isnull=False),
                name="departure_seen_at_with_seen_by",
            ),
            models.CheckConstraint(
                condition=models.Q(objected_at=None, objected_by=None)
                | models.Q(objected_at__isnull=False, objected_by__isnull=False),
                name="departure_objected_at_with_objected_by",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at=None, settled_by=None)
                | models.Q(settled_at__isnull=False, settled_by__isnull=False, objected_at__isnull=False),
                name="departure_settled_after_an_objection",
            ),
        ]

    def __str__(self) -> str:
        return str(self.enrolment_id)

"""Addresses under which a calendar programme fetches drives, without signing in."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.models import Role

if TYPE_CHECKING:
    from schools.models import User


class FeedQuerySet(models.QuerySet["Feed"]):
    def visible_to(self, user: "User") -> Self:
        """Planners the feeds of their offices, schools and kits; a school its own."""
        return self.filter(
            models.Q(office__in=user.office_ids([Role.PLANNER])) | models.Q(school__in=user.school_ids(), kit=None)
        )

    def in_force(self) -> Self:
        return self.filter(revoked_at=None)


class Feed(models.Model):
    """One calendar with its secret address. Renewing revokes one and makes another, so that a leaked address ends.

    The token is kept readable: whoever may renew it may also read it again to subscribe with another device. Nothing
    personal stands in a feed.
    """

    class Kind(models.TextChoices):
        OFFICE = "office", _("office")
        SCHOOL = "school", _("school")
        KIT = "kit", _("kit")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=6, choices=Kind)
    # Of all kinds: who keeps it.
    office = models.ForeignKey("schools.Office", models.CASCADE, related_name="feeds")
    school = models.ForeignKey("schools.School", models.CASCADE, null=True, blank=True, related_name="feeds")
    kit = models.ForeignKey("drives.Kit", models.CASCADE, null=True, blank=True, related_name="feeds")
    token = models.CharField(max_length=43, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = FeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="office", school=None, kit=None)
                | models.Q(kind="school", school__isnull=False, kit=None)
                | models.Q(kind="kit", school=None, kit__isnull=False),
                name="feed_is_of_what_its_kind_says",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by=None) | models.Q(revoked_at__isnull=False),
                name="feed_revoked_at_with_revoked_by",
            ),
            models.UniqueConstraint(
                fields=["office", "kind", "school", "kit"],
                condition=models.Q(revoked_at=None),
                nulls_distinct=False,
                name="feed_has_one_address_in_force",
            ),
        ]

    def __str__(self) -> str:
        return str(self.kit or self.school or self.office)

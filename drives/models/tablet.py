"""A tablet in the hall: a credential of its own, what it was prepared for, and what it last said of its outbox."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import PERSON_ROLES

if TYPE_CHECKING:
    from uuid import UUID

    from schools.models import User


class DeviceQuerySet(models.QuerySet["Device"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(office__in=user.office_ids(PERSON_ROLES))

    def trusted(self) -> Self:
        """Those that may still read what they are prepared for."""
        return self.filter(revoked_at=None)


class Device(models.Model):
    """A tablet. Its credential outlives sessions, so that an expired one never strands an outbox; revoked, it may still send
    what it holds and reads nothing more."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="devices")
    name = models.CharField(_("name"), max_length=60)
    secret_digest = models.BinaryField(max_length=32, null=True)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")
    # As the tablet said last: how much waits on it, how far it has counted, and with which version of the console.
    seen_at = models.DateTimeField(null=True, blank=True)
    unsent_count = models.PositiveIntegerField(default=0)
    # Kept on the tablet for somebody to look at: the server refused them.
    held_count = models.PositiveIntegerField(default=0)
    # The same by drive day, where the tablet says it: `{day: [unsent, held]}`.
    waiting_by_day = models.JSONField(null=True, default=None)
    last_sequence = models.PositiveBigIntegerField(default=0)
    app_version = models.CharField(max_length=40, blank=True)
    # The numbers of its events that have come, in stretches: first, last, first, last … A gap is what may be lost.
    received_numbers = ArrayField(models.BigIntegerField(), default=list, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by=None) | models.Q(revoked_at__isnull=False),
                name="device_is_revoked_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def waiting_for(self, drive_day_id: "UUID") -> tuple[int, int]:
        """How many of its events are unsent, and how many are held, of one day that it is prepared for."""
        if self.waiting_by_day is None:
            return self.unsent_count, self.held_count
        unsent, held = self.waiting_by_day.get(str(drive_day_id), (0, 0))
        return unsent, held


@tracked()
class Preparation(models.Model):
    """A tablet made ready for a drive day by the operator who works with it. Its letter begins the queue numbers that the
    tablet gives out, so that two tablets offline never give the same."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    device = models.ForeignKey(Device, models.CASCADE, related_name="preparations")
    drive_day = models.ForeignKey("drives.DriveDay", models.CASCADE, related_name="preparations")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    user = models.ForeignKey("schools.User", models.PROTECT, related_name="+")
    kit = models.ForeignKey("drives.Kit", models.PROTECT, null=True, blank=True, related_name="+")
    letter = models.CharField(max_length=2)
    prepared_at = models.DateTimeField()
    # The list was wiped from the tablet.
    wiped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "drive_day"], name="tablet_is_prepared_once_for_a_day"),
            models.UniqueConstraint(fields=["drive_day", "letter"], name="tablets_of_a_day_have_different_letters"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.letter}"

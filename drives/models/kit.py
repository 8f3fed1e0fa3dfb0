"""Recording kits (alat rekam). One kit is one station."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models import PERSON_ROLES, Role

if TYPE_CHECKING:
    from schools.models import User


class KitQuerySet(models.QuerySet["Kit"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(office__in=user.office_ids([*PERSON_ROLES, Role.OPERATOR, Role.SYSTEM_ADMIN]))

    def in_service(self) -> Self:
        return self.filter(is_in_service=True)


@tracked()
class Kit(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="kits", verbose_name=_("office"))
    name = models.CharField(_("name"), max_length=40)
    serial = models.CharField(_("serial number"), max_length=40, blank=True)
    is_in_service = models.BooleanField(_("in service"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = KitQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="kit_name_is_unique_in_its_office")]

    def __str__(self) -> str:
        return self.name


class KitOutageQuerySet(models.QuerySet["KitOutage"]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)

    def on(self, first: date, last: date) -> Self:
        """Those that touch a day from `first` to `last`."""
        until = models.Q(ends_on=None) | models.Q(ends_on__gte=first)
        return self.in_force().filter(until, starts_on__lte=last)


@tracked()
class KitOutage(models.Model):
    """Days on which a kit is out of service, and why; without a last day until somebody says that it works again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kit = models.ForeignKey(Kit, models.CASCADE, related_name="outages", verbose_name=_("kit"))
    starts_on = models.DateField(_("out of service from"))
    ends_on = models.DateField(_("until (with that day)"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=120)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    # Said to work again before its time.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = KitOutageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="kit_outage_ends_after_it_begins",
                violation_error_message=_("The last day must not lie before the first."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None) | models.Q(ended_at__isnull=False),
                name="kit_outage_ended_at_with_ended_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kit_id} {self.starts_on}"

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

"""Recording kits (alat rekam). One kit is one station."""

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

"""Regions of Indonesia, by Kemendagri code; never BPS (3171) or Dapodik (016300) codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Region(models.Model):
    """A province, city, district or village. The code says where it lies: 31.74.03 is in 31.74."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("province")
        CITY = "city", _("city")
        DISTRICT = "district", _("district")
        VILLAGE = "village", _("village")

    code = models.CharField(max_length=13, primary_key=True)
    name = models.CharField(max_length=80)
    search_name = models.CharField(max_length=80, db_index=True)
    level = models.CharField(max_length=8, choices=Level)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    population_count = models.PositiveIntegerField(null=True, blank=True)
    # Codes change and old NIKs stay: a code that is gone today was still right when the NIK was given.
    is_historic = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

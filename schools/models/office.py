"""Offices of Dukcapil: Dinas → Sudin → Satpel, and the rules that each of them sets."""

from datetime import time, tzinfo
from typing import Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked


def monday_to_friday() -> list[int]:
    return [0, 1, 2, 3, 4]


def usual_sessions() -> list[list[time]]:
    return [[time(8), time(11)], [time(12, 30), time(15, 30)]]


class OfficeQuerySet(models.QuerySet["Office"]):
    def within(self, office_ids: set[object]) -> Self:
        """These offices and all below them; the tree is three levels deep."""
        return self.filter(
            models.Q(pk__in=office_ids) | models.Q(parent__in=office_ids) | models.Q(parent__parent__in=office_ids)
        )


@tracked()
class Office(models.Model):
    """A Dinas, Sudin or Satpel. Settings used by a published drive are frozen with the drive."""

    class Level(models.TextChoices):
        DINAS = "dinas", _("Dinas (province)")
        SUDIN = "sudin", _("Sudin (city)")
        SATPEL = "satpel", _("Satpel (district)")

    class LeapRule(models.TextChoices):
        MARCH_FIRST = "03-01", _("1 March")
        FEBRUARY_LAST = "02-28", _("28 February")

    class IkdOfferedTo(models.TextChoices):
        NOBODY = "nobody", _("no one")
        PRINTABLE = "printable", _("who has a card that can be printed (PRR)")
        RECORDED = "recorded", _("everybody who is recorded, on the same day already")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=8, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent office")
    )
    region = models.ForeignKey("schools.Region", models.PROTECT, related_name="offices", verbose_name=_("region"))
    time_zone = models.CharField(
        _("time zone"),
        max_length=40,
        default="Asia/Jakarta",
        choices=[("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")],
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    head_name = models.CharField(_("head of the office"), max_length=120, blank=True)

    minimum_age_months = models.PositiveSmallIntegerField(
        _("minimum age in months"), default=192, validators=[MinValueValidator(180), MaxValueValidator(240)]
    )
    print_offset_days = models.PositiveSmallIntegerField(
        _("days from the 17th birthday to printing"), default=0, validators=[MaxValueValidator(1)]
    )
    leap_rule = models.CharField(
        _("born on 29 February, turns 17 on"), max_length=5, choices=LeapRule, default=LeapRule.MARCH_FIRST
    )
    minutes_per_person = models.PositiveSmallIntegerField(
        _("minutes per person"), default=10, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    slack_percent = models.PositiveSmallIntegerField(_("slack in percent"), default=15, validators=[MaxValueValidator(90)])
    slot_minutes = models.PositiveSmallIntegerField(
        _("minutes per timeslot"), default=30, validators=[MinValueValidator(10), MaxValueValidator(60)]
    )
    setup_minutes = models.PositiveSmallIntegerField(
        _("minutes to set up within the first session"), default=0, validators=[MaxValueValidator(180)]
    )
    packup_minutes = models.PositiveSmallIntegerField(
        _("minutes to pack up within the last session"), default=0, validators=[MaxValueValidator(180)]
    )
    documents_to_bring = models.CharField(_("what to bring"), max_length=200, default="fotokopi kartu keluarga (KK)")
    consent_required = models.BooleanField(_("parental consent required"), default=False)
    ikd_offered_to = models.CharField(
        _("IKD is offered at drives to"), max_length=9, choices=IkdOfferedTo, default=IkdOfferedTo.PRINTABLE
    )
    ikd_minimum_age = models.PositiveSmallIntegerField(_("minimum age for IKD"), default=17)
    outsider_cards_per_day = models.PositiveSmallIntegerField(_("cards for outsiders a day"), default=5)
    roster_retention_days = models.PositiveSmallIntegerField(_("days to keep a roster file"), default=30)
    notices_from_hour = models.PositiveSmallIntegerField(_("notices from (hour)"), default=8)
    notices_until_hour = models.PositiveSmallIntegerField(_("notices until (hour)"), default=20)
    target_percent = models.DecimalField(_("target in percent"), max_digits=4, decimal_places=1, null=True, blank=True)
    target_on = models.DateField(_("target date"), null=True, blank=True)

    # 0 is Monday.
    working_days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("working days"), default=monday_to_friday)
    default_sessions = ArrayField(
        ArrayField(models.TimeField(), size=2), verbose_name=_("sessions of a new drive"), default=usual_sessions
    )
    friday_last_slot = models.TimeField(_("last timeslot on Friday"), null=True, blank=True, default=time(11))
    prayer_starts_at = models.TimeField(_("Friday prayer from"), null=True, blank=True, default=time(11, 30))
    prayer_ends_at = models.TimeField(_("Friday prayer until"), null=True, blank=True, default=time(13))
    ramadan_ends_at = models.TimeField(_("lessons in Ramadan end"), null=True, blank=True, default=time(14))

    objects = OfficeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(slack_percent__lte=90), name="office_slack_leaves_time_to_work"),
            models.CheckConstraint(condition=models.Q(minutes_per_person__gte=1), name="office_minutes_are_not_zero"),
            models.CheckConstraint(
                condition=models.Q(prayer_starts_at=None, prayer_ends_at=None)
                | models.Q(
                    prayer_starts_at__isnull=False, prayer_ends_at__isnull=False, prayer_ends_at__gt=models.F("prayer_starts_at")
                ),
                name="prayer_has_both_hours_or_none",
            ),
            models.CheckConstraint(condition=models.Q(working_days__len__gte=1), name="office_works_on_some_day"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone)

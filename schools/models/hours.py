"""When lessons are held, and which national holidays an office found different from what was foreseen."""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DecimalRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.models.school import School

WEEKDAYS = range(7)


class Seconds(models.Func):
    """A time of the day as seconds since midnight: PostgreSQL has no range of times."""

    template = "EXTRACT(EPOCH FROM %(expressions)s)"
    output_field = models.DecimalField()


class ClockRange(models.Func):
    """`[starts_at, ends_at)` of times of the day."""

    function = "NUMRANGE"
    output_field = DecimalRangeField()

    def __init__(self) -> None:
        super().__init__(Seconds("starts_at"), Seconds("ends_at"))


class BellTimeQuerySet(models.QuerySet["BellTime"]):
    def by_school(self, schools: object) -> Self:
        return self.filter(school__in=schools).order_by("school", "weekday", "starts_at")


@tracked()
class BellTime(models.Model):
    """Uninterrupted lessons on one weekday of a school (0 is Monday); what lies between two of them is a break.

    So a break is within the school day and overlaps no other, whoever writes. A school without any row has told none:
    then nothing is known against any hour.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="bell_times")
    weekday = models.PositiveSmallIntegerField()
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    objects = BellTimeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="lessons_end_after_they_begin"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="lessons_are_on_a_day_of_the_week"),
            ExclusionConstraint(
                name="lessons_of_a_weekday_do_not_overlap",
                expressions=[
                    ("school", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (ClockRange(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts_at:%H.%M}–{self.ends_at:%H.%M}"


class HolidayChangeQuerySet(models.QuerySet["HolidayChange"]):
    def in_force(self) -> Self:
        return self.filter(withdrawn_at=None)


@tracked()
class HolidayChange(models.Model):
    """An office adds a decreed holiday or strikes one that was only foreseen. Taken back, it stays as what was once said."""

    class Effect(models.TextChoices):
        ADDED = "added", _("added")
        STRUCK = "struck", _("struck")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.CASCADE, related_name="holiday_changes")
    day = models.DateField(_("date"))
    effect = models.CharField(max_length=6, choices=Effect)
    name = models.CharField(_("name"), max_length=120)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = HolidayChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "day", "effect"],
                condition=models.Q(withdrawn_at=None),
                name="holiday_is_added_and_struck_once",
                violation_error_message=_("This date is noted already."),
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None) | models.Q(withdrawn_at__isnull=False),
                name="holiday_withdrawn_at_with_withdrawn_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class DateRange(models.Func):
    """`[starts_on, ends_on]`"""

    function = "DATERANGE"
    output_field = DateRangeField()


@tracked()
class FastingMonth(models.Model):
    """Ramadan as it was decreed, for an office. The estimate holds for every year without one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.CASCADE, related_name="fasting_months")
    starts_on = models.DateField(_("first day of fasting"))
    ends_on = models.DateField(_("last day of fasting"))
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")), name="fasting_month_ends_after_it_begins"
            ),
            ExclusionConstraint(
                name="fasting_months_of_an_office_do_not_overlap",
                expressions=[
                    ("office", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("These dates overlap a fasting month that is noted already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on}"

    @property
    def days(self) -> tuple[date, date]:
        return self.starts_on, self.ends_on

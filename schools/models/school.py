"""Schools, and the dates on which they or an office are closed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from schools.history import tracked
from schools.names import normalise_school

if TYPE_CHECKING:
    from schools.models.user import User


class SchoolQuerySet(models.QuerySet["School"]):
    def visible_to(self, user: "User") -> Self:
        """A school its own; an office all within its tree."""
        return self.filter(models.Q(office__in=user.office_ids()) | models.Q(pk__in=user.school_ids()))

    def matching(self, text: str) -> Self:
        """Forgiving search: "sman 8 jkt", a part of the name, or the NPSN."""
        found = self
        for word in normalise_school(text).split():
            # "8" is SMAN 8, neither 28 nor 86.
            by_name = models.Q(search_name__regex=rf"\m{word}\M") if word.isdigit() else models.Q(search_name__contains=word)
            found = found.filter(by_name | models.Q(npsn__istartswith=word) if len(word) > 3 else by_name)
        return found


@tracked()
class School(models.Model):
    class Kind(models.TextChoices):
        SMA = "SMA", "SMA"
        SMK = "SMK", "SMK"
        MA = "MA", "MA"
        SLB = "SLB", "SLB"
        PKBM = "PKBM", "PKBM"
        OTHER = "other", _("other")

    class Ownership(models.TextChoices):
        STATE = "state", _("state")
        PRIVATE = "private", _("private")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    npsn = models.CharField(
        "NPSN", max_length=8, unique=True, validators=[RegexValidator(r"^[0-9A-Z]{8}$", _("An NPSN has 8 characters."))]
    )
    name = models.CharField(_("name"), max_length=120)
    search_name = models.CharField(max_length=120, editable=False)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    ownership = models.CharField(_("ownership"), max_length=7, choices=Ownership)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="schools", verbose_name=_("office"))
    district = models.ForeignKey("schools.Region", models.PROTECT, related_name="+", verbose_name=_("district"))
    village = models.ForeignKey(
        "schools.Region", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("village")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    principal_name = models.CharField(_("principal"), max_length=120, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["search_name"], opclasses=["gin_trgm_ops"], name="school_search_name_trigram")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.search_name = normalise_school(self.name)


class ClosureQuerySet(models.QuerySet["Closure"]):
    def on_or_after(self, day: object) -> Self:
        return self.filter(ends_on__gte=day)

    def for_school(self, school: School) -> Self:
        """The school's own dates and those of its office."""
        return self.of_schools([school.pk], [school.office_id])

    def of_schools(self, schools: Iterable[object], offices: Iterable[object]) -> Self:
        return self.filter(models.Q(school__in=schools) | models.Q(office__in=offices))


@tracked()
class Closure(models.Model):
    """Days on which nothing can be recorded, or (`open`) a holiday on which staff do work."""

    class Effect(models.TextChoices):
        CLOSED = "closed", _("closed")
        OPEN = "open", _("special working day")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.CASCADE, null=True, blank=True, related_name="closures")
    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="closures")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    effect = models.CharField(max_length=6, choices=Effect, default=Effect.CLOSED)
    # Either way of naming a class suffices; none of them means everybody. Classes by name: they are the students' app's.
    grades = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    class_names = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    # Part of each day, in the office's zone; neither means the whole day.
    starts_at = models.TimeField(_("from (hour)"), null=True, blank=True)
    ends_at = models.TimeField(_("until (hour)"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=120)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="closure_ends_after_it_begins"),
            models.CheckConstraint(
                condition=models.Q(office__isnull=False) ^ models.Q(school__isnull=False),
                name="closure_belongs_to_an_office_or_a_school",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at=None, ends_at=None)
                | models.Q(starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=models.F("starts_at")),
                name="closure_has_both_hours_or_none",
            ),
            models.CheckConstraint(
                condition=models.Q(effect="closed") | models.Q(grades=[], class_names=[], starts_at=None),
                name="special_working_day_is_for_everybody_and_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reason

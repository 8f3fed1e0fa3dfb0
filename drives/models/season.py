"""A season: which school has its turn when, with how many kits, and the steps that can be undone."""

from datetime import date, time
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from drives.models.drive import Drive
from schools.history import tracked
from schools.models import Role

if TYPE_CHECKING:
    from schools.models import User


class Part(models.TextChoices):
    """What of a day a school has the kits for; the values are those of the solver."""

    DAY = "day", _("the whole day")
    MORNING = "morning", _("the morning")
    AFTERNOON = "afternoon", _("the afternoon")


class SeasonQuerySet(models.QuerySet["Season"]):
    def visible_to(self, user: "User") -> Self:
        """Planners of the office, and those of the offices above it."""
        return self.filter(office__in=user.office_ids([Role.PLANNER]))


@tracked()
class Season(models.Model):
    """The period, and what a planner wishes of a plan for all schools of the office."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="seasons")
    name = models.CharField(_("name"), max_length=80)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    # By then every school should have had its turn. A later turn is late and dear, but better than none.
    deadline_on = models.DateField(_("deadline"), null=True, blank=True)
    # Who is 17, or old enough, on this day (an election, the semester's end) is whom the season is for; empty means on the
    # day of the school's own turn. Nobody is recorded before the minimum age, whatever the day.
    reference_on = models.DateField(_("reference date"), null=True, blank=True)
    minutes_per_person = models.PositiveSmallIntegerField(
        _("minutes per person"), default=10, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    slack_percent = models.PositiveSmallIntegerField(_("slack in percent"), default=15, validators=[MaxValueValidator(90)])
    setup_minutes = models.PositiveSmallIntegerField(_("minutes to set up"), default=0, validators=[MaxValueValidator(240)])
    packup_minutes = models.PositiveSmallIntegerField(_("minutes to pack up"), default=0, validators=[MaxValueValidator(240)])
    # The two halves of a day, between which a kit may go on to another school.
    morning_from = models.TimeField(_("morning, from"), default=time(8))
    morning_until = models.TimeField(_("morning, until"), default=time(11))
    afternoon_from = models.TimeField(_("afternoon, from"), default=time(12, 30))
    afternoon_until = models.TimeField(_("afternoon, until"), default=time(15, 30))
    # Empty means all grades.
    grades = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("grades"))
    minimum_age_months = models.PositiveSmallIntegerField(
        _("minimum age in months"), default=192, validators=[MinValueValidator(180), MaxValueValidator(240)]
    )
    # Of the kits in service, at most so many go out for the season at one time; empty means all.
    kit_limit = models.PositiveSmallIntegerField(
        _("recording kits"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    most_kits = models.PositiveSmallIntegerField(
        _("most kits at one school"), default=6, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    longest_days = models.PositiveSmallIntegerField(
        _("most days at one school"), default=8, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    kits_a_van = models.PositiveSmallIntegerField(
        _("kits in a van"), default=2, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    two_schools = models.BooleanField(_("two near schools may share a day"), default=True)
    near_km = models.FloatField(_("near, in kilometres"), default=5.0, validators=[MinValueValidator(0), MaxValueValidator(50)])
    # Where the vans stand at night; unknown, the middle of the schools is taken.
    base_latitude = models.FloatField(_("latitude"), null=True, blank=True)
    base_longitude = models.FloatField(_("longitude"), null=True, blank=True)
    # In waiting days of one person who is 17; see `drives.season.solver.problem.Weights`.
    weight_younger = models.FloatField(
        _("weight of those not yet 17"), default=0.1, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    weight_kilometre = models.FloatField(
        _("weight of a kilometre"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    weight_fairness = models.FloatField(
        _("weight of fairness between districts"), default=0.05, validators=[MinValueValidator(0), MaxValueValidator(10)]
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("schools.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = SeasonQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["office", "-starts_on"])]
        constraints = [
            models.UniqueConstraint(fields=["office", "name"], name="season_name_is_unique_in_its_office"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="season_ends_after_it_begins"),
            models.CheckConstraint(
                condition=models.Q(deadline_on=None)
                | models.Q(deadline_on__gte=models.F("starts_on"), deadline_on__lte=models.F("ends_on")),
                name="season_deadline_lies_in_the_season",
            ),
            models.CheckConstraint(condition=models.Q(slack_percent__lte=90), name="season_slack_leaves_time_to_work"),
            models.CheckConstraint(condition=models.Q(minutes_per_person__gte=1), name="season_minutes_are_not_zero"),
            models.CheckConstraint(
                condition=models.Q(most_kits__gte=1, longest_days__gte=1, kits_a_van__gte=1),
                name="season_gives_a_school_a_kit_and_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(base_latitude=None, base_longitude=None)
                | models.Q(base_latitude__isnull=False, base_longitude__isnull=False),
                name="season_base_has_both_coordinates",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    morning_until__gt=models.F("morning_from"),
                    afternoon_from__gte=models.F("morning_until"),
                    afternoon_until__gt=models.F("afternoon_from"),
                ),
                name="season_afternoon_follows_the_morning",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SchoolOfSeasonQuerySet(models.QuerySet["SeasonCard"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(office__in=user.office_ids([Role.PLANNER]))

    def on(self, day: date) -> Self:
        return self.filter(days__contains=[day])

    def locked(self) -> Self:
        """Those that have become a drive which was not cancelled."""
        return self.filter(drive__isnull=False).exclude(drive__status=Drive.Status.CANCELLED)


@tracked()
class SeasonCard(models.Model):
    """A school's turn in the plan in force. With a drive it is locked: the drive is changed instead."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    season = models.ForeignKey(Season, models.CASCADE, related_name="cards")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    # In order, each once; days of the office's own zone.
    days = ArrayField(models.DateField())
    kits = models.PositiveSmallIntegerField(_("recording kits"), validators=[MinValueValidator(1), MaxValueValidator(50)])
    part = models.CharField(max_length=9, choices=Part, default=Part.DAY)
    # Who waited when the card was laid, how many of them are 17 on its first day, and how many places it offers.
    people = models.PositiveIntegerField(default=0)
    seventeen = models.PositiveIntegerField(default=0)
    places = models.PositiveIntegerField(default=0)
    is_pinned = models.BooleanField(default=False)
    drive = models.OneToOneField("drives.Drive", models.SET_NULL, null=True, blank=True, related_name="season_card")
    # Facts, not sentences: [{"code": …, …}]; `drives.season.reasons` says them.
    why = models.JSONField(default=list, blank=True)

    objects = SchoolOfSeasonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["season", "school"], name="school_has_one_card_in_a_season"),
            models.CheckConstraint(condition=models.Q(days__len__gte=1), name="season_card_has_a_day"),
            models.CheckConstraint(condition=models.Q(kits__gte=1), name="season_card_has_a_kit"),
            models.CheckConstraint(condition=models.Q(part__in=Part.values), name="season_card_has_a_known_part"),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.days[0] if self.days else ''}"

    @property
    def is_locked(self) -> bool:
        """It has become a drive which was not cancelled. Of cards read with their drives."""
        return self.drive is not None and self.drive.status != Drive.Status.CANCELLED


@tracked()
class SeasonAbsence(models.Model):
    """A school that a planner has taken out of the season; it gets no turn until it is put back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    season = models.ForeignKey(Season, models.CASCADE, related_name="absences")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["season", "school"], name="school_is_left_out_of_a_season_once")]

    def __str__(self) -> str:
        return f"{self.school_id}"


@tracked()
class SeasonDeadline(models.Model):
    """The last day that suits one school (its exams begin, its pupils leave). It gets no later turn."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    season = models.ForeignKey(Season, models.CASCADE, related_name="deadlines")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    school = models.ForeignKey("schools.School", models.PROTECT, related_name="+")
    day = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["season", "school"], name="school_has_one_deadline_in_a_season")]

    def __str__(self) -> str:
        return f"{self.school_id} {self.day}"


class SeasonStep(models.Model):
    """One press of a button on the board: the cards that it touched, before and after."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("a proposal was accepted")
        PLACED = "placed", _("a school was placed")
        MOVED = "moved", _("a school was moved")
        PINNED = "pinned", _("a school was pinned")
        UNPINNED = "unpinned", _("a school was unpinned")
        REMOVED = "removed", _("a school was taken out")
        RETURNED = "returned", _("a school was put back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    season = models.ForeignKey(Season, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey("schools.User", models.PROTECT, null=True, related_name="+")
    # {school id: the card as it was, or null}; see `drives.season.actions.undo`.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["season", "by", "-at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"

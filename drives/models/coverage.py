"""Coverage by day. Recomputed and upserted, never incremented; see `docs/adr/0004-coverage-measures.md`."""

from django.db import models


class DailyCoverage(models.Model):
    """One cell: a school, a home city, a grade, a sex, a day. Flows are of the day, stocks at its end.

    Rows of a closed day are final. What changes later is a correction: a row beside them with the day it was noted on and
    signed figures, so that the sum of all rows is what a recount says.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    school = models.ForeignKey("schools.School", models.CASCADE, related_name="+")
    office = models.ForeignKey("schools.Office", models.PROTECT, related_name="+")
    district = models.ForeignKey("schools.Region", models.PROTECT, related_name="+")
    # Where the pupils live; blank where the roster does not say.
    domicile_city = models.CharField(max_length=5, blank=True, default="")
    grade = models.PositiveSmallIntegerField(default=0)
    sex = models.CharField(max_length=1, blank=True, default="")

    # Flows of the day: pupils.
    present_count = models.IntegerField(default=0)
    recorded_count = models.IntegerField(default=0)
    failed_count = models.IntegerField(default=0)
    absent_count = models.IntegerField(default=0)
    declined_count = models.IntegerField(default=0)
    already_recorded_count = models.IntegerField(default=0)
    under_age_count = models.IntegerField(default=0)
    # Flows of the day: teachers, staff, residents; activity, never in the pupils' denominator.
    walk_in_count = models.IntegerField(default=0)
    # Stocks at the end of the day.
    enrolled_stock = models.IntegerField(default=0)
    eligible_stock = models.IntegerField(default=0)
    eligible_recorded_stock = models.IntegerField(default=0)
    recorded_stock = models.IntegerField(default=0)
    scheduled_stock = models.IntegerField(default=0)
    # Finished school here, are enrolled nowhere and were never recorded: in no denominator.
    unrecorded_graduates_stock = models.IntegerField(default=0)
    is_final = models.BooleanField(default=False)
    correction_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["office", "day"]), models.Index(fields=["district", "day"])]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "day", "domicile_city", "grade", "sex", "correction_on"],
                nulls_distinct=False,
                name="coverage_cell_exists_once",
            ),
            models.CheckConstraint(
                condition=models.Q(correction_on__isnull=False)
                | models.Q(
                    recorded_count__gte=0,
                    walk_in_count__gte=0,
                    eligible_recorded_stock__gte=0,
                    eligible_recorded_stock__lte=models.F("eligible_stock"),
                    eligible_stock__lte=models.F("enrolled_stock"),
                ),
                name="coverage_records_no_more_than_are_eligible",
            ),
            models.CheckConstraint(
                condition=models.Q(correction_on=None) | models.Q(correction_on__gte=models.F("day")),
                name="coverage_is_corrected_after_the_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.day}"


class CoverageTouch(models.Model):
    """A school whose figures changed from a day on; triggers write it, the roll-up takes it away."""

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey("schools.School", models.CASCADE, related_name="+")
    since = models.DateField()
    touched_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.school_id} {self.since}"

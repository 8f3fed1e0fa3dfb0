"""A closed day never changes: what comes later stands beside it, with the day it was noted on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("drives", "0004_changes_touch_coverage"),
        ("schools", "0002_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="dailycoverage",
            name="coverage_cell_exists_once",
        ),
        migrations.RemoveConstraint(
            model_name="dailycoverage",
            name="coverage_records_no_more_than_are_eligible",
        ),
        migrations.AddField(
            model_name="dailycoverage",
            name="correction_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="absent_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="already_recorded_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="declined_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="eligible_recorded_stock",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="eligible_stock",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="enrolled_stock",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="failed_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="present_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="recorded_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="recorded_stock",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="scheduled_stock",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="under_age_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dailycoverage",
            name="walk_in_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="dailycoverage",
            constraint=models.UniqueConstraint(
                fields=("school", "day", "domicile_city", "grade", "sex", "correction_on"),
                name="coverage_cell_exists_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="dailycoverage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("correction_on__isnull", False),
                    models.Q(
                        ("eligible_recorded_stock__gte", 0),
                        ("eligible_recorded_stock__lte", models.F("eligible_stock")),
                        ("eligible_stock__lte", models.F("enrolled_stock")),
                        ("recorded_count__gte", 0),
                        ("walk_in_count__gte", 0),
                    ),
                    _connector="OR",
                ),
                name="coverage_records_no_more_than_are_eligible",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailycoverage",
            constraint=models.CheckConstraint(
                condition=models.Q(("correction_on", None), ("correction_on__gte", models.F("day")), _connector="OR"),
                name="coverage_is_corrected_after_the_day",
            ),
        ),
    ]

"""A planner may undo the last step on a slot board: each step remembers what it made and what it ended."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid6
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("drives", "0007_students_ask_for_another_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanningStep",
            fields=[
                ("id", models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("assigned", "people were given places"),
                            ("moved", "people were moved"),
                            ("freed", "places were freed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("made_ids", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ("ended_ids", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "drive",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="drives.drive"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["drive", "by", "-at"], name="drives_plan_drive_i_de404c_idx")],
            },
        ),
    ]

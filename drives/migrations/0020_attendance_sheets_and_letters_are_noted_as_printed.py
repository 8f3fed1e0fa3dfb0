import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drives", "0019_seasons_have_deadlines_and_a_reference_date")]

    operations = [
        migrations.RemoveConstraint(model_name="printout", name="printout_is_a_slip_or_a_class_sheet"),
        migrations.AddField(
            model_name="printout",
            name="drive_day",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="printout", to="drives.driveday"
            ),
        ),
        migrations.AlterField(
            model_name="printout",
            name="kind",
            field=models.CharField(
                choices=[
                    ("slip", "slip"),
                    ("class", "class sheet"),
                    ("attendance", "attendance sheet"),
                    ("letter", "notice letter"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="printout",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "letter")), fields=("drive",), name="letter_is_noted_once_in_a_drive"
            ),
        ),
        migrations.AddConstraint(
            model_name="printout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("class_group", None), ("drive_day", None), ("kind", "slip"), ("visit__isnull", False)),
                    models.Q(("class_group__isnull", False), ("drive_day", None), ("kind", "class"), ("visit", None)),
                    models.Q(("class_group", None), ("drive_day__isnull", False), ("kind", "attendance"), ("visit", None)),
                    models.Q(("class_group", None), ("drive_day", None), ("kind", "letter"), ("visit", None)),
                    _connector="OR",
                ),
                name="printout_is_of_what_its_kind_says",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0005_consents_are_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="rosterrow",
            name="trace",
            field=models.JSONField(null=True),
        ),
    ]

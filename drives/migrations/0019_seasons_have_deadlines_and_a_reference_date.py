import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid6
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("drives", "0018_a_season_is_published"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("schools", "0006_fasting_months_begin_and_end_on_days"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SeasonDeadline",
            fields=[
                ("id", models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="last day")),
                ("reason", models.CharField(blank=True, max_length=120, verbose_name="reason")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SeasonDeadlineEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid6.uuid7, editable=False, serialize=False)),
                ("day", models.DateField(verbose_name="last day")),
                ("reason", models.CharField(blank=True, max_length=120, verbose_name="reason")),
                ("at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="season",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="season",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="season",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="season",
            name="deadline_on",
            field=models.DateField(blank=True, null=True, verbose_name="deadline"),
        ),
        migrations.AddField(
            model_name="season",
            name="reference_on",
            field=models.DateField(blank=True, null=True, verbose_name="reference date"),
        ),
        migrations.AddField(
            model_name="seasonevent",
            name="deadline_on",
            field=models.DateField(blank=True, null=True, verbose_name="deadline"),
        ),
        migrations.AddField(
            model_name="seasonevent",
            name="reference_on",
            field=models.DateField(blank=True, null=True, verbose_name="reference date"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="season",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_seasonevent" ("afternoon_from", "afternoon_until", "base_latitude", "base_longitude", "created_at", "created_by_id", "deadline_on", "ends_on", "grades", "id", "kit_limit", "kits_a_van", "longest_days", "minimum_age_months", "minutes_per_person", "morning_from", "morning_until", "most_kits", "name", "near_km", "office_id", "packup_minutes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference_on", "setup_minutes", "slack_percent", "starts_on", "two_schools", "weight_fairness", "weight_kilometre", "weight_younger") SELECT new_values."afternoon_from", new_values."afternoon_until", new_values."base_latitude", new_values."base_longitude", new_values."created_at", new_values."created_by_id", new_values."deadline_on", new_values."ends_on", new_values."grades", new_values."id", new_values."kit_limit", new_values."kits_a_van", new_values."longest_days", new_values."minimum_age_months", new_values."minutes_per_person", new_values."morning_from", new_values."morning_until", new_values."most_kits", new_values."name", new_values."near_km", new_values."office_id", new_values."packup_minutes", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reference_on", new_values."setup_minutes", new_values."slack_percent", new_values."starts_on", new_values."two_schools", new_values."weight_fairness", new_values."weight_kilometre", new_values."weight_younger" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b1364e4e1d225bb000972e439d1e7a430c4c665d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_70b1d",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="drives_season",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="season",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_seasonevent" ("afternoon_from", "afternoon_until", "base_latitude", "base_longitude", "created_at", "created_by_id", "deadline_on", "ends_on", "grades", "id", "kit_limit", "kits_a_van", "longest_days", "minimum_age_months", "minutes_per_person", "morning_from", "morning_until", "most_kits", "name", "near_km", "office_id", "packup_minutes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference_on", "setup_minutes", "slack_percent", "starts_on", "two_schools", "weight_fairness", "weight_kilometre", "weight_younger") SELECT new_values."afternoon_from", new_values."afternoon_until", new_values."base_latitude", new_values."base_longitude", new_values."created_at", new_values."created_by_id", new_values."deadline_on", new_values."ends_on", new_values."grades", new_values."id", new_values."kit_limit", new_values."kits_a_van", new_values."longest_days", new_values."minimum_age_months", new_values."minutes_per_person", new_values."morning_from", new_values."morning_until", new_values."most_kits", new_values."name", new_values."near_km", new_values."office_id", new_values."packup_minutes", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reference_on", new_values."setup_minutes", new_values."slack_percent", new_values."starts_on", new_values."two_schools", new_values."weight_fairness", new_values."weight_kilometre", new_values."weight_younger" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7435a994a5b3d930a4aaf314cb70a50f985fbf21",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a30b5",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_season",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="season",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_seasonevent" ("afternoon_from", "afternoon_until", "base_latitude", "base_longitude", "created_at", "created_by_id", "deadline_on", "ends_on", "grades", "id", "kit_limit", "kits_a_van", "longest_days", "minimum_age_months", "minutes_per_person", "morning_from", "morning_until", "most_kits", "name", "near_km", "office_id", "packup_minutes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference_on", "setup_minutes", "slack_percent", "starts_on", "two_schools", "weight_fairness", "weight_kilometre", "weight_younger") SELECT old_values."afternoon_from", old_values."afternoon_until", old_values."base_latitude", old_values."base_longitude", old_values."created_at", old_values."created_by_id", old_values."deadline_on", old_values."ends_on", old_values."grades", old_values."id", old_values."kit_limit", old_values."kits_a_van", old_values."longest_days", old_values."minimum_age_months", old_values."minutes_per_person", old_values."morning_from", old_values."morning_until", old_values."most_kits", old_values."name", old_values."near_km", old_values."office_id", old_values."packup_minutes", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reference_on", old_values."setup_minutes", old_values."slack_percent", old_values."starts_on", old_values."two_schools", old_values."weight_fairness", old_values."weight_kilometre", old_values."weight_younger" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ba19bf8df3199bb5c89ae5383f10da46bb40cb1b",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_04cc8",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="drives_season",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="season",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deadline_on", None),
                    models.Q(("deadline_on__gte", models.F("starts_on")), ("deadline_on__lte", models.F("ends_on"))),
                    _connector="OR",
                ),
                name="season_deadline_lies_in_the_season",
            ),
        ),
        migrations.AddField(
            model_name="seasondeadline",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="seasondeadline",
            name="office",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schools.office"),
        ),
        migrations.AddField(
            model_name="seasondeadline",
            name="school",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schools.school"),
        ),
        migrations.AddField(
            model_name="seasondeadline",
            name="season",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="deadlines", to="drives.season"),
        ),
        migrations.AddField(
            model_name="seasondeadlineevent",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="seasondeadlineevent",
            name="office",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="schools.office",
            ),
        ),
        migrations.AddField(
            model_name="seasondeadlineevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="seasondeadlineevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="drives.seasondeadline",
            ),
        ),
        migrations.AddField(
            model_name="seasondeadlineevent",
            name="school",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="schools.school",
            ),
        ),
        migrations.AddField(
            model_name="seasondeadlineevent",
            name="season",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="drives.season",
            ),
        ),
        migrations.AddConstraint(
            model_name="seasondeadline",
            constraint=models.UniqueConstraint(fields=("season", "school"), name="school_has_one_deadline_in_a_season"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seasondeadline",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_seasondeadlineevent" ("at", "by_id", "day", "id", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "school_id", "season_id") SELECT new_values."at", new_values."by_id", new_values."day", new_values."id", new_values."office_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."school_id", new_values."season_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a971d2185e93f670867eeaf399fb0a0e6bac17d6",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_23e72",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="drives_seasondeadline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seasondeadline",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_seasondeadlineevent" ("at", "by_id", "day", "id", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "school_id", "season_id") SELECT new_values."at", new_values."by_id", new_values."day", new_values."id", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."school_id", new_values."season_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ffa61c50c6c5f5815b16208bc306b300b37d6cab",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6dc90",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_seasondeadline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seasondeadline",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_seasondeadlineevent" ("at", "by_id", "day", "id", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "school_id", "season_id") SELECT old_values."at", old_values."by_id", old_values."day", old_values."id", old_values."office_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."school_id", old_values."season_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="540fd970f425ac15d1dce7df3029f4de87b06075",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9504e",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="drives_seasondeadline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seasondeadlineevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c622253b039f55c347d2f563b200e60cbb5b8edb",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2620f",
                    table="drives_seasondeadlineevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]

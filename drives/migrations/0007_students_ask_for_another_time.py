"""A student may ask for another time, from the own page."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid6
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("drives", "0006_whatever_a_recount_reads_touches_coverage"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("schools", "0002_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SlotRequest",
            fields=[
                ("id", models.UUIDField(default=uuid6.uuid7, editable=False, primary_key=True, serialize=False)),
                ("note", models.CharField(max_length=200, verbose_name="reason")),
                ("requested_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "drive",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="slot_requests", to="drives.drive"
                    ),
                ),
                ("office", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schools.office")),
                (
                    "school",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schools.school"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="slot_requests", to="drives.visit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SlotRequestEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid6.uuid7, editable=False, serialize=False)),
                ("note", models.CharField(max_length=200, verbose_name="reason")),
                ("requested_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "drive",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="drives.drive",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="schools.office",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="drives.slotrequest",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="schools.school",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="drives.visit",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="slotrequest",
            index=models.Index(fields=["drive", "requested_at"], name="drives_slot_drive_i_e81a10_idx"),
        ),
        migrations.AddConstraint(
            model_name="slotrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None)), fields=("visit",), name="visit_has_one_unanswered_request"
            ),
        ),
        migrations.AddConstraint(
            model_name="slotrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("answered_by", None)), ("answered_at__isnull", False), _connector="OR"
                ),
                name="request_answered_at_with_answered_by",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slotrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_slotrequestevent" ("answered_at", "answered_by_id", "drive_id", "id", "note", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requested_at", "school_id", "visit_id") SELECT new_values."answered_at", new_values."answered_by_id", new_values."drive_id", new_values."id", new_values."note", new_values."office_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."requested_at", new_values."school_id", new_values."visit_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9901c7272dfe5ae20749d27a5d4cddeda4e38997",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a21a2",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="drives_slotrequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slotrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_slotrequestevent" ("answered_at", "answered_by_id", "drive_id", "id", "note", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requested_at", "school_id", "visit_id") SELECT new_values."answered_at", new_values."answered_by_id", new_values."drive_id", new_values."id", new_values."note", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."requested_at", new_values."school_id", new_values."visit_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5a98d1dbc04477907afee72e5868731eeb99074c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_eb9e5",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_slotrequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slotrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_slotrequestevent" ("answered_at", "answered_by_id", "drive_id", "id", "note", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requested_at", "school_id", "visit_id") SELECT old_values."answered_at", old_values."answered_by_id", old_values."drive_id", old_values."id", old_values."note", old_values."office_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."requested_at", old_values."school_id", old_values."visit_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="68465ec7f1fe75ab47c2236d395d67efcd9aad7e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_8c912",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="drives_slotrequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slotrequestevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7545cb622dfc523fbb1841f2dca5fd2511845e50",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2d746",
                    table="drives_slotrequestevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]

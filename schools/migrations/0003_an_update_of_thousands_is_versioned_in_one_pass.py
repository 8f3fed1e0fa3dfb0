"""Old and new rows of an update are joined in a way that has no nested loop; see `schools.history`."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0002_initial"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="closure",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="grant",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="office",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="school",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="user",
            name="update_update",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="closure",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "schools_closureevent" ("effect", "ends_on", "grades", "id", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "school_id", "starts_on") SELECT new_values."effect", new_values."ends_on", new_values."grades", new_values."id", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."school_id", new_values."starts_on" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="c54efe245c1bd24ad43581e018c9b759eb134f44",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_590cf",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="schools_closure",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grant",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "schools_grantevent" ("ends_on", "id", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "school_id", "starts_on", "user_id") SELECT new_values."ends_on", new_values."id", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."role", new_values."school_id", new_values."starts_on", new_values."user_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="06790687d32d25d943e1c4a25384b9ff1c001081",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e4a7a",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="schools_grant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="office",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "schools_officeevent" ("address", "consent_required", "documents_to_bring", "email", "head_name", "id", "ikd_minimum_age", "leap_rule", "level", "minimum_age_months", "minutes_per_person", "name", "notices_from_hour", "notices_until_hour", "outsider_cards_per_day", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "print_offset_days", "region_id", "roster_retention_days", "slack_percent", "slot_minutes", "target_on", "target_percent", "time_zone") SELECT new_values."address", new_values."consent_required", new_values."documents_to_bring", new_values."email", new_values."head_name", new_values."id", new_values."ikd_minimum_age", new_values."leap_rule", new_values."level", new_values."minimum_age_months", new_values."minutes_per_person", new_values."name", new_values."notices_from_hour", new_values."notices_until_hour", new_values."outsider_cards_per_day", new_values."parent_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."print_offset_days", new_values."region_id", new_values."roster_retention_days", new_values."slack_percent", new_values."slot_minutes", new_values."target_on", new_values."target_percent", new_values."time_zone" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ae3766baa7652fac8889100d9d16d60b9b845580",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e6e86",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="schools_office",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="school",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "schools_schoolevent" ("address", "contact_name", "district_id", "email", "id", "kind", "latitude", "longitude", "name", "npsn", "office_id", "ownership", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "principal_name", "search_name", "village_id") SELECT new_values."address", new_values."contact_name", new_values."district_id", new_values."email", new_values."id", new_values."kind", new_values."latitude", new_values."longitude", new_values."name", new_values."npsn", new_values."office_id", new_values."ownership", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."principal_name", new_values."search_name", new_values."village_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="895aae61e2076e8e3b5654c8695df4e36816dabe",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_792e7",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="schools_school",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "schools_userevent" ("colour_scheme", "date_joined", "email", "id", "is_active", "is_staff", "is_superuser", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "username") SELECT new_values."colour_scheme", new_values."date_joined", new_values."email", new_values."id", new_values."is_active", new_values."is_staff", new_values."is_superuser", new_values."language", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."username" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."colour_scheme" IS DISTINCT FROM (new_values."colour_scheme") OR old_values."date_joined" IS DISTINCT FROM (new_values."date_joined") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."is_staff" IS DISTINCT FROM (new_values."is_staff") OR old_values."is_superuser" IS DISTINCT FROM (new_values."is_superuser") OR old_values."language" IS DISTINCT FROM (new_values."language") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."username" IS DISTINCT FROM (new_values."username")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="135191402a5e5b4e594f2e545e5631e7e0a454b7",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_fea33",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="schools_user",
                    when="AFTER",
                ),
            ),
        ),
    ]

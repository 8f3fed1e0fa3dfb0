"""Old and new rows of an update are joined in a way that has no nested loop; see `schools.history`.

The same for the two triggers of coverage that compare old rows with new ones.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


# Function → what it finds in the transition tables.
COMPARING = {
    "students_person_update_touches_coverage": """
    WITH found AS MATERIALIZED (
        SELECT new_rows.id,
               CASE WHEN (new_rows.birth_date, new_rows.sex, new_rows.city_id)
                         IS NOT DISTINCT FROM (old_rows.birth_date, old_rows.sex, old_rows.city_id)
                    THEN LEAST(new_rows.recorded_on, old_rows.recorded_on)
                    ELSE '-infinity'::date END AS since
          FROM new_rows {join} old_rows ON old_rows.id = new_rows.id
         WHERE (new_rows.recorded_on, new_rows.birth_date, new_rows.sex, new_rows.city_id)
               IS DISTINCT FROM (old_rows.recorded_on, old_rows.birth_date, old_rows.sex, old_rows.city_id)
    ), touched AS (
        SELECT enrolment.school_id, GREATEST(enrolment.starts_on, changed.since) AS since
          FROM found AS changed
          JOIN students_enrolment AS enrolment ON enrolment.person_id = changed.id
         WHERE enrolment.ends_on IS NULL OR enrolment.ends_on > changed.since
    )
    """,
    "drives_visit_update_touches_coverage": """
    WITH found AS MATERIALIZED (
        SELECT LEAST(new_rows.state_on, old_rows.state_on) AS since,
               new_rows.school_id AS new_school, old_rows.school_id AS old_school
          FROM new_rows {join} old_rows ON old_rows.id = new_rows.id
         WHERE (new_rows.state, new_rows.state_on, new_rows.kind, new_rows.school_id)
               IS DISTINCT FROM (old_rows.state, old_rows.state_on, old_rows.kind, old_rows.school_id)
    ), touched AS (
        SELECT new_school AS school_id, since FROM found UNION ALL SELECT old_school, since FROM found
    )
    """,
}
FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO drives_coveragetouch (school_id, since, touched_at)
    {touched}
    SELECT touched.school_id, COALESCE(min(touched.since), CURRENT_DATE), now()
      FROM touched
     WHERE touched.school_id IS NOT NULL
     GROUP BY touched.school_id;
    RETURN NULL;
END $$;
"""


def _functions(join: str) -> str:
    return "".join(FUNCTION.format(name=name, touched=touched.format(join=join)) for name, touched in COMPARING.items())


class Migration(migrations.Migration):
    dependencies = [
        ("drives", "0010_a_school_learns_who_was_enrolled_elsewhere"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="appointment",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="correction",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="departure",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="drive",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="driveday",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="drivesession",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="kit",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="kitduty",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="operatorduty",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="slotrequest",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="timeslot",
            name="update_update",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appointment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_appointmentevent" ("class_group_id", "created_at", "created_by_id", "drive_id", "ended_at", "ending", "id", "is_pinned", "moved_from_id", "office_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "places", "school_id", "timeslot_id") SELECT new_values."class_group_id", new_values."created_at", new_values."created_by_id", new_values."drive_id", new_values."ended_at", new_values."ending", new_values."id", new_values."is_pinned", new_values."moved_from_id", new_values."office_id", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."places", new_values."school_id", new_values."timeslot_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="f6fa7d6c5f17ae984552f55fe6d72bced6559cd0",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_eb174",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_appointment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="correction",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_correctionevent" ("day", "drive_day_id", "event_id", "id", "noted_on", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."day", new_values."drive_day_id", new_values."event_id", new_values."id", new_values."noted_on", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="44b0ef1b49414fae8fefbb3d54cd69e10a5c0a3e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_50bbd",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_correction",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="departure",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_departureevent" ("enrolment_id", "id", "notice_id", "objected_at", "objected_by_id", "objection", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_id", "seen_at", "seen_by_id", "settled_at", "settled_by_id", "told_at") SELECT new_values."enrolment_id", new_values."id", new_values."notice_id", new_values."objected_at", new_values."objected_by_id", new_values."objection", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."school_id", new_values."seen_at", new_values."seen_by_id", new_values."settled_at", new_values."settled_by_id", new_values."told_at" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="aadca85f4764380208fd8c9724c05bea9d8b03be",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7748b",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_departure",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="drive",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_driveevent" ("cancel_reason", "cancelled_at", "cancelled_by_id", "closed_at", "closed_by_id", "created_at", "created_by_id", "documents_to_bring", "grades", "id", "leap_rule", "minimum_age_months", "minutes_per_person", "note", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "print_offset_days", "published_at", "published_by_id", "revision", "school_id", "slack_percent", "slot_minutes", "status", "venue") SELECT new_values."cancel_reason", new_values."cancelled_at", new_values."cancelled_by_id", new_values."closed_at", new_values."closed_by_id", new_values."created_at", new_values."created_by_id", new_values."documents_to_bring", new_values."grades", new_values."id", new_values."leap_rule", new_values."minimum_age_months", new_values."minutes_per_person", new_values."note", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."print_offset_days", new_values."published_at", new_values."published_by_id", new_values."revision", new_values."school_id", new_values."slack_percent", new_values."slot_minutes", new_values."status", new_values."venue" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="51e36380f872e1c1ed46712d90003937281d3b25",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2eaf7",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_drive",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="driveday",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_drivedayevent" ("day", "drive_id", "id", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."day", new_values."drive_id", new_values."id", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="3867fc4c7aa8c0f06ba155dfc53727711bdfc452",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4136a",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_driveday",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="drivesession",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_drivesessionevent" ("drive_day_id", "ends_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_at") SELECT new_values."drive_day_id", new_values."ends_at", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."starts_at" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="802d023737426e2ab67e5ba3b4dd0bccd93bd33d",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_61aa4",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_drivesession",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="kit",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_kitevent" ("id", "is_in_service", "name", "note", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "serial") SELECT new_values."id", new_values."is_in_service", new_values."name", new_values."note", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."serial" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="691bc46558551b3a98b0447a83099c9452655512",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_77846",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_kit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="kitduty",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_kitdutyevent" ("drive_day_id", "ends_at", "id", "kit_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "released_at", "starts_at") SELECT new_values."drive_day_id", new_values."ends_at", new_values."id", new_values."kit_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."released_at", new_values."starts_at" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7d2af7fed67430c86a93223875c0203152c64c35",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f426f",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_kitduty",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="operatorduty",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_operatordutyevent" ("drive_day_id", "id", "is_lead", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."drive_day_id", new_values."id", new_values."is_lead", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="c67dfc6ec393bca11cf3dcda3265554ab53968e1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c4777",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_operatorduty",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slotrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_slotrequestevent" ("answered_at", "answered_by_id", "drive_id", "id", "note", "office_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "requested_at", "school_id", "visit_id") SELECT new_values."answered_at", new_values."answered_by_id", new_values."drive_id", new_values."id", new_values."note", new_values."office_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."requested_at", new_values."school_id", new_values."visit_id" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="6540ced8213b2ec18ff678dcc82ced53a52e4452",
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
            model_name="timeslot",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "drives_timeslotevent" ("drive_day_id", "drive_id", "ends_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "places", "session_ends_at", "session_id", "session_starts_at", "starts_at") SELECT new_values."drive_day_id", new_values."drive_id", new_values."ends_at", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."places", new_values."session_ends_at", new_values."session_id", new_values."session_starts_at", new_values."starts_at" FROM ( SELECT new_values.* FROM old_values FULL JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."drive_id" IS DISTINCT FROM (new_values."drive_id") OR old_values."drive_day_id" IS DISTINCT FROM (new_values."drive_day_id") OR old_values."ends_at" IS DISTINCT FROM (new_values."ends_at") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."places" IS DISTINCT FROM (new_values."places") OR old_values."session_id" IS DISTINCT FROM (new_values."session_id") OR old_values."session_ends_at" IS DISTINCT FROM (new_values."session_ends_at") OR old_values."session_starts_at" IS DISTINCT FROM (new_values."session_starts_at") OR old_values."starts_at" IS DISTINCT FROM (new_values."starts_at")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8ddfc0188a283a53caaf29ee86d60c770412d3a2",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f9052",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="drives_timeslot",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(_functions("FULL JOIN"), _functions("JOIN")),
    ]

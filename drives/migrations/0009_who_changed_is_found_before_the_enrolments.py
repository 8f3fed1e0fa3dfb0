"""The trigger on persons first collects who changed at all, and only then looks for their enrolments.

In one join the planner, when its statistics are older than the rows (just after a large import), compared every enrolment
with every pair of old and new rows: 600 changed persons took minutes.
"""

from django.db import migrations

CHANGED = """
        SELECT new_rows.id,
               CASE WHEN (new_rows.birth_date, new_rows.sex, new_rows.city_id)
                         IS NOT DISTINCT FROM (old_rows.birth_date, old_rows.sex, old_rows.city_id)
                    THEN LEAST(new_rows.recorded_on, old_rows.recorded_on)
                    ELSE '-infinity'::date END AS since
          FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id
         WHERE (new_rows.recorded_on, new_rows.birth_date, new_rows.sex, new_rows.city_id)
               IS DISTINCT FROM (old_rows.recorded_on, old_rows.birth_date, old_rows.sex, old_rows.city_id)
"""
ENROLMENTS = """
        SELECT enrolment.school_id, GREATEST(enrolment.starts_on, changed.since) AS since
          FROM {changed} AS changed
          JOIN students_enrolment AS enrolment ON enrolment.person_id = changed.id
         WHERE enrolment.ends_on IS NULL OR enrolment.ends_on > changed.since
"""
NOTE = """
CREATE OR REPLACE FUNCTION students_person_update_touches_coverage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO drives_coveragetouch (school_id, since, touched_at)
    {first}
    SELECT touched.school_id, COALESCE(min(touched.since), CURRENT_DATE), now()
      FROM ({rows}) AS touched
     WHERE touched.school_id IS NOT NULL
     GROUP BY touched.school_id;
    RETURN NULL;
END $$;
"""
FORWARD = NOTE.format(first=f"WITH found AS MATERIALIZED ({CHANGED})", rows=ENROLMENTS.format(changed="found"))
BACKWARD = NOTE.format(first="", rows=ENROLMENTS.format(changed=f"({CHANGED})"))


class Migration(migrations.Migration):
    dependencies = [("drives", "0008_planning_steps_can_be_undone")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

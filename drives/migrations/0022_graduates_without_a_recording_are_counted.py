"""Who finished school and was never recorded is a stock of the last school; what changes it, leaves a touch there.

Beyond what is watched already: a recording long after the graduation, and an enrolment elsewhere, which takes the person
out of that count. A new enrolment of somebody who was at no school is seen by the person's own school, so that a roster of
thousands asks nothing more of each line.
"""

from django.db import migrations, models

NOTE = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
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
CHANGED = """
        SELECT new_rows.id,
               CASE WHEN (new_rows.birth_date, new_rows.sex, new_rows.city_id{or_place})
                         IS NOT DISTINCT FROM (old_rows.birth_date, old_rows.sex, old_rows.city_id{or_old_place})
                    THEN LEAST(new_rows.recorded_on, old_rows.recorded_on)
                    ELSE '-infinity'::date END AS since
          FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id
         WHERE (new_rows.recorded_on, new_rows.birth_date, new_rows.sex, new_rows.city_id{or_place})
               IS DISTINCT FROM (old_rows.recorded_on, old_rows.birth_date, old_rows.sex, old_rows.city_id{or_old_place})
"""
OF_PERSONS = """
        SELECT enrolment.school_id, GREATEST(enrolment.starts_on, found.since) AS since
          FROM found
          JOIN students_enrolment AS enrolment ON enrolment.person_id = found.id
         WHERE enrolment.ends_on IS NULL OR enrolment.ends_on > found.since {or_graduated}
"""
OF_GRADUATES = """
         UNION ALL
        SELECT finished.school_id, GREATEST(finished.ends_on, LEAST({rows}.starts_on, {rows}.ends_on)) AS since
          FROM {rows} JOIN students_enrolment AS finished ON finished.person_id = {rows}.person_id
         WHERE finished.end_reason = 'graduated' {only}
"""
INSERTED = "SELECT school_id, starts_on AS since FROM new_rows"
UPDATED = """
        SELECT school_id, LEAST(starts_on, ends_on) AS since FROM old_rows
         UNION ALL
        SELECT school_id, LEAST(starts_on, ends_on) AS since FROM new_rows
"""
DELETED = "SELECT school_id, starts_on AS since FROM old_rows"
PLACE = {"or_place": ", new_rows.school_id IS NULL", "or_old_place": ", old_rows.school_id IS NULL"}
NO_PLACE = {"or_place": "", "or_old_place": ""}


def _notes(*, with_graduates: bool) -> str:
    changed = CHANGED.format(**(PLACE if with_graduates else NO_PLACE))
    persons = OF_PERSONS.format(or_graduated="OR enrolment.end_reason = 'graduated'" if with_graduates else "")
    of_new, of_old, of_ended = (
        OF_GRADUATES.format(rows=rows, only=only) if with_graduates else ""
        for rows, only in (("new_rows", ""), ("old_rows", ""), ("new_rows", "AND new_rows.ends_on IS NOT NULL"))
    )
    functions = {
        "students_person_update": (f"WITH found AS MATERIALIZED ({changed})", persons),
        "students_enrolment_insert": ("", INSERTED + of_ended),
        "students_enrolment_update": ("", UPDATED + of_old + of_new),
        "students_enrolment_delete": ("", DELETED + of_old),
    }
    return "".join(
        NOTE.format(name=f"{name}_touches_coverage", first=first, rows=rows) for name, (first, rows) in functions.items()
    )


# The days since then are recounted by the next roll-up.
COUNT = """
INSERT INTO drives_coveragetouch (school_id, since, touched_at)
SELECT school_id, min(ends_on), now() FROM students_enrolment WHERE end_reason = 'graduated' GROUP BY school_id
"""


class Migration(migrations.Migration):
    dependencies = [("drives", "0021_the_drive_day_goes_on_offline")]
    operations = [
        migrations.AddField("dailycoverage", "unrecorded_graduates_stock", models.IntegerField(default=0)),
        migrations.RunSQL(_notes(with_graduates=True), _notes(with_graduates=False)),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop, elidable=True),
    ]

"""A recount reads more than the first triggers watched: earlier schools of a person, visits, closings, an office's rules.

Two functions are replaced (a person's change concerns every school of the days in question; a row that changes its
school concerns both), and four tables are watched anew.
"""

from django.db import migrations

NOTE = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO drives_coveragetouch (school_id, since, touched_at)
    SELECT touched.school_id, COALESCE(min(touched.since), CURRENT_DATE), now()
      FROM ({rows}) AS touched
     WHERE touched.school_id IS NOT NULL
     GROUP BY touched.school_id;
    RETURN NULL;
END $$;
"""
WATCH = """
CREATE TRIGGER touches_coverage_{change} AFTER {change} ON {table}
    REFERENCING {rows_of} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
TABLES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}

REPLACED = {
    "students_person_update_touches_coverage": """
        SELECT enrolment.school_id, GREATEST(enrolment.starts_on, changed.since) AS since
          FROM (
            SELECT new_rows.id,
                   CASE WHEN (new_rows.birth_date, new_rows.sex, new_rows.city_id)
                             IS NOT DISTINCT FROM (old_rows.birth_date, old_rows.sex, old_rows.city_id)
                        THEN LEAST(new_rows.recorded_on, old_rows.recorded_on)
                        ELSE '-infinity'::date END AS since
              FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id
             WHERE (new_rows.recorded_on, new_rows.birth_date, new_rows.sex, new_rows.city_id)
                   IS DISTINCT FROM (old_rows.recorded_on, old_rows.birth_date, old_rows.sex, old_rows.city_id)
          ) AS changed
          JOIN students_enrolment AS enrolment ON enrolment.person_id = changed.id
         WHERE enrolment.ends_on IS NULL OR enrolment.ends_on > changed.since
    """,
    "students_enrolment_update_touches_coverage": """
        SELECT school_id, LEAST(starts_on, ends_on) AS since FROM old_rows
         UNION ALL
        SELECT school_id, LEAST(starts_on, ends_on) AS since FROM new_rows
    """,
}

OF_EVERY_ENROLMENT = """
        SELECT enrolment.school_id, min(enrolment.starts_on) AS since
          FROM students_enrolment AS enrolment JOIN schools_school AS school ON school.id = enrolment.school_id
         WHERE {changed}
         GROUP BY enrolment.school_id
"""

WATCHED = {
    "drives_visit": {
        "insert": "SELECT school_id, state_on AS since FROM new_rows WHERE state_on IS NOT NULL",
        "update": """
            SELECT sides.school_id, LEAST(new_rows.state_on, old_rows.state_on) AS since
              FROM new_rows
              JOIN old_rows ON old_rows.id = new_rows.id
             CROSS JOIN LATERAL (VALUES (new_rows.school_id), (old_rows.school_id)) AS sides (school_id)
             WHERE (new_rows.state, new_rows.state_on, new_rows.kind, new_rows.school_id)
                   IS DISTINCT FROM (old_rows.state, old_rows.state_on, old_rows.kind, old_rows.school_id)
        """,
        "delete": "SELECT school_id, state_on AS since FROM old_rows WHERE state_on IS NOT NULL",
    },
    "drives_dayclose": {
        "insert": """
            SELECT drive.school_id, drive_day.day AS since
              FROM new_rows
              JOIN drives_driveday AS drive_day ON drive_day.id = new_rows.drive_day_id
              JOIN drives_drive AS drive ON drive.id = drive_day.drive_id
        """
    },
    "schools_school": {
        "update": OF_EVERY_ENROLMENT.format(
            changed="""school.id IN (
                SELECT new_rows.id FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id
                 WHERE (new_rows.office_id, new_rows.district_id) IS DISTINCT FROM (old_rows.office_id, old_rows.district_id))"""
        )
    },
    "schools_office": {
        "update": OF_EVERY_ENROLMENT.format(
            changed="""school.office_id IN (
                SELECT new_rows.id FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id
                 WHERE (new_rows.minimum_age_months, new_rows.leap_rule)
                       IS DISTINCT FROM (old_rows.minimum_age_months, old_rows.leap_rule))"""
        )
    },
}


def _forward() -> str:
    statements = [NOTE.format(name=name, rows=rows) for name, rows in REPLACED.items()]
    for table, changes in WATCHED.items():
        for change, rows in changes.items():
            name = f"{table}_{change}_touches_coverage"
            statements.append(NOTE.format(name=name, rows=rows))
            statements.append(WATCH.format(name=name, table=table, change=change, rows_of=TABLES[change]))
    return "".join(statements)


def _backward() -> str:
    """The watched tables are let go; the replaced functions stay, for they watch more than the first ones did."""
    return "".join(
        f"DROP TRIGGER touches_coverage_{change} ON {table}; DROP FUNCTION {table}_{change}_touches_coverage();"
        for table, changes in WATCHED.items()
        for change in changes
    )


class Migration(migrations.Migration):
    dependencies = [("drives", "0005_closed_days_are_corrected_not_changed"), ("schools", "0002_initial")]
    operations = [migrations.RunSQL(_forward(), _backward())]

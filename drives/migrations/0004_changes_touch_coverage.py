"""Whatever changes a figure notes school and day, so that the roll-up recounts it within a minute.

Triggers, because bulk and raw SQL change figures too; statement triggers, because a roster has 12,000 rows.
"""

from django.db import migrations

# What changed and since when, read from the transition tables.
SOURCES = {
    "students_person": {
        "update": """
            SELECT new_rows.school_id,
                   CASE WHEN new_rows.recorded_on IS DISTINCT FROM old_rows.recorded_on
                        THEN LEAST(new_rows.recorded_on, old_rows.recorded_on)
                        ELSE (SELECT min(enrolment.starts_on) FROM students_enrolment AS enrolment
                               WHERE enrolment.person_id = new_rows.id) END AS since
              FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id
             WHERE new_rows.school_id IS NOT NULL
               AND (new_rows.recorded_on, new_rows.birth_date, new_rows.sex, new_rows.city_id)
                   IS DISTINCT FROM (old_rows.recorded_on, old_rows.birth_date, old_rows.sex, old_rows.city_id)
        """
    },
    "students_enrolment": {
        "insert": "SELECT school_id, starts_on AS since FROM new_rows",
        "update": """
            SELECT new_rows.school_id, LEAST(new_rows.starts_on, old_rows.starts_on, new_rows.ends_on, old_rows.ends_on) AS since
              FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id
        """,
        "delete": "SELECT school_id, starts_on AS since FROM old_rows",
    },
    "drives_appointment": {
        "insert": "SELECT school_id, created_at::date AS since FROM new_rows WHERE school_id IS NOT NULL",
        "update": "SELECT school_id, COALESCE(ended_at, created_at)::date AS since FROM new_rows WHERE school_id IS NOT NULL",
        "delete": "SELECT school_id, created_at::date AS since FROM old_rows WHERE school_id IS NOT NULL",
    },
    "drives_visitevent": {"insert": "SELECT school_id, day AS since FROM new_rows WHERE school_id IS NOT NULL"},
}
TABLES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def _forward() -> str:
    statements = []
    for table, changes in SOURCES.items():
        for change, rows in changes.items():
            name = f"{table}_{change}_touches_coverage"
            statements.append(
                f"""
                CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO drives_coveragetouch (school_id, since, touched_at)
                    SELECT school_id, COALESCE(min(since), CURRENT_DATE), now() FROM ({rows}) AS touched GROUP BY school_id;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER touches_coverage_{change} AFTER {change.upper()} ON {table}
                    REFERENCING {TABLES[change]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
                """
            )
    return "".join(statements)


def _backward() -> str:
    return "".join(
        f"DROP TRIGGER touches_coverage_{change} ON {table}; DROP FUNCTION {table}_{change}_touches_coverage();"
        for table, changes in SOURCES.items()
        for change in changes
    )


class Migration(migrations.Migration):
    dependencies = [("drives", "0003_recorded_on_follows_visits_and_statuses"), ("students", "0001_initial")]
    operations = [migrations.RunSQL(_forward(), _backward())]

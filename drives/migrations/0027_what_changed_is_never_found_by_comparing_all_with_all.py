"""Three triggers of coverage put old rows beside new ones with an inner join again; see `schools.history` why that is a trap."""

from django.db import migrations

REWRITTEN = """
DO $$
DECLARE
    definition text;
BEGIN
    FOR definition IN
        SELECT pg_get_functiondef(oid) FROM pg_proc
         WHERE pronamespace = current_schema()::regnamespace
           AND proname IN ('students_person_update_touches_coverage', 'schools_school_update_touches_coverage',
                           'schools_office_update_touches_coverage')
    LOOP
        EXECUTE replace(definition, '{before}', '{after}');
    END LOOP;
END $$;
"""
INNER, FULL = "new_rows JOIN old_rows", "new_rows FULL JOIN old_rows"


class Migration(migrations.Migration):
    dependencies = [("drives", "0026_a_tablet_says_what_waits_for_each_day")]
    operations = [
        migrations.RunSQL(REWRITTEN.format(before=INNER, after=FULL), REWRITTEN.format(before=FULL, after=INNER)),
    ]

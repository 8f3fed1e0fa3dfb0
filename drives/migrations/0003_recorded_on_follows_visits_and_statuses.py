"""The one definition of "needs recording", as a function that triggers call; `docs/adr/0002-needs-recording.md`."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION drives_refresh_recorded_on(asked_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- First the locks, in id order, then the reading: two changes for one person see each other.
    PERFORM 1 FROM students_person WHERE id = ANY(asked_ids) ORDER BY id FOR NO KEY UPDATE;

    UPDATE students_person AS person
       SET recorded_on = facts.since
      FROM (
        WITH asked AS (SELECT DISTINCT unnest(asked_ids) AS person_id),
        last_needing AS (
            SELECT DISTINCT ON (status.person_id) status.person_id, status.dated_on, status.id
              FROM drives_dukcapilstatus AS status
              JOIN asked ON asked.person_id = status.person_id
             WHERE status.status IN ('UNREGISTERED', 'ENROLL_FAILURE_AT_REGIONAL', 'ENROLL_FAILURE_AT_CENTRAL')
             ORDER BY status.person_id, status.dated_on DESC, status.id DESC
        ),
        theirs AS (
            -- Since the first status after which none says "needs recording".
            SELECT status.person_id, min(status.dated_on) AS since
              FROM drives_dukcapilstatus AS status
              JOIN asked ON asked.person_id = status.person_id
              LEFT JOIN last_needing ON last_needing.person_id = status.person_id
             WHERE last_needing.person_id IS NULL
                OR (status.dated_on, status.id) > (last_needing.dated_on, last_needing.id)
             GROUP BY status.person_id
        ),
        ours AS (
            SELECT visit.person_id, min(visit.state_on) AS since
              FROM drives_visit AS visit
              JOIN asked ON asked.person_id = visit.person_id
             WHERE visit.state IN ('recorded', 'already_recorded')
               AND visit.service = 'recording'
               AND NOT EXISTS (
                    SELECT 1 FROM drives_dukcapilstatus AS later
                     WHERE later.person_id = visit.person_id
                       AND later.dated_on > visit.state_on
                       AND (later.status IN ('ENROLL_FAILURE_AT_REGIONAL', 'ENROLL_FAILURE_AT_CENTRAL')
                            OR (visit.state = 'already_recorded' AND later.status = 'UNREGISTERED'))
               )
             GROUP BY visit.person_id
        )
        SELECT asked.person_id, LEAST(theirs.since, ours.since) AS since
          FROM asked
          LEFT JOIN theirs ON theirs.person_id = asked.person_id
          LEFT JOIN ours ON ours.person_id = asked.person_id
      ) AS facts
     WHERE person.id = facts.person_id
       AND person.recorded_on IS DISTINCT FROM facts.since;
END
$$;
"""
BACKWARD = "DROP FUNCTION drives_refresh_recorded_on(uuid[]);"


class Migration(migrations.Migration):
    dependencies = [("drives", "0002_timeslots_stay_in_their_session")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""Composite foreign keys: a timeslot follows its session's hours, an appointment stays in its timeslot's drive.

With ON UPDATE CASCADE a session that is shortened carries its new hours into its timeslots, where the CHECK
`timeslot_lies_inside_its_session` refuses the change if a timeslot would fall out of it.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE drives_timeslot
    ADD CONSTRAINT timeslot_follows_its_session
    FOREIGN KEY (session_id, session_starts_at, session_ends_at)
    REFERENCES drives_drivesession (id, starts_at, ends_at)
    ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE drives_appointment
    ADD CONSTRAINT appointment_stays_in_its_drive
    FOREIGN KEY (timeslot_id, drive_id)
    REFERENCES drives_timeslot (id, drive_id)
    DEFERRABLE INITIALLY IMMEDIATE;
"""
BACKWARD = """
ALTER TABLE drives_appointment DROP CONSTRAINT appointment_stays_in_its_drive;
ALTER TABLE drives_timeslot DROP CONSTRAINT timeslot_follows_its_session;
"""


class Migration(migrations.Migration):
    dependencies = [("drives", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""Whole days of schools, recounted from the rows: what every stock and flow is, in one statement that writes nothing.

What is counted, of whom, and when a day is final: `docs/adr/0004-coverage-measures.md`.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, Final
from uuid import UUID

from drives.coverage.measures import CELL, MEASURES, STOCKS

SCHOOLS_AT_ONCE: Final = 200

MEASURE_LIST: Final = ", ".join(MEASURES)
KEY: Final = f"school_id, day, {', '.join(CELL)}"
OF_KEY: Final = ("school_id", "day", *CELL)


def same(left: str, right: str) -> str:
    return " AND ".join(f"{left}.{column} = {right}.{column}" for column in OF_KEY)


# Stocks as spans of days, spans as +1 and −1 on a day, and a running sum over the days: one pass over the enrolments,
# however many days are asked for. Flows: each visit's last word of the day. A visit's state is its last word at all;
# on an earlier day it was absent, failed and so on, unless that was undone or put right.
RECOUNT: Final = f"""
WITH asked AS (
    SELECT unnest(%(schools)s::uuid[]) AS school_id, unnest(%(sinces)s::date[]) AS since, %(until)s::date AS until
),
days AS MATERIALIZED (
    SELECT school_id, series.day::date AS day
      FROM asked CROSS JOIN LATERAL generate_series(since::timestamp, until::timestamp, interval '1 day') AS series (day)
),
pupils AS MATERIALIZED (
    SELECT enrolment.school_id,
           COALESCE(left(person.city_id, 5), '') AS domicile_city,
           COALESCE(class_group.grade, 0) AS grade,
           person.sex,
           enrolment.id AS enrolment_id,
           enrolment.person_id,
           office.time_zone,
           asked.since,
           asked.until,
           enrolment.starts_on AS begins,
           COALESCE(enrolment.ends_on, 'infinity'::date) AS ends,
           COALESCE(person.recorded_on, 'infinity'::date) AS recorded_on,
           COALESCE(
               (person.birth_date + make_interval(months => office.minimum_age_months))::date
               + CASE WHEN office.leap_rule = '03-01'
                       AND extract(day FROM person.birth_date)
                           <> extract(day FROM person.birth_date + make_interval(months => office.minimum_age_months))
                      THEN 1 ELSE 0 END,
               'infinity'::date
           ) AS of_age_on
      FROM asked
      JOIN students_enrolment AS enrolment ON enrolment.school_id = asked.school_id
       AND enrolment.starts_on <= asked.until AND (enrolment.ends_on IS NULL OR enrolment.ends_on > asked.since)
      JOIN students_person AS person ON person.id = enrolment.person_id
      JOIN schools_school AS school ON school.id = enrolment.school_id
      JOIN schools_office AS office ON office.id = school.office_id
      LEFT JOIN students_classgroup AS class_group ON class_group.id = enrolment.class_group_id
),
appointed AS (
    SELECT pupils.enrolment_id,
           range_agg(daterange(
               (appointment.created_at AT TIME ZONE pupils.time_zone)::date,
               GREATEST((appointment.created_at AT TIME ZONE pupils.time_zone)::date,
                        (appointment.ended_at AT TIME ZONE pupils.time_zone)::date,
                        CASE WHEN appointment.ended_at IS NULL THEN 'infinity'::date END)
           ) * daterange(pupils.begins, pupils.ends)) AS times
      FROM pupils
      JOIN drives_appointment AS appointment
        ON appointment.person_id = pupils.person_id AND appointment.school_id = pupils.school_id
     GROUP BY pupils.enrolment_id
),
graduates AS (
    SELECT finished.school_id, COALESCE(left(person.city_id, 5), '') AS domicile_city, COALESCE(class_group.grade, 0) AS grade,
           person.sex, asked.since, asked.until,
           datemultirange(daterange(finished.ends_on, GREATEST(finished.ends_on, COALESCE(person.recorded_on, 'infinity'::date))))
               - COALESCE(elsewhere.times, datemultirange()) AS times
      FROM asked
      JOIN students_enrolment AS finished ON finished.school_id = asked.school_id
       AND finished.end_reason = 'graduated' AND finished.ends_on <= asked.until
      JOIN students_person AS person ON person.id = finished.person_id
       AND (person.recorded_on IS NULL OR person.recorded_on > GREATEST(finished.ends_on, asked.since))
      LEFT JOIN students_classgroup AS class_group ON class_group.id = finished.class_group_id
     CROSS JOIN LATERAL (
        SELECT range_agg(daterange(other.starts_on, CASE
                   WHEN other.end_reason = 'graduated' AND (other.ends_on, other.id) > (finished.ends_on, finished.id)
                   THEN 'infinity'::date ELSE COALESCE(other.ends_on, 'infinity'::date) END)) AS times
          FROM students_enrolment AS other
         WHERE other.person_id = finished.person_id AND other.id <> finished.id
     ) AS elsewhere
),
spans AS (
    SELECT pupils.school_id, domicile_city, grade, sex, since, until, span.*
      FROM pupils
     CROSS JOIN LATERAL (VALUES
        (1, 0, 0, 0, 0, 0, begins, ends),
        (0, 1, 0, 0, 0, 0, GREATEST(begins, of_age_on), ends),
        (0, 0, 1, 0, 0, 0, GREATEST(begins, of_age_on, recorded_on), ends),
        (0, 0, 0, 1, 0, 0, GREATEST(begins, recorded_on), ends)
     ) AS span ({", ".join(STOCKS)}, from_day, to_day)
    UNION ALL
    SELECT pupils.school_id, domicile_city, grade, sex, since, until,
           0, 0, 0, 0, 1, 0, lower(stretch), COALESCE(upper(stretch), 'infinity'::date)
      FROM appointed
      JOIN pupils ON pupils.enrolment_id = appointed.enrolment_id
     CROSS JOIN LATERAL unnest(appointed.times) AS stretch
    UNION ALL
    SELECT school_id, domicile_city, grade, sex, since, until,
           0, 0, 0, 0, 0, 1, lower(stretch), COALESCE(upper(stretch), 'infinity'::date)
      FROM graduates
     CROSS JOIN LATERAL unnest(graduates.times) AS stretch
),
steps AS (
    SELECT spans.school_id, domicile_city, grade, sex, step.day,
           {", ".join(f"sum({stock} * step.sign)::int AS {stock}" for stock in STOCKS)}
      FROM spans
     CROSS JOIN LATERAL (VALUES (GREATEST(from_day, since), 1), (to_day, -1)) AS step (day, sign)
     WHERE from_day < to_day AND from_day <= until AND to_day > since AND step.day <= until
     GROUP BY spans.school_id, domicile_city, grade, sex, step.day
),
said AS MATERIALIZED (
    SELECT visit.id AS visit_id, visit.school_id, visit.person_id, visit.kind, visit.state_on AS day, visit.state AS word
      FROM asked
      JOIN drives_visit AS visit ON visit.school_id = asked.school_id AND visit.state_on BETWEEN asked.since AND asked.until
     WHERE visit.state <> 'expected'
    UNION ALL
    (SELECT DISTINCT ON (event.visit_id, event.day)
            event.visit_id, visit.school_id, visit.person_id, visit.kind, event.day, event.kind AS word
       FROM asked
       JOIN drives_visitevent AS event ON event.school_id = asked.school_id AND event.day BETWEEN asked.since AND asked.until
       JOIN drives_visit AS visit ON visit.id = event.visit_id AND visit.school_id = asked.school_id
      WHERE event.kind IN ('failed', 'absent', 'declined', 'under_age')
        AND visit.state_on > event.day
        AND NOT EXISTS (
            SELECT 1 FROM drives_visitevent AS later
             WHERE later.visit_id = event.visit_id AND later.target = event.id
               AND (later.kind = 'undone' OR later.reason = 'correction' OR later.day = event.day)
        )
      ORDER BY event.visit_id, event.day, event.device_at DESC, event.id DESC)
),
flows AS (
    SELECT said.school_id, said.day,
           COALESCE(left(person.city_id, 5), '') AS domicile_city, COALESCE(enrolled.grade, 0) AS grade, person.sex,
           count(*) FILTER (WHERE said.kind = 'student' AND word <> 'absent')::int AS present_count,
           count(*) FILTER (WHERE said.kind = 'student' AND word = 'recorded')::int AS recorded_count,
           count(*) FILTER (WHERE said.kind = 'student' AND word = 'failed')::int AS failed_count,
           count(*) FILTER (WHERE said.kind = 'student' AND word = 'absent')::int AS absent_count,
           count(*) FILTER (WHERE said.kind = 'student' AND word = 'declined')::int AS declined_count,
           count(*) FILTER (WHERE said.kind = 'student' AND word = 'already_recorded')::int AS already_recorded_count,
           count(*) FILTER (WHERE said.kind = 'student' AND word = 'under_age')::int AS under_age_count,
           count(*) FILTER (WHERE said.kind <> 'student' AND word <> 'absent')::int AS walk_in_count
      FROM said
      JOIN students_person AS person ON person.id = said.person_id
      LEFT JOIN LATERAL (
           SELECT grade FROM pupils
            WHERE pupils.person_id = said.person_id AND pupils.school_id = said.school_id
              AND pupils.begins <= said.day AND pupils.ends > said.day
            LIMIT 1
      ) AS enrolled ON true
     GROUP BY said.school_id, said.day, domicile_city, enrolled.grade, person.sex
),
cells AS (
    SELECT school_id, domicile_city, grade, sex FROM steps UNION SELECT school_id, domicile_city, grade, sex FROM flows
),
counted AS (
    SELECT days.school_id, days.day, cells.domicile_city, cells.grade, cells.sex,
           {", ".join(f"COALESCE(flows.{m}, 0) AS {m}" for m in MEASURES if m not in STOCKS)},
           {", ".join(f"COALESCE(sum(steps.{m}) OVER running, 0)::int AS {m}" for m in STOCKS)}
      FROM days
      JOIN cells USING (school_id)
      LEFT JOIN steps USING (school_id, day, domicile_city, grade, sex)
      LEFT JOIN flows USING (school_id, day, domicile_city, grade, sex)
    WINDOW running AS (PARTITION BY days.school_id, cells.domicile_city, cells.grade, cells.sex ORDER BY days.day)
),
recount AS MATERIALIZED (
    SELECT * FROM counted WHERE ({" <> 0 OR ".join(MEASURES)} <> 0)
)
"""  # noqa: S608 — put together from our own names


def batches(due: Iterable[tuple[UUID, date]]) -> Iterator[list[tuple[UUID, date]]]:
    """As many schools as one statement takes, each with the day since when."""
    left = iter(due)
    while batch := list(islice(left, SCHOOLS_AT_ONCE)):
        yield batch


def parameters(batch: list[tuple[UUID, date]], *, until: date) -> dict[str, Any]:
    return {"schools": [school for school, _since in batch], "sinces": [since for _school, since in batch], "until": until}

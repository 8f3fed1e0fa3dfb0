"""Recount whole days of schools from the rows, and upsert the cells. Never incremented; safe to run twice, and at once.

What is counted, of whom, and when a day is final: `docs/adr/0004-coverage-measures.md`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID
from zlib import crc32

from django.db import connection, transaction
from django.db.models import Max, Min, Q

from drives.coverage.measures import CELL, MEASURES, STOCKS
from drives.models import CoverageTouch, DailyCoverage
from students.models import Enrolment

# How far back a touch reaches; the command may go further.
HORIZON: Final = timedelta(days=400)
SCHOOLS_AT_ONCE: Final = 200
TOUCHES_AT_ONCE: Final = 2_000
# Any number that nothing else locks by.
LOCK_SPACE: Final = 3104

_MEASURES: Final = ", ".join(MEASURES)
_KEY: Final = f"school_id, day, {', '.join(CELL)}"
_OF_KEY: Final = ("school_id", "day", *CELL)


def _same(left: str, right: str) -> str:
    return " AND ".join(f"{left}.{column} = {right}.{column}" for column in _OF_KEY)


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

# A school's day is final once a snapshot of it was taken after all its drives had been closed.
_STANDING: Final = f"""
, final_days AS (
    SELECT DISTINCT held.school_id, held.day
      FROM drives_dailycoverage AS held JOIN days USING (school_id, day)
     WHERE held.is_final
),
closed_days AS (
    SELECT drive.school_id, drive_day.day
      FROM asked
      JOIN drives_drive AS drive ON drive.school_id = asked.school_id AND drive.status IN ('published', 'closed')
      JOIN drives_driveday AS drive_day ON drive_day.drive_id = drive.id AND drive_day.day BETWEEN asked.since AND asked.until
      LEFT JOIN drives_dayclose AS close ON close.drive_day_id = drive_day.id
     GROUP BY drive.school_id, drive_day.day
    HAVING bool_and(close.id IS NOT NULL)
),
open_days AS (
    SELECT days.school_id, days.day, closed_days.day IS NOT NULL AS is_closed
      FROM days
      LEFT JOIN closed_days USING (school_id, day)
      LEFT JOIN final_days USING (school_id, day)
     WHERE final_days.day IS NULL
),
held AS (
    SELECT {_KEY}, {", ".join(f"sum({m})::int AS {m}" for m in MEASURES)}
      FROM drives_dailycoverage JOIN final_days USING (school_id, day)
     WHERE correction_on IS DISTINCT FROM %(noted_on)s
     GROUP BY {_KEY}
),
late AS (
    SELECT {_KEY}, {", ".join(f"COALESCE(recount.{m}, 0) - COALESCE(held.{m}, 0) AS {m}" for m in MEASURES)}
      FROM (SELECT recount.* FROM recount JOIN final_days USING (school_id, day)) AS recount
      FULL JOIN held USING ({_KEY})
),
wanted AS MATERIALIZED (
    SELECT {_KEY}, is_closed AS is_final, NULL::date AS correction_on, {_MEASURES}
      FROM recount JOIN open_days USING (school_id, day)
    UNION ALL
    SELECT {_KEY}, true, %(noted_on)s::date, {_MEASURES} FROM late WHERE ({" <> 0 OR ".join(MEASURES)} <> 0)
)
"""  # noqa: S608

_WRITE: Final = f"""
, gone AS (
    DELETE FROM drives_dailycoverage AS cell
     USING days
     WHERE cell.school_id = days.school_id AND cell.day = days.day
       AND (cell.correction_on = %(noted_on)s OR NOT EXISTS (
                SELECT 1 FROM final_days WHERE final_days.school_id = cell.school_id AND final_days.day = cell.day))
       AND NOT EXISTS (
           SELECT 1 FROM wanted
            WHERE {_same("wanted", "cell")} AND wanted.correction_on IS NOT DISTINCT FROM cell.correction_on)
    RETURNING 1
),
written AS (
    INSERT INTO drives_dailycoverage AS cell
           ({_KEY}, office_id, district_id, is_final, correction_on, {_MEASURES})
    SELECT {_KEY}, school.office_id, school.district_id, is_final, correction_on, {_MEASURES}
      FROM wanted JOIN schools_school AS school ON school.id = wanted.school_id
     ORDER BY {_KEY}
    ON CONFLICT ({_KEY}, correction_on) DO UPDATE
       SET office_id = EXCLUDED.office_id, district_id = EXCLUDED.district_id, is_final = EXCLUDED.is_final,
           {", ".join(f"{m} = EXCLUDED.{m}" for m in MEASURES)}
     WHERE (cell.office_id, cell.district_id, cell.is_final, {", ".join(f"cell.{m}" for m in MEASURES)})
           IS DISTINCT FROM
           (EXCLUDED.office_id, EXCLUDED.district_id, EXCLUDED.is_final, {", ".join(f"EXCLUDED.{m}" for m in MEASURES)})
    RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM gone)
"""  # noqa: S608

_COMPARE: Final = f"""
, stored AS (
    SELECT {_KEY}, {", ".join(f"sum({m})::int AS {m}" for m in MEASURES)}
      FROM drives_dailycoverage JOIN days USING (school_id, day)
     GROUP BY {_KEY}
    HAVING ({" <> 0 OR ".join(f"sum({m})" for m in MEASURES)} <> 0)
)
SELECT school.npsn, day, {", ".join(CELL)},
       {", ".join(f"COALESCE(stored.{m}, 0)" for m in MEASURES)}, {", ".join(f"COALESCE(recount.{m}, 0)" for m in MEASURES)}
  FROM recount
  FULL JOIN stored USING ({_KEY})
  JOIN schools_school AS school ON school.id = school_id
 WHERE ({", ".join(f"COALESCE(stored.{m}, 0)" for m in MEASURES)})
       IS DISTINCT FROM ({", ".join(f"COALESCE(recount.{m}, 0)" for m in MEASURES)})
 ORDER BY school.npsn, day, {", ".join(CELL)}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class RolledUp:
    """How much a roll-up did: cells of unchanged days are not written again."""

    schools: int = 0
    written: int = 0
    removed: int = 0

    def __add__(self, other: "RolledUp") -> "RolledUp":
        return RolledUp(self.schools + other.schools, self.written + other.written, self.removed + other.removed)


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell whose rows (with corrections) do not say what a recount says; measures by name, stored and recounted."""

    npsn: str
    day: date
    cell: Mapping[str, object]
    measures: Mapping[str, tuple[int, int]]

    def __str__(self) -> str:
        cell = " ".join(f"{name}={value or '-'}" for name, value in self.cell.items())
        figures = ", ".join(f"{name} {stored}, recounted {counted}" for name, (stored, counted) in self.measures.items())
        return f"{self.npsn} {self.day} {cell}: {figures}"


def roll_up(*, since_by_school: Mapping[UUID, date], until: date, noted_on: date) -> RolledUp:
    """Recount these schools, each from its own day until `until`, in short transactions; corrections are noted on a day."""
    done = RolledUp()
    due = iter(sorted(((school, since) for school, since in since_by_school.items() if since <= until), key=_lock_key))
    while batch := list(islice(due, SCHOOLS_AT_ONCE)):
        with transaction.atomic():
            done += _roll_up_batch(batch, until=until, noted_on=noted_on)
    return done


def _roll_up_batch(batch: list[tuple[UUID, date]], *, until: date, noted_on: date) -> RolledUp:
    """One statement for all of them, after their locks: two roll-ups of a school follow each other and see each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, key) FROM unnest(%s::int[]) AS key", [LOCK_SPACE, [_lock_key(due) for due in batch]]
        )
        cursor.execute(RECOUNT + _STANDING + _WRITE, _parameters(batch, until=until) | {"noted_on": noted_on})
        written, removed = cursor.fetchone()
    return RolledUp(len(batch), written, removed)


def _lock_key(due: tuple[UUID, date]) -> int:
    """A school's number among the locks (32 bits, signed). All take them in its order, so that nobody waits in a circle."""
    return crc32(due[0].bytes) - 2**31


def _parameters(batch: list[tuple[UUID, date]], *, until: date) -> dict[str, Any]:
    return {"schools": [school for school, _since in batch], "sinces": [since for _school, since in batch], "until": until}


def roll_up_touched(*, today: date) -> RolledUp:
    """Take the notes that nobody else has taken, and recount their schools up to today; ends when none is left."""
    done = RolledUp()
    while batch := _roll_up_claimed(today=today):
        done += batch
    return done


@transaction.atomic
def _roll_up_claimed(*, today: date) -> RolledUp | None:
    """Notes and recount in one transaction: a note is gone only when its figures stand."""
    since: dict[UUID, date] = {}
    for school_id, day in _claimed():
        since[school_id] = max(min(day, since.get(school_id, day)), today - HORIZON)
    if not since:
        return None
    return roll_up(since_by_school=since, until=today, noted_on=today)


def _claimed() -> list[tuple[UUID, date]]:
    free = CoverageTouch.objects.order_by("id").select_for_update(skip_locked=True)
    touches = list(free.values_list("pk", "school_id", "since")[:TOUCHES_AT_ONCE])
    CoverageTouch.objects.filter(pk__in=[pk for pk, _school, _since in touches]).delete()
    return [(school_id, since) for _pk, school_id, since in touches]


def roll_up_all(*, today: date) -> RolledUp:
    """Every school's days since the last one counted, at the latest yesterday's: birthdays change figures without a write."""
    last = DailyCoverage.objects.filter(day__lt=today).aggregate(last=Max("day"))["last"]
    yesterday = today - timedelta(days=1)
    since = max(min(last or yesterday, yesterday), today - HORIZON)
    return roll_up(since_by_school=dict.fromkeys(schools_between(since, today), since), until=today, noted_on=today)


def schools_between(first: date, last: date) -> set[UUID]:
    """Schools with somebody enrolled, or a cell, on one of these days."""
    enrolled = Enrolment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=first), starts_on__lte=last)
    held = DailyCoverage.objects.filter(day__range=(first, last))
    return {*enrolled.values_list("school_id", flat=True).distinct()} | {*held.values_list("school_id", flat=True).distinct()}


def first_day() -> date | None:
    """Since when anybody is enrolled."""
    first: date | None = Enrolment.objects.aggregate(first=Min("starts_on"))["first"]
    return first


def differences(*, schools: Iterable[UUID], first: date, last: date) -> list[Difference]:
    """Where the stored figures are not a recount's. Writes nothing."""
    due = iter(sorted((school, first) for school in schools))
    found: list[Difference] = []
    while batch := list(islice(due, SCHOOLS_AT_ONCE)):
        with connection.cursor() as cursor:
            cursor.execute(RECOUNT + _COMPARE, _parameters(batch, until=last))
            found += [_difference(row) for row in cursor.fetchall()]
    return found


def _difference(row: tuple[Any, ...]) -> Difference:
    npsn, day, *rest = row
    cell, figures = rest[: len(CELL)], rest[len(CELL) :]
    pairs = zip(MEASURES, figures[: len(MEASURES)], figures[len(MEASURES) :], strict=True)
    return Difference(
        npsn,
        day,
        dict(zip(CELL, cell, strict=True)),
        {name: (stored, counted) for name, stored, counted in pairs if stored != counted},
    )

"""The recount of whole days, upserted into the cells. Never incremented; safe to run twice, and at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID
from zlib import crc32

from django.db import connection, transaction
from django.db.models import Max, Min, Q

from drives.coverage.measures import MEASURES
from drives.coverage.recount import KEY, MEASURE_LIST, RECOUNT, batches, parameters, same
from drives.models import CoverageTouch, DailyCoverage
from students.models import Enrolment

# How far back a touch reaches; the command may go further.
HORIZON: Final = timedelta(days=400)
TOUCHES_AT_ONCE: Final = 2_000
# Any number that nothing else locks by.
LOCK_SPACE: Final = 3104

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
    SELECT {KEY}, {", ".join(f"sum({m})::int AS {m}" for m in MEASURES)}
      FROM drives_dailycoverage JOIN final_days USING (school_id, day)
     WHERE correction_on IS DISTINCT FROM %(noted_on)s
     GROUP BY {KEY}
),
late AS (
    SELECT {KEY}, {", ".join(f"COALESCE(recount.{m}, 0) - COALESCE(held.{m}, 0) AS {m}" for m in MEASURES)}
      FROM (SELECT recount.* FROM recount JOIN final_days USING (school_id, day)) AS recount
      FULL JOIN held USING ({KEY})
),
wanted AS MATERIALIZED (
    SELECT {KEY}, is_closed AS is_final, NULL::date AS correction_on, {MEASURE_LIST}
      FROM recount JOIN open_days USING (school_id, day)
    UNION ALL
    SELECT {KEY}, true, %(noted_on)s::date, {MEASURE_LIST} FROM late WHERE ({" <> 0 OR ".join(MEASURES)} <> 0)
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
            WHERE {same("wanted", "cell")} AND wanted.correction_on IS NOT DISTINCT FROM cell.correction_on)
    RETURNING 1
),
written AS (
    INSERT INTO drives_dailycoverage AS cell
           ({KEY}, office_id, district_id, is_final, correction_on, {MEASURE_LIST})
    SELECT {KEY}, school.office_id, school.district_id, is_final, correction_on, {MEASURE_LIST}
      FROM wanted JOIN schools_school AS school ON school.id = wanted.school_id
     ORDER BY {KEY}
    ON CONFLICT ({KEY}, correction_on) DO UPDATE
       SET office_id = EXCLUDED.office_id, district_id = EXCLUDED.district_id, is_final = EXCLUDED.is_final,
           {", ".join(f"{m} = EXCLUDED.{m}" for m in MEASURES)}
     WHERE (cell.office_id, cell.district_id, cell.is_final, {", ".join(f"cell.{m}" for m in MEASURES)})
           IS DISTINCT FROM
           (EXCLUDED.office_id, EXCLUDED.district_id, EXCLUDED.is_final, {", ".join(f"EXCLUDED.{m}" for m in MEASURES)})
    RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM gone)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class RolledUp:
    """How much a roll-up did: cells of unchanged days are not written again."""

    schools: int = 0
    written: int = 0
    removed: int = 0

    def __add__(self, other: "RolledUp") -> "RolledUp":
        return RolledUp(self.schools + other.schools, self.written + other.written, self.removed + other.removed)


def roll_up(*, since_by_school: Mapping[UUID, date], until: date, noted_on: date) -> RolledUp:
    """Recount these schools, each from its own day until `until`, in short transactions; corrections are noted on a day."""
    done = RolledUp()
    due = sorted(((school, since) for school, since in since_by_school.items() if since <= until), key=_lock_key)
    for batch in batches(due):
        with transaction.atomic():
            done += _roll_up_batch(batch, until=until, noted_on=noted_on)
    return done


def _roll_up_batch(batch: list[tuple[UUID, date]], *, until: date, noted_on: date) -> RolledUp:
    """One statement for all of them, after their locks: two roll-ups of a school follow each other and see each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, key) FROM unnest(%s::int[]) AS key", [LOCK_SPACE, [_lock_key(due) for due in batch]]
        )
        cursor.execute(RECOUNT + _STANDING + _WRITE, parameters(batch, until=until) | {"noted_on": noted_on})
        written, removed = cursor.fetchone()
    return RolledUp(len(batch), written, removed)


def _lock_key(due: tuple[UUID, date]) -> int:
    """A school's number among the locks (32 bits, signed). All take them in its order, so that nobody waits in a circle."""
    return crc32(due[0].bytes) - 2**31


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

"""Whether the stored figures are those of a recount: for who checks them. Writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection

from drives.coverage.measures import CELL, MEASURES
from drives.coverage.recount import KEY, RECOUNT, batches, parameters

_COMPARE: Final = f"""
, stored AS (
    SELECT {KEY}, {", ".join(f"sum({m})::int AS {m}" for m in MEASURES)}
      FROM drives_dailycoverage JOIN days USING (school_id, day)
     GROUP BY {KEY}
    HAVING ({" <> 0 OR ".join(f"sum({m})" for m in MEASURES)} <> 0)
)
SELECT school.npsn, day, {", ".join(CELL)},
       {", ".join(f"COALESCE(stored.{m}, 0)" for m in MEASURES)}, {", ".join(f"COALESCE(recount.{m}, 0)" for m in MEASURES)}
  FROM recount
  FULL JOIN stored USING ({KEY})
  JOIN schools_school AS school ON school.id = school_id
 WHERE ({", ".join(f"COALESCE(stored.{m}, 0)" for m in MEASURES)})
       IS DISTINCT FROM ({", ".join(f"COALESCE(recount.{m}, 0)" for m in MEASURES)})
 ORDER BY school.npsn, day, {", ".join(CELL)}
"""  # noqa: S608


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


def differences(*, schools: Iterable[UUID], first: date, last: date) -> list[Difference]:
    """Where the stored figures are not a recount's. Writes nothing."""
    found: list[Difference] = []
    for batch in batches(sorted((school, first) for school in schools)):
        with connection.cursor() as cursor:
            cursor.execute(RECOUNT + _COMPARE, parameters(batch, until=last))
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

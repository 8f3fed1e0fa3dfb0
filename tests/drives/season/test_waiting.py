"""The query that asks who of a city waits."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from drives.season.waiting import to_record
from schools.models import School
from tests.drives.planning.pupils import FRIDAY
from tests.drives.season.seasons import make_city, make_season
from tests.faults.test_last_place import connect

pytestmark = pytest.mark.django_db

COUNTED_AS_EMPTY = ("students_person", "students_enrolment", "students_classgroup", "drives_appointment")


@contextmanager
def last_counted_when_empty() -> Iterator[None]:
    """The statistics of tables that were emptied, vacuumed and filled again, before anybody counts their rows anew."""
    with connect("owner") as owner:
        owner.autocommit = True
        for table in COUNTED_AS_EMPTY:
            owner.execute(
                "SELECT pg_restore_relation_stats("
                "'schemaname', 'public', 'relname', %s::text, 'relpages', 50, 'reltuples', 0::real)",
                [table],
            )
        try:
            yield
        finally:
            for table in COUNTED_AS_EMPTY:
                owner.execute("SELECT pg_clear_relation_stats('public', %s)", [table])


def test_each_person_is_looked_at_a_few_times_though_the_statistics_know_of_none() -> None:
    with last_counted_when_empty():
        schools = make_city(*[(40, 60)] * 8)

        looked_at = _rows_looked_at(schools)

    # Everybody compared with everybody would be 640,000.
    assert looked_at < 60 * 800


def _rows_looked_at(schools: list[School]) -> float:
    asked = to_record(make_season(), schools, now=FRIDAY).values_list("school_id", "grade", "birth_date", "places_needed")
    statement, values = asked.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        (found,) = cursor.fetchone()
    plans = json.loads(found) if isinstance(found, str) else found
    return _rows(plans[0]["Plan"])


def _rows(node: dict[str, Any]) -> float:
    """Those that a step gave or threw away, and those of the steps below it."""
    thrown_away = sum(count for name, count in node.items() if name.startswith("Rows Removed by"))
    here: float = (node["Actual Rows"] + thrown_away) * node["Actual Loops"]
    return here + sum(map(_rows, node.get("Plans", ())))

"""What an outcome costs in Django at the least: four statements for one, two for a batch; no rules, no audit, no scope."""

import json
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path

SCRATCH: Final = """
    CREATE TABLE bench_visit (id uuid PRIMARY KEY, state varchar(16) NOT NULL, state_at timestamptz);
    CREATE TABLE bench_event (
        id uuid PRIMARY KEY, visit_id uuid NOT NULL REFERENCES bench_visit (id),
        kind varchar(16) NOT NULL, at timestamptz NOT NULL
    );
    CREATE INDEX ON bench_event (visit_id);
    GRANT ALL ON bench_visit, bench_event TO PUBLIC
"""


def one(request: HttpRequest) -> JsonResponse:
    """Signed in; the visit is locked, its events read, one inserted, its state written."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=403)
    told = json.loads(request.body)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT state FROM bench_visit WHERE id = %s FOR UPDATE", [told["visit"]])
        cursor.execute("SELECT id, kind FROM bench_event WHERE visit_id = %s", [told["visit"]])
        cursor.fetchall()
        cursor.execute(
            "INSERT INTO bench_event (id, visit_id, kind, at) VALUES (%s, %s, %s, now()) ON CONFLICT DO NOTHING",
            [told["id"], told["visit"], told["kind"]],
        )
        cursor.execute("UPDATE bench_visit SET state = %s, state_at = now() WHERE id = %s", [told["kind"], told["visit"]])
    return JsonResponse({"accepted": [told["id"]]})


def batch(request: HttpRequest) -> JsonResponse:
    """Any number of events, inserted and folded by two statements."""
    events = json.loads(request.body)["events"]
    ids, visits, kinds = ([event[name] for event in events] for name in ("id", "visit", "kind"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_event (id, visit_id, kind, at)"
            " SELECT id, visit, kind, now() FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS told (id, visit, kind)"
            " ON CONFLICT DO NOTHING",
            [ids, visits, kinds],
        )
        cursor.execute(
            "UPDATE bench_visit SET state = told.kind, state_at = now()"
            " FROM (SELECT DISTINCT ON (visit) visit, kind FROM unnest(%s::uuid[], %s::text[]) AS one (visit, kind)) AS told"
            " WHERE bench_visit.id = told.visit",
            [visits, kinds],
        )
    return JsonResponse({"accepted": ids})


urlpatterns = [path("one", one), path("batch", batch)]

"""Triggers that keep `Person.recorded_on` (the one definition of "needs recording") and mark coverage to be recounted.

The definition with its worked examples stands in `docs/adr/0002-needs-recording.md`, its SQL in the migration
`recorded_on_follows_visits_and_statuses`.
"""

import pgtrigger

_CHANGES = (
    ("insert", pgtrigger.Insert, {"new": "new_rows"}, "SELECT {0} FROM new_rows"),
    (
        "update",
        pgtrigger.Update,
        {"old": "old_rows", "new": "new_rows"},
        "SELECT {0} FROM old_rows UNION SELECT {0} FROM new_rows",
    ),
    ("delete", pgtrigger.Delete, {"old": "old_rows"}, "SELECT {0} FROM old_rows"),
)


def keeps_recorded_on() -> list[pgtrigger.Trigger]:
    """After any change of these rows (also bulk and raw SQL), their persons are judged anew."""
    return [
        pgtrigger.Trigger(
            name=f"recorded_on_follows_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(**tables),
            func=f"PERFORM drives_refresh_recorded_on(ARRAY({rows.format('person_id')})); RETURN NULL;",
        )
        for name, operation, tables, rows in _CHANGES
    ]

"""What happens to each stored field of a person when the retention period ends: erased, or kept for the counts.

A new field stands here before it is stored; `tests/test_repository.py` compares this list with the models.
"""

from typing import Final

ERASED: Final[dict[str, frozenset[str]]] = {
    "students.Person": frozenset(
        {
            "name",
            "search_name",
            "birth_place",
            "nik_sealed",
            "nik_digest",
            "nik_digest_next",
            "nik_problem",
            "domicile",
            "address",
            "phone",
            "places_needed",
        }
    ),
    "students.Enrolment": frozenset({"nisn"}),
    "students.Consent": frozenset({"given_by", "relation", "reason"}),
    # Whole rows go with the upload, after the office's days.
    "students.RosterRow": frozenset(
        {
            "upload",
            "school",
            "office",
            "row_number",
            "sheet",
            "section",
            "decision",
            "name",
            "search_name",
            "sex",
            "birth_date",
            "birth_place",
            "nik_sealed",
            "nik_digest",
            "nik_problem",
            "nisn",
            "grade",
            "class_name",
            "phone",
            "address",
            "domicile_code",
            "city_code",
            "person",
            "changes",
            "problems",
            "made_person",
            "trace",
        }
    ),
    "students.RosterRepair": frozenset({"upload", "sheet", "row_number", "fields", "cells_sealed", "is_read", "by", "at"}),
}
KEPT: Final[dict[str, frozenset[str]]] = {
    # Sex, birth date (cut to the month), home city and the dates of recording: what coverage counts by.
    "students.Person": frozenset(
        {
            "id",
            "sex",
            "birth_date",
            "city",
            "office",
            "school",
            "recorded_on",
            "created_at",
            "updated_at",
            "anonymised_at",
        }
    ),
    "students.Enrolment": frozenset(
        {
            "id",
            "person",
            "school",
            "office",
            "class_group",
            "school_year",
            "starts_on",
            "ends_on",
            "end_reason",
        }
    ),
    "students.Consent": frozenset(
        {
            "id",
            "person",
            "school",
            "office",
            "is_given",
            "wording_version",
            "channel",
            "declared_on",
            "at",
            "entered_by",
        }
    ),
    "students.RosterRow": frozenset({"id"}),
    "students.RosterRepair": frozenset({"id"}),
}

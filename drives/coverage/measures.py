"""What a cell of coverage holds; `docs/adr/0004-coverage-measures.md` says what each counts, and of whom."""

from typing import Final

FLOWS: Final = (
    "present_count",
    "recorded_count",
    "failed_count",
    "absent_count",
    "declined_count",
    "already_recorded_count",
    "under_age_count",
    "walk_in_count",
)
STOCKS: Final = (
    "enrolled_stock",
    "eligible_stock",
    "eligible_recorded_stock",
    "recorded_stock",
    "scheduled_stock",
    "unrecorded_graduates_stock",
)
GRADUATES: Final = "unrecorded_graduates_stock"
MEASURES: Final = (*FLOWS, *STOCKS)
# What names a cell within a school's day.
CELL: Final = ("domicile_city", "grade", "sex")

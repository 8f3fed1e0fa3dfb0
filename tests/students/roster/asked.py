"""A school whose own table has headings that nobody knows, and its right answers."""

from collections.abc import Sequence
from typing import Any

from students.models import RosterUpload
from students.roster import intake
from tests.factories import NOW
from tests.students.roster import workbooks
from tests.students.roster.test_asking import FIELDS, OWN, ROWS

HALF_KNOWN = ["Nama", "Lahir", "L/P", "Identitas", "Kelas", "HP"]
# What the posts of the page are called, and the right answers.
ANSWERS = dict(zip(["pelajar", "lahir", "l-p", "identitas", "ruang", "kontak"], FIELDS, strict=True))


def table(headings: Sequence[str] = OWN, rows: Sequence[Sequence[Any]] = ROWS) -> bytes:
    return workbooks.xlsx([headings, *rows])


def posted(answers: dict[str, str], *, status: str = "questions") -> dict[str, str]:
    return {"status": status} | {f"column-{heading}": field for heading, field in answers.items()}


def headings_of(answers: dict[str, str]) -> dict[str, str]:
    return {heading.replace("-", " "): field for heading, field in answers.items()}


def answered(upload: RosterUpload, answers: dict[str, str]) -> RosterUpload:
    """Answered and read again."""
    again = intake.answer_columns(upload=upload, answers=headings_of(answers), by=None, now=NOW, ring_worker=False)
    return intake.read_upload(upload=again, now=NOW)

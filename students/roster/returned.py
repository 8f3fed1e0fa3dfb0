"""An error file that came back: what a person changed in it becomes repairs of the upload that it was made from."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from students.models import RosterRow, RosterUpload
from students.problems import RosterRefused
from students.roster import checks, follow_up, values
from students.roster.cells import MARK, NUMBER
from students.roster.error_file import ids_in, mark, understood
from students.roster.error_marks import MARK_LENGTH, MENDED
from students.roster.overlay import LEFT_OUT, Address, address
from students.roster.reader import Returned

YES = frozenset({"ya", "y", "yes", "x", "1", "lewati", "v"})


@transaction.atomic
def take_over(*, upload: RosterUpload, returned: Returned, today: date, now: datetime, ring_worker: bool = True) -> RosterUpload:
    """Give what was changed to the upload that the file was made from, and be done. `upload` is the error file, locked.

    Raises ValidationError: `error_file_mixed`, `error_file_unknown`, `error_file_row_twice`, `error_file_unchanged`,
    and what `save_repairs` raises.
    """
    origin = _origin(returned, upload.school_id)
    changes = _by_row(returned, today)
    rows = {row.pk: row for row in RosterRow.objects.filter(upload=origin, pk__in=changes).only("sheet", "row_number")}
    if not rows:
        raise RosterRefused("error_file_unknown")
    found: dict[Address, dict[str, str]] = {
        address(rows[row_id].sheet, rows[row_id].row_number): cells
        for row_id, cells in changes.items()
        if cells and row_id in rows
    }
    if not found:
        raise RosterRefused("error_file_unchanged")
    saved = follow_up.save_repairs(upload=origin, found=found, by=upload.uploaded_by, now=now, ring_worker=ring_worker)
    upload.status, upload.read_at, upload.claimed_at = RosterUpload.Status.REPAIRED, now, None
    upload.repairs_to, upload.file_sealed = saved.upload, None
    upload.rows_total = len(returned.rows)
    upload.counts = {"repaired": saved.count, "changed_rows": len(found), "strange": returned.strange}
    upload.save()
    return upload


def _origin(returned: Returned, school_id: UUID) -> RosterUpload:
    """The one upload that all codes name; another school's is the same as none."""
    named = {ids_in(code)[0] for code, _cells in returned.rows}
    if len(named) > 1:
        raise RosterRefused("error_file_mixed")
    found = RosterUpload.objects.defer("file_sealed").filter(pk__in=named, school=school_id).first()
    if found is None:
        raise RosterRefused("error_file_unknown")
    return found


def _by_row(returned: Returned, today: date) -> dict[UUID, dict[str, str]]:
    """Row → the cells that a person changed. A row that stands there twice must say the same twice."""
    damaged = checks.is_text_damaged([cells.get("nik", "") for _code, cells in returned.rows])
    found: dict[UUID, dict[str, str]] = {}
    for code, cells in returned.rows:
        _upload, row_id, marks = ids_in(code)
        changed = _changed(row_id, marks, cells, today, damaged=damaged)
        if found.setdefault(row_id, changed) != changed:
            raise RosterRefused("error_file_row_twice")
    return found


def _changed(row_id: UUID, marks: str, cells: Mapping[str, str], today: date, *, damaged: bool) -> dict[str, str]:
    """An empty cell takes nothing away; a cell that says the same in other words says nothing new."""
    if values.text(cells.get("left_out", "")).lower() in YES:
        return {LEFT_OUT: "1"}
    changed = {}
    for place, field in enumerate(MENDED):
        cell = cells.get(field, "")
        before = marks[place * MARK_LENGTH : (place + 1) * MARK_LENGTH]
        if _says_something(cell) and mark(row_id, field, understood(field, cell, today)) != before:
            changed[field] = cell
    nik = cells.get("nik", "")
    if _says_something(nik):
        # A CSV forgets what was a number: when most end in 0, those that do are damaged.
        changed["nik"] = NUMBER + nik if damaged and nik.endswith("0") and not nik.startswith(MARK) else nik
    return changed


def _says_something(cell: str) -> bool:
    return bool(values.text(cell)) or cell.startswith(MARK)

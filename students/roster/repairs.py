"""Repairs kept beside an upload: what a person wrote in place of some cells of a line. The texts are sealed, all of them."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from schools.models import User
from students import privacy
from students.models import RosterRepair, RosterUpload
from students.roster.overlay import FIELDS, LEFT_OUT, Address, Cells, address


def of_upload(upload: RosterUpload) -> dict[Address, dict[str, str]]:
    """All of them, opened, to be laid over the file."""
    return {address(repair.sheet, repair.row_number): opened(repair) for repair in upload.repairs.all()}


def opened(repair: RosterRepair) -> dict[str, str]:
    cells: dict[str, str] = json.loads(privacy.unseal_bytes(bytes(repair.cells_sealed), row_id=repair.pk))
    return cells


def keep(*, upload: RosterUpload, found: Mapping[Address, Cells], by: User | None, now: datetime) -> int:
    """Add to what was written about these lines before; returns on how many lines that says something new. The caller has
    locked the upload."""
    known = {address(repair.sheet, repair.row_number): repair for repair in upload.repairs.all()}
    changed = 0
    for at, cells in found.items():
        repair = known.get(at) or RosterRepair(upload=upload, sheet=at[0], row_number=at[1])
        before = opened(repair) if at in known else {}
        after = _merged(before, cells)
        if after and after != before:
            _write(repair, after, by=by, now=now)
            changed += 1
    return changed


def copy(repairs: Iterable[RosterRepair], *, to: RosterUpload) -> None:
    """The same repairs beside another upload of the same file."""
    for repair in repairs:
        copied = RosterRepair(upload=to, sheet=repair.sheet, row_number=repair.row_number)
        _write(copied, opened(repair), by=repair.by, now=repair.at)


def _merged(before: Cells, cells: Cells) -> dict[str, str]:
    if LEFT_OUT in cells:
        return {LEFT_OUT: "1"}
    kept = {field: cell for field, cell in before.items() if field != LEFT_OUT}
    return kept | {field: cell for field, cell in cells.items() if field in FIELDS}


def _write(repair: RosterRepair, cells: Cells, *, by: User | None, now: datetime) -> None:
    repair.fields = sorted(cells)
    repair.cells_sealed = privacy.seal_bytes(json.dumps(dict(cells)).encode(), row_id=repair.pk)
    repair.is_read, repair.by, repair.at = False, by, now
    repair.save()

"""What the pages say about repairs: what was mended, what is not checked yet, and what an import has left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.models import User
from students.models import RosterRepair, RosterUpload
from students.roster import worklist
from students.roster.follow_up import OPEN

LABELS: Final[Mapping[str, str | Promise]] = {
    "name": _("Name"),
    "sex": _("Sex"),
    "birth_date": _("Birth date"),
    "nik": "NIK",
    "nisn": "NISN",
    "class_name": _("Class"),
    "phone": _("Phone"),
    "left_out": _("Row left out"),
}


@dataclass(frozen=True)
class RepairedLine:
    pk: UUID
    row_number: int
    sheet: str
    shown_fields: Sequence[str]
    is_read: bool
    by: User | None
    at: datetime


@dataclass(frozen=True)
class Mending:
    repaired: Sequence[RepairedLine] = ()
    # Of an import: how many of its lines wait here, the follow-up that is open, and the one whose list counts instead.
    left_count: int = 0
    open_id: UUID | None = None
    newest_id: UUID | None = None
    is_forgotten: bool = False
    # Its leftover lines are the school's work list, even when none is left.
    is_current: bool = False

    @property
    def unread_count(self) -> int:
        return sum(not line.is_read for line in self.repaired)


def mending_of(upload: RosterUpload) -> Mending:
    repaired = [_line(repair) for repair in _repairs(upload)]
    if upload.status != RosterUpload.Status.APPLIED:
        return Mending(repaired)
    newest = worklist.newest_of(upload)
    if newest is None or worklist.is_superseded(upload):
        return Mending(repaired)
    if newest.pk != upload.pk:
        return Mending(repaired, newest_id=newest.pk)
    root = upload.follows_id or upload.pk
    return Mending(
        repaired,
        left_count=worklist.rows_left(upload).count(),
        open_id=RosterUpload.objects.filter(follows=root, status__in=OPEN).values_list("pk", flat=True).first(),
        is_current=True,
        is_forgotten=not RosterUpload.objects.filter(pk=root, file_sealed__isnull=False).exists(),
    )


def _repairs(upload: RosterUpload) -> Sequence[RosterRepair]:
    """What was not checked yet first; of a follow-up what was mended in it, not what the import before it had brought."""
    found = upload.repairs.defer("cells_sealed").select_related("by")
    if upload.follows_id:
        found = found.filter(at__gte=upload.created_at)
    return list(found.order_by(F("is_read").asc(), "sheet", "row_number", "id"))


def _line(repair: RosterRepair) -> RepairedLine:
    shown = [str(label) for name, label in LABELS.items() if name in repair.fields]
    return RepairedLine(repair.pk, repair.row_number, repair.sheet, shown, repair.is_read, repair.by, repair.at)

"""Mending what a file has wrong: in the review the file is read again; after the import a follow-up brings what is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from schools.models import User
from students import privacy
from students.models import RosterRepair, RosterUpload
from students.roster import intake, repairs, worklist
from students.roster.overlay import Address, Cells

Status = RosterUpload.Status
OPEN: Final = [Status.WAITING, Status.READING, Status.QUESTIONS, Status.REVIEW, Status.APPROVED, Status.APPLYING]


@dataclass(frozen=True)
class Saved:
    """Where the repairs went, and on how many lines they say something new."""

    upload: RosterUpload
    count: int


@transaction.atomic
def save_repairs(
    *,
    upload: RosterUpload,
    found: Mapping[Address, Cells],
    by: User | None,
    now: datetime,
    read_again: bool = True,
    ring_worker: bool = True,
) -> Saved:
    """Keep what a person wrote about lines of the upload. In review it is kept there, and with `read_again` the file is read
    anew; of an import, in its follow-up, made if there is none.

    Raises ValidationError: `upload_busy`, `upload_over`, `newer_list`, `file_forgotten`, `line_is_done`.
    """
    locked = _locked(upload)
    if locked.status == Status.APPLIED:
        return _save_in_follow_up(locked, found, by=by, now=now, read_again=read_again, ring_worker=ring_worker)
    _refuse_unless_in_review(locked)
    count = repairs.keep(upload=locked, found=found, by=by, now=now)
    if read_again and locked.repairs.filter(is_read=False).exists():
        _read_again(locked, ring_worker=ring_worker)
    return Saved(locked, count)


@transaction.atomic
def read_again(*, upload: RosterUpload, ring_worker: bool = True) -> RosterUpload:
    """Read the file again with the repairs of the upload.

    Raises ValidationError: `upload_busy`, `upload_over`.
    """
    locked = _locked(upload)
    if locked.status not in (Status.WAITING, Status.READING):
        _refuse_unless_in_review(locked)
        _read_again(locked, ring_worker=ring_worker)
    return locked


@transaction.atomic
def take_repair_back(*, repair: RosterRepair, ring_worker: bool = True) -> RosterUpload:
    """The line is read again as it stands in the file.

    Raises ValidationError: `upload_busy`, `upload_over`.
    """
    locked = _locked(repair.upload)
    _refuse_unless_in_review(locked)
    locked.repairs.filter(pk=repair.pk).delete()
    _read_again(locked, ring_worker=ring_worker)
    return locked


@transaction.atomic
def continue_import(*, upload: RosterUpload, by: User | None, now: datetime, ring_worker: bool = True) -> RosterUpload:
    """The open follow-up of an import, made if there is none: what is left of the same file, to be mended and approved.

    Raises ValidationError: `upload_over`, `newer_list`, `file_forgotten`.
    """
    made, is_new = _follow_up(_locked(upload), by=by, now=now)
    if is_new and ring_worker:
        intake.ring(made)
    return made


def _save_in_follow_up(
    upload: RosterUpload,
    found: Mapping[Address, Cells],
    *,
    by: User | None,
    now: datetime,
    read_again: bool,
    ring_worker: bool,
) -> Saved:
    newest = worklist.newest_of(upload)
    left = worklist.lines_left(newest) if newest else set()
    waiting = {at: cells for at, cells in found.items() if at in left}
    if not waiting:
        raise ValidationError(_("These rows have been settled since. Nothing is left to repair in them."), code="line_is_done")
    made, is_new = _follow_up(upload, by=by, now=now)
    if is_new:
        count = repairs.keep(upload=made, found=waiting, by=by, now=now)
        if ring_worker:
            intake.ring(made)
        return Saved(made, count)
    return save_repairs(upload=made, found=waiting, by=by, now=now, read_again=read_again, ring_worker=ring_worker)


def _follow_up(upload: RosterUpload, *, by: User | None, now: datetime) -> tuple[RosterUpload, bool]:
    """The first import of the chain is locked, so that two administrators at once make one."""
    root = RosterUpload.objects.select_for_update().get(pk=upload.follows_id or upload.pk)
    already = RosterUpload.objects.defer("file_sealed").filter(follows=root, status__in=OPEN).first()
    if already:
        return already, False
    newest = worklist.newest_of(root)
    if newest is None:
        raise _over()
    if worklist.is_superseded(root):
        raise ValidationError(
            _("A newer list of this school has been imported since. What is left to repair stands there."), code="newer_list"
        )
    if root.file_sealed is None:
        raise ValidationError(
            _("This file is no longer kept, since its retention period is over. Upload the list again to repair it."),
            code="file_forgotten",
        )
    made = RosterUpload(
        school_id=root.school_id,
        office_id=root.office_id,
        uploaded_by=by,
        created_at=now,
        filename=root.filename,
        file_digest=root.file_digest,
        follows=root,
    )
    made.file_sealed = privacy.seal_bytes(privacy.unseal_bytes(bytes(root.file_sealed), row_id=root.pk), row_id=made.pk)
    made.save(force_insert=True)
    repairs.copy(newest.repairs.all(), to=made)
    return made, True


def _locked(upload: RosterUpload) -> RosterUpload:
    """Of a chain the first import is locked first, by whichever of its uploads one comes."""
    uploads = RosterUpload.objects.defer("file_sealed").select_for_update()
    if upload.follows_id:
        uploads.get(pk=upload.follows_id)
    return uploads.get(pk=upload.pk)


def _refuse_unless_in_review(upload: RosterUpload) -> None:
    if upload.status == Status.REVIEW:
        return
    if upload.status in OPEN:
        raise ValidationError(_("The list is being worked on. Try again in a moment."), code="upload_busy")
    raise _over()


def _over() -> ValidationError:
    return ValidationError(_("This list was cancelled or undone. Upload it again."), code="upload_over")


def _read_again(upload: RosterUpload, *, ring_worker: bool) -> None:
    upload.status, upload.claimed_at, upload.tries = Status.WAITING, None, 0
    upload.save(update_fields=["status", "claimed_at", "tries"])
    if ring_worker:
        intake.ring(upload)

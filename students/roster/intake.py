"""A roster on its way in: uploaded, read by a worker, reviewed, approved. PostgreSQL is the queue, Celery the doorbell."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from schools.models import AuditEntry, School, User, record_access
from schools.reference import region_codes
from students import privacy
from students.models import RosterRow, RosterUpload
from students.nik import Regions
from students.problems import RosterRefused
from students.roster import changeset
from students.roster.limits import MAX_FILE_BYTES
from students.roster.reading import Roster, read_roster

# A claim older than this was left by a worker that is gone.
LEASE: Final = timedelta(minutes=2)
FIRST_MONTH_OF_SCHOOL_YEAR: Final = 7

UNDECIDED: Final = [RosterUpload.Status.WAITING, RosterUpload.Status.READING, RosterUpload.Status.REVIEW]
WORK: Final[dict[str, str]] = {
    RosterUpload.Status.WAITING: RosterUpload.Status.READING,
    RosterUpload.Status.READING: RosterUpload.Status.READING,
    RosterUpload.Status.APPROVED: RosterUpload.Status.APPLYING,
    RosterUpload.Status.APPLYING: RosterUpload.Status.APPLYING,
}
CHOICES: Final = {
    RosterRow.Section.MOVED: (RosterRow.Decision.ACCEPT, RosterRow.Decision.REJECT, RosterRow.Decision.NONE),
    RosterRow.Section.SIMILAR: (RosterRow.Decision.SAME_PERSON, RosterRow.Decision.KEEP_BOTH, RosterRow.Decision.NONE),
    RosterRow.Section.MISSING: (RosterRow.Decision.LEFT, RosterRow.Decision.NONE),
    RosterRow.Section.CHANGED: (RosterRow.Decision.ACCEPT, RosterRow.Decision.REJECT, RosterRow.Decision.NONE),
}

log = structlog.get_logger(__name__)


def school_year(day: date) -> int:
    """2026 for 2026/2027, which begins in July."""
    return day.year if day.month >= FIRST_MONTH_OF_SCHOOL_YEAR else day.year - 1


def regions() -> Regions:
    codes = region_codes()
    return Regions(codes["province"], codes["city"], codes["district"])


@transaction.atomic
def upload_roster(
    *, school: School, data: bytes, filename: str, by: User | None, now: datetime, ring_worker: bool = True
) -> RosterUpload:
    """Keep the file, sealed, and ring for a worker (a command works itself). The same file, while it waits for review, is the same upload.

    Raises ValidationError: `file_empty`, `file_too_large`.
    """
    if not data:
        raise ValidationError(_("The file is empty. Choose the file that Dapodik gave."), code="file_empty")
    if len(data) > MAX_FILE_BYTES:
        raise RosterRefused("file_too_large")
    fingerprint = hashlib.sha256(data).digest()
    School.objects.select_for_update().get(pk=school.pk)
    same = RosterUpload.objects.filter(school=school, file_digest=fingerprint, status__in=UNDECIDED).first()
    if same:
        return same
    upload = RosterUpload(
        school=school,
        office_id=school.office_id,
        uploaded_by=by,
        created_at=now,
        filename=filename[:200],
        file_digest=fingerprint,
    )
    upload.file_sealed = privacy.seal_bytes(data, row_id=upload.pk)
    upload.save(force_insert=True)
    if ring_worker:
        ring(upload)
    return upload


def ring(upload: RosterUpload) -> None:
    """After commit a worker is told at once. A lost message is no loss: the sweep finds the row."""
    from students.roster.tasks import work_on_upload

    def tell() -> None:
        try:
            work_on_upload.delay(upload_id=str(upload.pk))
        except OperationalError as trouble:
            log.warning("roster.doorbell_silent", upload=str(upload.pk), error=type(trouble).__name__)

    transaction.on_commit(tell)


def claim(*, upload_id: UUID, worker: str, now: datetime) -> RosterUpload | None:
    """The upload if there is work on it and nobody alive is at it; the claim commits with the caller's transaction."""
    with transaction.atomic():
        upload = RosterUpload.objects.select_for_update(skip_locked=True).filter(pk=upload_id).first()
        if upload is None or upload.status not in WORK:
            return None
        is_claimed = upload.claimed_at is not None and upload.claimed_at > now - LEASE
        if is_claimed and upload.status in (RosterUpload.Status.READING, RosterUpload.Status.APPLYING):
            return None
        upload.status = WORK[upload.status]
        upload.claimed_at, upload.claimed_by = now, worker[:80]
        upload.save(update_fields=["status", "claimed_at", "claimed_by"])
    return upload


def read_upload(*, upload: RosterUpload, now: datetime) -> RosterUpload:
    """Read, check and match; the changeset then waits for a yes. A refusal is kept with its sentence."""
    today = now.astimezone(upload.office.zone).date()
    data = privacy.unseal_bytes(bytes(upload.file_sealed or b""), row_id=upload.pk)
    try:
        roster = read_roster(data, filename=upload.filename, today=today, regions=regions())
    except RosterRefused as refusal:
        return _refuse(upload, refusal, now=now)
    return store(upload=upload, roster=roster, today=today, now=now)


def store(*, upload: RosterUpload, roster: Roster, today: date, now: datetime) -> RosterUpload:
    """Put the changeset beside the upload, in place of an earlier one."""
    with transaction.atomic():
        locked = RosterUpload.objects.select_for_update().get(pk=upload.pk)
        if locked.status == RosterUpload.Status.CANCELLED:
            return locked
        locked.school_year = school_year(today)
        counts = changeset.write(upload=locked, roster=roster)
        locked.status, locked.read_at, locked.claimed_at = RosterUpload.Status.REVIEW, now, None
        locked.format, locked.school_name_found = roster.format, roster.school_name[:200]
        locked.rows_total = locked.rows_done = len(roster.lines)
        locked.counts = counts
        locked.save()
    return locked


def _refuse(upload: RosterUpload, refusal: RosterRefused, *, now: datetime) -> RosterUpload:
    upload.status, upload.read_at, upload.claimed_at = RosterUpload.Status.REFUSED, now, None
    upload.refusal_code, upload.refusal_message = refusal.code, refusal.sentence
    upload.save(update_fields=["status", "read_at", "claimed_at", "refusal_code", "refusal_message"])
    return upload


@transaction.atomic
def approve_upload(*, upload: RosterUpload, by: User | None, now: datetime, ring_worker: bool = True) -> RosterUpload:
    """Say yes to the changeset; approving twice is approving once.

    Raises ValidationError: `not_in_review`.
    """
    locked = RosterUpload.objects.select_for_update().get(pk=upload.pk)
    if locked.status in (RosterUpload.Status.APPROVED, RosterUpload.Status.APPLYING, RosterUpload.Status.APPLIED):
        return locked
    if locked.status != RosterUpload.Status.REVIEW:
        raise ValidationError(_("This upload is not waiting for approval."), code="not_in_review")
    locked.status, locked.approved_at, locked.approved_by = RosterUpload.Status.APPROVED, now, by
    locked.save(update_fields=["status", "approved_at", "approved_by"])
    record_access(
        action=AuditEntry.Action.IMPORTED,
        subject=locked,
        by=by,
        at=now,
        office_id=locked.office_id,
        school_id=locked.school_id,
        detail={key: value for key, value in locked.counts.items() if isinstance(value, int)},
    )
    if ring_worker:
        ring(locked)
    return locked


@transaction.atomic
def cancel_upload(*, upload: RosterUpload, now: datetime) -> RosterUpload:
    """Throw the changeset away; nothing of it was ever written elsewhere.

    Raises ValidationError: `already_imported`.
    """
    locked = RosterUpload.objects.select_for_update().get(pk=upload.pk)
    if locked.status in (RosterUpload.Status.APPROVED, RosterUpload.Status.APPLYING, RosterUpload.Status.APPLIED):
        raise ValidationError(_("This roster is already being imported."), code="already_imported")
    locked.status, locked.claimed_at = RosterUpload.Status.CANCELLED, None
    locked.file_sealed = None
    locked.save(update_fields=["status", "claimed_at", "file_sealed"])
    locked.rows.all().delete()
    return locked


@transaction.atomic
def decide(*, upload: RosterUpload, decisions: Sequence[tuple[UUID, str]]) -> int:
    """Note what a person decided on rows of this upload; returns how many changed.

    Raises ValidationError: `not_in_review`.
    """
    locked = RosterUpload.objects.select_for_update().get(pk=upload.pk)
    if locked.status != RosterUpload.Status.REVIEW:
        raise ValidationError(_("This upload is not waiting for approval."), code="not_in_review")
    changed = 0
    for row_id, decision in decisions:
        allowed = [section for section, choices in CHOICES.items() if decision in choices]
        changed += locked.rows.filter(pk=row_id, section__in=allowed).exclude(decision=decision).update(decision=decision)
    return changed

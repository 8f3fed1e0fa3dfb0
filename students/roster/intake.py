"""A roster on its way in: uploaded, read by a worker, reviewed, approved. PostgreSQL is the queue, Celery the doorbell."""

import gc
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg
import structlog
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from schools.models import AuditEntry, School, User, record_access
from schools.reference import region_codes
from students import privacy
from students.models import RosterRow, RosterUpload
from students.nik import Regions
from students.problems import RosterRefused
from students.roster import changeset, questions, repairs, worklist
from students.roster.asking import Asked
from students.roster.limits import MAX_FILE_BYTES
from students.roster.reader import ColumnsUnknown, ErrorFileReturned, Returned
from students.roster.reading import Roster, read_roster
from students.roster.school_name import is_plainly_another_school

# A claim older than this was left by a worker that is gone.
LEASE: Final = timedelta(minutes=2)
# A file that ended its worker so often is not tried again.
MAX_TRIES: Final = 5
FIRST_MONTH_OF_SCHOOL_YEAR: Final = 7

UNDECIDED: Final = [
    RosterUpload.Status.WAITING,
    RosterUpload.Status.READING,
    RosterUpload.Status.QUESTIONS,
    RosterUpload.Status.REVIEW,
]
WORK: Final[dict[str, str]] = {
    RosterUpload.Status.WAITING: RosterUpload.Status.READING,
    RosterUpload.Status.READING: RosterUpload.Status.READING,
    RosterUpload.Status.APPROVED: RosterUpload.Status.APPLYING,
    RosterUpload.Status.APPLYING: RosterUpload.Status.APPLYING,
}
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    RosterRow.Section.MOVED: (RosterRow.Decision.ACCEPT, RosterRow.Decision.REJECT, RosterRow.Decision.NONE),
    RosterRow.Section.SIMILAR: (RosterRow.Decision.SAME_PERSON, RosterRow.Decision.KEEP_BOTH, RosterRow.Decision.NONE),
    RosterRow.Section.MISSING: (RosterRow.Decision.LEFT, RosterRow.Decision.GRADUATED, RosterRow.Decision.NONE),
    RosterRow.Section.GRADUATED: (RosterRow.Decision.GRADUATED, RosterRow.Decision.LEFT, RosterRow.Decision.NONE),
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
    """Keep the file, sealed, and ring for a worker (a command works itself). The same file, while it waits for review, is
    the same upload.

    Raises ValidationError: `file_empty`, `file_too_large`.
    """
    if not data:
        raise ValidationError(_("The file is empty. Choose the file that Dapodik gave."), code="file_empty")
    if len(data) > MAX_FILE_BYTES:
        raise RosterRefused("file_too_large")
    fingerprint = hashlib.sha256(data).digest()
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    same = RosterUpload.objects.filter(school=school, file_digest=fingerprint, status__in=UNDECIDED, follows=None).first()
    if same:
        return same
    upload = RosterUpload(
        school=school,
        office_id=school.office_id,
        uploaded_by=by,
        created_at=now,
        filename="".join(letter for letter in filename if letter.isprintable())[:200],
        file_digest=fingerprint,
    )
    upload.save(force_insert=True)
    _keep_file(upload, privacy.seal_bytes(data, row_id=upload.pk))
    if ring_worker:
        ring(upload)
    return upload


def _keep_file(upload: RosterUpload, sealed: bytes) -> None:
    """Bytes as they are: written out as text within a statement, a file of megabytes takes ten times as long."""
    upload.file_sealed = sealed
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute("UPDATE students_rosterupload SET file_sealed = %b WHERE id = %s", [sealed, upload.pk])


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
    """The upload if there is work on it and nobody alive is at it."""
    with transaction.atomic():
        unlocked = RosterUpload.objects.defer("file_sealed").select_for_update(skip_locked=True)
        upload = unlocked.filter(pk=upload_id).first()
        if upload is None or upload.status not in WORK:
            return None
        is_claimed = upload.claimed_at is not None and upload.claimed_at > now - LEASE
        if is_claimed and upload.status in (RosterUpload.Status.READING, RosterUpload.Status.APPLYING):
            return None
        upload.status = WORK[upload.status]
        upload.claimed_at, upload.claimed_by, upload.tries = now, worker[:80], upload.tries + 1
        upload.save(update_fields=["status", "claimed_at", "claimed_by", "tries"])
    return upload


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Thousands of lines that live until the end and hold no cycles: looking for some again and again costs a tenth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collecting()
def read_upload(*, upload: RosterUpload, now: datetime) -> RosterUpload:
    """Read, check and match; the changeset then waits for a yes, or the columns for an answer. A refusal is kept with its
    sentence."""
    today = now.astimezone(upload.office.zone).date()
    try:
        if upload.tries > MAX_TRIES:
            raise RosterRefused("file_unreadable")
        data = privacy.unseal_bytes(bytes(upload.file_sealed or b""), row_id=upload.pk)
        answers = questions.answers_of(upload.school_id)
        if upload.follows_id and worklist.newest_of(upload) is None:
            raise RosterRefused("follows_undone")
        roster = read_roster(
            data,
            filename=upload.filename,
            today=today,
            regions=regions(),
            answers=answers,
            repairs=repairs.of_upload(upload),
        )
    except ColumnsUnknown as unknown:
        return _ask(upload, unknown.asked, now=now)
    except ErrorFileReturned as error_file:
        return _take_over(upload, error_file.returned, today=today, now=now)
    except privacy.SealBroken:
        return _refuse(upload, RosterRefused("file_unreadable"), now=now)
    except RosterRefused as refusal:
        return _refuse(upload, refusal, now=now)
    if roster.asked:
        return _ask(upload, roster.asked, now=now)
    return store(upload=upload, roster=roster, today=today, now=now)


@transaction.atomic
def store(*, upload: RosterUpload, roster: Roster, today: date, now: datetime) -> RosterUpload:
    """Compare with what is known and put the changeset beside the upload, in place of an earlier one."""
    # No roster of this school is applied while this one is compared.
    School.objects.select_for_update(no_key=True).get(pk=upload.school_id)
    locked = _still_unread(upload)
    if locked is None:
        return RosterUpload.objects.get(pk=upload.pk)
    locked.school_year = school_year(today)
    locked.imports_before = changeset.imports_of(upload.school_id)
    locked.repairs.update(is_read=True)
    counts = changeset.write(upload=locked, roster=roster)
    locked.status, locked.read_at, locked.claimed_at, locked.tries = RosterUpload.Status.REVIEW, now, None, 0
    locked.format, locked.school_name_found = roster.format, roster.school_name[:200]
    locked.explained, locked.questions_sealed = list(roster.explained), None
    locked.rows_total = locked.rows_done = counts["rows"]
    locked.counts = counts | {
        "overtaken": bool(locked.counts.get("overtaken")),
        # Of a file that a person has confirmed before, it is not asked again.
        "other_school": not upload.follows_id and is_plainly_another_school(roster.school_name, expected=upload.school.name),
    }
    locked.save()
    return locked


def _still_unread(upload: RosterUpload) -> RosterUpload | None:
    """The upload, locked, unless it was cancelled, or read by somebody faster, in the meantime."""
    unread = [RosterUpload.Status.WAITING, RosterUpload.Status.READING, RosterUpload.Status.QUESTIONS]
    waiting = RosterUpload.objects.filter(status__in=unread)
    return waiting.defer("file_sealed").select_for_update().filter(pk=upload.pk).first()


@transaction.atomic
def _ask(upload: RosterUpload, asked: Asked, *, now: datetime) -> RosterUpload:
    """It waits until somebody has said what its columns mean."""
    locked = _still_unread(upload)
    if locked is None:
        return RosterUpload.objects.get(pk=upload.pk)
    locked.status, locked.read_at, locked.claimed_at, locked.tries = RosterUpload.Status.QUESTIONS, now, None, 0
    locked.questions_sealed = questions.sealed(asked, upload_id=locked.pk)
    locked.save(update_fields=["status", "read_at", "claimed_at", "tries", "questions_sealed"])
    return locked


@transaction.atomic
def answer_columns(
    *, upload: RosterUpload, answers: Mapping[str, str], by: User | None, now: datetime, ring_worker: bool = True
) -> RosterUpload:
    """Remember for the school what its headings mean and have the file read again, and with it others that wait for answers.
    `answers`: normalised heading → field, "" for none. During the review earlier answers are changed so; what was decided
    there is asked anew.

    Raises ValidationError: `not_asked`, `two_columns_one_field`, `columns_missing`.
    """
    School.objects.select_for_update(no_key=True).get(pk=upload.school_id)
    locked = RosterUpload.objects.defer("file_sealed").select_for_update().get(pk=upload.pk)
    asked = questions.asked_about(locked)
    if asked is None or locked.status != upload.status:
        raise ValidationError(_("These questions have been answered meanwhile."), code="not_asked")
    given = {question.heading: answers.get(question.heading, question.guess) for question in asked.questions}
    for problem in questions.refusals(asked, given):
        raise problem.error
    questions.remember(asked, given, school_id=locked.school_id, by=by, now=now)
    others = RosterUpload.objects.filter(school=locked.school_id, status=RosterUpload.Status.QUESTIONS)
    for again in [locked, *others.exclude(pk=locked.pk).defer("file_sealed").select_for_update().order_by("pk")]:
        again.rows.all().delete()
        again.status, again.claimed_at, again.tries = RosterUpload.Status.WAITING, None, 0
        again.questions_sealed, again.explained = None, []
        again.save(update_fields=["status", "claimed_at", "tries", "questions_sealed", "explained"])
        if ring_worker:
            ring(again)
    return locked


@transaction.atomic
def _take_over(upload: RosterUpload, returned: Returned, *, today: date, now: datetime) -> RosterUpload:
    """No roster but an error file: its repairs go to the upload that it was made from."""
    from students.roster.returned import take_over

    locked = _still_unread(upload)
    if locked is None:
        return RosterUpload.objects.get(pk=upload.pk)
    try:
        with transaction.atomic():
            return take_over(upload=locked, returned=returned, today=today, now=now)
    except ValidationError as refusal:
        return _refuse(upload, refusal, now=now)


@transaction.atomic
def _refuse(upload: RosterUpload, refusal: ValidationError, *, now: datetime) -> RosterUpload:
    locked = _still_unread(upload)
    if locked is None:
        return RosterUpload.objects.get(pk=upload.pk)
    locked.status, locked.read_at, locked.claimed_at = RosterUpload.Status.REFUSED, now, None
    locked.refusal_code, locked.refusal_message = refusal.code or "", refusal.messages[0]
    locked.questions_sealed = None
    locked.save(update_fields=["status", "read_at", "claimed_at", "refusal_code", "refusal_message", "questions_sealed"])
    return locked


@transaction.atomic
def approve_upload(
    *, upload: RosterUpload, by: User | None, now: datetime, is_right_school: bool = False, ring_worker: bool = True
) -> RosterUpload:
    """Say yes to the changeset; approving twice is approving once. `is_right_school`: a person has said that the file is
    this school's although it names another.

    Raises ValidationError: `not_in_review`, `wrong_school`, `two_rows_one_person`.
    """
    locked = RosterUpload.objects.defer("file_sealed").select_for_update().get(pk=upload.pk)
    if locked.status in (RosterUpload.Status.APPROVED, RosterUpload.Status.APPLYING, RosterUpload.Status.APPLIED):
        return locked
    if locked.status != RosterUpload.Status.REVIEW:
        raise ValidationError(_("This upload is not waiting for approval."), code="not_in_review")
    if locked.counts.get("other_school") and not is_right_school:
        raise ValidationError(_("Tick first, at the top of the page, that this list is your school's."), code="wrong_school")
    if locked.repairs.filter(is_read=False).exists():
        raise ValidationError(_("Some repairs have not been checked yet. Have them checked first."), code="repairs_unread")
    _refuse_two_rows_about_one(locked)
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


def _refuse_two_rows_about_one(upload: RosterUpload) -> None:
    """ "The same person" may be said of one row alone; the database would not let a second enrolment in."""
    about = Q(section__in=[RosterRow.Section.NEW, RosterRow.Section.CHANGED, RosterRow.Section.UNCHANGED])
    about |= Q(section=RosterRow.Section.MOVED, decision=RosterRow.Decision.ACCEPT)
    about |= Q(section=RosterRow.Section.SIMILAR, decision=RosterRow.Decision.SAME_PERSON)
    rows = upload.rows.filter(about, person__isnull=False).exclude(decision=RosterRow.Decision.REJECT)
    same = rows.values("person").annotate(lines=ArrayAgg("row_number", order_by="row_number")).filter(lines__len__gt=1)
    for found in same.order_by("person"):
        raise ValidationError(
            _('Rows %(rows)s cannot all be the same person. Choose "Keep both" for one of them, or mend the file.'),
            code="two_rows_one_person",
            params={"rows": ", ".join(map(str, found["lines"]))},
        )


@transaction.atomic
def cancel_upload(*, upload: RosterUpload, now: datetime) -> RosterUpload:
    """Throw the changeset away; nothing of it was ever written elsewhere.

    Raises ValidationError: `already_imported`.
    """
    locked = RosterUpload.objects.defer("file_sealed").select_for_update().get(pk=upload.pk)
    if locked.status in (RosterUpload.Status.APPROVED, RosterUpload.Status.APPLYING, RosterUpload.Status.APPLIED):
        raise ValidationError(_("This roster is already being imported."), code="already_imported")
    locked.status, locked.claimed_at = RosterUpload.Status.CANCELLED, None
    locked.file_sealed = locked.questions_sealed = None
    locked.save(update_fields=["status", "claimed_at", "file_sealed", "questions_sealed"])
    locked.rows.all().delete()
    locked.repairs.all().delete()
    return locked


@transaction.atomic
def decide(*, upload: RosterUpload, decisions: Sequence[tuple[UUID, str]], for_all: Mapping[str, str] | None = None) -> int:
    """Note what a person decided on rows of this upload; returns how many changed. `for_all`: section → decision for
    all its rows that have none.

    Raises ValidationError: `not_in_review`.
    """
    locked = RosterUpload.objects.defer("file_sealed").select_for_update().get(pk=upload.pk)
    if locked.status != RosterUpload.Status.REVIEW:
        raise ValidationError(_("This upload is not waiting for approval."), code="not_in_review")
    changed = 0
    for row_id, decision in decisions:
        allowed = [section for section, choices in CHOICES.items() if decision in choices]
        changed += locked.rows.filter(pk=row_id, section__in=allowed).exclude(decision=decision).update(decision=decision)
    for section, decision in (for_all or {}).items():
        if decision in CHOICES.get(section, ()):
            changed += locked.rows.filter(section=section, decision=RosterRow.Decision.NONE).update(decision=decision)
    return changed

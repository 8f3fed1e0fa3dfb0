"""An import taken back while nothing depends on it: all of it, or nothing and the reason why."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import pghistory.models
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from schools.models import AuditEntry, School, User, record_access
from students import privacy
from students.models import ClassGroup, Enrolment, Person, RosterRow, RosterUpload
from students.roster.apply import BY_INDEX, STANDING

# As the import left it, and nothing else: what somebody has changed since is not taken away.
CHANGED_SINCE: Final = f"""
    SELECT count(*) FROM students_rosterrow AS row
     WHERE upload_id = %(upload)s AND trace IS NOT NULL AND ({STANDING}) IS DISTINCT FROM trace->'after'
"""  # noqa: S608
# A person whom the import made has the one enrolment that it began, with the values of the row.
MADE_CHANGED_SINCE: Final = """
    SELECT count(*) FROM students_rosterrow AS row
      LEFT JOIN students_person AS person ON person.id = row.id
      LEFT JOIN students_enrolment AS enrolment ON enrolment.id = row.id
     WHERE row.upload_id = %(upload)s AND row.made_person AND (
               enrolment.ends_on IS NOT NULL OR enrolment.id IS NULL OR person.anonymised_at IS NOT NULL
               OR person.updated_at <> %(applied_at)s OR person.recorded_on IS NOT NULL OR person.places_needed <> 1
               OR (person.name, person.sex, person.birth_date, person.birth_place, person.phone, person.address,
                   person.nik_problem, enrolment.nisn)
                  IS DISTINCT FROM (row.name, row.sex, row.birth_date, row.birth_place, row.phone, row.address,
                                    row.nik_problem, row.nisn)
               OR person.nik_digest IS DISTINCT FROM row.nik_digest
               OR EXISTS (SELECT 1 FROM students_enrolment AS other WHERE other.person_id = row.id AND other.id <> row.id))
"""
LOCKED: Final = """
    SELECT person.id FROM students_person AS person
      JOIN students_rosterrow AS row ON row.person_id = person.id
     WHERE row.upload_id = %(upload)s AND (row.made_person OR row.trace IS NOT NULL)
     ORDER BY person.id FOR UPDATE OF person
"""
UNBEGUN: Final = "DELETE FROM students_enrolment WHERE id IN (SELECT id FROM students_rosterrow WHERE upload_id = %(upload)s)"
UNMADE: Final = """
    DELETE FROM students_person WHERE id IN (SELECT id FROM students_rosterrow WHERE upload_id = %(upload)s AND made_person)
"""
PUT_BACK: Final = """
    UPDATE students_person AS person
       SET name = old.name, search_name = old.search_name, sex = old.sex, birth_date = old.birth_date,
           birth_place = old.birth_place, phone = old.phone, address = old.address, domicile_id = old.domicile_id,
           city_id = old.city_id, office_id = old.office_id, nik_problem = old.nik_problem,
           updated_at = COALESCE(old.updated_at, %(now)s)
      FROM students_rosterrow AS row, jsonb_to_record(row.trace->'before') AS old (
               name text, search_name text, sex text, birth_date date, birth_place text, phone text, address text,
               domicile_id text, city_id text, office_id uuid, nik_problem text, updated_at timestamptz
           )
     WHERE row.upload_id = %(upload)s AND row.trace IS NOT NULL AND person.id = row.person_id
"""
NUMBERS_TAKEN_BACK: Final = """
    UPDATE students_person AS person SET nik_sealed = NULL, nik_digest = NULL
      FROM students_rosterrow AS row
     WHERE row.upload_id = %(upload)s AND person.id = row.person_id
       AND row.trace->'before'->>'nik_mark' IS NULL AND row.trace->'after'->>'nik_mark' IS NOT NULL
"""
NUMBERS_REPLACED: Final = """
    SELECT id, person_id, nik_sealed, nik_digest FROM students_rosterrow
     WHERE upload_id = %(upload)s AND trace->'before'->>'nik_mark' <> trace->'after'->>'nik_mark'
"""
OLD_NUMBER: Final = "UPDATE students_person SET nik_sealed = %s, nik_digest = %s WHERE id = %s"
REOPENED: Final = """
    UPDATE students_enrolment AS enrolment
       SET ends_on = NULL, end_reason = '', class_group_id = (row.trace->'before'->>'class_group_id')::uuid,
           nisn = row.trace->'before'->>'nisn'
      FROM students_rosterrow AS row
     WHERE row.upload_id = %(upload)s AND row.trace IS NOT NULL
       AND enrolment.id = (row.trace->'before'->>'enrolment')::uuid
"""


def can_be_undone(upload: RosterUpload) -> bool:
    """The newest import of its school, with its rows still there; whether somebody has used it is asked of `undo_upload`."""
    is_applied = upload.status == RosterUpload.Status.APPLIED and upload.applied_at is not None
    return is_applied and _is_traced(upload) and not _newer(upload).exists()


@transaction.atomic
def undo_upload(*, upload: RosterUpload, by: User | None, now: datetime) -> RosterUpload:
    """Everything stands as before the import. Undoing twice is undoing once.

    Raises ValidationError: `not_applied`, `not_the_newest`, `already_used`.
    """
    locked = RosterUpload.objects.defer("file_sealed").select_for_update().get(pk=upload.pk)
    if locked.status == RosterUpload.Status.UNDONE:
        return locked
    if locked.status != RosterUpload.Status.APPLIED:
        raise ValidationError(_("This upload has not been imported."), code="not_applied")
    School.objects.select_for_update(no_key=True).get(pk=locked.school_id)
    if _newer(locked).exists():
        raise ValidationError(_("Another roster of this school was imported later. Undo that one first."), code="not_the_newest")
    if not _is_traced(locked):
        raise ValidationError(_("What this import replaced is no longer kept, so it cannot be undone."), code="already_used")
    _take_back(locked, now=now)
    locked.status, locked.undone_at, locked.undone_by = RosterUpload.Status.UNDONE, now, by
    locked.save(update_fields=["status", "undone_at", "undone_by"])
    record_access(
        action=AuditEntry.Action.CORRECTED,
        subject=locked,
        by=by,
        at=now,
        office_id=locked.office_id,
        school_id=locked.school_id,
        detail={"undone": True} | {key: value for key, value in locked.counts.items() if isinstance(value, int)},
    )
    return locked


def _newer(upload: RosterUpload) -> models.QuerySet[RosterUpload]:
    applied = RosterUpload.objects.filter(school=upload.school_id, status=RosterUpload.Status.APPLIED)
    newer = models.Q(applied_at__gt=upload.applied_at) | models.Q(applied_at=upload.applied_at, id__gt=upload.pk)
    return applied.filter(newer)


def _is_traced(upload: RosterUpload) -> bool:
    """The rows are kept for the office's days only; an import from before traces were kept cannot be undone either."""
    return "made_classes" in upload.counts and upload.rows.exists()


def _take_back(upload: RosterUpload, *, now: datetime) -> None:
    values = {"upload": upload.pk, "applied_at": upload.applied_at, "now": now}
    classes = [UUID(made) for made in upload.counts.get("made_classes", [])]
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX)
        cursor.execute(LOCKED, values)
        cursor.fetchall()
        _refuse_if_used(upload, cursor, values)
        cursor.execute(UNBEGUN, values)
        cursor.execute(UNMADE, values)
        cursor.execute(PUT_BACK, values)
        cursor.execute(NUMBERS_TAKEN_BACK, values)
        _put_numbers_back(cursor, values)
        cursor.execute(REOPENED, values)
    _refuse_used(_used(ClassGroup, classes, but=()) + ClassGroup.objects.filter(pk__in=classes).exclude(_NO_CONTACT).count())
    ClassGroup.objects.filter(pk__in=classes).delete()


_NO_CONTACT: Final = models.Q(homeroom_name="", homeroom_email="", homeroom_phone="")


def _refuse_if_used(upload: RosterUpload, cursor: Any, values: dict[str, Any]) -> None:
    """Somebody's work stands on it: an appointment, a visit, a status, a consent, another enrolment, a later change."""
    cursor.execute(MADE_CHANGED_SINCE, values)
    changed = cursor.fetchone()[0]
    cursor.execute(CHANGED_SINCE, values)
    changed += cursor.fetchone()[0]
    came = models.Q(made_person=True) | (
        models.Q(trace__isnull=False) & ~models.Q(trace__before__school_id=str(upload.school_id))
    )
    people = list(upload.rows.filter(came, person__isnull=False).values_list("person_id", flat=True))
    _refuse_used(max(changed, _used(Person, people, but=(Enrolment, RosterRow))))


def _refuse_used(count: int) -> None:
    if count:
        raise ValidationError(
            _("This import cannot be undone: for %(count)s of its students or classes something was entered since."),
            code="already_used",
            params={"count": count},
        )


def _used(model: type[models.Model], ids: list[UUID], *, but: tuple[type[models.Model], ...]) -> int:
    """How many of these rows another row points to, in whatever room of the product; what is history does not count."""
    used: set[UUID] = set()
    for field in model._meta.get_fields(include_hidden=True):
        if not isinstance(field, models.ManyToOneRel):
            continue
        related = field.related_model
        if isinstance(related, str) or issubclass(related, (*but, pghistory.models.Event)):
            continue
        name = field.field.attname
        used |= set(related._base_manager.filter(**{f"{name}__in": ids}).values_list(name, flat=True))
    return len(used)


def _put_numbers_back(cursor: Any, values: dict[str, Any]) -> None:
    """The NIK that was replaced, sealed under the person's own id again."""
    cursor.execute(NUMBERS_REPLACED, values)
    numbers = [
        (privacy.seal(privacy.unseal(bytes(sealed), row_id=row_id), row_id=person_id), bytes(digest), person_id)
        for row_id, person_id, sealed, digest in cursor.fetchall()
    ]
    if numbers:
        cursor.executemany(OLD_NUMBER, numbers)

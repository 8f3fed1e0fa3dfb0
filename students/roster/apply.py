"""An approved changeset becomes persons and enrolments: all of it or nothing, in a handful of statements."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from uuid6 import uuid7

from schools.models import School
from students import privacy
from students.models import RosterUpload
from students.roster import changeset

# Statements are put together from the constants of this module alone; values travel as parameters.
# A row kept beside the one it resembles is a new person as any other.
KEPT_BOTH: Final = """
    UPDATE students_rosterrow SET made_person = true, person_id = id
     WHERE upload_id = %(upload)s AND section = 'similar' AND decision = 'keep_both'
"""
# What a row makes takes its id: the person and the enrolment. In the order of names, as two indexes of persons are: entries
# that come in order cost less to place than the sorting does.
NEW_PERSONS: Final = """
    INSERT INTO students_person (
        id, name, search_name, sex, birth_date, birth_place, nik_sealed, nik_digest, nik_problem, city_id, domicile_id, address,
        phone, places_needed, office_id, school_id, created_at, updated_at
    )
    SELECT id, name, search_name, sex, birth_date, birth_place, nik_sealed, nik_digest, nik_problem, NULLIF(city_code, ''),
           NULLIF(domicile_code, ''), address, phone, 1, office_id, school_id, %(now)s, %(now)s
      FROM students_rosterrow
     WHERE upload_id = %(upload)s AND made_person
     ORDER BY search_name
"""
# The rows that take effect, whatever their section. They are collected once (MATERIALIZED).
ACCEPTED: Final = """
    upload_id = %(upload)s AND person_id IS NOT NULL AND (
        made_person OR section = 'new'
        OR (section = 'changed' AND decision <> 'reject')
        OR (section = 'moved' AND decision = 'accept')
        OR (section = 'similar' AND decision = 'same_person')
    )
"""
CLASSES: Final = f"""
    SELECT class_name, max(grade) FROM students_rosterrow WHERE {ACCEPTED} AND class_name <> '' GROUP BY class_name ORDER BY 1
"""  # noqa: S608
NEW_CLASSES: Final = """
    INSERT INTO students_classgroup (id, school_id, school_year, grade, name, homeroom_name, homeroom_email, homeroom_phone)
    SELECT id, %(school)s, %(year)s, grade, name, '', '', ''
      FROM unnest(%(ids)s::uuid[], %(names)s::text[], %(grades)s::int[]) AS class (id, name, grade)
        ON CONFLICT (school_id, school_year, name) DO NOTHING
    RETURNING id
"""
# An empty cell takes nothing away, and who stays as before is not written.
CHANGED_PERSONS: Final = f"""
    WITH accepted AS MATERIALIZED (SELECT * FROM students_rosterrow WHERE {ACCEPTED} AND NOT made_person)
    UPDATE students_person AS person
       SET name = accepted.name, search_name = accepted.search_name, sex = accepted.sex, birth_date = accepted.birth_date,
           birth_place = COALESCE(NULLIF(accepted.birth_place, ''), person.birth_place),
           phone = COALESCE(NULLIF(accepted.phone, ''), person.phone),
           address = COALESCE(NULLIF(accepted.address, ''), person.address),
           domicile_id = COALESCE(NULLIF(accepted.domicile_code, ''), person.domicile_id),
           city_id = COALESCE(NULLIF(accepted.city_code, ''), person.city_id),
           office_id = accepted.office_id,
           updated_at = %(now)s
      FROM accepted
     WHERE person.id = accepted.person_id
       AND (person.name, person.search_name, person.sex, person.birth_date, person.birth_place, person.phone, person.address,
            person.domicile_id, person.city_id, person.office_id)
           IS DISTINCT FROM
           (accepted.name, accepted.search_name, accepted.sex, accepted.birth_date,
            COALESCE(NULLIF(accepted.birth_place, ''), person.birth_place), COALESCE(NULLIF(accepted.phone, ''), person.phone),
            COALESCE(NULLIF(accepted.address, ''), person.address),
            COALESCE(NULLIF(accepted.domicile_code, ''), person.domicile_id),
            COALESCE(NULLIF(accepted.city_code, ''), person.city_id), accepted.office_id)
"""  # noqa: S608
# Found when the rows were compared, and made by an import that was undone since.
GONE: Final = f"""
    WITH accepted AS MATERIALIZED (SELECT * FROM students_rosterrow WHERE {ACCEPTED} AND NOT made_person)
    SELECT 1 FROM accepted
     WHERE NOT EXISTS (SELECT 1 FROM students_person AS person WHERE person.id = accepted.person_id)
     LIMIT 1
"""  # noqa: S608
# Seen as a pupil here, or nowhere, when the rows were compared.
ENROLLED_ELSEWHERE: Final = f"""
    WITH accepted AS MATERIALIZED (SELECT * FROM students_rosterrow WHERE {ACCEPTED} AND NOT made_person AND section <> 'moved')
    SELECT 1 FROM accepted
      JOIN students_enrolment AS live ON live.person_id = accepted.person_id AND live.ends_on IS NULL
     WHERE live.school_id <> %(school)s
     LIMIT 1
"""  # noqa: S608
# One object for the statement, in which each row finds its class. A join was planned for the handful of classes that the
# statistics of a fresh table know of, and compared 12,000 rows with 330 classes each.
CLASS_OF_ROW: Final = """(
    (
        SELECT jsonb_object_agg(class_group.name, class_group.id) FROM students_classgroup AS class_group
         WHERE class_group.school_id = %(school)s AND class_group.school_year = %(year)s
    ) ->> class_name
)::uuid"""
# Of who is in this year's class list already.
RECLASSED: Final = f"""
    WITH accepted AS MATERIALIZED (
        SELECT person_id, nisn, {CLASS_OF_ROW} AS class_group_id FROM students_rosterrow WHERE {ACCEPTED} AND NOT made_person
    )
    UPDATE students_enrolment AS enrolment
       SET class_group_id = COALESCE(accepted.class_group_id, enrolment.class_group_id),
           nisn = COALESCE(NULLIF(accepted.nisn, ''), enrolment.nisn)
      FROM accepted
     WHERE enrolment.person_id = accepted.person_id AND enrolment.ends_on IS NULL
       AND enrolment.school_id IS NOT DISTINCT FROM %(school)s AND enrolment.school_year = %(year)s
       AND (enrolment.class_group_id IS DISTINCT FROM COALESCE(accepted.class_group_id, enrolment.class_group_id)
            OR enrolment.nisn <> COALESCE(NULLIF(accepted.nisn, ''), enrolment.nisn))
"""  # noqa: S608
# Enrolments elsewhere end with the move; here they end with the school year. One statement ends and begins, so that nobody is
# without a school in between: triggers would write that to the person, and back. What has ended is counted before anything
# begins, since a person has one live enrolment; who has this one already keeps it. (ON CONFLICT would find these too, and costs a
# sixth of the statement. Whom somebody enrols elsewhere meanwhile, the unique index refuses: overtaken.)
BEGUN: Final = f"""
    WITH accepted AS MATERIALIZED (
        SELECT id, person_id, school_id, office_id, nisn, made_person, {CLASS_OF_ROW} AS class_group_id
          FROM students_rosterrow WHERE {ACCEPTED}
    ),
    ended AS (
        UPDATE students_enrolment AS enrolment
           SET ends_on = GREATEST(%(today)s, enrolment.starts_on),
               end_reason = CASE WHEN enrolment.school_id = %(school)s THEN 'new_year' ELSE 'moved' END
          FROM accepted
         WHERE enrolment.person_id = accepted.person_id AND enrolment.ends_on IS NULL
           AND (enrolment.school_id <> %(school)s OR enrolment.school_year <> %(year)s)
        RETURNING enrolment.id
    )
    INSERT INTO students_enrolment (
        id, person_id, school_id, office_id, class_group_id, school_year, nisn, starts_on, end_reason
    )
    SELECT id, person_id, school_id, office_id, class_group_id, %(year)s, nisn, %(today)s, ''
      FROM accepted
     WHERE (SELECT count(*) FROM ended) >= 0 AND (made_person OR NOT EXISTS (
               SELECT 1 FROM students_enrolment AS live
                WHERE live.person_id = accepted.person_id AND live.ends_on IS NULL
                  AND live.school_id IS NOT DISTINCT FROM %(school)s AND live.school_year = %(year)s
           ))
"""  # noqa: S608
# Whom somebody else enrolled elsewhere while we wrote.
TAKEN_ELSEWHERE: Final = f"""
    WITH accepted AS MATERIALIZED (SELECT * FROM students_rosterrow WHERE {ACCEPTED} AND NOT made_person)
    SELECT 1 FROM accepted
      JOIN students_enrolment AS live ON live.person_id = accepted.person_id AND live.ends_on IS NULL
     WHERE live.school_id <> %(school)s
     LIMIT 1
"""  # noqa: S608
# How a pupil who was there before stands: around the writing it is noted beside the row, for who undoes the import.
STANDING: Final = """
    SELECT jsonb_build_object(
               'name', person.name, 'search_name', person.search_name, 'sex', person.sex, 'birth_date', person.birth_date,
               'birth_place', person.birth_place, 'phone', person.phone, 'address', person.address,
               'domicile_id', person.domicile_id, 'city_id', person.city_id, 'office_id', person.office_id,
               'nik_problem', person.nik_problem, 'nik_mark', md5(person.nik_digest),
               'enrolment', live.id, 'school_id', live.school_id, 'school_year', live.school_year,
               'class_group_id', live.class_group_id, 'nisn', live.nisn
           )
      FROM students_person AS person
      LEFT JOIN students_enrolment AS live ON live.person_id = person.id AND live.ends_on IS NULL
     WHERE person.id = row.person_id
"""
# When it was written last: put back by who undoes the import, so that the import before it can be undone as well.
TOUCHED: Final = "SELECT jsonb_build_object('updated_at', updated_at) FROM students_person WHERE id = row.person_id"
TRACED: Final = f"""
    upload_id = %(upload)s AND NOT made_person AND (
        ({ACCEPTED}) OR (section IN ('missing', 'graduated') AND decision IN ('left', 'graduated'))
    )
"""
NOTED_BEFORE: Final = f"""
    UPDATE students_rosterrow AS row SET trace = jsonb_build_object('before', ({STANDING}) || ({TOUCHED})) WHERE {TRACED}
"""  # noqa: S608
NOTED_AFTER: Final = f"""
    UPDATE students_rosterrow AS row SET trace = trace || jsonb_build_object('after', ({STANDING})) WHERE {TRACED}
"""  # noqa: S608
REPAIRED: Final = f"""
    WITH accepted AS MATERIALIZED (
        SELECT * FROM students_rosterrow WHERE {ACCEPTED} AND NOT made_person AND nik_sealed IS NOT NULL
    )
    SELECT accepted.id, accepted.person_id, accepted.nik_sealed, accepted.nik_digest, person.nik_sealed, person.nik_digest
      FROM accepted
      JOIN students_person AS person ON person.id = accepted.person_id
     WHERE person.nik_digest IS DISTINCT FROM accepted.nik_digest
"""  # noqa: S608
# The number that was replaced stays with the row, for who undoes the import.
KEPT_NUMBER: Final = "UPDATE students_rosterrow SET nik_sealed = %s, nik_digest = %s WHERE id = %s"
SEALED_ANEW: Final = "UPDATE students_person SET nik_sealed = %s, nik_digest = %s, nik_problem = '' WHERE id = %s"
LEFT: Final = """
    UPDATE students_enrolment AS enrolment SET ends_on = GREATEST(%(today)s, enrolment.starts_on), end_reason = row.decision
      FROM students_rosterrow AS row
     WHERE row.upload_id = %(upload)s AND row.section IN ('missing', 'graduated') AND row.decision IN ('left', 'graduated')
       AND enrolment.person_id = row.person_id AND enrolment.ends_on IS NULL
       AND enrolment.school_id IS NOT DISTINCT FROM %(school)s
"""
# Everything is found by an index: at most 20,000 rows are looked up in tables of any size. Left to itself, the planner of a
# database whose statistics are still those of empty tables compares everybody with everybody. For the same reason a school
# is asked for with IS NOT DISTINCT FROM, which no index answers: the person's own index is the one to use.
BY_INDEX: Final = "SET LOCAL enable_seqscan = off"

# The last: the person was made by an import that was undone while we wrote.
OVERTAKING: Final = ("one_nik_is_one_person", "person_is_enrolled_in_one_school", "students_enrolment_person_id")


class Overtaken(Exception):  # noqa: N818
    """Somebody else's import came in between; nothing of this one is written."""


def apply_upload(*, upload: RosterUpload, now: datetime) -> RosterUpload:
    """Write the accepted rows. Somebody else's change since the review sends the upload back to be matched anew."""
    try:
        return _apply(upload.pk, now=now)
    except Overtaken:
        return _back_to_reading(upload.pk)
    except IntegrityError as clash:
        if not any(name in str(clash) for name in OVERTAKING):
            raise
        return _back_to_reading(upload.pk)


@transaction.atomic
def _apply(upload_id: UUID, *, now: datetime) -> RosterUpload:
    uploads = RosterUpload.objects.select_for_update(of=("self",)).select_related("office").defer("file_sealed")
    upload = uploads.get(pk=upload_id)
    if upload.status not in (RosterUpload.Status.APPROVED, RosterUpload.Status.APPLYING):
        return upload
    # One roster of a school at a time; a changeset that was overtaken is matched anew.
    School.objects.select_for_update(no_key=True).get(pk=upload.school_id)
    if _is_stale(upload):
        return _back_to_reading(upload_id)
    today = now.astimezone(upload.office.zone).date()
    _write(upload, today=today, now=now)
    upload.status, upload.applied_at, upload.claimed_at = RosterUpload.Status.APPLIED, now, None
    upload.save(update_fields=["status", "applied_at", "claimed_at", "counts"])
    return upload


def _is_stale(upload: RosterUpload) -> bool:
    """Another roster of this school was imported since, or a pupil of this one was enrolled elsewhere."""
    if changeset.imports_of(upload.school_id) != upload.imports_before:
        return True
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX)
        cursor.execute(GONE, {"upload": upload.pk})
        if cursor.fetchall():
            return True
        cursor.execute(ENROLLED_ELSEWHERE, {"upload": upload.pk, "school": upload.school_id})
        return bool(cursor.fetchall())


@transaction.atomic
def _back_to_reading(upload_id: UUID) -> RosterUpload:
    """The review was overtaken: read and match again, and ask again."""
    from students.roster.intake import ring

    upload = RosterUpload.objects.select_for_update().defer("file_sealed").get(pk=upload_id)
    upload.status, upload.approved_at, upload.approved_by, upload.claimed_at = RosterUpload.Status.WAITING, None, None, None
    upload.counts = upload.counts | {"overtaken": True}
    upload.save(update_fields=["status", "approved_at", "approved_by", "claimed_at", "counts"])
    ring(upload)
    return upload


def _write(upload: RosterUpload, *, today: date, now: datetime) -> None:
    values: dict[str, Any] = {
        "upload": upload.pk,
        "school": upload.school_id,
        "year": upload.school_year,
        "today": today,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEX)
        cursor.execute(KEPT_BOTH, values)
        cursor.execute(NOTED_BEFORE, values)
        is_about_known = cursor.rowcount > 0
        cursor.execute(NEW_PERSONS, values)
        cursor.execute(CLASSES, values)
        classes = cursor.fetchall()
        ids, names, grades = [uuid7() for _ in classes], [name for name, _ in classes], [grade for _, grade in classes]
        cursor.execute(NEW_CLASSES, values | {"ids": ids, "names": names, "grades": grades})
        upload.counts = upload.counts | {"made_classes": [str(made) for (made,) in cursor.fetchall()]}
        if is_about_known:
            cursor.execute(CHANGED_PERSONS, values)
            _seal_anew(upload)
            cursor.execute(RECLASSED, values)
        cursor.execute(BEGUN, values)
        if is_about_known:
            cursor.execute(TAKEN_ELSEWHERE, values)
            if cursor.fetchall():
                raise Overtaken
        cursor.execute(LEFT, values)
        if is_about_known:
            cursor.execute(NOTED_AFTER, values)


def _seal_anew(upload: RosterUpload) -> None:
    """A repaired NIK, sealed under the person's own id: of a pupil who had none, and of one whom the school says to be
    the same although the number in the file is another."""
    with connection.cursor() as cursor:
        cursor.execute(REPAIRED, {"upload": upload.pk})
        rows = cursor.fetchall()
        sealed = [
            (privacy.seal(privacy.unseal(bytes(sealed), row_id=row_id), row_id=person_id), bytes(digest), person_id)
            for row_id, person_id, sealed, digest, _old, _old_digest in rows
        ]
        replaced = [
            (privacy.seal(privacy.unseal(bytes(old), row_id=person_id), row_id=row_id), bytes(old_digest), row_id)
            for row_id, person_id, _sealed, _digest, old, old_digest in rows
            if old_digest
        ]
        if sealed:
            cursor.executemany(SEALED_ANEW, sealed)
        if replaced:
            cursor.executemany(KEPT_NUMBER, replaced)

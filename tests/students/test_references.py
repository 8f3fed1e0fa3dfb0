"""References that are checked once for a statement are as sure as foreign keys: whatever SQL is written."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from uuid6 import uuid7

from drives.models import CoverageTouch
from schools.models import School
from students.models import ClassGroup, Enrolment, Person
from tests.factories import ClassGroupFactory, OfficeFactory, PersonFactory, RegionFactory, SchoolFactory

pytestmark = pytest.mark.django_db

# Table, column, what is referred to, its key.
REFERENCES: Final = [
    ("students_person", "city_id", "schools_region", "code"),
    ("students_person", "domicile_id", "schools_region", "code"),
    ("students_person", "office_id", "schools_office", "id"),
    ("students_person", "school_id", "schools_school", "id"),
    ("students_enrolment", "school_id", "schools_school", "id"),
    ("students_enrolment", "office_id", "schools_office", "id"),
    ("students_enrolment", "class_group_id", "students_classgroup", "id"),
]
each_reference = pytest.mark.parametrize(("table", "column", "target", "key"), REFERENCES)


@pytest.fixture
def pupil(db: None) -> Person:
    """In a class of a school, with a domicile."""
    person: Person = PersonFactory(enrolled=ClassGroupFactory(), domicile=RegionFactory(), city=RegionFactory().parent)
    return person


def run(sql: str, *values: Any) -> None:
    """As a transaction of its own would end: what is checked late is checked now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def nobody(key: str) -> object:
    return "99.99" if key == "code" else uuid7()


def copied(table: str, **changed: object) -> None:
    """Insert the rows of a table once more under other ids, 100 of them at a time, with one column changed in the last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped", [table]
        )
        columns = [name for (name,) in cursor.fetchall()]
    own = {"id": "uuidv7()", "nik_sealed": "NULL", "nik_digest": "NULL", "nik_digest_next": "NULL"}
    own |= {"ends_on": "CURRENT_DATE", "starts_on": "CURRENT_DATE", "end_reason": "'left'"}
    (column, value), *_ = changed.items()
    own[column] = f"CASE WHEN number = 100 THEN %s ELSE {column} END"
    chosen = ", ".join(own.get(name, name) for name in columns)
    run(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table}, generate_series(1, 100) AS number", value)


@each_reference
def test_no_row_is_inserted_that_refers_to_nothing(pupil: Person, table: str, column: str, target: str, key: str) -> None:
    with pytest.raises(IntegrityError, match=f"{table}.{column} refers to a row of {target} that is not there"):
        copied(table, **{column: nobody(key)})


@each_reference
def test_no_row_comes_to_refer_to_nothing(pupil: Person, table: str, column: str, target: str, key: str) -> None:
    with pytest.raises(IntegrityError, match=f"{table}.{column} refers to a row of {target} that is not there"):
        run(f"UPDATE {table} SET {column} = %s", nobody(key))


@each_reference
def test_what_is_referred_to_is_not_deleted(pupil: Person, table: str, column: str, target: str, key: str) -> None:
    used = {
        "schools_region": lambda: RegionFactory(code="31.74.10").pk,
        "schools_office": lambda: OfficeFactory(name="Nobody else's").pk,
        "schools_school": lambda: SchoolFactory(npsn="20999999").pk,
        "students_classgroup": lambda: ClassGroupFactory(name="Nobody else's").pk,
    }[target]()
    run(f"UPDATE {table} SET {column} = %s", used)
    CoverageTouch.objects.all().delete()  # refers to schools as well

    with pytest.raises(IntegrityError, match=f"still refer to this row of {target}"):
        run(f"DELETE FROM {target} WHERE {key} = %s", used)
    with pytest.raises(IntegrityError, match=f"still refer to this row of {target}"):
        run(f"UPDATE {target} SET {key} = %s WHERE {key} = %s", nobody(key), used)


def test_many_rows_that_refer_to_what_is_there_go_in(pupil: Person) -> None:
    copied("students_person", school_id=pupil.school_id)
    copied("students_enrolment", class_group_id=Enrolment.objects.values_list("class_group_id", flat=True)[0])

    assert (Person.objects.count(), Enrolment.objects.count()) == (101, 101)


def test_who_refers_and_what_is_referred_to_may_go_together(pupil: Person) -> None:
    group = ClassGroup.objects.get()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM students_classgroup WHERE id = %s", [group.pk])
        cursor.execute("DELETE FROM students_enrolment")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert not ClassGroup.objects.exists()


@pytest.fixture
def somebody_else(transactional_db: None) -> Iterator[Any]:
    """A second connection, which waits for no lock longer than a moment."""
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
    yield other
    other.close()


@pytest.mark.django_db(transaction=True)
def test_a_school_cannot_go_while_a_pupil_comes(somebody_else: Any) -> None:
    school: School = SchoolFactory()
    with transaction.atomic():
        PersonFactory(school=school)

        with pytest.raises(OperationalError), somebody_else.cursor() as cursor:
            cursor.execute("DELETE FROM schools_school WHERE id = %s", [school.pk])
    with pytest.raises(IntegrityError), somebody_else.cursor() as cursor:
        cursor.execute("DELETE FROM schools_school WHERE id = %s", [school.pk])

    assert Person.objects.get().school == school


@pytest.mark.django_db(transaction=True)
def test_a_pupil_cannot_come_while_the_school_goes(somebody_else: Any) -> None:
    school: School = SchoolFactory()
    person: Person = PersonFactory()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM schools_school WHERE id = %s", [school.pk])

        with pytest.raises(OperationalError):
            moved_to(somebody_else, person.pk, school.pk)
    with pytest.raises(IntegrityError):
        moved_to(somebody_else, person.pk, school.pk)


def moved_to(database: Any, person: UUID, school: UUID) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE students_person SET school_id = %s WHERE id = %s", [school, person])

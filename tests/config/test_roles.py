"""The application connects as a role that can read and write rows, and nothing else."""

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, connections, transaction


@pytest.mark.django_db
def test_tests_connect_as_a_role_that_is_neither_owner_nor_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        role = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
        owned = cursor.fetchone()

    assert role == (settings.DATABASE_APP_ROLE, False, False, False, False)
    assert owned == (0,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE made_by_the_application (id int)",
        "TRUNCATE django_content_type",
        "DROP TABLE django_content_type",
        "ALTER TABLE django_content_type DISABLE TRIGGER ALL",
        "DELETE FROM django_migrations",
        "CREATE ROLE another",
    ],
)
def test_the_application_role_is_refused(statement: str) -> None:
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.django_db
def test_both_aliases_name_the_same_test_database() -> None:
    names = {connections[alias].settings_dict["NAME"] for alias in ("default", "owner")}

    assert len(names) == 1
    assert names.pop().startswith("test_")

"""What every test stands on: real servers, a database made by its owner and used by the application role."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from types import FrameType
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import Cursor
from psycopg.errors import InsufficientPrivilege
from pytest_django import DjangoDbBlocker

from config import local
from tests.database import migrated_template, slot

pytest_plugins = ["tests.browser", "tests.worker"]

KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}

# How fast a machine draws says nothing about the product; and what a fixture made, a test over many examples sets back itself.
UNWATCHED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
hypothesis_settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=UNWATCHED)
hypothesis_settings.register_profile("local", deadline=None, suppress_health_check=UNWATCHED)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_configure(config: pytest.Config) -> None:
    """Settings for tests, and the servers for as long as the session (with xdist, its controller) lives."""
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if not hasattr(config, "workerinput"):
        # Tests read what people read; the compiled catalogues are not in the repository.
        subprocess.run(
            [sys.executable, "manage.py", "messages", "--compile"], cwd=settings.BASE_DIR, check=True, stdout=subprocess.DEVNULL
        )
    cleanup = ExitStack()
    config.add_cleanup(cleanup.close)
    if settings.LOCAL_SERVERS and not hasattr(config, "workerinput"):
        cleanup.enter_context(local.servers())
        for ending in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, _interrupt)
    _use_a_slot(cleanup.enter_context(slot()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories and kills come first: with two processes the first has them, one browser at a time, and the second the rest."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("journey", "fault")))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Told to end, leave the servers properly."""
    raise KeyboardInterrupt


def _use_a_slot(number: int) -> None:
    """A database and a queue of our own, whoever else runs tests or the product (which has queue 0) at this moment."""
    for alias in ("default", "owner"):
        settings.DATABASES[alias]["TEST"]["NAME"] = f"test_{settings.DATABASES['owner']['NAME']}_{number}"
    use_queue(number)


def use_queue(number: int) -> None:
    """This one of the queue server's databases, for queue and cache."""
    address, _, _ = settings.REDIS_URL.partition("?")
    if settings.REDIS_URL.startswith("unix:"):
        settings.REDIS_URL = f"{address}?db={number}"
    else:
        settings.REDIS_URL = f"{address.rsplit('/', 1)[0]}/{number}"
    settings.CACHES["default"]["LOCATION"] = settings.REDIS_URL
    settings.CELERY_BROKER_URL = settings.REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """The owner makes and migrates the database; `default` then finds it as the application role."""
    if settings.LOCAL_SERVERS:
        # What the holder of this number before us left in its queue and cache.
        caches["default"].clear()
    with django_db_blocker.unblock():
        connections["owner"].settings_dict["TEST"]["TEMPLATE"] = migrated_template()
        made = setup_databases(
            verbosity=0,
            interactive=False,
            aliases={"default", "owner"},  # type: ignore[arg-type]  # a set of names is what Django's own runner gives
            serialized_aliases=set(),
            keepdb=django_db_keepdb and not django_db_createdb,
        )
        _without_waiting_for_the_disk()
    yield
    with django_db_blocker.unblock():
        if not django_db_keepdb:
            _nobody_else_is_connected()
        for connection in connections.all():
            connection.close()
        if not django_db_keepdb:
            teardown_databases(made, verbosity=0)


def _nobody_else_is_connected() -> None:
    """A thread or process that a story has ended may still be taking its leave; a database in use is not dropped.

    Each role ends its own sessions, and nobody comes back.
    """
    owner = connections["owner"]
    for connection in connections.all():
        connection.ensure_connection()
    with owner._nodb_cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {owner.ops.quote_name(owner.settings_dict['NAME'])} WITH ALLOW_CONNECTIONS false")
    for connection in connections.all():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )


def _without_waiting_for_the_disk() -> None:
    """Nobody looks for a test's rows after a power cut; each commit would wait for the disk, and the tests make many."""
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {owner.ops.quote_name(owner.settings_dict['NAME'])} SET synchronous_commit = off")
    for connection in connections.all():
        connection.close()


def _empty_all_tables(_test: TransactionTestCase) -> None:
    """After a test that committed: the application role may not do this, the owner may."""
    connections["default"].close()
    owner = connections["owner"]
    name = owner.settings_dict["NAME"]
    assert str(name).startswith("test_"), f"{name} is no test database and is not emptied"
    connection = owner.get_new_connection(owner.get_connection_params())
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = [owner.ops.quote_name(name) for (name,) in cursor.fetchall() if name not in KEPT_TABLES]
            cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables))
            filled = [table for (table,) in cursor.fetchall()]
            if filled:
                cursor.execute(_emptying(cursor, filled))
    finally:
        connection.close()


def _emptying(cursor: Cursor[Any], tables: list[str]) -> str:
    """Deleting past triggers and foreign keys takes milliseconds; TRUNCATE, a second, is for who may not."""
    try:
        cursor.execute("SET session_replication_role = replica")
    except InsufficientPrivilege:
        return f"TRUNCATE {', '.join(tables)} CASCADE"
    return ";".join(f"DELETE FROM {table}" for table in tables)


# TestCase overrides this with a rollback, so that it concerns tests which commit alone.
TransactionTestCase._fixture_teardown = _empty_all_tables  # type: ignore[attr-defined]

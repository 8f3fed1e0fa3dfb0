"""A database of the benchmark's own, copied from the migrated one; never the one that people work in."""

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

from config import local
from tests.conftest import use_queue
from tests.database import migrated_template, slot


@contextmanager
def scratch_database() -> Iterator[None]:
    """The servers, a database with the reference data, a queue, and the application role to work with."""
    with local.servers(), slot() as number:
        for alias in ("default", "owner"):
            settings.DATABASES[alias]["TEST"]["NAME"] = f"test_bench_{number}"
            connections[alias].settings_dict["TEST"]["NAME"] = f"test_bench_{number}"
        use_queue(number)
        connections["owner"].settings_dict["TEST"]["TEMPLATE"] = migrated_template()
        made = setup_databases(verbosity=0, interactive=False, aliases={"default", "owner"}, serialized_aliases=set())  # type: ignore[arg-type]
        try:
            if not str(connection.settings_dict["NAME"]).startswith("test_bench_"):
                raise RuntimeError("The benchmark found itself in a database that is not its own.")
            call_command("load_reference", verbosity=0, stdout=io.StringIO())
            yield
        finally:
            connection.close()
            teardown_databases(made, verbosity=0)


def processor_seconds() -> float:
    """Of this process, its children that have ended, and its server process of the database; 0 where the system does not tell."""
    connection.ensure_connection()
    try:
        told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    except OSError:
        return 0.0
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in own) + int(told.split()[0]) / 1e9


def as_owner(*statements: str) -> None:
    """What the application role may not do: tables of the benchmark, and emptying."""
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

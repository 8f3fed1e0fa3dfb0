"""A number of one's own for each process of tests, and a migrated database to copy.

Migrations run once for each state of them, not once for each run of the tests.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError

PREFIX = "jemput_bola_tests_"
BUILDING = "jemput_bola_building"
KEPT = 3
SLOTS = 60


@contextmanager
def slot() -> Iterator[int]:
    """The first number from 1 that no other process of tests on this checkout holds."""
    folder = settings.VAR_DIR / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, SLOTS + 1):
        with (folder / str(number)).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield number
            return
    raise RuntimeError(f"More than {SLOTS} processes run tests at once.")


def migrated_template() -> str:
    """The name of a database in which all migrations have run; it is made where it is missing."""
    name = PREFIX + _fingerprint()
    with _one_at_a_time():
        found = _templates()
        if name not in found:
            _build(name)
            for old in found[: 1 - KEPT]:
                _drop(old)
    return name


def _fingerprint() -> str:
    """Another one as soon as any migration, or what migrations read, is another one."""
    digest = hashlib.sha256(str(settings.DATABASE_APP_ROLE).encode())
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path).glob("migrations/**/*")):
            if path.suffix in (".py", ".sql", ".csv", ".json"):
                digest.update(f"{app.label}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (settings.VAR_DIR / "tests" / "template").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _templates() -> list[str]:
    """Those there are, the oldest first."""
    with _outside() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [PREFIX])
        return [name for (name,) in cursor.fetchall()]


def _build(name: str) -> None:
    """Migrate under another name, so that a half-migrated database is never copied."""
    owner = connections["owner"]
    real, test = owner.settings_dict["NAME"], dict(owner.settings_dict["TEST"])
    try:
        owner.settings_dict["TEST"] |= {"NAME": BUILDING, "TEMPLATE": "template0"}
        owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        owner.close()
        owner.settings_dict["NAME"] = settings.DATABASES["owner"]["NAME"] = real
        owner.settings_dict["TEST"] = test
    with _outside() as cursor:
        cursor.execute(f"ALTER DATABASE {BUILDING} RENAME TO {name}")


def _outside() -> AbstractContextManager[CursorWrapper]:
    """A cursor of the owner in a database that is neither copied nor renamed."""
    creation: Any = connections["owner"].creation
    return cast("AbstractContextManager[CursorWrapper]", creation._nodb_cursor())


def _drop(name: str) -> None:
    try:
        with _outside() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
    except OperationalError:
        # Somebody copies it just now; the next run will drop it.
        pass

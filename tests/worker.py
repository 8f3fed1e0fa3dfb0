"""A real Celery worker over the real Valkey and the test database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from config.celery import app

START_SECONDS = 180
WORKER_OPTIONS = ("--concurrency=1", "--loglevel=INFO", "--without-gossip", "--without-mingle")


@pytest.fixture(scope="session")
def celery_worker_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    """One `celery -A config worker` for the session. It sees only what is committed: use it with `transactional_db`."""
    log = tmp_path_factory.mktemp("worker") / "worker.log"
    process = start_worker(log)
    yield process
    stop_worker(process)


def start_worker(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a worker and wait until it answers."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "worker", *WORKER_OPTIONS, *arguments],
            cwd=settings.BASE_DIR,
            env=worker_environment(log.parent),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while not app.control.ping(timeout=0.3):
        if process.poll() is not None or time.monotonic() > deadline:
            stop_worker(process)
            pytest.fail(f"The Celery worker did not start:\n{log.read_text()[-4000:]}")
    return process


def stop_worker(process: subprocess.Popen[bytes]) -> None:
    """End the worker and its children, at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=20)


def worker_environment(folder: Path) -> dict[str, str]:
    """The test's database, queue and mail folder, in the words of the settings."""
    return os.environ | {
        "DATABASE_URL": _database_url("default"),
        "DATABASE_OWNER_URL": _database_url("owner"),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "NIK_SEAL_KEYS": ",".join(settings.NIK_SEAL_KEYS),
        "NIK_DIGEST_KEY": settings.NIK_DIGEST_KEY,
        "SITE_URL": settings.SITE_URL,
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "LOG_LEVEL": "INFO",
    }


def _database_url(alias: str) -> str:
    database = connections[alias].settings_dict
    host = database["HOST"]
    address = f":{database['PORT'] or 5432}/{host}" if host.startswith("/") else f"{host}:{database['PORT'] or 5432}"
    return f"postgresql://{database['USER']}:{database['PASSWORD']}@{address}/{database['NAME']}"

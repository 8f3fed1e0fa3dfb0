"""What the other tests stand on: a worker of the real Celery, and a clean database after every test that commits."""

import subprocess

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import TransactionTestCase
from django.utils import timezone

from config.celery import app


@pytest.mark.django_db(transaction=True)
def test_the_worker_knows_every_task_of_the_schedule(celery_worker_process: subprocess.Popen[bytes]) -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    known = app.control.inspect(timeout=60, limit=1).registered() or {}

    assert known
    assert [scheduled - set(tasks) for tasks in known.values()] == [set()]


@pytest.mark.django_db(transaction=True)
def test_what_a_test_committed_is_gone_after_it() -> None:
    Session.objects.create(session_key="left", session_data="", expire_date=timezone.now())

    TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]

    assert not Session.objects.exists()


def test_tests_never_use_the_queue_of_a_running_product() -> None:
    assert not settings.REDIS_URL.endswith(("?db=0", "/0"))
    assert settings.CACHES["default"]["LOCATION"] == settings.REDIS_URL
    assert app.conf.broker_url == settings.CELERY_BROKER_URL

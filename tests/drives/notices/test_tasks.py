"""Beat's doorbell reaches a real worker, and the worker empties the outbox."""

import subprocess
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from drives.models import Notice
from drives.notices.tasks import send_due_notices
from tests.drives.notices.drives import published_drive
from tests.factories import OfficeFactory


def test_beat_rings_for_the_task_that_exists() -> None:
    assert settings.CELERY_BEAT_SCHEDULE["notices-due"]["task"] == send_due_notices.name


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_is_due(celery_worker_process: "subprocess.Popen[bytes]") -> None:
    # The worker lives by the real clock: a drive of next week, and an office without quiet hours.
    OfficeFactory(notices_from_hour=0, notices_until_hour=24)
    scene = published_drive(on=timezone.localdate() + timedelta(days=7))
    scene.plan(now=timezone.now() - timedelta(minutes=1))

    send_due_notices.delay()

    published = Notice.objects.filter(channel="email", kind="published")
    deadline = time.monotonic() + 60
    while published.filter(sent_at=None).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(published.values_list("attempt_count", "error", "withdrawn_at").filter(sent_at__isnull=False)) == [
        (0, "", None),
        (0, "", None),
    ]

"""Beat's doorbell reaches a real worker, and the worker empties the outbox."""

import subprocess
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from drives.models import FollowUp, Notice
from drives.notices.tasks import send_due_notices, tell_chances
from tests.drives.notices.drives import published_drive, visit_for
from tests.factories import OfficeFactory, UserFactory


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


@pytest.mark.django_db(transaction=True)
def test_another_chance_is_told_once_by_a_worker_that_is_rung_again_and_again(
    celery_worker_process: "subprocess.Popen[bytes]",
) -> None:
    OfficeFactory(notices_from_hour=0, notices_until_hour=24)
    scene = published_drive(on=timezone.localdate() + timedelta(days=7))
    visit = visit_for(scene)
    FollowUp.objects.create(
        visit=visit,
        drive_day=scene.day,
        office=scene.drive.office,
        school=scene.drive.school,
        way=FollowUp.Way.OFFICE,
        decided_at=timezone.now() - timedelta(minutes=6),
        decided_by=UserFactory(),
    )

    for _ring in range(4):
        tell_chances.delay()
        send_due_notices.delay()

    told = Notice.objects.filter(channel="email", kind="chance")
    deadline = time.monotonic() + 30
    while told.filter(sent_at__isnull=False).count() < 2 and time.monotonic() < deadline:
        send_due_notices.delay()
        time.sleep(0.3)
    assert sorted(told.values_list("recipient", "withdrawn_at", "error")) == [
        ("sari@guru.example", None, ""),
        ("sman55@sekolah.example", None, ""),
    ]
    assert not told.filter(sent_at=None).exists()

"""Thin: claim, work, done. Safe to run twice, at once, and after a kill."""

import os
import socket
import time
from typing import Final
from uuid import UUID

from celery import shared_task
from django.utils import timezone, translation

from students.models import RosterUpload
from students.roster import intake
from students.roster.apply import apply_upload
from students.roster.retention import forget_old_rosters

LONGEST_REST: Final = 2.0


@shared_task
def work_on_upload(*, upload_id: str) -> None:
    """Read an upload, or apply it once approved; then rest as long as it took. Many at once so take half a processor of the
    database, and one alone is finished before its worker rests."""
    begun = time.monotonic()
    work(UUID(upload_id))
    time.sleep(min(time.monotonic() - begun, LONGEST_REST))


@shared_task
def sweep_uploads() -> None:
    """Uploads whose message was lost, or whose worker is gone."""
    for upload_id in RosterUpload.objects.filter(status__in=intake.WORK).order_by("created_at").values_list("pk", flat=True)[:50]:
        work_on_upload.delay(upload_id=str(upload_id))


@shared_task
def forget_rosters() -> None:
    """Every night: files and rows whose days are over."""
    forget_old_rosters(now=timezone.now())


def work(upload_id: UUID) -> None:
    """One step of an upload, by whoever comes first."""
    upload = intake.claim(upload_id=upload_id, worker=f"{socket.gethostname()}:{os.getpid()}", now=timezone.now())
    if upload is None:
        return
    # Sentences are kept with the rows; they are written for the school, in Indonesian.
    with translation.override("id"):
        if upload.status == RosterUpload.Status.READING:
            intake.read_upload(upload=upload, now=timezone.now())
        else:
            apply_upload(upload=upload, now=timezone.now())

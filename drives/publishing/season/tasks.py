"""Thin: claim, work, done. Safe to run twice, at once, and after a kill."""

import os
import socket
from uuid import UUID, uuid4

from celery import shared_task
from django.utils import timezone

from drives.models import SeasonPublication
from drives.publishing.season.working import work


@shared_task
def work_on_publication(*, publication_id: str) -> None:
    """Look at a publication's turns, publish them, or take them back, whichever is to be done."""
    work(
        publication_id=UUID(publication_id), worker=f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}", clock=timezone.now
    )


@shared_task
def sweep_publications() -> None:
    """Publications whose message was lost, or whose worker is gone."""
    unfinished = SeasonPublication.objects.unfinished().order_by("asked_at", "pk")
    for publication_id in unfinished.values_list("pk", flat=True)[:50]:
        work_on_publication.delay(publication_id=str(publication_id))

"""What ends by itself. Pages look at the recording themselves; this only writes down when it ended."""

from celery import shared_task
from django.utils import timezone

from drives.followups.actions import end_what_is_done


@shared_task
def end_follow_ups() -> int:
    return end_what_is_done(now=timezone.now())

"""The outbox's doorbell: beat rings each minute."""

from celery import shared_task
from django.utils import timezone

from drives.notices import chances, departures, outbox


@shared_task(name="drives.notices.tasks.send_due_notices")
def send_due_notices() -> None:
    outbox.run(clock=timezone.now)


@shared_task(name="drives.notices.tasks.tell_departures")
def tell_departures() -> None:
    departures.tell_schools(now=timezone.now())


@shared_task(name="drives.notices.tasks.tell_chances")
def tell_chances() -> None:
    chances.tell_chances(now=timezone.now())

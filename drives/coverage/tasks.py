"""Coverage in the background: touched days within a minute, every school at night."""

from celery import shared_task
from django.utils import timezone

from drives.coverage import rollup


@shared_task
def roll_up_touched_days() -> None:
    rollup.roll_up_touched(today=timezone.localdate())


@shared_task
def roll_up_nightly() -> None:
    rollup.roll_up_all(today=timezone.localdate())

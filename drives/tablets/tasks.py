"""A credential that nobody needs any more ends by itself."""

from datetime import datetime, timedelta
from typing import Final

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from drives.models import Device, Preparation

IDLE_AFTER: Final = timedelta(days=90)


@shared_task
def revoke_idle_tablets() -> int:
    return revoke_idle(now=timezone.now())


def revoke_idle(*, now: datetime) -> int:
    """Tablets made ready for no day of the last months that hold nothing, as they last said. Gives how many there were."""
    recent = Preparation.objects.filter(device=OuterRef("pk"), drive_day__day__gte=(now - IDLE_AFTER).date())
    idle = Device.objects.trusted().filter(registered_at__lt=now - IDLE_AFTER, unsent_count=0, held_count=0)
    return idle.exclude(Exists(recent)).update(revoked_at=now)

"""Publishing a schedule: the drive's own change and what is told to whom, in one transaction."""

from datetime import datetime

from django.db import transaction

from drives.models import Drive
from drives.notices.actions import plan_notices
from drives.planning.actions import publish_drive
from schools.models import User


@transaction.atomic
def publish(*, drive: Drive, by: User | None, now: datetime) -> Drive:
    """The school sees the schedule, and the notices are due. Raises what `publish_drive` raises."""
    published = publish_drive(drive=drive, by=by, now=now)
    plan_notices(drive=published, now=now)
    return published

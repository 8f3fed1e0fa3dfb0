"""Changing days that the school knows: first what it would mean, then the schedule and its notices in one step."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from drives.models import Drive
from drives.notices.actions import Statement, plan_notices, statement
from drives.planning.actions import Relaid, change_published
from drives.planning.printed import Stale, stale_prints
from drives.planning.wishes import ScheduleWish
from schools.models import User


@dataclass(frozen=True, slots=True)
class Preview:
    """What the change would do to people, what it would send, and which prints it would make wrong."""

    relaid: Relaid
    statement: Statement
    stale: Stale


class _Enough(Exception):  # noqa: N818  # no error: it ends what was only tried
    def __init__(self, preview: Preview) -> None:
        self.preview = preview


def preview_change(*, drive: Drive, wish: ScheduleWish, by: User | None, now: datetime) -> Preview:
    """The change as it would be, made and taken back at once: nothing is written. Raises what `change_published` raises."""
    try:
        with transaction.atomic():
            relaid = change_published(drive=drive, wish=wish, by=by, now=now)
            after = Drive.objects.select_related("office", "school").get(pk=drive.pk)
            raise _Enough(Preview(relaid, statement(after, now=now), stale_prints(after)))
    except _Enough as enough:
        return enough.preview


@transaction.atomic
def change(*, drive: Drive, wish: ScheduleWish, by: User | None, now: datetime, seen: str) -> Relaid:
    """The change as it was looked at, and the notices of the new schedule in place of what has not left yet.

    Raises what `change_published` raises; with `changed_meanwhile` the preview is to be looked at again.
    """
    relaid = change_published(drive=drive, wish=wish, by=by, now=now, seen=seen)
    if relaid.is_change:
        plan_notices(drive=Drive.objects.select_related("office", "school").get(pk=drive.pk), now=now)
    return relaid

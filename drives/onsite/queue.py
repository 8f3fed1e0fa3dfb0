"""Numbers for those who wait: the console counts a day through, each tablet after a letter of its own."""

import re
from datetime import date
from typing import Final
from uuid import UUID
from zlib import crc32

from django.db import connection
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast

from drives.models import VisitEvent

# "B-07": what a tablet may give out. A number without a letter is the server's alone.
OF_A_TABLET: Final = re.compile(r"[A-Z]{1,2}-[0-9]{1,5}")
# Any number that nothing else locks by.
LOCK_SPACE: Final = 5507


def next_number(*, drive_id: UUID, day: date) -> str:
    """The next of this day, within a transaction: two operators at once get different ones. None is given out twice, not
    even where the arrival was undone."""
    lock_day(drive_id=drive_id, day=day)
    given = VisitEvent.objects.filter(drive=drive_id, day=day, queue_number__regex=r"^[0-9]+$")
    last: int | None = given.aggregate(last=Max(Cast("queue_number", IntegerField())))["last"]
    return str(1 + (last or 0))


def lock_day(*, drive_id: UUID, day: date) -> None:
    key = crc32(drive_id.bytes + day.isoformat().encode()) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, key])

"""What a recording has really taken: learnt from the office's closed days, kit by kit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby, pairwise
from statistics import median
from typing import Final
from uuid import UUID

from drives.models import DayClose, VisitEvent
from schools.models import Office

# A longer silence is a break or a broken kit, and says nothing of how long a person takes.
LONGEST_GAP: Final = timedelta(minutes=30)
FEWEST: Final = 30
MOST: Final = 1000
MOST_DAYS: Final = 60
TENTH: Final = Decimal("0.1")

# A kit's recordings on one day: the kit, the day, the moment.
Recording = tuple[UUID, date, datetime]


@dataclass(frozen=True, slots=True)
class Learnt:
    """`minutes` per person and kit, the median of `recordings`; None where there are too few to tell."""

    minutes: Decimal | None
    recordings: int


def learn(recordings: Iterable[Recording]) -> Learnt:
    """The median time from one recording of a kit to its next, on the same day, breaks left out."""
    gaps = []
    for _kit_on_day, moments in groupby(sorted(recordings), key=lambda each: each[:2]):
        for before, after in pairwise(moment for _kit, _day, moment in moments):
            if timedelta() < after - before <= LONGEST_GAP:
                gaps.append((after - before).total_seconds())
    if len(gaps) < FEWEST:
        return Learnt(None, len(gaps))
    minutes = (Decimal(str(median(gaps))) / 60).quantize(TENTH, ROUND_HALF_UP)
    return Learnt(max(Decimal(1), minutes), len(gaps))


def learnt_by(office: Office) -> Learnt:
    """From the newest days that are closed; two queries. What was taken back or corrected later does not count."""
    closed = (
        DayClose.objects.filter(office=office).order_by("-drive_day__day", "pk").values_list("drive_day__drive", "drive_day__day")
    )
    days = set(closed[:MOST_DAYS])
    if not days:
        return Learnt(None, 0)
    of_drives = VisitEvent.objects.filter(drive__in={drive for drive, _day in days})
    undone = of_drives.filter(kind=VisitEvent.Kind.UNDONE, target__isnull=False).values("target")
    recorded = of_drives.filter(kind=VisitEvent.Kind.RECORDED, kit__isnull=False).exclude(reason=VisitEvent.Reason.CORRECTION)
    rows = recorded.exclude(pk__in=undone).order_by("-device_at", "pk").values_list("drive", "kit", "day", "device_at")
    return learn((kit, day, moment) for drive, kit, day, moment in rows[:MOST] if (drive, day) in days)

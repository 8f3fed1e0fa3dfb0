"""Before people are moved who know their time already: what was printed, what was sent, and what has to be done anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from drives.models import Appointment, Drive, Notice, Printout


@dataclass(frozen=True, slots=True)
class Late:
    """What a change of these people's hours comes too late for. Counts of people, e-mails, slips and class sheets."""

    people: int
    published_at: datetime | None = None
    emails: int = 0
    slips: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def is_late(self) -> bool:
        return bool(self.published_at or self.slips or self.classes)


def late_for(drive: Drive, appointments: Collection[UUID]) -> Late:
    """For these appointments; nothing where the schedule is a draft of which nothing is printed."""
    chosen = Appointment.objects.live().filter(drive=drive, pk__in=list(appointments))
    groups = set(chosen.values_list("class_group", flat=True))
    prints = Printout.objects.filter(drive=drive)
    slips = prints.filter(visit__person__in=chosen.values("person")).order_by("visit__person__search_name", "pk")
    sheets = prints.filter(class_group__in=groups - {None}).order_by("class_group__name", "pk")
    is_known = drive.status == Drive.Status.PUBLISHED
    sent = Notice.objects.filter(
        drive=drive, channel=Notice.Channel.EMAIL, sent_at__isnull=False, class_group__in=groups - {None}
    )
    return Late(
        people=chosen.count(),
        published_at=drive.published_at if is_known else None,
        emails=sent.values("recipient").distinct().count() if is_known else 0,
        slips=tuple(slips.values_list("visit__person__name", flat=True)),
        classes=tuple(sheets.values_list("class_group__name", flat=True)),
    )

"""Roster files and their rows are kept as long as the office says, then forgotten; the counts of the upload stay."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from students.models import RosterRepair, RosterRow, RosterUpload
from students.roster.intake import UNDECIDED

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Forgotten:
    """How many sealed files were emptied, and how many rows of changesets went."""

    files: int
    rows: int


def overdue(*, now: datetime) -> QuerySet[RosterUpload]:
    """Uploads older than their office's days that still hold a file, rows or repairs; a follow-up is as old as its file.
    One that a worker has waits for the next night."""
    keep = ExpressionWrapper(F("office__roster_retention_days") * Value(A_DAY), output_field=DurationField())
    still_there = Q(file_sealed__isnull=False) | Q(rows__isnull=False) | Q(repairs__isnull=False)
    at_work = [RosterUpload.Status.READING, RosterUpload.Status.APPLYING]
    return (
        RosterUpload.objects.annotate(forget_at=Coalesce("follows__created_at", "created_at") + keep)
        .filter(still_there, forget_at__lte=now)
        .exclude(status__in=at_work)
        .distinct()
    )


@transaction.atomic
def forget_old_rosters(*, now: datetime, dry_run: bool = False) -> Forgotten:
    """Empty what is overdue. What still waited for review is cancelled with it: its file is gone."""
    ids = list(overdue(now=now).values_list("pk", flat=True))
    uploads = RosterUpload.objects.filter(pk__in=ids)
    rows = RosterRow.objects.filter(upload__in=ids)
    found = Forgotten(uploads.filter(file_sealed__isnull=False).count(), rows.count())
    if dry_run or not ids:
        return found
    rows.delete()
    RosterRepair.objects.filter(upload__in=ids).delete()
    undecided = [*UNDECIDED, RosterUpload.Status.APPROVED]
    uploads.filter(status__in=undecided).update(status=RosterUpload.Status.CANCELLED)
    uploads.update(file_sealed=None, questions_sealed=None)
    return found

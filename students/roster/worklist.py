"""What is left of an import: lines that were held, undecided, or entered without a NIK. Always that of the newest list.

An import and its follow-ups are a chain. The work list is what the newest of them that stands has left, and a school's
newest list alone has one: so a follow-up settles its lines, and undoing it puts them back.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from students.models import RosterRow, RosterUpload
from students.roster.overlay import Address, address

Section, Decision = RosterRow.Section, RosterRow.Decision

_ENTERED: Final = (
    Q(section__in=[Section.NEW, Section.UNCHANGED])
    | Q(section=Section.CHANGED) & ~Q(decision=Decision.REJECT)
    | Q(section=Section.MOVED, decision=Decision.ACCEPT)
    | Q(section=Section.SIMILAR, decision__in=[Decision.SAME_PERSON, Decision.KEEP_BOTH])
)
# A pupil who has got a number since, by whatever way, or has left the school, is nobody's work any more.
_WITHOUT_NIK: Final = _ENTERED & ~Q(nik_problem="") & Q(person__isnull=False, person__nik_digest=None, person__school=F("school"))
WAITS: Final = (
    Q(section=Section.HELD)
    | Q(section__in=[Section.MOVED, Section.SIMILAR], decision=Decision.NONE)
    | _WITHOUT_NIK
)  # fmt: skip


def rows_left(upload: RosterUpload) -> QuerySet[RosterRow]:
    """The lines of an applied upload that wait; whether it is the one whose list counts is asked of `newest_of`."""
    return upload.rows.filter(WAITS, row_number__gt=0)


def lines_left(upload: RosterUpload) -> set[Address]:
    return {address(sheet, row) for sheet, row in rows_left(upload).values_list("sheet", "row_number")}


def chain(upload: RosterUpload) -> QuerySet[RosterUpload]:
    """The import and its follow-ups, whichever of them this is."""
    root = upload.follows_id or upload.pk
    return RosterUpload.objects.filter(Q(pk=root) | Q(follows=root)).defer("file_sealed")


def newest_of(upload: RosterUpload) -> RosterUpload | None:
    """The upload of its chain whose leftover lines are the work list; None when nothing of the chain stands."""
    applied = chain(upload).filter(status=RosterUpload.Status.APPLIED)
    return applied.order_by("-applied_at", "-id").first()


def is_superseded(upload: RosterUpload) -> bool:
    """The school has imported a newer list since; what that one leaves is the work list."""
    newest = _applied().filter(school=upload.school_id, follows=None).order_by("-applied_at", "-id").values_list("pk", flat=True)
    return newest.first() not in (None, upload.follows_id or upload.pk)


def is_current(upload: RosterUpload) -> bool:
    """Its own leftover lines are the school's work list."""
    newest = newest_of(upload)
    return newest is not None and newest.pk == upload.pk and not is_superseded(upload)


def counts(school_ids: Collection[Any]) -> dict[UUID, int]:
    """How many lines wait, by the upload on whose page they stand; an upload with none is left out."""
    roots: dict[UUID, UUID] = {}
    newest: dict[UUID, UUID] = {}
    applied = _applied().filter(school__in=school_ids).order_by("applied_at", "id")
    found = list(applied.only("pk", "school_id", "follows_id"))
    roots |= {upload.school_id: upload.pk for upload in found if upload.follows_id is None}
    newest |= {upload.school_id: upload.pk for upload in found if (upload.follows_id or upload.pk) == roots.get(upload.school_id)}
    rows = RosterRow.objects.filter(WAITS, upload__in=newest.values(), row_number__gt=0)
    return Counter(dict(rows.values("upload").annotate(count=Count("pk")).values_list("upload", "count")))


def _applied() -> QuerySet[RosterUpload]:
    return RosterUpload.objects.filter(status=RosterUpload.Status.APPLIED)

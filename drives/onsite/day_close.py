"""The evening: what the app counts against what each kit counted, a reason for every gap, a name under it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from drives.models import DayClose, DriveDay, Kit, Visit
from drives.onsite.fold import State
from drives.onsite.rules import local_day
from schools.models import User

# What a kit counts: every person who sat before it and was captured.
AT_A_KIT = (State.RECORDED,)


@dataclass(frozen=True, slots=True)
class KitReport:
    """What stands on the kit's own screen, and why it differs, if it does."""

    kit_id: UUID
    reported: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KitCount:
    kit: str
    name: str
    counted: int
    reported: int
    reason: str


def tally_of(drive_day: DriveDay) -> dict[str, int]:
    """How many visits reached which state on this day, walk-ins counted apart; `conflicts` are still undecided."""
    of_day = Visit.objects.filter(drive=drive_day.drive_id, state_on=drive_day.day)
    rows = of_day.values_list("state", "is_walk_in", "has_conflict").annotate(count=Count("pk"))
    tally = {state.value: 0 for state in State if state != State.EXPECTED} | {"walk_ins": 0, "conflicts": 0}
    for state, is_walk_in, has_conflict, count in rows:
        tally["walk_ins" if is_walk_in else state] += count
        tally["conflicts"] += count if has_conflict else 0
    return tally


def kit_counts_of(drive_day: DriveDay) -> dict[UUID | None, int]:
    """Recordings of the day by kit, as the app knows them; None is where no kit was chosen."""
    recorded = Visit.objects.filter(drive=drive_day.drive_id, state_on=drive_day.day, state__in=AT_A_KIT)
    return dict(recorded.values_list("kit").annotate(count=Count("pk")).order_by("kit"))


def kits_on_duty(drive_day: DriveDay) -> list[Kit]:
    """The day's kits, and any other that somebody recorded with."""
    used = [kit for kit in kit_counts_of(drive_day) if kit]
    on_duty = Kit.objects.filter(duties__drive_day=drive_day, duties__released_at=None)
    return list((on_duty | Kit.objects.filter(pk__in=used)).distinct().order_by(Length("name"), "name", "pk"))


@transaction.atomic
def close_day(*, drive_day: DriveDay, reports: Sequence[KitReport], signed_by_name: str, by: User, now: datetime) -> DayClose:
    """Take the day's snapshot. From here on every fact of this day stands beside it as a correction.

    Raises ValidationError: `signature_missing`, `day_not_begun`, `day_closed`, `kit_not_reported`, `gap_needs_reason`.
    """
    if not signed_by_name.strip():
        raise ValidationError(_("Write who signs for this day."), code="signature_missing")
    # Whoever is storing a fact holds the day; we wait, and who comes later sees the close.
    drive_day = DriveDay.objects.select_for_update(of=("self",)).select_related("office", "drive").get(pk=drive_day.pk)
    if local_day(now, drive_day.office.zone) < drive_day.day:
        raise ValidationError(_("This day has not begun yet."), code="day_not_begun")
    if DayClose.objects.filter(drive_day=drive_day).exists():
        raise ValidationError(_("This day is already closed."), code="day_closed")
    counts = _compare(drive_day, {report.kit_id: report for report in reports})
    close = DayClose(
        drive_day=drive_day,
        office=drive_day.office,
        closed_at=now,
        closed_by=by,
        tally=tally_of(drive_day),
        kit_counts=[asdict(count) for count in counts],
        signed_by_name=signed_by_name.strip(),
    )
    close.full_clean()
    close.save()
    return close


def _compare(drive_day: DriveDay, reports: Mapping[UUID, KitReport]) -> list[KitCount]:
    counted = kit_counts_of(drive_day)
    compared = []
    for kit in kits_on_duty(drive_day):
        report = reports.get(kit.pk)
        if report is None:
            raise ValidationError(_("Enter the count of %(kit)s."), code="kit_not_reported", params={"kit": kit.name})
        ours = counted.get(kit.pk, 0)
        if ours != report.reported and not report.reason.strip():
            raise ValidationError(
                _("%(kit)s counts %(reported)s, the app %(counted)s. Write down why."),
                code="gap_needs_reason",
                params={"kit": kit.name, "reported": report.reported, "counted": ours},
            )
        compared.append(KitCount(str(kit.pk), kit.name, ours, report.reported, report.reason.strip()))
    if None in counted:
        compared.append(KitCount("", "", counted[None], 0, ""))
    return compared

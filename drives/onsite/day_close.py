"""The evening: what the app counts against what each kit counted, a reason for every gap, a name under it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from drives.models import Appointment, DayClose, DriveDay, Kit, Visit
from drives.models.visit import TO_DECIDE, is_unseen_on
from drives.onsite.board import TabletLine, Trouble, tablets_of, troubles_of
from drives.onsite.fold import SETTLED, State
from drives.onsite.rules import Kind, local_day
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


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is still open when somebody wants to close the day: named first, and then closed knowingly or not at all.

    `waiting` are here and without an outcome, `unseen` were due and nobody has seen them on this day: those are for
    the next chance.
    """

    troubles: tuple[Trouble, ...]
    tablets: tuple[TabletLine, ...]
    waiting: int
    unseen: int
    conflicts: int

    @property
    def must_be_known(self) -> bool:
        return bool(self.troubles or self.tablets or self.waiting)


def unfinished_of(drive_day: DriveDay, *, now: datetime) -> Unfinished:
    """Of a tablet, that it holds something; four queries."""
    here = Q(state=State.PRESENT, state_on=drive_day.day)
    visits = Visit.objects.filter(drive=drive_day.drive_id).annotate(is_due=_is_due(drive_day))
    counts = visits.aggregate(
        waiting=Count("pk", filter=here),
        unseen=Count("pk", filter=Q(is_due=True) & is_unseen_on(drive_day.day)),
        conflicts=Count("pk", filter=TO_DECIDE),
    )
    tablets = tablets_of([drive_day.pk], now=now).get(drive_day.pk, [])
    return Unfinished(
        troubles=tuple(troubles_of([drive_day.pk]).get(drive_day.pk, ())),
        tablets=tuple(tablet for tablet in tablets if tablet.is_trouble),
        **counts,
    )


def _is_due(drive_day: DriveDay) -> Exists:
    """Of a visit."""
    return Exists(Appointment.objects.due().filter(timeslot__drive_day=drive_day, person=OuterRef("person")))


def tally_of(drive_day: DriveDay) -> dict[str, int]:
    """How many visits reached which state on this day, walk-ins counted apart; `conflicts` are still undecided.

    A kit counts guests, too, so `walk_ins_recorded` is told of them. Of the others `unscheduled` were not due on this day, and
    `settled_before` were due and needed nothing any more: all states without the unscheduled, with those settled before and
    the unseen, are who was due.
    """
    visits = Visit.objects.filter(drive=drive_day.drive_id).annotate(is_due=_is_due(drive_day))
    rows = visits.filter(state_on=drive_day.day).values_list("state", "is_walk_in", "is_due", "has_conflict")
    tally = {state.value: 0 for state in State if state != State.EXPECTED} | {
        "walk_ins": 0,
        "walk_ins_recorded": 0,
        "unscheduled": 0,
        "settled_before": visits.filter(is_due=True, state__in=SETTLED, state_on__lt=drive_day.day).count(),
        "conflicts": 0,
    }
    for state, is_walk_in, is_due, has_conflict, count in rows.annotate(count=Count("pk")).order_by():
        # Whoever holds a place of this day is no guest on it, however they came first.
        is_guest = is_walk_in and not is_due
        tally["walk_ins" if is_guest else state] += count
        tally["walk_ins_recorded"] += count if is_guest and state in AT_A_KIT else 0
        tally["unscheduled"] += 0 if is_due or is_guest else count
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
def close_day(
    *,
    drive_day: DriveDay,
    reports: Sequence[KitReport],
    signed_by_name: str,
    by: User,
    now: datetime,
    unassigned_reason: str = "",
    knows_what_is_open: bool = False,
) -> DayClose:
    """Take the day's snapshot. From here on every fact of this day stands beside it as a correction.

    `unassigned_reason` says why recordings name no kit, if some do. Raises ValidationError: `signature_missing`,
    `day_not_begun`, `day_closed`, `kit_not_reported`, `gap_needs_reason`, `still_open`.
    """
    if not signed_by_name.strip():
        raise ValidationError(_("Write who signs for this day."), code="signature_missing")
    # Whoever is storing a fact holds the day; we wait, and who comes later sees the close.
    drive_day = DriveDay.objects.select_for_update(of=("self",)).select_related("office", "drive").get(pk=drive_day.pk)
    if local_day(now, drive_day.office.zone) < drive_day.day:
        raise ValidationError(_("This day has not begun yet."), code="day_not_begun")
    if DayClose.objects.filter(drive_day=drive_day).exists():
        raise ValidationError(_("This day is already closed."), code="day_closed")
    counts = _compare(drive_day, {report.kit_id: report for report in reports}, unassigned_reason=unassigned_reason.strip())
    unfinished = unfinished_of(drive_day, now=now)
    if unfinished.must_be_known and not knows_what_is_open:
        raise ValidationError(
            _("Something is still open. Settle it, or say that you close the day knowingly."), code="still_open"
        )
    close = DayClose(
        drive_day=drive_day,
        office=drive_day.office,
        closed_at=now,
        closed_by=by,
        tally=tally_of(drive_day) | _what_else(drive_day, unfinished),
        kit_counts=[asdict(count) for count in counts],
        signed_by_name=signed_by_name.strip(),
    )
    # A day on which no kit worked has no counts, and is closed all the same.
    close.full_clean(exclude=["kit_counts"])
    close.save()
    return close


def _what_else(drive_day: DriveDay, unfinished: Unfinished) -> dict[str, int]:
    """Kept with the snapshot, for an appointment that moves to another day would change it afterwards."""
    start = datetime.combine(drive_day.day, time(), drive_day.office.zone)
    said = Visit.objects.filter(drive=drive_day.drive_id, ikd_at__gte=start, ikd_at__lt=start + timedelta(days=1))
    return {
        "scheduled": Visit.objects.filter(_is_due(drive_day), drive=drive_day.drive_id).count(),
        "unseen": unfinished.unseen,
        "open_incidents": len(unfinished.troubles),
        "unsent": sum(tablet.unsent + tablet.held for tablet in unfinished.tablets),
        Kind.IKD_ACTIVATED.value: said.filter(ikd_state=Kind.IKD_ACTIVATED).count(),
        Kind.IKD_FAILED.value: said.filter(ikd_state=Kind.IKD_FAILED).count(),
    }


def _compare(drive_day: DriveDay, reports: Mapping[UUID, KitReport], *, unassigned_reason: str) -> list[KitCount]:
    counted = kit_counts_of(drive_day)
    compared, gaps = [], []
    for kit in kits_on_duty(drive_day):
        report = reports.get(kit.pk)
        if report is None:
            raise ValidationError(_("Enter the count of %(kit)s."), code="kit_not_reported", params={"kit": kit.name})
        ours = counted.get(kit.pk, 0)
        if ours != report.reported and not report.reason.strip():
            told = {"kit": kit.name, "kit_id": kit.pk, "reported": report.reported, "counted": ours}
            gap = _("%(kit)s counts %(reported)s, the app %(counted)s. Write down why.")
            gaps.append(ValidationError(gap, code="gap_needs_reason", params=told))
        compared.append(KitCount(str(kit.pk), kit.name, ours, report.reported, report.reason.strip()))
    if None in counted:
        if not unassigned_reason:
            gap = _("%(counted)s recordings name no kit. Write down why.")
            gaps.append(ValidationError(gap, code="gap_needs_reason", params={"counted": counted[None]}))
        compared.append(KitCount("", "", counted[None], 0, unassigned_reason[:200]))
    if gaps:
        raise gaps[0] if len(gaps) == 1 else ValidationError(gaps)
    return compared

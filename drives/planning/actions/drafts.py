"""A drive's draft: its settings, days, sessions, kits and timeslots. All of it stands, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from uuid6 import uuid7

from drives.models import Appointment, Drive, DriveDay, DriveSession, Kit, KitDuty, Timeslot
from drives.planning import slots
from drives.planning.actions.places import copied
from drives.planning.actions.refusals import locked, refuse_published
from drives.planning.capacity import KitStretch, Session, check_kits, check_sessions
from drives.planning.checks import check_days, check_kit_states, check_ranges
from drives.planning.days import Days
from drives.planning.facts import Hours, KitState, days_of, holder_of, kits_at
from drives.planning.plan import Plan, moment
from schools.models import Office, School, User

KIT_CONSTRAINT = "kit_is_in_one_place_at_a_time"


@transaction.atomic
def create_drive(
    *, school: School, plan: Plan, by: User | None, now: datetime, drive_id: UUID | None = None, office: Office | None = None
) -> Drive:
    """A draft with its days, kits and timeslots. The office's settings are copied, so that they can change without it.

    `office` holds it with its kits; where none is named, the one that holds drives at this school.
    With `drive_id` (made by the page that asks) a second press of the button gives the drive of the first one.

    Raises ValidationError: `no_days`, `past_day`, `holiday`, `closed_day`, `no_time_on_day`, `no_kits`, `kit_elsewhere`,
    `too_few_kits`, `no_sessions`, `session_empty`, `sessions_overlap`, `minutes_out_of_range`, `slack_out_of_range`,
    `slot_length_out_of_range`, `setup_out_of_range`, `minimum_age_out_of_range`, `no_time_after_setup`, `no_places`,
    `kit_out_of_service`.
    """
    office = office or holder_of(school)
    hold_kits(office)
    if drive_id and (made := Drive.objects.filter(pk=drive_id, school=school).first()):
        return made
    days = _checked(plan, school=school, now=now)
    drive = Drive(
        id=drive_id or uuid7(),
        school=school,
        office=office,
        leap_rule=office.leap_rule,
        print_offset_days=office.print_offset_days,
        documents_to_bring=office.documents_to_bring,
        created_at=now,
        created_by=by,
    )
    _set(drive, plan)
    drive.full_clean(exclude=["created_by"])
    drive.save()
    _lay_out(drive, plan, days)
    return drive


@dataclass(frozen=True, slots=True)
class Changed:
    """The draft as it is now, and how many people lost their place because their timeslot is gone."""

    drive: Drive
    lost_count: int = 0


@transaction.atomic
def update_draft(*, drive: Drive, plan: Plan, by: User | None, now: datetime) -> Changed:
    """The draft as `plan` says. Who had a place at an hour that remains keeps it as far as places suffice.

    Raises ValidationError: `drive_published`, `drive_closed`, `drive_cancelled`, and what `create_drive` raises.
    """
    drive = locked(drive)
    refuse_published(drive)
    assert drive.school is not None
    hold_kits(drive.office)
    days = _checked(plan, school=drive.school, now=now)
    _set(drive, plan)
    drive.full_clean(exclude=["created_by"])
    drive.save()
    standing = _take_appointments_off(drive)
    drive.steps.all().delete()
    Timeslot.everything.filter(drive=drive).delete()
    DriveSession.everything.filter(drive_day__drive=drive).delete()
    KitDuty.objects.filter(drive_day__drive=drive).delete()
    drive.days.exclude(day__in=plan.days).delete()
    _lay_out(drive, plan, days)
    kept = _put_appointments_back(drive, standing, by=by, now=now)
    return Changed(drive, lost_count=len(standing) - kept)


def _checked(plan: Plan, *, school: School, now: datetime) -> Days:
    check_ranges(plan)
    check_sessions(plan.sessions)
    check_kits(len(plan.kit_ids) or plan.kits)
    today = now.astimezone(school.office.zone).date()
    days = days_of(school, since=min([today, *plan.days]))
    check_days(plan, days, school=school, today=today)
    return days


def _set(drive: Drive, plan: Plan) -> None:
    drive.grades = sorted(plan.grades)
    drive.wished_sessions = [[session.start, session.end] for session in sorted(plan.sessions)]
    drive.minimum_age_months = plan.minimum_age_months
    drive.minutes_per_person = plan.minutes
    drive.slack_percent = plan.slack_percent
    drive.slot_minutes = plan.slot_minutes
    drive.setup_minutes, drive.packup_minutes = plan.setup_minutes, plan.packup_minutes


def _lay_out(drive: Drive, plan: Plan, days: Days) -> None:
    """Days, sessions, kits on duty and timeslots of a drive that has none of them (days may stand already)."""
    zone = drive.office.zone
    hours = {day: plan.hours_on(day, zone, days=days) for day in sorted(set(plan.days))}
    needed = {day: found for day, found in hours.items() if found}
    chosen = _choose_kits(drive, plan, needed)
    standing = {each.day: each for each in drive.days.all()}
    rows = [standing.get(day) or DriveDay(drive=drive, office=drive.office, day=day) for day in needed]
    DriveDay.objects.bulk_create([row for row in rows if row.day not in standing])
    _put_on_duty(drive, [_duty(row, kit, needed[row.day]) for row in rows for kit in chosen[row.day]], needed)
    sessions = [
        (_session(row, session, drive.office), session) for row in rows for session in plan.sessions_on(row.day, days=days)
    ]
    DriveSession.objects.bulk_create([row for row, _session in sessions])
    stretches = {row.pk: [_stretch(needed[row.day], drive.office)] * len(chosen[row.day]) for row in rows}
    timeslots = [slot for row, session in sessions for slot in _timeslots(drive, row, session, stretches[row.drive_day_id])]
    if not timeslots:
        raise ValidationError(
            _("These sessions are too short for a single person. Lengthen them, or lower the minutes per person."),
            code="no_places",
        )
    Timeslot.objects.bulk_create(timeslots)


def hold_kits(office: Office) -> None:
    """One planner of the office at a time chooses kits; a lock that ends with the transaction."""
    list(Kit.objects.filter(office=office).select_for_update(no_key=True).order_by("pk"))


def _choose_kits(drive: Drive, plan: Plan, hours: Mapping[date, Hours]) -> dict[date, list[UUID]]:
    """Kits by day, the same ones on all days where they are free."""
    states = kits_at(drive.office_id, hours, besides=drive)
    check_kit_states(plan, states)
    return {day: _pick(plan, states, day) for day in hours}


def _pick(plan: Plan, states: Mapping[date, Sequence[KitState]], day: date) -> list[UUID]:
    if plan.kit_ids:
        return [state.kit_id for state in states[day] if state.kit_id in plan.kit_ids]
    free_days = {state.kit_id: 0 for state in states[day] if state.is_free}
    for on_day in states.values():
        for state in on_day:
            if state.is_free and state.kit_id in free_days:
                free_days[state.kit_id] += 1
    return sorted(free_days, key=lambda kit: -free_days[kit])[: plan.kits]


def _duty(day: DriveDay, kit_id: UUID, hours: Hours) -> KitDuty:
    return KitDuty(drive_day=day, kit_id=kit_id, starts_at=hours[0], ends_at=hours[1])


def _put_on_duty(drive: Drive, duties: list[KitDuty], hours: Mapping[date, Hours]) -> None:
    """The constraint has the last word: a kit that somebody else took at this moment is named as elsewhere."""
    try:
        with transaction.atomic():
            KitDuty.objects.bulk_create(duties)
    except IntegrityError as error:
        if KIT_CONSTRAINT not in str(error):
            raise
        wanted = frozenset(duty.kit_id for duty in duties)
        states = kits_at(drive.office_id, hours, besides=drive)
        check_kit_states(Plan(days=tuple(hours), sessions=(), kits=len(wanted), kit_ids=wanted), states)
        raise


def _session(day: DriveDay, session: Session, office: Office) -> DriveSession:
    return DriveSession(
        drive_day=day,
        starts_at=moment(day.day, session.start, office.zone),
        ends_at=moment(day.day, session.end, office.zone),
    )


def _stretch(hours: Hours, office: Office) -> KitStretch:
    return KitStretch(hours[0].astimezone(office.zone).time(), hours[1].astimezone(office.zone).time())


def _timeslots(drive: Drive, row: DriveSession, session: Session, kits: Sequence[KitStretch]) -> list[Timeslot]:
    day, zone = row.drive_day, drive.office.zone
    cut = slots.generate(
        [session],
        kits=kits,
        minutes=drive.minutes_per_person,
        slack=Decimal(drive.slack_percent) / 100,
        slot_minutes=drive.slot_minutes,
    )
    return [
        Timeslot(
            drive=drive,
            drive_day=day,
            session=row,
            session_starts_at=row.starts_at,
            session_ends_at=row.ends_at,
            starts_at=moment(day.day, slot.start, zone),
            ends_at=moment(day.day, slot.end, zone),
            places=slot.places,
        )
        for slot in cut
    ]


def _take_appointments_off(drive: Drive) -> list[Appointment]:
    """Nobody knows of a draft's appointments yet, so that they may go without a trace on their person's page."""
    everything = Appointment.objects.filter(drive=drive).select_related("timeslot")
    standing = [appointment for appointment in everything.order_by("timeslot__starts_at", "pk") if not appointment.ending]
    everything.update(moved_from=None)
    everything.delete()
    return standing


def _put_appointments_back(drive: Drive, standing: list[Appointment], *, by: User | None, now: datetime) -> int:
    room = {slot.starts_at: [slot, slot.places] for slot in Timeslot.objects.filter(drive=drive)}
    back = []
    for old in standing:
        slot, left = room.get(old.timeslot.starts_at, (None, 0))
        if isinstance(slot, Timeslot) and isinstance(left, int) and left >= old.places:
            room[slot.starts_at][1] = left - old.places
            back.append(copied(old, slot, is_pinned=old.is_pinned, by=by, now=now))
    Appointment.objects.bulk_create(sorted(back, key=lambda each: each.timeslot_id))
    return len(back)

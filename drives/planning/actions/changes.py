"""Changing days that people know already: sessions, timeslots and kits of a published drive, and who sits where then."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from drives.models import Appointment, DayClose, Drive, DriveDay, DriveSession, KitDuty, Notice, Timeslot, Visit
from drives.planning import assignment, slots
from drives.planning.actions.drafts import KIT_CONSTRAINT, hold_kits
from drives.planning.actions.places import board_state
from drives.planning.actions.refusals import changed_meanwhile, locked, refuse_closed
from drives.planning.assignment import Person as Candidate
from drives.planning.capacity import Session, check_kits, check_sessions, timeslot_places
from drives.planning.checks import check_days, check_ranges, refuse_kits_away
from drives.planning.days import Days
from drives.planning.facts import NO_CLASS, days_of, kits_at
from drives.planning.plan import Plan, leap_rule_of, minimum_age, moment
from drives.planning.reseating import Lost, Reseating, Seat, reseat
from drives.planning.wishes import DayWish, ScheduleWish, kit_ids, wish_of
from schools.models import AuditEntry, User, record_access
from schools.templatetags.house import day as day_name
from students.models import Person

# Who has no birth date cannot be judged, and loses no place for that.
UNKNOWN_BIRTH = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class SlotChange:
    """A timeslot before and after; None where it was not, or is no more. People and places."""

    starts_at: datetime
    before: tuple[datetime, int, int] | None
    after: tuple[datetime, int, int] | None


@dataclass(frozen=True, slots=True)
class Move:
    person_id: UUID
    class_id: UUID | None
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Relaid:
    """What a change does, or would do. `seen` names what it was computed from."""

    seen: str
    slots: tuple[SlotChange, ...] = ()
    kept: int = 0
    moves: tuple[Move, ...] = ()
    lost: tuple[Lost, ...] = ()
    is_change: bool = True


@transaction.atomic
def change_published(*, drive: Drive, wish: ScheduleWish, by: User | None, now: datetime, seen: str | None = None) -> Relaid:
    """Lay the schedule out anew. Who was to come at an hour that remains keeps it; see `reseating` for the others.

    With `seen`, only while the schedule is as it was looked at. A schedule that is so already is left alone, so that a
    second press of the button does nothing. What is told to whom is the business of `drives.publishing`.

    Raises ValidationError: `drive_not_published`, `drive_closed`, `drive_cancelled`, `changed_meanwhile`, `day_has_begun`,
    `day_is_closed`, `kit_has_begun`, `kit_hours_outside`, and what `create_drive` raises of days, sessions, kits, ranges.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if drive.status != Drive.Status.PUBLISHED:
        raise ValidationError(_("Only a published schedule is changed this way; edit the draft."), code="drive_not_published")
    hold_kits(drive.office)
    list(Timeslot.objects.filter(drive=drive).select_for_update(no_key=True).order_by("pk"))
    work = _Work(drive, wish, by=by, now=now)
    if work.is_as_wished:
        return Relaid(work.seen, is_change=False)
    if seen is not None and seen != work.seen:
        raise changed_meanwhile()
    work.check()
    return work.lay_out()


class _Work:
    def __init__(self, drive: Drive, wish: ScheduleWish, *, by: User | None, now: datetime) -> None:
        self.drive, self.by, self.now = drive, by, now
        self.zone = drive.office.zone
        self.current = wish_of(drive)
        self.wish = wish
        self.rows = {each.day: each for each in drive.days.order_by("day")}
        self.old = list(Timeslot.objects.filter(drive=drive).select_related("session").order_by("starts_at"))
        self.begun = {each.starts_at.astimezone(self.zone).date() for each in self.old if each.starts_at <= now}
        self.seen = f"{board_state(drive)}-{drive.revision}"

    @property
    def is_as_wished(self) -> bool:
        return self.current.is_cut_like(self.wish) and set(self.current.days) == set(self.wish.days)

    @property
    def changed(self) -> list[DayWish]:
        """The days that the change touches and that stand afterwards."""
        if not self.current.is_cut_like(self.wish):
            return [day for day in self.wish.days if day.day >= self._today]
        return [day for day in self.wish.days if self.current.on(day.day) != day]

    @property
    def gone(self) -> list[date]:
        return [day for day in self.rows if self.wish.on(day) is None]

    @property
    def _today(self) -> date:
        return self.now.astimezone(self.zone).date()

    # Refusals

    def check(self) -> None:
        check_ranges(self._plan())
        for each in self.changed:
            check_sessions(each.sessions)
            check_kits(each.stretches)
            self._check_hours(each)
        touched = [each.day for each in self.changed if self.current.on(each.day) != each]
        self._check_begun([*touched, *self.gone])
        self._check_days()
        self._check_kits()

    def _plan(self) -> Plan:
        """For the checks that a draft's plan has as well."""
        wish, first = self.wish, self.wish.days[0] if self.wish.days else None
        return Plan(
            days=tuple(each.day for each in wish.days),
            sessions=first.sessions if first else (),
            kits=len(first.kits) if first else 0,
            minutes=wish.minutes,
            slack_percent=wish.slack_percent,
            slot_minutes=wish.slot_minutes,
            grades=tuple(self.drive.grades),
            minimum_age_months=self.drive.minimum_age_months,
        )

    def _check_hours(self, wish: DayWish) -> None:
        for kit in wish.kits:
            if kit.end <= kit.start:
                raise ValidationError(
                    _("A kit's hours on %(day)s have no time in them. Its end must be later than its start.")
                    % {"day": day_name(wish.day)},
                    code="kit_hours_empty",
                )

    def _check_begun(self, touched: Sequence[date]) -> None:
        closed = set(DayClose.objects.filter(drive_day__drive=self.drive).values_list("drive_day__day", flat=True))
        seen = set(Visit.objects.filter(drive=self.drive).exclude(state=Visit.State.EXPECTED).values_list("state_on", flat=True))
        for day in touched:
            if day in closed or (day < self._today and day in self.rows):
                raise ValidationError(
                    _("%(day)s is over. Only days that are still to come can be changed.") % {"day": day_name(day)},
                    code="day_is_closed",
                )
            if day in self.begun or day in seen:
                self._check_running(day)

    def _check_running(self, day: date) -> None:
        """On a day under way the timeslots stand; a kit may still come or leave."""
        before, after = self.current.on(day), self.wish.on(day)
        if before is None or after is None or before.sessions != after.sessions:
            raise ValidationError(
                _("%(day)s has begun: its sessions stay. You can still say from when to when each kit is there.")
                % {"day": day_name(day)},
                code="day_has_begun",
            )
        now = self.now.astimezone(self.zone).time()
        worked = {kit.kit_id for kit in before.kits if kit.start <= now}
        if not worked <= {kit.kit_id for kit in after.kits}:
            raise ValidationError(
                _("A kit has worked on this day already. Leave it chosen, and write until when it was there."),
                code="kit_has_begun",
            )

    def _check_days(self) -> None:
        if not self.wish.days:
            raise ValidationError(
                _("A published drive keeps at least one day. Cancel the drive if none is left."), code="no_days"
            )
        assert self.drive.school is not None
        touched = [each for each in self.changed if self._sessions_changed(each)]
        if not touched:
            return
        plan = self._plan()
        for each in touched:
            one = Plan(days=(each.day,), sessions=each.sessions, kits=1, slot_minutes=plan.slot_minutes, grades=plan.grades)
            check_days(one, self._days, school=self.drive.school, today=self._today)
            fitted = self._days.sessions_on(each.day, each.sessions, slot_minutes=self.wish.slot_minutes)
            if tuple(fitted) != tuple(sorted(each.sessions)):
                raise ValidationError(
                    _("On %(day)s recording can take place at %(hours)s only; breaks, prayer and closed hours are left out.")
                    % {"day": day_name(each.day), "hours": ", ".join(f"{s.start:%H.%M}–{s.end:%H.%M}" for s in fitted)},
                    code="session_in_a_break",
                )

    def _sessions_changed(self, each: DayWish) -> bool:
        before = self.current.on(each.day)
        return before is None or before.sessions != each.sessions

    @cached_property
    def _days(self) -> Days:
        assert self.drive.school is not None
        return days_of(self.drive.school, since=min([self._today, *(each.day for each in self.wish.days)]))

    def _check_kits(self) -> None:
        """Kits that come anew, or longer than before, must be free and in service then."""
        for each in self.changed:
            before = self.current.on(each.day)
            known = {kit.kit_id: kit for kit in before.kits} if before else {}
            for kit in each.kits:
                old = known.get(kit.kit_id)
                if old and old.start <= kit.start and kit.end <= old.end:
                    continue
                hours = {each.day: (moment(each.day, kit.start, self.zone), moment(each.day, kit.end, self.zone))}
                refuse_kits_away([kit.kit_id], each.day, kits_at(self.drive.office_id, hours, besides=self.drive)[each.day])

    # Laying out

    def lay_out(self) -> Relaid:
        seats, settled = self._seats()
        new = {
            start: (session, on, end, max(places, settled.get(start, 0)))
            for start, (session, on, end, places) in self._new_slots().items()
        }
        plain = [self._plain(start, end, places - settled.get(start, 0)) for start, (_s, _d, end, places) in sorted(new.items())]
        result = reseat(
            seats,
            plain,
            closures=self._days.closures,
            minimum_age=minimum_age(self.drive.minimum_age_months),
            leap_rule=leap_rule_of(self.drive),
        )
        before = {slot.starts_at: (slot.ends_at, slot.places, slot.places_taken) for slot in self.old}
        moves = self._write(new, result)
        self._note(result)
        taken = dict(Timeslot.objects.filter(drive=self.drive).values_list("starts_at", "places_taken"))
        after = {
            slot.starts_at: (slot.ends_at, slot.places, taken[slot.starts_at])
            for slot in Timeslot.objects.filter(drive=self.drive)
        }
        return Relaid(
            seen=self.seen,
            slots=tuple(SlotChange(start, before.get(start), after.get(start)) for start in sorted({*before, *after})),
            kept=len(result.kept),
            moves=moves,
            lost=tuple(result.lost),
        )

    def _is_open(self, slot: Timeslot) -> bool:
        return slot.starts_at > self.now

    def _seats(self) -> tuple[list[Seat], dict[datetime, int]]:
        """Who may be seated anew, and the places that are taken for good (people seen already, or on their way now)."""
        found = Appointment.objects.standing().filter(drive=self.drive, timeslot__starts_at__gt=self.now)
        seen = set(Visit.objects.filter(drive=self.drive).exclude(state=Visit.State.EXPECTED).values_list("person", flat=True))
        self.appointments = {
            each.person_id: each for each in found.select_related("person", "class_group", "timeslot").order_by("pk")
        }
        seats, settled = [], defaultdict[datetime, int](int)
        for each in self.appointments.values():
            if each.ending:
                settled[each.timeslot.starts_at] += each.places
            else:
                person = _candidate(each, known=each.person_id in seen)
                seats.append(Seat(person, _key(each.timeslot.starts_at), each.is_pinned))
        return seats, settled

    def _new_slots(self) -> dict[datetime, tuple[Session, date, datetime, int]]:
        """The timeslots still to come as they will be, by their start."""
        found: dict[datetime, tuple[Session, date, datetime, int]] = {}
        cut_anew = not self.current.is_cut_like(self.wish)
        for wish in self.wish.days:
            if wish.day in self.begun:
                found |= self._running(wish)
            elif cut_anew or self.current.on(wish.day) != wish:
                found |= self._cut(wish)
            else:
                found |= self._standing(wish)
        if not found and not self.begun:
            raise ValidationError(
                _("These sessions are too short for a single person. Lengthen them, or lower the minutes per person."),
                code="no_places",
            )
        return found

    def _cut(self, wish: DayWish) -> dict[datetime, tuple[Session, date, datetime, int]]:
        return {
            moment(wish.day, slot.start, self.zone): (session, wish.day, moment(wish.day, slot.end, self.zone), slot.places)
            for session in wish.sessions
            for slot in slots.generate(
                [session],
                kits=wish.stretches,
                minutes=self.wish.minutes,
                slack=self.wish.slack,
                slot_minutes=self.wish.slot_minutes,
            )
        }

    def _running(self, wish: DayWish) -> dict[datetime, tuple[Session, date, datetime, int]]:
        """The hours stand; places follow the kits that are there."""
        found = {}
        for start, (session, day, end, places) in self._standing(wish).items():
            if self.current.on(wish.day) != wish:
                places = timeslot_places(
                    session,
                    start=start.astimezone(self.zone).time(),
                    end=end.astimezone(self.zone).time(),
                    kits=wish.stretches,
                    minutes=self.drive.minutes_per_person,
                    slack=Decimal(self.drive.slack_percent) / 100,
                )
            if places:
                found[start] = (session, day, end, places)
        return found

    def _standing(self, wish: DayWish) -> dict[datetime, tuple[Session, date, datetime, int]]:
        return {
            slot.starts_at: (self._session_of(slot), wish.day, slot.ends_at, slot.places)
            for slot in self.old
            if slot.drive_day_id == self.rows[wish.day].pk and self._is_open(slot)
        }

    def _session_of(self, slot: Timeslot) -> Session:
        return Session(slot.session_starts_at.astimezone(self.zone).time(), slot.session_ends_at.astimezone(self.zone).time())

    def _plain(self, start: datetime, end: datetime, room: int) -> assignment.Timeslot:
        starts_at, ends_at = start.astimezone(self.zone), end.astimezone(self.zone)
        return assignment.Timeslot(_key(start), starts_at.date(), starts_at.time(), ends_at.time(), room)

    # Writing

    def _write(self, new: Mapping[datetime, tuple[Session, date, datetime, int]], result: Reseating) -> tuple[Move, ...]:
        self._end(result)
        self._write_days()
        sessions = self._write_sessions(new)
        by_start = self._write_slots(new, sessions)
        for day in self.gone:
            self._take_day_away(day)
        moves = self._seat(result, {_key(start): slot for start, slot in by_start.items()})
        self._write_duties()
        self.drive.slot_minutes = self.wish.slot_minutes
        self.drive.minutes_per_person = self.wish.minutes
        self.drive.slack_percent = self.wish.slack_percent
        self.drive.revision += 1
        self.drive.save(update_fields=["slot_minutes", "minutes_per_person", "slack_percent", "revision"])
        # What was done before on this board cannot be taken back on the new one.
        self.drive.steps.filter(undone_at=None).update(undone_at=self.now)
        return moves

    def _end(self, result: Reseating) -> None:
        moved = [self.appointments[person].pk for person in self.appointments if person in result.moved]
        lost = [self.appointments[_uuid(each.person)].pk for each in result.lost]
        Appointment.objects.filter(pk__in=moved).update(ending=Appointment.Ending.MOVED, ended_at=self.now)
        Appointment.objects.filter(pk__in=lost).update(ending=Appointment.Ending.CANCELLED, ended_at=self.now)

    def _write_days(self) -> None:
        made = [
            DriveDay(drive=self.drive, office=self.drive.office, day=each.day)
            for each in self.wish.days
            if each.day not in self.rows
        ]
        DriveDay.objects.bulk_create(made)
        self.rows |= {each.day: each for each in made}

    def _write_sessions(
        self, new: Mapping[datetime, tuple[Session, date, datetime, int]]
    ) -> dict[tuple[date, Session], DriveSession]:
        """Sessions that stay are left alone; the others are withdrawn before new ones take their hours."""
        wanted = {(each.day, session) for each in self.wish.days for session in each.sessions}
        standing = {}
        for row in DriveSession.objects.filter(drive_day__drive=self.drive).select_related("drive_day"):
            session = Session(row.starts_at.astimezone(self.zone).time(), row.ends_at.astimezone(self.zone).time())
            standing[row.drive_day.day, session] = row
        old = [row.pk for key, row in standing.items() if key not in wanted]
        self.vanishing_sessions = old
        # A timeslot that stays keeps its row and takes its new session, so its old one must still be there: both stand
        # for a moment, the old one withdrawn.
        DriveSession.objects.filter(pk__in=old).update(withdrawn_at=self.now)
        made = {
            (day, session): DriveSession(
                drive_day=self.rows[day],
                starts_at=moment(day, session.start, self.zone),
                ends_at=moment(day, session.end, self.zone),
            )
            for day, session in sorted(wanted)
            if (day, session) not in standing
        }
        DriveSession.objects.bulk_create(list(made.values()))
        return {key: row for key, row in standing.items() if key in wanted} | made

    def _write_slots(
        self,
        new: Mapping[datetime, tuple[Session, date, datetime, int]],
        sessions: Mapping[tuple[date, Session], DriveSession],
    ) -> dict[datetime, Timeslot]:
        """A timeslot whose start remains keeps its row; the others stay withdrawn as long as an appointment ended there."""
        old = {slot.starts_at: slot for slot in self.old if self._is_open(slot)}
        vanishing = [slot.pk for start, slot in old.items() if start not in new]
        told = Appointment.objects.filter(timeslot__in=vanishing).values("timeslot")
        Timeslot.objects.filter(pk__in=vanishing).exclude(pk__in=told).delete()
        Timeslot.objects.filter(pk__in=vanishing).update(withdrawn_at=self.now)
        found, made = {}, []
        for start, (session, day, end, places) in sorted(new.items()):
            row = sessions[day, session]
            slot = old.get(start) or Timeslot(drive=self.drive, drive_day=self.rows[day], starts_at=start)
            slot.session, slot.session_starts_at, slot.session_ends_at = row, row.starts_at, row.ends_at
            slot.ends_at, slot.places = end, places
            if start in old:
                slot.save(update_fields=["session", "session_starts_at", "session_ends_at", "ends_at", "places"])
            else:
                made.append(slot)
            found[start] = slot
        Timeslot.objects.bulk_create(made)
        told_sessions = Timeslot.everything.filter(session__in=self.vanishing_sessions).values("session")
        DriveSession.everything.filter(pk__in=self.vanishing_sessions).exclude(pk__in=told_sessions).delete()
        return found

    def _take_day_away(self, day: date) -> None:
        """What it had to tell of appointments and notices goes on with a day that stays."""
        gone, heir = self.rows[day], self.rows[self.wish.days[0].day]
        DriveSession.everything.filter(drive_day=gone).update(drive_day=heir)
        Timeslot.everything.filter(drive_day=gone).update(drive_day=heir)
        Notice.objects.filter(drive_day=gone).update(drive_day=None)
        gone.delete()

    def _seat(self, result: Reseating, slot_of: Mapping[object, Timeslot]) -> tuple[Move, ...]:
        made, moves = [], []
        for person, key in sorted(result.moved.items(), key=lambda pair: (str(pair[1]), str(pair[0]))):
            assert isinstance(person, UUID)
            old, slot = self.appointments[person], slot_of[key]
            made.append(
                Appointment(
                    drive=self.drive,
                    timeslot=slot,
                    person_id=person,
                    school_id=old.school_id,
                    office_id=old.office_id,
                    class_group_id=old.class_group_id,
                    places=old.places,
                    created_at=self.now,
                    created_by=self.by,
                    moved_from=old,
                )
            )
            moves.append(Move(person, old.class_group_id, old.timeslot.starts_at, slot.starts_at))
        try:
            with transaction.atomic():
                Appointment.objects.bulk_create(made)
        except IntegrityError as error:
            raise changed_meanwhile() from error
        return tuple(moves)

    def _write_duties(self) -> None:
        changed = {each.day: each for each in self.wish.days if self.current.on(each.day) != each}
        days = [self.rows[day].pk for day in changed]
        KitDuty.objects.filter(drive_day__in=days, released_at=None).delete()
        duties = [
            KitDuty(
                drive_day=self.rows[day],
                kit_id=kit.kit_id,
                starts_at=moment(day, kit.start, self.zone),
                ends_at=moment(day, kit.end, self.zone),
            )
            for day, wish in changed.items()
            for kit in wish.kits
        ]
        try:
            with transaction.atomic():
                KitDuty.objects.bulk_create(duties)
        except IntegrityError as error:
            if KIT_CONSTRAINT not in str(error):
                raise
            raise changed_meanwhile() from error

    def _note(self, result: Reseating) -> None:
        record_access(
            action=AuditEntry.Action.PUBLISHED,
            subject=self.drive,
            by=self.by,
            at=self.now,
            office_id=self.drive.office_id,
            school_id=self.drive.school_id,
            detail={
                "revision": self.drive.revision,
                "changed_days": [each.day.isoformat() for each in self.changed],
                "removed_days": [day.isoformat() for day in self.gone],
                "kits": len(kit_ids(self.wish.days)),
                "kept": len(result.kept),
                "moved": len(result.moved),
                "lost": len(result.lost),
            },
        )


def _key(start: datetime) -> str:
    return f"{start.timestamp():.0f}"


def _candidate(appointment: Appointment, *, known: bool) -> Candidate:
    """Who has been seen at the drive already has come, whatever the age says."""
    person: Person = appointment.person
    group = appointment.class_group
    return Candidate(
        appointment.person_id,
        appointment.class_group_id or NO_CLASS,
        str(group.grade or "") if group else "",
        UNKNOWN_BIRTH if known else person.birth_date or UNKNOWN_BIRTH,
        appointment.places,
    )


def _uuid(person: Candidate) -> UUID:
    assert isinstance(person.id, UUID)
    return person.id

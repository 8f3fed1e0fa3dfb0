"""A published schedule laid out anew: its timeslots, who sits where then, and which kits are there."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from drives.models import Appointment, DriveDay, DriveSession, KitDuty, Notice, Timeslot, Visit
from drives.planning import assignment, slots
from drives.planning.actions.change import Change, Move, Relaid, SlotChange
from drives.planning.actions.drafts import KIT_CONSTRAINT
from drives.planning.actions.places import copied
from drives.planning.actions.refusals import changed_meanwhile
from drives.planning.assignment import Person as Candidate
from drives.planning.capacity import Session, timeslot_places
from drives.planning.facts import NO_CLASS
from drives.planning.plan import leap_rule_of, minimum_age, moment
from drives.planning.reseating import Reseating, Seat, reseat
from drives.planning.wishes import DayWish, kit_ids
from schools.models import AuditEntry, record_access
from students.models import Person

# Who has no birth date cannot be judged, and loses no place for that.
UNKNOWN_BIRTH = date(1990, 1, 1)


class Relaying:
    """From the change to its rows."""

    def __init__(self, change: Change) -> None:
        self.change = change

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
            closures=self.change.calendar.closures,
            minimum_age=minimum_age(self.change.drive.minimum_age_months),
            leap_rule=leap_rule_of(self.change.drive),
        )
        before = {slot.starts_at: (slot.ends_at, slot.places, slot.places_taken) for slot in self.change.old}
        moves = self._write(new, result)
        self._note(result)
        taken = dict(Timeslot.objects.filter(drive=self.change.drive).values_list("starts_at", "places_taken"))
        after = {
            slot.starts_at: (slot.ends_at, slot.places, taken[slot.starts_at])
            for slot in Timeslot.objects.filter(drive=self.change.drive)
        }
        return Relaid(
            seen=self.change.seen,
            slots=tuple(SlotChange(start, before.get(start), after.get(start)) for start in sorted({*before, *after})),
            kept=len(result.kept),
            moves=moves,
            lost=tuple(result.lost),
        )

    def _is_open(self, slot: Timeslot) -> bool:
        return slot.starts_at > self.change.now

    def _seats(self) -> tuple[list[Seat], dict[datetime, int]]:
        """Who may be seated anew, and the places that are taken for good (people seen already, or on their way now)."""
        found = Appointment.objects.standing().filter(drive=self.change.drive, timeslot__starts_at__gt=self.change.now)
        seen = set(
            Visit.objects.filter(drive=self.change.drive).exclude(state=Visit.State.EXPECTED).values_list("person", flat=True)
        )
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
        cut_anew = not self.change.current.is_cut_like(self.change.wish)
        for wish in self.change.wish.days:
            if wish.day in self.change.begun:
                found |= self._running(wish)
            elif cut_anew or self.change.current.on(wish.day) != wish:
                found |= self._cut(wish)
            else:
                found |= self._standing(wish)
        if not found and not self.change.begun:
            raise ValidationError(
                _("These sessions are too short for a single person. Lengthen them, or lower the minutes per person."),
                code="no_places",
            )
        return found

    def _cut(self, wish: DayWish) -> dict[datetime, tuple[Session, date, datetime, int]]:
        return {
            moment(wish.day, slot.start, self.change.zone): (
                session,
                wish.day,
                moment(wish.day, slot.end, self.change.zone),
                slot.places,
            )
            for session in wish.sessions
            for slot in slots.generate(
                [session],
                kits=wish.stretches,
                minutes=self.change.wish.minutes,
                slack=self.change.wish.slack,
                slot_minutes=self.change.wish.slot_minutes,
            )
        }

    def _running(self, wish: DayWish) -> dict[datetime, tuple[Session, date, datetime, int]]:
        """The hours stand; places follow the kits that are there."""
        found = {}
        for start, (session, day, end, places) in self._standing(wish).items():
            if self.change.current.on(wish.day) != wish:
                places = timeslot_places(
                    session,
                    start=start.astimezone(self.change.zone).time(),
                    end=end.astimezone(self.change.zone).time(),
                    kits=wish.stretches,
                    minutes=self.change.drive.minutes_per_person,
                    slack=Decimal(self.change.drive.slack_percent) / 100,
                )
            if places:
                found[start] = (session, day, end, places)
        return found

    def _standing(self, wish: DayWish) -> dict[datetime, tuple[Session, date, datetime, int]]:
        return {
            slot.starts_at: (self._session_of(slot), wish.day, slot.ends_at, slot.places)
            for slot in self.change.old
            if slot.drive_day_id == self.change.rows[wish.day].pk and self._is_open(slot)
        }

    def _session_of(self, slot: Timeslot) -> Session:
        return Session(
            slot.session_starts_at.astimezone(self.change.zone).time(), slot.session_ends_at.astimezone(self.change.zone).time()
        )

    def _plain(self, start: datetime, end: datetime, room: int) -> assignment.Timeslot:
        starts_at, ends_at = start.astimezone(self.change.zone), end.astimezone(self.change.zone)
        return assignment.Timeslot(_key(start), starts_at.date(), starts_at.time(), ends_at.time(), room)

    # Writing

    def _write(self, new: Mapping[datetime, tuple[Session, date, datetime, int]], result: Reseating) -> tuple[Move, ...]:
        self._end(result)
        self._write_days()
        sessions = self._write_sessions(new)
        by_start = self._write_slots(new, sessions)
        for day in self.change.gone:
            self._take_day_away(day)
        moves = self._seat(result, {_key(start): slot for start, slot in by_start.items()})
        self._write_duties()
        self.change.drive.slot_minutes = self.change.wish.slot_minutes
        self.change.drive.minutes_per_person = self.change.wish.minutes
        self.change.drive.slack_percent = self.change.wish.slack_percent
        self.change.drive.revision += 1
        self.change.drive.save(update_fields=["slot_minutes", "minutes_per_person", "slack_percent", "revision"])
        # What was done before on this board cannot be taken back on the new one.
        self.change.drive.steps.filter(undone_at=None).update(undone_at=self.change.now)
        return moves

    def _end(self, result: Reseating) -> None:
        moved = [self.appointments[person].pk for person in self.appointments if person in result.moved]
        lost = [self.appointments[_uuid(each.person)].pk for each in result.lost]
        Appointment.objects.filter(pk__in=moved).update(ending=Appointment.Ending.MOVED, ended_at=self.change.now)
        Appointment.objects.filter(pk__in=lost).update(ending=Appointment.Ending.CANCELLED, ended_at=self.change.now)

    def _write_days(self) -> None:
        made = [
            DriveDay(drive=self.change.drive, office=self.change.drive.office, day=each.day)
            for each in self.change.wish.days
            if each.day not in self.change.rows
        ]
        DriveDay.objects.bulk_create(made)
        self.change.rows |= {each.day: each for each in made}

    def _write_sessions(
        self, new: Mapping[datetime, tuple[Session, date, datetime, int]]
    ) -> dict[tuple[date, Session], DriveSession]:
        """Sessions that stay are left alone; the others are withdrawn before new ones take their hours."""
        wanted = {(each.day, session) for each in self.change.wish.days for session in each.sessions}
        standing = {}
        for row in DriveSession.objects.filter(drive_day__drive=self.change.drive).select_related("drive_day"):
            session = Session(row.starts_at.astimezone(self.change.zone).time(), row.ends_at.astimezone(self.change.zone).time())
            standing[row.drive_day.day, session] = row
        old = [row.pk for key, row in standing.items() if key not in wanted]
        self.vanishing_sessions = old
        # A timeslot that stays keeps its row and takes its new session, so its old one must still be there: both stand
        # for a moment, the old one withdrawn.
        DriveSession.objects.filter(pk__in=old).update(withdrawn_at=self.change.now)
        made = {
            (day, session): DriveSession(
                drive_day=self.change.rows[day],
                starts_at=moment(day, session.start, self.change.zone),
                ends_at=moment(day, session.end, self.change.zone),
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
        old = {slot.starts_at: slot for slot in self.change.old if self._is_open(slot)}
        vanishing = [slot.pk for start, slot in old.items() if start not in new]
        told = Appointment.objects.filter(timeslot__in=vanishing).values("timeslot")
        Timeslot.objects.filter(pk__in=vanishing).exclude(pk__in=told).delete()
        Timeslot.objects.filter(pk__in=vanishing).update(withdrawn_at=self.change.now)
        found, made = {}, []
        for start, (session, day, end, places) in sorted(new.items()):
            row = sessions[day, session]
            slot = old.get(start) or Timeslot(drive=self.change.drive, drive_day=self.change.rows[day], starts_at=start)
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
        gone, heir = self.change.rows[day], self.change.rows[self.change.wish.days[0].day]
        DriveSession.everything.filter(drive_day=gone).update(drive_day=heir)
        Timeslot.everything.filter(drive_day=gone).update(drive_day=heir)
        Notice.objects.filter(drive_day=gone).update(drive_day=None)
        gone.delete()

    def _seat(self, result: Reseating, slot_of: Mapping[object, Timeslot]) -> tuple[Move, ...]:
        made, moves = [], []
        for person, key in sorted(result.moved.items(), key=lambda pair: (str(pair[1]), str(pair[0]))):
            assert isinstance(person, UUID)
            old, slot = self.appointments[person], slot_of[key]
            made.append(copied(old, slot, moved_from=old, by=self.change.by, now=self.change.now))
            moves.append(Move(person, old.class_group_id, old.timeslot.starts_at, slot.starts_at))
        try:
            with transaction.atomic():
                Appointment.objects.bulk_create(made)
        except IntegrityError as error:
            raise changed_meanwhile() from error
        return tuple(moves)

    def _write_duties(self) -> None:
        changed = {each.day: each for each in self.change.wish.days if self.change.current.on(each.day) != each}
        days = [self.change.rows[day].pk for day in changed]
        KitDuty.objects.filter(drive_day__in=days, released_at=None).delete()
        duties = [
            KitDuty(
                drive_day=self.change.rows[day],
                kit_id=kit.kit_id,
                starts_at=moment(day, kit.start, self.change.zone),
                ends_at=moment(day, kit.end, self.change.zone),
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
            subject=self.change.drive,
            by=self.change.by,
            at=self.change.now,
            office_id=self.change.drive.office_id,
            school_id=self.change.drive.school_id,
            detail={
                "revision": self.change.drive.revision,
                "changed_days": [each.day.isoformat() for each in self.change.changed],
                "removed_days": [day.isoformat() for day in self.change.gone],
                "kits": len(kit_ids(self.change.wish.days)),
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

"""Who sits where: moving, placing by hand and freeing. Each press of a button is one step that can be undone."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Appointment, Drive, PlanningStep, Timeslot
from drives.planning.actions.refusals import changed_meanwhile, locked, note_late_change, refuse_closed, slot_name
from drives.planning.assignment import Person as Candidate
from drives.planning.eligibility import eligible_from
from drives.planning.facts import people_to_record
from drives.planning.plan import leap_rule_of, minimum_age
from drives.planning.slips import make_visits
from schools.models import User
from schools.templatetags.house import day_plain, figure
from students.models import Person

FULL_CONSTRAINT = "timeslot_never_holds_more_than_its_places"
RECORDED_CONSTRAINT = "appointment_is_for_who_needs_recording"


# Moving


@transaction.atomic
def move_appointment(*, appointment: Appointment, to: Timeslot, by: User | None, now: datetime) -> Appointment:
    """Give the person a place in another timeslot of the same drive, or say why not. Moved by hand, it is pinned.

    Raises ValidationError: `drive_closed`, `drive_cancelled`, `other_drive`, `timeslot_over`, `timeslot_full`,
    `too_young_on_day`, `changed_meanwhile`.
    """
    moved = move_many(drive=appointment.drive, appointments=[appointment.pk], to=to, by=by, now=now)
    return moved[0]


@transaction.atomic
def move_many(*, drive: Drive, appointments: Collection[UUID], to: Timeslot, by: User | None, now: datetime) -> list[Appointment]:
    """All of them, or nobody. Who sits in the timeslot already (a second press of the button) stays.

    Raises what `move_appointment` raises, and `nobody_chosen`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if to.drive_id != drive.pk:
        raise ValidationError(_("This timeslot belongs to another drive."), code="other_drive")
    chosen = list(Appointment.objects.filter(drive=drive, pk__in=list(appointments)).select_related("person").order_by("pk"))
    if not chosen:
        raise ValidationError(_("Nobody is chosen. Choose at least one person."), code="nobody_chosen")
    if len(chosen) < len(set(appointments)):
        raise ValidationError(_("A person who was chosen belongs to another drive."), code="other_drive")
    slots = locked_timeslots(drive, [to.pk, *[each.timeslot_id for each in chosen]])
    target = next(slot for slot in slots if slot.pk == to.pk)
    current = _as_they_stand(drive, chosen)
    moving = [each for each in current if each.timeslot_id != target.pk]
    if not moving:
        return current
    if any(each.pk not in set(appointments) for each in moving):
        raise changed_meanwhile()
    refuse_target(target, drive, people=[each.person for each in moving], places=sum(each.places for each in moving), now=now)
    end(moving, Appointment.Ending.MOVED, now=now)
    made = [moved(each, target, by=by, now=now) for each in moving]
    write(made)
    remember(drive, PlanningStep.Kind.MOVED, made=made, ended=moving, by=by, now=now)
    return [*made, *[each for each in current if each not in moving]]


def _as_they_stand(drive: Drive, chosen: Sequence[Appointment]) -> list[Appointment]:
    """The live appointments of these people: the ones chosen, or what has become of them.

    Raises ValidationError: `changed_meanwhile` (a place was freed, or kept).
    """
    people = {each.person_id for each in chosen}
    live = Appointment.objects.live().filter(drive=drive, person__in=people).select_related("person")
    found = list(live.order_by("pk"))
    if len(found) < len(people):
        raise changed_meanwhile()
    return found


def refuse_target(target: Timeslot, drive: Drive, *, people: Iterable[Person], places: int, now: datetime) -> None:
    if target.starts_at <= now:
        raise ValidationError(
            _("The timeslot %(slot)s has begun. Choose a later one.") % {"slot": slot_name(target, drive)}, code="timeslot_over"
        )
    if target.places_left < places:
        raise timeslot_full(target, drive, wanted=places)
    on = target.starts_at.astimezone(drive.office.zone).date()
    for person in people:
        if person.birth_date is None:
            continue
        of_age = eligible_from(person.birth_date, minimum_age(drive.minimum_age_months), leap_rule_of(drive))
        if of_age > on:
            raise ValidationError(
                _("%(name)s is too young on that day, and can be recorded from %(day)s on.")
                % {"name": person.name, "day": day_plain(of_age)},
                code="too_young_on_day",
            )


def timeslot_full(slot: Timeslot, drive: Drive, *, wanted: int) -> ValidationError:
    name = slot_name(slot, drive)
    if slot.places_left <= 0:
        return ValidationError(_("The timeslot %(slot)s is full. Choose another one.") % {"slot": name}, code="timeslot_full")
    return ValidationError(
        ngettext(
            "The timeslot %(slot)s has %(left)s place left, %(wanted)s are needed. Choose fewer people or another timeslot.",
            "The timeslot %(slot)s has %(left)s places left, %(wanted)s are needed. Choose fewer people or another timeslot.",
            slot.places_left,
        )
        % {"slot": name, "left": figure(slot.places_left), "wanted": figure(wanted)},
        code="timeslot_full",
    )


def moved(old: Appointment, to: Timeslot, *, by: User | None, now: datetime) -> Appointment:
    return copied(old, to, is_pinned=True, moved_from=old, by=by, now=now)


def copied(
    old: Appointment,
    to: Timeslot,
    *,
    by: User | None,
    now: datetime,
    is_pinned: bool = False,
    moved_from: Appointment | None = None,
) -> Appointment:
    """The same person with the same places in another timeslot. Not written yet."""
    return Appointment(
        drive_id=old.drive_id,
        timeslot=to,
        person_id=old.person_id,
        school_id=old.school_id,
        office_id=old.office_id,
        class_group_id=old.class_group_id,
        places=old.places,
        is_pinned=is_pinned,
        created_at=now,
        created_by=by,
        moved_from=moved_from,
    )


# Placing by hand, and freeing


@transaction.atomic
def place_people(*, drive: Drive, people: Collection[UUID], to: Timeslot, by: User | None, now: datetime) -> list[Appointment]:
    """Give people without a place one in this very timeslot, pinned. Who has it already keeps it.

    Raises ValidationError: `nobody_chosen`, `not_waiting`, and what `move_appointment` raises.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if to.drive_id != drive.pk:
        raise ValidationError(_("This timeslot belongs to another drive."), code="other_drive")
    if not people:
        raise ValidationError(_("Nobody is chosen. Choose at least one person."), code="nobody_chosen")
    (target,) = locked_timeslots(drive, [to.pk])
    there = set(Appointment.objects.live().filter(timeslot=target, person__in=list(people)).values_list("person_id", flat=True))
    waiting = {each.id: each for each in waiting_for(drive, now=now)}
    wanted = [person for person in sorted(people) if person not in there]
    if any(person not in waiting for person in wanted):
        raise ValidationError(
            _("Somebody who was chosen needs no place any more, or has one elsewhere. Look at the list again."),
            code="not_waiting",
        )
    if not wanted:
        return []
    persons = list(Person.objects.filter(pk__in=wanted))
    refuse_target(target, drive, people=persons, places=sum(waiting[each].places for each in wanted), now=now)
    made = [appointment_for(drive, target, waiting[person], by=by, now=now) for person in wanted]
    for each in made:
        each.is_pinned = True
    write(made)
    make_visits(drive=drive, people=wanted, now=now)
    remember(drive, PlanningStep.Kind.ASSIGNED, made=made, by=by, now=now)
    return made


def waiting_for(drive: Drive, *, now: datetime) -> Sequence[Candidate]:
    """Who of the school may be given a place in this drive."""
    if drive.school is None:
        return ()
    return people_to_record(school=drive.school, grades=drive.grades, now=now, drive=drive).candidates


def appointment_for(drive: Drive, slot: Timeslot, person: Candidate, *, by: User | None, now: datetime) -> Appointment:
    return Appointment(
        drive=drive,
        timeslot=slot,
        person_id=person.id,
        school_id=drive.school_id,
        office_id=drive.office_id,
        class_group_id=person.class_id or None,
        places=person.places,
        created_at=now,
        created_by=by,
    )


def free_place(*, appointment: Appointment, by: User | None, now: datetime) -> None:
    """The person waits again. Raises what `free_places` raises."""
    free_places(drive=appointment.drive, appointments=[appointment.pk], by=by, now=now)


@transaction.atomic
def free_places(*, drive: Drive, appointments: Collection[UUID], by: User | None, now: datetime) -> int:
    """End these appointments as cancelled. Those that have ended already are left as they are. Answers how many ended.

    Raises ValidationError: `drive_closed`, `drive_cancelled`, `other_drive`, `nobody_chosen`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if not appointments:
        raise ValidationError(_("Nobody is chosen. Choose at least one person."), code="nobody_chosen")
    chosen = list(Appointment.objects.filter(drive=drive, pk__in=list(appointments)).order_by("timeslot_id", "pk"))
    if len(chosen) < len(set(appointments)):
        raise ValidationError(_("A person who was chosen belongs to another drive."), code="other_drive")
    live = [each for each in chosen if not each.ending]
    if live:
        locked_timeslots(drive, [each.timeslot_id for each in live])
        end(live, Appointment.Ending.CANCELLED, now=now)
        remember(drive, PlanningStep.Kind.FREED, ended=live, by=by, now=now)
    return len(live)


# Writing


def locked_timeslots(drive: Drive, wanted: Collection[UUID] | None = None) -> list[Timeslot]:
    """As they stand now, held in the order of their ids, as everybody takes them."""
    slots = Timeslot.objects.filter(drive=drive)
    if wanted is not None:
        slots = slots.filter(pk__in=list(wanted))
    return list(slots.select_for_update(no_key=True).order_by("pk"))


def end(appointments: Collection[Appointment], ending: Appointment.Ending, *, now: datetime) -> None:
    Appointment.objects.filter(pk__in=[each.pk for each in appointments]).update(ending=ending, ended_at=now)


def write(made: list[Appointment]) -> None:
    """The constraints have the last word; what they refuse, they refuse with a sentence."""
    try:
        with transaction.atomic():
            Appointment.objects.bulk_create(made)
    except IntegrityError as error:
        if FULL_CONSTRAINT in str(error) or RECORDED_CONSTRAINT in str(error) or "needs no recording" in str(error):
            raise changed_meanwhile() from error
        raise


def remember(
    drive: Drive,
    kind: PlanningStep.Kind,
    *,
    made: Iterable[Appointment] = (),
    ended: Iterable[Appointment] = (),
    by: User | None,
    now: datetime,
) -> None:
    PlanningStep.objects.create(
        drive=drive, kind=kind, at=now, by=by, made_ids=[each.pk for each in made], ended_ids=[each.pk for each in ended]
    )
    note_late_change(drive)

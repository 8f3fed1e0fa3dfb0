"""Two groups of people change places: two persons, or two classes' hours. And who stays where they are."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.models import Appointment, Drive, PlanningStep, Timeslot
from drives.planning.actions.places import end, locked_timeslots, moved, refuse_target, remember, write
from drives.planning.actions.refusals import changed_meanwhile, locked, refuse_closed
from schools.models import User


@transaction.atomic
def swap_places(
    *, drive: Drive, here: Collection[UUID], there: Collection[UUID], by: User | None, now: datetime
) -> list[Appointment]:
    """Those of `here` (appointments of one timeslot) and those of `there` (of another) take each other's hour, pinned.

    All of them, or nobody. Swapped already (a second press of the button), nothing happens again.
    Raises ValidationError: `nobody_chosen`, `same_timeslot`, and what `move_appointment` raises.
    """
    drive = locked(drive)
    refuse_closed(drive)
    if not here or not there:
        raise ValidationError(_("Choose somebody on both sides, then swap."), code="nobody_chosen")
    chosen = list(
        Appointment.objects.filter(drive=drive, pk__in=[*here, *there]).select_related("person", "timeslot").order_by("pk")
    )
    if len(chosen) < len({*here, *there}):
        raise ValidationError(_("A person who was chosen belongs to another drive."), code="other_drive")
    ours, theirs = [each for each in chosen if each.pk in set(here)], [each for each in chosen if each.pk not in set(here)]
    at_ours, at_theirs = {each.timeslot_id for each in ours}, {each.timeslot_id for each in theirs}
    if len(at_ours) != 1 or len(at_theirs) != 1 or at_ours == at_theirs:
        raise ValidationError(_("Choose people of two different timeslots."), code="same_timeslot")
    slots = {slot.pk: slot for slot in locked_timeslots(drive, [*at_ours, *at_theirs])}
    if len(slots) < 2:
        raise changed_meanwhile()
    ours_at, theirs_at = slots[at_ours.pop()], slots[at_theirs.pop()]
    if standing := _swapped_already(drive, ours, theirs, ours_at, theirs_at):
        return standing
    if any(each.ending for each in Appointment.objects.filter(pk__in=[each.pk for each in chosen])):
        raise changed_meanwhile()
    for group, target, leaving in ((ours, theirs_at, theirs), (theirs, ours_at, ours)):
        target.places_taken -= sum(each.places for each in leaving)
        refuse_target(target, drive, people=[each.person for each in group], places=sum(each.places for each in group), now=now)
    end(chosen, Appointment.Ending.MOVED, now=now)
    made = [moved(each, theirs_at, by=by, now=now) for each in ours] + [moved(each, ours_at, by=by, now=now) for each in theirs]
    write(made)
    remember(drive, PlanningStep.Kind.SWAPPED, made=made, ended=chosen, by=by, now=now)
    return made


def _swapped_already(
    drive: Drive, ours: list[Appointment], theirs: list[Appointment], ours_at: Timeslot, theirs_at: Timeslot
) -> list[Appointment]:
    """The appointments as the same swap has left them, if it has."""
    wanted = {each.person_id: theirs_at.pk for each in ours} | {each.person_id: ours_at.pk for each in theirs}
    live = list(Appointment.objects.live().filter(drive=drive, person__in=wanted).order_by("pk"))
    return live if {each.person_id: each.timeslot_id for each in live} == wanted else []


@transaction.atomic
def set_pins(*, drive: Drive, appointments: Collection[UUID], is_pinned: bool, by: User | None, now: datetime) -> int:
    """Who is pinned keeps the hour before others when days are changed, and assigning again leaves them. Answers how many
    changed.

    Raises ValidationError: `nobody_chosen`, `drive_closed`, `drive_cancelled`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    live = Appointment.objects.live().filter(drive=drive, pk__in=list(appointments))
    if not live.exists():
        raise ValidationError(_("Nobody is chosen. Choose at least one person."), code="nobody_chosen")
    return live.exclude(is_pinned=is_pinned).update(is_pinned=is_pinned)

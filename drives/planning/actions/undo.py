"""Taking back the last step on a board."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from drives.models import Appointment, Drive, PlanningStep, Timeslot
from drives.planning.actions.refusals import changed_meanwhile, locked, note_late_change, refuse_closed
from drives.planning.doubts import doubtful
from schools.models import User


def last_step(drive: Drive, *, by: User | None) -> PlanningStep | None:
    """The newest step of this planner in this drive that still stands. What was published is not undone in one tap:
    people know their time, and only what was changed since can be taken back."""
    steps = PlanningStep.objects.filter(drive=drive, by=by, undone_at=None)
    if drive.published_at:
        steps = steps.filter(at__gt=drive.published_at)
    return steps.order_by("-at", "-pk").first()


@transaction.atomic
def undo(*, drive: Drive, step_id: UUID, by: User | None, now: datetime) -> PlanningStep:
    """Who got a place by this step loses it, who lost one gets it back. Undone already, nothing happens again.

    Raises ValidationError: `nothing_to_undo`, `changed_meanwhile`, `timeslot_taken`, `in_doubt`, `drive_closed`,
    `drive_cancelled`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    step = PlanningStep.objects.select_for_update().filter(drive=drive, by=by, pk=step_id).first()
    if step is None:
        raise ValidationError(_("There is nothing of yours to undo."), code="nothing_to_undo")
    if step.undone_at:
        return step
    newest = last_step(drive, by=by)
    if newest is None or newest.pk != step.pk:
        raise changed_meanwhile()
    made = list(Appointment.objects.filter(pk__in=step.made_ids).order_by("timeslot_id", "pk"))
    ended = list(Appointment.objects.filter(pk__in=step.ended_ids).select_related("person").order_by("timeslot_id", "pk"))
    _refuse_overtaken(drive, step, made, ended)
    slots = [each.timeslot_id for each in (*made, *ended)]
    list(Timeslot.objects.filter(pk__in=slots).select_for_update(no_key=True).order_by("pk"))
    Appointment.objects.filter(pk__in=[each.pk for each in made]).update(ending=Appointment.Ending.CANCELLED, ended_at=now)
    _refuse_without_room(ended)
    Appointment.objects.filter(pk__in=[each.pk for each in ended]).update(ending=Appointment.Ending.LIVE, ended_at=None)
    _refuse_in_doubt(made, ended, now=now)
    step.undone_at = now
    step.save(update_fields=["undone_at"])
    note_late_change(drive)
    return step


def _refuse_overtaken(drive: Drive, step: PlanningStep, made: list[Appointment], ended: list[Appointment]) -> None:
    """Somebody moved, freed or recorded one of these people since."""
    still_there = len(made) == len(step.made_ids) and all(not each.ending for each in made)
    people = [each.person_id for each in ended]
    seated = Appointment.objects.standing().filter(drive=drive, person__in=people).exclude(pk__in=step.made_ids)
    recorded = any(each.person.recorded_on for each in ended)
    if not still_there or recorded or len(ended) < len(step.ended_ids) or seated.exists():
        raise changed_meanwhile()


def _refuse_in_doubt(made: list[Appointment], ended: list[Appointment], *, now: datetime) -> None:
    """Who was without a place, and has left the school or has no consent any more, does not get one back by an undo."""
    kept = {each.person_id for each in made}
    back = [each.pk for each in ended if each.person_id not in kept]
    if doubtful(now=now).filter(pk__in=back).exists():
        raise ValidationError(
            _("The step cannot be undone: somebody whose place was freed has left the school, or has no parental consent."),
            code="in_doubt",
        )


def _refuse_without_room(ended: list[Appointment]) -> None:
    wanted: dict[UUID, int] = {}
    for each in ended:
        wanted[each.timeslot_id] = wanted.get(each.timeslot_id, 0) + each.places
    slots = Timeslot.objects.filter(pk__in=wanted)
    if any(slot.places_left < wanted[slot.pk] for slot in slots):
        raise ValidationError(
            _("The places that were left have been taken since. The step cannot be undone; move the people one by one."),
            code="timeslot_taken",
        )

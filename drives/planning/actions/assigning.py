"""A place for everybody who needs one: looked at first, then given in one step that can be undone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q, Sum

from drives.models import Appointment, Drive, PlanningStep, Timeslot
from drives.planning import assignment
from drives.planning.actions.places import appointment_for, locked_timeslots, remember, waiting_for, write
from drives.planning.actions.refusals import changed_meanwhile, locked, refuse_closed
from drives.planning.assignment import Assignment
from drives.planning.assignment import Person as Candidate
from drives.planning.facts import NO_CLASS, days_of
from drives.planning.plan import leap_rule_of, minimum_age
from drives.planning.slips import make_visits
from schools.models import User


@dataclass(frozen=True, slots=True)
class Placement:
    """What an assignment does, or would do. `new` maps people to timeslots; `board` names the state it was computed from."""

    assignment: Assignment
    new: Mapping[UUID, UUID]
    candidates: Mapping[UUID, Candidate]
    timeslots: Mapping[UUID, Timeslot]
    board: str


def board_state(drive: Drive) -> str:
    """Another text after every change of who sits where; what a page that was looked at sends back."""
    people = Appointment.objects.filter(drive=drive).aggregate(
        rows=Count("pk"), live=Count("pk", filter=Q(ending="")), made=Max("created_at"), ended=Max("ended_at")
    )
    slots = Timeslot.objects.filter(drive=drive).aggregate(rows=Count("pk"), places=Sum("places"), last=Max("ends_at"))
    moments = [moment.timestamp() if moment else 0 for moment in (people["made"], people["ended"], slots["last"])]
    counts = [people["rows"], people["live"], slots["rows"], slots["places"] or 0]
    return "-".join(f"{each:.6f}".rstrip("0").rstrip(".") for each in [*counts, *moments])


def preview_assignment(*, drive: Drive, now: datetime, classes: Collection[UUID | str] | None = None) -> Placement:
    """What `assign_everybody` would do at this moment. Writes nothing."""
    return _placement(drive, list(Timeslot.objects.filter(drive=drive).order_by("pk")), now=now, classes=classes)


@transaction.atomic
def assign_everybody(
    *,
    drive: Drive,
    by: User | None,
    now: datetime,
    classes: Collection[UUID | str] | None = None,
    seen_board: str = "",
) -> Placement:
    """Give a place to everybody who needs one, or to these classes ("" is who has no class). What stands, stays.

    With `seen_board`, only if the board is still as it was seen. Nobody left to place: nothing happens.
    Raises ValidationError: `drive_closed`, `drive_cancelled`, `changed_meanwhile`.
    """
    drive = locked(drive)
    refuse_closed(drive)
    timeslots = locked_timeslots(drive)
    placement = _placement(drive, timeslots, now=now, classes=classes)
    if not placement.new:
        return placement
    if seen_board and seen_board != placement.board:
        raise changed_meanwhile()
    made = [
        appointment_for(drive, placement.timeslots[slot], placement.candidates[person], by=by, now=now)
        for person, slot in sorted(placement.new.items(), key=lambda pair: (pair[1], pair[0]))
    ]
    write(made)
    make_visits(drive=drive, people=placement.new, now=now)
    remember(drive, PlanningStep.Kind.ASSIGNED, made=made, by=by, now=now)
    return placement


def _placement(
    drive: Drive, timeslots: Sequence[Timeslot], *, now: datetime, classes: Collection[UUID | str] | None
) -> Placement:
    zone = drive.office.zone
    wanted = None if classes is None else {str(each) for each in classes}
    standing = {each.person_id: each for each in _standing(drive)}
    waiting = waiting_for(drive, now=now)
    chosen = [each for each in waiting if wanted is None or str(each.class_id) in wanted]
    first_day = min((slot.starts_at.astimezone(zone).date() for slot in timeslots), default=now.date())
    result = assignment.assign(
        [*chosen, *[_seated(each) for each in standing.values() if each.person.birth_date]],
        [_plain(slot, drive, now=now) for slot in timeslots],
        {person: each.timeslot_id for person, each in standing.items()},
        closures=days_of(drive.school, since=first_day).closures if drive.school else (),
        minimum_age=minimum_age(drive.minimum_age_months),
        leap_rule=leap_rule_of(drive),
    )
    candidates = {each.id: each for each in chosen if isinstance(each.id, UUID)}
    return Placement(
        assignment=result,
        new={
            person: slot
            for person, slot in result.placed.items()
            if isinstance(person, UUID) and isinstance(slot, UUID) and person in candidates
        },
        candidates=candidates,
        timeslots={slot.pk: slot for slot in timeslots},
        board=board_state(drive),
    )


def _standing(drive: Drive) -> Iterable[Appointment]:
    return Appointment.objects.standing().filter(drive=drive).select_related("person", "class_group").order_by("pk")


def _seated(appointment: Appointment) -> Candidate:
    group = appointment.class_group
    birth_date: date = appointment.person.birth_date  # type: ignore[assignment]  # who has none is left out above
    grade = str(group.grade or "") if group else ""
    return Candidate(appointment.person_id, appointment.class_group_id or NO_CLASS, grade, birth_date, appointment.places)


def _plain(slot: Timeslot, drive: Drive, *, now: datetime) -> assignment.Timeslot:
    """As the pure module knows it; a timeslot that has begun takes nobody any more."""
    zone = drive.office.zone
    starts_at, ends_at = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
    room = slot.places_left if slot.starts_at > now else 0
    return assignment.Timeslot(slot.pk, starts_at.date(), starts_at.time(), ends_at.time(), room)


def classes_of(placement: Placement) -> dict[UUID | str, dict[UUID, int]]:
    """New places by class and timeslot, in people."""
    found: defaultdict[UUID | str, dict[UUID, int]] = defaultdict(dict)
    for person, slot in placement.new.items():
        in_class = found[placement.candidates[person].class_id]
        in_class[slot] = in_class.get(slot, 0) + 1
    return dict(found)

"""Taking back the last step on the board."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.models import Season, SeasonStep
from drives.season.actions.refusals import board_of, cards_of, changed_meanwhile, locked, refuse_conflicts, refuse_locked
from drives.season.actions.states import State, state_of, turn_of_state
from drives.season.actions.turns import write
from drives.season.facts import question
from schools.models import User


def last_step(season: Season, *, by: User | None) -> SeasonStep | None:
    """The newest step of this planner in this season that still stands."""
    return SeasonStep.objects.filter(season=season, by=by, undone_at=None).order_by("-at", "-pk").first()


@transaction.atomic
def undo(*, season: Season, step_id: UUID, by: User | None, now: datetime) -> SeasonStep:
    """The cards of this step are as they were before it. Undone already, nothing happens again.

    Raises ValidationError: `nothing_to_undo`, `changed_meanwhile`, `card_locked`, and the conflicts that `move_card` raises.
    """
    season = locked(season)
    step = SeasonStep.objects.select_for_update().filter(season=season, by=by, pk=step_id).first()
    if step is None:
        raise ValidationError(_("There is nothing of yours to undo."), code="nothing_to_undo")
    if step.undone_at:
        return step
    newest = last_step(season, by=by)
    if newest is None or newest.pk != step.pk:
        raise changed_meanwhile()
    before, after = _cards(step.before), _cards(step.after)
    cards = cards_of(season)
    for school in after:
        if school in cards:
            refuse_locked(cards[school])
    absent_now = {str(school) for school in season.absences.values_list("school_id", flat=True)}
    is_same = all((school in absent_now) == is_absent for school, is_absent in step.after["absent"].items())
    if not is_same or any(state_of(cards.get(school)) != state for school, state in after.items()):
        raise changed_meanwhile()
    back = {school: turn_of_state(state) for school, state in before.items() if state is not None}
    if back:
        board = {school: turn for school, turn in board_of(cards.values()).items() if school not in before} | back
        refuse_conflicts(question(season=season, now=now), board, back, season=season, now=now)
    absent = {UUID(school): is_absent for school, is_absent in step.before["absent"].items()}
    write(season, before, absent=absent, by=by, now=now)
    step.undone_at = now
    step.save(update_fields=["undone_at"])
    return step


def _cards(states: dict[str, Any]) -> dict[UUID, State]:
    return {UUID(school): state for school, state in states["cards"].items()}

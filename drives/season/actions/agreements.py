"""Days on which a school and the office have agreed: the school's turn stands there, pinned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from drives.models import DriveDay, DriveRequest, Season, SeasonCard
from drives.season.actions.refusals import cards_of, locked
from drives.season.actions.states import kept, state_of_turn
from drives.season.actions.turns import write
from drives.season.facts import Question, question, schools_of
from schools.models import School, User

AGREED: Final = {"code": "agreed"}


def stand_on_agreed_days(*, school: School, by: User | None, now: datetime) -> None:
    """In every season to come of the school's office and of those above it."""
    today = now.astimezone(school.office.zone).date()
    above = school.office.parent
    offices = {school.office_id, school.office.parent_id, above.parent_id if above else None} - {None}
    for season in Season.objects.filter(office__in=offices, ends_on__gt=today).order_by("pk"):
        keep_agreements(season=season, by=by, now=now)


@transaction.atomic
def keep_agreements(*, season: Season, by: User | None, now: datetime) -> None:
    """Every school that has agreed on days of the season has its turn there. Done already, nothing happens.

    It is no step that can be undone: what two sides have agreed on is changed by agreeing anew. What stands against the days
    (a holiday, no kit) is named on the board.
    """
    if not DriveRequest.objects.filter(state=DriveRequest.State.ACCEPTED, school__in=schools_of(season)).exists():
        return
    season = locked(season)
    asked, cards = question(season=season, now=now), cards_of(season)
    _drives_in_their_place(asked, cards)
    states = {school: _agreed(asked, school, cards.get(school)) for school in asked.agreed}
    changed = {school: state for school, state in states.items() if school not in cards or kept(cards[school]) != state}
    if changed:
        write(season, changed, absent={}, by=by, now=now)


def _agreed(asked: Question, school: UUID, card: SeasonCard | None) -> dict[str, Any]:
    turn = asked.problem.fixed[school]
    if card and tuple(card.days) == turn.days:
        others = [fact for fact in card.why if fact != AGREED]
        return {**kept(card), "is_pinned": True, "why": [AGREED, *others]}
    return state_of_turn(asked, school, turn, is_pinned=True, why=[AGREED])


def _drives_in_their_place(asked: Question, cards: Mapping[UUID, SeasonCard]) -> None:
    """An agreement of which somebody has made a drive is that drive, and takes no kits twice."""
    for each in asked.locked:
        card = cards.get(each.school_id)
        if card and not card.is_locked and AGREED in card.why:
            card.drive_id = each.drive_id
            card.days = list(DriveDay.objects.filter(drive=each.drive_id).order_by("day").values_list("day", flat=True))
            card.save(update_fields=["drive", "days"])

"""Turns changed by hand: moved, placed, pinned, taken out, put back. Each is one step that can be undone."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from drives.models import Season, SeasonAbsence, SeasonCard, SeasonStep
from drives.season.actions.refusals import board_of, card_gone, cards_of, locked, refuse_conflicts, refuse_locked
from drives.season.actions.states import States, fields_of, kept, state_of, state_of_turn
from drives.season.agreed import agreed_days
from drives.season.facts import Question, question, turn_of
from drives.season.solver.problem import Part, Placement
from schools.models import School, User
from schools.templatetags.house import day as day_name

MOST_DAYS: Final = 30


@transaction.atomic
def move_card(
    *, card: SeasonCard, days: Collection[date], kits: int, part: str = Part.DAY, by: User | None, now: datetime
) -> SeasonCard:
    """The school's turn on these days instead. Moved by hand it is pinned: a new proposal leaves it where it is.

    Raises ValidationError: `card_gone`, `card_locked`, `no_days`, `too_many_days`, `no_kits`, `past_day`, `outside_season`,
    `not_working`, `closed_day`, `kits_taken`, `half_taken`, `after_deadline`, `agreed_with_school`.
    """
    season = locked(card.season)
    cards = cards_of(season)
    standing = cards.get(card.school_id)
    if standing is None:
        raise card_gone()
    refuse_locked(standing)
    return _lay(season, cards, card.school_id, _turn(days, kits, part), kind=SeasonStep.Kind.MOVED, by=by, now=now)


@transaction.atomic
def place_school(
    *,
    season: Season,
    school: School,
    days: Collection[date],
    kits: int,
    part: str = Part.DAY,
    by: User | None,
    now: datetime,
) -> SeasonCard:
    """A turn for a school that has none yet; it is pinned. Of a school that has one, the turn is moved.

    Raises ValidationError: `school_locked`, `school_left_out`, `nobody_waits`, and what `move_card` raises.
    """
    season = locked(season)
    cards = cards_of(season)
    if standing := cards.get(school.pk):
        refuse_locked(standing)
    if season.absences.filter(school=school).exists():
        raise ValidationError(
            _("%(school)s has been left out of the season. Put it back first.") % {"school": school.name}, code="school_left_out"
        )
    kind = SeasonStep.Kind.MOVED if standing else SeasonStep.Kind.PLACED
    return _lay(season, cards, school.pk, _turn(days, kits, part), kind=kind, by=by, now=now)


def _turn(days: Collection[date], kits: int, part: str) -> Placement:
    if not days:
        raise ValidationError(_("A turn needs at least one day. Choose a day."), code="no_days")
    if len(set(days)) > MOST_DAYS:
        raise ValidationError(_("A turn has at most 30 days. Choose fewer days."), code="too_many_days")
    if kits < 1:
        raise ValidationError(_("A turn needs at least one kit. Choose a kit or more."), code="no_kits")
    return Placement(tuple(sorted(set(days))), kits, Part(part))


def _lay(
    season: Season,
    cards: Mapping[UUID, SeasonCard],
    school: UUID,
    turn: Placement,
    *,
    kind: SeasonStep.Kind,
    by: User | None,
    now: datetime,
) -> SeasonCard:
    asked = question(season=season, now=now)
    _refuse_no_question(asked, school, has_card=school in cards)
    _refuse_other_days(asked, school, turn)
    board = board_of(cards.values()) | {school: turn}
    refuse_conflicts(asked, board, [school], season=season, now=now)
    why = [{"code": "agreed"}, {"code": "by_hand"}] if school in asked.agreed else [{"code": "by_hand"}]
    state = state_of_turn(asked, school, turn, is_pinned=True, why=why)
    take_step(season, {school: state}, kind=kind, by=by, now=now)
    return SeasonCard.objects.select_related("season", "school", "drive").get(season=season, school=school)


def _refuse_no_question(asked: Question, school: UUID, *, has_card: bool) -> None:
    if name := next((each.name for each in asked.locked if each.school_id == school), None):
        raise ValidationError(
            _("%(school)s has a drive already. Change the drive, or cancel it first.") % {"school": name}, code="school_locked"
        )
    if school not in asked.waiting and not has_card:
        raise ValidationError(_("Nobody at this school is waiting to be recorded."), code="nobody_waits")


def _refuse_other_days(asked: Question, school: UUID, turn: Placement) -> None:
    agreed = asked.agreed.get(school)
    if agreed and turn.days != agreed:
        raise _agreed_with_school(asked.waiting[school].name, agreed)


def _agreed_with_school(name: str, days: Collection[date]) -> ValidationError:
    return ValidationError(
        _("%(school)s and the office have agreed on %(days)s. Agree with the school on other days first, under Requests.")
        % {"school": name, "days": ", ".join(day_name(day) for day in sorted(days))},
        code="agreed_with_school",
    )


@transaction.atomic
def pin_card(*, card: SeasonCard, by: User | None, now: datetime) -> SeasonCard:
    """New proposals leave it where it is. Raises ValidationError: `card_gone`, `card_locked`."""
    return _pin(card, is_pinned=True, by=by, now=now)


@transaction.atomic
def unpin_card(*, card: SeasonCard, by: User | None, now: datetime) -> SeasonCard:
    """New proposals may move it. Raises ValidationError: `card_gone`, `card_locked`, `agreed_with_school`."""
    return _pin(card, is_pinned=False, by=by, now=now)


def _pin(card: SeasonCard, *, is_pinned: bool, by: User | None, now: datetime) -> SeasonCard:
    season, standing = _standing(card)
    if not is_pinned and (agreed := agreed_days(season, standing.school_id, now=now)):
        raise _agreed_with_school(standing.school.name, agreed)
    kind = SeasonStep.Kind.PINNED if is_pinned else SeasonStep.Kind.UNPINNED
    state = {**kept(standing), "is_pinned": is_pinned}
    take_step(season, {standing.school_id: state}, kind=kind, by=by, now=now)
    standing.is_pinned = is_pinned
    return standing


@transaction.atomic
def remove_card(*, card: SeasonCard, by: User | None, now: datetime) -> None:
    """The school has no turn any more and waits for one. Raises ValidationError: `card_gone`, `card_locked`."""
    season, standing = _standing(card)
    take_step(season, {standing.school_id: None}, kind=SeasonStep.Kind.REMOVED, by=by, now=now)


@transaction.atomic
def leave_out(*, season: Season, school: School, by: User | None, now: datetime) -> None:
    """The school has no part in the season until it is put back. Left out already, nothing happens again.

    Raises ValidationError: `card_locked`.
    """
    season = locked(season)
    standing = cards_of(season).get(school.pk)
    if standing:
        refuse_locked(standing)
    states: States = {school.pk: None} if standing else {}
    take_step(season, states, kind=SeasonStep.Kind.REMOVED, by=by, now=now, absent={school.pk: True})


@transaction.atomic
def put_back(*, season: Season, school: School, by: User | None, now: datetime) -> None:
    """The next proposal gives it a turn. Never left out, nothing happens."""
    take_step(locked(season), {}, kind=SeasonStep.Kind.RETURNED, by=by, now=now, absent={school.pk: False})


def _standing(card: SeasonCard) -> tuple[Season, SeasonCard]:
    season = locked(card.season)
    standing = cards_of(season).get(card.school_id)
    if standing is None:
        raise card_gone()
    refuse_locked(standing)
    return season, standing


# Steps


def take_step(
    season: Season,
    states: States,
    *,
    kind: SeasonStep.Kind,
    by: User | None,
    now: datetime,
    absent: Mapping[UUID, bool] | None = None,
) -> SeasonStep | None:
    """Write the states and remember what was before; no step where nothing changes. Of a season that is held."""
    cards = cards_of(season)
    missing = set(season.absences.values_list("school_id", flat=True))
    before = {school: state_of(cards.get(school)) for school in states}
    before_absent = {school: school in missing for school in absent or {}}
    if before == dict(states) and before_absent == dict(absent or {}):
        return None
    write(season, states, absent=absent or {}, by=by, now=now)
    return SeasonStep.objects.create(
        season=season,
        kind=kind,
        at=now,
        by=by,
        before=_as_json(before, before_absent),
        after=_as_json(states, absent or {}),
    )


def count_anew(*, season: Season, now: datetime) -> None:
    """What the open cards say of people and places, as it is by the season's present rules. Of a season that is held."""
    asked = question(season=season, now=now)
    cards = [card for card in cards_of(season).values() if not card.is_locked and card.school_id in asked.waiting]
    for card in cards:
        for name, value in asked.figures_of(card.school_id, turn_of(card)).items():
            setattr(card, name, value)
    SeasonCard.objects.bulk_update(cards, ["people", "seventeen", "places"])


def write(season: Season, states: States, *, absent: Mapping[UUID, bool], by: User | None, now: datetime) -> None:
    """Cards and absences exactly so."""
    gone = [school for school, state in states.items() if state is None]
    SeasonCard.objects.filter(season=season, school__in=gone).delete()
    cards = [
        SeasonCard(season=season, office_id=season.office_id, school_id=school, drive=None, **fields_of(state))
        for school, state in states.items()
        if state is not None
    ]
    SeasonCard.objects.bulk_create(
        cards,
        update_conflicts=True,
        unique_fields=["season", "school"],
        update_fields=["days", "kits", "part", "people", "seventeen", "places", "is_pinned", "why", "drive"],
    )
    SeasonAbsence.objects.filter(season=season, school__in=[each for each, is_absent in absent.items() if not is_absent]).delete()
    SeasonAbsence.objects.bulk_create(
        [
            SeasonAbsence(season=season, office_id=season.office_id, school_id=school, at=now, by=by)
            for school, is_absent in absent.items()
            if is_absent
        ],
        ignore_conflicts=True,
    )


def _as_json(states: States, absent: Mapping[UUID, bool]) -> dict[str, Any]:
    return {
        "cards": {str(school): state for school, state in states.items()},
        "absent": {str(school): is_absent for school, is_absent in absent.items()},
    }

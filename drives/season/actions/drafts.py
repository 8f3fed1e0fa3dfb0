"""Turns that become drives: each a draft with its days, sessions, kits and, if wished, everybody in a timeslot."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from drives.models import Drive, Season, SeasonCard
from drives.planning.actions import assign_everybody, create_drive
from drives.planning.facts import kits_at
from drives.planning.plan import Plan, moment
from drives.season.actions.refusals import locked
from drives.season.calendar import sessions_of
from drives.season.solver.problem import Part
from schools.models import User


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one card: its drive, or why there is none. `note` says why nobody has a place yet."""

    school_id: UUID
    name: str
    drive: Drive | None = None
    placed: int = 0
    left_over: int = 0
    refusal: str = ""
    code: str = ""
    note: str = ""

    @property
    def is_done(self) -> bool:
        return self.drive is not None


def publish_cards(
    *,
    season: Season,
    by: User | None,
    now: datetime,
    schools: Collection[UUID] | None = None,
    assign: bool = True,
) -> list[Published]:
    """A draft for each of these schools' cards, or for all, the earliest first; each by itself, so that one refusal stops no
    other. A card that has become a drive already answers with that drive.
    """
    cards = SeasonCard.objects.filter(season=season).select_related("school")
    if schools is not None:
        cards = cards.filter(school__in=list(schools))
    order = sorted(cards, key=lambda card: (card.days[0], card.part != Part.DAY, card.school.search_name, str(card.pk)))
    return [_published(card, by=by, now=now, assign=assign) for card in order]


def _published(card: SeasonCard, *, by: User | None, now: datetime, assign: bool) -> Published:
    try:
        with transaction.atomic():
            return _draft(card, by=by, now=now, assign=assign)
    except ValidationError as refusal:
        code = refusal.code if hasattr(refusal, "code") else ""
        return Published(card.school_id, card.school.name, refusal=" ".join(refusal.messages), code=code or "")


def _draft(card: SeasonCard, *, by: User | None, now: datetime, assign: bool) -> Published:
    found, is_new = draft_of(card=card, by=by, now=now)
    if found is None or found.drive is None:
        return Published(card.school_id, card.school.name, code="card_gone")
    done: dict[str, Any] = _assigned(found.drive, by=by, now=now) if assign and is_new else {}
    return Published(found.school_id, found.school.name, drive=found.drive, **done)


def draft_of(*, card: SeasonCard, by: User | None, now: datetime) -> tuple[SeasonCard | None, bool]:
    """The card with its drive, and whether that was made just now: a draft of its turn. None where the card is gone.

    Of a transaction that goes on: the season is held until it ends. Raises what `create_drive` raises.
    """
    season = locked(card.season)
    found = SeasonCard.objects.filter(pk=card.pk).select_related("school__office", "drive").first()
    if found is None or found.is_locked:
        return found, False
    found.drive = create_drive(school=found.school, plan=plan_of(found, season), by=by, now=now, office=season.office)
    found.save(update_fields=["drive"])
    return found, True


def _assigned(drive: Drive, *, by: User | None, now: datetime) -> dict[str, Any]:
    """The draft stands also where nobody can be given a place."""
    try:
        with transaction.atomic():
            placement = assign_everybody(drive=drive, by=by, now=now)
    except ValidationError as refusal:
        return {"note": refusal.messages[0]}
    return {"placed": len(placement.new), "left_over": len(placement.assignment.left_over)}


def plan_of(card: SeasonCard, season: Season) -> Plan:
    """The card's turn as the planner of one drive would have answered."""
    return Plan(
        days=tuple(card.days),
        sessions=sessions_of(season, Part(card.part)),
        kits=card.kits,
        kit_ids=_kits_of_the_other_half(card, season),
        minutes=season.minutes_per_person,
        slack_percent=season.slack_percent,
        slot_minutes=season.office.slot_minutes,
        setup_minutes=season.setup_minutes,
        packup_minutes=season.packup_minutes,
        grades=tuple(season.grades),
        minimum_age_months=season.minimum_age_months,
    )


def _kits_of_the_other_half(card: SeasonCard, season: Season) -> frozenset[UUID]:
    """For half a day: kits that are at another school in the other half, so that whole ones stay whole."""
    if card.part == Part.DAY or len(card.days) != 1:
        return frozenset()
    day, zone = card.days[0], season.office.zone
    own = (season.morning_from, season.morning_until)
    other = (season.afternoon_from, season.afternoon_until)
    if card.part == Part.AFTERNOON:
        own, other = other, own
    here = kits_at(season.office_id, {day: (moment(day, own[0], zone), moment(day, own[1], zone))})[day]
    there = kits_at(season.office_id, {day: (moment(day, other[0], zone), moment(day, other[1], zone))})[day]
    busy_there = {state.kit_id for state in there if not state.is_free}
    free = [state.kit_id for state in here if state.is_free]
    chosen = sorted(free, key=lambda kit: kit not in busy_there)[: card.kits]
    return frozenset(chosen) if len(chosen) == card.kits else frozenset()

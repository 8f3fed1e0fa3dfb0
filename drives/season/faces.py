"""A school's turn as the board, the list and the pages of publishing show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from drives.models import Season, SeasonCard, SeasonDeadline
from drives.planning.labels import State, span_of, state_of


@dataclass(frozen=True, slots=True)
class Face:
    """A school's turn as the board shows it; `short`: how many of its people have no place in it."""

    card: SeasonCard
    name: str
    district: str
    url: str
    span: str
    is_locked: bool
    drive_url: str
    state: State | None
    short: int
    # After the school's deadline, or after the season's.
    late: State | None = None


def cards_of(season: Season) -> list[SeasonCard]:
    """All of a season, with what a face shows, from the first day on."""
    deadline = SeasonDeadline.objects.filter(season=season.pk, school=OuterRef("school"))
    cards = season.cards.select_related("school__district", "drive").annotate(deadline_on=Subquery(deadline.values("day")))
    return sorted(cards, key=lambda card: (card.days[0], card.part != "morning", card.school.search_name, str(card.pk)))


def school_url(season: Season, school_id: UUID) -> str:
    return reverse("drives:season_school", args=[season.pk, school_id])


def face_of(season: Season, card: SeasonCard, *, now: datetime, is_agreed: bool = False) -> Face:
    """Of a card from `cards_of`."""
    drive = card.drive if card.is_locked else None
    today = now.astimezone(season.office.zone).date()
    state = state_of(drive, first_day=card.days[0], last_day=card.days[-1], today=today) if drive else None
    if state is None and card.is_pinned:
        state = State(_("Agreed with the school") if is_agreed else _("Pinned"), "info", "pin")
    return Face(
        card,
        card.school.name,
        card.school.district.name,
        school_url(season, card.school_id),
        span_of(card.days[0], card.days[-1]),
        card.is_locked,
        reverse("drives:slot_board", args=[drive.pk]) if drive else "",
        state,
        max(0, card.people - card.places),
        _late(season, card),
    )


def _late(season: Season, card: Any) -> State | None:
    if card.deadline_on and card.days[-1] > card.deadline_on:
        return State(_("After the school's deadline"), "stop")
    if season.deadline_on and card.days[-1] > season.deadline_on:
        return State(_("After the season's deadline"), "wait")
    return None

"""A card as a step or a proposal keeps it: plain values that JSON can hold."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from drives.models import SeasonCard, SeasonProposalCard
from drives.season.facts import Question
from drives.season.solver.problem import Part, Placement

# None where there was, or will be, no card.
State = dict[str, Any] | None
States = Mapping[UUID, State]


def state_of(card: SeasonCard | SeasonProposalCard | None) -> State:
    """None also of a proposed card by which the school would lose its turn."""
    return kept(card) if card and card.days else None


def kept(card: SeasonCard | SeasonProposalCard) -> dict[str, Any]:
    return {
        "days": [day.isoformat() for day in card.days],
        "kits": card.kits,
        "part": str(card.part),
        "people": card.people,
        "seventeen": card.seventeen,
        "places": card.places,
        "is_pinned": isinstance(card, SeasonCard) and card.is_pinned,
        "why": card.why,
    }


def state_of_turn(
    asked: Question, school: UUID, turn: Placement, *, is_pinned: bool = False, why: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """A card that does not stand yet, with its figures."""
    return {
        "days": [day.isoformat() for day in turn.days],
        "kits": turn.kits,
        "part": str(turn.part),
        **asked.figures_of(school, turn),
        "is_pinned": is_pinned,
        "why": why or [],
    }


def turn_of_state(state: Mapping[str, Any]) -> Placement:
    return Placement(tuple(date.fromisoformat(day) for day in state["days"]), state["kits"], Part(state["part"]))


def fields_of(state: Mapping[str, Any]) -> dict[str, Any]:
    return {**state, "days": [date.fromisoformat(day) for day in state["days"]]}

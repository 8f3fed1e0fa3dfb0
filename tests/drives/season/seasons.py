"""A small city with a season of three weeks, and what tests ask of its board."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from drives.models import Season, SeasonCard, SeasonProposal
from drives.season import actions
from drives.season.facts import turn_of
from drives.season.kits_free import kits_free
from schools.models import School
from tests.drives.planning.pupils import FRIDAY, make_kits, make_school
from tests.factories import OfficeFactory

MONDAY, LAST = date(2027, 1, 11), date(2027, 1, 29)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def make_city(*sizes: tuple[int, int]) -> list[School]:
    """A school for each pair: how many are 17 and how many 16. A kilometre lies between a school and the next one."""
    return [
        make_school({"XI 1": size}, name=f"SMAN {number} Jakarta", latitude=-6.25, longitude=106.8 + number * 0.009)
        for number, size in enumerate(sizes, 1)
    ]


def make_season(*, kits: int = 2, **wishes: Any) -> Season:
    """Three weeks of January with so many kits."""
    if kits:
        make_kits(kits)
    asked: dict[str, Any] = {"name": "Semester genap", "starts_on": MONDAY, "ends_on": LAST}
    office = wishes.pop("office", None) or OfficeFactory()
    return actions.create_season(office=office, by=None, now=FRIDAY, **(asked | wishes))


def proposed(season: Season, **changes: Any) -> SeasonProposal:
    return actions.ask_for_proposal(season=season, by=None, now=FRIDAY, ring_worker=False, **changes)


def planned(season: Season) -> dict[str, SeasonCard]:
    """The season with a proposal in force; its cards by the names of the schools."""
    actions.accept(proposal=proposed(season), by=None, now=FRIDAY)
    return cards(season)


def cards(season: Season) -> dict[str, SeasonCard]:
    found = SeasonCard.objects.filter(season=season).select_related("school", "season__office", "drive")
    return {card.school.name: card for card in found}


def turns(season: Season) -> dict[str, tuple[tuple[date, ...], int, str]]:
    return {name: (tuple(card.days), card.kits, card.part) for name, card in sorted(cards(season).items())}


def overbooked(season: Season) -> set[tuple[date, int]]:
    """Half days on which cards have more kits than are free."""
    use: Counter[tuple[date, int]] = Counter()
    for card in cards(season).values():
        if not card.is_locked:
            use.update({(day, half): card.kits for day in card.days for half in turn_of(card).part.halves})
    free = kits_free(season, sorted({day for day, _half in use}))
    return {(day, half) for (day, half), count in use.items() if count > free[day][half]}


def refused(code: str) -> "pytest.RaisesExc[ValidationError]":
    """With this code alone, wherever it stands."""
    return pytest.raises(ValidationError, check=lambda error: set(codes(error)) == {code})


def codes(error: ValidationError) -> list[str]:
    errors = [each for of_field in error.error_dict.values() for each in of_field] if hasattr(error, "error_dict") else []
    return [str(each.code) for each in errors or error.error_list]

"""The schools of a publication below each other: what asks for attention first, by its cause, long lists folded."""

from datetime import date, timedelta
from typing import Any

import pytest

from drives.models import SeasonPublicationTurn
from drives.publishing.season.lines import sections_of
from drives.season.folding import FEW
from schools.models import School

MONDAY = date(2027, 1, 11)


def turn(number: int, state: str, **more: Any) -> SeasonPublicationTurn:
    day = MONDAY + timedelta(days=number)
    return SeasonPublicationTurn(school=School(name=f"SMAN {number}"), state=state, days=[day], **more)


def groups(*turns: SeasonPublicationTurn) -> list[tuple[str, list[tuple[str, int, bool]]]]:
    """By section its groups with how many schools they hold, and whether they are open."""
    return [
        (section.state, [(group.title, len(group.lines), group.is_open) for group in section.groups])
        for section in sections_of(turns)
    ]


def test_a_few_schools_stand_below_each_other_without_a_fold() -> None:
    found = groups(*[turn(number, "published") for number in range(FEW)])

    assert found == [("published", [("", FEW, True)])]


def test_many_schools_are_folded_by_week() -> None:
    found = groups(*[turn(number % 5 + 7 * (number % 2), "published") for number in range(FEW + 1)])

    assert found == [("published", [("Sen 11 Jan – Jum 15 Jan", 7, False), ("Sen 18 Jan – Jum 22 Jan", 6, False)])]


def test_who_is_refused_stands_first_by_cause_the_most_frequent_first() -> None:
    refused = [turn(number, "refused", code="kit_elsewhere", reason=f"Alat {number} di tempat lain.") for number in range(2)]
    closed = [turn(number, "refused", code="closed_day", reason=f"Ujian {number}.") for number in range(FEW + 1)]
    odd = turn(3, "refused", code="something_new", reason="Lain.")

    found = groups(turn(0, "published"), *refused, odd, *closed)

    assert [state for state, _groups in found] == ["refused", "published"]
    assert found[0][1] == [
        ("Hari itu tidak mungkin lagi", FEW + 1, False),
        ("Alat kurang", 2, True),
        ("Sebab lain", 1, True),
    ]


@pytest.mark.parametrize("code", ["too_few_kits", "no_kits", "kit_out_of_service", "kit_elsewhere"])
def test_whatever_lacks_a_kit_is_one_cause(code: str) -> None:
    assert groups(turn(0, "blocked", code=code, reason="…")) == [("blocked", [("Alat kurang", 1, True)])]

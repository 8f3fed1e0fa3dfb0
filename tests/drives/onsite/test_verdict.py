"""The card's verdict, case by case; the tablet's console is held to the same table."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drives.models import Visit
from drives.onsite.verdict import Seen, Verdict, may_activate, verdict_of

CASES = json.loads((Path(__file__).parent / "card_cases.json").read_text())
SEEN = st.builds(
    Seen,
    service=st.sampled_from(Visit.Service.values),
    state=st.sampled_from(Visit.State.values),
    is_of_today=st.booleans(),
    slot=st.sampled_from(["none", "today", "past", "other_day"]),
    is_walk_in=st.booleans(),
    has_conflict=st.booleans(),
    recorded=st.sampled_from(["", "elsewhere", "dukcapil"]),
    is_too_young=st.booleans(),
    consent=st.sampled_from(["", "lacking", "withdrawn"]),
    ikd_state=st.sampled_from(["", "ikd_activated", "ikd_failed"]),
    offers_ikd=st.booleans(),
)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_card_says(case: dict[str, Any]) -> None:
    assert verdict_of(Seen(**case["seen"])) == Verdict(*case["verdict"])


def test_the_table_has_every_headline_and_remedy_that_there_is() -> None:
    told = [verdict_of(Seen(service=service, **_flags(bits))) for service in Visit.Service.values for bits in _all_flags()]

    assert {(one.headline, one.remedy) for one in told} == {tuple(case["verdict"][1:3]) for case in CASES}


@given(SEEN)
def test_nobody_who_is_recorded_or_too_young_is_offered_a_recording(seen: Seen) -> None:
    verdict = verdict_of(seen)

    is_barred = (
        seen.recorded or seen.is_too_young or seen.consent == "withdrawn" or seen.state in ("recorded", "already_recorded")
    )
    assert not (is_barred and verdict.best == "recorded")
    assert (verdict.best == "recorded") <= (seen.service == "recording")
    assert (verdict.tone == "ok") <= (verdict.best in ("recorded", "served", "ikd_activated"))


@given(SEEN)
def test_an_activation_is_offered_only_where_the_drive_allows_it(seen: Seen) -> None:
    assert (verdict_of(seen).best == "ikd_activated") <= may_activate(seen)
    assert may_activate(seen) <= seen.offers_ikd


def _all_flags() -> list[tuple[Any, ...]]:
    states = Visit.State.values
    return list(
        product(
            states, [True], ["none", "today", "past", "other_day"], [False, True], ["", "elsewhere", "dukcapil"], [False, True]
        )
    )


def _flags(bits: tuple[Any, ...]) -> dict[str, Any]:
    state, is_of_today, slot, has_conflict, recorded, offers_ikd = bits
    more = {"is_too_young": state == "under_age", "consent": {"declined": "withdrawn", "failed": "lacking"}.get(state, "")}
    return {
        "state": state,
        "is_of_today": is_of_today,
        "slot": slot,
        "has_conflict": has_conflict,
        "recorded": recorded,
        "offers_ikd": offers_ikd,
    } | (more if slot == "none" else {})

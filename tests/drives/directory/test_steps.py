"""A school's way from roster to recording, step by step."""

from datetime import date, timedelta

import pytest

from drives.directory.steps import CheckFacts, DriveFacts, Facts, steps

TODAY = date(2026, 11, 20)


def drive(*, published: bool = True, days_ahead: int = 4) -> DriveFacts:
    first = TODAY + timedelta(days=days_ahead)
    return DriveFacts(is_published=published, first_day=first, last_day=first + timedelta(days=2), scheduled=411, places=456)


def tones(facts: Facts) -> list[str]:
    return [step.tone for step in steps(facts, today=TODAY)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(0, 0), ["wait", "neutral", "neutral", "neutral", "neutral"]),
        (Facts(0, 0, "reading"), ["info", "neutral", "neutral", "neutral", "neutral"]),
        (Facts(0, 0, "questions"), ["wait", "neutral", "neutral", "neutral", "neutral"]),
        (Facts(0, 0, "refused"), ["stop", "neutral", "neutral", "neutral", "neutral"]),
        (Facts(0, 0, "review"), ["ok", "wait", "neutral", "neutral", "neutral"]),
        (Facts(0, 0, "applying"), ["ok", "info", "neutral", "neutral", "neutral"]),
        (Facts(452, 452, "applied", held=2), ["ok", "wait", "wait", "neutral", "neutral"]),
        (Facts(452, 452, "applied"), ["ok", "ok", "wait", "neutral", "neutral"]),
        (Facts(452, 452, "applied", drive=drive(published=False)), ["ok", "ok", "wait", "neutral", "neutral"]),
        (Facts(452, 452, "applied", drive=drive()), ["ok", "ok", "ok", "info", "neutral"]),
        (Facts(452, 152, "applied", drive=drive(days_ahead=-1)), ["ok", "ok", "ok", "info", "info"]),
        (Facts(452, 12, "applied", drive=drive(days_ahead=-9)), ["ok", "ok", "ok", "neutral", "info"]),
        (Facts(452, 0, "applied"), ["ok", "ok", "ok", "neutral", "ok"]),
    ],
)
def test_each_step_says_where_it_stands(facts: Facts, expected: list[str]) -> None:
    assert tones(facts) == expected


def test_the_remainder_is_named() -> None:
    record = steps(Facts(452, 152, "applied"), today=TODAY)[-1]

    assert record.sentence == "300 dari 452 siswa sudah rekam; tinggal 152."


def test_the_places_are_named() -> None:
    schedule = steps(Facts(452, 452, "applied", drive=drive()), today=TODAY)[2]

    assert schedule.sentence == "Sel 24 Nov – Kamis, 26 November 2026. 411 dari 456 tempat sudah terisi."


@pytest.mark.parametrize(
    ("check", "needing", "tone", "code"),
    [
        (CheckFacts(), 452, "wait", "check"),
        (CheckFacts(taken_on=TODAY), 452, "wait", "check"),
        (CheckFacts(taken_on=TODAY, answered_on=TODAY - timedelta(days=30)), 152, "wait", "check"),
        (CheckFacts(taken_on=TODAY, answered_on=TODAY), 152, "ok", "check"),
        (CheckFacts(answered_on=TODAY), 152, "ok", "check"),
        (CheckFacts(), 0, "ok", ""),
    ],
)
def test_the_office_checks_in_siak_before_it_schedules(check: CheckFacts, needing: int, tone: str, code: str) -> None:
    step = steps(Facts(452, needing, "applied", check=check), today=TODAY)[2]

    assert (step.title, step.tone, step.code) == ("Periksa di SIAK", tone, code)


def test_without_a_roster_there_is_nothing_to_check() -> None:
    assert steps(Facts(0, 0, check=CheckFacts()), today=TODAY)[2].tone == "neutral"

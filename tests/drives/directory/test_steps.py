"""A school's way from roster to recording, step by step."""

from datetime import date, timedelta

import pytest

from drives.directory.steps import DriveFacts, Facts, steps

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

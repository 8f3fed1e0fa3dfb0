"""Where a person stands: every branch, the reason beside it, and what comes next. No database."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drives.desk.story import Facts, Rules, Standing, standing
from drives.models import DukcapilStatus, Visit, VisitEvent
from tests.factories import at

TODAY = date(2026, 11, 20)
RULES = Rules()
SIXTEEN = Facts(birth_date=date(2010, 3, 1), recorded_on=None, has_nik=True)
SEVENTEEN = replace(SIXTEEN, birth_date=date(2009, 6, 1))
RECORDED = replace(SEVENTEEN, recorded_on=date(2026, 11, 10))


def told(facts: Facts, rules: Rules = RULES, *, today: date = TODAY) -> Standing:
    return standing(facts, rules, today=today)


def placed(facts: Facts, day: date) -> Facts:
    return replace(facts, slot_on=day, slot_starts_at=at(day, "08.00"), slot_ends_at=at(day, "08.30"))


def said(facts: Facts, status: str, dated_on: date) -> Facts:
    return replace(facts, dukcapil_status=status, dukcapil_on=dated_on)


def test_who_has_no_place_waits_and_the_reason_is_the_age() -> None:
    assert told(SEVENTEEN) == Standing(
        "unscheduled", "Belum terjadwal", "wait", "Genap 17 tahun sejak 1 Juni 2026.", "Menunggu tempat pada kegiatan perekaman."
    )
    assert told(SIXTEEN).why == "Genap 17 tahun pada 1 Maret 2027."


def test_who_is_too_young_reads_from_which_day_on() -> None:
    born = replace(SIXTEEN, birth_date=date(2010, 11, 21))

    assert (told(born).code, told(born).why) == ("under_age", "Genap 16 tahun pada 21 November 2026.")
    assert told(born, today=date(2026, 11, 21)).code == "unscheduled"


def test_a_higher_floor_is_the_offices_own() -> None:
    assert told(SIXTEEN, Rules(minimum_age_months=204)).code == "under_age"


def test_a_place_on_the_day_of_coming_of_age_is_a_place() -> None:
    born = placed(replace(SIXTEEN, birth_date=date(2010, 11, 24)), date(2026, 11, 24))

    assert (told(born).code, told(born).why) == ("scheduled", "Selasa, 24 November 2026, 08.00–08.30")


def test_without_a_birth_date_nothing_can_be_planned() -> None:
    assert told(replace(SIXTEEN, birth_date=None)).code == "incomplete"


@pytest.mark.parametrize(
    "state", [state for state in Visit.State if state not in {"expected", "recorded", "already_recorded", "served"}]
)
def test_what_happened_at_the_drive_stands_before_the_place(state: str) -> None:
    came = replace(placed(SEVENTEEN, TODAY), visit_state=state, visit_on=TODAY)

    assert (told(came).code, bool(told(came).next)) == (state, True)


def test_a_failure_gives_its_reason_and_its_day() -> None:
    failed = replace(SEVENTEEN, visit_state="failed", visit_reason="network_down", visit_on=TODAY)

    assert told(failed).why.endswith("Jumat, 20 November 2026")
    assert told(failed).why.startswith(str(VisitEvent.Reason.NETWORK_DOWN.label).capitalize())


def test_a_new_place_after_a_missed_day_is_what_counts() -> None:
    absent = replace(SEVENTEEN, visit_state="absent", visit_on=date(2026, 11, 18))

    assert told(absent).code == "absent"
    assert told(placed(absent, date(2026, 11, 24))).code == "scheduled"
    assert told(placed(absent, date(2026, 11, 18))).code == "absent"


def test_who_is_here_today_with_a_place_tomorrow_is_here() -> None:
    early = replace(placed(SEVENTEEN, date(2026, 11, 21)), visit_state="present", visit_on=TODAY)

    assert told(early).code == "present"


@pytest.mark.parametrize(
    ("status", "code", "tone"),
    [
        ("DUPLICATE_RECORD", "blocked", "stop"),
        ("ADJUDICATE_RECORD", "blocked", "stop"),
        ("PRINT_READY_RECORD", "printable", "ok"),
        ("SENT_FOR_CARD_PRINTING", "printable", "ok"),
        ("CARD_PRINTED", "card", "ok"),
        ("CARD_SHIPPED", "card", "ok"),
        ("CARD_ISSUED", "issued", "ok"),
        ("SENT_FOR_ENROLLMENT", "recorded", "ok"),
        ("", "recorded", "ok"),
    ],
)
def test_the_newest_status_says_how_far_a_card_is(status: str, code: str, tone: str) -> None:
    answer = told(said(RECORDED, status, date(2026, 11, 15)))

    assert (answer.code, answer.tone) == (code, tone)


def test_a_card_waits_for_the_seventeenth_birthday_and_the_offices_offset() -> None:
    young = replace(said(SIXTEEN, "PRINT_READY_RECORD", date(2026, 11, 15)), recorded_on=date(2026, 11, 10))

    assert told(young).next == "Kartu dapat dicetak mulai 1 Maret 2027."
    assert told(young, Rules(print_offset_days=1)).next == "Kartu dapat dicetak mulai 2 Maret 2027."
    assert told(young, today=date(2027, 3, 1)).code == "printable"


def test_a_status_from_before_the_recording_says_nothing() -> None:
    answer = told(said(RECORDED, "CARD_PRINTED", date(2026, 11, 9)))

    assert (answer.code, answer.why) == ("recorded", "Sudah rekam sejak 10 November 2026.")


@pytest.mark.parametrize("status", DukcapilStatus.NEEDING)
def test_who_is_recorded_is_never_told_to_be_not_recorded(status: str) -> None:
    assert told(said(RECORDED, status, date(2026, 11, 10))).why == "Sudah rekam sejak 10 November 2026."


DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
MAYBE_A_DAY = st.none() | DAYS
FACTS = st.builds(
    Facts,
    birth_date=st.none() | st.dates(date(2005, 1, 1), date(2015, 12, 31)),
    recorded_on=MAYBE_A_DAY,
    has_nik=st.booleans(),
    dukcapil_status=st.sampled_from(["", *DukcapilStatus.Status.values]),
    dukcapil_on=MAYBE_A_DAY,
    visit_state=st.sampled_from(["", *Visit.State.values]),
    visit_reason=st.sampled_from(["", "sick", "biometric"]),
    visit_on=MAYBE_A_DAY,
)


@given(facts=FACTS, place=MAYBE_A_DAY, today=DAYS, months=st.integers(180, 240), offset=st.sampled_from([0, 1]))
def test_whatever_is_known_somebody_reads_a_status_and_a_next_step(
    facts: Facts, place: date | None, today: date, months: int, offset: int
) -> None:
    if place:
        facts = placed(facts, place)

    answer = told(facts, Rules(months, "02-28", offset), today=today)

    assert answer.label
    assert answer.next
    assert answer.tone in {"ok", "wait", "stop", "info", "neutral"}
    assert (answer.code in {"recorded", "blocked", "card", "issued", "printable"}) == (facts.recorded_on is not None)


def test_times_are_those_of_the_place() -> None:
    utc = replace(SEVENTEEN, slot_on=TODAY, slot_starts_at=datetime.fromisoformat("2026-11-20T00:00:00+00:00"))
    facts = replace(utc, slot_ends_at=datetime.fromisoformat("2026-11-20T00:30:00+00:00"))

    assert told(facts).why == "Jumat, 20 November 2026, 07.00–07.30"

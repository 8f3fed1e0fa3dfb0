"""Which line is about whom. No database: plain values in, plain values out."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students.roster.checks import RosterLine
from students.roster.matching import Candidate, Known, Match, match

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
YEAR = 2026
BORN = date(2009, 8, 22)


def line(**changed: Any) -> RosterLine:
    facts: dict[str, Any] = {
        "row": 7, "sheet": "", "name": "SITI CONTOH", "sex": "P", "birth_date": BORN, "birth_place": "", "nik": None, "nisn": "",
        "grade": 11, "class_name": "XI 1", "phone": "", "address": "", "village": "", "district": "", "ready": True,
    }  # fmt: skip
    return RosterLine(**facts | changed)


def known(number: int, **changed: Any) -> Known:
    facts: dict[str, Any] = {
        "name": "SITI CONTOH", "search_name": "SITI CONTOH", "sex": "P", "birth_date": BORN, "has_nik": False, "school_id": HERE,
        "class_name": "XI 1", "grade": 11, "school_year": YEAR,
    }  # fmt: skip
    return Known(person_id=UUID(int=number), **facts | changed)


def candidate(line: RosterLine) -> Candidate:
    return Candidate(line, line.name.upper(), line.nik.encode() if line.nik else None)


def matched(lines: Sequence[RosterLine], *persons: Known, niks: dict[str, Known] | None = None) -> list[Match]:
    by_digest = {nik.encode(): person._replace(has_nik=True) for nik, person in (niks or {}).items()}
    pupils = [person for person in [*persons, *by_digest.values()] if person.school_id == HERE]
    return match([candidate(line) for line in lines], school_id=HERE, school_year=YEAR, by_digest=by_digest, pupils=pupils)


def sections(found: Sequence[Match]) -> list[str]:
    return [match.section for match in found]


def test_a_line_about_nobody_known_is_new() -> None:
    assert sections(matched([line()])) == ["new"]


def test_a_line_that_says_the_same_changes_nothing() -> None:
    assert sections(matched([line()], known(1))) == ["unchanged"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"class_name": "XI 2"}, {"class": ["XI 1", "XI 2"]}),
        ({"phone": "+6281200000000"}, {"phone": ["", "+6281200000000"]}),
        ({"sex": "L"}, {"sex": ["P", "L"]}),
    ],
)
def test_what_the_file_says_otherwise_is_told_old_and_new(changed: dict[str, Any], told: dict[str, list[str]]) -> None:
    [found] = matched([line(**changed)], known(1))

    assert (found.section, found.changes) == ("changed", told)


def test_an_empty_cell_takes_nothing_away() -> None:
    [found] = matched([line(phone="", nisn="")], known(1, phone="+6281200000000", nisn="0091234567"))

    assert found.section == "unchanged"


def test_a_nik_finds_its_pupil_under_a_mistyped_name() -> None:
    [found] = matched([line(nik="1", name="SITI CONTOHH")], niks={"1": known(1)})

    assert (found.section, list(found.changes)) == ("changed", ["name"])


def test_a_nik_with_another_name_and_birth_date_is_another_students_and_is_not_used() -> None:
    row = line(nik="1", name="BUDI LAIN", birth_date=date(2010, 1, 1))

    [found, _missing] = matched([row], niks={"1": known(1)})

    assert (found.section, found.digest, row.nik, row.nik_problem) == ("new", None, None, "nik_of_another_student")


def test_without_a_class_a_line_with_anothers_nik_is_held() -> None:
    row = line(nik="1", name="BUDI LAIN", birth_date=date(2010, 1, 1), class_name="")

    assert matched([row], niks={"1": known(1)})[0].section == "held"


def test_a_pupil_of_another_school_has_moved_when_nik_name_and_birth_date_agree() -> None:
    [found] = matched([line(nik="1")], niks={"1": known(1, school_id=ELSEWHERE)})

    assert (found.section, found.known and found.known.person_id) == ("moved", UUID(int=1))


def test_at_another_school_a_name_alone_does_not_make_a_move() -> None:
    row = line(nik="1", birth_date=date(2010, 1, 1))

    [found] = matched([row], niks={"1": known(1, school_id=ELSEWHERE)})

    assert (found.section, found.known, row.nik_problem) == ("new", None, "nik_of_another_student")


def test_somebody_without_a_school_is_enrolled_and_not_made_again() -> None:
    [found] = matched([line(nik="1")], niks={"1": known(1, school_id=None)})

    assert (found.section, found.known and found.known.person_id) == ("new", UUID(int=1))


def test_twins_are_asked_about() -> None:
    """Born on the same day with a near name, each with a number of its own, and only one of them in the file."""
    [found] = matched([line(nik="2", name="SITI CONTOHA")], niks={"1": known(1)})

    assert found.section == "similar"


def test_twins_who_both_stand_in_the_file_are_two() -> None:
    found = matched([line(nik="2", name="SITI CONTOHA"), line(row=8, nik="1")], niks={"1": known(1)})

    assert sections(found) == ["new", "unchanged"]


def test_a_repaired_nik_is_given_to_the_pupil_who_had_none() -> None:
    [found] = matched([line(nik="1")], known(1))

    assert (found.section, found.gains_nik) == ("changed", True)


def test_another_nik_for_the_same_name_and_birth_date_is_asked_about() -> None:
    [found] = matched([line(nik="2")], niks={"1": known(1)})

    assert found.section == "similar"


def test_of_two_lines_about_one_pupil_none_wins() -> None:
    found = matched([line(nik="1"), line(row=8, nik="2")], known(1))

    assert sections(found) == ["similar", "similar"]


def test_day_and_month_turned_round_are_asked_about() -> None:
    [found] = matched([line(birth_date=date(2009, 4, 3))], known(1, birth_date=date(2009, 3, 4)))

    assert found.section == "similar"


def test_a_new_school_year_changes_the_enrolment_even_in_a_class_of_the_same_name() -> None:
    [found] = matched([line()], known(1, school_year=YEAR - 1))

    assert (found.section, found.changes) == ("changed", {"year": ["2025", "2026"]})


def test_who_is_not_in_the_file_is_missing_and_nothing_more() -> None:
    found = matched([line()], known(1), known(2, name="BUDI", search_name="BUDI"))

    assert sections(found) == ["unchanged", "missing"]


def test_a_line_that_is_held_does_not_make_its_pupil_missing() -> None:
    found = matched([line(ready=False, birth_date=None)], known(1))

    assert sections(found) == ["held"]


def test_two_lines_with_one_number_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="Two lines with one NIK"):
        matched([line(nik="1"), line(nik="1")])


NAMES = ["SITI CONTOH", "SITI CONTOHA", "BUDI LAIN"]
DAYS = [BORN, date(2009, 3, 4), date(2009, 4, 3)]
NISNS = ["", "", "0091234567", "0097654321"]
lines = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "birth_date": st.sampled_from(DAYS),
            "nik": st.sampled_from([None, *"123456"]),
            "nisn": st.sampled_from(NISNS),
            "class_name": st.sampled_from(["XI 1", "XI 2", ""]),
            "ready": st.sampled_from([True, True, True, False]),
        }
    ),
    max_size=7,
    unique_by=lambda facts: facts["nik"] or object(),
)
persons = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(DAYS),
        st.sampled_from([None, *"123456"]),
        st.sampled_from([HERE, HERE, HERE, ELSEWHERE, None]),
        st.sampled_from(NISNS),
    ),
    max_size=6,
    unique_by=lambda facts: facts[2] or object(),
)


def population(facts: Sequence[tuple[Any, ...]]) -> tuple[list[Known], dict[str, Known]]:
    people = [
        (known(number, name=name, search_name=name, birth_date=day, school_id=school, nisn=nisn), nik)
        for number, (name, day, nik, school, nisn) in enumerate(facts, start=1)
    ]
    return [person for person, nik in people if not nik], {nik: person for person, nik in people if nik}


@given(lines, persons)
def test_every_line_has_one_section_and_no_person_two_lines(facts: list[dict[str, Any]], people: list[Any]) -> None:
    without_nik, niks = population(people)

    found = matched([line(row=row, **said) for row, said in enumerate(facts)], *without_nik, niks=niks)

    assert [match.line.row for match in found if match.line] == list(range(len(facts)))
    taken = Counter(match.known for match in found if match.known and match.section not in ("similar", "missing"))
    assert set(taken.values()) <= {1}
    missing = {match.known for match in found if match.section == "missing"}
    assert missing.isdisjoint({match.known for match in found if match.section != "missing"})


@given(lines, persons, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_decides_nothing(facts: list[dict[str, Any]], people: list[Any], dice: Any) -> None:
    without_nik, niks = population(people)

    def decided(order: Sequence[int]) -> dict[int, tuple[str, UUID | None]]:
        rows = [line(row=row, **facts[row]) for row in order]
        found = matched(rows, *without_nik, niks=niks)
        return {match.line.row: (match.section, match.known.person_id if match.known else None) for match in found if match.line}

    shuffled = list(range(len(facts)))
    dice.shuffle(shuffled)
    assert decided(shuffled) == decided(range(len(facts)))


@given(lines, persons)
def test_what_another_school_knows_is_found_by_its_nik_alone(facts: list[dict[str, Any]], people: list[Any]) -> None:
    without_nik, niks = population(people)

    found = matched([line(row=row, **said) for row, said in enumerate(facts)], *without_nik, niks=niks)

    assert all(match.section == "moved" for match in found if match.known and match.known.school_id == ELSEWHERE)

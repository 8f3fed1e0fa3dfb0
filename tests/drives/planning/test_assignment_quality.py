"""What `assign` finds beside what CP-SAT found for the same schools (tests/benchmarks/references); `make bench` takes all 200."""

from functools import cache

import pytest

from drives.planning.assignment import assign
from tests.benchmarks.assignment import Compared, full_answer
from tests.benchmarks.generated_schools import GeneratedSchool, generated_city, generated_school
from tests.benchmarks.references.assignment import CITY, CITY_SECONDS, PASSES, SCHOOLS, References

EVERY = 5


@cache
def city() -> list[GeneratedSchool]:
    return generated_city(CITY)


def test_a_school_costs_at_most_5_percent_more_than_by_cp_sat_and_leaves_nobody_more() -> None:
    kept = {seed: reference for seed, reference in References.kept().schools.items() if seed % EVERY == 0}

    found = Compared([full_answer(generated_school(seed)) for seed in kept], list(kept.values()))

    assert [seed for seed, ratio in zip(kept, found.ratios, strict=True) if ratio > 1.05] == []
    assert found.worse_off == 0
    assert found.in_all <= 1.01


def test_a_city_costs_at_most_1_percent_more_than_by_cp_sat_and_leaves_nobody_more() -> None:
    kept = References.kept().city

    found = Compared([full_answer(school) for school in city()], [kept[number] for number in range(len(city()))])

    assert found.in_all <= 1.01
    assert found.worse_off == 0


def test_every_generated_school_has_its_reference() -> None:
    kept = References.kept()

    assert sorted(kept.schools) == list(range(SCHOOLS))
    assert sorted(kept.city) == list(range(len(city())))
    assert {each.seconds for each in kept.schools.values()} <= set(PASSES)
    assert {each.seconds for each in kept.city.values()} == {CITY_SECONDS}


def test_a_reference_is_at_least_its_bound() -> None:
    kept = References.kept()

    assert [each for each in [*kept.schools.values(), *kept.city.values()] if each.cost < each.bound] == []


@pytest.mark.parametrize("seed", range(0, SCHOOLS, 40))
def test_the_first_answer_places_the_same_people(seed: int) -> None:
    school = generated_school(seed)

    first = assign(school.people, school.timeslots, closures=school.closures, rounds=0)

    assert set(first.placed) == set(full_answer(school).placed)

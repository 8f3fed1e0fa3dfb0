"""What a planner wishes of a season, school by school."""

from dataclasses import replace
from uuid import UUID

import pytest

from drives.planning.eligibility import MinimumAge
from drives.season.solver.highs import Progress
from drives.season.solver.plan import best_plan, first_plan
from drives.season.solver.problem import Need, Part, Placement, Problem, Unplaced, Weights
from tests.drives.season.solver.problems import POSITIONS, need, rules

FAR = POSITIONS[3]


def ids(*numbers: int) -> list[UUID]:
    return [UUID(int=number) for number in numbers]


def test_those_already_seventeen_are_recorded_first() -> None:
    held = rules(days=2, two_schools=False)
    older, younger = need(2, 4), need(1, 4, births=need(9, 8).births[4:])

    plan = best_plan(Problem((younger, older), held), seconds=60)

    assert plan.placements[older.id].days == held.days[:1]
    assert plan.placements[younger.id].days == held.days[1:]


def test_two_near_schools_share_a_day_and_its_kit() -> None:
    held = rules(days=1)
    problem = Problem((need(1, 2), need(2, 2, position=POSITIONS[1])), held)

    plan = best_plan(problem, seconds=60)

    one, other = ids(1, 2)
    assert {plan.placements[one].part, plan.placements[other].part} == {Part.MORNING, Part.AFTERNOON}
    assert plan.partners == {one: other, other: one}


def test_two_schools_far_apart_do_not() -> None:
    plan = best_plan(Problem((need(1, 2), need(2, 2, position=FAR)), rules(days=1)), seconds=60)

    assert len(plan.placements) == 1
    assert list(plan.unplaced.values()) == [Unplaced.NO_ROOM]


def test_the_school_with_more_people_goes_to_the_longer_half_of_a_friday() -> None:
    held = rules(days=5)
    friday = held.days[4]
    places = {"": {**held.places[""], (friday, Part.AFTERNOON): (0, 1), (friday, Part.DAY): (0, 3)}}
    closed = frozenset(held.days[:4])
    larger, smaller = need(2, 2, closed=closed), need(1, 1, closed=closed)

    plan = best_plan(Problem((smaller, larger), replace(held, places=places)), seconds=60)

    assert plan.placements[larger.id] == Placement((friday,), 1, Part.MORNING)
    assert plan.placements[smaller.id] == Placement((friday,), 1, Part.AFTERNOON)


def test_a_near_school_takes_the_half_that_a_pinned_one_leaves() -> None:
    held = rules(days=1)
    pinned, other = ids(1, 2)
    turn = Placement(held.days, 1, Part.AFTERNOON)

    plan = best_plan(Problem((need(1, 2), need(2, 2)), held, fixed={pinned: turn}), seconds=60)

    assert plan.placements == {pinned: turn, other: Placement(held.days, 1, Part.MORNING)}


def test_a_day_with_kits_before_noon_only_is_used_before_noon() -> None:
    held = rules(days=1)

    plan = best_plan(Problem((need(1, 2),), replace(held, kits={held.days[0]: (1, 0)})), seconds=60)

    assert plan.placements[UUID(int=1)] == Placement(held.days, 1, Part.MORNING)


def test_a_closure_parts_a_drive_but_a_long_one_does_not() -> None:
    held = rules(days=5, longest=2)

    short = best_plan(Problem((need(1, 6, closed=frozenset(held.days[1:2] + held.days[3:])),), held), seconds=60)
    long = best_plan(Problem((need(1, 6, closed=frozenset(held.days[1:4])),), held), seconds=60)

    assert short.placements[UUID(int=1)].days == (held.days[0], held.days[2])
    assert long.unplaced == {UUID(int=1): Unplaced.TOO_LARGE}


def test_no_distance_leaves_a_school_out() -> None:
    held = rules(days=2, kits=2, weights=Weights(kilometre=1000.0))

    plan = best_plan(Problem((need(1, 1, position=FAR, births=need(9, 20).births[-1:]),), held), seconds=60)

    assert list(plan.placements) == ids(1)


def test_a_far_school_brings_its_people_together_where_kilometres_count() -> None:
    held = rules(days=3, kits=3, two_schools=False, kits_a_van=3)
    problem = Problem((need(1, 6, position=FAR),), held)
    dear = replace(problem, rules=replace(held, weights=Weights(kilometre=100.0)))

    assert len(best_plan(dear, seconds=60).placements[UUID(int=1)].days) == 1


def test_fairness_serves_the_worst_off_district_sooner() -> None:
    held = rules(days=3, two_schools=False, weights=Weights(kilometre=0.0, fairness=0.0))
    others = tuple(need(number, 4) for number in (1, 2))
    poor = need(3, 3, district="B")
    fair = replace(held, weights=replace(held.weights, fairness=5.0))

    before, after = (best_plan(Problem((*others, poor), each), seconds=60) for each in (held, fair))

    assert before.placements[poor.id].days == held.days[2:]
    assert after.placements[poor.id].days < before.placements[poor.id].days


@pytest.mark.parametrize(
    ("school", "changes", "why"),
    [
        (need(1, 0), {}, Unplaced.NOBODY),
        (need(1, 1), {"days": ()}, Unplaced.NO_DAY),
        (need(1, 1, closed=frozenset(rules().days)), {}, Unplaced.CLOSED),
        (need(1, 1, hours="unknown"), {}, Unplaced.NO_HOURS),
        (need(1, 1), {"kits": {}}, Unplaced.NO_KIT),
        (need(1, 1), {"kits": dict.fromkeys(rules().days, (0, 0))}, Unplaced.NO_KIT),
        (need(1, 50), {}, Unplaced.TOO_LARGE),
        (need(1, 1), {"minimum_age": MinimumAge(18)}, Unplaced.TOO_YOUNG),
    ],
)
def test_a_school_without_a_turn_has_a_reason(school: Need, changes: dict[str, object], why: Unplaced) -> None:
    problem = Problem((school,), replace(rules(), **changes))  # type: ignore[arg-type]

    for plan in (first_plan(problem), best_plan(problem, seconds=60)):
        assert plan.unplaced == {school.id: why}


def test_a_season_without_schools_costs_nothing_and_is_proven() -> None:
    plan = best_plan(Problem((), rules()), seconds=60)

    assert (plan.placements, plan.objective, plan.gap) == ({}, 0.0, 0.0)


def test_with_weights_of_zero_only_those_already_seventeen_count() -> None:
    held = rules(days=3, two_schools=False, weights=Weights(younger=0.0, kilometre=0.0, fairness=0.0))
    young = need(1, 4, births=need(9, 40).births[-4:])

    plan = best_plan(Problem((young, need(2, 4)), held), seconds=60)

    assert plan.placements[UUID(int=2)].days == held.days[:1]
    assert set(plan.placements) == set(ids(1, 2))


def test_a_search_that_is_stopped_hands_over_the_first_plan() -> None:
    problem = Problem(tuple(need(number, 3) for number in range(1, 9)), rules(days=10))

    plan = best_plan(problem, seconds=60, should_stop=lambda: True)

    assert plan.placements == first_plan(problem).placements
    assert plan.bound is not None
    assert plan.bound <= plan.objective


def test_the_search_tells_how_far_it_is() -> None:
    problem = Problem(tuple(need(number, 3) for number in range(1, 9)), rules(days=10))
    told: list[Progress] = []

    plan = best_plan(problem, seconds=60, on_progress=told.append)

    assert told
    assert all(each.bound <= plan.objective + 1e-6 for each in told)


def test_a_pinned_half_has_one_partner_and_no_more() -> None:
    held = rules(days=1, kits=2, weights=Weights(fairness=0.0))
    pinned, one, other = ids(1, 2, 3)
    turn = Placement(held.days, 1, Part.AFTERNOON)
    held = replace(held, kits={held.days[0]: (2, 1)})
    problem = Problem(tuple(need(number, 2) for number in (1, 2, 3)), held, fixed={pinned: turn})

    plan = best_plan(problem, seconds=60)

    assert set(plan.placements) == {pinned, one, other}
    assert sorted(plan.partners) in ([pinned, one], [pinned, other])

"""A day's classes along its timeslots, beside a search through every order and every beginning."""

from itertools import permutations

from hypothesis import assume, given
from hypothesis import strategies as st

from drives.planning.layout import DOES_NOT_FIT, GAP, PIECE, Day, Part

rooms = st.lists(st.integers(0, 4), min_size=1, max_size=6)
parts = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 63), st.integers(0, 63)), min_size=1, max_size=4)


def disturbance(slots: set[int]) -> int:
    return PIECE * len(slots) + GAP * (sum(slot - 1 not in slots for slot in slots) - 1) if slots else 0


def cheapest(room: list[int], keys: list[tuple[int, int, int]]) -> int | None:
    """Each class without a break in its line of places, in every order, from every place."""
    line = [slot for slot, places in enumerate(room) for _ in range(places)]

    def best(left: tuple[tuple[int, int, int], ...], position: int) -> int | None:
        if not left:
            return 0
        (places, blocked, stands), *rest = left
        standing = {slot for slot in range(6) if stands >> slot & 1}
        found = []
        for first in range(position, len(line) - places + 1):
            used = set(line[first : first + places])
            crossed = range(line[first], line[first + places - 1] + 1)
            if any(blocked >> slot & 1 for slot in crossed):
                continue
            further = best(tuple(rest), first + places)
            if further is not None:
                found.append(disturbance(used | standing) - disturbance(standing) + further)
        return min(found, default=None)

    costs = [best(order, 0) for order in permutations(keys)]
    return min((cost for cost in costs if cost is not None), default=None)


@given(rooms, parts)
def test_the_cheapest_layout_is_found_where_classes_are_few(room: list[int], keys: list[tuple[int, int, int]]) -> None:
    day = Day(room)
    least = cheapest(room, keys)

    excess = day.excess(keys)

    if least is None:
        assert excess > DOES_NOT_FIT
    else:
        assert day.least_of(keys) + excess == least


@given(rooms, parts, st.integers(0, 20))
def test_a_search_that_gives_up_says_so_and_changes_no_later_answer(
    room: list[int], keys: list[tuple[int, int, int]], limit: int
) -> None:
    in_full = Day(room).excess(keys)
    day = Day(room)

    limited = day.excess(keys, at_most=limit)

    assert limited == in_full if in_full <= limit else limited > limit
    assert day.excess(keys) == in_full


@given(rooms, parts, st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_classes_laid_out_share_no_place_and_avoid_what_is_blocked(
    room: list[int], keys: list[tuple[int, int, int]], weights: list[int]
) -> None:
    day = Day(room)
    weighted = [Part(*key, weight=weight) for key, weight in zip(keys, weights, strict=False)]

    found = day.layout(weighted)

    assume(found is not None)
    assert found is not None
    taken = [0] * len(room)
    for part, first in found:
        for slot, places in day.pieces(first, weighted[part].places):
            taken[slot] += places
            assert not weighted[part].blocked >> slot & 1
    assert sorted(part for part, _ in found) == list(range(len(keys)))
    assert all(used <= places for used, places in zip(taken, room, strict=True))
    assert sum(taken) == sum(places for places, _, _ in keys)


def test_the_heavier_class_comes_first_where_it_costs_nothing() -> None:
    day = Day([5, 5, 5, 5])

    found = day.layout([Part(10, 0, 0, weight=1), Part(10, 0, 0, weight=9)])

    assert found is not None
    assert sorted(found) == [(0, 10), (1, 0)]


def test_a_class_begins_later_where_it_needs_fewer_timeslots() -> None:
    day = Day([2, 3, 2, 3])

    assert day.excess([(8, 0, 0)]) == 0
    assert day.layout([Part(8, 0, 0)]) == [(0, 2)]


def test_a_full_day_is_filled_though_it_costs_more_pieces() -> None:
    day = Day([4, 4, 4, 4, 4])
    keys = [(3, 0, 0), (5, 0, 0), (7, 0, 0), (2, 0, 0), (3, 0, 0)]

    assert day.excess(keys) < DOES_NOT_FIT
    assert day.layout([Part(*key) for key in keys]) is not None

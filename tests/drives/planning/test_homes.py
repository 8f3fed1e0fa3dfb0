"""The search keeps what its plans cost up to date; here each plan is priced anew."""

from hypothesis import given
from hypothesis import strategies as st

from drives.planning.homes import Plan, Search
from drives.planning.layout import Day
from drives.planning.packing import Packing
from drives.planning.spread import Load, Week

DAYS, SLOTS = 3, 4
masks = st.tuples(*[st.integers(0, 2**SLOTS - 1)] * DAYS)


@st.composite
def loads(draw: st.DrawFn) -> Load:
    size = draw(st.integers(1, 9))
    open_on = draw(st.tuples(*[st.one_of(st.just(size), st.integers(0, size))] * DAYS))
    nowhere = (0,) * DAYS
    return Load(
        size,
        open_on,
        draw(st.one_of(st.just(nowhere), masks)),
        draw(st.one_of(st.just(nowhere), masks)),
        draw(st.integers(0, size)),
    )


weeks = st.builds(
    lambda loads, days: Week(loads, [Day(room) for room in days]),
    st.lists(loads(), min_size=1, max_size=6),
    st.lists(st.lists(st.integers(0, 5), min_size=SLOTS, max_size=SLOTS), min_size=DAYS, max_size=DAYS),
)


@given(weeks, st.lists(st.integers(0, DAYS - 1), min_size=6, max_size=6))
def test_a_plan_that_was_changed_costs_what_it_costs_anew(week: Week, homes: list[int]) -> None:
    home = homes[: len(week.loads)]

    price, found = Search(week, effort=300).improved(home)

    assert price == week.price(week.spread(found))
    assert price <= week.price(week.spread(home))


def fits(week: Week, home: list[int]) -> bool:
    """No class comes on a second day and no day is overfull."""
    used = [sum(load.size for load, at in zip(week.loads, home, strict=True) if at == day) for day in range(DAYS)]
    whole = all(load.open_on[at] == load.size for load, at in zip(week.loads, home, strict=True))
    return whole and all(places <= day.total for places, day in zip(used, week.days, strict=True))


@given(weeks, st.lists(st.integers(0, DAYS - 1), min_size=6, max_size=6))
def test_a_change_is_better_exactly_when_its_full_price_is_less(week: Week, homes: list[int]) -> None:
    plan = Plan(Search(week, effort=1000), homes[: len(week.loads)])

    for change in list(plan.neighbours()):
        changed = list(plan.home)
        for load, day in change:
            changed[load] = day
        anew = week.price(week.spread(changed))
        found = plan.better(change)
        # Where a class must be split, a change may be given up without being priced.
        assert found == (anew if anew < plan.price else None) or (found is None and not fits(week, changed))


@given(weeks, st.integers(0, 2))
def test_pieces_respect_every_room_and_every_class(week: Week, rounds: int) -> None:
    pieces = Packing(week.loads, [day.room for day in week.days]).solve(rounds=rounds)

    for number, day in enumerate(week.days):
        for slot, room in enumerate(day.room):
            assert sum(piece.places for piece in pieces if (piece.day, piece.slot) == (number, slot)) <= room
    for index, load in enumerate(week.loads):
        of_class = [piece for piece in pieces if piece.load == index]
        assert sum(piece.places for piece in of_class) <= load.size
        assert all(not load.blocked[piece.day] >> piece.slot & 1 for piece in of_class)

"""Ids for thousands of rows at a time are UUIDv7s like all others: in order, and nobody else's."""

from itertools import islice

from uuid6 import uuid7

from students.roster.row_ids import row_ids


def test_they_are_in_order_of_their_making_and_of_the_moment() -> None:
    before = uuid7()
    made = list(islice(row_ids(), 20_000))

    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in made} == {(7, before.variant)}
    assert 0 <= (made[0].int >> 80) - (before.int >> 80) < 5_000
    assert {one.int >> 80 for one in made} == {made[0].int >> 80}


def test_two_who_ask_at_the_same_moment_get_different_ones() -> None:
    one, other = row_ids(), row_ids()

    assert len({*islice(one, 10_000), *islice(other, 10_000)}) == 20_000

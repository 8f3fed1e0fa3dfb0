"""What officials see gives no small number away, however they subtract."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from drives.coverage.suppression import Figures, Hidden, hide, is_small, total

TABLES = st.lists(
    st.integers(0, 7).flatmap(lambda eligible: st.builds(Figures, st.just(eligible), st.integers(0, eligible))), max_size=4
)


def possible(rows: list[Figures], hidden: Hidden[int]) -> list[list[Figures]]:
    """Every table that looks like this one: the same total, the same figures where they are shown."""
    sum_of_all = total(rows)
    choices = []
    for key, row in enumerate(rows):
        eligible = range(sum_of_all.eligible + 1) if key in hidden.eligible else [row.eligible]
        choices.append(
            [Figures(e, r) for e in eligible for r in (range(e + 1) if key in hidden.rows else [row.recorded]) if r <= e]
        )
    fewest = 40_000
    count = 1
    for choice in choices[:-1]:
        count *= len(choice)
    if count > fewest:
        return []
    found = []
    for front in product(*choices[:-1]):
        rest = Figures(sum_of_all.eligible - total(front).eligible, sum_of_all.recorded - total(front).recorded)
        if rest in choices[-1]:
            found.append([*front, rest])
    return found


@settings(max_examples=300)
@given(rows=TABLES)
def test_no_small_number_can_be_told_from_what_is_shown(rows: list[Figures]) -> None:
    hidden = hide(dict(enumerate(rows)))
    tables = possible(rows, hidden) if rows else []

    for key, row in enumerate(rows):
        if row.has_small:
            assert key in hidden.rows
        if is_small(row.eligible):
            assert key in hidden.eligible
        if hidden.gives_away or not tables:
            continue  # then the total is hidden as well
        for name in ("eligible", "recorded", "left"):
            if is_small(getattr(row, name)):
                assert len({getattr(table[key], name) for table in tables}) > 1


@given(rows=st.lists(st.builds(Figures, st.integers(20, 900), st.integers(5, 15)), max_size=8))
def test_nothing_is_hidden_where_no_number_is_small(rows: list[Figures]) -> None:
    assert hide(dict(enumerate(rows))) == Hidden()


def test_one_small_row_takes_the_next_smallest_with_it() -> None:
    rows = {"a": Figures(400, 3), "b": Figures(300, 90), "c": Figures(200, 40)}

    assert hide(rows) == Hidden(rows=frozenset({"a", "c"}), eligible=frozenset())


def test_a_small_school_hides_its_pupils_too() -> None:
    rows = {"a": Figures(3, 3), "b": Figures(300, 90), "c": Figures(200, 40)}

    assert hide(rows) == Hidden(rows=frozenset({"a", "c"}), eligible=frozenset({"a", "c"}))


def test_two_small_rows_that_are_small_together_take_a_third() -> None:
    rows = {"a": Figures(90, 1), "b": Figures(80, 2), "c": Figures(200, 40), "d": Figures(300, 50)}

    assert hide(rows).rows == {"a", "b", "c"}


def test_a_single_small_row_gives_itself_away_in_its_total() -> None:
    assert hide({"a": Figures(40, 3)}).gives_away


def test_zero_is_shown() -> None:
    assert hide({"a": Figures(40, 0), "b": Figures(0, 0), "c": Figures(30, 30)}) == Hidden()


def test_each_kind_of_school_is_safe_by_itself_where_kinds_are_shown() -> None:
    rows = {"sma1": Figures(90, 2), "sma2": Figures(80, 30), "smk1": Figures(70, 20), "smk2": Figures(60, 3)}

    hidden = hide(rows, groups=[["sma1", "sma2"], ["smk1", "smk2"], list(rows)])

    assert hidden.rows == set(rows)

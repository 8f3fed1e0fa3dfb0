"""Tables of schools, districts and cities, seen by one official, tell no small number on each other."""

from hypothesis import given, settings
from hypothesis import strategies as st

from drives.coverage.suppression import Figures, total
from drives.coverage.veil import Place, Veil, veil

DISTRICTS = ["31.74.01", "31.74.02", "31.74.03", "31.75.01"]
PLACES = st.lists(
    st.tuples(
        st.sampled_from(DISTRICTS),
        st.sampled_from(["SMA", "SMK"]),
        st.integers(0, 60).flatmap(lambda eligible: st.tuples(st.just(eligible), st.integers(0, eligible))),
    ),
    max_size=9,
).map(
    lambda rows: [Place(f"{number:08}", district, kind, Figures(*counts)) for number, (district, kind, counts) in enumerate(rows)]
)


def place(district: str, *schools: tuple[int, int], kind: str = "SMA") -> list[Place]:
    return [Place(f"{district}-{number}", district, kind, Figures(*counts)) for number, counts in enumerate(schools)]


def known(made: Veil, places: list[Place], code: str) -> Figures | None:
    """The figures of a region as its own page shows them."""
    own = total(each.figures for each in places if each.district.startswith(code))
    return None if made.hides_place(code) else own


@settings(max_examples=200)
@given(places=PLACES)
def test_no_region_or_school_with_a_small_number_is_shown(places: list[Place]) -> None:
    made = veil(places)

    for code in {each.district[:length] for each in places for length in (2, 5, 8)}:
        shown = known(made, places, code)
        assert shown is None or not shown.has_small
    for each in places:
        if each.figures.has_small:
            assert made.hides(each.code, within=each.district)


@settings(max_examples=200)
@given(places=PLACES)
def test_what_a_total_leaves_over_is_never_one_row_nor_a_small_number(places: list[Place]) -> None:
    made = veil(places)
    rows = {
        length: {
            code: total(e.figures for e in places if e.district.startswith(code))
            for code in {e.district[:length] for e in places}
        }
        for length in (5, 8)
    }

    for parent in {each.district[:length] for each in places for length in (2, 5)}:
        if made.hides_place(parent):
            continue
        children = {code: own for code, own in rows[5 if len(parent) == 2 else 8].items() if code.startswith(f"{parent}.")}
        hidden = [own for code, own in children.items() if made.hides(code, within=parent)]
        assert len(hidden) != 1
        assert not total(hidden).has_small
    for district in {each.district for each in places}:
        if not made.hides_place(district):
            hidden = [e.figures for e in places if e.district == district and made.hides(e.code, within=district)]
            assert len(hidden) != 1
            assert not total(hidden).has_small


@settings(max_examples=200)
@given(places=PLACES)
def test_where_kinds_may_be_chosen_no_choice_leaves_a_small_number_over(places: list[Place]) -> None:
    made = veil(places)
    if not made.shows_kinds:
        return

    for code in {each.district[:length] for each in places for length in (2, 5, 8)}:
        for kind in ("SMA", "SMK"):
            assert not total(e.figures for e in places if e.district.startswith(code) and e.kind == kind).has_small
    for district in {each.district for each in places}:
        for kind in ("SMA", "SMK"):
            hidden = [
                e.figures for e in places if (e.district, e.kind) == (district, kind) and made.hides(e.code, within=district)
            ]
            assert len(hidden) != 1
            assert not total(hidden).has_small


def test_a_small_district_takes_another_with_it_and_both_pages_are_hidden() -> None:
    places = [*place("31.74.01", (3, 1)), *place("31.74.02", (200, 60)), *place("31.74.03", (90, 20))]

    made = veil(places)

    assert [made.hides_place(code) for code in ("31.74", "31.74.01", "31.74.02", "31.74.03")] == [False, True, False, True]


def test_a_region_that_is_small_itself_is_hidden_with_all_below() -> None:
    made = veil(place("31.74.01", (4, 2)))

    assert made.hides_all
    assert made.hides_place("31.74")


def test_nothing_is_hidden_from_nobody() -> None:
    assert not Veil().hides("x", within="31.74.01")

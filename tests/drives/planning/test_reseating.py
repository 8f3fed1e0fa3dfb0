"""Who keeps a place when timeslots change: everybody who can, at their hour where it remains, the youngest lose first."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from drives.planning.assignment import LeftOver, Person, Timeslot
from drives.planning.calendar import Closure
from drives.planning.eligibility import MinimumAge, eligible_on
from drives.planning.reseating import Reseating, Seat, reseat

DAY = date(2026, 11, 24)
SIXTEEN = MinimumAge(16)


def slot(number: int, room: int, *, day: date = DAY) -> Timeslot:
    return Timeslot(
        f"{day}-{number}",
        day,
        time(7 + number // 2, 30 * (number % 2)),
        time(7 + (number + 1) // 2, 30 * ((number + 1) % 2)),
        room,
    )


def pupil(name: str, born: date, *, places: int = 1, class_id: str = "XI 1") -> Person:
    return Person(name, class_id, "11", born, places)


def changed(seats: Sequence[Seat], slots: Sequence[Timeslot], closures: Sequence[Closure] = ()) -> Reseating:
    return reseat(seats, slots, closures=closures, minimum_age=SIXTEEN)


ELDER, MIDDLE, YOUNGER = date(2009, 1, 1), date(2009, 6, 1), date(2010, 6, 1)


def test_nobody_moves_while_every_hour_has_room() -> None:
    seats = [Seat(pupil("a", ELDER), slot(0, 0).id), Seat(pupil("b", YOUNGER), slot(1, 0).id)]

    found = changed(seats, [slot(0, 1), slot(1, 1)])

    assert (found.kept, found.moved, found.lost) == ({"a": slot(0, 0).id, "b": slot(1, 0).id}, {}, ())


def test_in_a_timeslot_that_shrinks_the_elder_stay_and_the_younger_moves() -> None:
    first = slot(0, 2).id
    seats = [Seat(pupil("young", YOUNGER), first), Seat(pupil("old", ELDER), first), Seat(pupil("middle", MIDDLE), first)]

    found = changed(seats, [slot(0, 2), slot(1, 2)])

    assert found.kept == {"old": first, "middle": first}
    assert found.moved == {"young": slot(1, 2).id}


def test_when_places_are_short_the_youngest_of_all_lose_theirs_first() -> None:
    first, second = slot(0, 0).id, slot(1, 0).id
    seats = [
        Seat(pupil("a", ELDER), first),
        Seat(pupil("b", MIDDLE), first),
        Seat(pupil("c", YOUNGER), second),
        Seat(pupil("d", YOUNGER + timedelta(days=1)), second),
    ]

    found = changed(seats, [slot(1, 2)])

    assert [each.person.id for each in found.lost] == ["d", "c"]
    assert {each.reason for each in found.lost} == {LeftOver.NO_ROOM}
    assert found.moved == {"a": second, "b": second}


def test_who_was_moved_by_hand_keeps_the_hour_before_others() -> None:
    first = slot(0, 0).id
    seats = [Seat(pupil("old", ELDER), first), Seat(pupil("pinned", YOUNGER), first, is_pinned=True)]

    found = changed(seats, [slot(0, 1), slot(1, 1)])

    assert found.kept == {"pinned": first}
    assert found.moved == {"old": slot(1, 1).id}


def test_somebody_moves_so_that_who_turns_16_later_has_a_place() -> None:
    """Thursday's second hour is taken away; only Thursday suits the younger one, and the elder one can come on Tuesday."""
    thursday = date(2026, 11, 26)
    seats = [
        Seat(pupil("old", ELDER), slot(0, 0, day=thursday).id),
        Seat(pupil("turns 16", date(2010, 11, 26)), slot(1, 0, day=thursday).id),
    ]

    found = changed(seats, [slot(0, 1), slot(0, 1, day=thursday)])

    assert found.moved == {"old": slot(0, 1).id, "turns 16": slot(0, 1, day=thursday).id}
    assert found.lost == []


def test_who_was_placed_by_hand_in_a_closed_hour_stays_there() -> None:
    shut = Closure(DAY, DAY, "Ujian", start=time(7), end=time(7, 30))
    seats = [Seat(pupil("by hand", ELDER), slot(0, 0).id), Seat(pupil("other", MIDDLE), slot(2, 0).id)]

    found = changed(seats, [slot(0, 1), slot(1, 1)], [shut])

    assert found.kept == {"by hand": slot(0, 1).id}
    assert found.moved == {"other": slot(1, 1).id}


people = st.lists(
    st.tuples(
        st.dates(date(2008, 1, 1), date(2010, 11, 30)),
        st.sampled_from([1, 1, 1, 1, 2, 3]),
        st.integers(0, 5),
        st.booleans(),
        st.sampled_from(["XI 1", "XI 2", "XII 1"]),
    ),
    max_size=24,
)
rooms = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=6, max_size=6)


@settings(deadline=None, max_examples=150)
@given(people=people, rooms=rooms)
def test_everybody_keeps_moves_or_loses_and_no_timeslot_holds_more_than_its_places(
    people: list[tuple[date, int, int, bool, str]], rooms: list[tuple[bool, int]]
) -> None:
    slots = [slot(number, room) for number, (stands, room) in enumerate(rooms) if stands]
    seats = [
        Seat(pupil(f"p{number}", born, places=places, class_id=group), slot(at, 0).id, is_pinned=pinned)
        for number, (born, places, at, pinned, group) in enumerate(people)
    ]

    found = changed(seats, slots)

    told = [*found.kept, *found.moved, *(each.person.id for each in found.lost)]
    assert sorted(map(str, told)) == sorted(str(seat.person.id) for seat in seats)
    width = {seat.person.id: seat.person.places for seat in seats}
    taken = Counter[object]()
    for person, at in {**found.kept, **found.moved}.items():
        taken[at] += width[person]
    assert all(taken[each.id] <= each.room for each in slots)
    assert set(taken) <= {each.id for each in slots}
    before = {seat.person.id: seat for seat in seats}
    assert all(eligible_on(before[person].person.birth_date, DAY, SIXTEEN) for person in found.moved)
    born = [each.person.birth_date for each in found.lost]
    assert born == sorted(born, reverse=True)


@settings(deadline=None, max_examples=100)
@given(people=st.lists(st.tuples(st.dates(date(2008, 1, 1), date(2010, 6, 1)), st.integers(0, 5)), max_size=24), rooms=rooms)
def test_of_people_with_one_place_as_many_as_there_are_places_stay_and_they_are_the_eldest(
    people: list[tuple[date, int]], rooms: list[tuple[bool, int]]
) -> None:
    slots = [slot(number, room) for number, (stands, room) in enumerate(rooms) if stands]
    seats = [Seat(pupil(f"p{number:02}", born), slot(at, 0).id) for number, (born, at) in enumerate(people)]

    found = changed(seats, slots)

    stay = found.kept.keys() | found.moved.keys()
    assert len(stay) == min(len(seats), sum(each.room for each in slots))
    eldest = sorted(seats, key=lambda seat: (seat.person.birth_date, str(seat.person.id)))[: len(stay)]
    assert stay == {seat.person.id for seat in eldest}

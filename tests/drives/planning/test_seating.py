from drives.planning.seating import NOWHERE, Seating


def test_others_move_along_so_that_one_more_can_sit() -> None:
    seating = Seating(room=[1, 1, 1], allowed=[0b011, 0b110, 0b001], width=[1, 1, 1])
    seating.seat(0, 0)
    seating.seat(1, 1)

    assert seating.make_room(2)
    assert seating.at == [1, 2, 0]
    assert seating.room == [0, 0, 0]


def test_a_refusal_closes_only_the_timeslots_that_are_full_for_good() -> None:
    seating = Seating(room=[1, 1], allowed=[0b01, 0b01, 0b11, 0b01], width=[1, 1, 1, 1])

    assert [seating.make_room(person) for person in range(4)] == [True, False, True, False]
    assert seating.at == [0, NOWHERE, 1, NOWHERE]


def test_room_for_three_places_is_made_in_one_timeslot() -> None:
    seating = Seating(room=[3, 3], allowed=[0b11, 0b11, 0b10, 0b11], width=[1, 1, 1, 3])
    for person, slot in enumerate((0, 1, 1)):
        seating.seat(person, slot)

    assert seating.make_room(3)
    assert seating.at == [1, 1, 1, 0]


def test_a_failed_attempt_to_make_room_leaves_everybody_where_they_were() -> None:
    seating = Seating(room=[2, 2], allowed=[0b01, 0b11, 0b11, 0b10, 0b11], width=[1, 1, 1, 1, 2])
    for person, slot in enumerate((0, 0, 1, 1)):
        seating.seat(person, slot)

    assert not seating.make_room(4)
    assert seating.at == [0, 0, 1, 1, NOWHERE]
    assert seating.room == [0, 0]

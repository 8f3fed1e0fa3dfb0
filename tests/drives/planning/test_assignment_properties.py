"""What holds for every assignment, whatever the school, the days and the closures."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from drives.planning.assignment import Id, LeftOver, Person, Timeslot, assign, cost_of
from drives.planning.calendar import Closure
from drives.planning.eligibility import MinimumAge, eligible_on

FIRST_DAY = date(2026, 11, 24)
MINIMUM_AGE = MinimumAge(16)


@dataclass(frozen=True)
class Problem:
    people: list[Person]
    slots: list[Timeslot]
    fixed: dict[Id, Id]
    closures: list[Closure]

    def slot(self, slot_id: Id) -> Timeslot:
        return next(slot for slot in self.slots if slot.id == slot_id)

    def may_sit(self, person: Person, slot: Timeslot) -> bool:
        return (
            slot.id not in person.closed
            and eligible_on(person.birth_date, slot.day, MINIMUM_AGE)
            and not any(
                closure.concerns(person.grade, person.class_id) and closure.overlaps(slot.day, slot.start, slot.end)
                for closure in self.closures
            )
        )

    def most_that_can_be_seated(self) -> int:
        """Kuhn's matching, the slow and sure way: how many people of one place find a seat of their own."""
        seats = [slot for slot in self.slots for _ in range(slot.room)]
        taken: dict[int, Person] = {}

        def seated(person: Person, seen: set[int]) -> bool:
            for number, slot in enumerate(seats):
                if number not in seen and self.may_sit(person, slot):
                    seen.add(number)
                    if number not in taken or seated(taken[number], seen):
                        taken[number] = person
                        return True
            return False

        return sum(seated(person, set()) for person in self.people if person.id not in self.fixed)


@st.composite
def problems(draw: st.DrawFn, *, widths: tuple[int, ...] = (1,), pins: bool = True) -> Problem:
    slots = [
        Timeslot(f"d{day}s{number}", FIRST_DAY + timedelta(days=day), time(8 + number), time(9 + number), room)
        for day in range(draw(st.integers(1, 3)))
        for number, room in enumerate(draw(st.lists(st.integers(0, 4), min_size=1, max_size=4)))
    ]
    slot_ids = st.sampled_from([slot.id for slot in slots])
    birth_dates = st.one_of(
        st.dates(date(2010, 11, 22), date(2010, 11, 28)),  # turns 16 about the days of the drive
        st.dates(date(2009, 11, 20), date(2009, 11, 28)),  # turns 17 about them
        st.dates(date(2008, 1, 1), date(2010, 10, 1)),
    )
    people = [
        Person(
            f"p{number:02}",
            f"c{group}",
            ("X", "XI")[group % 2],
            draw(birth_dates),
            draw(st.sampled_from(widths)),
            draw(st.frozensets(slot_ids, max_size=6)),
        )
        for number, group in enumerate(draw(st.lists(st.integers(0, 3), max_size=30)))
    ]
    closures = draw(
        st.lists(
            st.builds(
                Closure,
                first=st.just(FIRST_DAY),
                last=st.sampled_from([FIRST_DAY, FIRST_DAY + timedelta(days=1)]),
                reason=st.just("Ujian"),
                grades=st.sampled_from([frozenset({"X"}), frozenset({"XI"})]),
                class_ids=st.sampled_from([frozenset[Id](), frozenset[Id]({"c2"})]),
                start=st.sampled_from([None, time(9)]),
                end=st.just(time(10)),
            ),
            max_size=2,
        )
    )
    pinned = draw(st.sets(st.sampled_from(people), max_size=4)) if people and pins else set()
    fixed = {person.id: draw(slot_ids) for person in sorted(pinned, key=lambda person: str(person.id))}
    return Problem(people, slots, fixed, closures)


any_problem = problems(widths=(1, 1, 1, 2, 3))


@given(any_problem)
def test_no_timeslot_takes_more_than_its_room(problem: Problem) -> None:
    plan = assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)

    taken: Counter[Id] = Counter()
    for person in problem.people:
        if person.id in plan.placed and person.id not in problem.fixed:
            taken[plan.placed[person.id]] += person.places
    assert [slot.id for slot in problem.slots if taken[slot.id] > slot.room] == []


@given(any_problem)
def test_nobody_is_placed_too_young_or_in_a_closed_timeslot(problem: Problem) -> None:
    plan = assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)

    wrong = [
        person.id
        for person in problem.people
        if person.id in plan.placed
        and person.id not in problem.fixed
        and not problem.may_sit(person, problem.slot(plan.placed[person.id]))
    ]
    assert wrong == []


@given(any_problem)
def test_everybody_is_either_placed_or_left_over_with_a_reason(problem: Problem) -> None:
    plan = assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)

    left_over = dict(plan.left_over)
    assert sorted([*plan.placed, *left_over], key=str) == sorted(person.id for person in problem.people)
    for person in problem.people:
        if person.id in left_over:
            has_a_slot = any(problem.may_sit(person, slot) for slot in problem.slots)
            assert (left_over[person.id] in (LeftOver.NO_ROOM, LeftOver.NO_ROOM_TOGETHER)) is has_a_slot


@given(any_problem)
def test_standing_appointments_stay(problem: Problem) -> None:
    plan = assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)

    assert {person: plan.placed[person] for person in problem.fixed} == problem.fixed


@given(problems())
def test_as_many_are_placed_as_possible_and_so_everybody_when_places_suffice(problem: Problem) -> None:
    plan = assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)

    assert plan.explain.newly_placed == problem.most_that_can_be_seated()


@given(problems())
def test_nobody_waits_while_somebody_younger_has_a_timeslot_that_would_suit(problem: Problem) -> None:
    plan = assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)

    by_id = {person.id: person for person in problem.people}
    for waiting in (by_id[person_id] for person_id, _ in plan.left_over):
        youngest: defaultdict[Id, date] = defaultdict(lambda: date.min)
        for person_id, slot_id in plan.placed.items():
            if person_id not in problem.fixed:
                youngest[slot_id] = max(youngest[slot_id], by_id[person_id].birth_date)
        suiting = [slot for slot in problem.slots if problem.may_sit(waiting, slot)]
        assert [slot.id for slot in suiting if youngest[slot.id] > waiting.birth_date] == []


@given(any_problem, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(problem: Problem, dice: Random) -> None:
    people, slots = list(problem.people), list(problem.slots)
    dice.shuffle(people)
    dice.shuffle(slots)

    shuffled = assign(people, slots, problem.fixed, closures=problem.closures[::-1])

    assert shuffled == assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)


@given(any_problem)
def test_running_again_with_what_stands_changes_nothing(problem: Problem) -> None:
    plan = assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)
    taken: Counter[Id] = Counter()
    for person in problem.people:
        if person.id in plan.placed and person.id not in problem.fixed:
            taken[plan.placed[person.id]] += person.places
    slots = [replace(slot, room=slot.room - taken[slot.id]) for slot in problem.slots]

    again = assign(problem.people, slots, plan.placed, closures=problem.closures)

    assert again.placed == plan.placed
    assert again.left_over == plan.left_over
    assert again.cost == plan.cost


@given(any_problem)
def test_the_cost_reported_is_the_cost_of_the_plan(problem: Problem) -> None:
    plan = assign(problem.people, problem.slots, problem.fixed, closures=problem.closures)

    assert plan.cost == cost_of(problem.people, problem.slots, plan.placed)


@settings(max_examples=30)
@given(problems(pins=False), st.integers(0, 4))
def test_a_longer_search_places_the_same_people(problem: Problem, rounds: int) -> None:
    quick = assign(problem.people, problem.slots, closures=problem.closures, rounds=0)
    longer = assign(problem.people, problem.slots, closures=problem.closures, rounds=rounds)

    assert set(longer.placed) == set(quick.placed)

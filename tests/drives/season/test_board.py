"""The weeks of the board: whatever the turns are, the table is whole and every turn stands in it."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from drives.season.board import CellKind, Lanes, Turn, Week, month_end, months_of, week_end, week_start, weeks_of

MONDAY = date(2027, 1, 11)
DAYS = [MONDAY + timedelta(days=number) for number in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
WORK = st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True).map(lambda days: tuple(sorted(days)))
PARTS = st.sampled_from(["day", "morning", "afternoon"])
TURNS = st.lists(st.tuples(WORK, st.integers(1, 3), PARTS), max_size=8).map(
    lambda asked: [Turn(UUID(int=number), days, kits, part) for number, (days, kits, part) in enumerate(asked, 1)]
)


def weeks(lanes: Lanes, **more: dict[date, str]) -> list[Week]:
    closed = more.get("closed", {})
    return weeks_of(lanes, first=MONDAY, last=DAYS[-1], working_days=[day for day in DAYS if day not in closed], closed=closed)


@given(TURNS, st.integers(1, 4))
def test_fields_cover_each_week_exactly_once(turns: list[Turn], kits: int) -> None:
    lanes = Lanes(kits)
    lanes.lay_turns(turns, {})

    for week in weeks(lanes):
        covered = [
            (row.number + below, day)
            for row in week.rows
            for cell in row.cells
            for below in range(cell.rows)
            for day in cell.days
        ]
        assert sorted(covered) == [(row.number, day) for row in week.rows for day in week.days]


@given(TURNS, st.integers(1, 4))
def test_every_turn_has_its_kits_on_each_of_its_days(turns: list[Turn], kits: int) -> None:
    lanes = Lanes(kits)
    lanes.lay_turns(turns, {})

    shown = {
        (turn.id, day): sum(
            cell.rows
            for week in weeks(lanes)
            for row in week.rows
            for cell in row.cells
            if turn.id in cell.turns and day in cell.days
        )
        for turn in turns
        for day in turn.days
    }

    assert shown == {(turn.id, day): turn.kits for turn in turns for day in turn.days}


def test_kits_that_stand_below_each_other_are_one_field_over_their_days() -> None:
    school = UUID(int=1)
    lanes = Lanes(4)
    lanes.lay_turns([Turn(school, tuple(DAYS[:2]), 3)], {school: dict.fromkeys(DAYS[:2], (0, 1, 2))})

    first = weeks(lanes)[0].rows[0].cells[0]

    assert (first.turns, first.rows, first.columns) == ((school,), 3, 2)


def test_a_holiday_parts_a_turn_and_is_named() -> None:
    school = UUID(int=1)
    lanes = Lanes(1)
    lanes.lay_turns([Turn(school, (DAYS[0], DAYS[2]), 1)], {school: {DAYS[0]: (0,), DAYS[2]: (0,)}})

    cells = weeks(lanes, closed={DAYS[1]: "Isra Mikraj"})[0].rows[0].cells

    assert [(cell.kind, cell.name) for cell in cells[:3]] == [
        (CellKind.TAKEN, ""),
        (CellKind.CLOSED, "Isra Mikraj"),
        (CellKind.TAKEN, ""),
    ]


def test_a_half_day_leaves_the_other_half() -> None:
    school = UUID(int=1)
    lanes = Lanes(1)
    lanes.lay_turns([Turn(school, (MONDAY,), 1, "morning")], {school: {MONDAY: (0,)}})

    assert weeks(lanes)[0].rows[0].cells[0].free_half == "afternoon"


def test_months_and_weeks_have_their_ends() -> None:
    assert months_of(date(2026, 11, 23), date(2027, 1, 4)) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert month_end(date(2027, 2, 1)) == date(2027, 2, 28)
    assert (week_start(date(2027, 1, 13)), week_end(date(2027, 1, 13))) == (MONDAY, date(2027, 1, 17))

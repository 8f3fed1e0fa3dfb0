"""A pace, when it ends, and how far its weeks lie apart."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drives.coverage.chart import Point, draw
from drives.coverage.forecast import Forecast, done_on, forecast, working_days
from drives.coverage.queries import calendars_at
from drives.planning.calendar import Closure
from drives.planning.days import Days
from schools.models import Closure as StoredClosure
from schools.models import Region
from tests.factories import OfficeFactory, SchoolFactory

DAY = date(2026, 11, 24)


def weekly(*stocks: int) -> dict[date, int]:
    """Stocks at the ends of weeks, the last at DAY."""
    return {DAY - timedelta(weeks=len(stocks) - 1 - number): stock for number, stock in enumerate(stocks)}


def test_the_pace_is_the_mean_of_four_weeks_and_the_range_their_extremes() -> None:
    found = forecast(weekly(0, 1000, 1050, 1075, 1100, 1200), left=100, day=DAY)

    assert found == Forecast(
        pace=10.0,
        slowest=5.0,
        fastest=20.0,
        weeks=4,
        done_on=date(2026, 12, 8),
        earliest=date(2026, 12, 1),
        latest=date(2026, 12, 22),
    )


def test_without_a_week_of_figures_or_without_any_gain_there_is_no_forecast() -> None:
    assert forecast(weekly(100), left=10, day=DAY) is None
    assert forecast(weekly(100, 100, 100), left=10, day=DAY) is None
    assert forecast(weekly(100, 90), left=10, day=DAY) is None
    assert forecast(weekly(90, 100), left=0, day=DAY) is None
    assert forecast({}, left=10, day=DAY) is None


def test_a_slowest_week_of_zero_leaves_the_range_open() -> None:
    found = forecast(weekly(0, 0, 50), left=100, day=DAY)

    assert found is not None
    assert (found.slowest, found.latest) == (0, None)


def test_holidays_are_no_working_days() -> None:
    assert working_days(date(2026, 12, 20), date(2026, 12, 27)) == 3  # Christmas and its joint leave


def closed(first: date, last: date) -> Days:
    return Days(closures=(Closure(first, last, "Pindah kantor"),))


def test_an_office_that_is_closed_records_nobody_in_the_meantime() -> None:
    week = timedelta(weeks=1)

    shut = done_on(50, 10, DAY, [closed(DAY + timedelta(days=1), DAY + week)])

    assert done_on(50, 10, DAY) == DAY + week
    assert shut == DAY + 2 * week


def test_a_closure_of_the_past_makes_the_pace_of_its_week_no_slower() -> None:
    shut = closed(DAY - timedelta(days=2), DAY)

    found = forecast(weekly(0, 50, 70), left=100, day=DAY, calendars=[shut])

    assert found is not None
    assert [found.slowest, found.fastest] == pytest.approx([20 / 3, 10])  # 20 on three days, 50 on five


def test_struck_and_added_holidays_and_special_days_count_as_the_office_says() -> None:
    sunday, christmas = date(2026, 12, 20), date(2026, 12, 25)
    own = Days(added={date(2026, 12, 21): "Libur daerah"}, struck=frozenset({christmas}), special_days=frozenset({sunday}))

    assert own.worked(sunday, date(2026, 12, 26)) == {sunday, *(date(2026, 12, day) for day in (22, 23, 25))}


def test_a_part_of_a_day_or_of_the_people_closes_no_office() -> None:
    grade, hours = Closure(DAY, DAY, "Ujian", grades=frozenset({"12"})), Closure(DAY, DAY, "Apel", start=time(7), end=time(8))

    assert Days(closures=(grade, hours)).worked(DAY, DAY) == {DAY}


def test_where_several_offices_work_one_that_is_open_is_enough() -> None:
    shut = closed(DAY, DAY + timedelta(days=30))

    assert done_on(50, 10, DAY, [shut, Days()]) == done_on(50, 10, DAY)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["31", "31.74", "31.74.04"])
def test_the_calendar_is_the_one_of_the_office_that_records_there(code: str) -> None:
    school = SchoolFactory()
    office = OfficeFactory()
    StoredClosure.objects.create(office=office, starts_on=DAY, ends_on=DAY, reason="Pindah kantor")
    StoredClosure.objects.create(
        school=school, starts_on=DAY + timedelta(days=1), ends_on=DAY + timedelta(days=9), reason="Ujian"
    )

    (found,) = calendars_at(Region(code=code), since=DAY)

    assert found.worked(DAY, DAY + timedelta(days=1)) == {DAY + timedelta(days=1)}


@given(left=st.integers(1, 20_000), pace=st.floats(0.01, 500))
def test_the_last_day_is_the_first_by_which_the_pace_suffices(left: int, pace: float) -> None:
    found = done_on(left, pace, DAY)

    if found:
        assert working_days(DAY, found) * pace >= left - 1e-3
        assert working_days(DAY, found - timedelta(days=1)) * pace < left
    else:
        assert working_days(DAY, DAY + timedelta(days=3 * 365)) * pace < left


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=15), st.integers(0, 900) | st.none())
def test_any_trend_can_be_drawn_inside_its_frame(counts: list[tuple[int, int]], goal: int | None) -> None:
    points = [
        Point(DAY - timedelta(weeks=len(counts) - 1 - number), recorded, recorded + left)
        for number, (recorded, left) in enumerate(counts)
    ]
    ahead = forecast({point.day: point.recorded for point in points}, left=points[-1].left, day=DAY)

    chart = draw(points, ahead=ahead, goal=goal)

    pairs = [pair.split(" ") for pair in chart.line[1:].split("L")]
    assert all(0 <= float(x) <= 600 and -0.1 <= float(y) <= 240 for x, y in pairs)
    assert chart.ticks[-1] == 0
    assert len({a - b for a, b in zip(chart.ticks, chart.ticks[1:], strict=False)}) == 1
    assert chart.first <= chart.last

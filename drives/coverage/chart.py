"""The trend as SVG: where its line, band and labels lie. Pure; a viewBox of 600 × 240 that stretches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, log10
from typing import Final

from drives.coverage.forecast import Forecast

WIDTH: Final = 600
HEIGHT: Final = 240
STEPS: Final = 4
DATES: Final = 6
NICE: Final = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
LONGEST_LOOK_AHEAD: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Point:
    day: date
    recorded: int
    eligible: int

    @property
    def left(self) -> int:
        return self.eligible - self.recorded

    @property
    def percent(self) -> float | None:
        return 100 * self.recorded / self.eligible if self.eligible else None


@dataclass(frozen=True, slots=True)
class Label:
    """A text or a dot on the chart; shares of its width and height in percent, from the left and from the top."""

    x: str
    y: str
    is_at_end: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template draws. `goal` and `finish` only where there are such."""

    first: date
    last: date
    line: str
    forecast: str
    band: str
    grid: tuple[int, ...]
    ticks: tuple[int, ...]
    dates: tuple[date, ...]
    now: Label
    goal_y: int | None
    goal: Label | None
    finish: Label | None


def draw(points: Sequence[Point], *, ahead: Forecast | None, goal: int | None) -> Chart:
    """`points` in order of days, at least one; `goal` a number of recorded."""
    first, now = points[0], points[-1]
    last = _last_day(points, ahead)
    top = _top(max([point.eligible for point in points] + [goal or 0]))
    span = max(1, (last - first.day).days)

    def x(day: date) -> float:
        return WIDTH * (day - first.day).days / span

    def y(count: float) -> float:
        return HEIGHT * (1 - count / top)

    def reach(pace: float, done: date | None) -> tuple[date, float]:
        """Where a pace is when the chart ends, or when nobody is left."""
        if done and done <= last:
            return done, now.eligible
        share = _days_worked(now.day, last)
        return last, min(now.eligible, now.recorded + pace * share)

    fore = band = ""
    finish = None
    if ahead:
        done_on, done = reach(ahead.pace, ahead.done_on)
        fore = f"M{x(now.day):.1f} {y(now.recorded):.1f}L{x(done_on):.1f} {y(done):.1f}"
        fast_on, fast = reach(ahead.fastest, ahead.earliest)
        slow_on, slow = reach(ahead.slowest, ahead.latest)
        corners = [(now.day, float(now.recorded)), (fast_on, fast), (last, fast), (last, slow), (slow_on, slow)]
        band = "M" + "L".join(f"{x(day):.1f} {y(count):.1f}" for day, count in corners) + "z"
        if ahead.done_on and ahead.done_on <= last:
            finish = Label(_share(x(ahead.done_on), WIDTH), _share(y(now.eligible), HEIGHT), is_at_end=True)
    return Chart(
        first=first.day,
        last=last,
        line="M" + "L".join(f"{x(point.day):.1f} {y(point.recorded):.1f}" for point in points),
        forecast=fore,
        band=band,
        grid=tuple(HEIGHT * step // STEPS for step in range(STEPS + 1)),
        ticks=tuple(top * (STEPS - step) // STEPS for step in range(STEPS + 1)),
        dates=tuple(first.day + timedelta(days=round(span * number / (DATES - 1))) for number in range(DATES)),
        now=Label(_share(x(now.day), WIDTH), _share(y(now.recorded), HEIGHT), is_at_end=x(now.day) > WIDTH / 6),
        goal_y=round(y(goal)) if goal else None,
        goal=Label("0", _share(y(goal), HEIGHT)) if goal else None,
        finish=finish,
    )


def _last_day(points: Sequence[Point], ahead: Forecast | None) -> date:
    """A little beyond the end of the work, where that is in sight; without a forecast, today."""
    now = points[-1].day
    if not ahead:
        return max(now, points[0].day + timedelta(days=1))
    if not ahead.done_on or ahead.done_on - now > LONGEST_LOOK_AHEAD:
        return now + LONGEST_LOOK_AHEAD
    return ahead.done_on + max(timedelta(days=7), (ahead.done_on - points[0].day) / 25)


def _days_worked(after: date, until: date) -> float:
    """About how many working days: for drawing a line, five of seven will do."""
    return (until - after).days * 5 / 7


def _top(highest: int) -> int:
    """The next number that four round steps reach: 12,000 stays, 824 becomes 1,000."""
    step = max(1, highest / STEPS)
    magnitude = 10 ** floor(log10(step))
    nice = next(each for each in NICE if each * magnitude >= step and each * magnitude == int(each * magnitude))
    return int(nice * magnitude) * STEPS


def _share(part: float, whole: int) -> str:
    return f"{100 * part / whole:.2f}%"

"""The coverage page of a region, put together for the screen, the spreadsheet and the command alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from typing import Final

from django.utils.translation import gettext

from drives.coverage import map as maps
from drives.coverage.areas import areas_of
from drives.coverage.chart import Chart, Point, draw
from drives.coverage.forecast import NOBODYS, Forecast, forecast
from drives.coverage.queries import Scope, State, calendars_at, school_days, totals
from drives.coverage.seen import ACTIVITY, DAY, Row, Seen, shown_additions, shown_flows, sum_of, sum_within, tells, unless_small
from drives.coverage.spoken import as_pace, short_name, whole_percent
from drives.coverage.suppression import Figures, is_small
from drives.coverage.veil import Veil, veil
from schools.models import Office, Region

WEEK: Final = timedelta(weeks=1)
# The trend: the ends of so many weeks before the day.
WEEKS: Final = 14


@dataclass(frozen=True, slots=True)
class Crumb:
    """A region above the page's; a link where the reader may go there."""

    name: str
    code: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class Target:
    """The office's goal in recorded, and how many are still missing."""

    percent: float
    on: date
    count: int
    missing: int


@dataclass(frozen=True, slots=True)
class Board:
    """A region (or one school of it) on a day. Figures are None for who may not see them there."""

    region: Region
    name: str
    above: Sequence[Crumb]
    day: date
    kind: str
    state: State
    office: Office | None
    sees_persons: bool
    is_hidden: bool
    figures: Figures | None
    before: Figures | None
    rows: Sequence[Row]
    areas: Sequence[maps.Area]
    outline: maps.Outline | None
    limits: Sequence[int]
    outside: Figures | None
    flows: Mapping[str, int] | None
    added: Figures | None
    added_on: date | None
    # Finished school without a recording; None where it is hidden.
    graduates: int | None
    points: Sequence[Point]
    ahead: Forecast | None
    target: Target | None
    chart: Chart | None
    shows_kinds: bool

    @property
    def at_closing(self) -> Figures | None:
        """What the day's figures were when it was closed, where they changed since."""
        if self.figures is None or not self.added:
            return None
        return Figures(self.figures.eligible - self.added.eligible, self.figures.recorded - self.added.recorded)

    @property
    def change(self) -> Figures | None:
        if self.figures is None or self.before is None:
            return None
        return Figures(self.figures.eligible - self.before.eligible, self.figures.recorded - self.before.recorded)

    @property
    def whole_percent(self) -> int:
        return whole_percent(self.figures.percent or 0) if self.figures else 0

    @property
    def points_moved(self) -> float:
        return abs(self.percent_change or 0)

    @property
    def minimum_age(self) -> str:
        """ "16 years and older", by the office's setting; "" where several offices set their own."""
        if not self.office:
            return ""
        years, months = divmod(self.office.minimum_age_months, 12)
        if months:
            return gettext("%(years)d years %(months)d months and older") % {"years": years, "months": months}
        return gettext("%(years)d years and older") % {"years": years}

    @property
    def has_a_week(self) -> bool:
        return any(point.day == self.day - WEEK for point in self.points)

    @property
    def pace(self) -> int | float:
        return as_pace(self.ahead.pace if self.ahead else 0)

    @property
    def slow_pace(self) -> int | float:
        return as_pace(self.ahead.slowest if self.ahead else 0)

    @property
    def fast_pace(self) -> int | float:
        return as_pace(self.ahead.fastest if self.ahead else 0)

    @property
    def activity(self) -> bool:
        """Whether any pupil was expected at a drive on this day."""
        return any(self.flows[flow] for flow in ACTIVITY if flow in self.flows) if self.flows else False

    @property
    def lists_schools(self) -> bool:
        return len(self.region.code) == 8

    @property
    def lists_districts(self) -> bool:
        return len(self.region.code) == 5

    @property
    def draws_cities(self) -> bool:
        return len(self.region.code) == 2

    @property
    def has_hidden_rows(self) -> bool:
        return any(row.is_hidden or row.hides_change for row in self.rows)

    @property
    def classes(self) -> list[tuple[int, int, int]]:
        """The map's classes as (from, below, up to and with)."""
        edges = [0, *self.limits, 101]
        return [(low, high, high - 1) for low, high in pairwise(edges)] if self.limits else []

    @property
    def percent_change(self) -> float | None:
        """In points, of the percents as they are shown."""
        now, then = (each.percent if each else None for each in (self.figures, self.before))
        return None if now is None or then is None else round(round(now, 1) - round(then, 1), 1)


def _ahead(points: Sequence[Point], figures: Figures, region: Region, day: date) -> Forecast | None:
    calendars = calendars_at(region, since=points[0].day) if len(points) > 1 else NOBODYS
    return forecast({point.day: point.recorded for point in points}, left=figures.left, day=day, calendars=calendars)


def build(scope: Scope, region: Region, *, state: State, kind: str = "", npsn: str = "") -> Board:
    """`state` names the day, which has figures. With `npsn`, one school of the region."""
    if state.day is None:
        raise ValueError("A board needs a day.")
    day = state.day
    canvas = region.parent if len(region.code) == 8 and region.parent else region
    trend_days = [day - WEEK * weeks for weeks in range(WEEKS, -1, -1) if not state.first or day - WEEK * weeks >= state.first]
    if scope.sees_persons:
        veils: Mapping[date, Veil] = {}
        days = school_days(scope.offices, {day, day - DAY}, within=canvas.code, npsn=npsn)
        trend = totals(scope.offices, trend_days, within=region.code, npsn=npsn, kind=kind)
    else:
        days = school_days(scope.offices, {day, day - DAY, *trend_days})
        veils = {each: veil(school.place for school in schools) for each, schools in days.items()}
        trend = {each: sum_within(days[each], region, kind, npsn) for each in trend_days if days[each]}
    seen = Seen(days, veils, region, kind, npsn)
    figures = seen.figures(day)
    points = [Point(each, own.recorded, own.eligible) for each in trend_days if (own := trend.get(each)) and seen.allows(each)]
    if figures and scope.office and is_shown_as_target(scope.office, region, kind, npsn):
        target = _target(scope.office, figures)
    else:
        target = None
    ahead = _ahead(points, figures, region, day) if figures else None
    limits, outline, areas = areas_of(scope, seen, canvas, region, day) if not npsn else ((), None, ())
    lines = sum_of(seen, day) if figures and seen.shows_lines(scope) else None
    return Board(
        region=region,
        name=short_name(region.name),
        above=[Crumb(short_name(each.name), each.code, bool(scope.region(each.code))) for each in scope.above(region)],
        day=day,
        kind=kind,
        state=state,
        office=scope.office,
        sees_persons=scope.sees_persons,
        is_hidden=not seen.allows(day),
        figures=figures,
        before=seen.figures(day - DAY) if scope.sees_persons else unless_small(figures, seen.figures(day - DAY)),
        rows=[] if npsn or not figures else seen.rows(scope, day),
        areas=areas,
        outline=outline,
        limits=limits,
        outside=lines.outside if lines and (scope.sees_persons or not tells(lines.outside, lines.figures)) else None,
        flows=(lines.flows if scope.sees_persons else shown_flows(lines.flows)) if lines else None,
        added=shown_additions(lines, sees_persons=scope.sees_persons) if lines else None,
        added_on=lines.added_on if lines else None,
        graduates=lines.graduates if lines and (scope.sees_persons or not is_small(lines.graduates)) else None,
        points=points,
        ahead=ahead,
        target=target,
        chart=draw(points, ahead=ahead, goal=target.count if target else None)
        if len(points) > 1 and points[-1].day == day
        else None,
        shows_kinds=seen.veil(day).shows_kinds,
    )


def is_shown_as_target(office: Office, region: Region, kind: str, npsn: str) -> bool:
    """A target is set for the whole region of an office, never for a part of it."""
    return bool(office.target_percent and office.target_on and office.region_id == region.code and not kind and not npsn)


def _target(office: Office, figures: Figures) -> Target | None:
    if not office.target_percent or not office.target_on:
        return None
    count = ceil(figures.eligible * office.target_percent / 100)
    return Target(float(office.target_percent), office.target_on, count, max(0, count - figures.recorded))

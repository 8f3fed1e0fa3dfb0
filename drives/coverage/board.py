"""The coverage page of a region, put together for the screen, the spreadsheet and the command alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor
from typing import Final

from django.utils.translation import gettext

from drives.coverage import map as maps
from drives.coverage.chart import Chart, Point, draw
from drives.coverage.forecast import NOBODYS, Forecast, forecast
from drives.coverage.measures import FLOWS
from drives.coverage.queries import SchoolDay, Scope, State, by_child, calendars_at, of_kind, school_days, together, totals
from drives.coverage.suppression import Figures, is_small
from drives.coverage.veil import NO_VEIL, Veil, veil
from schools.models import Office, Region
from schools.templatetags import house
from schools.templatetags.house import NOTHING

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)
# Stands for every hidden figure, so that nobody knows which of them is the small one.
MARK: Final = "⋯"
# The trend: the ends of so many weeks before the day.
WEEKS: Final = 14
GUESTS: Final = "walk_in_count"
ACTIVITY: Final = [flow for flow in FLOWS if flow != GUESTS]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the league table: a region or a school. Hidden figures are None, `is_hidden` says why."""

    code: str
    name: str
    is_school: bool
    eligible: int | None
    recorded: int | None
    left: int | None
    percent: float | None
    change: int | None
    is_hidden: bool = False
    hides_change: bool = False


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
        return _whole(self.figures.percent or 0) if self.figures else 0

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
        return _as_pace(self.ahead.pace if self.ahead else 0)

    @property
    def slow_pace(self) -> int | float:
        return _as_pace(self.ahead.slowest if self.ahead else 0)

    @property
    def fast_pace(self) -> int | float:
        return _as_pace(self.ahead.fastest if self.ahead else 0)

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
        trend = {each: _sum(days[each], region, kind, npsn) for each in trend_days if days[each]}
    seen = _Seen(days, veils, region, kind, npsn)
    figures = seen.figures(day)
    points = [Point(each, own.recorded, own.eligible) for each in trend_days if (own := trend.get(each)) and seen.allows(each)]
    if figures and scope.office and is_shown_as_target(scope.office, region, kind, npsn):
        target = _target(scope.office, figures)
    else:
        target = None
    ahead = _ahead(points, figures, region, day) if figures else None
    limits, outline, areas = _map(scope, seen, canvas, region, day) if not npsn else ((), None, ())
    lines = _sum_of(seen, day) if figures and seen.shows_lines(scope) else None
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
        before=seen.figures(day - DAY) if scope.sees_persons else _unless_small(figures, seen.figures(day - DAY)),
        rows=[] if npsn or not figures else seen.rows(scope, day),
        areas=areas,
        outline=outline,
        limits=limits,
        outside=lines.outside if lines and (scope.sees_persons or not _tells(lines.outside, lines.figures)) else None,
        flows=(lines.flows if scope.sees_persons else _shown_flows(lines.flows)) if lines else None,
        added=_added(lines, sees_persons=scope.sees_persons) if lines else None,
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


@dataclass(frozen=True, slots=True)
class _Seen:
    """The schools of some days through the eyes of one reader, at one region (and kind, or school)."""

    days: Mapping[date, Sequence[SchoolDay]]
    veils: Mapping[date, Veil]
    region: Region
    kind: str
    npsn: str

    def veil(self, day: date) -> Veil:
        return self.veils.get(day, NO_VEIL)

    def allows(self, day: date) -> bool:
        """Whether the sum of this region, kind or school may be seen on that day."""
        veil = self.veil(day)
        if veil.hides_place(self.region.code) or (self.kind and not veil.shows_kinds):
            return False
        return not (self.npsn and veil.hides(self.npsn, within=self.region.code))

    def figures(self, day: date) -> Figures | None:
        """None where they are hidden, or where nothing was counted on that day."""
        schools = self.days.get(day)
        return _sum(schools, self.region, self.kind, self.npsn) if schools and self.allows(day) else None

    def children(self, day: date, within: str) -> dict[str, SchoolDay]:
        schools = [school for school in self.days.get(day, ()) if school.district.startswith(within)]
        return by_child(of_kind(schools, self.kind), within=within)

    def shows_lines(self, scope: Scope) -> bool:
        """Homes and activity are shown to officials for the whole of their region alone, where no other total tells on them."""
        return scope.sees_persons or (self.region == scope.home and not self.kind and not self.npsn)

    def rows(self, scope: Scope, day: date) -> list[Row]:
        """The places below the region, the best first; hidden ones by name at the end."""
        return self._rows(scope, day, self.region.code)

    def _rows(self, scope: Scope, day: date, within: str) -> list[Row]:
        before = self.children(day - DAY, within)
        rows = [
            self._row(scope, day, within, code, now, before.get(code))
            for code, now in self.children(day, within).items()
            if now.figures.eligible
        ]
        return sorted(rows, key=lambda row: (row.is_hidden, -(row.percent or 0), row.name, row.code))

    def _row(self, scope: Scope, day: date, within: str, code: str, now: SchoolDay, before: SchoolDay | None) -> Row:
        is_school = len(within) == 8
        name = now.name if is_school else short_name(scope.regions[code].name)
        veil, figures = self.veil(day), now.figures
        if veil.hides(code, within=within):
            eligible = None if veil.hides_eligible(code, within=within) else figures.eligible
            return Row(code, name, is_school, eligible, None, None, None, None, is_hidden=True)
        then = before if before and not self.veil(day - DAY).hides(code, within=within) else None
        if self.kind and not self.veil(day - DAY).shows_kinds:
            then = None
        change = figures.recorded - then.figures.recorded if then else None
        hides_change = not scope.sees_persons and is_small(abs(change or 0))
        shown = None if hides_change else change
        return Row(
            code,
            name,
            is_school,
            figures.eligible,
            figures.recorded,
            figures.left,
            figures.percent,
            shown,
            hides_change=hides_change,
        )


def _sum(schools: Sequence[SchoolDay], region: Region, kind: str, npsn: str) -> Figures:
    return _within(schools, region, kind, npsn).figures


def _sum_of(seen: _Seen, day: date) -> SchoolDay:
    return _within(seen.days[day], seen.region, seen.kind, seen.npsn)


def _within(schools: Sequence[SchoolDay], region: Region, kind: str, npsn: str) -> SchoolDay:
    chosen = [
        school for school in of_kind(schools, kind) if school.district.startswith(region.code) and npsn in ("", school.npsn)
    ]
    return together(region.code, chosen)


def _unless_small(now: Figures | None, before: Figures | None) -> Figures | None:
    """Yesterday's figures, unless the change since then is itself a small number of people."""
    if now is None or before is None:
        return None
    changes = (now.eligible - before.eligible, now.recorded - before.recorded, now.left - before.left)
    return None if any(is_small(abs(change)) for change in changes) else before


def _shown_flows(flows: Mapping[str, int]) -> Mapping[str, int]:
    """What an official sees of a day's activity: each line whole, or not at all."""
    shown = {flow: flows[flow] for flow in ACTIVITY} if not any(is_small(flows[flow]) for flow in ACTIVITY) else {}
    return shown if is_small(flows[GUESTS]) else shown | {GUESTS: flows[GUESTS]}


def _added(lines: SchoolDay, *, sees_persons: bool) -> Figures | None:
    """Corrections since the day was closed, where there are any."""
    added = lines.added
    if not lines.added_on or added == Figures():
        return None
    is_telling = is_small(abs(added.eligible)) or is_small(abs(added.recorded)) or is_small(abs(added.left))
    return None if is_telling and not sees_persons else added


def _tells(part: Figures, whole: Figures) -> bool:
    """Whether a part, or what is left of the whole without it, is a small number."""
    rest = Figures(whole.eligible - part.eligible, whole.recorded - part.recorded)
    return part.has_small or rest.has_small or is_small(rest.left)


def _map(
    scope: Scope, seen: _Seen, canvas: Region, region: Region, day: date
) -> tuple[Sequence[int], maps.Outline | None, Sequence[maps.Area]]:
    """The regions of the canvas: the asked one's children, or, at a district, its neighbours with it."""
    outline = maps.outline(canvas.code)
    if not outline or seen.veil(day).hides_place(canvas.code) or (seen.kind and not seen.veil(day).shows_kinds):
        return (), None, ()
    rows = {row.code: row for row in seen._rows(scope, day, canvas.code)}
    limits = maps.breaks(row.percent for row in rows.values() if row.percent is not None)
    areas = [
        _area(shape, rows.get(shape.code), limits, is_link=bool(scope.region(shape.code)), is_current=shape.code == region.code)
        for shape in outline.shapes
    ]
    return limits, outline, areas


def _area(shape: maps.Shape, row: Row | None, limits: Sequence[int], *, is_link: bool, is_current: bool) -> maps.Area:
    name = row.name if row else short_name(shape.name)
    if row is None:
        figure, title, step = NOTHING, gettext("%(place)s: no students yet") % {"place": name}, 0
    elif row.percent is None:
        figure, title, step = MARK, gettext("%(place)s: hidden, the number is too small") % {"place": name}, 0
    else:
        figure = f"{_whole(row.percent)}%"
        facts = {"place": name, "recorded": house.figure(row.recorded), "eligible": house.figure(row.eligible), "percent": figure}
        title = gettext("%(place)s: %(recorded)s of %(eligible)s recorded (%(percent)s)") % facts
        step = maps.step_of(row.percent, limits)
    return maps.Area(shape, step, title, is_link, is_current, maps.labelled(shape, figure))


def _whole(percent: float) -> int:
    """Rounded, but never up to 100: nobody is done while somebody is left."""
    return round(percent) if percent >= 100 else min(99, floor(percent + 0.5))


def _as_pace(pace: float) -> int | float:
    """Whole from ten on."""
    return round(pace) if pace >= 10 else round(pace, 1)


def short_name(name: str) -> str:
    """As people say it: "Jakarta Selatan", "Kota Depok"."""
    for official in ("Kota Administrasi ", "Kabupaten Administrasi "):
        name = name.removeprefix(official)
    return name

"""What one reader may see of the schools of some days: sums, the lines of the table, and what would tell too much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from drives.coverage.measures import FLOWS
from drives.coverage.queries import SchoolDay, Scope, by_child, of_kind, together
from drives.coverage.spoken import short_name
from drives.coverage.suppression import Figures, is_small
from drives.coverage.veil import NO_VEIL, Veil
from schools.models import Region

DAY: Final = timedelta(days=1)
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
class Seen:
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
        return sum_within(schools, self.region, self.kind, self.npsn) if schools and self.allows(day) else None

    def children(self, day: date, within: str) -> dict[str, SchoolDay]:
        schools = [school for school in self.days.get(day, ()) if school.district.startswith(within)]
        return by_child(of_kind(schools, self.kind), within=within)

    def shows_lines(self, scope: Scope) -> bool:
        """Homes and activity are shown to officials for the whole of their region alone, where no other total tells on them."""
        return scope.sees_persons or (self.region == scope.home and not self.kind and not self.npsn)

    def rows(self, scope: Scope, day: date) -> list[Row]:
        """The places below the region, the best first; hidden ones by name at the end."""
        return self.rows_within(scope, day, self.region.code)

    def rows_within(self, scope: Scope, day: date, within: str) -> list[Row]:
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


def sum_within(schools: Sequence[SchoolDay], region: Region, kind: str, npsn: str) -> Figures:
    return _within(schools, region, kind, npsn).figures


def sum_of(seen: Seen, day: date) -> SchoolDay:
    return _within(seen.days[day], seen.region, seen.kind, seen.npsn)


def _within(schools: Sequence[SchoolDay], region: Region, kind: str, npsn: str) -> SchoolDay:
    chosen = [
        school for school in of_kind(schools, kind) if school.district.startswith(region.code) and npsn in ("", school.npsn)
    ]
    return together(region.code, chosen)


def unless_small(now: Figures | None, before: Figures | None) -> Figures | None:
    """Yesterday's figures, unless the change since then is itself a small number of people."""
    if now is None or before is None:
        return None
    changes = (now.eligible - before.eligible, now.recorded - before.recorded, now.left - before.left)
    return None if any(is_small(abs(change)) for change in changes) else before


def shown_flows(flows: Mapping[str, int]) -> Mapping[str, int]:
    """What an official sees of a day's activity: each line whole, or not at all."""
    shown = {flow: flows[flow] for flow in ACTIVITY} if not any(is_small(flows[flow]) for flow in ACTIVITY) else {}
    return shown if is_small(flows[GUESTS]) else shown | {GUESTS: flows[GUESTS]}


def shown_additions(lines: SchoolDay, *, sees_persons: bool) -> Figures | None:
    """Corrections since the day was closed, where there are any."""
    added = lines.added
    if not lines.added_on or added == Figures():
        return None
    is_telling = is_small(abs(added.eligible)) or is_small(abs(added.recorded)) or is_small(abs(added.left))
    return None if is_telling and not sees_persons else added


def tells(part: Figures, whole: Figures) -> bool:
    """Whether a part, or what is left of the whole without it, is a small number."""
    rest = Figures(whole.eligible - part.eligible, whole.recorded - part.recorded)
    return part.has_small or rest.has_small or is_small(rest.left)

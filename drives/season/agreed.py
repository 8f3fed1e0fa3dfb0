"""What schools and the office have said to each other about days: impossible ones, and those on which both have agreed."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from drives.models import DriveRequest, Season
from drives.season.solver.problem import Part, Placement, Places, Rules

State = DriveRequest.State


@dataclass(frozen=True, slots=True)
class Said:
    """`impossible`: by school the days on which it cannot, with the reason; `agreed`: the days of its newest agreement, the
    school first that agreed first."""

    impossible: Mapping[UUID, Mapping[date, str]]
    agreed: Mapping[UUID, tuple[date, ...]]


def said_about(schools: Collection[UUID], *, first: date, last: date) -> Said:
    """Of agreements what lies from `first` to `last`."""
    requests = DriveRequest.objects.filter(school__in=schools).exclude(state__in=[State.DECLINED, State.WITHDRAWN])
    reason = str(_("Named as impossible by the school"))
    impossible: defaultdict[UUID, dict[date, str]] = defaultdict(dict)
    agreed: dict[UUID, tuple[date, ...]] = {}
    rows = requests.order_by("changed_at", "pk").values_list("school", "state", "days", "impossible_days")
    for school, state, days, cannot in rows:
        impossible[school] |= dict.fromkeys(cannot, reason)
        if state == State.ACCEPTED:
            agreed.pop(school, None)
            agreed[school] = tuple(sorted(day for day in days if first <= day <= last))
    return Said(impossible, {school: days for school, days in agreed.items() if days})


def agreed_days(season: Season, school: UUID, *, now: datetime) -> tuple[date, ...]:
    """The days of the season, from tomorrow on, on which the school and the office have agreed."""
    tomorrow = now.astimezone(season.office.zone).date() + timedelta(days=1)
    said = said_about([school], first=max(season.starts_on, tomorrow), last=season.ends_on)
    return said.agreed.get(school, ())


def agreed_turns(
    agreed: Mapping[UUID, tuple[date, ...]],
    *,
    standing: Mapping[UUID, Placement],
    pinned: Mapping[UUID, Placement],
    needed: Mapping[UUID, int],
    places: Mapping[UUID, Places],
    rules: Rules,
) -> dict[UUID, Placement]:
    """A turn on the days agreed: the one that stands there, or one of the fewest kits that hold everybody, as far as kits are
    free. `needed` are places, `places` those of each school's hours."""
    left = {(day, half): kits for day, free in rules.kits.items() for half, kits in enumerate(free)}
    _take(left, [turn for school, turn in pinned.items() if school not in agreed])
    found: dict[UUID, Placement] = {}
    for school, days in agreed.items():
        turn = standing.get(school)
        if turn is None or turn.days != days:
            free = min(left.get((day, half), 0) for day in days for half in Part.DAY.halves)
            kits = _fewest(places[school], days, needed[school], most=rules.most_kits)
            turn = Placement(days, min(kits, max(1, free)))
        _take(left, [turn])
        found[school] = turn
    return found


def _take(left: dict[tuple[date, int], int], turns: Collection[Placement]) -> None:
    for turn in turns:
        for day in turn.days:
            for half in turn.part.halves:
                left[day, half] = left.get((day, half), 0) - turn.kits


def _fewest(table: Places, days: Collection[date], needed: int, *, most: int) -> int:
    for kits in range(1, most):
        rows = [table.get((day, Part.DAY), ()) for day in days]
        if sum(row[min(kits, len(row) - 1)] for row in rows if row) >= needed:
            return kits
    return most

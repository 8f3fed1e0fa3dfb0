"""How many kits the season may use, before and after noon of each day."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from drives.models import Kit, KitDuty, KitOutage, Season
from drives.planning.plan import moment


def kits_free(season: Season, days: Sequence[date], *, kit_count: int | None = None) -> dict[date, tuple[int, int]]:
    """Kits in service without a duty, before and after noon.

    A kit that is free for one half only and another one for the other half cannot serve a whole day together: such pairs
    count for one half, so that a whole day's kits are always there as whole kits.
    """
    zone = season.office.zone
    in_service = set(Kit.objects.filter(office=season.office).in_service().values_list("pk", flat=True))
    count = kit_count if kit_count is not None else len(in_service)
    allowed = min(count, season.kit_limit) if season.kit_limit else count
    busy: defaultdict[tuple[date, int], set[UUID]] = defaultdict(set)
    if days:
        since, until = moment(days[0], time.min, zone), moment(days[-1] + timedelta(days=1), time.min, zone)
        duties = KitDuty.objects.filter(kit__in=in_service, released_at=None, starts_at__lt=until, ends_at__gt=since)
        for kit, starts_at, ends_at in duties.values_list("kit_id", "starts_at", "ends_at"):
            for half in halves_of(season, starts_at, ends_at):
                busy[starts_at.astimezone(zone).date(), half].add(kit)
        for outage in KitOutage.objects.on(days[0], days[-1]).filter(kit__in=in_service):
            for day in filter(outage.covers, days):
                busy[day, 0].add(outage.kit_id)
                busy[day, 1].add(outage.kit_id)
    return {day: _free(allowed, busy[day, 0], busy[day, 1]) for day in days}


def _free(allowed: int, morning: set[UUID], afternoon: set[UUID]) -> tuple[int, int]:
    whole = max(0, allowed - len(morning | afternoon))
    before, after = len(afternoon - morning), len(morning - afternoon)
    fewer = min(before, after)
    return min(allowed, whole + before - fewer), min(allowed, whole + after - fewer)


def halves_of(season: Season, starts_at: datetime, ends_at: datetime) -> list[int]:
    """Which halves of the season's day a duty touches; the time between the two is nobody's."""
    zone = season.office.zone
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    windows = ((season.morning_from, season.morning_until), (season.afternoon_from, season.afternoon_until))
    until = end.time() if end.date() == start.date() else time.max
    return [half for half, (first, last) in enumerate(windows) if start.time() < last and first < until]

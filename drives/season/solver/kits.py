"""Which kit goes where on each day of a plan: no kit in two places at once, and a school keeps its kits if it can."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

from drives.season.solver.problem import Part, Placement

Kit = TypeVar("Kit", bound=Hashable)
# Kits in service on each day, before and after noon.
Available = Mapping[date, tuple[Sequence[Kit], Sequence[Kit]]]


def kits_by_day(
    placements: Mapping[UUID, Placement], *, available: Available[Kit], partners: Mapping[UUID, UUID] | None = None
) -> dict[UUID, dict[date, tuple[Kit, ...]]]:
    """By school and day the kits that stand there.

    A school keeps its kits from its first day to its last, also over a pause, unless one of them goes out of service; who
    comes after noon takes over its partner's. Where a day has fewer kits than its turns need, the last get what is left.
    """
    book = _Book(available)
    found: dict[UUID, dict[date, tuple[Kit, ...]]] = {}
    for school, turn in sorted(placements.items(), key=_comes_first):
        partner = found.get((partners or {}).get(school, school), {})
        found[school] = book.serve(turn, partner)
    return found


def _comes_first(turn: tuple[UUID, Placement]) -> tuple[bool, tuple[date, ...], UUID]:
    """Whole days before half ones, for which any kit will do; then who begins first, who finds its kits free on all its days."""
    school, placement = turn
    return placement.part is not Part.DAY, tuple(sorted(placement.days)), school


class _Book(Generic[Kit]):
    """Who has been promised what."""

    def __init__(self, available: Available[Kit]) -> None:
        self.available = available
        self.busy: defaultdict[tuple[date, int], set[Kit]] = defaultdict(set)

    def serve(self, turn: Placement, partner: Mapping[date, tuple[Kit, ...]]) -> dict[date, tuple[Kit, ...]]:
        free = {day: self._free(day, turn.part) for day in sorted(turn.days)}
        missing = {kit: sum(kit not in kits for kits in free.values()) for kits in free.values() for kit in kits}
        found: dict[date, tuple[Kit, ...]] = {}
        own: tuple[Kit, ...] = ()
        for day, kits in free.items():
            liked = [kit for kit in (*own, *partner.get(day, ())) if kit in kits]
            others = sorted(kits, key=lambda kit: missing[kit])
            own = tuple(dict.fromkeys([*liked, *others]))[: turn.kits]
            found[day] = own
            self._promise(day, turn.part, own)
        return found

    def _free(self, day: date, part: Part) -> list[Kit]:
        """Kits that nobody has been promised in any half of this part of the day."""
        in_service = self.available.get(day, ((), ()))
        return [
            kit
            for kit in in_service[part.halves[0]]
            if all(kit in in_service[half] and kit not in self.busy[day, half] for half in part.halves)
        ]

    def _promise(self, day: date, part: Part, kits: Iterable[Kit]) -> None:
        chosen = set(kits)
        for half in part.halves:
            self.busy[day, half] |= chosen

"""A visit's state from its events (docs/adr/0003-visit-is-a-fold.md).

Pure, and the same whatever the order of arrival: a source is ordered by its own count alone, sources among each other
by precedence, and no clock picks a winner. Replay changes nothing, undo is one more event.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from drives.models import Visit, VisitEvent

State = Visit.State
Kind = VisitEvent.Kind
CORRECTION = VisitEvent.Reason.CORRECTION

# Where sources disagree, the first of these stands until a lead has decided.
PRECEDENCE = (Kind.RECORDED, Kind.ALREADY_RECORDED, Kind.SERVED, Kind.FAILED, Kind.DECLINED, Kind.UNDER_AGE, Kind.ABSENT)
# Not the last word: who failed or was absent may arrive again and be recorded. The others only a lead takes back.
OPEN = frozenset({Kind.FAILED, Kind.DECLINED, Kind.UNDER_AGE, Kind.ABSENT})
# After these nothing is left to do for the person at this drive.
SETTLED = frozenset({State.RECORDED, State.ALREADY_RECORDED, State.SERVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event. `at` is when it happened as well as it is known, for display alone; `day` is a day of the office."""

    id: UUID
    kind: str
    source: str
    sequence: int
    at: datetime
    day: date
    reason: str = ""
    target: UUID | None = None
    kit_id: UUID | None = None

    @property
    def is_outcome(self) -> bool:
        return self.kind in PRECEDENCE

    @property
    def is_correction(self) -> bool:
        return self.reason == CORRECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the visit's columns hold. `counted` is the event that gives the state, `spoken` each source's last outcome."""

    state: State = State.EXPECTED
    reason: str = ""
    at: datetime | None = None
    on: date | None = None
    arrived_at: datetime | None = None
    kit_id: UUID | None = None
    has_conflict: bool = False
    counted: UUID | None = None
    spoken: tuple[UUID, ...] = ()


def fold(facts: Iterable[Fact]) -> Standing:
    """The state that all these facts amount to, in whatever order and however often they are given."""
    by_id = {fact.id: fact for fact in facts}
    live = _live(by_id)
    spoken = _last_words(live)
    arrivals = [fact for fact in live if fact.kind == Kind.ARRIVED]
    arrived = _arrival(arrivals)
    if not spoken:
        return _present(arrived, has_conflict=False) if arrived else Standing()
    counted = min((fact for fact in spoken if fact.is_correction), default=min(spoken, key=_rank), key=_rank)
    if arrived and _was_seen_by_others(spoken, arrivals):
        return _present(arrived, has_conflict=True, spoken=spoken)
    return Standing(
        state=State(counted.kind),
        reason=counted.reason,
        at=counted.at,
        on=counted.day,
        arrived_at=arrived.at if arrived else None,
        kit_id=counted.kit_id,
        has_conflict=len({fact.kind for fact in spoken}) > 1,
        counted=counted.id,
        spoken=_ids(spoken),
    )


def _live(by_id: dict[UUID, Fact]) -> list[Fact]:
    """All but what was undone or replaced. An undo stands for good, so there are no circles to follow."""
    facts = by_id.values()
    undone = {fact.target for fact in facts if fact.kind == Kind.UNDONE and _may_undo(fact, by_id.get(fact.target or fact.id))}
    standing = [fact for fact in facts if fact.id not in undone]
    replaced = {fact.target for fact in standing if _may_replace(fact, by_id.get(fact.target or fact.id))}
    return [fact for fact in standing if fact.kind != Kind.UNDONE and fact.id not in replaced]


def _may_undo(undo: Fact, target: Fact | None) -> bool:
    """A source takes back its own words; those of others only with a lead's correction."""
    return target is not None and target.kind != Kind.UNDONE and (undo.is_correction or undo.source == target.source)


def _may_replace(fact: Fact, target: Fact | None) -> bool:
    """An operator who sees "absent" and records replaces it knowingly; "recorded" is replaced by a correction alone."""
    if target is None or target.id == fact.id or fact.kind == Kind.UNDONE or not target.is_outcome:
        return False
    return (fact.is_correction and fact.is_outcome) or target.kind in OPEN


def _last_words(live: list[Fact]) -> list[Fact]:
    """Each source's last outcome; who arrives after being absent or failing begins anew."""
    by_source: dict[str, list[Fact]] = defaultdict(list)
    for fact in live:
        by_source[fact.source].append(fact)
    found = []
    for facts in by_source.values():
        last: Fact | None = None
        for fact in sorted(facts, key=lambda fact: (fact.sequence, fact.id)):
            if fact.is_outcome:
                last = fact
            elif last and last.kind in OPEN:
                last = None
        if last:
            found.append(last)
    return found


def _was_seen_by_others(spoken: list[Fact], arrivals: list[Fact]) -> bool:
    """Absent for some sources while another one saw the person come."""
    if any(fact.kind != Kind.ABSENT or fact.is_correction for fact in spoken):
        return False
    return not {fact.source for fact in arrivals} <= {fact.source for fact in spoken}


def _arrival(arrivals: list[Fact]) -> Fact | None:
    """The first arrival of the last day on which the person came."""
    return min(arrivals, key=lambda fact: (-fact.day.toordinal(), fact.at, fact.id), default=None)


def _present(arrived: Fact, *, has_conflict: bool, spoken: Iterable[Fact] = ()) -> Standing:
    return Standing(
        state=State.PRESENT,
        at=arrived.at,
        on=arrived.day,
        arrived_at=arrived.at,
        has_conflict=has_conflict,
        counted=arrived.id,
        spoken=_ids(spoken),
    )


def _rank(fact: Fact) -> tuple[int, datetime, UUID]:
    return PRECEDENCE.index(Kind(fact.kind)), fact.at, fact.id


def _ids(facts: Iterable[Fact]) -> tuple[UUID, ...]:
    return tuple(sorted(fact.id for fact in facts))

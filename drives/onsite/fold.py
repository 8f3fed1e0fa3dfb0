"""A visit's state from its events (docs/adr/0003-visit-is-a-fold.md).

Pure, and the same whatever the order of arrival: a source is ordered by its own count alone, sources among each other
by precedence, and no clock picks a winner. Replay changes nothing, undo is one more event. The activation of the digital
identity (IKD) is a second outcome beside the first: neither replaces the other.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from drives.models import Visit, VisitEvent
from drives.onsite.rules import UNDO_WITHIN

State = Visit.State
Kind = VisitEvent.Kind
Service = Visit.Service
CORRECTION = VisitEvent.Reason.CORRECTION
# The source of what the server itself was told, by somebody online, under the lock of the visit. No client may use it.
SERVER = "web:"

# Where sources disagree, the first of these stands until a lead has decided.
PRECEDENCE = (Kind.RECORDED, Kind.ALREADY_RECORDED, Kind.SERVED, Kind.FAILED, Kind.DECLINED, Kind.UNDER_AGE, Kind.ABSENT)
IKD_PRECEDENCE = (Kind.IKD_ACTIVATED, Kind.IKD_FAILED)
# Not the last word: who failed or was absent may arrive again and be recorded. The others only a lead takes back.
OPEN = frozenset({Kind.FAILED, Kind.DECLINED, Kind.UNDER_AGE, Kind.ABSENT})
REPLACEABLE = OPEN | {Kind.IKD_FAILED}
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
    queue_number: str = ""
    # By its source's own clock, however wrong: how long after its target an undo was said.
    said_at: datetime | None = None

    @property
    def is_ikd(self) -> bool:
        return self.kind in IKD_PRECEDENCE

    @property
    def is_outcome(self) -> bool:
        return self.is_ikd or self.kind in PRECEDENCE

    @property
    def is_correction(self) -> bool:
        return self.reason == CORRECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """The second outcome: empty, activated or not, and why not."""

    state: str = ""
    reason: str = ""
    at: datetime | None = None
    on: date | None = None
    counted: UUID | None = None
    spoken: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the visit's columns hold. `counted` is the event that gives the state, `spoken` each source's last outcome."""

    state: State = State.EXPECTED
    reason: str = ""
    at: datetime | None = None
    on: date | None = None
    arrived_at: datetime | None = None
    queue_number: str = ""
    kit_id: UUID | None = None
    has_conflict: bool = False
    counted: UUID | None = None
    spoken: tuple[UUID, ...] = ()
    ikd: Activation = field(default_factory=Activation)

    def of_service(self, service: str) -> "Standing":
        """Who came for the activation alone is served by it, and has failed where it failed."""
        if service != Service.IKD or not self.ikd.state or self.state in SETTLED:
            return self
        is_activated = self.ikd.state == Kind.IKD_ACTIVATED
        if not is_activated and self.state not in (State.EXPECTED, State.PRESENT):
            return self
        state = State.SERVED if is_activated else State.FAILED
        ikd = self.ikd
        return replace(self, state=state, reason=ikd.reason, at=ikd.at, on=ikd.on, counted=ikd.counted)


def fold(facts: Iterable[Fact]) -> Standing:
    """The state that all these facts amount to, in whatever order and however often they are given."""
    live = _live({fact.id: fact for fact in facts})
    first = _first([fact for fact in live if not fact.is_ikd])
    said = _last_words([fact for fact in live if fact.is_ikd])
    return replace(first, ikd=_activation(said), has_conflict=first.has_conflict or _disagree(said))


def _first(live: list[Fact]) -> Standing:
    spoken = _last_words(live)
    arrivals = [fact for fact in live if fact.kind == Kind.ARRIVED]
    arrived = _arrival(arrivals)
    arrived_at, queue_number = (arrived.at, _queue_number(arrived, arrivals)) if arrived else (None, "")
    if arrived and (not spoken or _was_seen_by_others(spoken, arrivals)):
        return Standing(
            state=State.PRESENT,
            at=arrived.at,
            on=arrived.day,
            has_conflict=any(fact.day >= arrived.day for fact in spoken),
            counted=arrived.id,
            spoken=_ids(spoken),
            arrived_at=arrived_at,
            queue_number=queue_number,
        )
    if not spoken:
        return Standing()
    counted = _counted(spoken)
    return Standing(
        state=State(counted.kind),
        reason=counted.reason,
        at=counted.at,
        on=counted.day,
        kit_id=_kit(counted, spoken),
        has_conflict=_disagree(spoken),
        counted=counted.id,
        spoken=_ids(spoken),
        arrived_at=arrived_at,
        queue_number=queue_number,
    )


def _activation(spoken: list[Fact]) -> Activation:
    if not spoken:
        return Activation()
    counted = _counted(spoken)
    return Activation(
        state=counted.kind,
        reason=counted.reason,
        at=counted.at,
        on=counted.day,
        counted=counted.id,
        spoken=_ids(spoken),
    )


def _counted(spoken: list[Fact]) -> Fact:
    """A correction before all others, then by precedence."""
    return min((fact for fact in spoken if fact.is_correction), default=min(spoken, key=_rank), key=_rank)


def _kit(counted: Fact, spoken: list[Fact]) -> UUID | None:
    """Where the person was served; a sheet of paper that names no kit does not make forgotten what the station said."""
    agreeing = [fact for fact in spoken if fact.kind == counted.kind and fact.kit_id]
    first = min(agreeing, key=lambda fact: (fact.source, fact.sequence, fact.id), default=counted)
    return counted.kit_id or first.kit_id


def _disagree(spoken: list[Fact]) -> bool:
    return len({fact.kind for fact in spoken}) > 1


def _live(by_id: dict[UUID, Fact]) -> list[Fact]:
    """All but what was undone or replaced. An undo stands for good, so there are no circles to follow."""
    undone = _undone(by_id)
    standing = [fact for fact in by_id.values() if fact.id not in undone]
    replaced = {fact.target for fact in standing if _may_replace(fact, by_id.get(fact.target or fact.id))}
    return [fact for fact in standing if fact.kind != Kind.UNDONE and fact.id not in replaced]


def undone_among(facts: Iterable[Fact]) -> set[UUID]:
    """What was said and no longer counts, because it was taken back."""
    return _undone({fact.id: fact for fact in facts})


def _undone(by_id: dict[UUID, Fact]) -> set[UUID]:
    undos = [fact for fact in by_id.values() if fact.kind == Kind.UNDONE]
    return {fact.target for fact in undos if fact.target and _may_undo(fact, by_id.get(fact.target))}


def _may_undo(undo: Fact, target: Fact | None) -> bool:
    """A source takes back its own words. Those of others a lead does with a correction, and the server, which has seen
    that it was done within seconds: a tablet that was offline cannot know what others have said meanwhile."""
    if target is None or target.kind == Kind.UNDONE:
        return False
    return undo.is_correction or undo.source.startswith(SERVER) or (undo.source == target.source and not _is_late(undo, target))


def _is_late(undo: Fact, target: Fact) -> bool:
    """A source's undo counts within seconds by its own clock, whichever of the two arrives first."""
    return undo.said_at is not None and target.said_at is not None and undo.said_at - target.said_at > UNDO_WITHIN


def _may_replace(fact: Fact, target: Fact | None) -> bool:
    """An operator who sees "absent" and records replaces it knowingly; "recorded" is replaced by a correction alone."""
    if target is None or target.id == fact.id or fact.kind == Kind.UNDONE or not target.is_outcome:
        return False
    if fact.is_ikd != target.is_ikd:
        return False
    return (fact.is_correction and fact.is_outcome) or target.kind in REPLACEABLE


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
            elif last and last.kind in REPLACEABLE:
                last = None
        if last:
            found.append(last)
    return found


def _was_seen_by_others(spoken: list[Fact], arrivals: list[Fact]) -> bool:
    """Absent for some sources while another one saw the person come, on that day or later: who came the day before and not
    again is no contradiction."""
    if any(fact.kind != Kind.ABSENT or fact.is_correction for fact in spoken):
        return False
    day = max(fact.day for fact in spoken)
    return not {fact.source for fact in arrivals if fact.day >= day} <= {fact.source for fact in spoken}


def _arrival(arrivals: list[Fact]) -> Fact | None:
    """The first arrival of the last day on which the person came."""
    return min(arrivals, key=lambda fact: (-fact.day.toordinal(), fact.at, fact.id), default=None)


def _queue_number(arrived: Fact, arrivals: list[Fact]) -> str:
    """That of the arrival which counts; where it has none, the first one given out on the same day, by source and count."""
    given = [fact for fact in arrivals if fact.queue_number and fact.day == arrived.day]
    first = min(given, key=lambda fact: (fact.source, fact.sequence, fact.id), default=arrived)
    return arrived.queue_number or first.queue_number


def _rank(fact: Fact) -> tuple[int, datetime, UUID]:
    return (*PRECEDENCE, *IKD_PRECEDENCE).index(Kind(fact.kind)), fact.at, fact.id


def _ids(facts: Iterable[Fact]) -> tuple[UUID, ...]:
    return tuple(sorted(fact.id for fact in facts))

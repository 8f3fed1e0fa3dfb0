"""What a run measures, and how it is told."""

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Way = Callable[[], None]


@dataclass(frozen=True)
class Goal:
    """`ours ≤ ratio × other` (at_most) or `other ≥ ratio × ours`."""

    other: str
    ratio: float
    at_most: bool = False

    def told(self, ours: float, other: float) -> tuple[str, bool]:
        if self.at_most:
            found = ours / other
            return f"{found:.2f} × {self.other} (goal ≤ {self.ratio:g})", found <= self.ratio
        found = other / ours
        return f"{found:.1f} × faster than {self.other} (goal ≥ {self.ratio:g})", found >= self.ratio


@dataclass
class Measured:
    """Seconds of each way, round by round; None where it could not be measured, with the reason.

    Seconds by the clock are judged. On a busy machine the seconds of processors, told beside them, are steadier.
    """

    title: str
    goals: Sequence[Goal]
    seconds: dict[str, list[float]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    used: Callable[[], float] | None = None
    processor_seconds: dict[str, list[float]] = field(default_factory=dict)

    def run(self, name: str, way: Way) -> None:
        used_before = self.used() if self.used else 0.0
        started = time.perf_counter()
        try:
            way()
        except Exception as trouble:  # a peer that does not run is told, and ends nothing
            if name == "ours":
                raise
            self.reasons[name] = f"{type(trouble).__name__}: {trouble}"[:200]
            return
        self.seconds.setdefault(name, []).append(time.perf_counter() - started)
        if self.used and (used := self.used() - used_before) > 0:
            self.processor_seconds.setdefault(name, []).append(used)

    def median(self, name: str) -> float | None:
        return statistics.median(self.seconds[name]) if self.seconds.get(name) else None

    def processors(self, name: str) -> float:
        return statistics.median(self.processor_seconds.get(name, [0.0]))

    def as_json(self) -> Mapping[str, Any]:
        ours = self.median("ours") or 0.0
        told = {goal.other: goal.told(ours, other) for goal in self.goals if (other := self.median(goal.other))}
        return {
            "title": self.title,
            "seconds": {name: [round(second, 3) for second in seconds] for name, seconds in self.seconds.items()},
            "median": {name: round(self.median(name) or 0.0, 3) for name in self.seconds},
            "processors": {name: round(self.processors(name), 3) for name in self.processor_seconds},
            "goals": {other: {"told": sentence, "held": held} for other, (sentence, held) in told.items()},
            "not_measured": self.reasons,
            "notes": self.notes,
        }


@dataclass(frozen=True)
class Limit:
    """A number that is at most so much."""

    what: str
    found: float
    most: float

    @property
    def is_held(self) -> bool:
        return self.found <= self.most

    @property
    def told(self) -> str:
        return f"{self.found:.4g} {self.what} (goal ≤ {self.most:g})"


@dataclass
class Limited:
    """Numbers of one measurement, each with its goal."""

    title: str
    limits: Sequence[Limit]
    notes: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> Mapping[str, Any]:
        goals = {limit.what: {"told": limit.told, "held": limit.is_held} for limit in self.limits}
        return {"title": self.title, "goals": goals, "notes": self.notes}

    def lines(self) -> list[str]:
        return [self.title, *_told(self.as_json())]


@dataclass(frozen=True)
class Share:
    """`part ÷ whole`, of medians, is at least so much."""

    what: str
    part: Sequence[float]
    whole: Sequence[float]
    least: float

    @property
    def found(self) -> float:
        return statistics.median(self.part) / statistics.median(self.whole)


@dataclass
class Compared:
    """How much of something is done a second by each way, round by round, and how many ms of processors one takes."""

    title: str
    ways: Mapping[str, tuple[Sequence[float], Sequence[float]]]
    shares: Sequence[Share]
    reasons: Mapping[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> Mapping[str, Any]:
        goals = {
            share.what: {"told": f"{share.found:.3g} {share.what} (goal ≥ {share.least:g})", "held": share.found >= share.least}
            for share in self.shares
        }
        return {
            "title": self.title,
            "a_second": {name: [round(rate, 1) for rate in rates] for name, (rates, _used) in self.ways.items()},
            "processor_ms": {name: [round(used, 3) for used in each] for name, (_rates, each) in self.ways.items()},
            "goals": goals,
            "not_measured": self.reasons,
            "notes": self.notes,
        }

    def lines(self) -> list[str]:
        rows = [
            f"  {name:<34}{statistics.median(rates):10.1f} a second{statistics.median(used):10.3f} ms of processors"
            f"  ({len(rates)} rounds)"
            for name, (rates, used) in self.ways.items()
        ]
        missing = [f"  {name:<34}not measured: {reason}" for name, reason in self.reasons.items()]
        return [self.title, *rows, *missing, *_told(self.as_json())]


def _told(found: Mapping[str, Any]) -> list[str]:
    goals = [f"  {'held  ' if goal['held'] else 'MISSED'}  {goal['told']}" for goal in found["goals"].values()]
    return goals + [f"  {key}: {value}" for key, value in found["notes"].items()]


def table(results: Sequence[Measured | Limited | Compared]) -> str:
    lines = []
    for result in results:
        if isinstance(result, Limited | Compared):
            lines += ["", *result.lines()]
            continue
        lines += ["", result.title]
        for name in [*result.seconds, *result.reasons]:
            median = result.median(name)
            rounds = len(result.seconds.get(name, ()))
            processors = result.processors(name)
            used = (
                f"{processors:8.2f} s of processors, {processors / result.processors('ours'):5.2f} × ours" if processors else ""
            )
            lines.append(f"  {name:<28}" + (f"{median:8.2f} s{used}  ({rounds} rounds)" if median else "not measured"))
        lines += _told(result.as_json())
    return "\n".join(lines).strip()


def write(results: Sequence[Measured | Limited | Compared], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([result.as_json() for result in results], indent=2, ensure_ascii=False) + "\n")

"""HiGHS at work on the model: the cheapest plan, or the one nearest to the plan in force.

HiGHS is deterministic: where it proves its gap before the time is up, the same problem gives the same plan. Where the time
ends first, the plan depends on how far it came.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from drives.season.solver.model import Model
from drives.season.solver.option import Option
from drives.season.solver.option import placements as placements_of

THREADS: Final = 2
SEED: Final = 1
# A share of the objective below which nobody sees a difference.
ENOUGH: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Progress:
    """What the solver knows so far: the best plan's cost, what no plan can fall below, and how long it has run."""

    objective: float
    bound: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Solved:
    options: Sequence[Option]
    objective: float
    bound: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told, and who may end the work."""

    on_progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] | None = None

    @property
    def is_stopped(self) -> bool:
        return self.should_stop is not None and self.should_stop()


def cheapest(model: Model, *, start: Sequence[Option], seconds: float, enough: float, watch: Watch) -> Solved:
    """The best choice found in the time given, and a proven bound; at least as good as `start`."""
    cost, bound = model.objective.of(start), model.objective.constant
    if seconds <= 0 or watch.is_stopped:
        return Solved(start, cost, bound)
    highs = _highs(seconds=seconds, enough=enough, watch=watch, floor=bound)
    highs.passModel(model.program)
    highs.setSolution(model.solution(start))
    highs.run()
    bound = max(bound, highs.getInfo().mip_dual_bound)
    values = highs.getSolution().col_value
    found = model.chosen(values)
    if values and model.objective.of(found) < cost:
        return Solved(found, model.objective.of(found), min(bound, model.objective.of(found)))
    return Solved(start, cost, min(bound, cost))


def nearest(
    model: Model, *, wanted: Sequence[Option], within: float, start: Sequence[Option], seconds: float, watch: Watch
) -> Sequence[Option]:
    """Of all choices that cost at most `within`, one that gives the most schools just the turn that they have.

    `start` is one of them, and what is returned where nothing better is found in time.
    """
    if seconds <= 0 or watch.is_stopped:
        return start
    columns = len(model.costs)
    every = np.arange(columns, dtype=np.int32)
    highs = _highs(seconds=seconds, enough=0.0, watch=Watch(should_stop=watch.should_stop), floor=0.0)
    # Moves are counted whole: one fewer is the least that can be gained.
    highs.setOptionValue("mip_abs_gap", 0.99)
    highs.passModel(model.program)
    highs.addRow(-highspy.kHighsInf, within - model.objective.constant, columns, every, model.costs)
    highs.changeColsCost(columns, every, -_kept(model, wanted))
    highs.setSolution(model.solution(start))
    highs.run()
    values = highs.getSolution().col_value
    found = model.chosen(values)
    is_better = (
        bool(values)
        and model.objective.of(found) <= within * (1 + 1e-6)
        and same(model, found, wanted) > same(model, start, wanted)
    )
    return found if is_better else start


def same(model: Model, chosen: Sequence[Option], wanted: Sequence[Option]) -> int:
    """How many schools keep their turn."""
    return len(_turns(model, chosen) & _turns(model, wanted))


def _turns(model: Model, chosen: Sequence[Option]) -> set[object]:
    ground = model.options.ground
    return {turn for each in chosen for turn in zip(each.schools, placements_of(ground, each), strict=True)}


def _kept(model: Model, wanted: Sequence[Option]) -> np.typing.NDArray[np.float64]:
    """By column: how many schools keep their turn if it is taken."""
    turns = {
        (number, each.days, each.kits, part) for each in wanted for number, part in zip(each.schools, each.parts, strict=True)
    }
    kept = np.zeros(len(model.costs))
    for column, each in enumerate(model.columns):
        kept[column] = sum(
            (number, each.days, each.kits, part) in turns for number, part in zip(each.schools, each.parts, strict=True)
        )
    return kept


def _highs(*, seconds: float, enough: float, watch: Watch, floor: float) -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {
        "output_flag": False,
        "time_limit": seconds,
        "mip_rel_gap": enough,
        "threads": THREADS,
        "random_seed": SEED,
    }.items():
        highs.setOptionValue(name, value)
    began = time.monotonic()

    def tell(event: highspy.highs.HighsCallbackEvent) -> None:
        if watch.on_progress:
            found = event.data_out
            watch.on_progress(Progress(found.mip_primal_bound, max(floor, found.mip_dual_bound), time.monotonic() - began))

    def ask(event: highspy.highs.HighsCallbackEvent) -> None:
        if watch.is_stopped:
            event.interrupt()

    if watch.on_progress:
        highs.cbMipLogging += tell
        highs.cbMipImprovingSolution += tell
    if watch.should_stop:
        highs.cbMipInterrupt += ask
    return highs

"""The cheapest plan that can be found and proven, and the one nearest to the plan in force.

Everything is deterministic: where the gap is proven before the time is up, the same problem gives the same plan. Where the time
ends first, the plan depends on how far the work came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from drives.season.solver.greedy import greedy
from drives.season.solver.highs import Watch, highs, solution_of
from drives.season.solver.model import Model
from drives.season.solver.option import Option
from drives.season.solver.option import placements as placements_of
from drives.season.solver.search import Relaxed, improve, relax
from drives.season.solver.waits import Floats

# A share of the objective below which nobody sees a difference.
ENOUGH: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Solved:
    options: Sequence[Option]
    objective: float
    bound: float


def cheapest(model: Model, *, start: Sequence[Option], enough: float, watch: Watch) -> Solved:
    """The best choice found in the time given, and a proven bound; at least as good as `start`.

    First the relaxation, which bounds every plan; then, for a large season, plans that come near it; then, where the gap is
    still too wide, the whole program by branch and bound, without the options whose reduced cost is above the gap: a plan
    with one of them cannot be better, so that the lesser of the program's bound and the best plan's cost holds for all.
    """
    objective = model.objective
    relaxed = None if watch.is_over else relax(model, watch)
    if relaxed is None:
        return Solved(start, objective.of(start), min(objective.constant, objective.of(start)))
    chosen = min((start, greedy(model.options, order=relaxed.order(len(model.columns)))), key=objective.of)
    until = relaxed.bound / (1 - enough)
    watch.tell(objective.of(chosen), relaxed.bound)
    chosen = improve(model, chosen, relaxed=relaxed, until=until, watch=watch)
    bound = relaxed.bound
    if objective.of(chosen) > until and not watch.is_over:
        chosen, bound = _branch_and_bound(model, chosen, relaxed=relaxed, enough=enough, watch=watch)
    cost = objective.of(chosen)
    return Solved(chosen, cost, min(bound, cost))


def _branch_and_bound(
    model: Model, chosen: Sequence[Option], *, relaxed: Relaxed, enough: float, watch: Watch
) -> tuple[Sequence[Option], float]:
    cost, values = model.objective.of(chosen), model.values(chosen)
    is_needed = np.arange(len(values)) >= len(model.columns)
    columns = np.flatnonzero((relaxed.reduced <= (cost - relaxed.bound) * 1.001) | is_needed | (values > 0.5))

    def tell(objective: float, bound: float) -> None:
        watch.tell(min(cost, objective), max(relaxed.bound, bound))

    solver = highs(watch, tell=tell, mip_rel_gap=enough)
    solver.passModel(model.program(columns))
    solver.setSolution(solution_of(values[columns]))
    solver.run()
    found = _chosen(model, columns, solver.getSolution().col_value)
    best = min((chosen, found), key=model.objective.of) if found is not None else chosen
    return best, max(relaxed.bound, min(solver.getInfo().mip_dual_bound, cost))


def _chosen(model: Model, columns: np.typing.NDArray[np.int64], found: Sequence[float]) -> list[Option] | None:
    """None where HiGHS has no solution."""
    if not len(found):
        return None
    values = np.zeros(len(model.costs))
    values[columns] = found
    return model.chosen(values)


def nearest(model: Model, *, wanted: Sequence[Option], within: float, start: Sequence[Option], watch: Watch) -> Sequence[Option]:
    """Of all choices that cost at most `within`, one that gives the most schools just the turn that they have.

    `start` is one of them, and what is returned where nothing better is found in time.
    """
    if watch.is_over:
        return start
    every = np.arange(len(model.costs), dtype=np.int32)
    # Moves are counted whole: one fewer is the least that can be gained.
    solver = highs(watch, mip_rel_gap=0.0, mip_abs_gap=0.99)
    solver.passModel(model.program())
    solver.addRow(-highspy.kHighsInf, within - model.objective.constant, len(every), every, model.costs)
    solver.changeColsCost(len(every), every, -_kept(model, wanted))
    solver.setSolution(solution_of(model.values(start)))
    solver.run()
    found = _chosen(model, every.astype(np.int64), solver.getSolution().col_value)
    if found is None or model.objective.of(found) > within * (1 + 1e-6):
        return start
    return max((start, found), key=lambda choice: same(model, choice, wanted))


def same(model: Model, chosen: Sequence[Option], wanted: Sequence[Option]) -> int:
    """How many schools keep their turn."""
    return len(_turns(model, chosen) & _turns(model, wanted))


def _turns(model: Model, chosen: Sequence[Option]) -> set[object]:
    ground = model.options.ground
    return {turn for each in chosen for turn in zip(each.schools, placements_of(ground, each), strict=True)}


def _kept(model: Model, wanted: Sequence[Option]) -> Floats:
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

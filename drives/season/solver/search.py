"""Better plans for large seasons: some schools are set free, and placed anew at their best while all others stay.

Where the whole program is too large for HiGHS to find good plans by itself, a few dozen such small programs, each solved in a
moment, come within a few thousandths of the bound (large neighbourhood search, Shaw 1998). Reduced costs of the relaxation
keep out options that no better plan can have.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from drives.season.solver.highs import OPTIMAL, SEED, Watch, highs, solution_of
from drives.season.solver.model import Model
from drives.season.solver.option import Option
from drives.season.solver.waits import Floats, Whole

FEWEST_FREE, MOST_FREE = 12, 160
# Branching nodes and the simplex method's steps, not seconds, so that a slower machine gives the same plan.
MOST_NODES: Final = 5
EASY_STEPS: Final = 6000
MOST_COLUMNS: Final = 500
# Up to so many options HiGHS by itself finds the better plans.
MOST_AT_ONCE: Final = 60_000
# Of the gap that is left, what a small program need not care for.
SHARE_OF_GAP: Final = 0.01
# After so many tries without a gain nothing more is expected of it.
PATIENCE: Final = 14


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The linear relaxation: its cost, which no plan can fall below, its columns' values and reduced costs."""

    bound: float
    values: Floats
    reduced: Floats

    def order(self, options: int) -> list[int]:
        """The first columns, as many as there are options, in the order in which to try them: what it takes, then what costs
        least more."""
        found: list[int] = np.lexsort((self.reduced[:options], -self.values[:options])).tolist()
        return found


def relax(model: Model, watch: Watch) -> Relaxed | None:
    """None where the time does not suffice."""
    solver = highs(watch)
    solver.passModel(model.program(is_whole=False))
    solver.run()
    if solver.getModelStatus() != OPTIMAL:
        return None
    solution = solver.getSolution()
    bound = max(model.objective.constant, solver.getInfo().objective_function_value)
    return Relaxed(bound, np.array(solution.col_value), np.array(solution.col_dual))


def improve(model: Model, chosen: Sequence[Option], *, relaxed: Relaxed, until: float, watch: Watch) -> Sequence[Option]:
    """`chosen`, or a plan that costs less; ends when one costs at most `until`, or few enough options remain for HiGHS alone."""
    cost, size, tries = model.objective.of(chosen), float(FEWEST_FREE * 2), 0
    for number, way in enumerate(_ways()):
        is_small = np.count_nonzero(relaxed.reduced <= cost - relaxed.bound) <= MOST_AT_ONCE
        if cost <= until or is_small or tries >= PATIENCE or watch.is_over:
            return chosen
        free = way(model, chosen, number, int(size))
        found, is_easy = _placed_anew(model, chosen, free, most=cost - relaxed.bound, reduced=relaxed.reduced, watch=watch)
        size = min(MOST_FREE, size * 1.15) if is_easy else max(FEWEST_FREE, size * 0.7)
        gained = cost - model.objective.of(found)
        tries = 0 if gained > 1e-6 * cost else tries + 1
        if gained > 0:
            chosen, cost = found, cost - gained
            watch.tell(cost, relaxed.bound)
    return chosen


Way = Callable[[Model, Sequence[Option], int, int], set[int]]


def _ways() -> Iterator[Way]:
    """Neighbours in time twice, then any."""
    while True:
        yield from (_of_a_time, _of_a_time, _any)


def _random(number: int) -> np.random.Generator:
    return np.random.default_rng((SEED, number))


def _of_a_time(model: Model, chosen: Sequence[Option], number: int, size: int) -> set[int]:
    """Those whose turns lie nearest to a day, and some that have none."""
    day = _random(number).uniform(0, max(1, len(model.options.ground.rules.days)))
    near = sorted(chosen, key=lambda each: (abs((each.days[0] + each.days[-1]) / 2 - day), each.schools))
    free: set[int] = set()
    for each in near:
        if len(free) >= size:
            break
        free.update(each.schools)
    return free | _left_out(model, chosen, number, size)


def _any(model: Model, chosen: Sequence[Option], number: int, size: int) -> set[int]:
    order = _random(number).permutation(len(chosen)).tolist()
    return {school for at in order[:size] for school in chosen[at].schools} | _left_out(model, chosen, number, size)


def _left_out(model: Model, chosen: Sequence[Option], number: int, size: int) -> set[int]:
    placed = {school for each in chosen for school in each.schools}
    rest = [school for school in model.schools if school not in placed]
    return set(_random(number).permutation(rest)[: max(1, size // 4)].tolist())


def _placed_anew(
    model: Model, chosen: Sequence[Option], free: set[int], *, most: float, reduced: Floats, watch: Watch
) -> tuple[Sequence[Option], bool]:
    """The cheapest plan in which all but the free schools keep their turns, and whether it was easy to find."""
    # A pair is set free as a whole.
    free = free | {school for each in chosen if not free.isdisjoint(each.schools) for school in each.schools}
    stay = [each for each in chosen if free.isdisjoint(each.schools)]
    values = model.values(chosen)
    columns, settled = _columns(model, free, values, reduced=reduced, most=most)
    solver = highs(watch, mip_max_nodes=MOST_NODES, mip_rel_gap=0.0, mip_abs_gap=max(1e-6, SHARE_OF_GAP * most))
    solver.passModel(model.program(columns, settled=settled))
    solver.setSolution(solution_of(values[columns]))
    solver.run()
    found = solver.getSolution().col_value
    if not found:
        return chosen, False
    whole = np.zeros(len(model.costs))
    whole[columns] = found
    better = [*stay, *model.chosen(whole)]
    is_easy = solver.getModelStatus() == OPTIMAL and solver.getInfo().simplex_iteration_count <= EASY_STEPS
    return (better if model.objective.of(better) < model.objective.of(chosen) else chosen), is_easy


def _columns(model: Model, free: set[int], values: Floats, *, reduced: Floats, most: float) -> tuple[Whole, Whole]:
    """Columns that are a question, and those that are settled: the turns that stay, and the absence of the others."""
    rows = np.array(sorted(model.row_of[school] for school in free), dtype=np.int64)
    is_asked = np.zeros(len(model.lower), dtype=bool)
    is_asked[rows] = True
    taken = np.flatnonzero(values[: len(model.columns) + len(model.schools)] > 0.5)
    settled = taken[~is_asked[model.entries.index[model.entries.starts[taken]]]]
    is_needed = np.arange(len(values)) >= len(model.columns)
    is_kept = is_needed | (values > 0.5)
    asked = np.flatnonzero(model.open_to(settled) & ((reduced <= most) | is_kept))
    cheapest = asked[np.argsort(np.where(is_kept[asked], -np.inf, reduced[asked]), kind="stable")[:MOST_COLUMNS]]
    return np.sort(cheapest), settled

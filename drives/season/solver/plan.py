"""From a problem to a plan: at once, or as good as can be proven in the time given."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from drives.season.solver.greedy import greedy, unchanged
from drives.season.solver.model import ENOUGH, Model, Progress
from drives.season.solver.options import Option, Options
from drives.season.solver.problem import Placement, Plan, Problem, Unplaced

# A new plan may cost so much more than the best one if it moves fewer schools.
MOVING_IS_WORTH: Final = 0.01


def first_plan(problem: Problem) -> Plan:
    """A plan at once. Of `previous` whatever is still possible stays; the bound is unproven."""
    began = time.monotonic()
    options = Options(problem)
    return _plan(options, Model(options), _first(options), bound=None, seconds=time.monotonic() - began)


def best_plan(
    problem: Problem,
    *,
    seconds: float,
    enough: float = ENOUGH,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Plan:
    """The best plan found in the time given, with a proven bound; stopped early it is the best one so far.

    With a plan in force (`previous`) it is, of all plans at most one percent dearer than the best found, one that moves the
    fewest schools.
    """
    began = time.monotonic()
    options = Options(problem)
    model = Model(options)
    if not options.all:
        return _plan(options, model, [], bound=model.cost_of([]), seconds=time.monotonic() - began)
    first = _first(options)
    share = 0.7 if problem.previous else 1.0
    left = seconds - (time.monotonic() - began)
    solved = model.solve(seconds=left * share, start=first, enough=enough, on_progress=on_progress, should_stop=should_stop)
    chosen: Sequence[Option] = solved.options
    if problem.previous and not (should_stop and should_stop()):
        chosen = _fewest_moves(options, model, chosen, within=solved.objective, seconds=seconds - (time.monotonic() - began))
    return _plan(options, model, chosen, bound=solved.bound, seconds=time.monotonic() - began)


def _first(options: Options) -> list[Option]:
    return greedy(options, kept=unchanged(options, _previous(options)))


def _previous(options: Options) -> dict[int, Placement]:
    """The turns in force, by the schools' numbers; what is pinned is no question."""
    numbers, fixed = options.numbers, options.problem.fixed
    turns = options.problem.previous.items()
    return {numbers[school]: turn for school, turn in turns if school in numbers and school not in fixed}


def _fewest_moves(options: Options, model: Model, best: Sequence[Option], *, within: float, seconds: float) -> Sequence[Option]:
    kept = unchanged(options, _previous(options))
    allowed = within * (1 + MOVING_IS_WORTH)
    starts = [choice for choice in (_first(options), list(best)) if model.cost_of(choice) <= allowed]
    start = max(starts, key=lambda choice: _same(choice, kept))
    if _same(start, kept) == len(kept):
        return start
    return model.nearest(kept, within=allowed, seconds=seconds, start=start)


def _same(chosen: Sequence[Option], kept: Sequence[Option]) -> int:
    return len({(o.schools, o.placements) for o in chosen} & {(o.schools, o.placements) for o in kept})


def _plan(options: Options, model: Model, chosen: Sequence[Option], *, bound: float | None, seconds: float) -> Plan:
    placements = dict(options.problem.fixed)
    for option in chosen:
        for number, placement in zip(option.schools, option.placements, strict=True):
            placements[options.needs[number].id] = placement
    unplaced = {
        need.id: options.unplaced.get(number, Unplaced.NO_ROOM)
        for number, need in enumerate(options.needs)
        if need.id not in placements
    }
    return Plan(placements, unplaced, model.cost_of(chosen), bound, seconds)

"""From a problem to a plan: at once, or as good as can be proven in the time given."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from drives.season.solver.greedy import greedy
from drives.season.solver.highs import Progress, Watch
from drives.season.solver.model import Model
from drives.season.solver.objective import Objective
from drives.season.solver.option import Option, partners, placements
from drives.season.solver.options import Options
from drives.season.solver.problem import Plan, Problem
from drives.season.solver.repair import repaired
from drives.season.solver.solve import ENOUGH, cheapest, nearest, same

# A new plan may cost so much more than the best one found if it moves fewer schools.
MOVING_IS_WORTH: Final = 0.01
# With a plan in force the solver may stop at half of that, and spends the rest of its time on moving fewer schools.
ENOUGH_TO_KEEP: Final = MOVING_IS_WORTH / 2
SHARE_FOR_COST: Final = 0.7


def first_plan(problem: Problem) -> Plan:
    """A plan at once: the same for the same problem, in whatever order its schools are given. The bound is unproven.

    Of `previous` whatever is still possible stays, and only the other schools are placed; a few of it make way where a school
    would lose its turn otherwise.
    """
    began = time.monotonic()
    options = Options(problem)
    objective = Objective(options)
    chosen = repaired(options, objective, options.unchanged())
    return _plan(options, objective, chosen, bound=None, seconds=time.monotonic() - began)


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
    fewest schools. It never costs more than `first_plan` unless that spares moves.
    """
    watch = Watch(seconds, on_progress, should_stop)
    options = Options(problem)
    objective = Objective(options)
    if not options.all:
        return _plan(options, objective, [], bound=objective.of([]), seconds=watch.spent)
    model = Model(options, objective)
    wanted = options.unchanged()
    if wanted:
        chosen, bound = _fewest_moves(model, wanted, enough=enough, watch=watch)
    else:
        solved = cheapest(model, start=greedy(options), enough=enough, watch=watch)
        chosen, bound = solved.options, solved.bound
    return _plan(options, objective, chosen, bound=bound, seconds=watch.spent)


def _fewest_moves(model: Model, wanted: Sequence[Option], *, enough: float, watch: Watch) -> tuple[Sequence[Option], float]:
    objective = model.objective
    mended, anew = repaired(model.options, objective, wanted), greedy(model.options)
    start = min((mended, anew), key=objective.of)
    solved = cheapest(model, start=start, enough=max(enough, ENOUGH_TO_KEEP), watch=watch.part(SHARE_FOR_COST))
    within = solved.objective * (1 + MOVING_IS_WORTH)
    choices = [choice for choice in (mended, anew, solved.options) if objective.of(choice) <= within]
    chosen: Sequence[Option] = max(choices, key=lambda choice: same(model, choice, wanted))
    if same(model, chosen, wanted) < sum(len(each.schools) for each in wanted):
        chosen = nearest(model, wanted=wanted, within=within, start=chosen, watch=watch)
    return chosen, solved.bound


def _plan(options: Options, objective: Objective, chosen: Sequence[Option], *, bound: float | None, seconds: float) -> Plan:
    ground = options.ground
    turns = dict(ground.problem.fixed)
    for each in chosen:
        for number, placement in zip(each.schools, placements(ground, each), strict=True):
            turns[ground.needs[number].id] = placement
    unplaced = {need.id: options.why_none(number) for number, need in enumerate(ground.needs) if need.id not in turns}
    return Plan(turns, unplaced, objective.of(chosen), bound, seconds, partners(ground, chosen))

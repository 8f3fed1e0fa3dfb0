"""HiGHS, set up alike for everything it is asked here, and those who watch it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import highspy
import numpy as np
import numpy.typing as npt

THREADS: Final = 2
SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """What the solver knows so far: the best plan's cost, what no plan can fall below, and how long it has run."""

    objective: float
    bound: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """The time there is, who is told, and who may end the work."""

    seconds: float
    on_progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        return self.seconds - self.spent

    @property
    def is_over(self) -> bool:
        return self.left <= 0 or (self.should_stop is not None and self.should_stop())

    def part(self, share: float) -> "Watch":
        """The same watch for the first share of its time."""
        return replace(self, seconds=self.seconds * share)

    def tell(self, objective: float, bound: float) -> None:
        if self.on_progress:
            self.on_progress(Progress(objective, bound, self.spent))


OPTIMAL: Final = highspy.HighsModelStatus.kOptimal


def highs(watch: Watch, *, tell: Callable[[float, float], None] | None = None, **options: float) -> highspy.Highs:
    """A solver that ends with the watch's time or when it is stopped. `tell` hears of objective and bound."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    common: dict[str, float] = {
        "output_flag": False,
        "time_limit": max(0.0, watch.left),
        "threads": THREADS,
        "random_seed": SEED,
    }
    for name, value in (common | options).items():
        solver.setOptionValue(name, value)

    def told(event: highspy.highs.HighsCallbackEvent) -> None:
        if tell:
            tell(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    def ask(event: highspy.highs.HighsCallbackEvent) -> None:
        if watch.is_over:
            event.interrupt()

    if tell:
        solver.cbMipLogging += told
        solver.cbMipImprovingSolution += told
    if watch.should_stop:
        solver.cbMipInterrupt += ask
        solver.cbSimplexInterrupt += ask
    return solver


def solution_of(values: npt.NDArray[np.float64]) -> highspy.HighsSolution:
    """Values of the columns, to start from."""
    solution = highspy.HighsSolution()
    solution.col_value = values.tolist()
    return solution

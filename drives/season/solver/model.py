"""The season as an integer program, for HiGHS.

In the literature: scheduling jobs on identical parallel machines with machine-size choice (moldable jobs), unit release
dates and unavailable periods, minimising weighted completion times, in the *time-indexed* formulation (Dyer and Wolsey 1990;
Sousa and Wolsey 1992). Its linear relaxation is the usual bound, and a strong one: for every school one option is taken
(or none, at its price), and of every half day no more kits are used than are free. The bound that HiGHS proves while it
branches is never below that relaxation. Two further rows or columns are ours: an option may serve two near schools, and
one variable stands above the mean wait of every district.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from drives.season.solver.options import Option, Options

THREADS: Final = 2
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


class Model:
    """Columns: one for each option, one for each school that is left out, one for the worst-off district."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.columns = options.all
        self.schools = sorted({number for option in options.all for number in option.schools})
        self.row_of = {number: row for row, number in enumerate(self.schools)}
        self.districts = sorted({need.district for need in options.needs if need.births})
        self.people = max(1, sum(len(need.births) for need in options.needs))
        self.constant = self._constant()
        self.program = self._program()

    # Rows and columns

    def _constant(self) -> float:
        """What the fixed turns and the schools without any option cost, whatever is decided."""
        found = 0.0
        for number in range(len(self.options.needs)):
            if number not in self.row_of:
                found += self._fixed_cost(number)
        return found

    def _fixed_cost(self, number: int) -> float:
        placement = self.options.problem.fixed.get(self.options.needs[number].id)
        if placement is None:
            return self.options.cost_of_none(number)
        travel = self.options.kilometres((number,), placement.kits) * len(placement.days)
        return self._fixed_wait(number) + self.options.rules.weights.kilometre * travel

    def _fixed_wait(self, number: int) -> float:
        placement = self.options.problem.fixed.get(self.options.needs[number].id)
        if placement is None:
            return self.options.cost_of_none(number)
        index = self.options.rules.index
        days = [index[day] for day in placement.days if day in index]
        return self.options.wait_of(number, days, placement.kits, placement.part)

    def _program(self) -> highspy.HighsLp:
        options, columns, schools = self.options, self.columns, self.schools
        days = len(options.rules.days)
        first_use, first_fair = len(schools), len(schools) + 2 * days
        weight = options.rules.weights.fairness
        fair = self.districts if weight > 0 and len(self.districts) > 1 else []
        in_district = self._people_of_districts()
        district_row = {district: first_fair + row for row, district in enumerate(fair)}
        starts, index, value = [0], [], []
        costs: list[float] = []

        def column(cost: float, entries: Mapping[int, float]) -> None:
            costs.append(cost)
            index.extend(entries)
            value.extend(entries.values())
            starts.append(len(index))

        for option in columns:
            entries: defaultdict[int, float] = defaultdict(float)
            for number, wait in zip(option.schools, option.waits, strict=True):
                entries[self.row_of[number]] += 1.0
                district = options.needs[number].district
                if district in district_row:
                    entries[district_row[district]] += wait / in_district[district]
            for day, half, kits in option.use:
                entries[first_use + 2 * day + half] += kits
            column(options.cost(option), entries)
        for number in schools:
            district = options.needs[number].district
            wait = options.cost_of_none(number)
            beside = {district_row[district]: wait / in_district[district]} if district in district_row else {}
            column(wait, {self.row_of[number]: 1.0} | beside)
        if fair:
            column(weight * self.people, dict.fromkeys(district_row.values(), -1.0))
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(costs), first_fair + len(fair)
        program.col_cost_ = np.array(costs)
        program.col_lower_ = np.zeros(len(costs))
        program.col_upper_ = np.array([1.0] * (len(columns) + len(schools)) + [highspy.kHighsInf] * bool(fair))
        free = [float(kits) for halves in options.free for kits in halves]
        program.row_lower_ = np.array([1.0] * len(schools) + [-highspy.kHighsInf] * (2 * days + len(fair)))
        program.row_upper_ = np.array([1.0] * len(schools) + free + [-self._fixed_mean(each, in_district) for each in fair])
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        program.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        program.a_matrix_.index_ = np.array(index, dtype=np.int32)
        program.a_matrix_.value_ = np.array(value, dtype=np.float64)
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        program.integrality_ = [whole] * (len(columns) + len(schools)) + [real] * bool(fair)
        return program

    def _people_of_districts(self) -> dict[str, int]:
        found: defaultdict[str, int] = defaultdict(int)
        for need in self.options.needs:
            found[need.district] += len(need.births)
        return {district: max(1, people) for district, people in found.items()}

    def _fixed_mean(self, district: str, in_district: Mapping[str, int]) -> float:
        """What the schools that are not decided on add to the mean wait of their district."""
        numbers = [n for n, need in enumerate(self.options.needs) if need.district == district and n not in self.row_of]
        return sum(map(self._fixed_wait, numbers)) / in_district[district]

    # Solving

    def cost_of(self, chosen: Sequence[Option]) -> float:
        """The objective of any choice, as the program counts it."""
        taken = {number for option in chosen for number in option.schools}
        cost = self.constant + sum(self.options.cost(option) for option in chosen)
        cost += sum(self.options.cost_of_none(number) for number in self.schools if number not in taken)
        return cost + self._unfairness(chosen, taken)

    def _unfairness(self, chosen: Sequence[Option], taken: set[int]) -> float:
        weight = self.options.rules.weights.fairness
        if weight <= 0 or len(self.districts) < 2:
            return 0.0
        in_district = self._people_of_districts()
        waits: defaultdict[str, float] = defaultdict(float)
        for option in chosen:
            for number, wait in zip(option.schools, option.waits, strict=True):
                waits[self.options.needs[number].district] += wait
        for number, need in enumerate(self.options.needs):
            if number not in taken:
                waits[need.district] += self._fixed_wait(number)
        return weight * self.people * max(waits[district] / in_district[district] for district in self.districts)

    def solve(
        self,
        *,
        seconds: float,
        start: Sequence[Option] = (),
        enough: float = ENOUGH,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Solved:
        """The best choice found in the time given, and a proven bound; at least as good as `start`."""
        highs = self._highs(seconds=seconds, enough=enough, on_progress=on_progress, should_stop=should_stop)
        highs.passModel(self.program)
        if start:
            highs.setSolution(self._solution(start))
        highs.run()
        info = highs.getInfo()
        values = highs.getSolution().col_value
        chosen = [option for option, taken in zip(self.columns, values, strict=False) if taken > 0.5]
        bound = self.constant + max(info.mip_dual_bound, 0.0)
        if not values or self.cost_of(chosen) > self.cost_of(start):
            chosen = list(start)
        cost = self.cost_of(chosen)
        return Solved(chosen, cost, min(bound, cost))

    def nearest(self, wanted: Sequence[Option], *, within: float, seconds: float, start: Sequence[Option]) -> list[Option]:
        """Of all choices that cost at most `within`, one that gives the most schools just the turn that they have."""
        keep = {(number, placement) for each in wanted for number, placement in zip(each.schools, each.placements, strict=True)}
        highs = self._highs(seconds=seconds, enough=0.0)
        highs.passModel(self.program)
        columns = len(self.program.col_cost_)
        every = np.arange(columns, dtype=np.int32)
        highs.addRow(-highspy.kHighsInf, within - self.constant, columns, every, np.asarray(self.program.col_cost_))
        kept = [sum(each in keep for each in zip(option.schools, option.placements, strict=True)) for option in self.columns]
        wish = np.zeros(columns)
        wish[: len(kept)] = np.array(kept, dtype=np.float64) * -1.0
        highs.changeColsCost(columns, every, wish)
        highs.setSolution(self._solution(start))
        highs.run()
        values = highs.getSolution().col_value
        chosen = [option for option, taken in zip(self.columns, values, strict=False) if taken > 0.5]
        return chosen if values and self.cost_of(chosen) <= within * (1 + 1e-6) else list(start)

    def _solution(self, chosen: Sequence[Option]) -> highspy.HighsSolution:
        taken = {number for option in chosen for number in option.schools}
        places = {id(option): place for place, option in enumerate(self.columns)}
        values = [0.0] * len(self.program.col_cost_)
        for option in chosen:
            values[places[id(option)]] = 1.0
        for row, number in enumerate(self.schools):
            values[len(self.columns) + row] = float(number not in taken)
        weight = self.options.rules.weights.fairness
        if len(values) > len(self.columns) + len(self.schools):
            values[-1] = self._unfairness(chosen, taken) / (weight * self.people)
        solution = highspy.HighsSolution()
        solution.col_value = values
        return solution

    def _highs(
        self,
        *,
        seconds: float,
        enough: float,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> highspy.Highs:
        highs = highspy.Highs()
        for name, value in {
            "output_flag": False,
            "time_limit": max(0.1, seconds),
            "mip_rel_gap": enough,
            "threads": THREADS,
            "random_seed": 1,
        }.items():
            highs.setOptionValue(name, value)
        began = time.monotonic()

        def tell(event: highspy.highs.HighsCallbackEvent) -> None:
            out = event.data_out
            if on_progress:
                seconds = time.monotonic() - began
                on_progress(Progress(self.constant + out.mip_primal_bound, self.constant + max(0.0, out.mip_dual_bound), seconds))

        def ask(event: highspy.highs.HighsCallbackEvent) -> None:
            if should_stop and should_stop():
                event.interrupt()

        if on_progress:
            highs.cbMipLogging += tell
            highs.cbMipImprovingSolution += tell
        if should_stop:
            highs.cbMipInterrupt += ask
        return highs

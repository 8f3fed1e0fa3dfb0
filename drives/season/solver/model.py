"""The season as an integer program.

In the literature: scheduling moldable jobs (each takes as many machines as it is given, for a time that depends on it) on
identical parallel machines with release dates and unavailable periods, minimising the total weighted completion time, in
the *time-indexed* formulation (Dyer and Wolsey 1990; Sousa and Wolsey 1992). Its linear relaxation is the usual bound, and
a strong one, stronger than that of formulations by order or by completion times (Queyranne and Schulz 1994; Van den Akker,
Hurkens and Savelsbergh 2000). For every school one option is taken (or none, at its price), and in every half day no more
kits than are free. Two things are ours: an option may serve two near schools, which makes the school rows a set
partitioning, and one variable stands above the mean wait of every district.

The bound that HiGHS proves while it branches is never below that relaxation once the relaxation is solved, and holds for
every plan made of `Options.all`: runs of open days with pauses of two working days at most, at most `Rules.longest` days,
more kits than fewer only where they end sooner or record more on the first day, two schools on a day only with one of their
nearest and the fewest kits that hold both.
"""

from collections.abc import Sequence

import highspy
import numpy as np

from drives.season.solver.objective import Objective
from drives.season.solver.option import Option
from drives.season.solver.options import Options
from drives.season.solver.waits import Floats


class Model:
    """Columns: one for each option, one for each school that is left out, one for the worst-off district.

    Rows: one for each school, one for each half day, one for each district.
    """

    def __init__(self, options: Options, objective: Objective) -> None:
        self.options, self.objective = options, objective
        self.columns, self.schools = options.all, objective.schools
        self.row_of = {number: row for row, number in enumerate(self.schools)}
        self.halves = options.ground.free.size
        self.districts = list(objective.in_district) if objective.is_fair else []
        self.district_row = {district: len(self.schools) + self.halves + row for row, district in enumerate(self.districts)}
        self.costs = self._costs()
        self.program = self._program()

    def _costs(self) -> Floats:
        costs = [each.cost for each in self.columns] + [self.options.none[number] for number in self.schools]
        if self.districts:
            costs.append(self.objective.weight * self.objective.everybody)
        return np.array(costs, dtype=np.float64)

    def _program(self) -> highspy.HighsLp:
        objective, infinite = self.objective, highspy.kHighsInf
        schools, whole = len(self.schools), len(self.columns) + len(self.schools)
        program = highspy.HighsLp()
        program.offset_ = objective.constant
        program.num_col_, program.num_row_ = len(self.costs), schools + self.halves + len(self.districts)
        program.col_cost_ = self.costs
        program.col_lower_ = np.zeros(len(self.costs))
        program.col_upper_ = np.array([1.0] * whole + [infinite] * bool(self.districts))
        means = [-objective.means[district] for district in self.districts]
        program.row_lower_ = np.array([1.0] * schools + [-infinite] * (self.halves + len(self.districts)))
        program.row_upper_ = np.array([1.0] * schools + self.options.ground.free.ravel().astype(float).tolist() + means)
        self._fill(program.a_matrix_)
        integer, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        program.integrality_ = [integer] * whole + [real] * bool(self.districts)
        return program

    def _fill(self, matrix: highspy.HighsSparseMatrix) -> None:
        starts, index, value = [0], list[int](), list[float]()
        for each in self.columns:
            self._add_option(each, index, value)
            starts.append(len(index))
        for number in self.schools:
            index.append(self.row_of[number])
            value.append(1.0)
            self._add_wait(number, self.options.ground.waits[number].none, index, value)
            starts.append(len(index))
        if self.districts:
            index += self.district_row.values()
            value += [-1.0] * len(self.districts)
            starts.append(len(index))
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.start_ = np.array(starts, dtype=np.int32)
        matrix.index_ = np.array(index, dtype=np.int32)
        matrix.value_ = np.array(value, dtype=np.float64)

    def _add_option(self, each: Option, index: list[int], value: list[float]) -> None:
        index += [self.row_of[number] for number in each.schools]
        value += [1.0] * len(each.schools)
        first = len(self.schools)
        index += [first + half for half in each.halves]
        value += [float(each.kits)] * len(each.halves)
        if not self.districts:
            return
        one, *other = each.schools
        if other and self.objective.district(one) == self.objective.district(other[0]):
            self._add_wait(one, sum(each.waits), index, value)
        else:
            for number, wait in zip(each.schools, each.waits, strict=True):
                self._add_wait(number, wait, index, value)

    def _add_wait(self, number: int, wait: float, index: list[int], value: list[float]) -> None:
        if self.districts:
            index.append(self.district_row[self.objective.district(number)])
            value.append(self.objective.share(number, wait))

    def solution(self, chosen: Sequence[Option]) -> highspy.HighsSolution:
        """A choice as values of the columns."""
        places = {each[:4]: place for place, each in enumerate(self.columns)}
        taken = {number for each in chosen for number in each.schools}
        values = np.zeros(len(self.costs))
        values[[places[each[:4]] for each in chosen]] = 1.0
        left_out = [number for number in self.schools if number not in taken]
        values[[len(self.columns) + self.row_of[number] for number in left_out]] = 1.0
        if self.districts:
            values[-1] = self.objective.worst(chosen, left_out)
        solution = highspy.HighsSolution()
        solution.col_value = values.tolist()
        return solution

    def chosen(self, values: Sequence[float]) -> list[Option]:
        return [each for each, taken in zip(self.columns, values, strict=False) if taken > 0.5]

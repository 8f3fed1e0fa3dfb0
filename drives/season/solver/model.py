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
from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np

from drives.season.solver.ground import Flags
from drives.season.solver.objective import Objective
from drives.season.solver.option import Option
from drives.season.solver.options import Options
from drives.season.solver.waits import Floats, Whole


class Model:
    """Columns: one for each option, one for each school that is left out, one for the worst-off district.

    Rows: one for each school, one for each half day, one for each district. `entries` hold them by column.
    """

    def __init__(self, options: Options, objective: Objective) -> None:
        self.options, self.objective = options, objective
        self.columns, self.schools = options.all, objective.schools
        self.row_of = {number: row for row, number in enumerate(self.schools)}
        self.halves = len(options.ground.capacity)
        self.districts = list(objective.in_district) if objective.is_fair else []
        self.district_row = {district: len(self.schools) + self.halves + row for row, district in enumerate(self.districts)}
        self.costs = self._costs()
        self.entries = self._entries()
        self.lower, self.upper = self._limits()

    def _costs(self) -> Floats:
        costs = [each.cost for each in self.columns] + [self.options.none[number] for number in self.schools]
        if self.districts:
            costs.append(self.objective.weight * self.objective.everybody)
        return np.array(costs, dtype=np.float64)

    def _limits(self) -> tuple[Floats, Floats]:
        schools, infinite = len(self.schools), highspy.kHighsInf
        lower = np.array([1.0] * schools + [-infinite] * (self.halves + len(self.districts)))
        means = [-self.objective.means[district] for district in self.districts]
        return lower, np.concatenate((np.ones(schools), np.array(self.options.ground.capacity, dtype=np.float64), means))

    def program(self, columns: Whole | None = None, *, settled: Whole | None = None, is_whole: bool = True) -> highspy.HighsLp:
        """Of all columns, or of some of them while those in `settled` are taken and the others are not."""
        columns = np.arange(len(self.costs)) if columns is None else columns
        taken = self.entries.activity(settled) if settled is not None else np.zeros(len(self.lower))
        program = highspy.HighsLp()
        program.offset_ = self.objective.constant + (float(self.costs[settled].sum()) if settled is not None else 0.0)
        program.num_col_, program.num_row_ = len(columns), len(self.lower)
        program.col_cost_ = self.costs[columns]
        program.col_lower_ = np.zeros(len(columns))
        is_real = columns >= len(self.columns) + len(self.schools)
        program.col_upper_ = np.where(is_real, highspy.kHighsInf, 1.0)
        program.row_lower_, program.row_upper_ = self.lower - taken, self.upper - taken
        starts, index, value = self.entries.of(columns)
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.start_, matrix.index_, matrix.value_ = starts.astype(np.int32), index.astype(np.int32), value
        if is_whole:
            kinds = (highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous)
            program.integrality_ = [kinds[real] for real in is_real.tolist()]
        return program

    def _entries(self) -> "Entries":
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
        return Entries(
            np.array(starts),
            np.array(index, dtype=np.int64),
            np.array(value, dtype=np.float64),
            len(self.schools) + self.halves + len(self.districts),
        )

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

    def open_to(self, settled: Whole) -> Flags:
        """Columns that can be taken beside the settled ones: their schools are a question, and their kits are free."""
        left: Floats = self.upper - self.entries.activity(settled)
        left[len(self.schools) + self.halves :] = np.inf
        return self.entries.fit(left)

    def values(self, chosen: Sequence[Option]) -> Floats:
        """A choice as values of the columns."""
        taken = {number for each in chosen for number in each.schools}
        values = np.zeros(len(self.costs))
        values[[self.place_of[each] for each in chosen]] = 1.0
        left_out = [number for number in self.schools if number not in taken]
        values[[len(self.columns) + self.row_of[number] for number in left_out]] = 1.0
        if self.districts:
            values[-1] = self.objective.worst(chosen, left_out)
        return values

    @cached_property
    def place_of(self) -> dict[Option, int]:
        return {each: place for place, each in enumerate(self.columns)}

    def chosen(self, values: Sequence[float] | Floats) -> list[Option]:
        return [self.columns[column] for column in np.flatnonzero(np.asarray(values[: len(self.columns)]) > 0.5).tolist()]


@dataclass(frozen=True)
class Entries:
    """A matrix by columns: those of column c are `starts[c]` to `starts[c + 1]` of `index` (rows) and `value`."""

    starts: Whole
    index: Whole
    value: Floats
    rows: int

    def of(self, columns: Whole) -> tuple[Whole, Whole, Floats]:
        """The same of some columns."""
        lengths = self.starts[columns + 1] - self.starts[columns]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        at = np.arange(starts[-1]) + np.repeat(self.starts[columns] - starts[:-1], lengths)
        return starts, self.index[at], self.value[at]

    def activity(self, columns: Whole) -> Floats:
        """By row, the sum of these columns."""
        _starts, index, value = self.of(columns)
        return np.bincount(index, weights=value, minlength=self.rows).astype(np.float64)

    def fit(self, most: Floats) -> Flags:
        """Columns that have no entry above what its row has left."""
        found: Flags = ~np.logical_or.reduceat(self.value > most[self.index] + 1e-9, self.starts[:-1])
        return found

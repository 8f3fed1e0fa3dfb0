"""A plan at once: schools in the order of what they gain for a kit's half day, each where it fits best."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Final

from drives.season.solver.option import Option
from drives.season.solver.options import Options

ROUNDS: Final = 6
# Less than this is rounding.
TRIFLE: Final = 1e-9

# What an option is worth, and the option.
Worth = tuple[float, Option]


def greedy(options: Options, *, kept: Sequence[Option] = (), order: Sequence[int] | None = None) -> list[Option]:
    """`kept` and further options of which no two conflict: those first that gain most for a kit's half day, then every
    school once more where it is cheapest. The same problem gives the same answer.

    `order` has the numbers of `Options.all`, those to be tried first at the front.
    """
    return _Greedy(options, kept).run(order)


class _Greedy:
    def __init__(self, options: Options, kept: Sequence[Option]) -> None:
        self.free = list(options.ground.capacity)
        self.none = options.none
        self.kept = list(kept)
        self.settled = {number for each in kept for number in each.schools}
        self.chosen: dict[int, Worth] = {}
        self.options = options
        for each in kept:
            self._take(each)

    def run(self, order: Sequence[int] | None) -> list[Option]:
        columns = self.options.all if order is None else [self.options.all[number] for number in order]
        worth = [(self._worth(each), each) for each in columns if self.settled.isdisjoint(each.schools)]
        worth = [pair for pair in worth if pair[0] > TRIFLE]
        self._choose(worth if order is not None else sorted(worth, key=lambda pair: pair[0] / pair[1].taken, reverse=True))
        by_school = self._by_school(worth)
        for _round in range(ROUNDS):
            if not self._improve(by_school):
                break
        # A pair stands under both its schools and is one option.
        return self.kept + list(dict.fromkeys(each for _worth, each in self.chosen.values()))

    def _worth(self, each: Option) -> float:
        """Waiting days spared, against leaving its schools out."""
        return sum([self.none[number] for number in each.schools]) - each.cost

    def _choose(self, worth: list[Worth]) -> None:
        for pair in worth:
            each = pair[1]
            if self.chosen.keys().isdisjoint(each.schools) and self._fits(each):
                self._put(pair)

    @staticmethod
    def _by_school(worth: list[Worth]) -> Mapping[int, list[Worth]]:
        """By school, in the order of their numbers, what is worth most first."""
        found: dict[int, list[Worth]] = {}
        for pair in sorted(worth, key=itemgetter(0), reverse=True):
            for number in pair[1].schools:
                found.setdefault(number, []).append(pair)
        return dict(sorted(found.items()))

    def _improve(self, by_school: Mapping[int, list[Worth]]) -> bool:
        """Each school (with the one that shares its day) taken out and put in where it is worth most."""
        has_improved = False
        for number, own in by_school.items():
            before = self.chosen.get(number)
            if before:
                self._remove(before)
            better = self._best(own, before[0] if before else 0.0)
            if better:
                self._put(better)
                has_improved = True
            elif before:
                self._put(before)
        return has_improved

    def _best(self, own: list[Worth], lost: float) -> Worth | None:
        for pair in own:
            if pair[0] <= lost + TRIFLE:
                return None
            if self.chosen.keys().isdisjoint(pair[1].schools) and self._fits(pair[1]):
                return pair
        return None

    def _put(self, pair: Worth) -> None:
        self._take(pair[1])
        self.chosen |= dict.fromkeys(pair[1].schools, pair)

    def _remove(self, pair: Worth) -> None:
        for number in pair[1].schools:
            del self.chosen[number]
        for half in pair[1].halves:
            self.free[half] += pair[1].kits

    def _take(self, each: Option) -> None:
        for half in each.halves:
            self.free[half] -= each.kits

    def _fits(self, each: Option) -> bool:
        for half in each.halves:  # noqa: SIM110 – a loop is faster, and this is asked a hundred thousand times
            if self.free[half] < each.kits:
                return False
        return True

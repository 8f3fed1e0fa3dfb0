"""What a plan costs, in waiting days: everybody's wait, the vans' kilometres, and the worst-off district."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from drives.season.solver.option import Option
from drives.season.solver.options import Options


class Objective:
    """`constant`: what the fixed turns and the schools without any option cost, whatever is decided.

    `schools`: those that are decided on; `means`: by district what the others add to its mean wait.
    """

    def __init__(self, options: Options) -> None:
        self.options, self.ground = options, options.ground
        self.schools = sorted(options.by_school)
        self.weight = self.ground.rules.weights.fairness
        self.everybody = sum(self.ground.people)
        self.in_district = self._people_by_district()
        self.is_fair = self.weight > 0 and len(self.in_district) > 1
        settled = [number for number in range(len(self.ground.needs)) if number not in options.by_school]
        waits = {number: self._settled_wait(number) for number in settled}
        self.means: defaultdict[str, float] = defaultdict(float)
        for number, wait in waits.items():
            self.means[self.district(number)] += self.share(number, wait)
        self.constant = sum(waits.values()) + self._fixed_travel()

    def _people_by_district(self) -> dict[str, int]:
        found: defaultdict[str, int] = defaultdict(int)
        for need in self.ground.needs:
            if need.births:
                found[need.district] += len(need.births)
        return dict(sorted(found.items()))

    def _settled_wait(self, number: int) -> float:
        placement = self.ground.problem.fixed.get(self.ground.needs[number].id)
        return self.options.none[number] if placement is None else self.ground.wait_of(number, placement)

    def _fixed_travel(self) -> float:
        ground, kilometres = self.ground, 0.0
        for school, turn in sorted(ground.problem.fixed.items()):
            if school not in ground.numbers:
                continue
            number, partner = ground.numbers[school], ground.fixed_partners.get(school)
            a_day = ground.travel.alone(number, turn.kits)
            if partner is not None:
                a_day = ground.travel.shared(number, ground.numbers[partner], turn.kits) / 2
            kilometres += a_day * len(ground.days_of(turn))
        return ground.rules.weights.kilometre * kilometres

    def district(self, number: int) -> str:
        return self.ground.needs[number].district

    def share(self, number: int, wait: float) -> float:
        """What a school's wait adds to the mean of its district."""
        return wait / max(1, self.in_district.get(self.district(number), 1))

    def of(self, chosen: Sequence[Option]) -> float:
        """Of a whole plan: the fixed turns, these, and the schools that have none."""
        taken = {number for each in chosen for number in each.schools}
        left_out = [number for number in self.schools if number not in taken]
        cost = self.constant + sum(each.cost for each in chosen) + sum(self.options.none[number] for number in left_out)
        return cost + self.everybody * self.weight * self.worst(chosen, left_out)

    def worst(self, chosen: Iterable[Option], left_out: Iterable[int]) -> float:
        """The mean wait of the worst-off district; 0 where fairness does not count."""
        if not self.is_fair:
            return 0.0
        means = dict.fromkeys(self.in_district, 0.0) | self.means
        for each in chosen:
            for number, wait in zip(each.schools, each.waits, strict=True):
                means[self.district(number)] += self.share(number, wait)
        for number in left_out:
            means[self.district(number)] += self.share(number, self.options.ground.waits[number].none)
        return max(means.values())

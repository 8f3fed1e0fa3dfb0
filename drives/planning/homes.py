"""The local search for home days: move a class, swap two, exchange two whole days.

Most trials either overfill a day, which splits a class, or change two days and leave the others alone. So what each class
and each day costs by itself is kept, and only a trial that may split no more classes than the best is priced in full.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from drives.planning.layout import DAY_SPLIT, PartKey
from drives.planning.spread import Price, Week

# The work of looking at one plan: pricing a plan with split classes takes so many times as much, and so many layouts tried
# take as much.
DEAR, LAYOUTS = 25, 6

# Classes and the days they would move to.
Change = Sequence[tuple[int, int]]


class Search:
    """First improvement until nothing helps or the effort, counted in plans looked at, is spent."""

    def __init__(self, week: Week, *, effort: int) -> None:
        self.week = week
        self._effort = effort
        self.looks = 0
        self._shapes = list({id(day): day for day in week.days}.values())
        self._begun_at = sum(day.work for day in self._shapes)
        on_days = range(len(week.days))
        numbers = range(len(week.loads))
        self.size = [load.size for load in week.loads]
        self.total = [day.total for day in week.days]
        self.smallest = min(self.size)
        # Classes that may come on a further day without being split by it.
        self.standing = sum(bool(load.fixed_days) for load in week.loads)
        self.is_whole = [[load.open_on[day] == load.size for day in on_days] for load in week.loads]
        self.parts = [[week.part(number, day, self.size[number]) for day in on_days] for number in numbers]
        self.splits = [[week.splits(number, week.at_home[number][day]) for day in on_days] for number in numbers]
        self.late = [[self.size[number] * day * week.haste[number] for day in on_days] for number in numbers]
        self.least = sum(map(self._least, numbers))
        self._bound = self.least + DAY_SPLIT * max(sum(map(min, self.splits)), 0 if self.standing else self._forced())

    def _least(self, load: int) -> int:
        """Pieces and gaps of the class if it had every timeslot to itself."""
        size = self.size[load]
        whole = [
            day.least(part)
            for day, part, is_whole in zip(self.week.days, self.parts[load], self.is_whole[load], strict=True)
            if is_whole and size <= day.total
        ]
        return min(whole, default=0)

    def _forced(self) -> int:
        """1 if no choice of whole classes fills the days far enough for all of them."""
        sums = 1
        for size in self.size:
            sums |= sums << size
        fullest = sum((sums & ((2 << total) - 1)).bit_length() - 1 for total in self.total)
        return int(fullest < sum(self.size))

    def is_over(self, price: Price) -> bool:
        """Nothing costs less, or there is no effort left."""
        return self._left() <= 0 or price[0] <= self._bound

    def _left(self) -> int:
        layouts = sum(day.work for day in self._shapes) - self._begun_at
        return self._effort - self.looks - layouts // LAYOUTS

    def improved(self, home: Sequence[int]) -> tuple[Price, list[int]]:
        plan = Plan(self, home)
        improved = True
        while improved and self._left() > 0:
            improved = False
            for change in plan.neighbours():
                self.looks += 1
                if price := plan.better(change):
                    plan.apply(change, price)
                    improved = True
                if self._left() <= 0:
                    break
        return plan.price, plan.home


class Plan:
    """Home days under search, with what follows from them kept up to date."""

    def __init__(self, search: Search, home: Sequence[int]) -> None:
        self._search = search
        self._week = search.week
        self.home = list(home)
        self._used = [0] * len(search.total)
        for load, day in enumerate(home):
            self._used[day] += search.size[load]
        self._over = sum(used > total for used, total in zip(self._used, search.total, strict=True))
        self._broken = sum(not search.is_whole[load][day] for load, day in enumerate(home))
        self._splits = sum(search.splits[load][day] for load, day in enumerate(home))
        self._late = sum(search.late[load][day] for load, day in enumerate(home))
        self._costs: dict[int, int] = {}
        self.price = self._week.price(self._week.spread(home))

    def neighbours(self) -> Iterator[Change]:
        home, loads = self.home, self._week.loads
        for load in range(len(home)):
            for day, open_here in enumerate(loads[load].open_on):
                if open_here and day != home[load]:
                    yield ((load, day),)
        for one, other in combinations(range(len(home)), 2):
            if home[one] != home[other]:
                yield (one, home[other]), (other, home[one])
        for one, other in combinations(range(len(self._used)), 2):
            turned = {one: other, other: one}
            if change := [(load, turned[day]) for load, day in enumerate(home) if day in turned]:
                yield change

    def better(self, change: Change) -> Price | None:
        """What the plan would cost after the change, if that is less than now."""
        search, home = self._search, self.home
        late, splits, broken = self._late, self._splits, self._broken
        used: dict[int, int] = {}
        for load, to in change:
            before = home[load]
            size = search.size[load]
            late += search.late[load][to] - search.late[load][before]
            splits += search.splits[load][to] - search.splits[load][before]
            broken += search.is_whole[load][before] - search.is_whole[load][to]
            used[before] = used.get(before, self._used[before]) - size
            used[to] = used.get(to, self._used[to]) + size
        over, forced = self._over, 0
        for day, places in used.items():
            over += (places > search.total[day]) - (self._used[day] > search.total[day])
        if not over and not broken:
            least = DAY_SPLIT * splits + search.least
            if (least, late) >= self.price:
                return None
            limit = self.price[0] - (late >= self.price[1]) - DAY_SPLIT * splits
            price = DAY_SPLIT * splits + self._cost_of_days(change, used, limit), late
        else:
            forced = self._forced(used) - broken - search.standing
            if DAY_SPLIT * (splits + max(0, forced)) + search.least > self.price[0]:
                return None
            search.looks += DEAR
            price = self._week.price(self._week.spread(self._changed(change)), at_most=self.price)
        return price if price < self.price else None

    def _forced(self, used: dict[int, int]) -> int:
        """Days that overflow by less than any whole class, so that each of them splits one."""
        overflow = (
            used.get(day, places) - total for day, (places, total) in enumerate(zip(self._used, self._search.total, strict=True))
        )
        return sum(0 < each < self._search.smallest for each in overflow)

    def _cost_of_days(self, change: Change, used: dict[int, int], at_most: int) -> int:
        """Of a plan that overfills no day and splits no class beyond its home day."""
        cost = 0
        for day in range(len(self._used)):
            if day not in used:
                if day not in self._costs:
                    self._costs[day] = self._week.cost_of_days({day: self._parts(day, self.home)})
                cost += self._costs[day]
        home = self._changed(change)
        return cost + self._week.cost_of_days({day: self._parts(day, home) for day in used}, at_most - cost)

    def _parts(self, day: int, home: Sequence[int]) -> list[PartKey]:
        return [self._search.parts[load][day] for load, at in enumerate(home) if at == day]

    def _changed(self, change: Change) -> list[int]:
        home = self.home.copy()
        for load, to in change:
            home[load] = to
        return home

    def apply(self, change: Change, price: Price) -> None:
        search = self._search
        for load, to in change:
            before = self.home[load]
            self.home[load] = to
            self._used[before] -= search.size[load]
            self._used[to] += search.size[load]
            self._late += search.late[load][to] - search.late[load][before]
            self._splits += search.splits[load][to] - search.splits[load][before]
            self._broken += search.is_whole[load][before] - search.is_whole[load][to]
            self._costs.pop(before, None)
            self._costs.pop(to, None)
        self._over = sum(used > total for used, total in zip(self._used, search.total, strict=True))
        self.price = price

"""A plan at once: schools in the order of what they gain for a kit's day, each where it fits best."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from drives.season.solver.options import Option, Options
from drives.season.solver.problem import Placement


ROUNDS: Final = 6


def greedy(options: Options, *, kept: Sequence[Option] = ()) -> list[Option]:
    """`kept` and further options of which no two conflict: those first that gain most for a kit's half day, then every
    school once more where it is cheapest. The same input gives the same answer."""
    free = [list(halves) for halves in options.free]
    for option in kept:
        take(option, free)
    fixed = {number for option in kept for number in option.schools}
    worth = {id(option): _worth(options, option) for option in options.all}
    chosen: dict[int, Option] = {}
    for option in sorted(options.all, key=lambda each: (-worth[id(each)] / len_of(each), each.use, each.schools)):
        if worth[id(option)] > 0 and all(n not in fixed and n not in chosen for n in option.schools) and fits(option, free):
            take(option, free)
            chosen |= dict.fromkeys(option.schools, option)
    by_school: defaultdict[int, list[Option]] = defaultdict(list)
    for option in sorted(options.all, key=lambda each: (-worth[id(each)], each.use, each.schools)):
        for number in option.schools:
            by_school[number].append(option)
    for _ in range(ROUNDS):
        if not _improve(chosen, by_school, worth, free, fixed):
            break
    return list(kept) + list({id(option): option for option in chosen.values()}.values())


def _improve(
    chosen: dict[int, Option],
    by_school: Mapping[int, Sequence[Option]],
    worth: Mapping[int, float],
    free: list[list[int]],
    fixed: set[int],
) -> bool:
    """Each school (with the one that shares its day) taken out and put in where it is worth most."""
    has_improved = False
    for number in sorted(by_school):
        if number in fixed:
            continue
        before = chosen.get(number)
        if before:
            give_back(before, free)
        gone = set(before.schools) if before else {number}
        lost = worth[id(before)] if before else 0.0
        for option in by_school[number]:
            if worth[id(option)] <= lost + 1e-9:
                option = None
                break
            if all(n in gone or (n not in fixed and n not in chosen) for n in option.schools) and fits(option, free):
                break
        else:
            option = None
        if option is not None:
            for each in gone:
                chosen.pop(each, None)
            take(option, free)
            chosen |= dict.fromkeys(option.schools, option)
            has_improved = True
        elif before:
            take(before, free)
    return has_improved


def len_of(option: Option) -> int:
    return sum(kits for _day, _half, kits in option.use)


def _worth(options: Options, option: Option) -> float:
    """Waiting days spared, against leaving its schools out."""
    return sum(options.cost_of_none(number) for number in option.schools) - options.cost(option)


def give_back(option: Option, free: list[list[int]]) -> None:
    for day, half, kits in option.use:
        free[day][half] += kits


def fits(option: Option, free: list[list[int]]) -> bool:
    return all(free[day][half] >= kits for day, half, kits in option.use)


def take(option: Option, free: list[list[int]]) -> None:
    for day, half, kits in option.use:
        free[day][half] -= kits


def unchanged(options: Options, previous: Mapping[int, Placement]) -> list[Option]:
    """Of the plan in force what is still possible, as options."""
    free = [list(halves) for halves in options.free]
    wanted = {(number, placement) for number, placement in previous.items()}
    kept = []
    for option in options.all:
        parts = zip(option.schools, option.placements, strict=True)
        if all(each in wanted for each in parts) and fits(option, free):
            kept.append(option)
            take(option, free)
            wanted -= set(zip(option.schools, option.placements, strict=True))
    return kept

"""Small numbers, hidden from who has no right to persons (`docs/adr/0004-coverage-measures.md`).

A figure from 1 to 4 is hidden, and with it whatever gives it away: recorded and left of one row always together (their sum
is shown), a second row where the total less the others would tell, and more rows while those hidden together are a small
number again. Every hidden figure bears the same mark, so that nobody knows which one is the small one. Zero is shown:
it says of no person that something is so.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

THRESHOLD: Final = 5

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Figures:
    """People: eligible on the day, and of these recorded by then."""

    eligible: int = 0
    recorded: int = 0

    @property
    def left(self) -> int:
        return self.eligible - self.recorded

    @property
    def percent(self) -> float | None:
        return 100 * self.recorded / self.eligible if self.eligible else None

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.eligible + other.eligible, self.recorded + other.recorded)

    @property
    def has_small(self) -> bool:
        return is_small(self.eligible) or is_small(self.recorded) or is_small(self.left)


@dataclass(frozen=True, slots=True)
class Hidden(Generic[Key]):
    """Rows whose recorded, left and percent are hidden; of these, rows whose eligible is hidden too.

    `gives_away`: hiding every row of a group is not enough, so that the group's own total must be hidden.
    """

    rows: frozenset[Key] = frozenset()
    eligible: frozenset[Key] = frozenset()
    gives_away: bool = False


def is_small(count: int) -> bool:
    return 0 < count < THRESHOLD


def total(rows: Iterable[Figures]) -> Figures:
    return sum(rows, Figures())


def hide(
    rows: Mapping[Key, Figures], *, groups: Iterable[Collection[Key]] | None = None, forced: Collection[Key] = ()
) -> Hidden[Key]:
    """What to hide in a table whose total (of all rows, or of each group of rows) is shown.

    `forced`: rows that are hidden whatever their figures, because tables of their own would give something away.
    """
    eligible = {key for key, row in rows.items() if is_small(row.eligible)} | set(forced)
    hidden = eligible | {key for key, row in rows.items() if row.has_small}
    gives_away = False
    # Groups may share no row but with the group of all: what one hides, another may have to follow. Ends: sets only grow.
    tables = [list(group) for group in groups] if groups is not None else [list(rows)]
    size = -1
    while size != len(hidden) + len(eligible):
        size = len(hidden) + len(eligible)
        for table in tables:
            gives_away |= not _extend(eligible, table, rows, _eligible_is_safe, lambda row: row.eligible)
            hidden |= eligible
            gives_away |= not _extend(
                hidden, table, rows, partial(_recorded_is_safe, eligible), lambda row: min(row.recorded, row.left)
            )
    return Hidden(frozenset(hidden), frozenset(eligible), gives_away)


def _extend(
    hidden: set[Key],
    table: list[Key],
    rows: Mapping[Key, Figures],
    is_safe: Callable[[dict[Key, Figures]], bool],
    size: Callable[[Figures], int],
) -> bool:
    """Hide further rows of this table, the smallest first, until those hidden are safe; False if they never are."""
    if not hidden & set(table):
        return True
    shown = sorted((key for key in table if key not in hidden and rows[key].eligible), key=lambda key: size(rows[key]))
    while not is_safe({key: rows[key] for key in table if key in hidden}):
        if not shown:
            return False
        hidden.add(shown.pop(0))
    return True


def _eligible_is_safe(hidden: Mapping[Key, Figures]) -> bool:
    """Two rows, and not a small number together: a person less here may be one more there."""
    return len(hidden) > 1 and not is_small(total(hidden.values()).eligible)


def _recorded_is_safe(eligible: Collection[Key], hidden: Mapping[Key, Figures]) -> bool:
    """Not a small number together, and for each small one another row that may have what it has not."""
    together = total(hidden.values())
    if is_small(together.recorded) or is_small(together.left) or len(hidden) < 2:
        return False
    if len([key for key in hidden if key in eligible]) > 1:
        # A whole person may move between two rows that do not show their size.
        of_known_size = {key: row for key, row in hidden.items() if key not in eligible}
    else:
        of_known_size = dict(hidden)
    return all(_is_in_doubt(row, [other for key, other in hidden.items() if key != own]) for own, row in of_known_size.items())


def _is_in_doubt(row: Figures, others: Collection[Figures]) -> bool:
    """Each small figure of the row might as well be one less, and one more in another row of the same sums."""
    recorded = not is_small(row.recorded) or any(other.left for other in others)
    left = not is_small(row.left) or any(other.recorded for other in others)
    return recorded and left

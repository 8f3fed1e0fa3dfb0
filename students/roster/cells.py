"""How a cell travels from the reading process: text as it is, everything else with a mark that tells what kind it was.

A NIK that was a number and a NIK that was text look alike once both are text; the mark keeps them apart.
"""

from collections.abc import Sequence
from datetime import date

SEPARATOR = "\x1f"
MARK = "\x01"
NUMBER, DATE, OTHER = MARK + "n", MARK + "d", MARK + "o"
# Longer than any name, address or heading; what is longer is cut, so that no cell can flood the parent.
LONGEST = 250

_CONTROL = dict.fromkeys([*range(0x20), 0x7F], " ")


def encode(value: object) -> str:
    if isinstance(value, str):
        return value[:LONGEST].translate(_CONTROL)
    if isinstance(value, bool):
        return OTHER
    if isinstance(value, int):
        return NUMBER + str(value)[:40]
    if isinstance(value, float):
        return NUMBER + (str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value))
    if isinstance(value, date):
        return DATE + value.isoformat()[:10]
    return "" if value is None else OTHER


def join(column: Sequence[object]) -> str:
    """One string for a column of cells; `split` gives them back, encoded."""
    try:
        joined = SEPARATOR.join(column)  # type: ignore[arg-type]  # mostly text; what is not, says so
    except TypeError:
        return SEPARATOR.join([encode(value) for value in column])
    tidy = joined.count(SEPARATOR) == len(column) - 1 and MARK not in joined and "\n" not in joined and "\0" not in joined
    if tidy and (len(joined) <= LONGEST or max(map(len, column)) <= LONGEST):  # type: ignore[arg-type]
        return joined
    return SEPARATOR.join([encode(value) for value in column])


def split(joined: str, *, count: int) -> list[str]:
    cells = joined.split(SEPARATOR) if count else []
    if len(cells) != count:
        raise ValueError("A column came back with another number of cells.")
    return cells

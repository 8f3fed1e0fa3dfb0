"""Names that were typed wrong: who on the list is called nearly so."""

from collections.abc import Iterable
from typing import Final, TypeVar

from rapidfuzz.distance import JaroWinkler

from drives.models import DriveDay, Visit
from drives.onsite.console import visits_with_rules
from schools.names import normalise

Key = TypeVar("Key")
# "FABAIN" is 0.96 like "FABIAN", "RIZQI" 0.81 like "RIZKY"; "SARI" and "SITI" are two names, at 0.67.
ALIKE: Final = 0.8
# Of two letters a slip leaves one.
SHORTEST: Final = 3
MOST_ALIKE: Final = 5


def similar(drive_day: DriveDay, text: str) -> list[Visit]:
    """People of the drive whose names are nearly what was typed, the likeliest first."""
    names = Visit.objects.filter(drive=drive_day.drive_id).order_by("person__search_name", "pk")
    found = alike(text, names.values_list("pk", "person__search_name"))
    visits = visits_with_rules(drive_day).in_bulk(found)
    return [visits[key] for key in found if key in visits]


def alike(text: str, names: Iterable[tuple[Key, str]]) -> list[Key]:
    """The keys of those names of which every word of `text` is nearly one; names are normalised."""
    words = normalise(text).split()
    if sum(map(len, words)) < SHORTEST:
        return []
    scored = [(_likeness(words, name.split()), number, key) for number, (key, name) in enumerate(names)]
    return [key for score, _number, key in sorted(scored, key=lambda one: (-one[0], one[1]))[:MOST_ALIKE] if score]


def _likeness(words: list[str], name: list[str]) -> float:
    """The mean over the words; 0 where one of them is like none of the name."""
    best = [max((_near(word, other) for other in name), default=0.0) for word in words]
    return sum(best) / len(best) if all(best) else 0.0


def _near(word: str, other: str) -> float:
    if other.startswith(word):
        return 1.0
    score: float = JaroWinkler.similarity(word, other)
    return score if len(word) >= SHORTEST and score >= ALIKE else 0.0

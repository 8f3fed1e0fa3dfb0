"""Ways to damage a roster file. Each takes a source of chance and gives a file; the same chance gives the same file."""

import random
from collections.abc import Callable, Mapping

from tests.soak.archives import (
    archive_in_archive,
    entity_bomb,
    entries_changed,
    lying_directory,
    ods_repeated,
    very_many_entries,
    xml_attributes_changed,
    xml_deep,
    xml_far_cell,
    xml_tags_changed,
    xml_values_changed,
)
from tests.soak.raw_bytes import flipped_bytes, flipped_start, noise, slice_moved, something_before_or_after, truncated
from tests.soak.texts import (
    cells_changed,
    encoding_changed,
    headings_changed,
    markup_changed,
    needed_cells_changed,
    separators_changed,
    very_much,
)

Mutation = Callable[[random.Random], bytes]
# How often each comes, of a hundred files or so.
SHARES: Mapping[Mutation, int] = {
    flipped_bytes: 9,
    flipped_start: 5,
    truncated: 6,
    slice_moved: 5,
    something_before_or_after: 3,
    noise: 2,
    entries_changed: 7,
    lying_directory: 5,
    very_many_entries: 1,
    archive_in_archive: 1,
    xml_tags_changed: 6,
    xml_attributes_changed: 7,
    xml_values_changed: 6,
    entity_bomb: 3,
    xml_far_cell: 3,
    ods_repeated: 2,
    xml_deep: 1,
    encoding_changed: 4,
    separators_changed: 4,
    markup_changed: 6,
    cells_changed: 5,
    needed_cells_changed: 5,
    headings_changed: 7,
    very_much: 2,
}  # fmt: skip
_ROUND = [mutation for mutation, share in SHARES.items() for _ in range(share)]


def mutated(number: int, *, seed: int) -> tuple[str, bytes]:
    """The name of the damage and the file: the same for the same number and seed."""
    chance = random.Random(f"{seed}/{number}")
    mutation = _ROUND[number * 37 % len(_ROUND)]  # every round of files holds every share
    return mutation.__name__, mutation(chance)

"""Is the school named in a file plainly another one? A doubt is no reason to refuse."""

import re

from rapidfuzz import fuzz

from schools.names import normalise_school

_KINDS = frozenset({"SMA", "SMK", "MA", "SLB", "SMAN", "SMKN", "MAN", "SLBN", "SMLB", "PKBM"})
_PLACES = frozenset({"JAKARTA", "SELATAN", "UTARA", "BARAT", "TIMUR", "PUSAT", "KOTA", "DKI"})
_ALIKE = 60


def is_plainly_another_school(found: str, *, expected: str) -> bool:
    """`"SMAN 8 JAKARTA"` for SMA Negeri 55 Jakarta: yes. `"SMAN 55 JAKARTA (CONTOH)"`, or no name at all: no."""
    ours, theirs = (re.sub(r"\s+", " ", normalise_school(name)).split() for name in (expected, re.sub(r"\([^()]*\)", " ", found)))
    if not theirs:
        return False
    our_numbers, their_numbers = ({word for word in words if word.isdigit()} for words in (ours, theirs))
    if our_numbers and their_numbers:
        return our_numbers.isdisjoint(their_numbers)
    our_kind, their_kind = (_KINDS.intersection(words) for words in (ours, theirs))
    own_words, their_words = (" ".join(word for word in words if word not in _KINDS | _PLACES) for words in (ours, theirs))
    if not own_words or not their_words:
        return bool(our_kind and their_kind and our_kind.isdisjoint(their_kind))
    return fuzz.token_set_ratio(own_words, their_words) < _ALIKE

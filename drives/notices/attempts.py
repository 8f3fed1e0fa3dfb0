"""How often a birth date may be tried. Counted before it is compared, so that many at once gain nothing.

A link has about a thousand birth dates to try: five tries in a quarter of an hour and twenty a day. A whole school comes from
one address, so that an address may be wrong more often than a link; a link's token cannot be guessed at all.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache

QUARTER: Final = 15 * 60
DAY: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    most: int
    seconds: int

    def key(self, what: str) -> str:
        return f"own-slot:{self.name}:{hashlib.sha256(what.encode()).hexdigest()[:32]}"


PER_LINK: Final = Limit("link", 5, QUARTER)
PER_LINK_A_DAY: Final = Limit("link-day", 20, DAY)
PER_ADDRESS: Final = Limit("address", 30, QUARTER)


def _limits(*, token: str, address: str) -> list[tuple[Limit, str]]:
    return [(PER_LINK, token), (PER_LINK_A_DAY, token), (PER_ADDRESS, address)]


def count_one(*, token: str, address: str) -> bool:
    """Counts a try, for every limit; whether it is still allowed by all of them."""
    within = [_count(limit.key(what), limit) <= limit.most for limit, what in _limits(token=token, address=address)]
    return all(within)


def _count(key: str, limit: Limit) -> int:
    cache.add(key, 0, limit.seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it ran out between the two
        cache.set(key, 1, limit.seconds)
        return 1


def forgive(*, token: str, address: str) -> None:
    """The birth date was right: this try counts for nobody."""
    for limit, what in _limits(token=token, address=address):
        try:
            cache.decr(limit.key(what))
        except ValueError:
            continue

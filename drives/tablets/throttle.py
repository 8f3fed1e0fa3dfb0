"""How often a tablet may send. Where the counter itself is down an outbox is let through."""

import time
from typing import Final

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

MINUTE: Final = 60
# A tablet that empties its outbox one by one stays far below.
MOST_BATCHES: Final = 1200


def is_within(name: str, key: str, *, most: int, seconds: int) -> bool:
    """Counts one, and says whether it is still allowed in this stretch of time.

    Each stretch has a counter of its own: one that lost its time to live, as between two commands, stops nobody for good.
    """
    entry = f"tablet:{name}:{key}:{int(time.time()) // seconds}"
    try:
        return bool(cache.incr(entry) <= most)
    except ValueError:  # the first of this stretch of time
        cache.add(entry, 1, 2 * seconds)
        return True
    except RedisError:
        log.warning("tablets_are_not_counted", counter=name)
        return True

"""Who is called to which station. It is known for some minutes only, and a station that cannot know it still calls."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final
from uuid import UUID

from django.core.cache import cache
from redis.exceptions import RedisError

from drives.models import Visit

# After that whoever did not come is called again.
CALLED_SECONDS: Final = 5 * 60


def call_first(waiting: Iterable[Visit], *, station: str) -> Visit | None:
    """The first of these whom no station has called; two stations at once never call the same person."""
    for visit in waiting:
        if _claim(visit, station=station):
            return visit
    return None


def called_among(visits: Iterable[Visit]) -> dict[UUID, str]:
    """To which station they are called, of those who are."""
    by_key = {_key(visit): visit.pk for visit in visits}
    with suppress(RedisError):
        return {by_key[key]: station for key, station in cache.get_many(list(by_key)).items()} if by_key else {}
    return {}


def _claim(visit: Visit, *, station: str) -> bool:
    with suppress(RedisError):
        return bool(cache.add(_key(visit), station, CALLED_SECONDS))
    return True


def _key(visit: Visit) -> str:
    return f"called:{visit.pk.hex}"

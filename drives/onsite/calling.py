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
# Within it a second tap of the same person is the first one's shadow.
TAP_SECONDS: Final = 2


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


def just_called(by: UUID) -> UUID | None:
    """Whom this user has called a moment ago, with the first half of a double tap."""
    with suppress(RedisError):
        called: UUID | None = cache.get(_tap(by))
        return called
    return None


def note_call(visit: Visit, *, by: UUID) -> None:
    with suppress(RedisError):
        cache.set(_tap(by), visit.pk, TAP_SECONDS)


def _tap(by: UUID) -> str:
    return f"call-of:{by.hex}"


def _claim(visit: Visit, *, station: str) -> bool:
    with suppress(RedisError):
        return bool(cache.add(_key(visit), station, CALLED_SECONDS))
    return True


def _key(visit: Visit) -> str:
    return f"called:{visit.pk.hex}"

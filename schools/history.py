"""The audit of writes: triggers keep every version of a tracked row, also of bulk and raw SQL."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
from django.db import models

ModelType = TypeVar("ModelType", bound=type[models.Model])


def tracked(*, fields: Sequence[str] | None = None, exclude: Sequence[str] = ()) -> Callable[[ModelType], ModelType]:
    """Inserts, changes and deletions of the model are kept in `<Model>Event`.

    The trackers are made anew for each model: shared ones (`PGHISTORY_DEFAULT_TRACKERS`) are copied by the library, and
    a copied operation no longer gets its transition tables.
    """
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    track: Callable[[ModelType], ModelType] = pghistory.track(
        *trackers, fields=list(fields) if fields else None, exclude=list(exclude)
    )
    return track

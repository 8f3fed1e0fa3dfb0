"""The audit of writes: triggers keep every version of a tracked row, also of bulk and raw SQL."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.db import models
from pghistory.trigger import Event

ModelType = TypeVar("ModelType", bound=type[models.Model])


class _Version(Event):  # type: ignore[misc]
    """Old and new rows of an update, put side by side with a FULL JOIN.

    A trigger's plan is made once for each connection, by the first update, which changes one row most often: an inner join
    would then be a nested loop for good, and 12,000 rows would be compared with 12,000. There is no nested loop for a full join,
    and both tables hold the same rows, so that it finds what the inner one finds.
    """

    def get_func_template_kwargs(self, model: type[models.Model]) -> dict[str, Any]:
        words: dict[str, Any] = super().get_func_template_kwargs(model)
        return {
            name: word.replace("old_values JOIN new_values", "old_values FULL JOIN new_values") if isinstance(word, str) else word
            for name, word in words.items()
        }


class _UpdateEvent(pghistory.UpdateEvent):  # type: ignore[misc]
    def add_event_trigger(self, event_model: Any) -> None:
        version = _Version(
            event_model=event_model,
            label=self.label,
            name=self.trigger_name,
            row=self.row,
            operation=self.operation,
            condition=self.condition,
            level=self.level,
        )
        pgtrigger.register(version)(event_model.pgh_tracked_model)


def tracked(*, fields: Sequence[str] | None = None, exclude: Sequence[str] = ()) -> Callable[[ModelType], ModelType]:
    """Inserts, changes and deletions of the model are kept in `<Model>Event`.

    The trackers are made anew for each model: shared ones (`PGHISTORY_DEFAULT_TRACKERS`) are copied by the library, and
    a copied operation no longer gets its transition tables.
    """
    trackers = (pghistory.InsertEvent(), _UpdateEvent(), pghistory.DeleteEvent())
    track: Callable[[ModelType], ModelType] = pghistory.track(
        *trackers, fields=list(fields) if fields else None, exclude=list(exclude)
    )
    return track

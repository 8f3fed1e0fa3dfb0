"""Checks of the database server, made before migrations (`--database`)."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

OLDEST_POSTGRESQL = 17


@register(Tags.database)
def postgresql_is_new_enough(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    for alias in databases or []:
        major = connections[alias].pg_version // 10_000  # type: ignore[attr-defined]
        if major < OLDEST_POSTGRESQL:
            sentence = f"The server of the database “{alias}” is PostgreSQL {major}; {OLDEST_POSTGRESQL} or newer is needed."
            return [Error(sentence, id="config.E001")]
    return []

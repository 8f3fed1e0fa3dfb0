"""An empty database again. The owner's business: the application role may not truncate."""

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

KEPT: Final = ("django_migrations", "django_content_type", "auth_permission")


def empty(owner: BaseDatabaseWrapper) -> None:
    with owner.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY(%s)", [list(KEPT)])
        names = ", ".join(owner.ops.quote_name(name) for (name,) in cursor.fetchall())
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")

"""What the application role may do: read and write rows of every table the owner makes, and nothing else."""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")


def grant(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    for extension in EXTENSIONS:
        schema_editor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    if _owner_is_the_application(schema_editor):
        return
    schema_editor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    # Tables that Django made before this migration, then all that this owner will make.
    for tables, sequences in (
        (
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public",
        ),
        (
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES",
        ),
    ):
        schema_editor.execute(f"{tables} TO {role}")
        schema_editor.execute(f"{sequences} TO {role}")
    # Which migrations ran is the owner's business.
    schema_editor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")


def revoke(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if _owner_is_the_application(schema_editor):
        return
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    for objects in ("TABLES", "SEQUENCES"):
        schema_editor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON {objects} FROM {role}")
        schema_editor.execute(f"REVOKE ALL ON ALL {objects} IN SCHEMA public FROM {role}")
    schema_editor.execute(f"REVOKE USAGE ON SCHEMA public FROM {role}")


def _owner_is_the_application(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    """One role for everything: only where a person brings a server of their own and names no owner."""
    return bool(schema_editor.connection.settings_dict["USER"] == settings.DATABASE_APP_ROLE)


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunPython(grant, revoke)]

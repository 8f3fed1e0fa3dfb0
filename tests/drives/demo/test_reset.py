"""`--reset` is the owner's: an empty database, then the story again."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections, transaction
from pytest_django import Settings

from drives.demo import reset
from drives.demo.story import Demonstration
from schools.models import School, User
from tests.factories import SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_reset_empties_the_database_and_tells_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    UserFactory(username="left-over")
    left_over = SchoolFactory(npsn="20199999")

    def short(_self: Demonstration) -> Iterator[str]:
        yield "Nothing but the reference data"

    monkeypatch.setattr(Demonstration, "tell", short)
    out = StringIO()
    call_command("demo", "--reset", "--today", "2026-11-21", "--students", "700", "--json", stdout=out)

    assert json.loads(out.getvalue())["students"] == 0
    assert not School.objects.filter(pk=left_over.pk).exists()
    assert not User.objects.exists()
    assert School.objects.filter(npsn="20102575").exists()


def test_migrations_outlive_a_reset() -> None:
    reset.empty(connections["owner"])

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 10


def test_the_application_role_may_not_empty_anything() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        reset.empty(connection)


def test_what_is_no_demonstration_is_not_emptied(settings: Settings) -> None:
    """On an office's own server the command must not be the end of its data."""
    settings.DEMO = False
    UserFactory(username="ratna")

    with pytest.raises(CommandError, match="nothing was emptied"):
        call_command("demo", "--reset")

    assert User.objects.filter(username="ratna").exists()

"""What `/healthz` says of the two servers."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

PATH = "/healthz"


@pytest.mark.django_db
def test_it_is_well_when_database_and_valkey_answer(client: Client) -> None:
    answer = client.get(PATH)

    assert (answer.status_code, answer.json()) == (200, {"healthy": True, "database": True, "valkey": True})


@pytest.mark.django_db
def test_it_names_valkey_when_that_does_not_answer(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"

    answer = client.get(PATH)

    assert (answer.status_code, answer.json()) == (503, {"healthy": False, "database": True, "valkey": False})


@pytest.mark.django_db
def test_it_names_the_database_when_that_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)

    answer = client.get(PATH)

    assert (answer.status_code, answer.json()) == (503, {"healthy": False, "database": False, "valkey": True})


@pytest.mark.django_db
def test_it_is_only_read(client: Client) -> None:
    assert client.post(PATH).status_code == 405

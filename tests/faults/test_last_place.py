"""Two clients race for the last place of a timeslot. First without the guard, to see that the race is real."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from uuid6 import uuid7

from drives.models import Timeslot
from tests.factories import AppointmentFactory, PersonFactory, TimeslotFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

RACES = 1000
GUARD = "timeslot_never_holds_more_than_its_places"
INSERT = """
    INSERT INTO drives_appointment (id, drive_id, timeslot_id, person_id, office_id, places, is_pinned, ending, created_at)
    SELECT %(id)s, drive_id, id, %(person)s, %(office)s, 1, false, '', now() FROM drives_timeslot WHERE id = %(slot)s
"""


def connect(alias: str = "default", level: str = "read committed") -> psycopg.Connection:
    wrapper = connections[alias]
    raw = psycopg.connect(
        **{
            key: value
            for key, value in wrapper.get_connection_params().items()
            if key not in {"cursor_factory", "context", "prepare_threshold"}
        }
    )
    raw.isolation_level = {
        "read committed": psycopg.IsolationLevel.READ_COMMITTED,
        "repeatable read": psycopg.IsolationLevel.REPEATABLE_READ,
    }[level]
    return raw


class Client(threading.Thread):
    """Sees a free place and takes it, as an application without locks would, once in each race."""

    def __init__(self, slot: Timeslot, person: UUID, start: threading.Barrier, done: threading.Barrier, level: str) -> None:
        super().__init__(daemon=True)
        self.slot, self.person, self.start_line, self.done_line, self.level = slot, person, start, done, level
        self.taken = self.refused = 0

    def run(self) -> None:
        with connect(level=self.level) as connection:
            for _race in range(RACES):
                self.start_line.wait(120)
                try:
                    free = connection.execute("SELECT places_taken < places FROM drives_timeslot WHERE id = %s", [self.slot.pk])
                    assert free.fetchone() == (True,)
                    self.look_line()
                    connection.execute(
                        INSERT, {"id": uuid7(), "person": self.person, "office": self.slot.drive.office_id, "slot": self.slot.pk}
                    )
                    connection.commit()
                    self.taken += 1
                except (psycopg.errors.CheckViolation, psycopg.errors.SerializationFailure):
                    connection.rollback()
                    self.refused += 1
                self.done_line.wait(120)

    def look_line(self) -> None:
        """Both have looked before either takes: the worst moment, every time."""
        self.start_line.wait(120)


def race(level: str) -> tuple[int, int, int]:
    """(races won, refusals, races in which the timeslot held more than its one place)."""
    slot = TimeslotFactory(places=1)
    people = [PersonFactory().pk, PersonFactory().pk]
    start, done = threading.Barrier(2), threading.Barrier(3)
    clients = [Client(slot, person, start, done, level) for person in people]
    overbooked = 0
    for client in clients:
        client.start()
    with connect() as judge:
        judge.autocommit = True
        for _race in range(RACES):
            # The judge counts between two races, while both clients wait for it.
            while done.n_waiting < 2:
                if not all(client.is_alive() for client in clients):
                    raise AssertionError("a client died")
                threading.Event().wait(0.0005)
            row = judge.execute("SELECT count(*) FROM drives_appointment WHERE timeslot_id = %s", [slot.pk]).fetchone()
            overbooked += bool(row and row[0] > 1)
            judge.execute("DELETE FROM drives_appointment WHERE timeslot_id = %s", [slot.pk])
            done.wait(120)
    for client in clients:
        client.join(30)
    return sum(client.taken for client in clients), sum(client.refused for client in clients), overbooked


@contextmanager
def without_the_guard() -> Iterator[None]:
    """The owner takes the CHECK away, and puts it back."""
    with connect("owner") as owner:
        owner.autocommit = True
        definition = owner.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [GUARD]).fetchone()
        assert definition is not None
        owner.execute(f"ALTER TABLE drives_timeslot DROP CONSTRAINT {GUARD}")
        try:
            yield
        finally:
            owner.execute(f"ALTER TABLE drives_timeslot ADD CONSTRAINT {GUARD} {definition[0]}")


def test_without_the_guard_the_race_overbooks() -> None:
    with without_the_guard():
        taken, refused, overbooked = race("read committed")

    assert (taken, refused, overbooked) == (2 * RACES, 0, RACES)


@pytest.mark.parametrize("level", ["read committed", "repeatable read"])
def test_a_thousand_races_for_the_last_place_overbook_nothing(level: str) -> None:
    taken, refused, overbooked = race(level)

    assert (taken, refused, overbooked) == (RACES, RACES, 0)


@pytest.mark.parametrize("level", ["read committed", "repeatable read"])
def test_raw_sql_beyond_the_places_is_refused(level: str) -> None:
    slot = TimeslotFactory(places=1)
    AppointmentFactory(timeslot=slot)
    person = PersonFactory()

    with connect(level=level) as connection, pytest.raises(psycopg.errors.CheckViolation, match=GUARD):
        connection.execute(INSERT, {"id": uuid7(), "person": person.pk, "office": slot.drive.office_id, "slot": slot.pk})

"""The one definition of "needs recording": docs/adr/0002-needs-recording.md, its table, and the database's own answer."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from uuid6 import uuid7

from drives.models import DukcapilStatus, Visit
from students.models import Person
from tests.factories import NOW, DriveFactory, DukcapilStatusFactory, PersonFactory, VisitFactory

ADR = Path(settings.BASE_DIR) / "docs/adr/0002-needs-recording.md"
ROW = re.compile(r"^\| ((?:nothing|status|visit).*?) \| (–|\d+) \|$", re.MULTILINE)
NEEDING = {"UNREGISTERED", "ENROLL_FAILURE_AT_REGIONAL", "ENROLL_FAILURE_AT_CENTRAL"}
FAILURES = {"ENROLL_FAILURE_AT_REGIONAL", "ENROLL_FAILURE_AT_CENTRAL"}


@dataclass(frozen=True)
class Fact:
    """One line of a person's story: a status of Dukcapil or a visit to one of our drives, on a day of November 2026."""

    kind: str
    day: int
    what: str
    service: str = "recording"

    @property
    def dated_on(self) -> date:
        return date(2026, 11, self.day)


def recorded_since(facts: Sequence[Fact]) -> date | None:
    """The definition in plain Python; statuses stand in the order of their entry."""
    statuses = sorted((fact for fact in facts if fact.kind == "status"), key=lambda fact: fact.day)
    needing = [place for place, fact in enumerate(statuses) if fact.what in NEEDING]
    run = statuses[needing[-1] + 1 :] if needing else statuses
    theirs = [fact.dated_on for fact in run]
    ours = [
        visit.dated_on
        for visit in facts
        if visit.kind == "visit"
        and visit.service == "recording"
        and visit.what in ("recorded", "already_recorded")
        and not any(
            status.day > visit.day
            and (status.what in FAILURES or (visit.what == "already_recorded" and status.what == "UNREGISTERED"))
            for status in statuses
        )
    ]
    return min(theirs + ours, default=None)


def parsed(story: str) -> list[Fact]:
    words = [] if story == "nothing" else [part.split() for part in story.split(", ")]
    return [Fact(kind, int(day), what, *service) for kind, day, what, *service in words]


def write(person: Person, fact: Fact) -> DukcapilStatus | Visit:
    if fact.kind == "status":
        return cast("DukcapilStatus", DukcapilStatusFactory(person=person, status=fact.what, dated_on=fact.dated_on))
    reached = {} if fact.what == "expected" else {"state_on": fact.dated_on, "state_at": NOW}
    drive = DriveFactory(school=None, venue="Balai kota", office=person.office)
    return cast("Visit", VisitFactory(drive=drive, person=person, state=fact.what, service=fact.service, **reached))


def recorded_on(person: Person) -> date | None:
    return Person.objects.values_list("recorded_on", flat=True).get(pk=person.pk)


TABLE = [(story, None if day == "–" else date(2026, 11, int(day))) for story, day in ROW.findall(ADR.read_text())]


def test_the_table_is_read_whole() -> None:
    assert len(TABLE) == 24


@pytest.mark.parametrize(("story", "since"), TABLE, ids=[story for story, _ in TABLE])
@pytest.mark.django_db
def test_the_examples_of_the_decision_hold(story: str, since: date | None) -> None:
    person = PersonFactory()

    for fact in parsed(story):
        write(person, fact)

    assert (recorded_on(person), recorded_since(parsed(story))) == (since, since)
    assert Person.objects.needing_recording().filter(pk=person.pk).exists() == (since is None)


days = st.integers(1, 6)
statuses = st.builds(Fact, st.just("status"), days, st.sampled_from(DukcapilStatus.Status.values))
visits = st.builds(
    Fact,
    st.just("visit"),
    days,
    st.sampled_from(["recorded", "already_recorded", "failed", "expected"]),
    st.sampled_from(["recording", "recording", "replacement"]),
)
# A status of a day is entered once.
stories = st.lists(
    st.one_of(statuses, visits),
    max_size=8,
    unique_by=lambda fact: (fact.kind, fact.day, fact.what) if fact.kind == "status" else object(),
)
Change = Callable[[Sequence[DukcapilStatus | Visit]], None]


def raw_move(rows: Sequence[DukcapilStatus | Visit]) -> None:
    """Every second status is dated another day, every second visit fails; in SQL, past all of our code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE drives_dukcapilstatus SET dated_on = dated_on + 10 WHERE id = ANY(%s)",
            [[row.pk for row in rows[::2] if isinstance(row, DukcapilStatus)]],
        )
        cursor.execute(
            "UPDATE drives_visit SET state = 'failed' WHERE id = ANY(%s)",
            [[row.pk for row in rows[::2] if isinstance(row, Visit)]],
        )


def delete_half(rows: Sequence[DukcapilStatus | Visit]) -> None:
    DukcapilStatus.objects.filter(pk__in=[row.pk for row in rows[1::2]]).delete()
    Visit.objects.filter(pk__in=[row.pk for row in rows[1::2]]).delete()


def as_facts(person: Person) -> list[Fact]:
    """What stands in the database, in the order of entry."""
    found = [
        Fact("status", row.dated_on.day, row.status)
        for row in DukcapilStatus.objects.filter(person=person).order_by("dated_on", "id")
    ]
    return found + [
        Fact("visit", row.state_on.day if row.state_on else 1, row.state, row.service)
        for row in Visit.objects.filter(person=person)
    ]


class TheDatabaseAndTheReferenceAgree(TestCase):
    @hypothesis_settings(max_examples=60)
    @given(story=stories, change=st.sampled_from([None, raw_move, delete_half]))
    def test_after_any_story_and_any_change_of_it(self, story: list[Fact], change: Change | None) -> None:
        person = PersonFactory()
        rows = [write(person, fact) for fact in story]
        if change:
            change(rows)

        assert recorded_on(person) == recorded_since(as_facts(person))

    @hypothesis_settings(max_examples=20)
    @given(bulk=st.lists(stories, min_size=1, max_size=4))
    def test_after_a_bulk_insert_for_many_persons(self, bulk: list[list[Fact]]) -> None:
        persons = [PersonFactory() for _ in bulk]
        rows = [
            DukcapilStatus(
                pk=uuid7(), person=person, office=person.office, status=fact.what, dated_on=fact.dated_on, created_at=NOW
            )
            for person, story in zip(persons, bulk, strict=True)
            for fact in story
            if fact.kind == "status"
        ]

        DukcapilStatus.objects.bulk_create(rows)

        expected = [recorded_since([fact for fact in story if fact.kind == "status"]) for story in bulk]
        assert [recorded_on(person) for person in persons] == expected


@pytest.mark.django_db
def test_a_person_merged_into_another_is_judged_with_all_that_is_known() -> None:
    kept, merged = PersonFactory(), PersonFactory()
    DukcapilStatusFactory(person=merged, dated_on=date(2026, 11, 3))

    DukcapilStatus.objects.filter(person=merged).update(person=kept)

    assert (recorded_on(kept), recorded_on(merged)) == (date(2026, 11, 3), None)


@pytest.mark.django_db(transaction=True)
def test_two_connections_at_once_end_with_what_both_have_said() -> None:
    """Recorded by us on the 4th, while an import says at the same moment that the enrolment of the 6th failed."""
    person = PersonFactory()
    visit = VisitFactory(person=person)
    first_has_written = threading.Event()

    def fail_the_enrolment() -> None:
        first_has_written.wait(120)
        try:
            DukcapilStatusFactory(person=person, status="ENROLL_FAILURE_AT_CENTRAL", dated_on=date(2026, 11, 6))
        finally:
            connections.close_all()

    other = threading.Thread(target=fail_the_enrolment)
    other.start()
    with transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(state="recorded", state_on=date(2026, 11, 4))
        first_has_written.set()
        other.join(0.5)
        waits = other.is_alive()
    other.join(10)

    assert waits, "the second change did not wait for the first"
    assert recorded_on(person) is None

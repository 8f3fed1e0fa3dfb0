"""Tablets that speak at the same moment, on connections of their own. First with a guard taken off, to see that it guards."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from drives.coverage.rollup import roll_up_all
from drives.models import DailyCoverage, Device, Drive, DriveDay, Preparation, Timeslot, Visit, VisitEvent
from drives.onsite import ledger
from drives.tablets import actions as preparing
from drives.tablets import api, events
from drives.tablets.credential import device_of
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.drives.tablets.conftest import Tablet, make_ready
from tests.together import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("this_morning")]

RACES = 500
DAMAGED = 5
PEOPLE = 250
PATIENCE = 120


def expected(hall: Hall, count: int) -> list[Visit]:
    Timeslot.objects.filter(pk=hall.slots[1].pk).update(places=count)
    return [hall.expect(f"Siswa {number}") for number in range(count)]


def contradict(hall: Hall, visits: list[Visit]) -> None:
    """For each person, one tablet says recorded and at the same moment another one says failed."""
    first, second = make_ready(hall), make_ready(hall)
    line = Barrier(2)

    def says(tablet: Tablet, kind: str, **more: Any) -> None:
        for visit in visits:
            line.wait(PATIENCE)
            assert len(tablet.send(tablet.event(visit, kind, **more)).json()["accepted"]) == 1

    together(lambda _n: says(first, "recorded"), lambda _n: says(second, "failed", reason="biometric"), seconds=900)


def both_kept_and_flagged() -> tuple[int, int, int]:
    """(events, persons with both, persons flagged)."""
    kinds: dict[UUID, set[str]] = {}
    for visit, kind in VisitEvent.objects.values_list("visit", "kind"):
        kinds.setdefault(visit, set()).add(kind)
    both = sum(said == {"recorded", "failed"} for said in kinds.values())
    return VisitEvent.objects.count(), both, Visit.objects.filter(state="recorded", has_conflict=True).count()


def test_two_tablets_contradict_each_other_500_times_and_both_are_kept_and_all_are_flagged(hall: Hall) -> None:
    contradict(hall, expected(hall, RACES))

    assert both_kept_and_flagged() == (2 * RACES, RACES, RACES)


def test_without_the_lock_on_the_visit_the_contradiction_is_lost(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have stored their fact and read all, before either commits."""
    line, fold_anew = Barrier(2), ledger._fold_anew

    def unheld(condition: str, values: Sequence[object], *, drives: Mapping[UUID, Drive]) -> list[Visit]:
        return list(Visit.objects.extra(where=[condition], params=list(values)).filter(drive__in=drives).order_by("pk"))

    def fold_together(*read: Any, **more: Any) -> None:
        line.wait(PATIENCE)
        fold_anew(*read, **more)

    monkeypatch.setattr(events, "held", unheld)
    monkeypatch.setattr(ledger, "_fold_anew", fold_together)

    contradict(hall, expected(hall, DAMAGED))

    assert both_kept_and_flagged() == (2 * DAMAGED, DAMAGED, 0)


def test_who_only_refers_to_a_visit_does_not_wait_while_its_facts_come(hall: Hall) -> None:
    """As another chance does that is given: it holds the day that the facts ask for, and they would wait in a circle."""
    visit = hall.expect("Dewi")

    def refer(_number: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM drives_visit WHERE id = %s FOR KEY SHARE NOWAIT", [visit.pk])

    with transaction.atomic():
        ledger.locked([visit.pk])
        together(refer)
    with transaction.atomic():
        ledger.held("code = ANY(%s)", [[visit.code]], drives={hall.drive.pk: hall.drive})
        together(refer)


def a_thousand(tablet: Tablet, visits: list[Visit]) -> list[dict[str, Any]]:
    """Of 250 people each arrives, fails, is recorded; and then it is taken back, or said once more."""
    told = []
    for number, visit in enumerate(visits):
        said = NOW - timedelta(hours=2) + timedelta(seconds=20 * number)
        told += [
            tablet.event(visit, "arrived", at=said, queue=f"A-{number:02d}"),
            tablet.event(visit, "failed", at=said + timedelta(minutes=1), reason="biometric"),
            tablet.event(visit, "recorded", at=said + timedelta(minutes=2)),
        ]
        if number % 2:
            told.append(tablet.event(visit, "undone", at=said + timedelta(minutes=2, seconds=8), target=told[-1]["id"]))
        else:
            told.append(tablet.event(visit, "recorded", at=said + timedelta(minutes=3)))
    return told


def standing_of_a_thousand(visits: list[Visit]) -> list[tuple[Any, ...]]:
    """What they amount to: the ones recorded at last, the others failed, since the recording was taken back in time."""
    found: list[tuple[Any, ...]] = []
    for number, visit in enumerate(visits):
        said = NOW - timedelta(hours=2) + timedelta(seconds=20 * number)
        last = ("failed", said + timedelta(minutes=1)) if number % 2 else ("recorded", said + timedelta(minutes=3))
        found.append((visit.code, *last, DAY, said, f"A-{number:02d}", False))
    return sorted(found)


def standing() -> list[tuple[Any, ...]]:
    columns = ("code", "state", "state_at", "state_on", "arrived_at", "queue_number", "has_conflict")
    return list(Visit.objects.order_by("code").values_list(*columns))


def coverage() -> tuple[int, int]:
    roll_up_all(today=DAY)
    rows = DailyCoverage.objects.filter(day=DAY).values_list("recorded_count", "failed_count")
    return sum(recorded for recorded, _failed in rows), sum(failed for _recorded, failed in rows)


def in_pieces(told: list[dict[str, Any]], chance: random.Random) -> Iterator[list[dict[str, Any]]]:
    shuffled = chance.sample(told, len(told))
    while shuffled:
        size = chance.randint(20, 200)
        yield shuffled[:size]
        shuffled = shuffled[size:]


def test_a_thousand_events_ten_times_in_random_order_from_two_connections_are_one_state(hall: Hall) -> None:
    visits, tablet = expected(hall, PEOPLE), make_ready(hall)
    told = a_thousand(tablet, visits)

    def send_five_times(number: int) -> None:
        chance = random.Random(number)
        for _ in range(5):
            for piece in in_pieces(told, chance):
                receipt = tablet.send(*piece).json()
                assert (len(receipt["accepted"]), receipt["refused"], receipt["later"]) == (len(piece), [], [])

    together(send_five_times, send_five_times, seconds=900)

    assert standing() == standing_of_a_thousand(visits)
    assert coverage() == (PEOPLE / 2, PEOPLE / 2)
    assert VisitEvent.objects.count() == 4 * PEOPLE
    assert Device.objects.get().received_numbers == [1, 4 * PEOPLE]


def count_on_two_connections(hall: Hall) -> list[int]:
    """The numbers that are known to have come, after each connection has sent one event of the same tablet."""
    visits, tablet = expected(hall, 2), make_ready(hall)
    events = [tablet.event(visit, "arrived") for visit in visits]

    together(*(lambda number: tablet.send(events[number]) for _ in range(2)))

    assert VisitEvent.objects.count() == 2
    return Device.objects.get().received_numbers


def test_the_numbers_of_a_tablet_are_counted_on_two_connections(hall: Hall) -> None:
    assert count_on_two_connections(hall) == [1, 2]


def test_without_the_lock_on_the_tablet_a_number_is_forgotten(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Barrier(2)

    def unlocked(request: HttpRequest, *, lock: bool = False) -> Device | None:
        found = device_of(request)
        line.wait(PATIENCE)
        return found

    monkeypatch.setattr(api, "device_of", unlocked)

    assert count_on_two_connections(hall) in ([1, 1], [2, 2])


def letters_at_once(hall: Hall) -> list[str]:
    together(*(lambda _number: make_ready(hall) for _ in range(2)))
    return sorted(Preparation.objects.values_list("letter", flat=True))


def test_two_tablets_made_ready_at_once_have_two_letters_and_two_names(hall: Hall) -> None:
    assert letters_at_once(hall) == ["A", "B"]
    assert sorted(Device.objects.values_list("name", flat=True)) == ["Tablet 1", "Tablet 2"]


def test_without_holding_the_day_one_of_them_is_refused_by_the_database(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    line, free = Barrier(2), preparing._free_letter

    def seen_together(drive_day: DriveDay) -> str:
        found = free(drive_day)
        line.wait(PATIENCE)
        return found

    monkeypatch.setattr(preparing, "_free_letter", seen_together)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)

    with pytest.raises(IntegrityError, match="tablets_of_a_day_have_different_letters"):
        letters_at_once(hall)

"""The list that a tablet keeps: small, without anything that names a person elsewhere, and with the console's own verdicts."""

import gzip
import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from drives.models import Visit
from drives.onsite.console import show
from drives.tablets.pack import pack_of
from students.models import Consent
from tests.drives.onsite.conftest import DAY, NOW, Hall
from tests.drives.tablets.conftest import Tablet
from tests.drives.tablets.crowd import crowd
from tests.factories import DukcapilStatusFactory, VisitFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]

LARGEST = 10 * 1024
BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


def packed(hall: Hall) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pack_of(hall.today, today=DAY).body)
    return found


def told(pack: dict[str, Any], column: str, place: int) -> Any:
    values = pack["people"][column]
    return values.get(str(place)) if isinstance(values, dict) else values[place]


def parted(pack: dict[str, Any], column: str) -> list[str]:
    """As the tablet does: every text as long as the others, filled up with dots."""
    whole, count = pack["people"][column], len(pack["people"]["name"])
    width = len(whole) // count
    return [whole[width * place : width * (place + 1)].rstrip(".") for place in range(count)]


def verdict(pack: dict[str, Any], place: int) -> list[Any]:
    found: list[Any] = pack["verdicts"][pack["people"]["verdict"][place]]
    return found


def test_the_list_of_452_people_has_at_most_10_kib_on_the_line(hall: Hall, tablet: Tablet) -> None:
    crowd(hall)

    answer = tablet.pack(hall.today.pk, **BROWSER)

    assert answer["Content-Encoding"] == "br"
    assert len(answer.content) <= LARGEST
    assert len(gzip.compress(pack_of(hall.today, today=DAY).body)) <= LARGEST


def test_at_noon_it_has_not_grown_beyond_that(hall: Hall) -> None:
    visits, chance = crowd(hall), random.Random(3)
    for place, visit in enumerate(visits[:300]):
        visit.state = Visit.State.RECORDED if place < 280 else Visit.State.PRESENT
        visit.state_on, visit.kit = DAY, chance.choice(hall.kits)
        visit.state_at = NOW - timedelta(seconds=chance.randrange(9000))
        visit.arrived_at = visit.state_at - timedelta(seconds=600 + chance.randrange(1200))
        visit.queue_number = f"{chance.choice('ABC')}-{place:02d}"
    Visit.objects.bulk_update(visits[:300], ["state", "state_on", "state_at", "arrived_at", "kit", "queue_number"])

    assert len(pack_of(hall.today, today=DAY).as_brotli()) <= LARGEST


def test_the_number_of_queries_does_not_grow_with_the_people(hall: Hall, tablet: Tablet) -> None:
    counts = []
    for names in (["Satu"], ["Dua", "Tiga"]):
        for name in names:
            hall.expect(name)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert tablet.pack(hall.today.pk).status_code == 200
        counts.append(len(queries))

    assert counts == [13, 13]


def test_nothing_in_it_names_a_person_elsewhere(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi", nik="3174082106099001", nisn="0091234567", phone="+628990000001")

    text = tablet.pack(hall.today.pk).content.decode()

    person = visit.person
    secrets = ("3174082106099001", "0091234567", "628990000001", visit.token, str(visit.pk), str(person.pk), "2009-06-01")
    assert [secret for secret in secrets if secret in text] == []


def test_a_person_is_told_in_columns(hall: Hall) -> None:
    hall.expect("Dewi Anggraini", slot=1)

    pack = packed(hall)

    assert pack["people"]["name"] == ["Dewi Anggraini"]
    assert pack["classes"][pack["people"]["class"][0]] == "XII MIPA 2"
    assert pack["slots"][pack["people"]["slot"][0]] == [
        int(hall.slots[1].starts_at.timestamp()),
        int(hall.slots[1].ends_at.timestamp()),
        hall.slots[1].places,
    ]
    assert (told(pack, "age", 0), told(pack, "backdrop", 0), told(pack, "state", 0)) == (17, "r", None)
    assert verdict(pack, 0) == ["ok", "Siap direkam", "", "recorded", {}]


def test_what_was_noted_is_laid_over_a_verdict_that_does_not_know_it(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    tablet.send(tablet.event(visit, "arrived", queue="A-07", at=NOW - timedelta(minutes=9)))
    tablet.send(tablet.event(visit, "failed", reason="biometric", kit=str(hall.kits[1].pk)))

    pack = packed(hall)

    columns = ("state", "reason", "queue", "kit", "at")
    assert tuple(told(pack, column, 0) for column in columns) == ("failed", "biometric", "A-07", 1, int(NOW.timestamp()))
    assert told(pack, "arrived", 0) == int((NOW - timedelta(minutes=9)).timestamp())
    assert verdict(pack, 0)[1] == "Siap direkam"


def test_verdicts_are_those_of_the_console(hall: Hall) -> None:
    """Of people about whom nothing was said yet, in the order of their names."""
    hall.drive.office.consent_required = True
    hall.drive.office.save()
    visits: list[Visit] = [
        hall.expect("A ready"),
        hall.expect("B too young", birth_date=DAY.replace(year=2013)),
        hall.expect("C another day", slot=3),
        hall.expect("D recorded as Dukcapil says"),
        hall.expect("E without consent"),
        VisitFactory(drive=hall.drive),
        VisitFactory(drive=hall.drive, kind="teacher", service="replacement", is_walk_in=True),
    ]
    DukcapilStatusFactory(person=visits[3].person, status="CARD_ISSUED")
    for visit in [*visits[:4], visits[5]]:
        Consent.objects.create(
            person=visit.person,
            school=hall.school,
            office=hall.drive.office,
            is_given=True,
            relation="mother",
            wording_version="1",
            channel="paper",
            at=NOW,
            entered_by=hall.lead,
        )

    pack = packed(hall)

    by_code = dict(zip(parted(pack, "code"), range(len(visits)), strict=True))
    for visit in Visit.objects.select_related("person", "drive__office"):
        card = show(visit, drive_day=hall.today, kit=None, now=hall.slots[0].starts_at)
        assert verdict(pack, by_code[visit.code])[:4] == [card.tone, card.headline, card.remedy, card.best]
    assert len({tuple(row[:2]) for row in pack["verdicts"]}) >= 6


def test_marks_differ_for_everybody_and_a_revoked_slip_has_none(hall: Hall) -> None:
    visits = crowd(hall)
    Visit.objects.filter(pk=visits[0].pk).update(token_revoked_at=NOW)

    marks = parted(packed(hall), "mark")

    assert (marks[0], len(set(marks))) == ("", len(visits))


def test_nothing_new_is_304_and_a_fact_is_another_etag(hall: Hall, tablet: Tablet) -> None:
    visit = hall.expect("Dewi")
    first = tablet.pack(hall.today.pk)

    again = tablet.pack(hall.today.pk, **{"If-None-Match": first["ETag"]})
    tablet.send(tablet.event(visit, "arrived"))
    changed = tablet.pack(hall.today.pk, **{"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, changed.status_code) == (304, b"", 200)


def test_to_whom_ikd_may_be_offered_is_said_by_the_servers_own_rule(hall: Hall) -> None:
    hall.drive.ikd_minimum_age, hall.drive.ikd_needs_printable = 17, False
    hall.drive.save()
    hall.today.refresh_from_db()
    hall.expect("A old enough")
    hall.expect("B too young for it", birth_date=DAY.replace(year=2010))
    printable = hall.expect("C with a card")
    DukcapilStatusFactory(person=printable.person, status="PRINT_READY_RECORD")

    pack = packed(hall)

    assert [told(pack, "ikd", place) for place in range(3)] == ["once_recorded", None, "offered"]
    assert pack["rules"]["ikd"] == {"minimum_age": 17, "needs_printable": False}

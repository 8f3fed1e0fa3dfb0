"""Calendars to subscribe to: what stands in them, who may have an address, and that a revoked one is gone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar
import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from drives.feeds.actions import make_feed
from drives.models import Drive, Feed, Kit
from drives.notices import ics
from drives.planning.actions import assign_everybody, cancel_drive, create_drive, publish_drive, withdraw_publication
from schools.models import Closure, Office, School
from tests.drives.planning.pupils import FRIDAY, TUESDAY, WEDNESDAY, make_kits, make_school, plan
from tests.factories import JAKARTA, KitFactory, OfficeFactory, SchoolFactory, UserFactory


@pytest.fixture(autouse=True)
def friday() -> object:
    with time_machine.travel(FRIDAY, tick=False) as moment:
        yield moment


@pytest.fixture
def school() -> School:
    school = make_school({"XI MERDEKA 1": (3, 3)})
    school.name, school.address = "SMAN 55; Jakarta, Timur", "Jl. Minyak Raya 1\nDuren Tiga"
    school.save()
    return school


@pytest.fixture
def drive(school: School) -> Drive:
    """Published, on Tuesday and Wednesday."""
    make_kits(1)
    made = create_drive(school=school, plan=plan(days=(TUESDAY, WEDNESDAY), kits=1), by=None, now=FRIDAY)
    assign_everybody(drive=made, by=None, now=FRIDAY)
    return publish_drive(drive=made, by=None, now=FRIDAY)


def address(of: Office | School | Kit) -> str:
    return f"/feeds/{make_feed(of=of, by=UserFactory(), now=FRIDAY).token}.ics"


def events(client: Client, path: str) -> list[Any]:
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return list(icalendar.Calendar.from_ical(response.content).walk("VEVENT"))


def facts(event: Any) -> tuple[str, str, str, int]:
    begin = event.decoded("dtstart").astimezone(JAKARTA)
    return f"{begin:%d %H.%M}", str(event["summary"]), str(event["status"]), int(event["sequence"])


# What stands in them


@pytest.mark.django_db
def test_an_offices_feed_has_every_published_day_with_its_kits_and_places(client: Client, school: School, drive: Drive) -> None:
    create_drive(school=SchoolFactory(office=school.office), plan=plan(days=(date(2026, 12, 1),), kits=1), by=None, now=FRIDAY)

    found = events(client, address(school.office))

    summary = "Perekaman KTP-el: SMAN 55; Jakarta, Timur"
    assert [facts(event) for event in found] == [
        ("24 07.00", summary, "CONFIRMED", 2),
        ("25 07.00", summary, "CONFIRMED", 2),
    ]
    assert str(found[0]["description"]) == "1 alat: Alat 1.\n30 tempat."
    assert str(found[0]["location"]) == "SMAN 55; Jakarta, Timur, Jl. Minyak Raya 1\nDuren Tiga, Pancoran"


@pytest.mark.django_db
def test_a_kits_feed_says_where_it_must_be_and_when(client: Client, drive: Drive) -> None:
    first, second = (events(client, address(kit)) for kit in (Kit.objects.get(), KitFactory()))

    assert [event.decoded("dtend").astimezone(JAKARTA).time() for event in first] == [time(13, 30), time(13, 30)]
    assert second == []


@pytest.mark.django_db
def test_a_schools_feed_has_its_own_drives_and_closed_days(client: Client, school: School, drive: Drive) -> None:
    days = {"starts_on": date(2026, 12, 1), "ends_on": date(2026, 12, 4)}
    Closure.objects.create(school=school, reason="Ujian", **days)
    Closure.objects.create(school=school, reason="Praktik", starts_at=time(7), ends_at=time(9), **days)
    Closure.objects.create(school=SchoolFactory(), reason="Bukan kami", **days)

    found = events(client, address(school))[2:]

    by_name = {str(event["summary"]): event for event in found}
    assert set(by_name) == {"Tutup: Ujian", "Tutup: Praktik"}
    whole, part = by_name["Tutup: Ujian"], by_name["Tutup: Praktik"]
    assert (whole.decoded("dtstart"), whole.decoded("dtend")) == (date(2026, 12, 1), date(2026, 12, 5))
    assert (part.decoded("dtstart").astimezone(JAKARTA).hour, dict(part["rrule"])) == (7, {"FREQ": ["DAILY"], "COUNT": [4]})


@pytest.mark.django_db
def test_no_person_stands_in_any_feed(client: Client, school: School, drive: Drive) -> None:
    group = school.class_groups.get()
    group.homeroom_name, group.homeroom_phone = "Bu Sari", "+6281234567890"
    group.save()
    names = list(drive.appointments.values_list("person__name", flat=True))

    said = "".join(client.get(address(of)).content.decode() for of in (school.office, school, Kit.objects.get()))

    assert names
    assert [word for word in (*names, "Sari", "81234567890", "XI MERDEKA") if word in said] == []


# Changes


@pytest.mark.django_db
def test_a_cancelled_drive_stays_as_cancelled_under_the_same_uid(client: Client, school: School, drive: Drive) -> None:
    paths = [address(school.office), address(school), address(Kit.objects.get())]
    before = [[str(event["uid"]) for event in events(client, path)] for path in paths]

    cancel_drive(drive=drive, reason="Alat rusak", by=None, now=FRIDAY)

    after = [events(client, path) for path in paths]
    assert [[str(event["uid"]) for event in found] for found in after] == before
    assert {facts(event)[1:] for found in after for event in found} == {
        ("BATAL – Perekaman KTP-el: SMAN 55; Jakarta, Timur", "CANCELLED", 3)
    }
    assert "Dibatalkan: Alat rusak" in str(after[0][0]["description"])


@pytest.mark.django_db
def test_a_withdrawn_schedule_is_off_until_it_is_published_anew_and_its_number_only_rises(client: Client, drive: Drive) -> None:
    path, numbers, states = address(drive.office), [], []
    for step in (withdraw_publication, publish_drive):
        event = events(client, path)[0]
        numbers.append(int(event["sequence"]))
        states.append(str(event["status"]))
        step(drive=drive, by=None, now=FRIDAY)
    event = events(client, path)[0]

    assert [*numbers, int(event["sequence"])] == [2, 3, 4]
    assert [*states, str(event["status"])] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]


@pytest.mark.django_db
def test_what_has_not_changed_is_not_sent_again(client: Client, drive: Drive) -> None:
    path = address(drive.office)
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    cancel_drive(drive=drive, reason="Alat rusak", by=None, now=FRIDAY)
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, changed.status_code) == (304, b"", 200)


@pytest.mark.django_db
@pytest.mark.parametrize("days", [1, 3])
def test_a_feed_asks_as_much_for_three_days_as_for_one(
    client: Client, school: School, days: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_kits(2)
    wish = plan(days=[TUESDAY + timedelta(days=n) for n in range(days)], kits=2)
    made = create_drive(school=school, plan=wish, by=None, now=FRIDAY)
    assign_everybody(drive=made, by=None, now=FRIDAY)
    publish_drive(drive=made, by=None, now=FRIDAY)
    path = address(school.office)

    with django_assert_num_queries(6):
        found = events(client, path)

    assert len(found) == days


# Addresses


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x" * 32, "x", "x" * 500, "%00"])
def test_an_address_that_never_was_is_not_found(client: Client, token: str) -> None:
    assert client.get(f"/feeds/{token}.ics").status_code in (400, 404)


@pytest.mark.django_db
def test_a_renewed_address_ends_the_old_one_and_a_revoked_one_opens_nothing(client: Client, drive: Drive) -> None:
    old = address(drive.office)
    client.force_login(UserFactory(planner=drive.office))

    client.post(f"/feeds/{Feed.objects.get().pk}/renew/")
    new = f"/feeds/{Feed.objects.in_force().get().token}.ics"
    renewed = [Client().get(path).status_code for path in (old, new)]
    newest = Feed.objects.in_force().get()
    answers = [client.post(f"/feeds/{newest.pk}/revoke/").status_code for _ in range(2)]

    assert (renewed, answers) == ([404, 200], [302, 302])
    assert [Client().get(path).status_code for path in (old, new)] == [404, 404]


@pytest.mark.django_db
def test_asking_twice_gives_one_address_of_at_least_128_bits(client: Client, drive: Drive) -> None:
    client.force_login(UserFactory(planner=drive.office))

    for _ in range(2):
        client.post("/feeds/make/", {"kind": "office", "subject": str(drive.office_id)})

    assert len(Feed.objects.get().token) * 6 >= 128
    assert f"/feeds/{Feed.objects.get().token}.ics" in client.get("/feeds/").content.decode()


@pytest.mark.django_db
def test_a_school_has_its_own_address_and_no_other(client: Client, school: School, drive: Drive) -> None:
    client.force_login(UserFactory(school_admin=school))
    others = [("school", SchoolFactory().pk), ("office", school.office_id), ("kit", Kit.objects.get().pk)]

    refused = [client.post("/feeds/make/", {"kind": kind, "subject": str(key)}).status_code for kind, key in others]
    client.post("/feeds/make/", {"kind": "school", "subject": str(school.pk)})

    assert refused == [404, 404, 404]
    assert [(feed.kind, feed.school) for feed in Feed.objects.all()] == [("school", school)]


@pytest.mark.django_db
def test_another_office_sees_and_revokes_no_address_of_ours(client: Client, drive: Drive) -> None:
    address(drive.office)
    client.force_login(UserFactory(planner=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat")))

    answer = client.post(f"/feeds/{Feed.objects.get().pk}/revoke/")

    assert (answer.status_code, Feed.objects.in_force().count()) == (404, 1)
    assert Feed.objects.get().token not in client.get("/feeds/").content.decode()


# The file itself

# Without backslashes, which the library writes right only with our help, and reads wrong before an N.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\\"), max_size=120)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(JAKARTA)).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(TEXTS, TEXTS, TEXTS, MOMENTS, st.integers(1, 600), st.integers(0, 99), st.booleans())
def test_whatever_is_written_is_read_back(
    summary: str, location: str, description: str, start: datetime, minutes: int, sequence: int, is_cancelled: bool
) -> None:
    end = start + timedelta(minutes=minutes)
    event = ics.Event("uid-1", start, start, end, summary, location, description, sequence, is_cancelled)

    file = ics.feed("Kalender", [event])

    read = next(iter(icalendar.Calendar.from_ical(file).walk("VEVENT")))
    assert [str(read[name]) for name in ("summary", "location", "description")] == [summary, location, description]
    assert (read.decoded("dtstart"), read.decoded("dtend")) == (start, end)
    assert (read.decoded("sequence"), str(read["status"])) == (sequence, "CANCELLED" if is_cancelled else "CONFIRMED")
    assert max(len(line) for line in file.encode().split(b"\r\n")) <= 75
    assert ics.feed("Kalender", [event]) == file


def test_a_feed_describes_its_time_zone() -> None:
    start = datetime(2026, 11, 24, 7, tzinfo=JAKARTA)

    file = ics.feed("Kalender", [ics.Event("uid", start, start, start + timedelta(hours=1), "a", "b", "c")])

    zone = next(iter(icalendar.Calendar.from_ical(file).walk("VTIMEZONE")))
    offsets = {part.decoded("tzoffsetto") for part in zone.subcomponents}
    assert (str(zone["TZID"]), offsets) == ("Asia/Jakarta", {timedelta(hours=7)})
    assert "DTSTART;TZID=Asia/Jakarta:20261124T070000" in file


def test_control_characters_do_not_break_a_file() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)

    file = ics.feed("a\r\nBEGIN:VEVENT", [ics.Event("u\r\nX:1", at, at, at, "a\x00b\r\nATTENDEE:c", "d", "e\x1b")])

    found = icalendar.Calendar.from_ical(file)
    assert len(list(found.walk("VEVENT"))) == 1
    assert [line for line in file.split("\r\n") if line.startswith(("ATTENDEE", "X:1"))] == []

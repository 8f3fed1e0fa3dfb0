"""A tablet is made ready by who works there, says how it is, and is revoked."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drives.models import Device, Drive, Incident, OperatorDuty, Preparation
from drives.onsite.board import tablets_of
from drives.onsite.lookups import MOST_A_QUARTER
from drives.tablets.actions import LETTERS, prepare, revoke
from drives.tablets.numbers import MOST_NAMED, MOST_STRETCHES, highest, lacking, missing, with_numbers
from schools.models import Role
from tests.drives.onsite.conftest import NOW, Hall
from tests.drives.tablets.conftest import Tablet, make_ready
from tests.factories import DriveDayFactory, OfficeFactory, OperatorDutyFactory, PersonFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("this_morning")]

NIK = "3174084106099001"


def post(client: Client, hall: Hall, body: object, **headers: str) -> Any:
    return client.post(f"/today/{hall.today.pk}/tablet/", json.dumps(body), content_type="application/json", headers=headers)


def test_the_secret_is_told_once_and_kept_as_a_digest(hall: Hall, client: Client) -> None:
    client.force_login(hall.operator)

    told = post(client, hall, {"name": "Tablet 3", "kit": str(hall.kits[1].pk)}).json()

    device, preparation = Device.objects.get(), Preparation.objects.get()
    tablet = Tablet(device, told["secret"])
    assert (told["device"], told["letter"], told["drive_day"]) == (str(device.pk), "A", str(hall.today.pk))
    assert (device.name, preparation.user, preparation.kit) == ("Tablet 3", hall.operator, hall.kits[1])
    assert told["secret"].encode() not in bytes(device.secret_digest or b"")
    assert tablet.pack(hall.today.pk).status_code == 200


def test_made_ready_again_a_known_tablet_keeps_its_letter_and_gets_no_secret(hall: Hall, client: Client) -> None:
    make_ready(hall)
    tablet = make_ready(hall)
    client.force_login(hall.lead)

    told = post(client, hall, {"name": "", "device": str(tablet.device.pk)}, **tablet.headers).json()

    assert (told["device"], told["secret"], told["letter"]) == (str(tablet.device.pk), None, "B")
    assert Preparation.objects.get(device=tablet.device).user == hall.lead


def test_every_tablet_of_a_day_has_a_letter_of_its_own(hall: Hall) -> None:
    letters = [prepare(drive_day=hall.today, by=hall.operator, now=NOW).preparation.letter for _ in range(28)]

    assert letters == [*LETTERS[:26], "AA", "AB"]


def test_a_tablet_without_a_name_is_given_the_next_one(hall: Hall) -> None:
    names = [prepare(drive_day=hall.today, by=hall.operator, now=NOW, name=name).device.name for name in ("", "Tablet 2", "", "")]

    assert names == ["Tablet 1", "Tablet 2", "Tablet 3", "Tablet 4"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": "x" * 61}, "name_too_long", "name"),
        ({"kit": "no kit"}, "malformed", None),
        ({"name": 7}, "malformed", None),
        ({"name": "\x00"}, "malformed", None),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    hall: Hall, client: Client, body: object, code: str, field: str | None
) -> None:
    client.force_login(hall.operator)

    answer = post(client, hall, body)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)
    assert Device.objects.count() == 0


def test_a_revoked_tablet_and_one_of_another_office_are_made_ready_for_nothing(hall: Hall) -> None:
    tablet, elsewhere = make_ready(hall), make_ready(hall)
    revoke(device=tablet.device, by=hall.lead, now=NOW)
    elsewhere.device.office = OfficeFactory(name="Suku Dinas lain")
    elsewhere.device.save()

    codes = []
    for device in (tablet.device, elsewhere.device):
        with pytest.raises(ValidationError) as refusal:
            prepare(drive_day=hall.tomorrow, by=hall.operator, now=NOW, device=device)
        codes.append(refusal.value.code)

    assert codes == ["device_revoked", "device_elsewhere"]


def test_an_operator_of_another_days_drive_finds_nothing(hall: Hall, client: Client) -> None:
    other = UserFactory(operator=hall.drive.office)
    OperatorDutyFactory(user=other, drive_day=hall.tomorrow)
    client.force_login(other)
    tablet = make_ready(hall)
    stranger = make_ready(hall, drive_day=hall.tomorrow, by=other)

    answers = [client.get(f"/today/{hall.today.pk}/tablet/"), post(client, hall, {}), stranger.pack(hall.today.pk)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert tablet.pack(hall.tomorrow.pk).status_code == 404


def test_it_is_made_ready_up_to_three_days_before(hall: Hall, client: Client) -> None:
    far = DriveDayFactory(drive=hall.drive, day=hall.today.day + timedelta(days=4))
    near = DriveDayFactory(drive=hall.drive, day=hall.today.day + timedelta(days=3))
    for day in (far, near):
        OperatorDutyFactory(user=hall.operator, drive_day=day)
    client.force_login(hall.operator)

    assert [client.get(f"/today/{day.pk}/tablet/").status_code for day in (far, near)] == [404, 200]


def test_the_list_is_read_until_its_day_is_over_or_the_duty_is(hall: Hall, tablet: Tablet) -> None:
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        over = tablet.pack(hall.today.pk).status_code
    OperatorDuty.objects.filter(user=hall.operator).delete()

    assert (over, tablet.pack(hall.today.pk).status_code) == (404, 404)


@pytest.mark.parametrize("status", [Drive.Status.CANCELLED, Drive.Status.DRAFT, Drive.Status.CLOSED])
def test_of_a_drive_that_is_not_published_no_list_is_read(hall: Hall, tablet: Tablet, status: str) -> None:
    moments: dict[str, Any] = {"published_at": None} if status == Drive.Status.DRAFT else {}
    moments |= {"cancelled_at": NOW} if status == Drive.Status.CANCELLED else {}
    Drive.objects.filter(pk=hall.drive.pk).update(status=status, **moments)

    assert tablet.pack(hall.today.pk).status_code == 404


def test_a_ping_says_what_waits_and_hears_what_is_new(hall: Hall, tablet: Tablet) -> None:
    hall.expect("Dewi")
    Incident.objects.create(
        id=tablet.device.pk, drive_day=hall.today, office=hall.drive.office, kind="crowd", opened_at=NOW, opened_by=hall.lead
    )
    etag = tablet.pack(hall.today.pk)["ETag"]

    told = tablet.ping(unsent=14, held=1, last_sequence=20, version="abc", drive_day=str(hall.today.pk)).json()

    device = Device.objects.get()
    assert (device.unsent_count, device.held_count, device.last_sequence, device.app_version) == (14, 1, 20, "abc")
    assert (device.seen_at, datetime.fromisoformat(told["now"])) == (NOW, NOW)
    assert (told["revoked"], told["etag"], told["incidents"]) == (False, etag, 1)


def test_what_waits_on_a_tablet_of_two_days_stands_on_the_board_of_its_own_day(hall: Hall, tablet: Tablet) -> None:
    prepare(drive_day=hall.tomorrow, by=hall.lead, now=NOW, device=tablet.device)

    tablet.ping(unsent=14, held=1, waiting={str(hall.today.pk): [14, 0], str(hall.tomorrow.pk): [0, 1]})

    found = tablets_of([hall.today.pk, hall.tomorrow.pk], now=NOW)
    assert [(line.unsent, line.held) for day in (hall.today, hall.tomorrow) for line in found[day.pk]] == [(14, 0), (0, 1)]


@pytest.mark.parametrize("told", [3, {"no day": [1, 1]}, {str(UUID(int=1)): [1]}, {str(UUID(int=1)): [-1, 0]}])
def test_what_cannot_be_read_by_day_counts_for_every_day(hall: Hall, tablet: Tablet, told: object) -> None:
    tablet.ping(unsent=14, waiting=told)

    (line,) = tablets_of([hall.today.pk], now=NOW)[hall.today.pk]
    assert line.unsent == 14


def test_a_ping_of_a_revoked_tablet_is_counted_and_told_so(hall: Hall, tablet: Tablet) -> None:
    revoke(device=tablet.device, by=hall.lead, now=NOW)

    told = tablet.ping(unsent=3, drive_day=str(hall.today.pk)).json()

    assert (told["revoked"], "etag" in told, Device.objects.get().unsent_count) == (True, False, 3)


def test_a_list_that_is_not_on_the_tablet_any_more_is_noted_as_wiped(hall: Hall, tablet: Tablet) -> None:
    tablet.ping(lists=[str(hall.today.pk)])
    kept = Preparation.objects.get().wiped_at

    tablet.ping(lists=[])

    assert (kept, Preparation.objects.get().wiped_at) == (None, NOW)


@pytest.mark.parametrize(
    "told",
    [
        {"unsent": -1},
        {"unsent": "3"},
        {"held": True},
        {"last_sequence": 2**64},
        {"version": 3},
        {"version": "\x00"},
        {"lists": 3},
    ],
)
def test_a_ping_that_cannot_be_is_refused(tablet: Tablet, told: dict[str, Any]) -> None:
    assert tablet.ping(**told).status_code == 400


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers() | st.text())
bodies = anything | st.dictionaries(
    st.sampled_from(
        ["unsent", "held", "last_sequence", "version", "lists", "drive_day", "nik", "name", "birth_date", "kit", "device"]
    ),
    st.sampled_from([NIK, "Dewi Anggraini", "2009-06-01", "2009-13-41"]) | st.uuids().map(str) | anything,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=bodies)
def test_whatever_is_asked_is_answered(hall: Hall, tablet: Tablet, body: object) -> None:
    cache.clear()
    browser = Client()
    browser.force_login(hall.operator)

    answers = [
        tablet.post("/api/v1/tablet/ping", body),
        tablet.post("/api/v1/tablet/walk-in-lookup", body),
        post(browser, hall, body),
    ]

    assert {answer.status_code for answer in answers} <= {200, 400, 404, 422}
    assert all(answer["Content-Type"] == "application/json" for answer in answers)


@given(st.lists(st.integers(1, 60)), st.randoms(use_true_random=False))
def test_the_numbers_that_have_come_are_known_in_any_order(numbers: list[int], chance: Any) -> None:
    come: list[int] = []
    for number in numbers:
        come = with_numbers(come, [number])
    chance.shuffle(numbers)

    assert with_numbers([], numbers) == come
    unseen = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    assert missing(come) == unseen[:MOST_NAMED]
    assert highest(come) == (unseen[0] - 1 if unseen else max(numbers, default=0))
    assert lacking(come, until=60) == 60 - len(set(numbers))


def test_who_skips_numbers_without_end_is_remembered_up_to_a_bound() -> None:
    come = with_numbers([], range(1, 10_000, 2))

    assert (len(come), len(missing(come))) == (2 * MOST_STRETCHES, MOST_NAMED)
    assert len(missing(with_numbers([], [2**62]))) == MOST_NAMED


def lookup(tablet: Tablet, hall: Hall, **more: Any) -> Any:
    told = {"nik": NIK, "name": "Dewi Anggraini", "birth_date": "2009-06-01", "drive_day": str(hall.today.pk)}
    return tablet.post("/api/v1/tablet/walk-in-lookup", told | more)


def test_a_guest_is_known_by_all_three_and_nothing_more_is_told(hall: Hall, tablet: Tablet) -> None:
    PersonFactory(name="DEWI ANGGRAINI", nik=NIK)

    assert lookup(tablet, hall, name="anggraini dewi").json() == {"known": True, "needs_recording": True}


@pytest.mark.parametrize("wrong", [{"nik": "3174084106099002"}, {"name": "Dewi"}, {"birth_date": "2009-06-02"}, {"nik": "12"}])
def test_one_thing_wrong_is_as_if_nobody_were_known(hall: Hall, tablet: Tablet, wrong: dict[str, str]) -> None:
    PersonFactory(name="DEWI ANGGRAINI", nik=NIK)

    assert lookup(tablet, hall, **wrong).json() == {"known": False, "needs_recording": None}


@pytest.mark.parametrize("wrong", [{"nik": 3}, {"name": " "}, {"birth_date": "2009-13-01"}, {"birth_date": None}])
def test_a_lookup_needs_all_three(hall: Hall, tablet: Tablet, wrong: dict[str, Any]) -> None:
    assert lookup(tablet, hall, **wrong).status_code == 422


def test_numbers_are_not_tried_out(hall: Hall, tablet: Tablet) -> None:
    answers = [lookup(tablet, hall).status_code for _ in range(MOST_A_QUARTER + 1)]

    assert answers == [200] * MOST_A_QUARTER + [429]


def test_a_revoked_tablet_and_one_without_the_day_look_nobody_up(hall: Hall, tablet: Tablet) -> None:
    elsewhere = lookup(tablet, hall, drive_day=str(hall.tomorrow.pk)).status_code
    revoke(device=tablet.device, by=hall.lead, now=NOW)

    assert (elsewhere, lookup(tablet, hall).status_code) == (404, 410)


def test_leads_see_the_tablets_of_their_office_with_what_they_hold(hall: Hall, tablet: Tablet, client: Client) -> None:
    tablet.ping(unsent=14, held=2, last_sequence=20, version="abc")
    client.force_login(hall.lead)

    page = client.get("/tablets/").content.decode()

    assert [text for text in (tablet.device.name, "SMAN 55 Jakarta", "14", "Rina Operator") if text not in page] == []


def test_the_list_of_tablets_costs_the_same_for_one_and_three(hall: Hall, client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(hall.lead)
    make_ready(hall)
    with django_assert_num_queries(8):
        client.get("/tablets/")
    make_ready(hall)
    make_ready(hall)

    with django_assert_num_queries(8):
        client.get("/tablets/")


def test_revoking_is_asked_once_more_and_done_once(hall: Hall, tablet: Tablet, client: Client) -> None:
    client.force_login(hall.lead)
    address = f"/tablets/{tablet.device.pk}/revoke/"

    asked = client.get(address)
    client.post(address)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        client.post(address)

    device = Device.objects.get()
    assert (asked.status_code, device.revoked_at, device.revoked_by) == (200, NOW, hall.lead)


def test_a_tablet_of_another_office_is_not_there_to_be_revoked(tablet: Tablet, client: Client) -> None:
    client.force_login(UserFactory(**{Role.LEAD_OPERATOR.value: OfficeFactory(name="Suku Dinas lain")}))

    assert client.post(f"/tablets/{tablet.device.pk}/revoke/").status_code == 404

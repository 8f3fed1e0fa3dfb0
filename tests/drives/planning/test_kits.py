"""Recording kits: noted once in an office, and out of service when broken."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from drives.models import Kit, KitOutage
from schools.models import Office, User
from tests.factories import CityFactory, KitFactory, OfficeFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return OfficeFactory()


@pytest.fixture
def admin(client: Client, office: Office) -> User:
    user = UserFactory(system_admin=office)
    client.force_login(user)
    return user


def filled(place: Office, **changes: object) -> dict[str, object]:
    return {"office": place.pk, "name": "Alat 1", "serial": "BIO-1", "is_in_service": "on", "note": ""} | changes


def test_a_kit_is_added_once(client: Client, admin: User, office: Office) -> None:
    answers = [client.post("/kits/add/", filled(office)).status_code for _ in range(2)]

    assert answers == [302, 422]
    assert Kit.objects.get().name == "Alat 1"


def test_a_broken_kit_is_taken_out_of_service(client: Client, admin: User, office: Office) -> None:
    kit = KitFactory(office=office, name="Alat 1")

    client.post(f"/kits/{kit.pk}/", filled(office, is_in_service="", note="Pemindai iris rusak"))

    assert list(Kit.objects.in_service()) == []
    assert "Pemindai iris rusak" in client.get("/kits/").content.decode()


@pytest.mark.parametrize("changes", [{"name": ""}, {"name": "x" * 41}, {"office": "bukan"}, {"note": "x" * 201}])
def test_a_kit_that_cannot_be_is_refused(client: Client, admin: User, office: Office, changes: dict[str, object]) -> None:
    answer = client.post("/kits/add/", filled(office, **changes))

    assert answer.status_code == 422
    assert not Kit.objects.exists()


def test_a_kit_goes_to_the_own_offices_only(client: Client, admin: User) -> None:
    elsewhere = OfficeFactory(name="Sudin Jakarta Timur", region=CityFactory(code="31.75", name="Jakarta Timur"))

    answer = client.post("/kits/add/", filled(elsewhere))

    assert answer.status_code == 422


def test_the_list_asks_as_much_for_three_as_for_one(
    client: Client, admin: User, office: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    KitFactory(office=office)
    with django_assert_num_queries(8):
        client.get("/kits/")
    KitFactory.create_batch(2, office=office)
    with django_assert_num_queries(8):
        client.get("/kits/")


# A planner says when a kit is out of service, and keeps none


@pytest.fixture
def planner(client: Client, office: Office) -> User:
    user = UserFactory(planner=office)
    client.force_login(user)
    return user


def test_a_planner_notes_when_a_kit_is_out_of_service_and_when_it_works_again(
    client: Client, planner: User, office: Office
) -> None:
    kit = KitFactory(office=office, name="Alat 1")
    today = timezone.localdate()

    client.post(f"/kits/{kit.pk}/outage/", {"starts_on": today.isoformat(), "ends_on": "", "reason": "Pemindai iris rusak"})
    outage = KitOutage.objects.get()
    listed = client.get("/kits/").content.decode()
    page = client.get(f"/kits/{kit.pk}/outage/").content.decode()
    client.post(f"/kits/{kit.pk}/outage/{outage.pk}/end/")

    outage.refresh_from_db()
    assert (outage.made_by, outage.ended_by) == (planner, planner)
    assert "Tidak dipakai" in listed
    assert "Pemindai iris rusak" in page


def test_a_planner_neither_adds_nor_renames_a_kit(client: Client, planner: User, office: Office) -> None:
    kit = KitFactory(office=office, name="Alat 1")

    answers = [client.get(url).status_code for url in ("/kits/add/", f"/kits/{kit.pk}/")]

    assert answers == [404, 404]
    assert "/kits/add/" not in client.get("/kits/").content.decode()


def test_a_kit_of_another_office_is_not_there_for_a_planner(client: Client, planner: User) -> None:
    elsewhere = KitFactory(office=OfficeFactory(name="Suku Dinas lain", region=CityFactory(code="31.75")))

    assert client.get(f"/kits/{elsewhere.pk}/outage/").status_code == 404

"""Recording kits: noted once in an office, and out of service when broken."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from drives.models import Kit
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
    with django_assert_num_queries(7):
        client.get("/kits/")
    KitFactory.create_batch(2, office=office)
    with django_assert_num_queries(7):
        client.get("/kits/")

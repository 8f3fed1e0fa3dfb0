"""Users and grants: within the administrator's own offices, and nothing twice."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from schools.models import Grant, Office, Role, School, User
from schools.staff.actions import Scope, end_grant, give_grant, password_link, set_active
from tests.factories import CityFactory, OfficeFactory, SchoolFactory, UserFactory

TODAY = date(2026, 11, 20)


@pytest.fixture
def office(db: None) -> Office:
    return OfficeFactory()


@pytest.fixture
def elsewhere(db: None) -> Office:
    return OfficeFactory(name="Sudin Jakarta Timur", region=CityFactory(code="31.75", name="Jakarta Timur"))


@pytest.fixture
def admin(client: Client, office: Office) -> User:
    user = UserFactory(system_admin=office)
    client.force_login(user)
    return user


def filled(**changes: object) -> dict[str, object]:
    return {
        "name": "Endang Lestari",
        "username": "endang",
        "email": "",
        "role": "planner",
        "office": "",
        "school": "",
        "starts_on": "2026-11-20",
        "ends_on": "",
    } | changes


def test_a_new_user_gets_a_role_and_a_link_that_is_shown_once(client: Client, admin: User, office: Office) -> None:
    page = client.post("/users/add/", filled(office=office.pk), follow=True)

    user = User.objects.get(username="endang")
    assert [(grant.role, grant.office) for grant in user.grants.all()] == [("planner", office)]
    assert not user.has_usable_password()
    assert "/set-password/" in page.content.decode()
    assert "/set-password/" not in client.get(f"/users/{user.pk}/").content.decode()


def test_a_double_submit_makes_one_user(client: Client, admin: User, office: Office) -> None:
    first = client.post("/users/add/", filled(office=office.pk))
    second = client.post("/users/add/", filled(office=office.pk))

    assert (first.status_code, second.status_code) == (302, 422)
    assert "Nama pengguna ini sudah dipakai." in second.content.decode()
    assert Grant.objects.filter(user__username="endang").count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"role": "planner"}, "Peran ini memerlukan kantor."),
        ({"role": "school_admin"}, "Admin sekolah memerlukan sekolah."),
        ({"role": "school_admin", "school": "sman 999"}, "Tidak ada sekolah di kantor Anda dengan nama itu."),
        ({"role": "school_admin", "school": "sman"}, "Ada beberapa sekolah dengan nama itu"),
        ({"starts_on": "kemarin"}, "Tulis tanggal, misalnya 2026-11-24."),
        ({"ends_on": "2026-11-01"}, "Hari terakhir mendahului hari pertama."),
        ({"username": "dua kata"}, "Masukkan nama pengguna valid"),
        ({"name": ""}, "Bidang ini tidak boleh kosong."),
        ({"role": "raja"}, "raja"),
    ],
)
def test_bad_input_is_answered_beside_its_field(
    client: Client, admin: User, office: Office, changes: dict[str, object], sentence: str
) -> None:
    SchoolFactory(name="SMAN 8 Jakarta")
    SchoolFactory(name="SMAN 28 Jakarta")

    answer = client.post("/users/add/", filled(**changes))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not User.objects.filter(username="endang").exists()


def test_a_school_is_understood_as_people_say_it(client: Client, admin: User) -> None:
    school = SchoolFactory(name="SMAN 8 Jakarta")
    SchoolFactory(name="SMAN 28 Jakarta")

    client.post("/users/add/", filled(role="school_admin", school="sman 8"))

    assert Grant.objects.get(user__username="endang").school == school


def test_no_role_is_given_beyond_the_own_offices(client: Client, admin: User, elsewhere: Office) -> None:
    foreign_school = SchoolFactory(office=elsewhere, name="SMAN 200 Jakarta")

    office = client.post("/users/add/", filled(office=elsewhere.pk))
    school = client.post("/users/add/", filled(role="school_admin", school=foreign_school.npsn))

    assert (office.status_code, school.status_code) == (422, 422)
    assert not User.objects.filter(username="endang").exists()


def test_the_same_role_is_not_given_twice(office: Office) -> None:
    user = UserFactory(planner=office)

    with pytest.raises(ValidationError) as refusal:
        give_grant(user=user, scope=Scope(Role.PLANNER, office, None), starts_on=TODAY, ends_on=None)

    assert refusal.value.code == "grant_exists"


def test_a_role_ends_with_its_last_day(office: Office) -> None:
    grant = UserFactory(planner=office).grants.get()

    end_grant(grant=grant, last_day=TODAY, by=UserFactory(system_admin=office))

    assert Grant.objects.in_force(TODAY).filter(pk=grant.pk).exists()
    assert not Grant.objects.in_force(TODAY + timedelta(days=1)).filter(pk=grant.pk).exists()


def test_a_role_that_would_end_before_it_began_goes(office: Office) -> None:
    grant = UserFactory(planner=office).grants.get()

    end_grant(grant=grant, last_day=grant.starts_on - timedelta(days=1), by=UserFactory(system_admin=office))

    assert not Grant.objects.filter(pk=grant.pk).exists()


def test_an_administrator_cannot_end_the_own_role(client: Client, admin: User) -> None:
    grant = admin.grants.get()

    answer = client.post(f"/grants/{grant.pk}/end/", {"last_day": "2026-11-20"})

    grant.refresh_from_db()
    assert answer.status_code == 422
    assert grant.ends_on is None


def test_an_account_with_a_role_elsewhere_is_out_of_reach(office: Office, elsewhere: Office) -> None:
    admin, user = UserFactory(system_admin=office), UserFactory(planner=office, official=elsewhere)

    with pytest.raises(ValidationError) as link:
        password_link(user=user, by=admin, day=TODAY)
    with pytest.raises(ValidationError) as closed:
        set_active(user=user, is_active=False, by=admin, day=TODAY)

    assert (link.value.code, closed.value.code) == ("other_office", "other_office")


def test_who_is_deactivated_is_out_with_the_next_page(client: Client, admin: User, office: Office) -> None:
    user = UserFactory(planner=office)
    theirs = Client()
    theirs.force_login(user)

    client.post(f"/users/{user.pk}/deactivate/")

    assert theirs.get("/profile/").status_code == 302


def test_nobody_deactivates_the_own_account(client: Client, admin: User) -> None:
    client.post(f"/users/{admin.pk}/deactivate/")

    admin.refresh_from_db()
    assert admin.is_active


def test_the_list_is_filtered_by_its_address(client: Client, admin: User, office: Office) -> None:
    UserFactory(name="Ratna Wulandari", username="ratna", planner=office)
    UserFactory(name="Budi Santoso", operator=office, is_active=False)

    def names(query: str) -> list[str]:
        return [user.name for user in client.get(f"/users/{query}").context["page"]]

    assert names("?q=wulan ratna") == ["Ratna Wulandari"]
    assert names("?role=planner") == ["Ratna Wulandari"]
    assert names("?state=inactive") == ["Budi Santoso"]
    assert names("?q=zzz") == []
    assert len(names("?role=xx&state=yy&page=abc")) == 2


def test_the_list_asks_as_much_for_three_as_for_one(
    client: Client, admin: User, office: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(9):
        client.get("/users/")
    UserFactory.create_batch(3, planner=office)
    with django_assert_num_queries(9):
        client.get("/users/")


def test_an_offices_rules_are_kept(client: Client, admin: User, office: Office) -> None:
    page = client.get(f"/offices/{office.pk}/")
    values = {name: "" if value is None else value for name, value in page.context["form"].initial.items()}

    answer = client.post(f"/offices/{office.pk}/", values | {"minutes_per_person": "8", "phone": "021 7990 1234"})

    office.refresh_from_db()
    assert answer.status_code == 302
    assert (office.minutes_per_person, office.phone) == (8, "+622179901234")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minutes_per_person", "0"),
        ("minutes_per_person", "sepuluh"),
        ("slack_percent", "95"),
        ("slot_minutes", "5"),
        ("minimum_age_months", "12"),
        ("notices_until_hour", "7"),
        ("phone", "bukan nomor"),
        ("email", "bukan surel"),
        ("target_percent", "50"),
        ("time_zone", "Mars/Kota"),
        ("name", ""),
        ("minutes_per_person", "9" * 40),
    ],
)
def test_a_rule_that_cannot_be_is_refused(client: Client, admin: User, office: Office, field: str, value: str) -> None:
    page = client.get(f"/offices/{office.pk}/")
    values = {name: "" if kept is None else kept for name, kept in page.context["form"].initial.items()}

    answer = client.post(f"/offices/{office.pk}/", values | {field: value})

    assert answer.status_code == 422
    assert "jb-errors" in answer.content.decode()


def test_a_school_of_the_own_offices_alone_is_offered(office: Office, elsewhere: Office) -> None:
    own, _foreign = SchoolFactory(), SchoolFactory(office=elsewhere)

    assert list(School.objects.visible_to(UserFactory(system_admin=office))) == [own]

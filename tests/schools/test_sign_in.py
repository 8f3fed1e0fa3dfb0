"""Signing in: the way through, the lock, and what a failure says."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from schools.models import Office, User
from schools.staff.actions import password_link
from tests.factories import TODAY, OfficeFactory, UserFactory

PASSWORD = "kalimat panjang sekali"
HERE = "/sign-in/"
REFUSAL = "Nama pengguna atau kata sandi tidak cocok."


@pytest.fixture
def office(db: None) -> Office:
    cache.clear()
    return OfficeFactory()


@pytest.fixture
def planner(office: Office) -> User:
    user = UserFactory(username="ratna", planner=office)
    user.set_password(PASSWORD)
    user.save()
    return user


def attempt(client: Client, username: str, password: str, address: str = "10.0.0.1", **more: str) -> int:
    answer = client.post(HERE, {"username": username, "password": password, **more}, REMOTE_ADDR=address)
    return answer.status_code


def test_the_right_password_opens_the_page_that_was_asked_for(client: Client, planner: User) -> None:
    answer = client.post(HERE, {"username": "ratna", "password": PASSWORD, "next": "/profile/"})

    assert answer.headers["Location"] == "/profile/"


@pytest.mark.parametrize("elsewhere", ["https://jahat.example/", "//jahat.example", "javascript:alert(1)"])
def test_an_address_elsewhere_is_not_followed(client: Client, planner: User, elsewhere: str) -> None:
    answer = client.post(HERE, {"username": "ratna", "password": PASSWORD, "next": elsewhere})

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(("username", "password"), [("ratna", "salah"), ("tidak-ada", PASSWORD), ("", ""), ("\x00", "x")])
def test_a_failure_does_not_say_what_was_wrong(client: Client, planner: User, username: str, password: str) -> None:
    answer = client.post(HERE, {"username": username, "password": password})

    assert answer.status_code == 422
    assert REFUSAL in answer.content.decode()


def test_a_deactivated_account_is_refused_with_the_same_words(client: Client, planner: User) -> None:
    User.objects.filter(pk=planner.pk).update(is_active=False)

    answer = client.post(HERE, {"username": "ratna", "password": PASSWORD})

    assert REFUSAL in answer.content.decode()


def test_five_failures_lock_the_account_from_this_address_alone(client: Client, planner: User) -> None:
    failures = [attempt(client, "ratna", "salah") for _ in range(5)]

    here = attempt(client, "ratna", PASSWORD)
    elsewhere = attempt(Client(), "ratna", PASSWORD, address="10.0.0.2")

    assert failures == [422, 422, 422, 422, 429]
    assert (here, elsewhere) == (429, 302)


def test_others_at_the_same_address_still_come_in(client: Client, planner: User, office: Office) -> None:
    for _ in range(5):
        attempt(client, "seseorang", "salah")

    assert attempt(client, "ratna", PASSWORD) == 302


def test_the_demonstrations_buttons_exist_in_a_demonstration_only(client: Client, office: Office, settings: Settings) -> None:
    UserFactory(username="demo-planner", planner=office)

    settings.DEMO = False
    without = client.get(HERE).content.decode(), client.post(HERE, {"demo": "demo-planner"}).status_code
    settings.DEMO = True
    within = client.get(HERE).content.decode(), client.post(HERE, {"demo": "demo-planner"}).status_code

    assert ("demo-planner" in without[0], without[1]) == (False, 404)
    assert ("demo-planner" in within[0], within[1]) == (True, 302)


def test_no_other_account_is_signed_in_by_button(client: Client, planner: User, settings: Settings) -> None:
    settings.DEMO = True

    assert client.post(HERE, {"demo": "ratna"}).status_code == 404


def test_signing_out_takes_a_post(client: Client, planner: User) -> None:
    client.force_login(planner)

    assert client.get(reverse("schools:sign_out")).status_code == 405
    assert client.post(reverse("schools:sign_out")).headers["Location"] == HERE
    assert client.get("/profile/").status_code == 302


def test_who_holds_no_role_lands_on_the_profile(client: Client, db: None) -> None:
    user = UserFactory(username="baru")
    user.set_password(PASSWORD)
    user.save()

    answer = client.post(HERE, {"username": "baru", "password": PASSWORD})

    assert answer.headers["Location"] == "/profile/"


def test_the_profile_changes_language_and_colours(client: Client, planner: User) -> None:
    client.force_login(planner)

    client.post("/profile/", {"language": "en", "colour_scheme": "dark"})

    planner.refresh_from_db()
    assert (planner.language, planner.colour_scheme) == ("en", "dark")
    assert "How the pages look" in client.get("/profile/").content.decode()


def test_a_strange_language_is_refused_beside_its_field(client: Client, planner: User) -> None:
    client.force_login(planner)

    answer = client.post("/profile/", {"language": "xx", "colour_scheme": "dark"})

    assert answer.status_code == 422
    assert 'id="error_1_id_language"' in answer.content.decode() or "invalid-feedback" in answer.content.decode()


def test_a_password_link_works_once(client: Client, planner: User, office: Office) -> None:
    link = password_link(user=planner, by=UserFactory(system_admin=office), day=TODAY)
    chosen = {"new_password1": "kereta hijau ke bogor", "new_password2": "kereta hijau ke bogor"}

    first, second = client.post(link, chosen), client.post(link, chosen)

    assert (first.status_code, second.status_code) == (302, 410)
    assert attempt(client, "ratna", "kereta hijau ke bogor") == 302


def test_making_a_link_ends_the_present_password_and_earlier_links(client: Client, planner: User, office: Office) -> None:
    admin = UserFactory(system_admin=office)
    earlier = password_link(user=planner, by=admin, day=TODAY)

    later = password_link(user=planner, by=admin, day=TODAY)

    assert attempt(client, "ratna", PASSWORD) == 422
    assert (client.get(earlier).status_code, client.get(later).status_code) == (410, 200)


@pytest.mark.parametrize("path", ["/set-password/x/y/", "/set-password/!!!!/a-b/", "/set-password/AA/" + "9" * 300 + "/"])
def test_a_made_up_link_says_so(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 410


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page_and_not_to_a_405(client: Client, planner: User) -> None:
    to_sign_in = client.post("/sign-out/", headers={"Referer": "http://testserver/schools/?q=55"})
    answer = client.post(to_sign_in.headers["Location"], {"username": "ratna", "password": PASSWORD})

    assert answer.headers["Location"] == "/schools/?q=55"


def test_a_form_from_elsewhere_leads_to_signing_in_alone(client: Client, db: None) -> None:
    answer = client.post("/sign-out/", headers={"Referer": "https://jahat.example/x"})

    assert answer.headers["Location"] == HERE


def test_who_sent_something_after_the_session_ended_is_told_that_it_is_not_saved(client: Client, db: None) -> None:
    told = "belum tersimpan"
    answer = client.post("/schools/", headers={"HX-Request": "true"})
    assert told in client.get(answer.headers["HX-Redirect"]).content.decode()

    for nothing_lost in (client.get, client.post):
        address = "/sign-out/" if nothing_lost == client.post else "/schools/"
        assert told not in client.get(nothing_lost(address).headers["Location"]).content.decode()


def test_a_fragment_asked_for_after_the_session_ended_takes_the_whole_page_to_signing_in(client: Client, db: None) -> None:
    asked_by = {"HX-Request": "true", "HX-Current-URL": "http://testserver/schools/?q=55"}

    answer = client.get("/schools/", headers=asked_by)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Fschools%2F%3Fq%3D55"

"""What holds for every page: addresses that no page can read, and caches that keep no person."""

import pytest
from django.test import Client

from tests.factories import OfficeFactory, SchoolFactory, UserFactory


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/schools/", "/coverage/", "/students/", "/drives/", "/notices/"])
def test_a_nul_in_the_address_is_a_bad_request_on_any_page(client: Client, page: str) -> None:
    client.force_login(UserFactory(planner=OfficeFactory()))

    answers = [client.get(f"{page}?{name}=a%00b").status_code for name in ("q", "region", "page", "school")]

    assert answers == [400, 400, 400, 400]


@pytest.mark.django_db
def test_a_page_with_persons_is_stored_by_no_cache(client: Client) -> None:
    school = SchoolFactory()
    client.force_login(UserFactory(planner=school.office))

    kept = {page: client.get(page).headers["Cache-Control"] for page in ("/", "/students/", f"/schools/{school.npsn}/")}

    assert set(kept.values()) == {"private, no-store"}


@pytest.mark.django_db
def test_a_view_may_say_itself_how_its_answer_is_kept(client: Client) -> None:
    client.force_login(UserFactory(planner=OfficeFactory()))

    assert "must-revalidate" in client.get("/profile/password/").headers["Cache-Control"]

"""What holds for every page: addresses that no page can read, and caches that keep no person."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from structlog.testing import capture_logs

from config.requests import LoggedRequestMiddleware
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


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("/students/?q=Siti+Rahmawati", "GET /students/"),
        ("/s/KzNeEKElkzRuX9O8HVOD_Q/", "GET /s/…/"),
        ("/s/KzNeEKElkzRuX9O8HVOD_Q/calendar.ics", "GET /s/…/calendar.ics"),
        ("/set-password/AA/c8x-1234/", "GET /set-password/…"),
        ("/schools/3174014101099001/", "GET /schools/…/"),
        ("/schools/20102575/", "GET /schools/20102575/"),
    ],
)
def test_a_log_line_opens_no_door_and_names_nobody(rf: RequestFactory, address: str, written: str) -> None:
    assert LoggedRequestMiddleware(lambda _request: None).format_request(rf.get(address)) == written  # type: ignore[arg-type,return-value]


@pytest.mark.django_db
def test_no_log_line_of_a_request_holds_its_query_or_a_students_link(client: Client, caplog: Any) -> None:
    with capture_logs() as lines:
        client.get("/s/token-dari-lembar-undangan/?q=3174014101099001")

    logged = str(lines) + caplog.text
    assert lines
    assert "token-dari" not in logged
    assert "3174014101099001" not in logged

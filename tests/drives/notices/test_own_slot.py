"""The student's own page: nothing before the birth date, a few tries, one's own time alone."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from drives.models import Appointment, Drive, SlotRequest, Visit
from drives.notices import attempts, ics
from tests.drives.notices.drives import PUBLISHED_AT, Scene, open_own_slot, published_drive, visit_for
from tests.factories import DukcapilStatusFactory

pytestmark = pytest.mark.django_db
WRONG = date(2009, 6, 2)


@pytest.fixture(autouse=True)
def _the_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(PUBLISHED_AT, tick=False):
        yield
    cache.clear()


@pytest.fixture
def scene() -> Scene:
    return published_drive()


def page(client: Client, visit: Visit) -> str:
    return client.get(f"/s/{visit.token}/").content.decode()


def test_nothing_personal_stands_there_before_the_birth_date(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)

    response = client.get(f"/s/{visit.token}/")

    said = response.content.decode()
    assert [word for word in ("Anindya", "SMAN 55", "07.00", "November", visit.code) if word in said] == []
    assert (response.status_code, response["X-Robots-Tag"], response["Referrer-Policy"]) == (
        200,
        "noindex, nofollow",
        "same-origin",
    )
    assert "no-store" in response["Cache-Control"]


def test_the_right_birth_date_shows_time_place_and_what_to_bring(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)

    assert open_own_slot(client, visit) == 302

    said = page(client, visit)
    expected = ["Anindya", "Selasa, 24 November 2026", "07.00–07.30 WIB", "Aula, SMAN 55 Jakarta", "fotokopi kartu", "GRATIS"]
    assert [word for word in expected if word not in said] == []


def test_what_one_link_has_opened_stays_shut_for_another(client: Client) -> None:
    scene = published_drive(people=2)
    first = visit_for(scene)
    second = type(first).objects.create(
        drive=scene.drive, person=scene.persons[1], office=scene.drive.office, token="b" * 22, code="BBBBBB",
        created_at=PUBLISHED_AT,
    )  # fmt: skip
    open_own_slot(client, first)

    assert "07.00" not in page(client, second)


def test_after_half_an_hour_the_birth_date_is_asked_again(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)
    open_own_slot(client, visit)

    with time_machine.travel(PUBLISHED_AT + timedelta(minutes=31), tick=False):
        assert "07.00" not in page(client, visit)


def test_five_wrong_birth_dates_shut_the_link_even_for_the_right_one(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)

    answers = [open_own_slot(client, visit, WRONG) for _ in range(6)]

    assert answers == [422, 422, 422, 422, 422, 429]
    assert open_own_slot(client, visit) == 429
    assert "07.00" not in page(client, visit)


def test_another_address_does_not_open_a_link_that_is_shut(scene: Scene) -> None:
    visit = visit_for(scene)
    for number in range(5):
        open_own_slot(Client(REMOTE_ADDR=f"10.0.0.{number}"), visit, WRONG)

    assert open_own_slot(Client(REMOTE_ADDR="10.0.1.1"), visit) == 429


def test_an_address_that_tries_many_links_is_shut_out(client: Client) -> None:
    tries = [attempts.count_one(token=f"token {number}", address="10.0.0.1") for number in range(31)]

    assert tries == [True] * 30 + [False]


def test_right_birth_dates_are_not_counted(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)

    assert [open_own_slot(client, visit) for _ in range(8)] == [302] * 8


def test_a_date_that_does_not_exist_is_no_try(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)

    answers = [client.post(f"/s/{visit.token}/", {"day": 31, "month": 2, "year": 2009}).status_code for _ in range(7)]

    assert answers == [422] * 7
    assert open_own_slot(client, visit) == 302


def test_wrong_revoked_and_unpublished_links_are_the_same_page(client: Client, scene: Scene) -> None:
    revoked = visit_for(scene)
    Visit.objects.filter(pk=revoked.pk).update(token_revoked_at=PUBLISHED_AT)
    other = published_drive(nik="")
    draft = visit_for(other)
    Drive.objects.filter(pk=other.drive.pk).update(status="draft", published_at=None)

    pages = [client.get(f"/s/{token}/") for token in ("nothing", revoked.token, draft.token)]

    assert [response.status_code for response in pages] == [404, 404, 404]
    assert len({response.content for response in pages}) == 1


@pytest.mark.parametrize(
    ("status", "sentence"), [("cancelled", "Kegiatan ini dibatalkan"), ("published", "Saat ini Anda belum mendapat waktu")]
)
def test_who_has_no_time_any_more_is_told_so_kindly(client: Client, scene: Scene, status: str, sentence: str) -> None:
    visit = visit_for(scene)
    Appointment.objects.filter(person=visit.person).update(ending="cancelled", ended_at=PUBLISHED_AT)
    Drive.objects.filter(pk=scene.drive.pk).update(status=status)
    open_own_slot(client, visit)

    assert sentence in page(client, visit)


def test_who_is_recorded_need_not_come(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)
    DukcapilStatusFactory(person=visit.person, dated_on=date(2026, 11, 17))
    open_own_slot(client, visit)

    said = page(client, visit)
    assert ("Anda sudah direkam" in said, "17 November 2026" in said, "07.00" in said) == (True, True, False)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_the_calendar_file_holds_time_and_place_and_nothing_personal(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)
    shut = client.get(f"/s/{visit.token}/calendar.ics")
    open_own_slot(client, visit)

    response = client.get(f"/s/{visit.token}/calendar.ics")

    lines = unfolded(response.content.decode())
    assert (shut.status_code, response["Content-Type"]) == (302, "text/calendar; charset=utf-8")
    assert {"DTSTART:20261124T000000Z", "DTEND:20261124T003000Z", "LOCATION:Aula\\, SMAN 55 Jakarta"} <= set(lines)
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    assert [word for word in ("ANINDYA", visit.token, visit.code) if word in response.content.decode()] == []


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300))
def test_any_text_survives_folding_and_escaping(text: str) -> None:
    event = ics.Event("uid", PUBLISHED_AT, PUBLISHED_AT, PUBLISHED_AT, text, "", "")

    file = ics.calendar(event)

    assert max(len(line.encode()) for line in file.split("\r\n")) <= 75
    summary = next(line for line in unfolded(file) if line.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    plain = summary.replace("\\\\", "\0").replace("\\;", ";").replace("\\,", ",").replace("\0", "\\")
    assert plain == text


def test_a_request_for_another_time_waits_for_the_school_and_is_asked_once(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)
    open_own_slot(client, visit)

    for note in ("Ada lomba", "Sekali lagi"):
        client.post(f"/s/{visit.token}/request/", {"note": note})

    asked = SlotRequest.objects.get()
    assert (asked.note, asked.school, asked.answered_at) == ("Ada lomba", visit.school, None)
    assert "Permintaan Anda sudah diteruskan" in page(client, visit)


def test_nobody_asks_without_the_birth_date(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)

    response = client.post(f"/s/{visit.token}/request/", {"note": "Ada lomba"})

    assert (response.status_code, SlotRequest.objects.count()) == (302, 0)


def test_an_empty_request_is_refused_beside_its_field(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)
    open_own_slot(client, visit)

    assert client.post(f"/s/{visit.token}/request/", {"note": " "}).status_code == 422
    assert SlotRequest.objects.count() == 0

"""The log, the texts of a drive and the decisions: for planners, and for a school its own."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from drives.models import Notice, SlotRequest
from drives.notices import outbox
from tests.drives.notices.drives import NIK, PUBLISHED_AT, Scene, open_own_slot, published_drive, visit_for
from tests.factories import AppointmentFactory, ClassGroupFactory, OfficeFactory, PersonFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    made = published_drive(people=2)
    made.plan()
    return made


def signed_in(client: Client, **role: Any) -> Client:
    client.force_login(UserFactory(**role))
    return client


def texts_page(client: Client, scene: Scene) -> Any:
    return client.get(reverse("drives:drive_notices", args=[scene.drive.pk]))


def test_a_school_finds_the_text_of_each_class_ready_to_copy(client: Client, scene: Scene) -> None:
    response = texts_page(signed_in(client, school_admin=scene.drive.school), scene)

    said = response.content.decode()
    assert [name for name in ("kelas XI 1*", "kelas XI 2*", "Yang dibawa: fotokopi") if name not in said] == []
    assert [word for word in (NIK, "ANINDYA") if word in said] == []


def test_sharing_a_text_is_noted_by_whoever_shared_it(client: Client, scene: Scene) -> None:
    desk = signed_in(client, school_admin=scene.drive.school)
    notice = Notice.objects.get(channel="copy", recipient="XI 1")

    for _ in range(2):
        page = desk.post(reverse("drives:notice_mark_sent", args=[notice.pk]), follow=True)

    notice.refresh_from_db()
    assert (notice.sent_at is not None, "Sudah dibagikan" in page.content.decode()) == (True, True)


def test_a_school_does_not_decide_about_e_mails(client: Client, scene: Scene) -> None:
    desk = signed_in(client, school_admin=scene.drive.school)
    outbox.claim(sender="dead", now=PUBLISHED_AT)
    notice = Notice.objects.filter(channel="email").first()
    assert notice is not None

    addresses = [reverse(f"drives:{name}", args=[notice.pk]) for name in ("notice_resend", "notice_mark_sent")]

    assert [desk.post(address).status_code for address in addresses] == [404, 404]


def test_what_is_uncertain_is_shown_first_and_decided(client: Client, scene: Scene) -> None:
    desk = signed_in(client, planner=scene.drive.office)
    outbox.claim(sender="dead", now=PUBLISHED_AT)

    with time_machine.travel(PUBLISHED_AT + timedelta(hours=1), tick=False):
        page = desk.get(reverse("drives:notice_list"), {"state": "uncertain"})
        notices = list(Notice.objects.filter(claimed_at__isnull=False).order_by("recipient"))
        desk.post(reverse("drives:notice_resend", args=[notices[0].pk]), {"next": "/notices/?state=uncertain"})
        back = desk.post(reverse("drives:notice_mark_sent", args=[notices[1].pk]), {"next": "//elsewhere.example/"})

    assert ("2 pemberitahuan menunggu keputusan" in page.content.decode(), len(page.context["entries"])) == (True, 2)
    assert [bool(Notice.objects.get(pk=notice.pk).sent_at) for notice in notices] == [False, True]
    assert back["Location"] == reverse("drives:drive_notices", args=[scene.drive.pk])


def test_the_log_can_be_filtered_by_kind(client: Client, scene: Scene) -> None:
    desk = signed_in(client, planner=scene.drive.office)

    page = desk.get(reverse("drives:notice_list"), {"kind": "reminder_1"})

    assert {entry.notice.kind for entry in page.context["entries"]} == {"reminder_1"}


def test_a_draft_shows_what_publishing_would_send(client: Client) -> None:
    scene = published_drive()
    type(scene.drive).objects.filter(pk=scene.drive.pk).update(status="draft", published_at=None)

    with time_machine.travel(PUBLISHED_AT, tick=False):
        page = texts_page(signed_in(client, planner=scene.drive.office), scene)

    assert "6 surel tentang 2 tempat dalam 2 kelas." in page.content.decode()


def test_a_request_is_shown_to_the_school_and_settled(client: Client, scene: Scene) -> None:
    visit = visit_for(scene)
    student = Client()
    with time_machine.travel(PUBLISHED_AT, tick=False):
        open_own_slot(student, visit)
        student.post(f"/s/{visit.token}/request/", {"note": "Ada lomba"})
    desk = signed_in(client, school_admin=scene.drive.school)

    page = texts_page(desk, scene).content.decode()
    desk.post(reverse("drives:slot_request_answer", args=[SlotRequest.objects.get().pk]))

    assert ("Ada lomba" in page, SlotRequest.objects.unanswered().count()) == (True, 0)


def test_other_schools_offices_and_roles_find_nothing(client: Client, scene: Scene) -> None:
    notice = Notice.objects.get(channel="copy", recipient="XI 1")
    strangers: list[dict[str, Any]] = [
        {"school_admin": SchoolFactory()},
        {"planner": OfficeFactory(name="Suku Dinas Dukcapil Jakarta Pusat")},
        {"official": scene.drive.office},
        {"operator": scene.drive.office},
        {"system_admin": scene.drive.office},
    ]

    answers = set()
    for role in strangers:
        desk = signed_in(client, **role)
        answers |= {
            texts_page(desk, scene).status_code,
            desk.post(reverse("drives:notice_mark_sent", args=[notice.pk])).status_code,
        }

    assert answers == {404}


def test_strangers_are_sent_to_the_sign_in_page(client: Client, scene: Scene) -> None:
    answers = [client.get(reverse("drives:notice_list")), texts_page(client, scene)]

    assert [response["Location"].partition("?")[0] for response in answers] == [reverse("schools:sign_in")] * 2


def test_the_log_asks_the_same_number_of_questions_for_few_rows_and_many(
    client: Client, scene: Scene, django_assert_num_queries: Any
) -> None:
    desk = signed_in(client, planner=scene.drive.office)
    desk.get(reverse("drives:notice_list"))
    with django_assert_num_queries(10):
        desk.get(reverse("drives:notice_list"))
    other = published_drive(nik="")
    other.plan()

    with django_assert_num_queries(10):
        desk.get(reverse("drives:notice_list"))


def test_a_drive_page_asks_the_same_number_of_questions_for_two_classes_and_for_four(
    client: Client, scene: Scene, django_assert_num_queries: Any
) -> None:
    desk = signed_in(client, school_admin=scene.drive.school)
    texts_page(desk, scene)
    with django_assert_num_queries(10):
        texts_page(desk, scene)
    for name in ("XI 3", "XI 4"):
        group = ClassGroupFactory(school=scene.drive.school, name=name, homeroom_email="x@guru.example")
        AppointmentFactory(timeslot=scene.slot, person=PersonFactory(enrolled=group), class_group=group)
    scene.plan()

    with django_assert_num_queries(10):
        page = texts_page(desk, scene)
    assert len(page.context["texts"]) == 4

"""A schedule and its notices change together, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from drives.models import Appointment, Drive, KitDuty, Notice
from drives.notices.actions import statement
from drives.planning.actions import assign_everybody, create_drive, free_place
from drives.publishing import actions
from schools.models import User
from students.models import ClassGroup
from tests.drives.planning.pupils import FRIDAY, make_kits, make_school, plan
from tests.factories import OfficeFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def planner(client: Client) -> User:
    user = UserFactory(planner=OfficeFactory())
    client.force_login(user)
    return user


@pytest.fixture
def drive(planner: User) -> Drive:
    make_kits(1)
    school = make_school({"XI MERDEKA 1": (3, 0), "XI MERDEKA 2": (3, 0)})
    ClassGroup.objects.update(homeroom_email="wali@sekolah.example")
    found = create_drive(school=school, plan=plan(kits=1), by=planner, now=FRIDAY)
    assign_everybody(drive=found, by=planner, now=FRIDAY)
    return found


def notices(drive: Drive) -> int:
    return Notice.objects.filter(drive=drive, withdrawn_at=None).count()


def test_publishing_writes_the_very_notices_that_the_statement_names(client: Client, drive: Drive) -> None:
    url = reverse("drives:drive_publish", args=[drive.pk])
    said = statement(drive, now=FRIDAY)
    page = client.get(url)
    assert page.context["statement"] == said
    assert Notice.objects.count() == 0

    client.post(url)

    drive.refresh_from_db()
    assert drive.status == "published"
    assert notices(drive) == sum(line.count for line in said.lines) > 0


def test_publishing_twice_sends_nothing_twice(drive: Drive, planner: User) -> None:
    actions.publish(drive=drive, by=planner, now=FRIDAY)
    before = notices(drive)

    actions.publish(drive=drive, by=planner, now=FRIDAY + timedelta(hours=1))

    drive.refresh_from_db()
    assert (notices(drive), drive.revision) == (before, 1)


def test_a_refused_publication_writes_no_notice(client: Client, drive: Drive) -> None:
    Appointment.objects.all().delete()

    response = client.post(reverse("drives:drive_publish", args=[drive.pk]), follow=True)

    assert "Belum ada siswa yang mendapat tempat." in response.content.decode()
    assert (Notice.objects.count(), Drive.objects.get().status) == (0, "draft")


def test_a_late_change_is_told_once(client: Client, drive: Drive, planner: User) -> None:
    url = reverse("drives:drive_publish", args=[drive.pk])
    actions.publish(drive=drive, by=planner, now=FRIDAY)
    assert not actions.has_unannounced_changes(drive)
    free_place(appointment=Appointment.objects.live().order_by("pk")[0], by=planner, now=FRIDAY)
    drive.refresh_from_db()
    assert actions.has_unannounced_changes(drive)

    client.post(url)
    told = Notice.objects.filter(drive=drive, revision=2).count()
    client.post(url)

    assert told > 0
    assert Notice.objects.filter(drive=drive, revision=2).count() == told
    assert not Notice.objects.filter(drive=drive, revision=1, withdrawn_at=None).exists()


def test_withdrawing_takes_back_what_has_not_left(client: Client, drive: Drive, planner: User) -> None:
    actions.publish(drive=drive, by=planner, now=FRIDAY)

    client.post(reverse("drives:drive_withdraw", args=[drive.pk]))

    drive.refresh_from_db()
    assert (drive.status, notices(drive)) == ("draft", 0)


def test_a_withdrawn_schedule_is_told_anew_when_it_is_published_again(drive: Drive, planner: User) -> None:
    actions.publish(drive=drive, by=planner, now=FRIDAY)
    actions.withdraw(drive=drive, by=planner, now=FRIDAY)

    actions.publish(drive=drive, by=planner, now=FRIDAY)

    drive.refresh_from_db()
    assert drive.revision == 2
    assert notices(drive) == Notice.objects.filter(drive=drive, revision=2).count() > 0


def test_cancelling_tells_whom_something_has_reached(client: Client, drive: Drive, planner: User) -> None:
    actions.publish(drive=drive, by=planner, now=FRIDAY)
    reached = Notice.objects.filter(channel="email").order_by("due_at", "pk")[0]
    Notice.objects.filter(pk=reached.pk).update(claimed_at=FRIDAY, sent_at=FRIDAY)
    url = reverse("drives:drive_cancel", args=[drive.pk])

    assert client.post(url, {"reason": " "}).status_code == 422
    client.post(url, {"reason": "Sekolah banjir"})
    client.post(url, {"reason": "Sekolah banjir"})

    drive.refresh_from_db()
    assert (drive.status, drive.cancel_reason) == ("cancelled", "Sekolah banjir")
    assert [each.recipient for each in Notice.objects.filter(kind="cancelled")] == [reached.recipient]
    assert not KitDuty.objects.filter(released_at=None).exists()

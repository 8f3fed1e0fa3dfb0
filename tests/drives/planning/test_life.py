"""Publishing, withdrawing and cancelling; who is on duty."""

from datetime import timedelta

import pytest

from drives.models import Appointment, Drive, DriveDay, KitDuty, Visit
from drives.planning.actions import (
    assign_everybody,
    cancel_drive,
    free_place,
    publish_drive,
    set_operators,
    withdraw_publication,
)
from schools.models import AuditEntry, Office, User
from tests.drives.planning.pupils import (
    FRIDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    refused,
)
from tests.factories import (
    OfficeFactory,
    UserFactory,
    at,
)

pytestmark = pytest.mark.django_db


# Publishing and cancelling


def test_publishing_is_done_once_and_stands_in_the_audit(board: Drive, planner: User) -> None:
    publish_drive(drive=board, by=planner, now=FRIDAY)
    publish_drive(drive=board, by=planner, now=FRIDAY + timedelta(hours=1))

    board.refresh_from_db()
    assert (board.status, board.revision, board.published_at, board.published_by) == ("published", 1, FRIDAY, planner)
    (entry,) = AuditEntry.objects.filter(action=AuditEntry.Action.PUBLISHED)
    assert (entry.subject_id, entry.by, entry.detail) == (board.pk, planner, {"revision": 1, "people": 14})


@pytest.mark.parametrize(("offered_to", "kept"), [("nobody", (None, True)), ("printable", (18, True)), ("recorded", (18, False))])
def test_from_its_publication_on_a_drive_keeps_to_whom_ikd_is_offered(
    board: Drive, planner: User, offered_to: str, kept: tuple[int | None, bool]
) -> None:
    Office.objects.filter(pk=board.office_id).update(ikd_offered_to=offered_to, ikd_minimum_age=18)

    publish_drive(drive=board, by=planner, now=FRIDAY)
    Office.objects.filter(pk=board.office_id).update(ikd_offered_to="recorded", ikd_minimum_age=17)

    board.refresh_from_db()
    assert (board.ikd_minimum_age, board.ikd_needs_printable) == kept


def test_a_drive_without_anybody_is_not_published(drive: Drive) -> None:
    with refused("nobody_scheduled"):
        publish_drive(drive=drive, by=None, now=FRIDAY)


def test_a_drive_that_has_passed_is_not_published(board: Drive) -> None:
    with refused("past_day"):
        publish_drive(drive=board, by=None, now=at(THURSDAY, "18.00"))


def test_a_late_change_gives_the_schedule_a_new_revision(board: Drive, planner: User) -> None:
    publish_drive(drive=board, by=planner, now=FRIDAY)

    free_place(appointment=Appointment.objects.live().order_by("pk")[0], by=planner, now=FRIDAY)

    board.refresh_from_db()
    assert board.revision == 2


def test_withdrawing_makes_a_draft_again(board: Drive, planner: User) -> None:
    publish_drive(drive=board, by=planner, now=FRIDAY)

    withdraw_publication(drive=board, by=planner, now=FRIDAY)

    board.refresh_from_db()
    assert (board.status, board.published_at) == ("draft", None)


def test_cancelling_frees_kits_and_places(board: Drive, planner: User) -> None:
    cancel_drive(drive=board, reason="Sekolah banjir", by=planner, now=FRIDAY)
    cancel_drive(drive=board, reason="Sekolah banjir", by=planner, now=FRIDAY + timedelta(hours=1))

    board.refresh_from_db()
    assert (board.status, board.cancelled_at, board.cancel_reason) == ("cancelled", FRIDAY, "Sekolah banjir")
    assert Appointment.objects.live().count() == 0
    assert not KitDuty.objects.filter(released_at=None).exists()


def test_cancelling_needs_a_reason(board: Drive) -> None:
    with refused("reason_missing"):
        cancel_drive(drive=board, reason="  ", by=None, now=FRIDAY)


def test_a_drive_at_which_people_were_seen_is_not_cancelled(board: Drive) -> None:
    Visit.objects.filter(pk=Visit.objects.filter(drive=board)[0].pk).update(state=Visit.State.PRESENT)

    with refused("drive_has_outcomes"):
        cancel_drive(drive=board, reason="Sekolah banjir", by=None, now=FRIDAY)


def test_a_cancelled_drive_is_left_alone(board: Drive) -> None:
    appointment = Appointment.objects.live().order_by("pk")[0]
    cancel_drive(drive=board, reason="Sekolah banjir", by=None, now=FRIDAY)

    with refused("drive_cancelled"):
        assign_everybody(drive=board, by=None, now=FRIDAY)
    with refused("drive_cancelled"):
        free_place(appointment=appointment, by=None, now=FRIDAY)


# Operators


def test_operators_are_on_duty_exactly_as_said(drive: Drive, planner: User) -> None:
    lead, operator = UserFactory(lead_operator=drive.office), UserFactory(operator=drive.office)
    first, second, _third = drive.days.order_by("day")
    set_operators(drive=drive, on_duty={first.pk: {operator.pk}, second.pk: {operator.pk}}, by=planner, now=FRIDAY)

    set_operators(drive=drive, on_duty={first.pk: {lead.pk}}, by=planner, now=FRIDAY)

    duties = DriveDay.objects.filter(operator_duties__isnull=False).values_list(
        "day", "operator_duties__user", "operator_duties__is_lead"
    )
    assert sorted(duties) == [(TUESDAY, lead.pk, True), (WEDNESDAY, operator.pk, False)]


def test_only_operators_of_the_office_are_on_duty(drive: Drive, planner: User) -> None:
    stranger = UserFactory(operator=OfficeFactory(name="Suku Dinas Dukcapil Jakarta Barat"))

    with refused("not_an_operator"):
        set_operators(drive=drive, on_duty={drive.days.order_by("day")[0].pk: {stranger.pk}}, by=planner, now=FRIDAY)

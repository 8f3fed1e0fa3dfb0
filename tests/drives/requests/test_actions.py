"""A school and its office talk about days until both agree, or one of them ends it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from drives.models import DriveRequest, Notice
from drives.notices import outbox
from drives.requests import actions
from schools.models import Closure, School, User
from tests.factories import DriveDayFactory, DriveFactory, SchoolFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
MONDAY, TUESDAY, WEDNESDAY = date(2027, 2, 1), date(2027, 2, 2), date(2027, 2, 3)
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def school(db: None) -> School:
    school = SchoolFactory(name="SMAN 55 Jakarta", email="sman55@sekolah.example")
    school.office.email = "sudin@jakarta.example"
    school.office.save()
    return school


@pytest.fixture
def clerk(school: School) -> User:
    return UserFactory(school_admin=school)


@pytest.fixture
def planner(school: School) -> User:
    return UserFactory(planner=school.office)


def ask(school: School, clerk: User, *days: date, **more: Any) -> DriveRequest:
    return actions.ask(school=school, days=days or (MONDAY,), by=clerk, now=NOW, **more)


def codes(refused: pytest.ExceptionInfo[ValidationError]) -> list[str | None]:
    return [each.code for each in refused.value.error_list]


def test_what_a_school_asks_for_the_office_may_accept_in_part(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk, MONDAY, TUESDAY)

    accepted = actions.accept(request=request, days=[TUESDAY], seen=1, by=planner, now=NOW)

    assert (accepted.state, accepted.days) == ("accepted", [TUESDAY])
    assert list(accepted.steps.order_by("number").values_list("kind", flat=True)) == ["asked", "accepted"]


def test_a_day_that_nobody_wished_is_proposed_and_not_accepted(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk, MONDAY)

    with pytest.raises(ValidationError) as refused:
        actions.accept(request=request, days=[WEDNESDAY], seen=1, by=planner, now=NOW)

    assert codes(refused) == ["not_wished"]


def test_the_school_agrees_to_a_proposal_and_both_have_the_same_days(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk, MONDAY)
    actions.propose(request=request, days=[WEDNESDAY], text="Alat baru ada Rabu.", seen=1, by=planner, now=NOW)

    agreed = actions.agree(request=request, seen=2, by=clerk, now=NOW)

    assert (agreed.state, agreed.days) == ("accepted", [WEDNESDAY])


def test_the_school_may_answer_a_proposal_with_other_days(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk, MONDAY)
    actions.propose(request=request, days=[WEDNESDAY], seen=1, by=planner, now=NOW)

    again = actions.ask_again(request=request, days=[TUESDAY], impossible_days=[WEDNESDAY], seen=2, by=clerk, now=NOW)

    assert (again.state, again.days, again.impossible_days) == ("asked", [TUESDAY], [WEDNESDAY])


def test_the_office_does_not_propose_a_day_that_the_school_cannot(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk, MONDAY, impossible_days=[TUESDAY])

    with pytest.raises(ValidationError) as refused:
        actions.propose(request=request, days=[TUESDAY], seen=1, by=planner, now=NOW)

    assert codes(refused) == ["school_cannot"]


def test_a_request_is_declined_with_a_reason_or_not_at_all(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk)

    with pytest.raises(ValidationError) as refused:
        actions.decline(request=request, text="  ", seen=1, by=planner, now=NOW)
    declined = actions.decline(request=request, text="Semua alat sedang diperbaiki.", seen=1, by=planner, now=NOW)

    assert codes(refused) == ["reason_missing"]
    assert declined.state == "declined"


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ((), "days_missing"),
        ((NOW.date() - timedelta(days=1),), "day_past"),
        ((NOW.date() + timedelta(days=400),), "day_too_far"),
        ((NEW_YEAR,), "day_closed"),
        (tuple(MONDAY + timedelta(days=step) for step in range(12)), "too_many_days"),
    ],
)
def test_days_that_cannot_be_are_refused_by_name(school: School, clerk: User, days: tuple[date, ...], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.ask(school=school, days=days, by=clerk, now=NOW)

    assert codes(refused) == [code]
    assert not DriveRequest.objects.exists()


def test_a_day_on_which_the_school_is_closed_is_refused_with_the_reason(school: School, clerk: User) -> None:
    Closure.objects.create(school=school, starts_on=MONDAY, ends_on=MONDAY, reason="Ujian akhir")

    with pytest.raises(ValidationError) as refused:
        ask(school, clerk, MONDAY)

    assert "Ujian akhir" in refused.value.messages[0]


def test_a_day_is_wished_or_impossible_and_not_both(school: School, clerk: User) -> None:
    with pytest.raises(ValidationError) as refused:
        ask(school, clerk, MONDAY, impossible_days=[MONDAY])

    assert codes(refused) == ["day_contradicts"]


def test_the_same_request_sent_twice_is_one_and_another_is_refused_meanwhile(school: School, clerk: User) -> None:
    first, second = ask(school, clerk), ask(school, clerk)

    with pytest.raises(ValidationError) as refused:
        ask(school, clerk, TUESDAY)

    assert first.pk == second.pk
    assert codes(refused) == ["already_asked"]


def test_who_answers_what_has_been_answered_meanwhile_is_told_so(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk)
    actions.withdraw(request=request, seen=1, by=clerk, now=NOW)

    with pytest.raises(ValidationError) as refused:
        actions.accept(request=request, days=[MONDAY], seen=1, by=planner, now=NOW)

    assert codes(refused) == ["answered_meanwhile"]
    assert DriveRequest.objects.get().state == "withdrawn"


def test_an_ended_request_takes_no_answer(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk)
    actions.withdraw(request=request, seen=1, by=clerk, now=NOW)

    with pytest.raises(ValidationError) as refused:
        actions.accept(request=request, days=[MONDAY], seen=2, by=planner, now=NOW)

    assert codes(refused) == ["not_under_discussion"]


def test_a_school_may_ask_anew_once_its_request_has_ended(school: School, clerk: User) -> None:
    actions.withdraw(request=ask(school, clerk), seen=1, by=clerk, now=NOW)

    assert ask(school, clerk, TUESDAY).state == "asked"


def test_each_side_is_told_by_mail_what_the_other_said_without_the_message(school: School, clerk: User, planner: User) -> None:
    request = ask(school, clerk, MONDAY, text="Aula dapat dipakai")
    outbox.run(clock=lambda: NOW + timedelta(minutes=1))
    actions.propose(request=request, days=[TUESDAY], text="Rahasia kantor", seen=1, by=planner, now=NOW)
    outbox.run(clock=lambda: NOW + timedelta(minutes=2))

    assert [message.to for message in mail.outbox] == [["sudin@jakarta.example"], ["sman55@sekolah.example"]]
    assert "Selasa, 2 Februari 2027" in str(mail.outbox[1].body)
    assert not any("Aula" in str(message.body) or "Rahasia" in str(message.body) for message in mail.outbox)


def test_what_was_answered_before_the_mail_left_is_not_told_any_more(school: School, clerk: User) -> None:
    actions.withdraw(request=ask(school, clerk), seen=1, by=clerk, now=NOW)

    outbox.run(clock=lambda: NOW + timedelta(minutes=1))

    assert [str(message.body).splitlines()[0] for message in mail.outbox] == [
        "SMAN 55 Jakarta tidak lagi meminta perekaman di sekolah."
    ]
    assert Notice.objects.filter(withdrawn_at__isnull=False).count() == 1


def test_an_agreed_request_knows_the_drive_that_was_made_of_it(school: School, clerk: User, planner: User) -> None:
    request = actions.accept(request=ask(school, clerk), days=[MONDAY], seen=1, by=planner, now=NOW)
    before = actions.planned_drive(request)
    drive = DriveFactory(school=school, created_at=NOW + timedelta(hours=1))
    DriveDayFactory(drive=drive, day=MONDAY)

    assert (before, actions.planned_drive(request)) == (None, drive)


ANSWERS = ("accept", "propose", "decline", "agree", "ask_again", "withdraw")


@settings(max_examples=25, deadline=None)
@given(said=st.lists(st.sampled_from(ANSWERS), max_size=6))
def test_whatever_is_said_a_talk_ends_once_and_stays_ended(db: None, said: list[str]) -> None:
    """The same talk as a table of what may follow what; the actions allow exactly that."""
    either = {"propose": "proposed", "decline": "declined", "ask_again": "asked", "withdraw": "withdrawn"}
    follows = {"asked": either | {"accept": "accepted"}, "proposed": either | {"agree": "accepted"}}
    with transaction.atomic():
        school = SchoolFactory()
        user = UserFactory(planner=school.office)
        request = ask(school, user)
        state, number = "asked", 1
        for each in said:
            days = {} if each in ("decline", "agree", "withdraw") else {"days": [MONDAY]}
            act = getattr(actions, each)
            expected = follows.get(state, {}).get(each)
            if expected is None:
                with pytest.raises(ValidationError):
                    act(request=request, text="x", seen=number, by=user, now=NOW, **days)
            else:
                act(request=request, text="x", seen=number, by=user, now=NOW, **days)
                state, number = expected, number + 1
            assert DriveRequest.objects.get(pk=request.pk).state == state
        transaction.set_rollback(True)

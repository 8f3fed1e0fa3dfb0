"""At most once, and none lost: whatever fails on the way, and however many senders there are."""

import smtplib
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from pytest_django.fixtures import Settings

from drives.models import Appointment, Drive, Notice
from drives.notices import actions, log, outbox
from drives.notices.log import Notices
from schools.models import AuditEntry
from tests.drives.notices.drives import PUBLISHED_AT, published_drive
from tests.factories import UserFactory, at
from tests.together import PATIENCE, together

SCHOOL, TEACHER = "sman55@sekolah.example", "sari@guru.example"
MORNING = PUBLISHED_AT


class Server(BaseEmailBackend):
    """A mail server that does as it is told: `Server.answer` may raise for a recipient."""

    answer: Callable[[str], None] = staticmethod(lambda recipient: None)
    received: list[str] = []
    opened = 0

    def open(self) -> bool:
        Server.opened += 1
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            Server.answer(message.to[0])
            Server.received.append(message.to[0])
        return len(email_messages)


@pytest.fixture
def server(settings: Settings) -> type[Server]:
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    Server.answer, Server.received, Server.opened = staticmethod(lambda recipient: None), [], 0
    return Server


def refusing(recipient: str, refusal: Exception) -> Callable[[str], None]:
    def answer(asked: str) -> None:
        if asked == recipient:
            raise refusal

    return staticmethod(answer)


def run(now: datetime) -> outbox.Report:
    return outbox.run(clock=lambda: now)


def the_notice(recipient: str = TEACHER, kind: str = "published") -> Notice:
    return Notice.objects.get(recipient=recipient, kind=kind)


def state(notice: Notice, now: datetime = MORNING) -> str:
    notice.refresh_from_db()
    return str(log.state_of(notice, now=now))


@pytest.mark.django_db
def test_what_is_due_leaves_over_one_connection_and_the_rest_waits(server: type[Server]) -> None:
    published_drive().plan()

    report = run(MORNING)

    assert (sorted(server.received), server.opened, report.done["sent"]) == ([TEACHER, SCHOOL], 1, 2)
    assert {state(notice) for notice in Notice.objects.filter(kind="reminder_1")} == {"waiting"}


@pytest.mark.django_db
def test_reminders_leave_in_the_morning_of_the_day_before(server: type[Server]) -> None:
    published_drive().plan()
    run(MORNING)
    run(at(date(2026, 11, 21), "08.00"))
    server.received.clear()

    run(at(date(2026, 11, 23), "07.59"))
    before = list(server.received)
    run(at(date(2026, 11, 23), "08.00"))

    assert (before, sorted(server.received)) == ([], [TEACHER, SCHOOL])


@pytest.mark.django_db
def test_nothing_leaves_in_the_quiet_hours(server: type[Server]) -> None:
    published_drive().plan()

    night = [run(at(date(2026, 11, 18), clock)).done["sent"] for clock in ("20.00", "23.30")]
    morning = run(at(date(2026, 11, 19), "08.00")).done["sent"]

    assert (night, morning) == ([0, 0], 2)


@pytest.mark.django_db
def test_texts_to_copy_are_never_sent_by_the_machine(server: type[Server]) -> None:
    published_drive().plan()

    run(MORNING)

    assert {state(notice) for notice in Notice.objects.filter(channel="copy")} == {"waiting"}


@pytest.mark.django_db
def test_what_was_withdrawn_is_not_sent(server: type[Server]) -> None:
    scene = published_drive()
    scene.plan()
    actions.withdraw_notices(drive=scene.drive, now=MORNING)

    report = run(MORNING)

    assert (server.received, report.done["claimed"]) == ([], 0)


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"revision": 2}])
def test_what_no_longer_holds_is_withdrawn_instead_of_sent(server: type[Server], change: dict[str, object]) -> None:
    scene = published_drive()
    scene.plan()
    Drive.objects.filter(pk=scene.drive.pk).update(**change)

    run(MORNING)

    assert (server.received, state(the_notice())) == ([], "withdrawn")


@pytest.mark.django_db
def test_a_class_without_places_any_more_gets_no_reminder(server: type[Server]) -> None:
    scene = published_drive()
    scene.plan()
    Appointment.objects.filter(class_group=scene.classes[0]).update(ending="cancelled", ended_at=MORNING)

    run(MORNING)

    assert (server.received, state(the_notice())) == ([SCHOOL], "withdrawn")


@pytest.mark.django_db
def test_a_reminder_that_comes_too_late_is_dropped(server: type[Server]) -> None:
    published_drive().plan()

    run(at(date(2026, 11, 24), "08.00"))

    assert Notice.objects.filter(kind__startswith="reminder", sent_at__isnull=False).count() == 0


@pytest.mark.django_db
def test_an_address_that_does_not_exist_fails_for_good_with_a_plain_reason(server: type[Server]) -> None:
    published_drive().plan()
    server.answer = refusing(TEACHER, smtplib.SMTPRecipientsRefused({TEACHER: (550, b"no such user")}))

    run(MORNING)
    run(MORNING + timedelta(hours=1))

    entry = log.Entry(the_notice(), log.state_of(the_notice(), now=MORNING))
    assert (entry.state, str(entry.error)) == ("failed", str(log.ERRORS["recipient_refused"]))
    assert (server.received, the_notice().error) == ([SCHOOL], "recipient_refused 550")


@pytest.mark.django_db
def test_a_busy_server_is_tried_again_later_each_time_and_given_up_after_five(server: type[Server]) -> None:
    published_drive().plan()
    server.answer = refusing(TEACHER, smtplib.SMTPRecipientsRefused({TEACHER: (451, b"later")}))
    waits, now = [], MORNING

    for _ in range(5):
        run(now)
        notice = the_notice()
        waits.append((notice.due_at - now) // timedelta(minutes=1))
        now = max(now, notice.due_at)

    assert (waits[:4], state(the_notice()), the_notice().attempt_count) == ([1, 5, 15, 60], "failed", 5)
    assert server.received == [SCHOOL]


@pytest.mark.django_db
def test_without_a_mail_server_everything_waits_and_nothing_is_lost(
    server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    published_drive().plan()

    def closed(self: Server) -> bool:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(Server, "open", closed)
        for minute in range(10):
            run(MORNING + timedelta(minutes=minute))
    waiting = (state(the_notice()), the_notice().error)
    run(MORNING + timedelta(minutes=10))

    assert (waiting, sorted(server.received)) == (("waiting", "unreachable"), [TEACHER, SCHOOL])


@pytest.mark.django_db
def test_a_connection_that_breaks_while_sending_is_for_a_person_to_decide(server: type[Server]) -> None:
    published_drive().plan()
    server.answer = refusing(TEACHER, smtplib.SMTPServerDisconnected("gone"))

    run(MORNING)
    run(MORNING + timedelta(minutes=1))
    run(MORNING + timedelta(minutes=30))

    assert (state(the_notice()), server.received) == ("uncertain", [SCHOOL])


@pytest.mark.django_db
def test_a_sender_that_dies_between_claim_and_sending_is_found(server: type[Server]) -> None:
    published_drive().plan()

    outbox.claim(sender="dead", now=MORNING)
    later = run(MORNING + timedelta(minutes=11))

    assert (state(the_notice(), MORNING), state(the_notice(), MORNING + timedelta(minutes=11))) == ("claimed", "uncertain")
    assert (server.received, later.uncertain) == ([], 2)


@pytest.mark.django_db
def test_a_person_decides_that_it_leaves_again_or_that_it_arrived(server: type[Server]) -> None:
    scene = published_drive()
    scene.plan()
    planner = UserFactory(planner=scene.drive.office)
    outbox.claim(sender="dead", now=MORNING)
    later = MORNING + timedelta(hours=1)

    actions.resend(notice=the_notice(TEACHER), by=planner, now=later)
    actions.mark_sent(notice=the_notice(SCHOOL), by=planner, now=later)
    run(later)

    assert (server.received, state(the_notice(TEACHER)), state(the_notice(SCHOOL))) == ([TEACHER], "sent", "sent")
    assert AuditEntry.objects.filter(action="corrected").count() == 2


@pytest.mark.django_db
def test_a_text_that_cannot_be_written_fails_alone(server: type[Server], monkeypatch: pytest.MonkeyPatch) -> None:
    published_drive().plan()

    def broken(**_: object) -> None:
        raise KeyError

    monkeypatch.setattr("drives.notices.outbox.wording.email_to_homeroom", broken)
    run(MORNING)

    assert (server.received, the_notice().error) == ([SCHOOL], "not_written")


@pytest.mark.django_db
def test_the_command_does_one_pass_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    published_drive().plan()

    call_command("send_due_notices", "--now", "2026-11-18T10:00", "--json")

    assert '"sent": 2' in capsys.readouterr().out
    assert sorted(message.to[0] for message in mail.outbox) == [TEACHER, SCHOOL]


def two_senders() -> Counter[str]:
    """How often each recipient got the notice, with two senders that claim at the same moment."""
    together(*[lambda _n: run(MORNING)] * 2)
    return Counter(Server.received)


def met_once() -> Callable[[], None]:
    """Waits for the other sender, the first time that a sender comes here; later batches go on."""
    barrier, met = threading.Barrier(2, timeout=PATIENCE), set[int]()

    def meet() -> None:
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            barrier.wait()

    return meet


def meeting(guard: Callable[[Notices], Notices]) -> Callable[[Notices], Notices]:
    """Both senders have come as far as the claim before either goes on."""
    meet = met_once()

    def reserved(due: Notices) -> Notices:
        meet()
        return guard(due)

    return reserved


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_notice_once(server: type[Server], monkeypatch: pytest.MonkeyPatch) -> None:
    published_drive().plan()
    monkeypatch.setattr(outbox, "reserved", meeting(outbox.reserved))

    assert two_senders() == {TEACHER: 1, SCHOOL: 1}


@pytest.mark.django_db(transaction=True)
def test_with_the_guard_taken_off_two_senders_send_twice(server: type[Server], monkeypatch: pytest.MonkeyPatch) -> None:
    published_drive().plan()
    """Neither the lock is taken nor the claim looked at again before sending."""
    both_have_read = met_once()

    def unguarded(due: Notices) -> Notices:
        chosen = list(due.values_list("pk", flat=True))
        both_have_read()
        return Notice.objects.filter(pk__in=chosen)

    monkeypatch.setattr(outbox, "reserved", unguarded)
    monkeypatch.setattr(outbox, "_with_all_they_say", _whoever_claimed)

    assert two_senders() == {TEACHER: 2, SCHOOL: 2}


def _whoever_claimed(held: Notices) -> Notices:
    """What a sender believes that it holds, without asking who claimed last."""
    due = Notice.objects.filter(channel="email", kind="published")
    return due.select_related("drive__office", "drive__school", "drive_day", "class_group").order_by("pk")

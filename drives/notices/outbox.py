"""One pass of the outbox. A notice is claimed, and the claim committed, before it is sent: it leaves at most once.

What is claimed and never settled is shown for a person to decide (`log.uncertain`); what was claimed and surely not sent
is given back. Two senders at once never hold the same notice.
"""

import secrets
import smtplib
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from drives.models import Drive, DriveRequestStep, Notice
from drives.notices import chance_wording, wording
from drives.notices.actions import hours_of
from drives.notices.chances import chances_of, together
from drives.notices.log import Notices, uncertain
from drives.notices.schedule import ClassSchedule, class_schedules
from schools.models import Office

BATCH: Final = 100
MOST_BATCHES: Final = 200
MOST_ATTEMPTS: Final = 5
BACK_OFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
# A batch ends well before its claims look forgotten.
BATCH_TIME: Final = timedelta(minutes=4)
TIMEOUT_SECONDS: Final = 20
Clock = Callable[[], datetime]

logger = structlog.get_logger(__name__)


@dataclass
class Report:
    """What a pass did; `uncertain` counts what waits for a person, from earlier passes too."""

    done: Counter[str] = field(default_factory=Counter)
    uncertain: int = 0

    def as_json(self) -> dict[str, int]:
        names = ("claimed", "sent", "failed", "retried", "withdrawn", "released", "broken_off")
        return {name: self.done[name] for name in names} | {"uncertain": self.uncertain}


class ConnectionLostError(Exception):
    """Nothing more can be sent over this connection."""


def run(*, clock: Clock) -> Report:
    """Sends all that is due, in batches, each over one connection."""
    report = Report()
    sender = f"{socket.gethostname()[:40]}-{secrets.token_hex(6)}"
    for _ in range(MOST_BATCHES):
        claimed = claim(sender=sender, now=clock())
        if not claimed:
            break
        report.done["claimed"] += len(claimed)
        if not _deliver(claimed, sender=sender, clock=clock, report=report):
            break
    report.uncertain = Notice.objects.filter(uncertain(now=clock())).count()
    return report


def claim(*, sender: str, now: datetime) -> list[UUID]:
    """Takes up to a batch of what is due at offices that are not asleep; committed before anything is sent."""
    due = Notice.objects.due(now=now).filter(channel=Notice.Channel.EMAIL)
    awake = [office.pk for office in Office.objects.filter(pk__in=due.values("office")) if hours_of(office).allow(now)]
    with transaction.atomic():
        chosen = reserved(due.filter(office__in=awake).order_by("due_at", "pk"))[:BATCH]
        claimed = list(chosen.values_list("pk", flat=True))
        Notice.objects.filter(pk__in=claimed).update(claimed_at=now, claimed_by=sender)
    return claimed


def reserved(due: Notices) -> Notices:
    """What another sender has in hand is passed over: the guard against sending twice."""
    return due.select_for_update(skip_locked=True, of=("self",))


def _deliver(claimed: Sequence[UUID], *, sender: str, clock: Clock, report: Report) -> bool:
    """Whether there is a mail server to go on with. What was not tried is given back."""
    held = Notice.objects.filter(pk__in=claimed, claimed_by=sender, sent_at=None, failed_at=None, withdrawn_at=None)
    left = {notice.pk: notice for notice in _with_all_they_say(held)}
    letters = _Letters(clock())
    connection = get_connection(timeout=TIMEOUT_SECONDS)
    try:
        connection.open()
    except (smtplib.SMTPException, OSError):
        _release(left, sender=sender, report=report, error="unreachable")
        return False
    until = clock() + BATCH_TIME
    try:
        for pk in list(left):
            if clock() > until:
                break
            _Sender(connection, sender, clock, report).send(left.pop(pk), letters)
    except ConnectionLostError:
        # A server that breaks off would take one notice after the other: the next pass tries again.
        return False
    finally:
        _close(connection)
        _release(left, sender=sender, report=report)
    return True


def _with_all_they_say(held: Notices) -> Notices:
    of_day = ("drive_day__drive__office", "drive_day__drive__school")
    found = held.select_related("drive__office", "drive__school", *of_day, "class_group", "school", "office")
    return found.order_by("due_at", "pk")


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        logger.info("mail_connection_closed_badly")


def _release(left: dict[UUID, Notice], *, sender: str, report: Report, error: str = "") -> None:
    """Surely not sent: free for the next pass."""
    held = Notice.objects.filter(pk__in=left, claimed_by=sender, sent_at=None)
    report.done["released"] += held.update(claimed_at=None, claimed_by="", error=error)


@dataclass(frozen=True)
class _Sender:
    connection: BaseEmailBackend
    name: str
    clock: Clock
    report: Report

    def send(self, notice: Notice, letters: "_Letters") -> None:
        """Sends one notice and notes the result at once. Raises ConnectionLostError."""
        try:
            message = letters.write(notice)
        except Exception as fault:
            logger.error("notice_not_written", notice=str(notice.pk), fault=type(fault).__name__)
            return self._settle(notice, "failed", failed_at=self.clock(), error="not_written")
        if message is None:
            return self._settle(notice, "withdrawn", withdrawn_at=self.clock())
        try:
            self.connection.send_messages([_email(notice, message)])
        except smtplib.SMTPRecipientsRefused as refusal:
            code = max((code for code, _ in refusal.recipients.values()), default=550)
            return self._refused(notice, "recipient_refused", code)
        except smtplib.SMTPResponseException as refusal:
            return self._refused(notice, "refused", refusal.smtp_code)
        except (smtplib.SMTPServerDisconnected, OSError) as fault:
            self._settle(notice, "broken_off", error="broken_off")
            raise ConnectionLostError from fault
        except (smtplib.SMTPException, ValueError):
            return self._settle(notice, "failed", failed_at=self.clock(), error="refused")
        return self._settle(notice, "sent", sent_at=self.clock(), error="")

    def _refused(self, notice: Notice, error: str, code: int) -> None:
        """For good with a 5…; with a 4… it is tried again, later each time."""
        attempt = notice.attempt_count + 1
        if code >= 500:
            return self._settle(notice, "failed", failed_at=self.clock(), error=f"{error} {code}", attempt_count=attempt)
        if attempt >= MOST_ATTEMPTS:
            return self._settle(notice, "failed", failed_at=self.clock(), error=f"given_up {code}", attempt_count=attempt)
        due_at = self.clock() + BACK_OFF[attempt - 1]
        return self._settle(
            notice, "retried", claimed_at=None, claimed_by="", due_at=due_at, error=f"try_later {code}", attempt_count=attempt
        )

    def _settle(self, notice: Notice, result: str, **changes: object) -> None:
        Notice.objects.filter(pk=notice.pk, claimed_by=self.name).update(**changes)
        self.report.done[result] += 1


def _email(notice: Notice, message: wording.Message) -> EmailMessage:
    """The Message-ID is the notice's own, so that a mailbox shows one that was sent again beside the first."""
    headers = {"Message-ID": f"<{notice.pk}@jemput-bola>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(message.subject, message.body, to=[notice.recipient], headers=headers)


@dataclass
class _Letters:
    """The words of a batch; each drive's schedule is read once."""

    now: datetime
    schedules: dict[UUID, list[ClassSchedule]] = field(default_factory=dict)

    def write(self, notice: Notice) -> wording.Message | None:
        """None for what nobody needs to be told any more."""
        drive = notice.drive
        if drive is None:
            return self._of_request(notice) if notice.kind == Notice.Kind.REQUEST else self._of_departures(notice)
        if notice.kind == Notice.Kind.CANCELLED:
            days = list(drive.days.order_by("day").values_list("day", flat=True))
            return wording.email_of_cancellation(drive=drive, days=days) if drive.status == Drive.Status.CANCELLED else None
        if notice.kind == Notice.Kind.CHANCE:
            return self._of_chances(notice)
        if drive.status != Drive.Status.PUBLISHED or notice.revision < drive.revision:
            return None
        schedules = self._of(drive, notice)
        days = sorted({day for schedule in schedules for day in schedule.days})
        today = self.now.astimezone(drive.office.zone).date()
        if not days or days[-1] < today or (notice.drive_day and days[-1] <= today):
            return None
        if notice.class_group_id:
            return wording.email_to_homeroom(kind=notice.kind, drive=drive, schedule=schedules[0], days=days)
        return wording.email_to_school(kind=notice.kind, drive=drive, schedules=schedules, days=days)

    def _of_chances(self, notice: Notice) -> wording.Message | None:
        """None once everybody has been recorded, or has learnt of it in another way."""
        assert notice.drive_day is not None
        assert notice.school is not None
        group = notice.class_group
        found = chances_of(notice.drive_day, notice.school, now=self.now, class_group_id=group.pk if group else None)
        if not found:
            return None
        chances = together(list(found.values()))
        if group:
            return chance_wording.email_of_chances_to_homeroom(drive_day=notice.drive_day, group=group, chances=chances)
        return chance_wording.email_of_chances_to_school(drive_day=notice.drive_day, chances=chances)

    def _of_departures(self, notice: Notice) -> wording.Message | None:
        """None once every move that it tells of was undone."""
        count = notice.departures.standing().count()
        return wording.email_of_departures(office=notice.office, count=count) if count else None

    def _of_request(self, notice: Notice) -> wording.Message | None:
        """None when somebody has answered since: the newer step is told instead."""
        step = DriveRequestStep.objects.select_related("request__school__office").filter(pk=notice.subject_id).first()
        if step is None or step.request.steps.filter(number__gt=step.number).exists():
            return None
        return wording.email_of_request(step=step)

    def _of(self, drive: Drive, notice: Notice) -> list[ClassSchedule]:
        """The classes and days that this notice is about, as they stand now."""
        if drive.pk not in self.schedules:
            self.schedules[drive.pk] = class_schedules(drive)
        found = self.schedules[drive.pk]
        if notice.class_group_id:
            found = [schedule for schedule in found if schedule.class_group_id == notice.class_group_id]
        if notice.drive_day:
            found = [schedule.on(notice.drive_day.day) for schedule in found]
        return [schedule for schedule in found if schedule.stretches]

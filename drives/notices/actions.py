"""Filling and emptying the outbox: what a publication sends, what a cancellation takes back, what a person decides."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from drives.models import Drive, DriveDay, Notice, SlotRequest, Visit
from drives.notices import log
from drives.notices.hours import Hours
from drives.notices.schedule import ClassSchedule, class_schedules
from schools.models import AuditEntry, Office, User, record_access

REMINDERS = ((Notice.Kind.REMINDER_3, 3), (Notice.Kind.REMINDER_1, 1))


def hours_of(office: Office) -> Hours:
    return Hours(office.notices_from_hour, office.notices_until_hour, office.zone)


@dataclass(frozen=True)
class StatementLine:
    """One kind of notice: how many of them, to whom (addresses or class names), and when the first leaves."""

    kind: str
    channel: str
    label: Promise | str
    recipients: tuple[str, ...]
    due_at: datetime

    @property
    def count(self) -> int:
        return len(self.recipients)


@dataclass(frozen=True)
class Statement:
    """What publishing sends to whom. The very rows that `plan_notices` writes, counted."""

    lines: tuple[StatementLine, ...]
    place_count: int
    class_count: int
    classes_without_address: tuple[str, ...]
    school_has_address: bool

    @property
    def email_count(self) -> int:
        return sum(line.count for line in self.lines if line.channel == Notice.Channel.EMAIL)


def statement(drive: Drive, *, now: datetime) -> Statement:
    schedules = class_schedules(drive)
    return Statement(
        lines=tuple(_lines(_intended(drive, schedules, now))),
        place_count=sum(schedule.count for schedule in schedules),
        class_count=sum(schedule.class_group_id is not None for schedule in schedules),
        classes_without_address=tuple(
            schedule.name for schedule in schedules if schedule.class_group_id and not schedule.homeroom_email
        ),
        school_has_address=bool(drive.school and drive.school.email),
    )


def _lines(notices: Iterable[Notice]) -> Iterator[StatementLine]:
    """By kind, channel and moment, in the order in which they leave."""
    grouped: dict[tuple[datetime, str, str], list[str]] = {}
    for notice in notices:
        grouped.setdefault((notice.due_at, notice.kind, notice.channel), []).append(notice.recipient)
    for (due_at, kind, channel), recipients in sorted(grouped.items(), key=lambda item: (item[0][0], item[0][2] == "copy")):
        yield StatementLine(kind, channel, Notice.Kind(kind).label, tuple(recipients), due_at)


@transaction.atomic
def plan_notices(*, drive: Drive, now: datetime) -> int:
    """Writes what the published schedule is to tell, and withdraws what an earlier revision still had to say.

    Run again it adds only what is new (a class that got its first place). Answers how many it wrote.
    Raises ValidationError: `drive_not_published`.
    """
    if drive.status != Drive.Status.PUBLISHED:
        raise ValidationError(_("Only a published drive sends notices."), code="drive_not_published")
    _open_notices(drive).filter(revision__lt=drive.revision).update(withdrawn_at=now)
    intended = list(_intended(drive, class_schedules(drive), now))
    before = drive.notices.count()
    Notice.objects.bulk_create(intended, ignore_conflicts=True)
    return drive.notices.count() - before


def plan_reminders(*, drive: Drive, now: datetime) -> None:
    """After a change that was told in another way than by a new publication: the reminders of the schedule as it stands now.

    Within the transaction that tells it. What an earlier revision still had to remind of is withdrawn.
    """
    kinds = [kind for kind, _days in REMINDERS]
    _open_notices(drive).filter(revision__lt=drive.revision, kind__in=kinds).update(withdrawn_at=now)
    Notice.objects.bulk_create(_reminders(drive, class_schedules(drive), now), ignore_conflicts=True)


def _intended(drive: Drive, schedules: list[ClassSchedule], now: datetime) -> Iterator[Notice]:
    """Every notice of this revision. A reminder whose moment has passed is not made up for: the publication says it all."""
    made = _Maker(drive, now)
    if schedules:
        due_at = hours_of(drive.office).next_moment(now)
        yield from made.about(Notice.Kind.PUBLISHED, schedules, due_at=due_at, drive_day=None)
    yield from _reminders(drive, schedules, now)


def _reminders(drive: Drive, schedules: list[ClassSchedule], now: datetime) -> Iterator[Notice]:
    hours, made = hours_of(drive.office), _Maker(drive, now)
    for drive_day in drive.days.order_by("day"):
        of_the_day = [schedule.on(drive_day.day) for schedule in schedules]
        coming = [schedule for schedule in of_the_day if schedule.stretches]
        for kind, days_before in REMINDERS:
            due_at = hours.opening(drive_day.day - timedelta(days=days_before))
            if coming and due_at > now:
                yield from made.about(kind, coming, due_at=due_at, drive_day=drive_day)


@dataclass(frozen=True)
class _Maker:
    drive: Drive
    now: datetime

    def about(
        self, kind: Notice.Kind, schedules: list[ClassSchedule], *, due_at: datetime, drive_day: DriveDay | None
    ) -> Iterator[Notice]:
        """To the school, to each homeroom teacher with an address, and (on publication) a text for each class."""
        school = self.drive.school
        what = drive_day.pk if drive_day else self.drive.pk
        subject = Notice.Subject.DRIVE_DAY if drive_day else Notice.Subject.SCHOOL
        if school and school.email:
            subject_id = what if drive_day else uuid5(what, str(school.pk))
            yield self._notice(kind, Notice.Channel.EMAIL, subject, subject_id, school.email, due_at, drive_day)
        for schedule in schedules:
            group = schedule.class_group_id
            if group is None:
                continue
            subject_id = uuid5(what, str(group))
            for channel, recipient in self._ways(kind, schedule):
                yield self._notice(kind, channel, Notice.Subject.CLASS, subject_id, recipient, due_at, drive_day, group)

    def _ways(self, kind: Notice.Kind, schedule: ClassSchedule) -> Iterator[tuple[Notice.Channel, str]]:
        if schedule.homeroom_email:
            yield Notice.Channel.EMAIL, schedule.homeroom_email
        if kind == Notice.Kind.PUBLISHED:
            yield Notice.Channel.COPY, schedule.name

    def _notice(
        self,
        kind: Notice.Kind,
        channel: Notice.Channel,
        subject_kind: Notice.Subject,
        subject_id: UUID,
        recipient: str,
        due_at: datetime,
        drive_day: DriveDay | None,
        class_group_id: UUID | None = None,
    ) -> Notice:
        return Notice(
            kind=kind,
            channel=channel,
            subject_kind=subject_kind,
            subject_id=subject_id,
            recipient=recipient,
            revision=self.drive.revision,
            drive=self.drive,
            drive_day=drive_day,
            class_group_id=class_group_id,
            school=self.drive.school,
            office=self.drive.office,
            created_at=self.now,
            due_at=due_at,
        )


def _open_notices(drive: Drive) -> log.Notices:
    """What its schedule still has to say. Another chance is no part of it, and is told however the schedule changes."""
    return drive.notices.filter(claimed_at=None, withdrawn_at=None).exclude(kind=Notice.Kind.CHANCE)


def withdraw_notices(*, drive: Drive, now: datetime) -> int:
    """Takes back what has not left yet, after a cancellation or before a new revision. Answers how many."""
    return _open_notices(drive).update(withdrawn_at=now)


@transaction.atomic
def announce_cancellation(*, drive: Drive, now: datetime) -> int:
    """Takes back what has not left, and tells the cancellation to everybody whom something has reached.

    Raises ValidationError: `drive_not_cancelled`.
    """
    if drive.status != Drive.Status.CANCELLED:
        raise ValidationError(_("Only a cancelled drive announces its cancellation."), code="drive_not_cancelled")
    withdraw_notices(drive=drive, now=now)
    told = drive.notices.filter(channel=Notice.Channel.EMAIL, claimed_at__isnull=False).exclude(kind=Notice.Kind.CANCELLED)
    addresses = sorted(set(told.values_list("recipient", flat=True)))
    due_at = hours_of(drive.office).next_moment(now)
    maker = _Maker(drive, now)
    Notice.objects.bulk_create(
        [
            maker._notice(Notice.Kind.CANCELLED, Notice.Channel.EMAIL, Notice.Subject.SCHOOL, drive.pk, address, due_at, None)
            for address in addresses
        ],
        ignore_conflicts=True,
    )
    return len(addresses)


@transaction.atomic
def resend(*, notice: Notice, by: User, now: datetime) -> None:
    """Lets a failed or uncertain notice leave again, at the next allowed hour. Raises ValidationError: `notice_is_settled`."""
    locked = _locked(notice)
    if log.state_of(locked, now=now) not in (Notice.State.FAILED, Notice.State.UNCERTAIN):
        raise ValidationError(_("This notice is settled already; there is nothing to decide."), code="notice_is_settled")
    locked.claimed_at = locked.failed_at = None
    locked.claimed_by = locked.error = ""
    locked.attempt_count = 0
    locked.due_at = hours_of(locked.office).next_moment(now)
    locked.save(update_fields=["claimed_at", "failed_at", "claimed_by", "error", "attempt_count", "due_at"])
    _note(locked, by=by, now=now, decision="resend")


@transaction.atomic
def mark_sent(*, notice: Notice, by: User, now: datetime) -> None:
    """Somebody knows that it arrived, or has pasted the text. A second time changes nothing.

    Raises ValidationError: `notice_is_settled`.
    """
    locked = _locked(notice)
    if locked.sent_at:
        return
    state = log.state_of(locked, now=now)
    if state != Notice.State.UNCERTAIN and not (locked.channel == Notice.Channel.COPY and state == Notice.State.WAITING):
        raise ValidationError(_("This notice is settled already; there is nothing to decide."), code="notice_is_settled")
    locked.claimed_at, locked.claimed_by = locked.claimed_at or now, locked.claimed_by or by.name[:80]
    locked.sent_at, locked.error = now, ""
    locked.save(update_fields=["claimed_at", "claimed_by", "sent_at", "error"])
    _note(locked, by=by, now=now, decision="sent")


def _locked(notice: Notice) -> Notice:
    return Notice.objects.select_for_update(of=("self",)).select_related("office").get(pk=notice.pk)


def _note(notice: Notice, *, by: User, now: datetime, decision: str) -> None:
    record_access(
        action=AuditEntry.Action.CORRECTED,
        subject=notice,
        by=by,
        at=now,
        office_id=notice.office_id,
        school_id=notice.school_id,
        detail={"decision": decision},
    )


@transaction.atomic
def ask_for_another_time(*, visit: Visit, note: str, now: datetime) -> SlotRequest:
    """The student's wish, for the school to answer; while one waits, a second changes nothing.

    Raises ValidationError: `drive_closed`.
    """
    drive = Drive.objects.select_for_update(no_key=True).get(pk=visit.drive_id)
    if drive.status != Drive.Status.PUBLISHED:
        raise ValidationError(_("This drive takes no more requests."), code="drive_closed")
    asked, _is_new = SlotRequest.objects.get_or_create(
        visit=visit,
        answered_at=None,
        defaults={
            "drive": drive,
            "school_id": visit.school_id,
            "office_id": visit.office_id,
            "note": note[:200],
            "requested_at": now,
        },
    )
    return asked


def answer_request(*, slot_request: SlotRequest, by: User, now: datetime) -> None:
    """The request is settled, whatever the answer was; a second time changes nothing."""
    SlotRequest.objects.unanswered().filter(pk=slot_request.pk).update(answered_at=now, answered_by=by)

"""Where a notice stands: one state with one label and colour, the same in lists, filters and decisions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from drives.models import Notice

Notices: TypeAlias = QuerySet[Notice]

# After this long a claim that ended in nothing is no longer "being sent": its sender is gone.
LEASE: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Look:
    label: Promise
    tone: str
    icon: str = ""


LOOKS: Final[dict[str, Look]] = {
    Notice.State.WAITING: Look(_("Waiting"), "neutral", "clock"),
    Notice.State.CLAIMED: Look(_("Being sent"), "info"),
    Notice.State.SENT: Look(_("Sent"), "ok"),
    Notice.State.FAILED: Look(_("Failed"), "stop"),
    Notice.State.UNCERTAIN: Look(_("To be decided"), "wait", "warning"),
    Notice.State.WITHDRAWN: Look(_("Withdrawn"), "neutral"),
}
SHARED: Final = Look(_("Shared"), "ok")
TO_SHARE: Final = Look(_("To be shared"), "wait")

# What went wrong, for a person; the code stands in `Notice.error`, with the mail server's number after it.
ERRORS: Final[dict[str, Promise]] = {
    "recipient_refused": _("The address does not exist or takes no mail. Correct it and send again."),
    "refused": _("The mail server refused this e-mail. Tell the system administrator."),
    "try_later": _("The mail server was busy. It is tried again by itself."),
    "given_up": _("The mail server was busy five times in a row. Send it again later."),
    "unreachable": _("The mail server cannot be reached. It is tried again every minute."),
    "broken_off": _("The connection broke while this was being sent. Ask the recipient whether it arrived."),
    "not_written": _("The text could not be written. Tell the system administrator."),
}
SENDER_GONE: Final = _("The sender stopped before it noted the result. Ask the recipient whether it arrived.")


def uncertain(*, now: datetime) -> Q:
    """Claimed, and then nothing: the sender is gone, or the connection broke at the wrong moment."""
    unsettled = Q(claimed_at__isnull=False, sent_at=None, failed_at=None, withdrawn_at=None)
    return unsettled & (Q(claimed_at__lte=now - LEASE) | ~Q(error=""))


def in_state(notices: Notices, state: str, *, now: datetime) -> Notices:
    filters = {
        Notice.State.WAITING: Q(claimed_at=None, withdrawn_at=None),
        Notice.State.CLAIMED: Q(claimed_at__gt=now - LEASE, error="", sent_at=None, failed_at=None, withdrawn_at=None),
        Notice.State.SENT: Q(sent_at__isnull=False),
        Notice.State.FAILED: Q(failed_at__isnull=False),
        Notice.State.UNCERTAIN: uncertain(now=now),
        Notice.State.WITHDRAWN: Q(withdrawn_at__isnull=False),
    }
    return notices.filter(filters[Notice.State(state)]) if state in Notice.State.values else notices


def state_of(notice: Notice, *, now: datetime) -> Notice.State:
    if notice.withdrawn_at:
        return Notice.State.WITHDRAWN
    if notice.sent_at:
        return Notice.State.SENT
    if notice.failed_at:
        return Notice.State.FAILED
    if notice.claimed_at is None:
        return Notice.State.WAITING
    return Notice.State.UNCERTAIN if notice.error or notice.claimed_at <= now - LEASE else Notice.State.CLAIMED


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    notice: Notice
    state: Notice.State

    @property
    def look(self) -> Look:
        if self.notice.channel == Notice.Channel.COPY and self.state in (Notice.State.SENT, Notice.State.WAITING):
            return SHARED if self.state == Notice.State.SENT else TO_SHARE
        return LOOKS[self.state]

    @property
    def about(self) -> str:
        """The class, else the school or place."""
        group, notice = self.notice.class_group, self.notice
        return group.name if group else str(notice.drive or notice.school)

    @property
    def moment(self) -> datetime:
        notice = self.notice
        return notice.sent_at or notice.failed_at or notice.withdrawn_at or notice.claimed_at or notice.due_at

    @property
    def error(self) -> Promise | str:
        if self.state == Notice.State.UNCERTAIN and not self.notice.error:
            return SENDER_GONE
        return ERRORS.get(self.notice.error.partition(" ")[0], "")

    @property
    def can_be_resent(self) -> bool:
        return self.state in (Notice.State.FAILED, Notice.State.UNCERTAIN)

    @property
    def can_be_marked_sent(self) -> bool:
        is_text = self.notice.channel == Notice.Channel.COPY and self.state == Notice.State.WAITING
        return is_text or self.state == Notice.State.UNCERTAIN


def entries(notices: Notices, *, now: datetime) -> list[Entry]:
    found = notices.select_related(
        "drive__school", "class_group", "drive_day__drive__office", "drive_day__drive__school", "school"
    )
    return [Entry(notice, state_of(notice, now=now)) for notice in found]

"""What has happened to a person, newest first: one line for each fact that the rooms know."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from django.utils.translation import gettext as _

from drives.followups.labels import WAYS
from drives.models import Appointment, DukcapilStatus, FollowUp, Visit, VisitEvent
from schools.templatetags.house import clock, day, day_plain
from students.models import Enrolment


@dataclass(frozen=True)
class Moment:
    """A fact with its moment; what has only a day stands at the day's beginning. `is_ahead`: a place still waits."""

    at: datetime
    title: str
    detail: str
    is_ahead: bool = False


def timeline(
    *,
    visits: Iterable[Visit],
    appointments: Iterable[Appointment],
    statuses: Iterable[DukcapilStatus],
    enrolments: Iterable[Enrolment],
    follow_ups: Iterable[FollowUp] = (),
    zone: tzinfo,
) -> list[Moment]:
    """The moments of these rows; days are days of the office's zone."""
    moments = [
        *_visits(visits),
        *_appointments(appointments),
        *_statuses(statuses, zone),
        *_enrolments(enrolments, zone),
        *_follow_ups(follow_ups),
    ]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def _visits(visits: Iterable[Visit]) -> Iterator[Moment]:
    for visit in visits:
        if visit.state == Visit.State.EXPECTED or visit.state_at is None:
            continue
        reason = str(VisitEvent.Reason(visit.reason).label).capitalize() if visit.reason else ""
        facts = (str(visit.drive), day(visit.state_on), reason)
        yield Moment(visit.state_at, _sentence_case(visit.get_state_display()), ", ".join(fact for fact in facts if fact))


def _appointments(appointments: Iterable[Appointment]) -> Iterator[Moment]:
    """A kept appointment is told by its visit."""
    for appointment in appointments:
        slot = appointment.timeslot
        where = f"{appointment.drive}, {day(slot.starts_at)}, {clock(slot.starts_at)}–{clock(slot.ends_at)}"
        if appointment.ending == Appointment.Ending.LIVE:
            yield Moment(slot.starts_at, _("Scheduled"), where, is_ahead=True)
        elif appointment.ending != Appointment.Ending.KEPT and appointment.ended_at:
            yield Moment(appointment.ended_at, _sentence_case(appointment.get_ending_display()), where)


def _statuses(statuses: Iterable[DukcapilStatus], zone: tzinfo) -> Iterator[Moment]:
    for status in statuses:
        detail = _("Dukcapil, as of %(day)s") % {"day": day_plain(status.dated_on)}
        yield Moment(_beginning(status.dated_on, zone), _sentence_case(status.get_status_display()), detail)


def _enrolments(enrolments: Iterable[Enrolment], zone: tzinfo) -> Iterator[Moment]:
    for enrolment in enrolments:
        group = f", {enrolment.class_group.name}" if enrolment.class_group else ""
        facts = {"since": day_plain(enrolment.starts_on), "until": "", "reason": ""}
        detail = _("since %(since)s")
        if enrolment.ends_on:
            facts |= {"until": day_plain(enrolment.ends_on), "reason": enrolment.get_end_reason_display()}
            detail = _("%(since)s until %(until)s: %(reason)s")
        yield Moment(_beginning(enrolment.starts_on, zone), f"{enrolment.school.name}{group}", detail % facts)


def _follow_ups(follow_ups: Iterable[FollowUp]) -> Iterator[Moment]:
    for follow_up in follow_ups:
        detail = _("offered after %(drive)s, %(day)s")
        facts = {"drive": follow_up.drive_day.drive, "day": day(follow_up.drive_day.day)}
        yield Moment(
            follow_up.decided_at, _("Another chance: %(way)s") % {"way": str(WAYS[follow_up.way]).lower()}, detail % facts
        )


def _sentence_case(text: str) -> str:
    """`card printed` → `Card printed`; capitals inside, as of IKD, stay."""
    return text[:1].upper() + text[1:]


def _beginning(on: date, zone: tzinfo) -> datetime:
    return datetime.combine(on, time(), zone)

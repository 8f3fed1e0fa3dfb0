"""The talk about a drive: asked, answered, agreed. Each step is noted; who answers an older state is told so."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from drives.models import Drive, DriveRequest, DriveRequestStep, Notice
from drives.notices.actions import hours_of
from drives.planning.calendar import DayState
from drives.planning.facts import days_of
from drives.season.actions import stand_on_agreed_days
from schools.models import School, User
from schools.templatetags.house import day as day_name

State, Kind = DriveRequest.State, DriveRequestStep.Kind

MOST_DAYS: Final = 10
# Nobody plans so far ahead that a date is more than a wish.
HORIZON: Final = timedelta(days=366)


@transaction.atomic
def ask(
    *, school: School, days: Collection[date], impossible_days: Collection[date] = (), text: str = "", by: User, now: datetime
) -> DriveRequest:
    """Ask the office for a drive on one or several of these days. The same request sent twice is one.

    Raises ValidationError: `days_missing`, `too_many_days`, `day_past`, `day_too_far`, `day_closed`, `day_contradicts`,
    `already_asked`.
    """
    wanted = _checked(school, days, now=now)
    impossible = sorted(set(impossible_days))
    if both := set(wanted) & set(impossible):
        raise ValidationError(
            _("%(day)s stands among the days you would like and among those you cannot."),
            code="day_contradicts",
            params={"day": day_name(min(both))},
        )
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    standing = DriveRequest.objects.under_discussion().filter(school=school).first()
    if standing and (standing.days, standing.impossible_days, standing.state) == (wanted, impossible, State.ASKED):
        return standing
    if standing:
        raise ValidationError(
            _("A request of this school is under discussion already. Change that one, or withdraw it."), code="already_asked"
        )
    request = DriveRequest.objects.create(
        school=school, office_id=school.office_id, days=wanted, impossible_days=impossible, asked_at=now, changed_at=now
    )
    _note(request, Kind.ASKED, days=wanted, text=text, by=by, now=now)
    return request


@transaction.atomic
def ask_again(
    *,
    request: DriveRequest,
    days: Collection[date],
    impossible_days: Collection[date] = (),
    text: str = "",
    seen: int,
    by: User,
    now: datetime,
) -> DriveRequest:
    """The school would rather have other days: of its own request, or instead of the office's proposal.

    Raises what `ask` raises, and ValidationError: `not_under_discussion`, `answered_meanwhile`.
    """
    locked = _locked(request, seen=seen, states=(State.ASKED, State.PROPOSED))
    wanted = _checked(locked.school, days, now=now)
    locked.impossible_days = sorted(set(impossible_days) - set(wanted))
    return _turn(locked, State.ASKED, Kind.ASKED_AGAIN, days=wanted, text=text, by=by, now=now)


@transaction.atomic
def accept(*, request: DriveRequest, days: Collection[date], text: str = "", seen: int, by: User, now: datetime) -> DriveRequest:
    """The office takes one or several of the days that the school would like.

    Raises ValidationError: `days_missing`, `day_past`, `day_closed`, `not_wished`, `not_under_discussion`,
    `answered_meanwhile`.
    """
    locked = _locked(request, seen=seen, states=(State.ASKED,))
    chosen = _checked(locked.school, days, now=now)
    if other := set(chosen) - set(locked.days):
        raise ValidationError(
            _("The school has not asked for %(day)s. Propose it instead, so that the school can agree."),
            code="not_wished",
            params={"day": day_name(min(other))},
        )
    return _turn(locked, State.ACCEPTED, Kind.ACCEPTED, days=chosen, text=text, by=by, now=now)


@transaction.atomic
def propose(*, request: DriveRequest, days: Collection[date], text: str = "", seen: int, by: User, now: datetime) -> DriveRequest:
    """The office proposes days of its own; the school has to agree.

    Raises what `ask` raises of days, and ValidationError: `school_cannot`, `not_under_discussion`, `answered_meanwhile`.
    """
    locked = _locked(request, seen=seen, states=(State.ASKED, State.PROPOSED))
    chosen = _checked(locked.school, days, now=now)
    if cannot := set(chosen) & set(locked.impossible_days):
        raise ValidationError(
            _("The school cannot on %(day)s. Choose another day."), code="school_cannot", params={"day": day_name(min(cannot))}
        )
    return _turn(locked, State.PROPOSED, Kind.PROPOSED, days=chosen, text=text, by=by, now=now)


@transaction.atomic
def decline(*, request: DriveRequest, text: str, seen: int, by: User, now: datetime) -> DriveRequest:
    """Raises ValidationError: `reason_missing`, `not_under_discussion`, `answered_meanwhile`."""
    if not text.strip():
        raise ValidationError(_("Write the reason, so that the school knows what to do."), code="reason_missing")
    locked = _locked(request, seen=seen, states=(State.ASKED, State.PROPOSED))
    return _turn(locked, State.DECLINED, Kind.DECLINED, days=(), text=text, by=by, now=now)


@transaction.atomic
def agree(*, request: DriveRequest, text: str = "", seen: int, by: User, now: datetime) -> DriveRequest:
    """The school agrees to the days that the office proposes.

    Raises ValidationError: `day_past`, `day_closed`, `not_under_discussion`, `answered_meanwhile`.
    """
    locked = _locked(request, seen=seen, states=(State.PROPOSED,))
    chosen = _checked(locked.school, locked.days, now=now)
    return _turn(locked, State.ACCEPTED, Kind.AGREED, days=chosen, text=text, by=by, now=now)


@transaction.atomic
def withdraw(*, request: DriveRequest, text: str = "", seen: int, by: User, now: datetime) -> DriveRequest:
    """The school takes its request back. Raises ValidationError: `not_under_discussion`, `answered_meanwhile`."""
    locked = _locked(request, seen=seen, states=(State.ASKED, State.PROPOSED))
    return _turn(locked, State.WITHDRAWN, Kind.WITHDRAWN, days=(), text=text, by=by, now=now)


def planned_drive(request: DriveRequest) -> Drive | None:
    """The drive that was made of an agreed request: the school's first one since it asked."""
    if request.state != State.ACCEPTED:
        return None
    drives = Drive.objects.filter(school=request.school_id, created_at__gte=request.asked_at)
    return drives.exclude(status=Drive.Status.CANCELLED).order_by("created_at", "pk").first()


def last_number(request: DriveRequest) -> int:
    """The number of the newest step: what a page shows, and an answer has to name."""
    return request.steps.aggregate(last=Max("number"))["last"] or 0


def _checked(school: School, days: Collection[date], *, now: datetime) -> list[date]:
    chosen = sorted(set(days))
    if not chosen:
        raise ValidationError(_("Choose at least one day."), code="days_missing")
    if len(chosen) > MOST_DAYS:
        raise ValidationError(_("Choose at most %(count)s days."), code="too_many_days", params={"count": MOST_DAYS})
    today = now.astimezone(school.office.zone).date()
    if chosen[0] < today:
        raise ValidationError(
            _("%(day)s has passed. Choose today or a later day."), code="day_past", params={"day": day_name(chosen[0])}
        )
    if chosen[-1] > today + HORIZON:
        raise ValidationError(
            _("%(day)s is more than a year ahead. Choose an earlier day."),
            code="day_too_far",
            params={"day": day_name(chosen[-1])},
        )
    _refuse_closed(school, chosen, today=today)
    return chosen


def _refuse_closed(school: School, days: Sequence[date], *, today: date) -> None:
    calendar = days_of(school, since=min(days))
    for day in days:
        verdict = calendar.verdict(day, grades=(), today=today)
        if verdict.state is DayState.REFUSED:
            raise ValidationError(
                _("%(day)s cannot be used: %(reason)s. Choose another day."),
                code="day_closed",
                params={"day": day_name(day), "reason": verdict.name},
            )


def _locked(request: DriveRequest, *, seen: int, states: Collection[str]) -> DriveRequest:
    """The request, locked, as the person saw it who answers."""
    locked = DriveRequest.objects.select_for_update(of=("self",)).select_related("school__office").get(pk=request.pk)
    if last_number(locked) != seen:
        raise ValidationError(
            _("Somebody answered in the meantime. Read the newest message below, then answer again."), code="answered_meanwhile"
        )
    if locked.state not in states:
        raise ValidationError(_("This request is no longer under discussion."), code="not_under_discussion")
    return locked


def _turn(
    request: DriveRequest, state: str, kind: str, *, days: Collection[date], text: str, by: User, now: datetime
) -> DriveRequest:
    request.state, request.changed_at = state, now
    if days:
        request.days = list(days)
    request.save(update_fields=["state", "days", "impossible_days", "changed_at"])
    if state == State.ACCEPTED:
        stand_on_agreed_days(school=request.school, by=by, now=now)
    _note(request, kind, days=list(days), text=text, by=by, now=now)
    return request


def _note(request: DriveRequest, kind: str, *, days: list[date], text: str, by: User, now: datetime) -> None:
    """The step, and the e-mail that tells the other side of it, where it has an address."""
    step = DriveRequestStep.objects.create(
        request=request, number=last_number(request) + 1, kind=kind, days=days, text=" ".join(text.split())[:300], at=now, by=by
    )
    office = request.school.office
    from_office = kind in (Kind.ACCEPTED, Kind.PROPOSED, Kind.DECLINED)
    recipient = request.school.email if from_office else office.email
    if recipient:
        Notice.objects.create(
            kind=Notice.Kind.REQUEST,
            channel=Notice.Channel.EMAIL,
            subject_kind=Notice.Subject.REQUEST,
            subject_id=step.pk,
            recipient=recipient,
            school=request.school,
            office=office,
            created_at=now,
            due_at=hours_of(office).next_moment(now),
        )

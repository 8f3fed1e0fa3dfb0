"""What becomes of one turn: the look at it, its publication, and the way back. Each within a transaction of the caller's."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from drives.models import Drive, Notice, SeasonCard, SeasonPublicationTurn, Timeslot
from drives.notices.actions import Statement, statement
from drives.planning.actions import Placement, assign_everybody, board_state
from drives.planning.facts import people_to_record
from drives.planning.plan import leap_rule_of, minimum_age
from drives.publishing import actions
from drives.season.actions import draft_of
from schools.models import User
from schools.templatetags.house import figure

State = SeasonPublicationTurn.State


@dataclass(frozen=True, slots=True)
class Released:
    """A published drive, with what was done for it."""

    drive: Drive
    placement: Placement
    statement: Statement
    places: int
    without_consent: int


class _Enough(Exception):  # noqa: N818  # no error: it ends what was only tried
    def __init__(self, released: Released) -> None:
        self.released = released


def look_at(turn: SeasonPublicationTurn, *, by: User | None, now: datetime) -> None:
    """The publication as it would be: made, described, and taken back at once."""
    card = _card(turn)
    turn.seen = seen_of(card) if card else ""
    try:
        with transaction.atomic():
            raise _Enough(_release(card, by=by, now=now))
    except _Enough as enough:
        _describe(turn, enough.released)
        turn.state, turn.code, turn.reason = State.READY, "", ""
    except ValidationError as refusal:
        _refuse(turn, State.BLOCKED, refusal)


def publish(turn: SeasonPublicationTurn, *, by: User | None, now: datetime) -> None:
    """What was looked at, for good. Something else by now, it is left alone and says so."""
    card = _card(turn)
    try:
        with transaction.atomic():
            if card and seen_of(card) != turn.seen:
                raise ValidationError(
                    _("This turn has changed since the preview. Look at a new preview, then publish it."),
                    code="changed_since_preview",
                )
            released = _release(card, by=by, now=now)
    except ValidationError as refusal:
        _refuse(turn, State.REFUSED, refusal)
        return
    _describe(turn, released)
    turn.drive, turn.state, turn.done_at = released.drive, State.PUBLISHED, now
    turn.code = turn.reason = ""


def withdraw(turn: SeasonPublicationTurn, *, by: User | None, now: datetime) -> None:
    """A draft again, as long as nothing about it has left; its timeslots and places stay."""
    try:
        with transaction.atomic():
            if turn.drive is None:
                raise _gone()
            _refuse_told(turn.drive)
            actions.withdraw(drive=turn.drive, by=by, now=now)
    except ValidationError as refusal:
        _refuse(turn, State.KEPT, refusal)
    else:
        turn.state = State.WITHDRAWN


def seen_of(card: SeasonCard) -> str:
    """Another text once the turn, or the draft that it has become, is another."""
    drive = card.drive if card.is_locked else None
    if drive:
        said = f"{drive.pk} {drive.status} {drive.revision} {board_state(drive)}"
    else:
        said = f"{[day.isoformat() for day in card.days]} {card.kits} {card.part}"
    return sha256(said.encode()).hexdigest()


def _card(turn: SeasonPublicationTurn) -> SeasonCard | None:
    cards = SeasonCard.objects.filter(season=turn.publication.season_id, school=turn.school_id)
    return cards.select_related("season", "school", "drive").first()


def _release(card: SeasonCard | None, *, by: User | None, now: datetime) -> Released:
    found, _is_new = draft_of(card=card, by=by, now=now) if card else (None, False)
    if found is None or found.drive is None:
        raise _gone()
    drive = Drive.objects.select_related("office", "school").get(pk=found.drive.pk)
    if drive.status == Drive.Status.PUBLISHED:
        raise ValidationError(_("This drive has been published already."), code="already_published")
    placement = assign_everybody(drive=drive, by=by, now=now)
    without_consent = _without_consent(drive, now=now)
    if without_consent and not drive.appointments.live().exists():
        raise ValidationError(
            ngettext(
                "Nobody can be given a place: %(count)s student lacks the parental consent that the office asks for.",
                "Nobody can be given a place: %(count)s students lack the parental consent that the office asks for.",
                without_consent,
            )
            % {"count": figure(without_consent)},
            code="no_consent",
        )
    drive = actions.publish(drive=drive, by=by, now=now)
    places = sum(Timeslot.objects.filter(drive=drive).values_list("places", flat=True))
    return Released(drive, placement, statement(drive, now=now), places, without_consent)


def _without_consent(drive: Drive, *, now: datetime) -> int:
    """Of whom nothing but the consent is missing on the last day."""
    if drive.school is None or not drive.office.consent_required:
        return 0
    people = people_to_record(school=drive.school, grades=drive.grades, now=now, drive=drive)
    last = max(drive.days.values_list("day", flat=True))
    age = minimum_age(drive.minimum_age_months)
    return len(people.lacking_consent(last, minimum_age=age, leap_rule=leap_rule_of(drive)))


def _describe(turn: SeasonPublicationTurn, released: Released) -> None:
    placement, said = released.placement, released.statement
    left_over: defaultdict[str, list[str]] = defaultdict(list)
    for person, reason in placement.assignment.left_over:
        if person in placement.candidates:
            left_over[str(reason)].append(str(person))
    turn.places, turn.seated, turn.newly_seated = released.places, said.place_count, len(placement.new)
    turn.left_over, turn.without_consent = dict(left_over), released.without_consent
    emails = [line for line in said.lines if line.channel == Notice.Channel.EMAIL]
    school = released.drive.school
    turn.school_emails = sum(line.recipients.count(school.email) for line in emails) if school and school.email else 0
    turn.class_emails = said.email_count - turn.school_emails
    turn.class_texts = sum(line.count for line in said.lines if line.channel == Notice.Channel.COPY)
    turn.classes_without_address = len(said.classes_without_address)
    turn.first_notice_at = min((line.due_at for line in emails), default=None)


def _refuse(turn: SeasonPublicationTurn, state: State, refusal: ValidationError) -> None:
    first = refusal.error_list[0] if not hasattr(refusal, "error_dict") else next(iter(refusal.error_dict.values()))[0]
    turn.state, turn.code, turn.reason = state, str(first.code or "invalid")[:40], " ".join(refusal.messages)


def _gone() -> ValidationError:
    return ValidationError(_("This school has no turn on the season's board any more."), code="card_gone")


def _refuse_told(drive: Drive) -> None:
    """Held, so that no sender takes a notice while its drive becomes a draft."""
    notices = list(Notice.objects.filter(drive=drive, withdrawn_at=None).select_for_update(of=("self",)).order_by("pk"))
    left = sum(each.claimed_at is not None and each.failed_at is None for each in notices)
    if left:
        raise ValidationError(
            ngettext(
                "%(count)s notice has left already. Change or cancel the drive on its own board, so that everybody is told.",
                "%(count)s notices have left already. Change or cancel the drive on its own board, so that everybody is told.",
                left,
            )
            % {"count": figure(left)},
            code="told_already",
        )

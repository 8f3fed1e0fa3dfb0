"""Locks, and the sentences with which the board says no. A conflict names what stands in the way: kit, school, holiday."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from drives.models import Season, SeasonCard, SeasonProposal
from drives.planning.labels import span_of
from drives.season.facts import Deadline, Question, turn_of
from drives.season.solver.conflicts import Conflict, ConflictCode, Conflicts
from drives.season.solver.problem import Part, Placement
from schools.models import School
from schools.templatetags.house import day, figure

MOST_NAMED = 4
Board = Mapping[UUID, Placement]


def locked(season: Season) -> Season:
    """The season as it stands now, held until the transaction ends: one planner's step at a time."""
    return Season.objects.select_for_update(of=("self",), no_key=True).select_related("office").get(pk=season.pk)


def held_proposal(proposal: SeasonProposal) -> SeasonProposal:
    """The proposal as it stands now, held until the transaction ends."""
    return SeasonProposal.objects.select_for_update(of=("self",)).select_related("season__office").get(pk=proposal.pk)


def cards_of(season: Season) -> dict[UUID, SeasonCard]:
    return {card.school_id: card for card in SeasonCard.objects.filter(season=season).select_related("drive", "school")}


def board_of(cards: Iterable[SeasonCard]) -> dict[UUID, Placement]:
    """The turns that still count kits of their own; those that have become a drive count by their kits' duties."""
    return {card.school_id: turn_of(card) for card in cards if not card.is_locked}


def refuse_locked(card: SeasonCard) -> None:
    """Raises ValidationError: `card_locked`."""
    if card.is_locked:
        raise ValidationError(
            _("%(school)s has become a drive. Change the drive, or cancel it first.") % {"school": card.school.name},
            code="card_locked",
        )


def card_gone() -> ValidationError:
    return ValidationError(
        _("This school has no turn any more. Look at the board as it stands now, then decide again."), code="card_gone"
    )


def changed_meanwhile() -> ValidationError:
    return ValidationError(
        _("Somebody else has changed this board in the meantime. Look at it as it stands now, then decide again."),
        code="changed_meanwhile",
    )


def refuse_conflicts(question: Question, board: Board, changed: Iterable[UUID], *, season: Season, now: datetime) -> None:
    """`board` as it would be; what stands against the turns of `changed` on it.

    Raises ValidationError: `past_day`, `outside_season`, `not_working`, `closed_day`, `kits_taken`, `half_taken`,
    `after_deadline`.
    """
    found = [error for school in changed if school in board for error in _against(question, board, school, season, now)]
    if len(found) == 1:
        raise found[0]
    if found:
        raise ValidationError(_without_doubles(found))


def _against(question: Question, board: Board, school: UUID, season: Season, now: datetime) -> Iterator[ValidationError]:
    turn = board[school]
    conflicts = Conflicts(question.problem, board, question.off, question.closed)
    found = [each for each in conflicts.of(school, turn) if each.code is not ConflictCode.TOO_FEW_PLACES]
    yield from refusals_of(found, school, board=board, question=question, season=season, now=now)


def _without_doubles(errors: Iterable[ValidationError]) -> list[ValidationError]:
    return list({error.messages[0]: error for error in errors}.values())


def refusals_of(
    conflicts: Iterable[Conflict], school: UUID, *, board: Board, question: Question, season: Season, now: datetime
) -> Iterator[ValidationError]:
    """A sentence for each; the days of a turn on which the school is closed for one reason are one sentence."""
    closed: dict[str, list[date]] = {}
    others = []
    for conflict in conflicts:
        if conflict.code is ConflictCode.CLOSED and conflict.day:
            closed.setdefault(conflict.reason, []).append(conflict.day)
        else:
            others.append(conflict)
    for reason, days in closed.items():
        yield _closed(names_of([school], question), _days_of(days, board[school]), reason)
    for conflict in others:
        yield refusal_of(conflict, school, board=board, question=question, season=season, now=now)


def _days_of(days: Sequence[date], turn: Placement) -> str:
    """`Selasa, 9 Februari 2027`; `Sel 9 Feb – Kam 11 Feb` where the turn has no other day between."""
    first, last = min(days), max(days)
    if first == last or any(each not in days for each in turn.days if first < each < last):
        return ", ".join(day(each) for each in days)
    return span_of(first, last)


def _closed(name: str, days: str, reason: str) -> ValidationError:
    return ValidationError(
        _("%(school)s is closed on %(day)s: %(reason)s. Choose another day.") % {"school": name, "day": days, "reason": reason},
        code="closed_day",
    )


def refusal_of(
    conflict: Conflict, school: UUID, *, board: Board, question: Question, season: Season, now: datetime
) -> ValidationError:
    """One conflict as a sentence that says what to change."""
    assert conflict.day is not None
    if conflict.code is ConflictCode.NOT_WORKING:
        return _no_working_day(conflict.day, conflict.reason, season, now)
    name = names_of([school], question)
    if conflict.code is ConflictCode.CLOSED:
        return _closed(name, day(conflict.day), conflict.reason)
    if conflict.code is ConflictCode.LATE:
        return _after_deadline(name, conflict.day, question.deadlines[school])
    beside = _beside(conflict, school, board)
    what = {
        "school": name,
        "day": day(conflict.day),
        "needed": figure(conflict.needed),
        "free": figure(conflict.free),
        "others": names_of(beside, question),
    }
    return ValidationError(_kits_sentence(conflict, has_others=bool(beside)) % what, code=KIT_CODES[conflict.code])


KIT_CODES = {ConflictCode.KITS_SHORT: "kits_taken", ConflictCode.HALF_TAKEN: "half_taken"}


def _kits_sentence(conflict: Conflict, *, has_others: bool) -> str:
    if not has_others:
        return _("%(school)s on %(day)s: it needs %(needed)s kits, and %(free)s are free. Choose another day, or fewer kits.")
    if conflict.code is ConflictCode.KITS_SHORT:
        return _(
            "%(school)s on %(day)s: it needs %(needed)s kits, and %(free)s are free; others are at %(others)s. Choose another"
            " day, or fewer kits."
        )
    if conflict.part is Part.MORNING:
        return _(
            "%(school)s on the morning of %(day)s: it needs %(needed)s kits, and %(free)s are free; others are at %(others)s."
            " Choose another day, the afternoon, or fewer kits."
        )
    return _(
        "%(school)s on the afternoon of %(day)s: it needs %(needed)s kits, and %(free)s are free; others are at %(others)s."
        " Choose another day, the morning, or fewer kits."
    )


def _after_deadline(name: str, last: date, deadline: Deadline) -> ValidationError:
    what = {"school": name, "day": day(last), "deadline": day(deadline.day), "reason": deadline.reason}
    if deadline.reason:
        sentence = _(
            "%(school)s is to be visited by %(deadline)s (%(reason)s), and this turn ends on %(day)s. Choose an earlier day or"
            " more kits, or change the school's deadline."
        )
    else:
        sentence = _(
            "%(school)s is to be visited by %(deadline)s, and this turn ends on %(day)s. Choose an earlier day or more kits, or"
            " change the school's deadline."
        )
    return ValidationError(sentence % what, code="after_deadline")


def _no_working_day(each: date, reason: str, season: Season, now: datetime) -> ValidationError:
    if each <= now.astimezone(season.office.zone).date():
        return ValidationError(
            _("%(day)s has passed or is today. Choose a day from tomorrow on.") % {"day": day(each)}, code="past_day"
        )
    if not season.starts_on <= each <= season.ends_on:
        return ValidationError(
            _("%(day)s lies outside the season (%(first)s to %(last)s). Choose another day, or change the season.")
            % {"day": day(each), "first": day(season.starts_on), "last": day(season.ends_on)},
            code="outside_season",
        )
    return ValidationError(
        _("%(day)s is no working day: %(reason)s. Choose another day.") % {"day": day(each), "reason": reason},
        code="not_working",
    )


def _beside(conflict: Conflict, school: UUID, board: Board) -> list[UUID]:
    """Whose turns have the kits."""
    halves = {Part.DAY: {0, 1}, Part.MORNING: {0}, Part.AFTERNOON: {1}}[conflict.part]
    return [
        other for other, turn in board.items() if other != school and conflict.day in turn.days and halves & set(turn.part.halves)
    ]


def names_of(schools: Iterable[UUID], question: Question) -> str:
    """`SMAN 8 Jakarta, SMAN 26 Jakarta and 3 more`"""
    wanted = list(schools)
    known = {school: question.waiting[school].name for school in wanted if school in question.waiting}
    missing = [school for school in wanted if school not in known]
    if missing:
        known |= dict(School.objects.filter(pk__in=missing).values_list("pk", "name"))
    names = sorted(known.values())
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return _("%(names)s and %(count)s more") % {
        "names": ", ".join(names[:MOST_NAMED]),
        "count": figure(len(names) - MOST_NAMED),
    }

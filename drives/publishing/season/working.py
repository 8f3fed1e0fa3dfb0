"""A worker's way through a publication: each turn in a transaction of its own, together with the note that it is done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from drives.models import SeasonPublication, SeasonPublicationTurn
from drives.publishing.season import turns
from drives.publishing.season.asking import end
from drives.season.actions.refusals import locked
from schools.models import User

# A worker that was not heard of for so long is gone: a turn takes a second or two.
LEASE: Final = timedelta(seconds=60)
# A turn that ended its worker so often is not tried again; the others go on.
MAX_TRIES: Final = 3
Step = SeasonPublication.Step
Status = SeasonPublication.Status
State = SeasonPublicationTurn.State
Clock = Callable[[], datetime]
DO: Final = {Step.CHECK: turns.look_at, Step.PUBLISH: turns.publish, Step.WITHDRAW: turns.withdraw}
FAILED: Final = {Step.CHECK: State.BLOCKED, Step.PUBLISH: State.REFUSED, Step.WITHDRAW: State.KEPT}
log = structlog.get_logger(__name__)


def work(*, publication_id: UUID, worker: str, clock: Clock) -> None:
    """All turns that are due, if nobody alive is at them. What is kept as a sentence is written for the office, in Indonesian."""
    claimed = claim(publication_id=publication_id, worker=worker, now=clock())
    if claimed is None:
        return
    with translation.override("id"):
        while (turn_id := take(claimed, now=clock())) is not None:
            do(claimed, turn_id, clock=clock)


@transaction.atomic
def claim(*, publication_id: UUID, worker: str, now: datetime) -> SeasonPublication | None:
    """The publication if it waits, or if whoever worked on it has not been heard of for long."""
    unlocked = SeasonPublication.objects.unfinished().select_for_update(of=("self",), skip_locked=True)
    held = unlocked.select_related("season__office").filter(pk=publication_id).first()
    if held is None or (held.status == Status.WORKING and held.beat_at and held.beat_at > now - LEASE):
        return None
    held.status, held.claimed_by = Status.WORKING, worker[:80]
    held.claimed_at = held.beat_at = now
    held.save(update_fields=["status", "claimed_at", "claimed_by", "beat_at"])
    return held


@transaction.atomic
def take(claimed: SeasonPublication, *, now: datetime) -> UUID | None:
    """The next turn that is due. None where no more is, or where the work is another's or is to stop."""
    held = mine(claimed)
    if held is None:
        return None
    turn = None if held.stop_asked_at else held.turns.filter(is_due=True).order_by("days", "pk").first()
    if turn is None:
        end(held)
        return None
    held.beat_at = now
    held.save(update_fields=["beat_at"])
    turn.tries += 1
    turn.save(update_fields=["tries"])
    return turn.pk


def do(claimed: SeasonPublication, turn_id: UUID, *, clock: Clock) -> None:
    """The turn's step and the note of it: both, or neither."""
    step, now = Step(claimed.step), clock()
    try:
        with transaction.atomic():
            turn = _due(claimed, turn_id)
            if turn is None:
                return
            if turn.tries > MAX_TRIES:
                _give_up(turn, step, "broken_off", _("The work on this turn was broken off several times. Look at it by itself."))
            else:
                DO[step](turn, by=_by(claimed, step), now=now)
            _note(turn, now=now)
    except (OperationalError, InterfaceError) as trouble:
        # The connection may be gone: the sweep comes round, and the tries are counted.
        log.warning("publication.turn_broken_off", turn=str(turn_id), error=type(trouble).__name__)
        raise
    except Exception as trouble:
        log.exception("publication.turn_failed", turn=str(turn_id), error=type(trouble).__name__)
        _fail(claimed, turn_id, step, now=now)


def mine(claimed: SeasonPublication) -> SeasonPublication | None:
    """The publication, held, unless somebody has taken it over. The season first, as everybody takes them."""
    locked(claimed.season)
    publications = SeasonPublication.objects.select_for_update(of=("self",))
    return publications.filter(pk=claimed.pk, status=Status.WORKING, claimed_at=claimed.claimed_at).first()


def _due(claimed: SeasonPublication, turn_id: UUID) -> SeasonPublicationTurn | None:
    if mine(claimed) is None:
        return None
    due = SeasonPublicationTurn.objects.select_for_update(of=("self",)).filter(pk=turn_id, is_due=True)
    return due.select_related("publication", "school", "drive__office", "drive__school").first()


def _by(claimed: SeasonPublication, step: SeasonPublication.Step) -> User | None:
    asked = {Step.CHECK: claimed.asked_by, Step.PUBLISH: claimed.confirmed_by, Step.WITHDRAW: claimed.withdrawn_by}
    return asked[step]


def _note(turn: SeasonPublicationTurn, *, now: datetime) -> None:
    turn.is_due = False
    turn.save()
    SeasonPublication.objects.filter(pk=turn.publication_id).update(beat_at=now)


def _give_up(turn: SeasonPublicationTurn, step: SeasonPublication.Step, code: str, reason: str) -> None:
    turn.state, turn.code, turn.reason = FAILED[step], code, reason


@transaction.atomic
def _fail(claimed: SeasonPublication, turn_id: UUID, step: SeasonPublication.Step, *, now: datetime) -> None:
    """Nothing of the turn was done; it is named, and the others go on."""
    if turn := _due(claimed, turn_id):
        _give_up(turn, step, "failed", _("This turn could not be worked on. Open its own board and publish it there."))
        _note(turn, now=now)

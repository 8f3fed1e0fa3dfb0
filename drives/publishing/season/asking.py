"""What a planner asks of a publication: to look at turns, to publish them, to stop, to take them back.

PostgreSQL is the queue, Celery the doorbell: what is to be done is written here, and a sweep finds what a lost message or a
killed worker left.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from uuid6 import uuid7

from drives.models import Drive, Season, SeasonCard, SeasonPublication, SeasonPublicationTurn
from drives.season.actions.refusals import locked
from drives.season.solver.problem import Part
from schools.models import User

Step = SeasonPublication.Step
Status = SeasonPublication.Status
State = SeasonPublicationTurn.State
# What each step begins with.
BEGINS_WITH: Final = {Step.CHECK: State.WAITING, Step.PUBLISH: State.READY, Step.WITHDRAW: State.PUBLISHED}
log = structlog.get_logger(__name__)


@transaction.atomic
def ask(
    *,
    season: Season,
    schools: Collection[UUID],
    by: User | None,
    now: datetime,
    publication_id: UUID | None = None,
    ring_worker: bool = True,
) -> SeasonPublication:
    """Have a look taken at these schools' turns; nothing is published before `confirm`.

    With `publication_id` (made by the page that asks) a second press of the button gives the publication of the first one.
    Raises ValidationError: `nothing_chosen`, `another_under_way`.
    """
    season = locked(season)
    if publication_id and (known := SeasonPublication.objects.filter(pk=publication_id, season=season).first()):
        return known
    cards = [card for card in publishable(season) if card.school_id in set(schools)]
    if not cards:
        raise ValidationError(_("No school is chosen whose turn can be published. Tick at least one."), code="nothing_chosen")
    _refuse_another(season)
    publication = SeasonPublication.objects.create(
        id=publication_id or uuid7(), season=season, office_id=season.office_id, asked_at=now, asked_by=by
    )
    SeasonPublicationTurn.objects.bulk_create(
        SeasonPublicationTurn(
            publication=publication,
            office_id=season.office_id,
            school_id=card.school_id,
            drive=card.drive if card.is_locked else None,
            days=card.days,
        )
        for card in cards
    )
    if ring_worker:
        ring(publication)
    return publication


def publishable(season: Season) -> list[SeasonCard]:
    """Turns that are no drive yet, or a draft; the earliest first."""
    cards = SeasonCard.objects.filter(season=season).select_related("school__district", "drive")
    found = [card for card in cards if not card.is_locked or (card.drive and card.drive.status == Drive.Status.DRAFT)]
    return sorted(found, key=lambda card: (card.days[0], card.part != Part.DAY, card.school.search_name, str(card.pk)))


@transaction.atomic
def confirm(*, publication: SeasonPublication, by: User | None, now: datetime, ring_worker: bool = True) -> SeasonPublication:
    """All turns that are ready are published. Confirmed already, nothing happens again; stopped before, it goes on.

    Raises ValidationError: `still_looking`, `nothing_ready`, `withdrawn_already`, `another_under_way`.
    """
    held = _held(publication)
    if held.is_under_way:
        if held.step == Step.PUBLISH:
            return held
        raise ValidationError(_("The preview is not finished yet. Wait for it, or stop it first."), code="still_looking")
    if held.step == Step.WITHDRAW:
        raise ValidationError(_("This publication has been withdrawn. Choose the turns anew."), code="withdrawn_already")
    if held.step == Step.PUBLISH and not held.turns.filter(state=State.READY).exists():
        return held
    held.confirmed_at, held.confirmed_by = held.confirmed_at or now, held.confirmed_by or by
    return _begin(held, Step.PUBLISH, ring_worker=ring_worker)


@transaction.atomic
def resume(*, publication: SeasonPublication, by: User | None, now: datetime, ring_worker: bool = True) -> SeasonPublication:
    """What was stopped goes on where it was. Under way, or with nothing left to do, nothing happens."""
    held = _held(publication)
    step = Step(held.step)
    if held.is_under_way or not held.turns.filter(state=BEGINS_WITH[step]).exists():
        return held
    return _begin(held, step, ring_worker=ring_worker)


@transaction.atomic
def withdraw(*, publication: SeasonPublication, by: User | None, now: datetime, ring_worker: bool = True) -> SeasonPublication:
    """What it published becomes drafts again, where nothing has left yet. Asked twice, it is done once.

    Raises ValidationError: `still_publishing`, `nothing_ready`, `another_under_way`.
    """
    held = _held(publication)
    if held.step == Step.WITHDRAW:
        return held
    if held.is_under_way:
        raise ValidationError(_("The publication is not finished yet. Wait for it, or stop it first."), code="still_publishing")
    held.withdrawn_at, held.withdrawn_by = now, by
    return _begin(held, Step.WITHDRAW, ring_worker=ring_worker)


@transaction.atomic
def stop(*, publication: SeasonPublication, by: User | None, now: datetime) -> SeasonPublication:
    """The turn under way is finished, the others stay as they are. Over already, nothing happens."""
    held = _held(publication)
    if held.status == Status.WAITING:
        end(held)
    elif held.status == Status.WORKING and held.stop_asked_at is None:
        held.stop_asked_at = now
        held.save(update_fields=["stop_asked_at"])
    return held


def end(held: SeasonPublication) -> None:
    """No turn is due any more. Of a publication that is held."""
    held.turns.filter(is_due=True).update(is_due=False)
    held.status, held.stop_asked_at = Status.DONE, None
    held.save(update_fields=["status", "stop_asked_at"])


def _begin(held: SeasonPublication, step: SeasonPublication.Step, *, ring_worker: bool) -> SeasonPublication:
    _refuse_another(held.season, besides=held)
    if not held.turns.filter(state=BEGINS_WITH[step]).update(is_due=True, tries=F("tries") * 0):
        raise ValidationError(_("None of these turns can be published or withdrawn now."), code="nothing_ready")
    held.step, held.status, held.stop_asked_at = step, Status.WAITING, None
    held.save()
    if ring_worker:
        ring(held)
    return held


def _held(publication: SeasonPublication) -> SeasonPublication:
    """The season first and then its publication, as everybody takes them."""
    season = locked(publication.season)
    held = SeasonPublication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    held.season = season
    return held


def _refuse_another(season: Season, *, besides: SeasonPublication | None = None) -> None:
    others = SeasonPublication.objects.unfinished().filter(season=season)
    if (others.exclude(pk=besides.pk) if besides else others).exists():
        raise ValidationError(
            _("Another publication of this season is under way. Wait until it is done, or stop it."), code="another_under_way"
        )


def ring(publication: SeasonPublication) -> None:
    """After commit a worker is told at once. A lost message is no loss: the sweep finds the row."""
    from drives.publishing.season.tasks import work_on_publication

    def tell() -> None:
        try:
            work_on_publication.delay(publication_id=str(publication.pk))
        except OperationalError as trouble:
            log.warning("publication.doorbell_silent", publication=str(publication.pk), error=type(trouble).__name__)

    transaction.on_commit(tell)
